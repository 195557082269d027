"""No ambient I/O inside a crank: files, sockets, processes and threads are refused by name.

A crank is undone when it is aborted, and it may run again after a crash. What it does to the outside world would
neither be undone nor happen once. So an audit hook looks at what the interpreter reports while a crank runs. It is a
discipline against mistakes, not a wall against malice: code in the same process can always get around it.
"""

from __future__ import annotations

import linecache
import sys
import threading
from types import FrameType
from typing import Any

from ..errors import AmbientAuthorityError
from .ambient import running

__all__ = ["install_guard"]

_DEVICE = (
    "Give the vat a device that does it after the crank is committed, or do it in the host program and send "
    "the result."
)

_REFUSED = {
    "open": "opening a file (open)",
    "os.chmod": "changing a file (os.chmod)",
    "os.chown": "changing a file (os.chown)",
    "os.exec": "replacing the process (os.exec)",
    "os.fork": "starting a process (os.fork)",
    "os.forkpty": "starting a process (os.forkpty)",
    "os.kill": "signalling a process (os.kill)",
    "os.link": "linking a file (os.link)",
    "os.listdir": "listing a folder (os.listdir)",
    "os.mkdir": "making a folder (os.mkdir)",
    "os.posix_spawn": "starting a process (os.posix_spawn)",
    "os.remove": "deleting a file (os.remove)",
    "os.rename": "renaming a file (os.rename)",
    "os.rmdir": "deleting a folder (os.rmdir)",
    "os.scandir": "listing a folder (os.scandir)",
    "os.spawn": "starting a process (os.spawn)",
    "os.symlink": "linking a file (os.symlink)",
    "os.system": "starting a process (os.system)",
    "os.truncate": "changing a file (os.truncate)",
    "os.utime": "changing a file (os.utime)",
    "socket.__new__": "making a socket (socket.socket)",
    "socket.getaddrinfo": "looking up a name (socket.getaddrinfo)",
    "socket.gethostbyname": "looking up a name (socket.gethostbyname)",
    "sqlite3.connect": "opening a database (sqlite3.connect)",
    "subprocess.Popen": "starting a process (subprocess.Popen)",
    "_thread.start_new_thread": "starting a thread (threading.Thread.start)",
}
_SOURCE_READER = linecache.__file__
_lock = threading.Lock()
_is_installed = False


def install_guard() -> None:
    """Install the hook, once in a process. It costs about 0.1 us for each thing that the interpreter reports."""
    global _is_installed
    with _lock:
        if _is_installed:
            return
        _is_installed = True
        sys.addaudithook(_refuse_in_crank)
        _guard_thread_start()


def _refuse_in_crank(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _REFUSED:
        return
    incarnation = running()
    if incarnation is None or incarnation.allows_ambient:
        return
    caller = sys._getframe(1)
    if _is_storage(caller) or _is_own_read(caller):
        return
    what = _REFUSED[event]
    if event == "open" and arguments:
        what = f"{what[:-1]} of {arguments[0]!r})"
    raise AmbientAuthorityError(what, _DEVICE)


def _is_storage(frame: FrameType) -> bool:
    """Whether the storage floor itself does it: a forgotten store may be freed in the middle of another vat's crank."""
    return str(frame.f_globals.get("__name__")).startswith("vatdata_runtime.store.")


def _is_own_read(frame: FrameType | None) -> bool:
    """Whether the importer itself reads, or a traceback is being shown with its source lines.

    A module's own code that runs because it is being imported is not the importer: the walk ends at its first frame.
    """
    while frame is not None:
        code = frame.f_code
        if code.co_filename == _SOURCE_READER or code.co_filename.startswith("<frozen importlib"):
            return True
        if code.co_name == "<module>":
            return False
        frame = frame.f_back
    return False


def _guard_thread_start() -> None:
    """Refuse ``threading.Thread.start`` too: Pythons before 3.12 report no event for it."""
    start = threading.Thread.start

    def guarded_start(self: threading.Thread) -> None:
        incarnation = running()
        if incarnation is not None and not incarnation.allows_ambient:
            raise AmbientAuthorityError(_REFUSED["_thread.start_new_thread"], _DEVICE)
        start(self)

    threading.Thread.start = guarded_start  # type: ignore[method-assign]
