"""Files as a loss of power can leave them: what had been flushed, and any part of what was on its way."""

from __future__ import annotations

import random

__all__ = ["META_BYTES", "PAGE_BYTES", "after_power_loss"]

PAGE_BYTES = 4096
_SECTOR_BYTES = 512
_META_PAGES = 2
META_BYTES = _META_PAGES * PAGE_BYTES
"""The pages that make a commit valid, at the beginning of the file."""


def after_power_loss(synced: bytes, written: bytes, dice: random.Random, *, tears: bool = True) -> bytes:
    """Build the file that a machine could find after it has lost power.

    The system may write a file's pages in any order until they are flushed, but LMDB's meta pages only after the flush
    of all others. So if the meta pages have changed, everything before them is there; if not, any part may be.

    Args:
        synced: the file at the last flush.
        written: the file as processes see it when power is lost.
        dice: chooses the pages that have reached the disk.
        tears: whether a page may be there in part, up to a sector.
    """
    if written[:META_BYTES] != synced[:META_BYTES] and dice.random() < 0.5:
        return written
    found = bytearray(synced)
    pages = range(_META_PAGES, -(-max(len(synced), len(written)) // PAGE_BYTES))
    changed = [page for page in pages if _page(synced, page) != _page(written, page)]
    for page in dice.sample(changed, dice.randrange(len(changed) + 1)):
        new = _page(written, page)
        if tears and dice.random() < 0.25:
            new = new[: dice.randrange(1, PAGE_BYTES // _SECTOR_BYTES) * _SECTOR_BYTES]
        start = page * PAGE_BYTES
        found.extend(bytes(max(0, start + len(new) - len(found))))
        found[start : start + len(new)] = new
    return bytes(found)


def _page(data: bytes, number: int) -> bytes:
    return data[number * PAGE_BYTES : (number + 1) * PAGE_BYTES]
