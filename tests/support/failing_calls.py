"""Let the system refuse a process's flushes, as a disk that dies does: a filter of the kernel answers them with EIO."""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys

__all__ = ["can_fail_flushes", "fail_flushes"]

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
_LOAD_WORD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_FLUSHES = {  # fsync, fdatasync, msync
    "x86_64": (74, 75, 26),
    "aarch64": (82, 83, 227),
}


def can_fail_flushes() -> bool:
    """Whether this system has such filters and their numbers are known."""
    return sys.platform == "linux" and platform.machine() in _FLUSHES


def fail_flushes() -> None:
    """From now on every flush of this process fails. It cannot be taken back, so use a process that is to end.

    Raises:
        OSError: the system does not allow it.
    """
    numbers = _FLUSHES[platform.machine()]
    program = [(_LOAD_WORD, 0, 0, 0)]  # the number of the call
    program += [(_JUMP_IF_EQUAL, len(numbers) - at, 0, number) for at, number in enumerate(numbers)]
    program += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ERRNO | errno.EIO)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
    filter_ = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program), ctypes.addressof(code)))
    system = ctypes.CDLL(None, use_errno=True)
    for arguments in (
        (_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.c_void_p(ctypes.addressof(filter_)), 0, 0),
    ):
        if system.prctl(*arguments):
            number = ctypes.get_errno()
            raise OSError(number, "the system does not allow a filter of calls")
