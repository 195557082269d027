"""Which object in memory stands for which slot: at most one, found again for as long as it lives."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable, Collection
from typing import Any

from .identifiers import DURABLE, HEAP, VIRTUAL, Base, Slot, base_of, encode_number

__all__ = ["RECENT", "SlotTable"]


RECENT = 64
"""How many objects are kept alive for the next cranks: a few tens of kilobytes a vat."""


_STORED_ZONES = DURABLE + VIRTUAL
_MOST_DEAD = 64  # few, so that they are gone before the garbage collector looks at them


class _SlotRef(weakref.ref[Any]):
    """A weak reference that knows its slot. Half the cost of ``WeakValueDictionary``'s bookkeeping."""

    __slots__ = ("slot",)

    slot: Slot


class SlotTable:
    """Slots to living objects, and heap objects to the slots that they were given when first mentioned.

    The death of an object only puts its weak reference on a list: CPython frees objects at once, in the middle of
    anything, so nothing may be decided or written there. ``bury`` takes the list up.

    Args:
        unmentioned: stored objects that, as far as is known, memory alone keeps. The death of any other is of no
            consequence, and is forgotten.

    Attributes:
        dead: references whose objects have died; ``bury`` takes them up.
        mentioned: heap objects and promises that this crank has mentioned, by slot.
        refs: a weak reference to the object of each slot, until its death is taken up; for where ``get`` is too slow.
        recent: some objects that were made anew for their slots, kept so that the next crank that comes by the same
            few finds them.
    """

    __slots__ = (
        "_died",
        "_heap_slots",
        "_next_heap",
        "_note_death",
        "_pinned",
        "_unmentioned",
        "dead",
        "mentioned",
        "recent",
        "refs",
    )

    def __init__(self, unmentioned: Collection[Base]) -> None:
        self.refs: dict[bytes, _SlotRef] = {}
        self.dead: list[_SlotRef] = []
        # Most instances die soon, so what is called then is no function of Python.
        self._note_death: Callable[[Any], None] = self.dead.append
        self._unmentioned = unmentioned
        self._died: set[Base] = set()
        self.recent: deque[Any] = deque(maxlen=RECENT)
        self._next_heap = 1
        self._heap_slots: weakref.WeakKeyDictionary[Any, Slot] = weakref.WeakKeyDictionary()
        self.mentioned: dict[Base, Any] = {}
        self._pinned: dict[Base, tuple[Any, int]] = {}

    def get(self, slot: bytes) -> Any | None:
        """Return the living object of *slot*, or None."""
        ref = self.refs.get(slot)
        return None if ref is None else ref()

    def add(self, slot: Slot, obj: Any) -> None:
        """Note that *obj* stands for *slot* for as long as it lives. Cost: 0.2 us."""
        ref = _SlotRef(obj, self._note_death)
        ref.slot = slot
        self.refs[slot] = ref
        if len(self.dead) >= _MOST_DEAD:
            self.bury()

    def living(self) -> list[Slot]:
        """Return the slots of all objects that live in memory."""
        return [Slot(slot) for slot, ref in list(self.refs.items()) if ref() is not None]

    def forget(self, slot: Slot) -> None:
        """Forget the object of a slot that was made in an aborted crank or has been deleted."""
        self.refs.pop(slot, None)

    def bury(self) -> None:
        """Forget the objects that have died since the last time: at the end of each crank, and when they are many."""
        dead, refs, unmentioned = self.dead, self.refs, self._unmentioned
        taken = dead[:]
        del dead[: len(taken)]  # others may die meanwhile
        for ref in taken:
            slot = ref.slot
            if refs.get(slot) is ref:  # else a later object has taken the slot
                del refs[slot]
                if unmentioned or slot[0] not in _STORED_ZONES:
                    base = base_of(slot)
                    if base in unmentioned or slot[0] not in _STORED_ZONES:
                        self._died.add(base)

    def take_died(self) -> set[Base]:
        """Return the bases that nothing in memory may keep any more, and nothing else ever has; begin to note anew."""
        self.bury()
        taken, self._died = self._died, set()
        return taken

    def is_alive(self, base: Base, facets: int) -> bool:
        """Whether any object of *base* lives: the object itself, or one of its *facets*."""
        if self.get(base) is not None:
            return True
        return any(self.get(base + encode_number(facet)) is not None for facet in range(facets))

    # --- heap objects and promises

    def heap_slot(self, obj: Any, zone: bytes = HEAP) -> Slot:
        """Return the slot of a heap object or promise; it gets one when it is first mentioned.

        The object is kept at least until ``release_mentions``, so that a place that is being written finds it.
        """
        slot = self._heap_slots.get(obj)
        if slot is None:
            slot = Slot(zone + encode_number(self._next_heap))
            self._next_heap += 1
            self._heap_slots[obj] = slot
            self.add(slot, obj)
        self.mentioned[Base(slot)] = obj
        return slot

    def has_heap_slot(self, obj: Any) -> bool:
        """Whether a heap object was ever mentioned."""
        return obj in self._heap_slots

    def change_pins(self, slot: Base, by: int) -> None:
        """Add to the number of stored places that mention a heap object or promise; it lives while there is one."""
        obj, count = self._pinned.get(slot, (None, 0))
        obj = self.mentioned.get(slot) if obj is None else obj
        if count + by > 0:
            self._pinned[slot] = (obj, count + by)
        else:
            self._pinned.pop(slot, None)
            self.mentioned[slot] = obj  # until the crank has ended: it may yet be aborted

    def release_mentions(self) -> None:
        """Let go of heap objects that nothing stored has come to mention: the end of a crank."""
        self.mentioned.clear()
        self.bury()

    @property
    def pinned(self) -> int:
        """How many heap objects and promises stored data keeps alive."""
        return len(self._pinned)
