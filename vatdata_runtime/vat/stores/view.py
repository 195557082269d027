"""What ``keys``, ``values`` and ``entries`` of a store return: a look at the entries that match patterns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from ...errors import StaleIteratorError
from ...passable import KeyTag, Remotable
from ...patterns import M, check_pattern, compile_pattern, key_ranges
from .entries import Entries

__all__ = ["ANY", "StoreView", "Take", "take_entry", "take_key", "take_value"]

ANY: Final = M.any()
"""The pattern that stands for "no filter", known by identity."""

_EVERYTHING: Final = ((b"", bytes((KeyTag.ABOVE_KEYS,))),)

Take = Callable[[Entries, bytes, Callable[[], Any]], Any]
"""Makes what an iteration yields of an encoded key and the function that reads its value."""


def take_key(entries: Entries, encoded: bytes, _: Callable[[], Any]) -> Any:
    """Yield keys."""
    return entries.decode(encoded)


def take_value(_: Entries, _encoded: bytes, value: Callable[[], Any]) -> Any:
    """Yield values."""
    return value()


def take_entry(entries: Entries, encoded: bytes, value: Callable[[], Any]) -> Any:
    """Yield pairs of key and value."""
    return entries.decode(encoded), value()


class StoreView:
    """Entries of a store that match patterns: may be iterated again and again, each time as the store is then.

    Args:
        store: whose entries; the view keeps it alive.
        entries: its entries.
        key_pattern, value_pattern: ``ANY``, or what is checked here to be a pattern.
        take: makes what is yielded.
    """

    __slots__ = ("_entries", "_key_pattern", "_store", "_take", "_values_match")

    def __init__(
        self, store: Remotable, entries: Entries, key_pattern: Any, value_pattern: Any, take: Take
    ) -> None:
        self._store = store
        self._entries = entries
        self._take = take
        self._key_pattern = ANY if key_pattern is ANY else check_pattern(key_pattern)
        self._values_match = None if value_pattern is ANY else compile_pattern(check_pattern(value_pattern))

    def __iter__(self) -> Iterator[Any]:
        entries, take = self._entries, self._take
        for encoded, value in self.walk():
            yield take(entries, encoded, value)

    def walk(self) -> Iterator[tuple[bytes, Callable[[], Any]]]:
        """Walk the matching entries as encoded keys with functions that read their values.

        Raises:
            StaleIteratorError: a key was added since the first step, or the crank of the first step was aborted.
        """
        entries, values_match = self._entries, self._values_match
        entries.require_open()
        generation, token = entries.generation, entries.crank_token()
        ranges, keys_match = self._plan()
        for start, stop in ranges:
            for encoded, value in entries.walk(start, stop):
                if keys_match is not None and not keys_match(entries.decode(encoded)):
                    continue
                if values_match is not None and not values_match(value()):
                    continue
                yield encoded, value
                if entries.generation != generation or token.is_aborted:
                    raise StaleIteratorError(entries.label)
                entries.require_open()

    def _plan(self) -> tuple[tuple[tuple[bytes, bytes], ...], Callable[[Any], bool] | None]:
        """Find the ranges to walk and the test that their keys still need.

        Made for each iteration: a remotable that was removed and added since has another place.
        """
        pattern = self._key_pattern
        if pattern is ANY:
            return _EVERYTHING, None
        cover = key_ranges(pattern, self._encode_bound)
        return cover.ranges, None if cover.exact else compile_pattern(pattern)

    def _encode_bound(self, key: Any) -> bytes:
        encoded = self._entries.find_key(key)
        if encoded is None:
            raise KeyError(key)
        return encoded

    def __repr__(self) -> str:
        return f"<view of {self._store!r}>"
