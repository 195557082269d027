"""Who may write: the one module that knows the system's file locks.

A writer holds two locks, both let go by the system when the process dies. The one on ``PATH-writer`` guards the name
and tells who holds it; the one on the file itself guards the bytes, also where they have a second name. A reader
that may not register itself in LMDB's lock table shares the second one, which keeps writers out while it reads.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from datetime import UTC, datetime
from io import FileIO
from typing import Any
from weakref import WeakSet

import msgspec

from vatdata_runtime.errors import StoreError, StoreLockedError

from .failures import store_error

if sys.platform != "win32":
    import fcntl

__all__ = ["FileLock", "WriterLock", "lock_file", "writer_file"]


def writer_file(path: str) -> str:
    """Return the name of the writer's lock file of the store at *path*."""
    return f"{path}-writer"


def lock_file(path: str) -> str:
    """Return the name of LMDB's lock file of the store at *path*. Never open it: closing it would end LMDB's locks."""
    return f"{path}-lock"


_COMMAND_LENGTH = 200

_held: WeakSet[FileLock] = WeakSet()


class FileLock:
    """A lock on one file, held until ``release``, the end of this object, or the end of the process.

    Raises at construction:
        BlockingIOError: it is held elsewhere, in another process or in this one.
        StoreError: the system or the file system has no such locks.
        OSError: the file cannot be opened.
    """

    def __init__(self, path: str, *, exclusive: bool, create: bool = False) -> None:
        if sys.platform == "win32":
            raise StoreError(path, "cannot be locked: Windows has no flock. Use Linux or macOS")
        more = os.O_CREAT if create else 0
        # A file object and no bare descriptor: Ctrl-C can come at any point, and whatever it interrupts, a file that
        # nothing refers to is closed, and closing is one step.
        self.file = FileIO(
            path, "r+" if exclusive else "r", opener=lambda name, flags: os.open(name, flags | more, 0o644)
        )
        try:
            fcntl.flock(self.file, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BaseException as error:
            self.release()
            if isinstance(error, OSError) and error.errno in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS):
                raise store_error(error, path, "locking") from error
            raise
        _held.add(self)

    @property
    def is_held(self) -> bool:
        """Whether the lock was not let go yet."""
        return not self.file.closed

    def release(self) -> None:
        """Let the lock go. Calling it again does nothing."""
        self.file.close()


def _release_in_child() -> None:
    # A forked child shares the parent's open files and with them its locks: it would hold them past the parent's end.
    for lock in list(_held):
        lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_release_in_child)


class WriterLock:
    """The right to write the store at *path*, as long as it exists or until ``release``.

    Raises at construction:
        StoreLockedError: another process has it, or another store of this one.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._bytes: FileLock | None = None
        self._name = self._take(writer_file(path), create=True)
        try:
            os.ftruncate(self._name.file.fileno(), 0)
            os.pwrite(self._name.file.fileno(), msgspec.json.encode(_this_process()), 0)
        except BaseException:
            self._name.release()
            raise

    def claim_file(self) -> None:
        """Lock the file itself too, once it exists.

        Raises:
            StoreLockedError: it is open for writing under another name, or by a reader that keeps writers out.
        """
        self._bytes = self._take(self._path, create=False)

    def _take(self, file: str, *, create: bool) -> FileLock:
        try:
            return FileLock(file, exclusive=True, create=create)
        except BlockingIOError as error:
            raise StoreLockedError(self._path, _describe_holder(self._path, file)) from error

    def release(self) -> None:
        """Give the right back."""
        if self._name.is_held:
            os.ftruncate(self._name.file.fileno(), 0)
        for lock in (self._bytes, self._name):
            if lock is not None:
                lock.release()


def _this_process() -> dict[str, str | int]:
    # An argument may hold bytes that are no text, and JSON is text.
    command = " ".join(" ".join(sys.orig_argv).split())
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "command": command.encode(errors="backslashreplace").decode()[:_COMMAND_LENGTH],
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _describe_holder(path: str, contended: str) -> str:
    if contended == path:
        return "someone under another name of the same file, or a reader without the right to register itself"
    try:
        with open(writer_file(path), "rb") as file:
            holder: Any = msgspec.json.decode(file.read(4096))
        where = "this process" if _is_here(holder) else f"process {holder['pid']} on {holder['host']}"
        return f"{where} ({holder['command']}, since {holder['since']})"
    except (
        OSError,
        msgspec.MsgspecError,
        TypeError,
        KeyError,
    ):  # between the holder's lock and its signature, or damaged
        return f"a process that has not signed {writer_file(path)!r}"


def _is_here(holder: dict[str, object]) -> bool:
    return holder["pid"] == os.getpid() and holder["host"] == socket.gethostname()
