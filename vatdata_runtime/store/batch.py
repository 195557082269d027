"""The open batch: what cranks have written since the last commit, laid over what the file holds."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping
from itertools import islice
from typing import Any

from msgspec import Struct

from vatdata_runtime.errors import KeyTooLargeError

from .format import FIRST_KEY

__all__ = ["KEY_LIMIT_BYTES", "Batch", "Changes", "check_delta"]

KEY_LIMIT_BYTES = 511
"""The longest key that LMDB takes, as it is built everywhere."""

# A sorted insert moves half the list, a sort walks all of it: below this share of new keys the insert is cheaper.
_INSERT_SHARE = 16

_FEW = 3
"""Entries that are looked at one by one more quickly than all at once."""

_BYTES = frozenset({bytes})
_BYTES_OR_NONE = frozenset({bytes, type(None)})


def check_delta(delta: Mapping[bytes, bytes | None], path: str) -> None:
    """Refuse what LMDB would refuse at the commit, when the crank could no longer be told apart from its batch.

    Raises:
        TypeError: a key that is not bytes, or a value that is neither bytes nor None.
        KeyTooLargeError: a key of more than 511 bytes.
        ValueError: a key below ``b"\\x01"``, where the store keeps its own records.
    """
    # All at once where all is well and they are many; else one by one, to find the culprit.
    if len(delta) > _FEW and (
        _BYTES.issuperset(map(type, delta))
        and _BYTES_OR_NONE.issuperset(map(type, delta.values()))
        and max(map(len, delta)) <= KEY_LIMIT_BYTES
        and min(delta) >= FIRST_KEY
    ):
        return
    for key, value in delta.items():
        # A subclass could bring its own comparison into the middle of a merge.
        if type(key) is not bytes or (type(value) is not bytes and value is not None):
            raise TypeError(
                f"a store maps bytes to bytes or None, not {type(key).__name__} to {type(value).__name__}"
            )
        if len(key) > KEY_LIMIT_BYTES:
            raise KeyTooLargeError(len(key), KEY_LIMIT_BYTES, path)
        if key < FIRST_KEY:
            raise ValueError(
                f"store {path!r} keeps keys below {FIRST_KEY!r} for itself, {key!r} is one of them"
            )


class Batch(Struct):
    """Cranks merged into one map: the newest value of each key, None for a deleted one.

    Merging, instead of writing each crank into an open LMDB transaction, has three effects: a key that many cranks
    change is written once; all keys of a batch go out in one sorted run; and no write transaction outlives
    ``commit``, so that a full map, an exception or Ctrl-C leaves nothing to repair.
    """

    entries: dict[bytes, bytes | None] = {}
    cranks: int = 0
    _order: list[bytes] = []

    def add(self, delta: Mapping[bytes, bytes | None]) -> None:
        """Take one crank in, whole or not at all."""
        # Invariant: both lines happen or none does, also on Ctrl-C. CPython looks for signals after a call returns
        # and at loop ends, so there is no point between the addition and the end of update() where one could raise.
        self.cranks += 1
        self.entries.update(delta)

    def keys_between(self, start: bytes, stop: bytes | None) -> tuple[list[bytes], int, int]:
        """Find the keys with ``start <= key < stop``: a list and the slice of it, valid until the next change.

        Cost: a binary search, and once for each new key since the last call its sorted insertion.
        """
        order = self._order
        fresh = len(self.entries) - len(order)
        if fresh:
            self._order = []  # what Ctrl-C leaves half inserted is sorted from scratch next time
            # Nothing ever leaves the dict, so what has come since is at its end.
            newest = islice(reversed(self.entries), fresh)
            if fresh * _INSERT_SHARE < len(order):
                for key in newest:
                    insort(order, key)
            else:
                order.extend(newest)
                order.sort()
            self._order = order
        return order, bisect_left(order, start), len(order) if stop is None else bisect_left(order, stop)

    def size_bytes(self) -> int:
        """Return the bytes of keys and values."""
        return sum(map(len, self.entries)) + sum(map(len, filter(None, self.entries.values())))

    def sorted_changes(self) -> Changes:
        """Return what a commit has to write."""
        keys = self.keys_between(b"", None)[0] if self._order else sorted(self.entries)
        values: list[Any] = list(map(self.entries.__getitem__, keys))
        deletes: list[bytes] = []
        if None in values:
            deletes = [key for key, value in zip(keys, values, strict=True) if value is None]
            puts = [(key, value) for key, value in zip(keys, values, strict=True) if value is not None]
            keys, values = [key for key, _ in puts], [value for _, value in puts]
        return Changes(keys, values, deletes)


class Changes(Struct, frozen=True):
    """A batch in the order of its keys: ``values[i]`` goes under ``keys[i]``, and ``deletes`` go away."""

    keys: list[bytes]
    values: list[bytes]
    deletes: list[bytes]
