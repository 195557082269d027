"""Making stores, and opening stored ones again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import StoreCorruptError
from ...passable import DecodeError
from ...patterns import check_pattern
from ..identifiers import DURABLE, VIRTUAL, Base, Slot, decode_number, format_vref, split_slot
from .entries import StoreType
from .heap import HeapEntries
from .store import MapStore, SetStore, Store, WeakMapStore, WeakSetStore
from .stored import StoredEntries

if TYPE_CHECKING:
    from ..incarnation import Incarnation

__all__ = [
    "BAGGAGE_COLLECTION",
    "MAP",
    "SET",
    "WEAK_MAP",
    "WEAK_SET",
    "find_entries",
    "make_heap_store",
    "make_stored_store",
    "open_collection",
    "remaining_entries",
    "type_numbered",
]

BAGGAGE_COLLECTION = 1
"""Collection number of every vat's baggage."""

MAP = StoreType("MapStore", 2, is_map=True, is_weak=False)
SET = StoreType("SetStore", 3, is_map=False, is_weak=False)
WEAK_MAP = StoreType("WeakMapStore", 4, is_map=True, is_weak=True)
WEAK_SET = StoreType("WeakSetStore", 5, is_map=False, is_weak=True)

_CLASSES: dict[StoreType, type[Store]] = {
    MAP: MapStore,
    SET: SetStore,
    WEAK_MAP: WeakMapStore,
    WEAK_SET: WeakSetStore,
}
_BY_NUMBER = {store_type.kind_number: store_type for store_type in _CLASSES}


def _checked(store_type: StoreType, label: object, key_shape: Any, value_shape: Any) -> tuple[str, Any, Any]:
    if type(label) is not str:
        raise TypeError(f"a store's label is text, not {label!r}")
    if value_shape is not None and not store_type.is_map:
        raise TypeError(
            f"{store_type.name} {label!r}: a set takes key_shape only, its members have no values"
        )
    key_shape = None if key_shape is None else check_pattern(key_shape)
    value_shape = None if value_shape is None else check_pattern(value_shape)
    return label, key_shape, value_shape


def make_heap_store(
    incarnation: Incarnation, store_type: StoreType, label: object, key_shape: Any, value_shape: Any
) -> Any:
    """Make a store in memory."""
    name, key_shape, value_shape = _checked(store_type, label, key_shape, value_shape)
    return _CLASSES[store_type](HeapEntries(incarnation, store_type, name, key_shape, value_shape), None)


def make_stored_store(
    incarnation: Incarnation,
    store_type: StoreType,
    label: object,
    key_shape: Any,
    value_shape: Any,
    *,
    durable: bool,
    role: str | None = None,
) -> Any:
    """Make a virtual or durable store. Everything is checked before anything is written.

    Args:
        incarnation: the one whose crank runs.
        store_type: which of the four.
        label: its name for people.
        key_shape: pattern that every key must match, or None.
        value_shape: pattern that every value must match, or None.
        durable: whether it is durable.
        role: see ``StoredEntries``.

    Raises:
        NotDurableError: a shape of a durable store mentions something that does not survive a restart.
    """
    name, key_shape, value_shape = _checked(store_type, label, key_shape, value_shape)
    zone = DURABLE if durable else VIRTUAL
    for what, shape in (("key_shape", key_shape), ("value_shape", value_shape)):
        incarnation.marshal.check_keepable(shape, zone, (what,))
    number = incarnation.record.take_collection_number()
    entries = StoredEntries(incarnation, number, zone, store_type, name, key_shape, value_shape, role)
    base = Base(entries.slot)
    store = _CLASSES[store_type](entries, entries.slot)
    incarnation.table.add(entries.slot, store)
    incarnation.collections[entries.slot] = entries
    incarnation.counts.fresh.add(base)
    incarnation.note_created_slot(entries.slot)

    def undo() -> None:
        # The number may be taken again, so the store that had it must not reach the other's entries.
        entries.forget_store()
        incarnation.changed_collections.discard(entries)
        incarnation.counts.fresh.discard(base)
        incarnation.record.next_collection = number

    incarnation.on_abort(undo)
    entries.write_descriptor()
    return store


def open_collection(incarnation: Incarnation, slot: Slot) -> Any:
    """Make the store object for a stored collection. One read, none if its entries are still known.

    Raises:
        StoreCorruptError: there is no such collection, or its descriptor cannot be read.
    """
    entries = find_entries(incarnation, slot)
    if entries is None:
        what = f"{format_vref(slot)} is mentioned, and there is no such collection"
        raise StoreCorruptError(incarnation.path, what)
    store = _CLASSES[entries.store_type](entries, slot)
    incarnation.table.add(slot, store)
    return store


def type_numbered(kind_number: int) -> StoreType | None:
    """Return the store type that has a kind number of the library."""
    return _BY_NUMBER.get(kind_number)


def find_entries(incarnation: Incarnation, slot: Slot) -> StoredEntries | None:
    """Return the entries of a stored collection, None if there is none. One read, none if they are still known.

    Raises:
        StoreCorruptError: its descriptor cannot be read.
    """
    entries = incarnation.collections.get(slot)
    if entries is not None:
        return entries
    zone = slot[:1]
    kind_number, at = decode_number(slot, 1)
    number, _ = decode_number(slot, at)
    data = incarnation.buffer.get(incarnation.space_of(zone).collection + slot[at:])
    if data is None:
        return None
    try:
        stored_type, label, key_shape, value_shape, role = incarnation.codec.decode_row(data)
        store_type = _BY_NUMBER[stored_type]
        if stored_type != kind_number:
            raise DecodeError(f"it is a {store_type.name}, and a reference says otherwise")
    except (DecodeError, KeyError, ValueError) as error:
        raise StoreCorruptError(
            incarnation.path, f"the descriptor of collection {number} cannot be read: {error}"
        ) from error
    entries = StoredEntries(incarnation, number, zone, store_type, label, key_shape, value_shape, role)
    incarnation.collections[slot] = entries
    return entries


def remaining_entries(incarnation: Incarnation, slot: Slot) -> StoredEntries:
    """Return the entries of a collection that is being deleted, whose descriptor may be gone already."""
    entries = incarnation.collections.pop(slot, None)
    if entries is None:
        zone, kind_number, number, _ = split_slot(slot)
        entries = StoredEntries(incarnation, number, zone, _BY_NUMBER[kind_number], "", None, None)
    return entries
