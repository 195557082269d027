"""What ``keys``, ``values`` and ``entries`` of a store return: a look at the entries that match patterns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, compress
from typing import Any, Final

from ...errors import StaleIteratorError
from ...passable import KeyTag, Remotable
from ...patterns import M, check_pattern, compile_pattern, key_ranges
from .entries import Entries
from .runs import FIRST_RUN, LARGEST_RUN, Run

__all__ = ["ANY", "TAKE_ENTRY", "TAKE_KEY", "TAKE_VALUE", "StoreView", "Take"]

ANY: Final = M.any()
"""The pattern that stands for "no filter", known by identity."""

_EVERYTHING: Final = ((b"", bytes((KeyTag.ABOVE_KEYS,))),)


class Take:
    """What an iteration yields of an entry."""

    __slots__ = ("key", "value")

    def __init__(self, *, key: bool, value: bool) -> None:
        self.key = key
        self.value = value


TAKE_KEY: Final = Take(key=True, value=False)
TAKE_VALUE: Final = Take(key=False, value=True)
TAKE_ENTRY: Final = Take(key=True, value=True)

Test = Callable[[Any], bool]


class StoreView:
    """Entries of a store that match patterns: may be iterated again and again, each time as the store is then.

    Args:
        store: whose entries; the view keeps it alive.
        entries: its entries.
        key_pattern, value_pattern: ``ANY``, or what is checked here to be a pattern.
        take: what is yielded.
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
        """Iterate over what matches.

        Raises:
            StaleIteratorError: a key was added since the first step, or the crank of the first step was aborted.
        """
        # chain gives out a whole piece without a step of this module for each entry.
        return chain.from_iterable(self._pieces())

    def _pieces(self) -> Iterator[Iterable[Any]]:
        """Yield what is to be given out, many entries at a time where reading them ahead cannot be noticed."""
        entries = self._entries
        entries.require_open()
        generation, token = entries.generation, entries.crank_token()
        ranges, keys_match = self._plan()
        for start, stop in ranges:
            position: bytes | None = start
            limit = _first_limit(start, stop)
            while position is not None:
                run = entries.begin_run(position, stop, limit)
                try:
                    for piece in self._pieces_of(run, keys_match):
                        yield piece
                        if entries.generation != generation or token.is_aborted:
                            raise StaleIteratorError(entries.label)
                        entries.require_open()
                finally:
                    entries.end_run(run)
                position = run.rest
                limit = 1 if run.is_cut else min(2 * limit, LARGEST_RUN)

    def _pieces_of(self, run: Run, keys_match: Test | None) -> Iterable[Iterable[Any]]:
        """Begin to give out what matches in a run: in one piece, or in pieces of one entry."""
        if not run.keys:
            return ()
        take, values_match = self._take, self._values_match
        keys: list[Any] | None = None
        values: list[Any] | None = None
        if take.key or keys_match is not None:
            keys = run.plain_keys()
            if keys is None:
                return self._one_by_one(run, keys_match, None)
        if take.value or values_match is not None:
            values = run.plain_values()
            if values is None:
                return self._one_by_one(run, keys_match, keys)
        if keys_match is not None and keys is not None:
            keys, values = _select(run, list(map(keys_match, keys)), keys, values)
        if values_match is not None and values is not None:
            keys, values = _select(run, list(map(values_match, values)), keys, values)
        if not take.key or keys is None:
            return (run.give(values or []),)
        given = run.give(keys)
        return (zip(given, values, strict=False) if take.value and values is not None else given,)

    def _one_by_one(
        self, run: Run, keys_match: Test | None, keys: list[Any] | None
    ) -> Iterator[Iterable[Any]]:
        """Yield each entry by itself, read at its own step: an object is made, or damage met, there and not before."""
        take, values_match = self._take, self._values_match
        has_key, has_value = take.key or keys_match is not None, take.value or values_match is not None
        key_at, value_at = run.key_at if keys is None else keys.__getitem__, run.value_at
        key = value = None
        for index in run.give(list(range(len(run.keys)))):
            if has_key:
                key = key_at(index)
                if keys_match is not None and not keys_match(key):
                    continue
            if has_value:
                value = value_at(index)
                if values_match is not None and not values_match(value):
                    continue
            yield ((key, value) if take.value else key,) if take.key else (value,)

    def matching(self) -> Iterator[list[bytes]]:
        """Yield the encoded keys of what matches, run by run; the store must not change meanwhile."""
        entries, values_match = self._entries, self._values_match
        entries.require_open()
        ranges, keys_match = self._plan()
        for start, stop in ranges:
            position: bytes | None = start
            limit = _first_limit(start, stop)
            while position is not None:
                run = entries.read_run(position, stop, limit)
                encoded = run.encoded()
                if keys_match is not None or values_match is not None:
                    encoded = [
                        key
                        for index, key in enumerate(encoded)
                        if (keys_match is None or keys_match(run.key_at(index)))
                        and (values_match is None or values_match(run.value_at(index)))
                    ]
                yield encoded
                position = run.rest
                limit = min(2 * limit, LARGEST_RUN)

    def _plan(self) -> tuple[tuple[tuple[bytes, bytes], ...], Test | None]:
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


def _first_limit(start: bytes, stop: bytes) -> int:
    return 1 if stop == start + b"\0" else FIRST_RUN  # between a key and the next higher one lies nothing


def _select(
    run: Run, selectors: list[bool], keys: list[Any] | None, values: list[Any] | None
) -> tuple[list[Any] | None, list[Any] | None]:
    """Leave in a run, and in what was read of it, the entries that are selected."""
    run.keys = list(compress(run.keys, selectors))
    return (
        None if keys is None else list(compress(keys, selectors)),
        None if values is None else list(compress(values, selectors)),
    )
