"""The decoded records of one vat, kept across cranks up to a number of bytes."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .identifiers import Base
    from .kinds import Kind
    from .state import State

__all__ = ["RecordCache"]

OBJECT_BYTES = 400
"""Memory of one loaded record beside its encoded size: state, table entry, base; measured in ``bench/``."""


class RecordCache:
    """Loaded states by base. A record that is dirty in the running crank is never evicted.

    Eviction takes the record that was loaded longest ago: reads of a loaded state run at the speed of a slot, and so
    leave no trace that could say which record was used last.

    Args:
        limit_bytes: what the loaded records may take, estimated as encoded size plus a constant each.
    """

    __slots__ = ("_entries", "_order", "limit_bytes", "used_bytes")

    def __init__(self, limit_bytes: int) -> None:
        self._entries: dict[Base, tuple[State, Kind, int]] = {}
        self._order: deque[Base] = (
            deque()
        )  # by age; a base that was evicted otherwise is passed over when met
        self.limit_bytes = limit_bytes
        self.used_bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, base: Base) -> State | None:
        """Return the loaded state of *base*, or None."""
        entry = self._entries.get(base)
        return None if entry is None else entry[0]

    def entry(self, base: Base) -> tuple[State, Kind, int] | None:
        """Return the loaded state of *base* with its kind and size, or None."""
        return self._entries.get(base)

    def add(self, base: Base, state: State, kind: Kind, size_bytes: int) -> None:
        """Keep a loaded state."""
        size_bytes += OBJECT_BYTES
        self._entries[base] = (state, kind, size_bytes)
        self._order.append(base)
        self.used_bytes += size_bytes
        if len(self._order) > 2 * len(self._entries) + 64:
            self._order = deque(dict.fromkeys(known for known in self._order if known in self._entries))

    def shrink(self, dirty: dict[Base, tuple[State, Kind]]) -> None:
        """Evict until the records fit the limit, passing over those in *dirty*.

        Cost: constant for each record added since the last time; gives up for now after 64 dirty ones, so that a crank
        which changes more than the cache holds does not search it again at every load.
        """
        passed: list[Base] = []
        while self.used_bytes > self.limit_bytes and self._order and len(passed) < 64:
            base = self._order.popleft()
            if base in dirty:
                passed.append(base)
            elif base in self._entries:
                self.evict(base)
        self._order.extend(passed)

    def evict_all(self) -> None:
        """Evict every record; none may be dirty."""
        for base in list(self._entries):
            self.evict(base)
        self._order.clear()

    def evict(self, base: Base) -> None:
        """Turn the state of *base* into a ghost and let go of it."""
        entry = self._entries.pop(base, None)
        if entry is not None:
            state, kind, size_bytes = entry
            self.used_bytes -= size_bytes
            kind.layout_of(state).evict(state)
