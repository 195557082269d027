"""Entries that are read ahead of an iteration, and taken back when the store changes ahead of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from operator import length_hint
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .entries import Entries

__all__ = ["FIRST_RUN", "LARGEST_RUN", "Run", "cut_all", "cut_changed"]

FIRST_RUN = 16
LARGEST_RUN = 512
"""Entries of the first and of the longest run: each has at most as many as all before it, and one more."""


class Run(ABC):
    """Neighbouring entries as they are in this moment, given out one by one without a look at the store.

    An iteration that gives out a list cannot look whether the store still is what it was, so the store looks: what
    changes an entry ahead of a run, or ends the crank, cuts the run. Then it seems to have come to its end, and the
    iteration reads on from the place where it was cut.

    Args:
        entries: whose entries.
        start: encoded key where the run was to begin.
        keys: encoded keys in order, each behind *skip* bytes.
        skip: see *keys*.
        rest: encoded key where the range goes on behind them; None where it ends.

    Attributes:
        is_cut: whether the entries that were not given out yet are to be read again.
    """

    __slots__ = ("_at", "_items", "_start", "entries", "is_cut", "keys", "rest", "skip")

    def __init__(
        self, entries: Entries, start: bytes, keys: list[bytes], skip: int, rest: bytes | None
    ) -> None:
        self.entries = entries
        self.keys = keys
        self.skip = skip
        self.rest = rest
        self.is_cut = False
        self._start = start
        self._items: list[Any] = []
        self._at: Iterator[Any] = _NOTHING

    @abstractmethod
    def plain_keys(self) -> list[Any] | None:
        """Return the keys, or None where some mention objects, have no short way to be read, or cannot be read."""

    @abstractmethod
    def plain_values(self) -> list[Any] | None:
        """Return the values, or None as ``plain_keys`` does."""

    @abstractmethod
    def key_at(self, index: int) -> Any:
        """Return one key. Raises what reading it raises."""

    @abstractmethod
    def value_at(self, index: int) -> Any:
        """Return one value. Raises what reading it raises."""

    def encoded(self) -> list[bytes]:
        """Return the encoded keys."""
        skip = self.skip
        return [key[skip:] for key in self.keys]

    def give(self, items: list[Any]) -> Iterator[Any]:
        """Begin to give out *items*, one for each of ``keys``; this run empties the list when it is cut."""
        self._items = items
        self._at = iter(items)
        return self._at

    @property
    def position(self) -> bytes:
        """The place behind the last key that was given out."""
        given = len(self._items) - length_hint(self._at)
        # The smallest key above another is that one and a zero byte.
        return self.keys[given - 1][self.skip :] + b"\0" if given else self._start

    def cut(self) -> None:
        """Give out nothing more."""
        if not self.is_cut:
            self.rest = self.position
            self.is_cut = True
            self._items.clear()


_NOTHING: Iterator[Any] = iter(())


def cut_changed(runs: list[Run], entries: Entries, encoded: bytes) -> None:
    """Cut the runs among *runs* that have not come to one key of *entries* yet, which is about to change."""
    for run in tuple(runs):
        if run.entries is entries and encoded >= run.position:
            run.cut()
            runs.remove(run)


def cut_all(runs: list[Run], entries: Entries | None = None) -> None:
    """Cut all of *runs*, or all of one store."""
    for run in tuple(runs):
        if entries is None or run.entries is entries:
            run.cut()
            runs.remove(run)
