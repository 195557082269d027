"""Counts of more keys than fit in memory: sorted runs in a temporary file, merged when they are read."""

from __future__ import annotations

import heapq
import struct
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import IO

__all__ = ["Tally", "joined"]

_HEAD = struct.Struct("<HQ")
_LIMIT = 50_000
_BUFFER_BYTES = 1 << 16


class Tally:
    """How often each key was added.

    Memory holds at most so many distinct keys; what is more goes as a sorted run to a temporary file.

    Args:
        limit: distinct keys in memory.
    """

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._counts: dict[bytes, int] = {}
        self._runs: list[IO[bytes]] = []

    def add(self, key: bytes, by: int = 1) -> None:
        """Count a key of at most 65,535 bytes."""
        counts = self._counts
        counts[key] = counts.get(key, 0) + by
        if len(counts) >= self._limit:
            self._spill()

    def _spill(self) -> None:
        import tempfile  # 5 ms, for counts that do not fit in memory

        run = tempfile.TemporaryFile(buffering=_BUFFER_BYTES)  # noqa: SIM115  # lives as long as the tally
        for key in sorted(self._counts):
            run.write(_HEAD.pack(len(key), self._counts[key]))
            run.write(key)
        self._runs.append(run)
        self._counts.clear()

    def sorted(self) -> Iterator[tuple[bytes, int]]:
        """Walk the keys in order with their counts; add nothing meanwhile. Can be walked again, not twice at once."""
        streams = [_read(run) for run in self._runs]
        streams.append((key, self._counts[key]) for key in sorted(self._counts))
        for key, group in groupby(heapq.merge(*streams), key=itemgetter(0)):
            yield key, sum(count for _, count in group)

    def close(self) -> None:
        """Give back what it holds on the disk."""
        for run in self._runs:
            run.close()
        self._runs.clear()
        self._counts.clear()


def _read(run: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    run.seek(0)
    while head := run.read(_HEAD.size):
        size, count = _HEAD.unpack(head)
        yield run.read(size), count


def joined(**streams: Iterator[tuple[bytes, int]]) -> Iterator[tuple[bytes, Mapping[str, int]]]:
    """Walk the keys of sorted streams together: each with what the streams that have it say, by name of the stream."""

    def named(name: str, stream: Iterator[tuple[bytes, int]]) -> Iterator[tuple[bytes, str, int]]:
        return ((key, name, number) for key, number in stream)

    merged = heapq.merge(*(named(name, stream) for name, stream in streams.items()))
    for key, group in groupby(merged, key=itemgetter(0)):
        yield key, {name: number for _, name, number in group}
