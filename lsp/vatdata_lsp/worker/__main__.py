"""The worker process: reads a request, answers it, reads the next, until the pipe closes."""

from __future__ import annotations

import gc
import io
import os
import select
import traceback

from vatdata_lsp.worker.analyst import Analyst
from vatdata_lsp.worker.messages import HEADER, Failed, Supersede, frame, unframe

__all__ = ["main"]

IDLE_S = 0.3
"""Nobody types for so long: time to collect what the last answers left behind."""
COLLECT_AFTER = 8
COLLECT_AT_LAST = 64
"""Answers after which a collection is worth it when idle, and after which it cannot wait for that."""
COLLECTIONS_TO_ALL = 100
"""After so many, one looks at everything again."""


class Collector:
    """Keeps garbage collections out of answers: on a large file one takes longer than the check itself.

    There is little to collect, since the analyser lets go of its trees by itself. What is alive after a collection is
    not looked at by later ones, which would take the longer the larger the project is; it goes when nothing refers
    to it, and what has come to refer to itself since is found at long intervals.
    """

    def __init__(self) -> None:
        gc.disable()
        self._answers = 0
        self._collections = 0

    def answered(self, requests: io.IOBase) -> None:
        """Collect when it pays and nothing is waiting.

        The server sends a request only after the last answer, and nothing of it is buffered here.
        """
        self._answers += 1
        if self._answers < COLLECT_AFTER:
            return
        is_idle = not select.select([requests], [], [], IDLE_S)[0]
        if not is_idle and self._answers < COLLECT_AT_LAST:
            return
        self._answers = 0
        self._collections += 1
        if is_idle and self._collections >= COLLECTIONS_TO_ALL:
            self._collections = 0
            gc.unfreeze()
        gc.collect()
        gc.freeze()


def _read(pipe: io.RawIOBase, size: int) -> bytes:
    """Return so many bytes, fewer only when the pipe was closed."""
    parts = bytearray()
    while len(parts) < size:
        part = pipe.read(size - len(parts))
        if not part:
            return b""
        parts += part
    return bytes(parts)


def main() -> None:
    """Serve the process at the other end of standard input and output."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints goes to the log, not between the messages
    requests = os.fdopen(
        0, "rb", buffering=0, closefd=False
    )  # what waits must show in the pipe, not in a buffer

    def send(message: object) -> None:
        out.write(frame(message))
        out.flush()

    def is_wanted() -> bool:
        """Say whether nothing has come since the request: the only message that may is that it is superseded."""
        return not select.select([requests], [], [], 0)[0]

    analyst = Analyst(is_wanted, send)
    analyst.prepare()
    collector = Collector()
    while header := _read(requests, HEADER.size):
        (size,) = HEADER.unpack(header)
        request = unframe(_read(requests, size))
        if isinstance(request, Supersede):
            continue  # the check that it meant has been answered
        try:
            reply = analyst.answer(request)
        except Exception:
            reply = Failed(traceback.format_exc())
        send(reply)
        collector.answered(requests)


if __name__ == "__main__":
    main()
