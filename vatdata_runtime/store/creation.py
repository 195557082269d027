"""The making of a new, empty store file, which appears under its name only when it is whole."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

import lmdb

from .failures import store_error
from .format import FORMAT_KEY, new_format_record
from .framing import frame
from .locks import lock_file
from .protocol import OnStep

__all__ = ["create_file", "publish", "sync_folder"]

_MAP_BYTES = 1 << 20
_MODE = 0o644


def create_file(path: str, on_step: OnStep | None) -> None:
    """Make an empty store at *path*, where nothing is. The caller holds the writer's lock.

    A crash at any moment leaves either nothing under the name or a whole store.

    Raises:
        StoreError: the disk or the rights do not allow it.
    """
    unfinished = f"{path}-new"
    try:
        with suppress(FileNotFoundError):
            os.unlink(unfinished)  # of a process that died at this
        if on_step is not None:
            on_step("create")
        environment = _open_new(unfinished)
        try:
            if on_step is not None:
                on_step("format")
            with environment.begin(write=True) as transaction:
                transaction.put(FORMAT_KEY, frame(FORMAT_KEY, new_format_record().encode()))
        finally:
            environment.close()
        if on_step is not None:
            on_step("publish")
        publish(unfinished, path)
    except (lmdb.Error, OSError) as error:
        with suppress(OSError):
            os.unlink(unfinished)
        raise store_error(error, path, "creating the file") from error


def _open_new(path: str) -> lmdb.Environment:
    options: dict[str, Any] = {"map_size": _MAP_BYTES, "subdir": False, "lock": False, "mode": _MODE}
    try:
        # Bindings that hold two LMDBs would let an environment variable choose the newer data format.
        return lmdb.open(path, lib_version=0, **options)
    except TypeError:
        return lmdb.open(path, **options)  # py-lmdb before 2.0 has one LMDB and no such parameter


def publish(unfinished: str, path: str) -> None:
    """Give the finished and synced file *unfinished* its name *path*, durably."""
    # A lock table that an older file of this name has left may still be in use by a reader of that file; the new
    # file must not share it, since it holds the old one's transaction numbers.
    with suppress(FileNotFoundError):
        os.unlink(lock_file(path))
    os.rename(unfinished, path)
    sync_folder(path)


def sync_folder(path: str) -> None:
    """Make the name of the file at *path* durable."""
    descriptor = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
