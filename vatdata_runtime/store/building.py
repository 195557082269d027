"""Stores that are made whole before they get their name."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress

from vatdata_runtime.errors import StoreError

from .creation import publish
from .failures import store_error
from .locks import WriterLock, lock_file, writer_file
from .opening import open_store
from .store import Store

__all__ = ["build_store"]


@contextmanager
def build_store(path: str | os.PathLike[str]) -> Generator[Store]:
    """Make a store that appears under its name when the block has ended well, and leaves nothing behind if not.

    Yields:
        An empty store to be filled and committed, in pieces as the caller likes: there is no flush before the end.

    Raises:
        StoreError: *path* exists, or its folder does not, or the disk or the rights do not allow it.
        StoreLockedError: another process is making it.
    """
    path = os.path.realpath(path)
    if os.path.lexists(path):
        raise StoreError(path, "exists already. Give a path where nothing is yet")
    if not os.path.isdir(os.path.dirname(path)):
        raise StoreError(path, f"cannot be made: there is no folder {os.path.dirname(path)!r}. Create it")
    unfinished = f"{path}-new"
    try:
        lock = WriterLock(path)
    except OSError as error:
        raise store_error(error, path, "locking") from error
    try:
        _remove(unfinished)  # whoever began it is dead: this process has the lock
        with open_store(unfinished, durability="relaxed") as store:
            yield store
        publish(unfinished, path)
    finally:
        _remove(unfinished)
        lock.release()


def _remove(path: str) -> None:
    for name in (path, lock_file(path), writer_file(path)):
        with suppress(FileNotFoundError):
            os.unlink(name)
