"""What breaks: the process at a storage step, the power, the disk."""

from __future__ import annotations

import os
import random
from pathlib import Path

from tests.support.power_loss import META_BYTES, after_power_loss
from vatdata_runtime.store import environment

from .trace import Trace

__all__ = ["Crash", "Faults"]


class Crash(BaseException):
    """The process ends here; what runs after it in this process did not happen."""


class Faults:
    """Follows the storage steps of one life and breaks one of them.

    Args:
        kind: ``"kill"`` ends the process, ``"power"`` the machine, ``"full disk"`` and ``"bad disk"`` let the commit after the
            step fail in the system's own way, ``None`` breaks nothing.
        countdown: at which step.

    Attributes:
        left_behind: the file as the next life finds it, once the process has ended; None where there was no file.
        has_struck: whether it has come to that step.
        steps: how many there were.
    """

    def __init__(
        self, path: Path, trace: Trace, dice: random.Random, kind: str | None, countdown: int
    ) -> None:
        self.left_behind: bytes | None = None
        self.has_struck = False
        self.steps = 0
        self._path, self._trace, self._dice = path, trace, dice
        self._kind, self._countdown = kind, countdown
        self._synced = self._file() if kind == "power" else None
        self._is_named = self._synced is not None  # durably: its folder was flushed
        self._is_over = False
        self._saved: dict[int, int] = {}
        self._fsync = os.fsync
        if kind == "power":
            os.fsync = self._flush  # type: ignore[assignment]  # LMDB's own flushes do not come through here

    def on_step(self, name: str) -> None:
        """Called by the store before each of its steps."""
        if self._is_over:
            return
        self.steps += 1
        if name in ("begin", "committed"):
            self._trace.step(name)
        if name == "committed" and self._kind == "power":
            self._note_flushed()
        if self._kind is not None and self.steps >= self._countdown and not self.has_struck:
            self._strike(name)
        if name == "apply":
            self._trace.step(name)

    def _strike(self, name: str) -> None:
        if self._kind in ("full disk", "bad disk"):
            if name == "commit":  # nothing has been written before this step
                self.has_struck = True
                self._break_file()
            return
        self.has_struck = self._is_over = True
        self.left_behind = self._file()
        if self._kind == "power" and self.left_behind is not None:
            if self._synced is not None:
                self.left_behind = after_power_loss(self._synced, self.left_behind, self._dice)
            if not self._is_named and self._dice.random() < 0.5:
                self.left_behind = None
        raise Crash(name)

    def _note_flushed(self) -> None:
        """Note what a commit has flushed: what LMDB's environment was opened to flush, and no more."""
        current, before = self._file(), self._synced
        flags = _flags_of_environment(self._path)
        if current is None or not flags["sync"]:
            return
        if flags["metasync"]:
            self._synced = current
        elif before is not None:
            self._synced = before[:META_BYTES] + current[META_BYTES:]

    def _flush(self, descriptor: int) -> None:
        self._fsync(descriptor)
        if os.path.samestat(os.fstat(descriptor), os.stat(self._path.parent)) and self._path.exists():
            self._is_named = True

    def _file(self) -> bytes | None:
        return self._path.read_bytes() if self._path.exists() else None

    def _break_file(self) -> None:
        """Let LMDB's file be one that takes nothing: the system's own error comes back from the write."""
        is_full = self._kind == "full disk"
        broken = os.open("/dev/full" if is_full else os.devnull, os.O_RDWR if is_full else os.O_RDONLY)
        for descriptor in _descriptors(self._path):
            self._saved[descriptor] = os.dup(descriptor)  # the locks that it holds stay
            os.dup2(broken, descriptor)
        os.close(broken)

    def repair(self) -> None:
        """Give LMDB its file back; nothing breaks any more, and the trace hears nothing more."""
        self._is_over = True
        os.fsync = self._fsync
        broken = (*_descriptors(Path("/dev/full")), *_descriptors(Path(os.devnull)))
        while self._saved:
            descriptor, saved = self._saved.popitem()
            if descriptor in broken:  # the store may have been closed meanwhile
                os.dup2(saved, descriptor)
            os.close(saved)


def _flags_of_environment(path: Path) -> dict[str, bool]:
    """How LMDB's environment over a file was opened."""
    found = [known.handle.flags() for known in environment._registry.values() if known.path == str(path)]
    return found[0]


def _descriptors(path: Path) -> list[int]:
    """The descriptors that this process has of a file."""
    found = []
    for entry in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{entry}") == str(path):
                found.append(int(entry))
        except FileNotFoundError:
            continue  # the one through which the folder was listed
    return found
