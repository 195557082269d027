"""What the host program holds of a vat's objects: opaque references that keep them alive."""

from __future__ import annotations

import weakref
from typing import Any, Never

from ..errors import AbandonedReferenceError, NotPassableError
from ..passable import ValueCodec, freeze
from ..vat.identifiers import DURABLE, HEAP, PROMISE, VIRTUAL, Base, Slot, base_of, format_vref
from ..vat.incarnation import Incarnation

__all__ = ["Ref", "References"]

_SCALARS = frozenset({type(None), bool, int, float, str, bytes})


class Ref:
    """An object of a vat, as the host program sees it: a target and an argument of calls, and nothing else.

    Equal and hashable by the object that it means. While a ``Ref`` lives, its object is not deleted.
    """

    __slots__ = ("__weakref__", "_incarnation", "_interface", "_slot", "_store", "_vat")

    def __init__(self, store: str, vat: str, incarnation: int, slot: Slot, interface: str) -> None:
        self._store = store
        self._vat = vat
        # Heap and virtual objects end with their incarnation, and their numbers begin again in the next.
        self._incarnation = None if slot[:1] == DURABLE else incarnation
        self._slot = slot
        self._interface = interface

    def _identity(self) -> tuple[object, ...]:
        return (self._store, self._vat, self._incarnation, self._slot)

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
        self._root = root
        self._root_slot = incarnation.slot_of(root)
        self._living: dict[Slot, weakref.ref[Ref]] = {}
        self._heap: dict[Slot, Any] = {}
        self._released: list[Base] = []
        self._codec = ValueCodec(incarnation.slot_of, self._ref_at)

    def is_held(self, base: Base) -> bool:
        """Whether the host holds the object or one of its facets. Cost: the number of living references."""
        return any(base_of(slot) == base and ref() is not None for slot, ref in self._living.items())

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
        if type(value) in _SCALARS:
            return value
        return self._codec.decode(self._codec.encode(value))

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
            obj = incarnation.object_at(slot)
            ref = Ref(self._store, incarnation.name, incarnation.number, slot, obj._interface_name())
            if slot[:1] == HEAP:
                self._heap[slot] = obj
            self._living[slot] = weakref.ref(ref, lambda _: self._release(slot))
        return ref

    def _release(self, slot: Slot) -> None:
        # Runs wherever the last hold is let go of: note it, and touch nothing that is stored.
        known = self._living.get(slot)
        if known is not None and known() is None:
            del self._living[slot]
            self._heap.pop(slot, None)
            self._released.append(base_of(slot))

    def inward(self, value: Any) -> Any:
        """Translate the host's value for the vat: references become the objects that they mean.

        Raises:
            AbandonedReferenceError: a reference whose object is gone.
            NotPassableError: a reference into another vat or store, or a value outside the data model.
        """
        if type(value) in _SCALARS:
            return value
        if isinstance(value, Ref):
            return self.object_of(value)
        if isinstance(value, (list, tuple)):
            return tuple(self.inward(item) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] # any items
        if isinstance(value, dict):
            return {key: self.inward(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] # any items
        return value

    def object_of(self, ref: Ref) -> Any:
        """Return the object that a reference means."""
        incarnation = self._incarnation
        if ref._store != self._store or ref._vat != incarnation.name:
            raise NotPassableError(f"{ref!r} means an object of another vat or store")
        slot = ref._slot
        if ref._incarnation is not None and ref._incarnation != incarnation.number:
            if slot == self._root_slot:
                return self._root  # a root is found again in each incarnation
            raise AbandonedReferenceError(repr(ref))
        if slot[:1] in (DURABLE, VIRTUAL) and not incarnation.exists(base_of(slot)):
            raise AbandonedReferenceError(repr(ref))
        return incarnation.object_at(slot)
