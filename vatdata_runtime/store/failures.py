"""LMDB's errors and the system's, told once in the words of a store."""

from __future__ import annotations

import errno
import os
import sys

import lmdb

from vatdata_runtime.errors import (
    ReadOnlyStoreError,
    StoreCorruptError,
    StoreError,
    StoreFormatError,
    StoreFullError,
)

if sys.platform != "win32":
    import resource

__all__ = ["errno_of", "is_out_of_room", "store_error"]

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_RIGHT = (errno.EACCES, errno.EPERM, errno.EROFS)


def errno_of(error: Exception) -> int | None:
    """Return the system's number for *error*, None where it has none.

    py-lmdb before 1.7 has the number in no field, only its text in the message.
    """
    code = getattr(error, "code", None) or getattr(error, "errno", None)
    if isinstance(code, int):
        return code
    text = str(error)
    known = (*_NO_ROOM, *_NO_RIGHT, errno.EIO, errno.ENOENT, errno.ENOMEM, errno.ENOLCK)
    return next((number for number in known if text.endswith(os.strerror(number))), None)


def is_out_of_room(error: Exception, path: str, wanted_bytes: int) -> bool:
    """Say whether *error* of a write means that *wanted_bytes* more do not fit on the disk.

    LMDB reports a write that ended early, which is how a full disk shows first, as a plain I/O error. So for that
    one the room that is left decides.
    """
    code = errno_of(error)
    if code in _NO_ROOM:
        return True
    return code == errno.EIO and _room_bytes(path) < wanted_bytes


def _room_bytes(path: str) -> int:
    """Return how much the file at *path* may still grow: the disk's free space and the process's own limit."""
    import shutil  # brings three compressors, for a disk that is full

    room = shutil.disk_usage(path).free
    if sys.platform != "win32":
        limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
        if limit != resource.RLIM_INFINITY:
            room = min(room, limit - os.path.getsize(path))
    return room


def store_error(error: Exception, path: str, doing: str) -> StoreError:
    """Make the error that the caller should see out of *error*, met while *doing* something to the store at *path*.

    Returns it; the caller raises it ``from`` the cause.
    """
    if isinstance(error, StoreError):
        return error
    code = errno_of(error)
    if isinstance(error, (lmdb.CorruptedError, lmdb.PageNotFoundError)):
        return StoreCorruptError(
            path, f"is damaged ({doing}: {error}). Run 'vatdata verify', restore a backup"
        )
    if isinstance(error, (lmdb.InvalidError, lmdb.VersionMismatchError)):
        return StoreFormatError(path, f"is not a file that this LMDB reads ({doing}: {error})")
    if isinstance(error, lmdb.ReadersFullError):
        return StoreError(
            path, f"has no room for another reader ({doing}). Close readers, or raise max_readers="
        )
    if isinstance(error, lmdb.MapFullError):
        return StoreFullError(path, f"has reached the size of its map ({doing}). Raise map_size=")
    if isinstance(error, lmdb.MapResizedError):
        return StoreError(path, f"was grown by another process while {doing}. Open it again")
    if isinstance(error, (lmdb.MemoryError, MemoryError)) or code == errno.ENOMEM:
        return StoreError(
            path,
            f"its map does not fit the address space of this process ({doing}: {error}). Raise the limit "
            f"('ulimit -v'), or open with a smaller map_size=",
        )
    if isinstance(error, lmdb.ReadonlyError) or code in _NO_RIGHT:
        return ReadOnlyStoreError(
            path, f"may not be written ({doing}: {error}). Check the rights of file and folder"
        )
    if code in _NO_ROOM:
        return StoreFullError(
            path, f"has no room left ({doing}: {error}). Free space on the disk, then repeat"
        )
    if code in (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS):
        return StoreError(path, f"its file system has no file locks ({doing}: {error}). Use a local disk")
    # Damage among them: LMDB tells a write that met a damaged page only as an unusable transaction.
    return StoreError(
        path, f"failed ({doing}: {error}). Run 'vatdata verify' to see whether the file is sound"
    )
