"""Copies of a store: taken while it is in use, checked before they count."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

from ..errors import StoreCorruptError, StoreError
from ..store import open_store, restore_backup, verify_file
from .verify import verify

__all__ = ["back_up", "restore"]

Progress = Callable[[int, int], None]


def back_up(store: str, target: str, *, compact: bool = True, progress: Progress | None = None) -> int:
    """Copy the last commit of a store to a new file and check every page and entry of the copy.

    Returns:
        The size of the copy in bytes.

    Raises:
        StoreError: *target* exists, or the copy failed; nothing was left.
        StoreCorruptError: the copy is damaged, and so the store is; nothing was left.
    """
    with open_store(store, readonly=True) as opened:
        opened.backup(target, compact=compact, progress=progress)
    problems: list[str] = []
    is_checked = False
    try:
        problems = list(verify_file(target, progress=progress))
        is_checked = not problems
    finally:
        if not is_checked:
            os.unlink(target)
    if problems:
        raise StoreCorruptError(
            store,
            f"is damaged: {problems[0]}. No backup was kept; run 'vatdata verify', restore an older one",
        )
    return os.path.getsize(target)


def restore(
    backup: str, store: str, *, replaces: bool = False, progress: Progress | None = None
) -> tuple[int, str | None]:
    """Make a store from a backup, checked whole before and after.

    Args:
        backup: the copy.
        store: where the store is to be.
        replaces: whether a store that is there may be put aside; it is kept as ``STORE-replaced``.
        progress: called with bytes or pages done and their total.

    Returns:
        The size of the store in bytes, and where the store that was there before is now, None if there was none.

    Raises:
        StoreCorruptError: the backup is damaged; nothing was changed.
        StoreLockedError: the store that is to be replaced is in use.
        StoreError: *store* exists and may not be replaced, or the disk or the rights do not allow it.
    """
    aside = None
    if os.path.lexists(store):
        if not replaces:
            raise StoreError(store, "exists already. Give another path, or --force to put it aside")
        aside = _put_aside(backup, store)
    try:
        restore_backup(backup, store, progress=progress)
    except BaseException:
        if aside is not None:
            with suppress(FileNotFoundError):
                os.unlink(store)
            os.rename(aside, store)
        raise
    problem = next(verify(store), None)
    if problem is not None:
        raise StoreCorruptError(
            store, f"was restored and is not sound: {problem.text}. Restore an older backup"
        )
    return os.path.getsize(store), aside


def _put_aside(backup: str, store: str) -> str:
    aside = f"{store}-replaced"
    if os.path.lexists(aside):
        raise StoreError(aside, "exists already, from an earlier restore. Move it away first")
    if os.path.exists(backup) and os.path.samefile(backup, store):
        raise StoreError(backup, "is the store itself. Give the path of a backup")
    problem = next(iter(verify_file(backup)), None)
    if problem is not None:
        raise StoreCorruptError(backup, f"is damaged: {problem}. Restore an older backup")
    with open_store(store):  # refuses where someone writes it
        os.rename(store, aside)
    return aside
