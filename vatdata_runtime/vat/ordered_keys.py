"""Encoded keys in order, kept so while keys come and go."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from itertools import islice
from typing import Any

__all__ = ["OrderedKeys"]

_MOST_IN_A_LIST = 1000
"""Up to here a plain list takes a new key as fast; most cranks have fewer, also the one of a start."""


class OrderedKeys:
    """A sorted collection of distinct byte strings. Adding, removing and seeking cost about 1 us each.

    Attributes:
        changes: rises whenever a key comes or goes.
    """

    __slots__ = ("_few", "_many", "changes")

    def __init__(self, keys: Iterable[bytes] = ()) -> None:
        self._few = sorted(keys)
        self._many: Any = None  # takes the place of the list when there are many
        self.changes = 0
        if len(self._few) > _MOST_IN_A_LIST:
            self._become_many()

    def _become_many(self) -> None:
        from sortedcontainers import SortedList  # 2 ms, for those who keep many keys in order

        self._many = SortedList(self._few)  # the library ships no types; this class is where they are stated
        self._few = []

    def add(self, key: bytes) -> None:
        """Add a key that is not there."""
        if self._many is None and len(self._few) == _MOST_IN_A_LIST:
            self._become_many()
        if self._many is None:
            insort(self._few, key)
        else:
            self._many.add(key)
        self.changes += 1

    def discard(self, key: bytes) -> None:
        """Remove a key, there or not."""
        if self._many is not None:
            self._many.discard(key)
        else:
            at = bisect_left(self._few, key)
            if self._few[at : at + 1] == [key]:
                del self._few[at]
        self.changes += 1

    def first_from(self, start: bytes, stop: bytes) -> bytes | None:
        """Return the first key from *start* on, below *stop*; None where there is none."""
        keys: Any = self._few if self._many is None else self._many
        at: int = bisect_left(self._few, start) if self._many is None else keys.bisect_left(start)
        if at >= len(keys):
            return None
        key: bytes = keys[at]
        return key if key < stop else None

    def between(self, start: bytes, stop: bytes, limit: int) -> list[bytes]:
        """Return the first keys from *start* on, below *stop*, up to *limit* of them."""
        if self._many is not None:
            return list(islice(self._many.irange(start, stop, (True, False)), limit))
        at = bisect_left(self._few, start)
        return self._few[at : min(bisect_left(self._few, stop), at + limit)]
