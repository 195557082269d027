"""Savepoints inside a crank: what makes ``finish`` and bulk operations all or nothing.

A crank that is dropped whole needs no log, its delta is forgotten. A part of a crank that fails needs one, and only
while such a part runs does anything write to it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

__all__ = ["UndoLog"]


class UndoLog:
    """How to take back what has been written since the outermost savepoint.

    Attributes:
        entries: functions that each take back one change, oldest first; None while no savepoint is open. Writers look
            at it before they build an entry.
        broken: what has stopped the taking back, such as Ctrl-C in the middle of it; None mostly. The crank is
            torn then, and must not be kept, whatever its code makes of the exception.
    """

    __slots__ = ("broken", "entries")

    def __init__(self) -> None:
        self.entries: list[Callable[[], None]] | None = None
        self.broken: BaseException | None = None

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """Take back everything written inside the block if it is left by an exception. Nests."""
        outer = self.entries
        if outer is None:
            self.entries = []
        mark = 0 if outer is None else len(outer)
        try:
            yield
        except BaseException:
            self._roll_back(mark)
            raise
        finally:
            if outer is None:
                self.entries = None

    def _roll_back(self, mark: int) -> None:
        entries = self.entries
        self.entries = None  # taking back must not be noted in turn
        try:
            while entries is not None and len(entries) > mark:
                entries.pop()()
        except BaseException as error:
            self.broken = error
            raise
        self.entries = entries

    def discard(self) -> None:
        """Forget the log: the crank is over."""
        self.entries = self.broken = None
