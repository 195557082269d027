"""Copies of a store that is in use, and stores from such copies."""

from __future__ import annotations

import os
import threading
from contextlib import suppress

import lmdb

from vatdata_runtime.errors import StoreCorruptError, StoreError

from .creation import publish, sync_folder
from .environment import Environment
from .failures import store_error
from .inspection import inspect_file
from .locks import WriterLock
from .protocol import Progress
from .verification import verify_file

__all__ = ["restore_backup", "write_backup"]

_CHUNK_BYTES = 1 << 20


def write_backup(environment: Environment, target: str, *, compact: bool, progress: Progress | None) -> None:
    """Copy the last commit of *environment* to a new file *target*; see ``Store.backup``."""
    target = os.path.realpath(target)
    unfinished = f"{target}-new"
    if os.path.lexists(target):
        raise StoreError(target, "exists already. A backup never replaces a file: choose another name")
    if not os.path.isdir(os.path.dirname(target)):
        raise StoreError(target, f"cannot be made: there is no folder {os.path.dirname(target)!r}. Create it")
    try:
        with open(unfinished, "wb") as file:
            _copy_through_pipe(environment, file.fileno(), compact, progress)
            os.fsync(file.fileno())
        inspect_file(unfinished)
        os.link(unfinished, target)  # unlike a rename, this fails where something has appeared meanwhile
        os.unlink(unfinished)
        sync_folder(target)
    except (lmdb.Error, OSError) as error:
        raise store_error(error, target, "writing the backup") from error
    finally:
        with suppress(FileNotFoundError):
            os.unlink(unfinished)


def _copy_through_pipe(
    environment: Environment, target: int, compact: bool, progress: Progress | None
) -> None:
    # LMDB copies in one call that tells nothing before its end. With a pipe between, this thread counts the bytes,
    # meets a full disk itself, and can stop the copy by closing its end.
    with environment.held_still() as handle:
        total = _expected_bytes(handle, compact)
        reading, writing = os.pipe()
        copy = _Copy(handle, writing, compact)
        copy.start()
        done = 0
        try:
            while chunk := os.read(reading, _CHUNK_BYTES):
                _write_all(target, chunk)
                done += len(chunk)
                if progress is not None:
                    progress(min(done, total), total)
        finally:
            os.close(reading)
            copy.join()
        if copy.error is not None:
            raise copy.error
        if progress is not None and done != total:
            progress(total, total)


def _expected_bytes(handle: lmdb.Environment, compact: bool) -> int:
    info, stat = handle.info(), handle.stat()
    pages = stat["branch_pages"] + stat["leaf_pages"] + stat["overflow_pages"] + 2
    return (pages if compact else info["last_pgno"] + 1) * stat["psize"]


def _write_all(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]


class _Copy(threading.Thread):
    """LMDB's own copy, in a thread because it blocks until the pipe is read."""

    def __init__(self, handle: lmdb.Environment, descriptor: int, compact: bool) -> None:
        super().__init__(name="vatdata-backup", daemon=True)
        self._handle = handle
        self._descriptor = descriptor
        self._compact = compact
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self._handle.copyfd(self._descriptor, compact=self._compact)
        except Exception as error:  # handed to the thread that waits
            self.error = error
        finally:
            os.close(self._descriptor)


def restore_backup(source: str, path: str, *, progress: Progress | None = None) -> None:
    """Make the store *path* from the backup *source*, which is read and checked whole first.

    Args:
        path: where nothing may be yet; move a broken store away, do not write over it.
        progress: called with bytes copied and their total.

    Raises:
        StoreCorruptError: the backup itself is damaged; nothing was made.
        StoreError: *path* exists, or the disk or the rights do not allow it.
    """
    source, path = os.path.realpath(source), os.path.realpath(path)
    if os.path.lexists(path):
        raise StoreError(path, "exists already. Move it away first: a backup is never restored over a store")
    if not os.path.isdir(os.path.dirname(path)):
        raise StoreError(path, f"cannot be made: there is no folder {os.path.dirname(path)!r}. Create it")
    inspect_file(source)
    unfinished = f"{path}-new"
    try:
        lock = WriterLock(path)
    except OSError as error:
        raise store_error(error, path, "locking") from error
    try:
        _copy_file(source, unfinished, progress)
        problems = verify_file(unfinished)
        if problems:
            raise StoreCorruptError(source, f"is damaged: {problems[0]}. Restore an older backup")
        publish(unfinished, path)
    except OSError as error:
        raise store_error(error, path, "restoring the backup") from error
    finally:
        with suppress(FileNotFoundError):
            os.unlink(unfinished)
        lock.release()


def _copy_file(source: str, target: str, progress: Progress | None) -> None:
    with open(source, "rb") as reading, open(target, "wb") as writing:
        total = os.fstat(reading.fileno()).st_size
        while chunk := reading.read(_CHUNK_BYTES):
            writing.write(chunk)
            if progress is not None:
                progress(writing.tell(), total)
        writing.flush()
        os.fsync(writing.fileno())
