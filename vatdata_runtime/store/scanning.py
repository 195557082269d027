"""Ordered reading in pages, so that nothing of LMDB stays open while the consumer thinks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from zlib import crc32

import lmdb

from .batch import Batch
from .format import FIRST_KEY
from .framing import RESIDUE, TRAILER_BYTES

__all__ = [
    "DamagedEntryError",
    "Entries",
    "PageReader",
    "count_page",
    "merge_page",
    "read_page",
    "scan_pages",
]

Entries = list[tuple[bytes, bytes]]
PageReader = Callable[[bytes, bytes | None, bool, int], tuple[Entries, bytes | None]]
"""Reads up to so many entries from one end of a range: the entries, and where the rest of the range begins (for a
backward scan: ends), None when there is no rest."""

# The first page is small, since many scans ask for one entry; a long scan soon reads pages worth their seek.
_FIRST_PAGE = 16
_LARGEST_PAGE = 1024
_PAGE_BYTES = 1 << 20


class DamagedEntryError(Exception):
    """An entry whose trailer does not fit; its key is the argument. The store says it in its own words."""


def read_page(
    transaction: lmdb.Transaction[bytes], start: bytes, stop: bytes | None, reverse: bool, limit: int
) -> tuple[Entries, bytes | None]:
    """Read one page of ``start <= key < stop`` as a ``PageReader`` does.

    A page ends early after a mebibyte of values.

    Raises:
        DamagedEntryError: an entry in the page is damaged.
    """
    entries: Entries = []
    size = 0
    with transaction.cursor() as cursor:
        if not _seek(cursor, start, stop, reverse):
            return entries, None
        for key, framed in cursor.iterprev() if reverse else cursor.iternext():
            if (key < start) if reverse else (stop is not None and key >= stop):
                return entries, None
            if len(entries) == limit or size > _PAGE_BYTES:
                # The smallest key above another is that one and a zero byte.
                return entries, entries[-1][0] if reverse else key
            if crc32(framed, crc32(key, len(key))) != RESIDUE:
                raise DamagedEntryError(key)
            size += len(framed)
            entries.append((key, framed[:-TRAILER_BYTES]))
    return entries, None


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


def merge_page(
    batch: Batch,
    entries: Entries,
    rest: bytes | None,
    start: bytes,
    stop: bytes | None,
    reverse: bool,
    limit: int,
) -> tuple[Entries, bytes | None]:
    """Lay *batch* over a page that was read from ``start <= key < stop``, and give the new page in the same form."""
    low, high = start, stop
    if rest is not None:
        low, high = (rest, stop) if reverse else (start, rest)
    keys, first, last = batch.keys_between(low, high)
    if first == last:
        return entries, rest
    if last - first > limit:
        # The batch alone has more than a page here: the page ends where the batch's part does.
        if reverse:
            first = last - limit
            low = rest = keys[first]
            entries = [entry for entry in entries if entry[0] >= low]
        else:
            last = first + limit
            high = rest = keys[last]
            entries = [entry for entry in entries if entry[0] < high]
    merged: dict[bytes, bytes | None] = dict(entries)
    written = batch.entries
    merged.update((key, written[key]) for key in islice(keys, first, last))
    page = [(key, value) for key, value in merged.items() if value is not None]
    page.sort(reverse=reverse)
    return page, rest


def scan_pages(
    read: PageReader, start: bytes, stop: bytes | None, reverse: bool
) -> Iterator[tuple[bytes, bytes]]:
    """Yield the entries of ``start <= key < stop`` page by page; *read* sees the state of the moment it is called."""
    start = max(start, FIRST_KEY)
    limit = _FIRST_PAGE
    while True:
        entries, rest = read(start, stop, reverse, limit)
        yield from entries
        if rest is None:
            return
        if reverse:
            stop = rest
        else:
            start = rest
        limit = min(4 * limit, _LARGEST_PAGE)
