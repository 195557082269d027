"""The worker process: reads a request, answers it, reads the next, until the pipe closes."""

from __future__ import annotations

import gc
import os
import select
import sys
import traceback
from typing import BinaryIO

from vatdata_lsp.worker.analyst import Analyst
from vatdata_lsp.worker.messages import HEADER, Failed, frame, unframe

__all__ = ["main"]

IDLE_S = 0.3
"""Nobody types for so long: time to collect what the last answers left behind."""
COLLECT_AFTER = 8
COLLECT_AT_LAST = 64
"""Answers after which a collection is worth it when idle, and after which it cannot wait for that."""


class Collector:
    """Keeps full collections out of answers: on a large file one takes ten times as long as the check itself."""

    def __init__(self) -> None:
        young, middle, _ = gc.get_threshold()
        gc.set_threshold(young, middle, 1_000_000)  # the oldest generation is ours
        self._answers = 0

    def answered(self, requests: BinaryIO) -> None:
        """Collect when it pays and nothing is waiting.

        The server sends a request only after the last answer, so what waits is in the pipe, not in our buffer.
        """
        self._answers += 1
        if self._answers < COLLECT_AFTER:
            return
        if self._answers < COLLECT_AT_LAST and select.select([requests], [], [], IDLE_S)[0]:
            return
        gc.collect()
        self._answers = 0


def main() -> None:
    """Serve the process at the other end of standard input and output."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints goes to the log, not between the messages
    analyst = Analyst()
    collector = Collector()
    requests = sys.stdin.buffer
    while header := requests.read(HEADER.size):
        (size,) = HEADER.unpack(header)
        request = unframe(requests.read(size))
        try:
            reply = analyst.answer(request)
        except Exception:
            reply = Failed(traceback.format_exc())
        out.write(frame(reply))
        out.flush()
        collector.answered(requests)


if __name__ == "__main__":
    main()
