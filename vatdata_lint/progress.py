"""A sign of life on the terminal while something takes longer than a second."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["progress"]

FIRST_SIGN_S = 1.0
NEXT_SIGN_S = 0.1
FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


@contextmanager
def progress(what: str, *, wanted: bool = True) -> Generator[None]:
    """Show *what* and the seconds that have passed on standard error while the block runs.

    Nothing is shown in the first second, when standard error is no terminal, or when it is not wanted. The
    line is wiped at the end, also after an exception.
    """
    if not wanted or not sys.stderr.isatty():
        yield
        return
    done = threading.Event()
    thread = threading.Thread(target=_show, args=(what, done), daemon=True, name="vatdata-lint progress")
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _show(what: str, done: threading.Event) -> None:
    begin = time.monotonic()
    if done.wait(FIRST_SIGN_S):
        return
    number = 0
    while not done.wait(NEXT_SIGN_S):
        frame = FRAMES[number % len(FRAMES)]
        sys.stderr.write(f"\r\x1b[K{frame} {what} ({time.monotonic() - begin:.0f} s)")
        sys.stderr.flush()
        number += 1
    sys.stderr.write("\r\x1b[K")
    sys.stderr.flush()
