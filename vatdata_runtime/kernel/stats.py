"""Figures about a running kernel, and the totals that its store keeps over all processes."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from ..errors import StoreCorruptError
from ..store import Counters
from ..vat.crank_buffer import CrankBuffer, ReadView

__all__ = ["KernelStats", "Totals"]

_TOTALS = b"\x01a"


@dataclass(frozen=True, slots=True)
class KernelStats:
    """What a kernel has done since it was opened, and what it has before it.

    Attributes:
        vats: vats that run.
        failed_vats: vats that could not start.
        cranks: cranks that were kept.
        waiting: messages and notifications in the queue.
        held_back: messages that wait for a vat that does not run.
        promises: promises that vats share and that something still asks about.
        device_calls: calls of registered devices that have begun or are to be made.
        device_calls_waiting: calls of devices that are not registered.
        timers: what the timer has to wake.
        reads, scanned: look-ups in the store, and entries that scans gave out.
        writes, deletes, bytes_written: what commits wrote.
        commits: how many there were.
        commit_seconds: how long they took together.
        last_batch: entries of the last commit.
    """

    vats: int
    failed_vats: int
    cranks: int
    waiting: int
    held_back: int
    promises: int
    device_calls: int
    device_calls_waiting: int
    timers: int
    reads: int
    scanned: int
    writes: int
    deletes: int
    bytes_written: int
    commits: int
    commit_seconds: float
    last_batch: int


class Totals(msgspec.Struct, array_like=True):
    """What kernels have done with a store in all processes, as it is stored; a commit is counted by the one after it.

    Attributes:
        cranks: cranks that were kept.
        commits: commits with anything in them.
        commit_seconds: how long they took together.
        writes, deletes, bytes_written: what they wrote.
    """

    cranks: int = 0
    commits: int = 0
    commit_seconds: float = 0.0
    writes: int = 0
    deletes: int = 0
    bytes_written: int = 0

    def write_with(self, cranks: int, counters: Counters, buffer: CrankBuffer) -> None:
        """Put these totals, of earlier processes, together with what this one has done."""
        now = Totals(
            self.cranks + cranks,
            self.commits + counters.commits,
            self.commit_seconds + counters.commit_seconds,
            self.writes + counters.writes,
            self.deletes + counters.deletes,
            self.bytes_written + counters.bytes_written,
        )
        buffer.put(_TOTALS, _encode(now))

    @classmethod
    def read(cls, view: ReadView, path: str) -> Totals:
        """Read the totals as of the last commit; all zero where no kernel ever ran.

        Raises:
            StoreCorruptError: they cannot be read.
        """
        data = view.get(_TOTALS)
        try:
            return cls() if data is None else _decode(data)
        except msgspec.DecodeError as error:
            raise StoreCorruptError(path, f"the kernel's totals cannot be read: {error}") from error


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Totals).decode
