"""What the host program holds of a vat's objects: opaque references that keep them alive."""

from __future__ import annotations

import weakref
from typing import Any, Never

from ..errors import AbandonedReferenceError, NotPassableError
from ..passable import PLAIN_CLASSES, Remotable, ValueCodec, freeze
from ..vat.identifiers import (
    DURABLE,
    HEAP,
    PROMISE,
    VIRTUAL,
    Base,
    Slot,
    base_of,
    encode_number,
    format_vref,
)
from ..vat.incarnation import Incarnation

__all__ = ["Ref", "References"]

_ROOT = Slot(
    HEAP + encode_number(0)
)  # no object has this slot; it means the root of whichever incarnation runs


class Ref(Remotable):
    """An object of a vat, as the host program sees it: a target and an argument of calls, and nothing else.

    Equal and hashable by the object that it means. While a ``Ref`` lives, its object is not deleted.
    """

    __slots__ = ("_incarnation", "_interface", "_number", "_slot", "_store", "_vat")

    def __init__(
        self,
        store: str,
        vat: str,
        incarnation: int | None,
        slot: Slot,
        interface: str,
        number: int | None = None,
    ) -> None:
        put = object.__setattr__
        put(self, "_store", store)
        put(self, "_vat", vat)
        put(
            self, "_number", number
        )  # of the vat in its kernel, 0 for devices; None for a vat opened by itself
        # Heap and virtual objects end with their incarnation, and their numbers begin again in the next.
        put(self, "_incarnation", None if slot[:1] == DURABLE else incarnation)
        put(self, "_slot", slot)
        put(self, "_interface", interface)

    def _interface_name(self) -> str:
        return self._interface

    _vatdata_refusal = "is for the host program; inside a crank use the object itself"
    _store: str
    _vat: str
    _number: int | None
    _incarnation: int | None
    _slot: Slot
    _interface: str

    def _identity(self) -> tuple[object, ...]:
        return (self._store, self._vat, self._number, self._incarnation, self._slot)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ref) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def __repr__(self) -> str:
        return f"<Ref {self._interface} {format_vref(self._slot)} in vat {self._vat!r}>"

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError(f"{self!r} means an object of an open store and cannot be pickled")


class References:
    """The references that the host program holds into one incarnation, and the translation of values at that border."""

    def __init__(self, incarnation: Incarnation, store: str, root: Any) -> None:
        self._incarnation = incarnation
        self._store = store
        self._root_slot = incarnation.marshal.slot_of(root)
        self._living: dict[Slot, weakref.ref[Ref]] = {}
        self._heap: dict[Slot, Any] = {}
        self._held: dict[Base, int] = {}
        self._released: list[Base] = []
        self._outward = ValueCodec(incarnation.marshal.slot_of, self._ref_at)
        self._inward = ValueCodec(self._slot_of, incarnation.marshal.object_at)

    def is_held(self, base: Base) -> bool:
        """Whether the host holds the object or one of its facets."""
        return base in self._held

    def take_released(self) -> list[Base]:
        """Return the bases of references that have died since the last time."""
        released, self._released = self._released, []
        return released

    def outward(self, value: Any) -> Any:
        """Translate a vat's value for the host: data stays, objects become references.

        Raises:
            NotPassableError: the value cannot leave, a promise or something outside the data model.
        """
        value = freeze(value)
        if type(value) in PLAIN_CLASSES:
            return value
        return self._outward.decode(self._outward.encode(value))

    def _ref_at(self, slot: bytes) -> Ref:
        slot = Slot(bytes(slot))
        if slot[:1] == PROMISE:
            raise NotPassableError(
                "a promise cannot leave its vat as data; return it by itself, and it is awaited"
            )
        known = self._living.get(slot)
        ref = None if known is None else known()
        if ref is None:
            incarnation = self._incarnation
            obj = incarnation.marshal.object_at(slot)
            name, life = (slot, incarnation.number) if slot != self._root_slot else (_ROOT, None)
            ref = Ref(self._store, incarnation.name, life, name, obj._interface_name())
            if slot[:1] == HEAP:
                self._heap[slot] = obj
            self._hold(slot, ref)
        return ref

    def _hold(self, slot: Slot, ref: Ref) -> None:
        base = base_of(slot)
        self._held[base] = self._held.get(base, 0) + 1
        self._living[slot] = weakref.ref(ref, lambda dead: self._release(slot, base, dead))

    def adopt(self, older: References) -> None:
        """Hold what living references of an earlier incarnation mean, as far as it lives on."""
        for slot, known in list(older._living.items()):
            ref = known()
            if ref is not None and slot[:1] == DURABLE:
                self._hold(slot, ref)

    def _release(self, slot: Slot, base: Base, dead: weakref.ref[Ref]) -> None:
        # Runs wherever the last hold is let go of: note it, and touch nothing that is stored.
        if self._living.get(slot) is dead:
            del self._living[slot]
            self._heap.pop(slot, None)
        self._held[base] -= 1
        if not self._held[base]:
            del self._held[base]
            self._released.append(base)

    def inward(self, value: Any) -> Any:
        """Translate the host's value for the vat: references become the objects that they mean.

        Raises:
            AbandonedReferenceError: a reference whose object is gone.
            NotPassableError: a reference into another vat or store, or a value outside the data model.
        """
        if type(value) in PLAIN_CLASSES:
            return value
        if isinstance(value, Ref):
            return self.object_of(value)
        return self._inward.decode(self._inward.encode(freeze(value)))

    def object_of(self, ref: Ref) -> Any:
        """Return the object that a reference means."""
        return self._incarnation.marshal.object_at(self._slot_of(ref))

    def _slot_of(self, ref: Any) -> Slot:
        incarnation = self._incarnation
        if not isinstance(ref, Ref):
            return incarnation.marshal.slot_of(ref)
        if ref._store != self._store or ref._vat != incarnation.name or ref._number is not None:
            raise NotPassableError(f"{ref!r} means an object of another vat or store")
        slot = ref._slot
        if slot == _ROOT:
            return self._root_slot
        if ref._incarnation is not None and ref._incarnation != incarnation.number:
            raise AbandonedReferenceError(repr(ref))
        if slot[:1] in (DURABLE, VIRTUAL) and not incarnation.exists(base_of(slot)):
            raise AbandonedReferenceError(repr(ref))
        return slot
