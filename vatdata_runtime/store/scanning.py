"""Ordered reading in pages, so that nothing of LMDB stays open while the consumer thinks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import chain, islice
from operator import itemgetter

import lmdb

from .batch import Batch
from .format import FIRST_KEY
from .framing import TRAILER_BYTES, all_intact, is_intact
from .protocol import Page

__all__ = [
    "DamagedEntryError",
    "PageReader",
    "count_page",
    "merge_page",
    "read_page",
    "scan_pages",
]

PageReader = Callable[[bytes, bytes | None, bool, int], Page]
"""Reads up to so many entries from one end of a range; backwards, the page's rest is where the range's rest ends."""

# The first page is small, since many scans ask for one entry. Pages double, so that a scan which is left early has
# read no more ahead than it has used; in the largest ones the price of a page is lost in its entries.
_FIRST_PAGE = 16
_LARGEST_PAGE = 512
_PAGE_BYTES = 1 << 20

_without_trailer = itemgetter(slice(None, -TRAILER_BYTES))


class DamagedEntryError(Exception):
    """An entry whose trailer does not fit; its key is the argument. The store says it in its own words."""


def read_page(
    transaction: lmdb.Transaction[bytes], start: bytes, stop: bytes | None, reverse: bool, limit: int
) -> Page:
    """Read one page of ``start <= key < stop`` as a ``PageReader`` does, with no step of Python for an entry.

    A page ends early after a mebibyte of values.

    Raises:
        DamagedEntryError: an entry in the page is damaged.

    Cost: 2 us, and 0.17 us an entry; up to *limit* entries behind *stop* are read and left out.
    """
    with transaction.cursor() as cursor:
        if not _seek(cursor, start, stop, reverse):
            return [], [], None
        walk = islice(cursor.iterprev() if reverse else cursor.iternext(), limit)
        status = transaction.stat()
        if status["overflow_pages"] * status["psize"] <= _PAGE_BYTES:
            # What is large lies on overflow pages, so the values of one page cannot fill the memory.
            flat = list(chain.from_iterable(walk))
            has_rest = len(flat) == 2 * limit
        else:
            flat, has_rest = _read_carefully(walk, limit)
    keys, framed = flat[::2], flat[1::2]
    if reverse:
        behind = sum(key < start for key in keys)
        kept = len(keys) - behind
    else:
        kept = len(keys) if stop is None or keys[-1] < stop else bisect_left(keys, stop)
    if kept < len(keys):
        has_rest = False
        del keys[kept:], framed[kept:]
    if not keys:
        return keys, framed, None
    if keys[-1] < start:
        raise DamagedEntryError(keys[-1])  # out of order: going on behind it would never end
    if not all_intact(keys, framed):
        damaged = [key for key, data in zip(keys, framed, strict=True) if not is_intact(key, data)]
        raise DamagedEntryError(damaged[0])
    rest = None
    if has_rest:
        # The smallest key above another is that one and a zero byte.
        rest = keys[-1] if reverse else keys[-1] + b"\0"
        if rest == (start if reverse else stop):
            rest = None
    return keys, list(map(_without_trailer, framed)), rest


def _read_carefully(walk: Iterator[tuple[bytes, bytes]], limit: int) -> tuple[list[bytes], bool]:
    """Read up to *limit* entries, but none after a mebibyte of values; and whether there may be more."""
    flat: list[bytes] = []
    room = _PAGE_BYTES
    for key, framed in walk:
        flat += (key, framed)
        room -= len(framed)
        if room < 0:
            return flat, True
    return flat, len(flat) == 2 * limit


def count_page(
    transaction: lmdb.Transaction[bytes], start: bytes, stop: bytes | None, limit: int
) -> tuple[int, bytes | None]:
    """Count up to *limit* keys of ``start <= key < stop``: how many, and where the rest begins, None if nowhere."""
    with transaction.cursor() as cursor:
        if not cursor.set_range(max(start, FIRST_KEY)):
            return 0, None
        keys = cursor.iternext(keys=True, values=False)
        found = 0
        for key in keys:
            if stop is not None and key >= stop:
                return found, None
            if found == limit:
                return found, key
            found += 1
    return found, None


def _seek(cursor: lmdb.Cursor[bytes], start: bytes, stop: bytes | None, reverse: bool) -> bool:
    if not reverse:
        return cursor.set_range(start)
    if stop is None:
        return cursor.last()
    if not stop:
        return False
    return cursor.prev() if cursor.set_range(stop) else cursor.last()


def merge_page(batch: Batch, page: Page, start: bytes, stop: bytes | None, reverse: bool, limit: int) -> Page:
    """Lay *batch* over a page that was read from ``start <= key < stop``, and give the new page in the same form."""
    keys, values, rest = page
    low, high = start, stop
    if rest is not None:
        low, high = (rest, stop) if reverse else (start, rest)
    written, first, last = batch.keys_between(low, high)
    if first == last:
        return page
    merged: dict[bytes, bytes | None] = dict(zip(keys, values, strict=True))
    if last - first > limit:
        # The batch alone has more than a page here: the page ends where the batch's part does.
        if reverse:
            first = last - limit
            rest = edge = written[first]
            merged = {key: value for key, value in merged.items() if key >= edge}
        else:
            last = first + limit
            rest = edge = written[last]
            merged = {key: value for key, value in merged.items() if key < edge}
    newest = batch.entries
    merged.update((key, newest[key]) for key in islice(written, first, last))
    entries = [(key, merged[key]) for key in sorted(merged, reverse=reverse)]
    kept = [(key, value) for key, value in entries if value is not None]
    return [key for key, _ in kept], [value for _, value in kept], rest


def scan_pages(
    read: PageReader, start: bytes, stop: bytes | None, reverse: bool
) -> Iterator[tuple[bytes, bytes]]:
    """Yield the entries of ``start <= key < stop`` page by page; *read* sees the state of the moment it is called."""
    start = max(start, FIRST_KEY)
    limit = _FIRST_PAGE
    while True:
        keys, values, rest = read(start, stop, reverse, limit)
        yield from zip(keys, values, strict=True)
        if rest is None:
            return
        if reverse:
            stop = rest
        else:
            start = rest
        limit = min(2 * limit, _LARGEST_PAGE)
