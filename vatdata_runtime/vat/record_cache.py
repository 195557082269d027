"""The decoded records of one vat, kept across cranks up to a number of bytes."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .identifiers import Base
    from .kinds import Kind
    from .state import Layout, State

__all__ = ["OBJECT_BYTES", "SMALL_BYTES", "RecordCache"]

OBJECT_BYTES = 400
"""Memory of one loaded record beside its encoded size: state, table entry, base; measured in ``bench/``."""

SMALL_BYTES = 64
"""Encoded sizes up to here count as this one: the size of a small record is not worth a place in memory."""


_SMALL_OBJECT_BYTES = OBJECT_BYTES + SMALL_BYTES


class RecordCache:
    """Loaded states by base. A record that is dirty in the running crank is never evicted.

    Eviction takes the record that was loaded longest ago: reads of a loaded state run at the speed of a slot, and so
    leave no trace that could say which record was used last.

    Args:
        limit_bytes: what the loaded records may take, estimated as encoded size plus a constant each.
        layouts: the layout of each state class.

    Attributes:
        get: returns the loaded state of a base, or None. A method of the dict itself, for speed.
        large: encoded sizes above ``SMALL_BYTES``, of what is loaded.
        used_bytes: the estimate for what is loaded.
    """

    __slots__ = ("_entries", "_layouts", "_order", "get", "large", "limit_bytes", "used_bytes")

    def __init__(self, limit_bytes: int, layouts: Mapping[type[State], tuple[Layout, Kind]]) -> None:
        self._entries: dict[Base, State] = {}
        self.get: Callable[[Base], State | None] = self._entries.get
        self.large: dict[Base, int] = {}
        self._layouts = layouts
        # By age; a base that was evicted otherwise is passed over when met.
        self._order: deque[Base] = deque()
        self.limit_bytes = limit_bytes
        self.used_bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, base: Base, state: State, size_bytes: int) -> None:
        """Keep a loaded state; of one that is kept already, note its size."""
        if self._entries.pop(base, None) is not None:
            self.used_bytes -= OBJECT_BYTES + self.large.pop(base, SMALL_BYTES)
            self._tidy_order()
        self.add_new(base, state, size_bytes)

    def add_new(self, base: Base, state: State, size_bytes: int) -> None:
        """Keep a loaded state of which none is kept."""
        self._entries[base] = state
        self._order.append(base)
        if size_bytes > SMALL_BYTES:
            self.large[base] = size_bytes
            self.used_bytes += OBJECT_BYTES + size_bytes
        else:
            self.used_bytes += _SMALL_OBJECT_BYTES

    def _tidy_order(self) -> None:
        if len(self._order) > 2 * len(self._entries) + 64:
            self._order = deque(dict.fromkeys(known for known in self._order if known in self._entries))

    def add_written(self, states: Mapping[Base, State], large: Mapping[Base, int]) -> None:
        """Keep states that have just been encoded; *large* has the sizes of those above ``SMALL_BYTES``."""
        entries = self._entries
        if self.large:
            for base in self.large.keys() & states.keys():  # as large as they were before
                self.used_bytes -= self.large.pop(base) - SMALL_BYTES
        all_are_new = entries.keys().isdisjoint(states)
        self._order.extend(states if all_are_new else [base for base in states if base not in entries])
        count = len(entries)
        entries.update(states)
        self.used_bytes += _SMALL_OBJECT_BYTES * (len(entries) - count)
        for base, size_bytes in large.items():
            self.add(base, states[base], size_bytes)

    def shrink(self, dirty: Mapping[Base, State]) -> None:
        """Evict until the records fit the limit, passing over those in *dirty*.

        Cost: constant for each record added since the last time; gives up for now after 64 dirty ones, so that a crank
        which changes more than the cache holds does not search it again at every load.
        """
        passed: list[Base] = []
        order, entries = self._order, self._entries
        while self.used_bytes > self.limit_bytes and order and len(passed) < 64:
            base = order.popleft()
            if base in dirty:
                passed.append(base)
            elif base in entries:
                self._let_go(base, entries.pop(base))
        order.extend(passed)

    def evict_all(self) -> None:
        """Evict every record; none may be dirty."""
        for base in list(self._entries):
            self.evict(base)
        self._order.clear()

    def evict(self, base: Base) -> None:
        """Turn the state of *base* into a ghost and let go of it."""
        state = self._entries.pop(base, None)
        if state is not None:
            self._let_go(base, state)
            self._tidy_order()

    def _let_go(self, base: Base, state: State) -> None:
        size_bytes = self.large.pop(base, SMALL_BYTES) if self.large else SMALL_BYTES
        self.used_bytes -= OBJECT_BYTES + size_bytes
        self._layouts[type(state)][0].evict(state)
