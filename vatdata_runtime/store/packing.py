"""Writing a batch so that its pages are full.

LMDB splits a full page in the middle, except where the new entry comes behind all others of its page. So keys that are
added in order fill their pages only as long as nothing of the tree's next range lies on the same page; else each page
is left half empty. For a long run of new keys, the entries behind it are therefore taken out until the run is in.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import lmdb

from .batch import Batch
from .framing import frame, frame_all

__all__ = ["write_batch"]

_NODE_BYTES = 10  # what LMDB adds to an entry, its offset included

_FEW = 4
"""Entries that are written one by one more quickly than in order by a cursor."""

_LONG_RUN = 500
"""New keys from which the detour is made: it is a page of entries taken out and put back."""


def write_batch(
    transaction: lmdb.Transaction[bytes], batch: Batch, page_bytes: int, on_step: Callable[[str], None] | None
) -> tuple[int, int]:
    """Put each value of a batch, framed, under its key, and delete the keys that have none.

    Args:
        page_bytes: size of a page of the file.
        on_step: called before each change that LMDB is asked for.

    Returns:
        How many keys were deleted, and the bytes of all keys and values.
    """
    if len(batch.entries) <= _FEW:
        deletes = size_bytes = 0
        for key, value in batch.entries.items():
            if on_step is not None:
                on_step("delete" if value is None else "put")
            size_bytes += len(key)
            if value is None:
                transaction.delete(key)
                deletes += 1
            else:
                transaction.put(key, frame(key, value))
                size_bytes += len(value)
        return deletes, size_bytes
    changes = batch.sorted_changes()
    _put_packed(transaction, changes.keys, changes.values, page_bytes, on_step)
    for key in changes.deletes:
        if on_step is not None:
            on_step("delete")
        transaction.delete(key)
    return len(changes.deletes), batch.size_bytes()


def _put_packed(
    transaction: lmdb.Transaction[bytes],
    keys: Sequence[bytes],
    values: Sequence[bytes],
    page_bytes: int,
    on_step: Callable[[str], None] | None,
) -> None:
    """Put ``values[i]`` under ``keys[i]``, in ascending order of keys."""
    entries = frame_all(keys, values)
    with transaction.cursor() as cursor:
        done = 0
        for start, end in _long_runs(cursor, keys):
            _put(cursor, islice(entries, start - done), on_step)
            behind = _take_out(cursor, keys[end - 1], page_bytes, on_step)
            _put(cursor, islice(entries, end - start), on_step)
            _put(cursor, behind, on_step)
            done = end
        _put(cursor, entries, on_step)


def _long_runs(cursor: lmdb.Cursor[bytes], keys: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Find slices of *keys* that are long, and between whose first and last key the tree has none, but one behind.

    Cost: one search of the tree for each 500 keys. What a run has before the key that was searched for is not in its
    slice.
    """
    at = 0
    while at + _LONG_RUN <= len(keys):
        if not cursor.set_range(keys[at]):
            return  # the end of the tree, where LMDB fills its pages by itself
        end = bisect_left(keys, cursor.key(), at)
        if end - at >= _LONG_RUN:
            yield at, end
            at = end
        else:
            at += _LONG_RUN


def _take_out(
    cursor: lmdb.Cursor[bytes], key: bytes, page_bytes: int, on_step: Callable[[str], None] | None
) -> list[tuple[bytes, bytes]]:
    """Delete and return what may lie on one page behind *key*, up to the first large value."""
    taken: list[tuple[bytes, bytes]] = []
    size = 0
    if cursor.set_range(key + b"\0"):
        for entry in cursor:
            if len(entry[1]) > page_bytes // 4:
                break  # large values have pages of their own, and are not written twice for the sake of a few keys
            taken.append(entry)
            size += len(entry[0]) + len(entry[1]) + _NODE_BYTES
            if size >= page_bytes:
                break
    # Backwards: LMDB fills a page that is nearly empty from the one before it. Forwards that would end with the key
    # before the run on a page with what follows, which is what this is done against.
    for behind, _ in reversed(taken):
        if on_step is not None:
            on_step("delete")
        cursor.set_key(behind)
        cursor.delete()
    return taken


def _put(
    cursor: lmdb.Cursor[bytes],
    entries: Iterator[tuple[bytes, bytes]] | list[tuple[bytes, bytes]],
    on_step: Callable[[str], None] | None,
) -> None:
    if on_step is None:
        cursor.putmulti(entries, dupdata=False, overwrite=True)
        return
    for key, value in entries:
        on_step("put")
        cursor.put(key, value)
