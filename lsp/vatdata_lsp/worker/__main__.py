"""The worker process: reads a request, answers it, reads the next, until the pipe closes."""

from __future__ import annotations

import os
import sys
import traceback

from vatdata_lsp.worker.analyst import Analyst
from vatdata_lsp.worker.messages import HEADER, Failed, frame, unframe

__all__ = ["main"]


def main() -> None:
    """Serve the process at the other end of standard input and output."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints goes to the log, not between the messages
    analyst = Analyst()
    while header := sys.stdin.buffer.read(HEADER.size):
        (size,) = HEADER.unpack(header)
        request = unframe(sys.stdin.buffer.read(size))
        try:
            reply = analyst.answer(request)
        except Exception:
            reply = Failed(traceback.format_exc())
        out.write(frame(reply))
        out.flush()


if __name__ == "__main__":
    main()
