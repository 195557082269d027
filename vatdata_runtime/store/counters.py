"""Figures about a store: what it has done, and how large it is."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Counters", "Measures"]


class Counters(Struct):
    """Work of one store since it was opened. Tests compare these, and statistics show them.

    ``reads`` counts calls of ``get`` whatever answers them, ``scanned`` entries that scans gave out, ``cranks``
    deltas applied; the others count what commits wrote. ``batch_entries`` is the size of the last batch.
    """

    reads: int = 0
    scanned: int = 0
    cranks: int = 0
    commits: int = 0
    writes: int = 0
    deletes: int = 0
    bytes_written: int = 0
    batch_entries: int = 0
    commit_seconds: float = 0.0
    growths: int = 0


class Measures(Struct, frozen=True):
    """Size of a store after its last commit.

    ``used_pages`` hold data, each of ``page_size_bytes``; what the file has beyond them is free and will be reused.
    ``transaction`` counts commits since the file was made or last compacted.
    """

    entries: int
    page_size_bytes: int
    used_pages: int
    file_size_bytes: int
    map_size_bytes: int
    transaction: int
