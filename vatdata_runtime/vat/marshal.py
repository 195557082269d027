"""Between objects and the slots that stand for them in stored data, for one incarnation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import AbandonedReferenceError, NotDurableError, NotPassableError, StoreCorruptError
from ..passable import PLAIN_CLASSES, Remotable, ValueCodec, find_references, is_promise
from .identifiers import DURABLE, HEAP, IMPORT, PROMISE, VIRTUAL, Slot, format_vref, is_number
from .kinds import facet_of
from .representatives import Representative, slot_of_instance

if TYPE_CHECKING:
    from .incarnation import Incarnation
    from .kinds import Kind
    from .slot_table import SlotTable

__all__ = ["Marshal"]


class Marshal:
    """Gives objects their slots and slots their objects, and notes which were mentioned.

    Args:
        incarnation: whose objects.
        table: which of them live.

    Attributes:
        codec: encodes and decodes values that mention them.
        classes: generated classes of the incarnation's kinds, to their kinds; tells own instances from another vat's.
        seen: the slots that were mentioned since it was cleared last, in order.
        stored_slot: returns the slot of a stored object of this incarnation; None for a heap object.
        slot_of: returns the slot of a remotable or promise, as ``known_slot``, and notes it in ``seen``.
    """

    __slots__ = ("_incarnation", "_refs", "_table", "classes", "codec", "seen", "slot_of", "stored_slot")

    def __init__(self, incarnation: Incarnation, table: SlotTable) -> None:
        self._incarnation = incarnation
        self._table = table
        self._refs: Mapping[bytes, Callable[[], Any]] = table.refs
        self.seen: list[Slot] = []
        self.classes: dict[type, Kind] = {}
        self.stored_slot, self.slot_of = _slot_finders(self)
        self.codec = ValueCodec(self.slot_of, self.object_at)

    def zone_of(self, obj: Any) -> bytes:
        """Return the zone that an object lives in: ``DURABLE``, ``VIRTUAL``, ``HEAP`` or ``PROMISE``. Never writes."""
        if isinstance(obj, Representative):
            try:
                return slot_of_instance(obj)[:1] or HEAP
            except AttributeError:
                return HEAP  # not made by a maker; whoever takes its slot refuses it
        if is_promise(obj):
            return PROMISE
        zone: bytes = getattr(obj, "_vatdata_zone", HEAP)
        return zone

    def known_slot(self, obj: Any) -> Slot:
        """Return the slot of a remotable or promise; it is given one, if it lives in memory and has none yet.

        Raises:
            NotPassableError: the object belongs to another vat or incarnation, or its instance is gone.
        """
        slot = self._checked_slot(obj)
        if slot:
            return slot
        if is_promise(obj):
            return self._table.heap_slot(obj, PROMISE)
        if isinstance(obj, Remotable):
            refusal = getattr(obj, "_vatdata_refusal", None)
            if refusal is not None:
                raise NotPassableError(f"{obj!r} {refusal}")
            return self._table.heap_slot(obj)
        raise NotPassableError(f"{obj!r} has no identity in a vat")

    def _checked_slot(self, obj: Any) -> Slot | None:
        """Return the slot of a stored object of this incarnation; None for what may live in memory only.

        Raises: as ``slot_of``.
        """
        if isinstance(obj, Representative):
            try:
                slot = slot_of_instance(obj)
            except AttributeError:
                raise NotPassableError(f"{obj!r} is no instance: it was not made by its maker") from None
            if slot and self._table.get(slot) is not obj:
                if type(obj) in self.classes:
                    raise AbandonedReferenceError(f"{obj!r} {format_vref(slot)}")
                raise NotPassableError(f"{obj!r} belongs to another vat or to an incarnation that has ended")
            return slot
        own = getattr(obj, "_vatdata_slot", None)
        if own is not None and self._table.get(own) is not obj:
            raise AbandonedReferenceError(f"{obj!r}")
        return own

    def object_at(self, slot: bytes) -> Any:
        """Return the object of a slot: the one that lives, or a new representative. No store access for instances.

        Raises:
            AbandonedReferenceError: a heap object or promise that is gone.
            KindNotDefinedError: an instance of a kind that this incarnation has not defined yet.
            StoreCorruptError: a kind that the store does not know.
        """
        ref = self._refs.get(slot)
        obj = None if ref is None else ref()
        if obj is not None:
            return obj
        represent = self._incarnation.kinds.singles.get(slot[:2])
        if represent is not None and is_number(slot, 2):  # by far the most frequent
            return represent(slot)  # type: ignore[arg-type]  # calling ``Slot`` is not free
        if slot[:1] not in (DURABLE, VIRTUAL):
            if slot[:1] == IMPORT and self._incarnation.border is not None:
                return self._incarnation.border.presence_at(Slot(slot))
            raise AbandonedReferenceError(format_vref(slot))
        try:
            number, base, facet = facet_of(Slot(slot))
        except ValueError as error:
            raise StoreCorruptError(self._incarnation.path, f"a reference cannot be read: {error}") from error
        return self._incarnation.kinds.object_at(Slot(slot), number, base, facet)

    def encode(self, value: Any) -> bytes:
        """Encode a frozen value. The slots that it mentions are in ``mentioned`` until the next call."""
        self.seen.clear()
        return self.codec.encode(value)

    def mentioned_reset(self) -> None:
        """Begin to note mentioned slots anew."""
        self.seen.clear()

    @property
    def mentioned(self) -> Collection[Slot]:
        """The distinct slots of the value that was encoded last."""
        seen = self.seen
        return seen if len(seen) < 2 else list(dict.fromkeys(seen))

    def slots_in(self, data: bytes) -> list[bytes]:
        """Return the distinct slots in encoded bytes."""
        try:
            return self.codec.slots_in(data)
        except ValueError as error:
            raise StoreCorruptError(
                self._incarnation.path, f"a stored value cannot be read: {error}"
            ) from error

    def check_keepable(self, value: Any, zone: bytes, path: tuple[str | int, ...] = ()) -> None:
        """Refuse a frozen value that a place in *zone* cannot hold. Never writes, assigns no identity.

        Raises:
            NotDurableError: durable data may mention durable objects only; ``path`` leads to the culprit.
            NotPassableError, AbandonedReferenceError: it mentions an object of another vat, or one that is gone.
        """
        if type(value) in PLAIN_CLASSES:
            return
        if (
            isinstance(value, Remotable)
            and (slot := self._checked_slot(value))
            and slot[:1] in (DURABLE, zone)
        ):
            return  # by far the most frequent reference
        for steps, obj in find_references(value):
            self._checked_slot(obj)
            if zone != DURABLE:
                continue
            its_zone = self.zone_of(obj)
            if its_zone != DURABLE:
                sort = {VIRTUAL: "virtual object", HEAP: "heap object", PROMISE: "promise"}[its_zone]
                raise NotDurableError(
                    f"{obj!r} is a {sort} and does not survive a restart; durable data can hold plain data and "
                    f"durable objects",
                    (*path, *steps),
                )


def _slot_finders(marshal: Marshal) -> tuple[Callable[[Any], Slot | None], Callable[[Any], Slot]]:
    """Make ``stored_slot`` and ``slot_of``, which run for each reference that is stored."""
    classes, find, slot_of_own = marshal.classes, marshal._refs.get, slot_of_instance
    note, known_slot = marshal.seen.append, marshal.known_slot

    def stored_slot(obj: Any) -> Slot | None:
        if type(obj) in classes:
            try:
                slot: Slot | None = slot_of_own(obj)
            except AttributeError:
                return None  # not made by a maker
        else:
            slot = getattr(obj, "_vatdata_slot", None)
        ref = find(slot)  # type: ignore[arg-type]  # nothing has the slot None
        return slot if ref is not None and ref() is obj else None

    def slot_of(obj: Any) -> Slot:
        slot = stored_slot(obj) or known_slot(obj)
        note(slot)
        return slot

    return stored_slot, slot_of
