"""The open LMDB environment of a file, shared by all stores of one process over it.

LMDB must not have a file open twice in one process. So a reader beside a writer, or two readers, share one
environment, found by the file's identity and not by its name.
"""

from __future__ import annotations

import mmap
import os
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Never, Protocol, cast
from weakref import WeakSet

import lmdb

from vatdata_runtime.errors import ReadOnlyStoreError, StoreError

from .failures import store_error
from .locks import FileLock, lock_file

__all__ = ["DEFAULT_MAP_BYTES", "DEFAULT_MAX_READERS", "Environment", "EnvironmentUser", "acquire"]

# Address space, not memory and not disk: the file grows only with what is written. So large that a store normally
# never has to be mapped anew while someone reads it.
DEFAULT_MAP_BYTES = 64 << 30 if sys.maxsize > 1 << 32 else 256 << 20
DEFAULT_MAX_READERS = 126
"""Read transactions at one time, over all processes; the first process to open the file decides."""

_MINIMUM_MAP_BYTES = 16 * mmap.PAGESIZE
_BEGIN_ATTEMPTS = 10
_FORKED = (
    "was opened before this process was forked, and cannot be used in it. Open it in a process that was started by "
    "'spawn' instead"
)


class EnvironmentUser(Protocol):
    """A store or snapshot that may hold a transaction of an environment."""

    def detach(self) -> None:
        """Give up every transaction: the map under it is about to go away."""
        ...

    def abandon(self) -> object:
        """Give up a transaction without ending it, and return it, None for none: it is another process's."""
        ...


class _Closed:
    """Stands for an environment that cannot be used any more: whatever is asked of it says why."""

    def __init__(self, path: str, reason: str) -> None:
        self._path = path
        self._reason = reason

    def __getattr__(self, name: str) -> Never:
        raise StoreError(self._path, self._reason)


def _closed(path: str, reason: str) -> lmdb.Environment:
    return cast("lmdb.Environment", _Closed(path, reason))


class Environment:
    """One LMDB environment with a count of its users. Get one from ``acquire``, give it back with ``release``.

    ``lock`` is held around every use of the environment but the writer's own, which is alone in changing the map
    while it exists. ``handle`` is LMDB's environment; its use raises ``StoreError`` once that is closed.
    ``still_thread`` is the thread whose backup walks the map, None when there is none.
    """

    def __init__(
        self, path: str, *, writable: bool, sync: bool, map_size: int | None, max_readers: int
    ) -> None:
        self.path = path
        self.lock = threading.RLock()
        self.users: WeakSet[EnvironmentUser] = WeakSet()
        self._identity = _identity(path)
        self._count = 0
        self._map_size = map_size
        self._max_readers = max_readers
        self._share: FileLock | None = None
        self._still = threading.Lock()
        self.still_thread: int | None = None
        self.handle = _closed(path, "is closed")
        self._is_mapped = False
        self._open(writable=writable, sync=sync)

    def begin_read(self) -> lmdb.Transaction[bytes]:
        """Begin a read transaction on the last commit, adopting the map's size where another process has grown it."""
        with self.lock:
            for _ in range(_BEGIN_ATTEMPTS):
                try:
                    return self.handle.begin()
                except lmdb.MapResizedError:
                    self._remap(0)
                except lmdb.Error as error:
                    raise store_error(error, self.path, "beginning to read") from error
            raise StoreError(
                self.path, f"was growing too fast to be read ({_BEGIN_ATTEMPTS} attempts). Try again"
            )

    def refuse_during_backup(self) -> None:
        """Refuse to write or close from the progress function of a backup, whose copy waits for that function.

        The map cannot move under the copy, and py-lmdb ends a write transaction that has failed only after it.
        """
        if self.still_thread == threading.get_ident():
            raise StoreError(
                self.path, "cannot be written or closed by the progress function of its own backup"
            )

    def grow(self, wanted_bytes: int) -> None:
        """Make the map larger, at least twice its size and *wanted_bytes* more. No write transaction may be open.

        Ends the snapshots of this process, not those of others.
        """
        size = self.handle.info()["map_size"]
        self._remap(_round_up(max(2 * size, size + wanted_bytes)))

    @contextmanager
    def held_still(self) -> Generator[lmdb.Environment]:
        """Keep the map where it is while LMDB walks it by itself, without this process's other threads waiting."""
        with self._still:
            self.still_thread = threading.get_ident()
            try:
                yield self.handle
            finally:
                self.still_thread = None

    def release(self) -> None:
        """Give the environment back; the last user closes it."""
        with _registry_lock:
            if self._count == 1:
                with self._moving():
                    self._close()
                if _registry.get(self._identity) is self:
                    del _registry[self._identity]
            self._count -= 1

    def sync(self) -> None:
        """Flush what commits without a flush have left to the system."""
        if self._is_mapped:
            try:
                self.handle.sync(True)
            except lmdb.Error as error:
                raise store_error(error, self.path, "flushing") from error

    def forget(self) -> None:
        """Refuse all further use, in a forked child: the environment belongs to the process that opened it.

        Nothing is ended or closed. The child shares the table of readers with its parent, so LMDB would take the
        parent's registrations out of it, and a writer would use again the pages that the parent still reads.
        """
        # Threads do not survive a fork, so whoever held this lock will not come back to release it.
        self.lock = threading.RLock()
        for user in list(self.users):
            _keep_for_ever(user.abandon())
        _keep_for_ever(self.handle)
        self.handle, self._is_mapped = _closed(self.path, _FORKED), False

    def _open(self, *, writable: bool, sync: bool) -> None:
        if not writable and not _may_register(self.path):
            self._share = _keep_writers_out(self.path)
        try:
            self.handle, self._is_mapped = self._map_file(writable=writable, sync=sync), True
            if self._share is None:
                self.handle.reader_check()
        except (lmdb.Error, OSError) as error:
            self._close()
            raise store_error(error, self.path, "opening") from error
        self._writable, self._sync = writable, sync

    def _map_file(self, *, writable: bool, sync: bool) -> lmdb.Environment:
        # A process may have little address space ('ulimit -v'): less is tried, down to the file's own size.
        size = _round_up(DEFAULT_MAP_BYTES if self._map_size is None else self._map_size)
        least = _round_up(os.path.getsize(self.path))
        while True:
            try:
                return lmdb.open(
                    self.path,
                    map_size=size,
                    subdir=False,
                    readonly=not writable,
                    sync=sync,
                    lock=self._share is None,
                    max_readers=self._max_readers,
                    max_spare_txns=1,
                )
            except lmdb.MemoryError:
                if self._map_size is not None or size <= least:
                    raise
                size = max(_round_up(size // 4), least)

    def serve_writer(self, *, sync: bool, map_size: int | None) -> None:
        """Turn an environment that was opened for readers, or with another durability, into the writer's.

        Its map has the size of the file afterwards, and no one but this writer changes that.
        """
        if self._writable and self._sync == sync:
            self.begin_read().abort()  # another process may have been the writer meanwhile, and have grown the file
            return
        with self._moving():
            self._close()
            self._map_size = map_size
            self._open(writable=True, sync=sync)

    def _remap(self, size: int) -> None:
        with self._moving():
            try:
                self.handle.set_mapsize(size)
            except (lmdb.Error, MemoryError) as error:
                # Nothing is mapped any more, and LMDB would not notice.
                self.handle = _closed(
                    self.path, "lost its map when it had to grow. Close it and open it again"
                )
                self._is_mapped = False
                raise store_error(error, self.path, f"growing the map to {size} bytes") from error

    @contextmanager
    def _moving(self) -> Generator[None]:
        self.refuse_during_backup()
        with self._still, self.lock:
            self._detach_users()
            yield

    def _detach_users(self) -> None:
        for user in list(self.users):
            user.detach()

    def _close(self) -> None:
        handle, self.handle = self.handle, _closed(self.path, "is closed")
        if self._is_mapped:
            self._is_mapped = False
            handle.close()
        self._end_share()

    def _end_share(self) -> None:
        if self._share is not None:
            self._share.release()
            self._share = None


_registry: dict[tuple[int, int], Environment] = {}
_registry_lock = threading.RLock()


def acquire(
    path: str, *, writable: bool, sync: bool = True, map_size: int | None, max_readers: int
) -> Environment:
    """Open the LMDB file at *path*, or share the environment that this process has over it.

    The caller has inspected the file and, to write, holds the writer's lock.

    Args:
        map_size: bytes of address space for a start, None for the default, less where the process has less.
    """
    with _registry_lock:
        identity = _identity(path)
        environment = _registry.get(identity)
        if environment is None:
            environment = Environment(
                path, writable=writable, sync=sync, map_size=map_size, max_readers=max_readers
            )
            _registry[identity] = environment
        elif writable:
            environment.serve_writer(sync=sync, map_size=map_size)
        environment._count += 1
        return environment


def _forget_all() -> None:
    global _registry_lock
    _registry_lock = threading.RLock()
    for environment in _registry.values():
        environment.forget()
    _registry.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


def _keep_for_ever(owned: object) -> None:
    """Let an object of LMDB never be freed, not even at the end of the process, since freeing it would end it."""
    import ctypes  # 5 ms, in forked children of processes with open stores only

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(owned))


def _identity(path: str) -> tuple[int, int]:
    status = os.stat(path)
    return status.st_dev, status.st_ino


def _round_up(size: int) -> int:
    return max(-(-size // mmap.PAGESIZE) * mmap.PAGESIZE, _MINIMUM_MAP_BYTES)


def _may_register(path: str) -> bool:
    """Say whether this process may write LMDB's lock table, where a writer looks for readers."""
    table = lock_file(path)
    return os.access(table if os.path.exists(table) else os.path.dirname(path), os.W_OK)


def _keep_writers_out(path: str) -> FileLock:
    try:
        return FileLock(path, exclusive=False)
    except BlockingIOError as error:
        raise ReadOnlyStoreError(
            path,
            f"is being written, and reading beside a writer needs the right to write {lock_file(path)!r} and its "
            f"folder, which this process lacks. Get that right, or read a backup",
        ) from error
    except OSError as error:
        raise store_error(error, path, "locking") from error
