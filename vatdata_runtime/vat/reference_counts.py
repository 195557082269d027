"""How many stored places mention an object, kept exactly at the end of each crank.

A count is a record of its own only where it is not 1: most stored objects are mentioned once, in the collection that
they are registered in, and so cost nothing here. An object that is mentioned nowhere has a *zero mark* in its place;
after a restart the zero marks are the list of what only memory had held. Mentions in virtual data are counted apart,
inside the virtual space, so that wiping that space takes them along. Objects of other vats are counted in full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import StoreCorruptError
from .identifiers import (
    DURABLE,
    IMPORT,
    VIRTUAL,
    Base,
    Slot,
    Space,
    base_of,
    decode_number,
    encode_number,
    format_vref,
)

if TYPE_CHECKING:
    from .crank_buffer import CrankBuffer
    from .undo import UndoLog

__all__ = ["MemoryPins", "ReferenceCounts"]


class MemoryPins(Protocol):
    """Keeps objects that live in memory only."""

    def change_pins(self, slot: Base, by: int) -> None:
        """Add to the number of stored places that mention the heap object or promise in *slot*."""
        ...


class ReferenceCounts:
    """The counts of one incarnation.

    Args:
        buffer: where counts are read and written.
        durable: the vat's durable space.
        virtual: the virtual space of this incarnation.
        undo: where changes are noted that a savepoint may take back.
        memory: keeps heap objects and promises alive while stored data mentions them.
        path: the store's path, for messages.
        unmentioned: kept up by this object: the stored objects whose count at home is known to be 0, and others whose
            count was, in cranks that were aborted.

    Attributes:
        fresh: objects made in this crank: their counts begin at 0 without a read.
        gains: slots that places of each zone have come to mention in this crank, with repetitions, and that are not yet
            counted. Whoever appends to it looks first that no savepoint is open; ``change`` does so.
        changes: by how much else this crank has changed the count of each object, in places of each zone; ``settle``
            takes both up.
        pins: what this crank has added to the pins of memory.
        settled: mentioned again, or deleted: left in ``unmentioned`` until the crank is kept.
        suspects: objects whose last mention may be gone, or that died in memory; ``collect`` decides about them.
        on_import: called when stored data begins (1) or ceases (-1) to mention an object of another vat, with its name
            and whether that data is durable.
    """

    __slots__ = (
        "_buffer",
        "_durable",
        "_memory",
        "_path",
        "_undo",
        "_virtual",
        "changes",
        "fresh",
        "gains",
        "on_import",
        "pins",
        "settled",
        "suspects",
        "unmentioned",
    )

    def __init__(
        self,
        buffer: CrankBuffer,
        memory: MemoryPins,
        undo: UndoLog,
        durable: Space,
        virtual: Space,
        path: str,
        unmentioned: set[Base],
    ) -> None:
        self._buffer = buffer
        self._durable = durable
        self._virtual = virtual
        self._path = path
        self.gains: dict[bytes, list[bytes]] = {DURABLE: [], VIRTUAL: []}
        self.changes: dict[bytes, dict[Base, int]] = {DURABLE: {}, VIRTUAL: {}}
        self.fresh: set[Base] = set()
        self._memory = memory
        self.pins: dict[Base, int] = {}
        self._undo = undo
        self.unmentioned = unmentioned
        self.settled: set[Base] = set()
        self.suspects: set[Base] = set()
        self.on_import: Callable[[Slot, int, bool], None] = lambda _name, _by, _is_durable: None

    def change(self, slots: Collection[bytes], by: int, holder: bytes) -> None:
        """Note that a stored place gained (1) or lost (-1) mentions of *slots*.

        Args:
            slots: the distinct slots that the place mentions.
            by: 1 or -1.
            holder: zone of the place, ``DURABLE`` or ``VIRTUAL``.
        """
        if self._undo.entries is None and by == 1:
            self.gains[holder] += slots
            return
        changes = self.changes[holder]
        for slot in slots:
            base = base_of(slot)
            changes[base] = changes.get(base, 0) + by
        if self._undo.entries is not None:
            self._undo.entries.append(partial(self._take_back, changes, tuple(slots), by))

    @staticmethod
    def _take_back(changes: dict[Base, int], slots: tuple[bytes, ...], by: int) -> None:
        for slot in slots:
            changes[base_of(slot)] -= by

    def _count_gains(self) -> None:
        """Turn gains into changes: somebody asks for a count in the middle of a crank."""
        for zone, gains in self.gains.items():
            changes = self.changes[zone]
            for slot in gains:
                base = base_of(slot)
                changes[base] = changes.get(base, 0) + 1
            gains.clear()

    def count(self, base: Base) -> int:
        """Return how many places mention *base*, durable and virtual ones, as of this crank. One to four reads."""
        self._count_gains()
        total = sum(changes.get(base, 0) for changes in self.changes.values())
        if base[:1] == DURABLE:
            total += self._read(self._durable, base)
        return total + self._read(self._virtual, base)

    def _read(self, space: Space, base: Base) -> int:
        if base in self.fresh:
            return 0
        stored = self._buffer.get(space.count + base)
        if stored is not None:
            n, _ = decode_number(stored, 0)
            return n
        if base[:1] == IMPORT or (space is self._virtual and base[:1] == DURABLE):
            return 0  # absent is 1 only where an object is at home
        return 0 if self._buffer.get(space.zero + base) is not None else 1

    def settle(self) -> None:
        """Write the counts that this crank changed: the last step before its delta is taken.

        Cost: for each object whose count changed, one or two reads unless it was made in this crank, and one write
        unless the count is 1.
        """
        fresh = self.fresh
        mentioned: set[Base] = set()
        for home, changes in self.changes.items():
            if self.gains[home]:
                self._settle_gains(home)
            space = self._durable if home == DURABLE else self._virtual
            for base, change in changes.items():
                zone = base[:1]
                is_home = zone == home
                if is_home:
                    mentioned.add(base)
                    if change == 1 and base in fresh:
                        continue
                elif zone not in (DURABLE, VIRTUAL):
                    if zone == IMPORT:
                        self._settle_import(space, base, change)
                    else:
                        self._settle_pin(base, change)
                    continue
                if change == 0 and base not in fresh:
                    continue
                old = self._read(space, base)
                new = old + change
                if new < 0:
                    raise StoreCorruptError(
                        self._path, f"the reference count of {format_vref(base)} would become {new}"
                    )
                self._write(space, base, old, new, is_home)
                if new == 0:
                    self.suspects.add(base)
            changes.clear()
        for base in fresh - mentioned:
            space = self._durable if base[:1] == DURABLE else self._virtual
            self._buffer.put(space.zero + base, b"")
            self.unmentioned.add(base)
            self.settled.discard(base)
            self.suspects.add(base)
        fresh.clear()

    def _settle_gains(self, home: bytes) -> None:
        """Turn the gains of a zone into changes, but for the most frequent: durable instances, made and registered.

        Each of those is mentioned once, which is not written; it leaves ``fresh`` instead. No kit is among them, since
        its facets are what is mentioned.
        """
        gains, fresh, changes = self.gains[home], self.fresh, self.changes[home]
        gained: dict[Any, int] = Counter(gains)
        others = (
            [slot for slot, times in gained.items() if times > 1 or slot not in fresh or slot in changes]
            if home == DURABLE
            else list(gained)
        )
        still_fresh = fresh.intersection(others)
        fresh.difference_update(gained)
        fresh |= still_fresh
        for slot in others:
            base = base_of(slot)
            changes[base] = changes.get(base, 0) + gained[slot]
        gains.clear()

    def _settle_import(self, space: Space, name: Base, change: int) -> None:
        """Count mentions of another vat's object: in full, since nothing else says that it is mentioned."""
        old = self._read(space, name)
        new = old + change
        if new < 0:
            raise StoreCorruptError(
                self._path, f"the reference count of {format_vref(name)} would become {new}"
            )
        if new == old:
            return
        if new:
            self._buffer.put(space.count + name, encode_number(new))
        else:
            self._buffer.delete(space.count + name)
        if not old or not new:
            self.on_import(Slot(name), 1 if new else -1, space is self._durable)

    def _settle_pin(self, slot: Base, change: int) -> None:
        if change:
            self._memory.change_pins(slot, change)
            self.pins[slot] = self.pins.get(slot, 0) + change

    def _write(self, space: Space, base: Base, old: int, new: int, is_home: bool) -> None:
        buffer = self._buffer
        absent_means = 1 if is_home else 0
        if new not in {absent_means, 0}:
            buffer.put(space.count + base, encode_number(new))
        elif old not in {absent_means, 0}:
            buffer.delete(space.count + base)
        if is_home:
            if new == 0:
                buffer.put(space.zero + base, b"")
                self.unmentioned.add(base)
                self.settled.discard(base)
            elif old == 0 and base not in self.fresh:
                buffer.delete(space.zero + base)
                self.settled.add(base)

    def forget(self, base: Base) -> None:
        """Drop the records of an object that is being deleted and that nothing mentions. At most two writes."""
        self._count_gains()
        for space in (self._durable, self._virtual):
            for prefix in (space.count, space.zero):
                if self._buffer.get(prefix + base) is not None:
                    self._buffer.delete(prefix + base)
        for changes in self.changes.values():
            change = changes.pop(base, 0)
            if change and self._undo.entries is not None:
                self._undo.entries.append(partial(changes.__setitem__, base, change))
        self.fresh.discard(base)
        self.suspects.discard(base)
        self.settled.add(base)

    def keep_changes(self) -> None:
        """Note that the crank is kept."""
        self.pins.clear()
        self.unmentioned.difference_update(self.settled)
        self.settled.clear()

    def discard_changes(self) -> None:
        """Forget what the crank that is being aborted has noted, and give its pins back."""
        for slot, change in self.pins.items():
            if change:
                self._memory.change_pins(slot, -change)
        self.pins.clear()
        self.settled.clear()
        for gains in self.gains.values():
            gains.clear()
        for changes in self.changes.values():
            changes.clear()
        self.fresh.clear()
