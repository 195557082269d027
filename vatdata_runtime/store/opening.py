"""The way from a path to an open store."""

from __future__ import annotations

import os
from typing import get_args

from vatdata_runtime.errors import ReadOnlyStoreError, StoreError

from .creation import create_file
from .environment import DEFAULT_MAX_READERS, acquire
from .failures import store_error
from .inspection import inspect_file
from .locks import WriterLock, lock_file, writer_file
from .protocol import Durability, OnStep
from .store import Store

__all__ = ["open_store"]


def open_store(
    path: str | os.PathLike[str],
    *,
    readonly: bool = False,
    map_size: int | None = None,
    durability: Durability = "group",
    on_step: OnStep | None = None,
    max_readers: int = DEFAULT_MAX_READERS,
) -> Store:
    """Open the store in the file *path*; a writer makes it where nothing is.

    Args:
        readonly: read only, beside a writer and other readers, in this process and in others. Each look-up and each
            page of a scan sees the last commit of its moment; ``snapshot`` stays at one.
        map_size: bytes of address space for a start; it grows as needed. None: 64 GiB, or what the process has.
        durability: "crank" and "group" flush the disk in each commit. "relaxed" does not: commits survive the death
            of the process, but the system's crash or a power cut can damage the whole file.
        on_step: called with the name of each storage step before it is done: create, format, publish, apply, begin,
            put, delete, commit, grow, and after a commit committed. What it raises stops that step.
        max_readers: read transactions at one time over all processes, fixed by the first one to open the file.

    Raises:
        StoreLockedError: another writer has it open; names who.
        StoreFormatError: another kind of file, or a newer format; nothing was changed.
        StoreCorruptError: cut off or damaged, as far as a first look tells; ``verify_store`` looks at everything.
        ReadOnlyStoreError: to write, but file or folder may not be written.
        StoreError: the folder is missing, or the file is, for reading.
        ValueError: an option makes no sense.

    Cost: a millisecond, the same for any size of store; three flushes to make a new one.
    """
    if durability not in get_args(Durability):
        raise ValueError(f"durability is 'crank', 'group' or 'relaxed', not {durability!r}")
    if map_size is not None and map_size <= 0:
        raise ValueError(f"map_size is a number of bytes above 0, not {map_size!r}")
    name: str = os.path.realpath(path)
    if readonly:
        return _open_for_reading(name, map_size, durability, on_step, max_readers)
    return _open_for_writing(name, map_size, durability, on_step, max_readers)


def _open_for_reading(
    path: str, map_size: int | None, durability: Durability, on_step: OnStep | None, max_readers: int
) -> Store:
    if not os.path.lexists(path):
        raise StoreError(path, "does not exist. Open it for writing to have it made, or check the path")
    facts = inspect_file(path)
    environment = acquire(path, writable=False, map_size=map_size, max_readers=max_readers)
    return Store(path, environment, facts.format, lock=None, durability=durability, on_step=on_step)


def _open_for_writing(
    path: str, map_size: int | None, durability: Durability, on_step: OnStep | None, max_readers: int
) -> Store:
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise StoreError(path, f"cannot be made: there is no folder {folder!r}. Create it, or check the path")
    if os.path.lexists(path):
        inspect_file(path)  # before anything is put beside a file that is not ours
    _check_rights(path, folder)
    try:
        lock = WriterLock(path)
    except OSError as error:
        raise store_error(error, path, "locking") from error
    try:
        if not os.path.lexists(path):
            create_file(path, on_step)
        lock.claim_file()
        facts = inspect_file(path)
        environment = acquire(
            path, writable=True, sync=durability != "relaxed", map_size=map_size, max_readers=max_readers
        )
        return Store(path, environment, facts.format, lock=lock, durability=durability, on_step=on_step)
    except BaseException:
        lock.release()
        raise


def _check_rights(path: str, folder: str) -> None:
    """Refuse to write where the system would, with one message for all files that a writer needs."""
    for needed in (path, lock_file(path), writer_file(path)):
        if not os.access(needed if os.path.exists(needed) else folder, os.W_OK):
            what = f"its file {needed!r}" if os.path.exists(needed) else f"its folder {folder!r}"
            raise ReadOnlyStoreError(
                path,
                f"cannot be opened for writing: {what} may not be written. Get the right, or use readonly=True",
            )
