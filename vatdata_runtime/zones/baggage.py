"""What a baggage keeps under which key: one layout, for the vat-data functions and for durable zones."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from ..errors import LabelInUseError
from ..passable import freeze
from ..vat.definitions import KindSource, define_kind
from ..vat.evolution import handle_key, singleton_key
from ..vat.kind_registry import KindHandle
from ..vat.stores.open import make_stored_store
from ..vat.stores.store import Store
from ..vat.stores.stored import StoredEntries

if TYPE_CHECKING:
    from ..vat.incarnation import Incarnation
    from ..vat.kinds import Kind, Maker
    from ..vat.stores.entries import StoreType
    from ..vat.stores.store import MapStore

__all__ = [
    "OF_STORE",
    "OF_SUB_ZONE",
    "handle_key",
    "define_in_baggage",
    "provide_handle",
    "provide_instance",
    "provide_store",
    "provide_value",
    "role_of",
    "singleton_key",
]

OF_STORE: Final = "store"
"""Role of a store that a zone made under a label."""

OF_SUB_ZONE: Final = "zone"
"""Role of the map that is the baggage of a sub-zone."""

_ROLE_NAMES = {OF_STORE: "store", OF_SUB_ZONE: "sub-zone", None: "store"}
T = TypeVar("T")


def provide_handle(incarnation: Incarnation, baggage: MapStore, kind_name: str) -> KindHandle:
    """Return the handle that *baggage* keeps for *kind_name*; make it there the first time.

    Raises:
        LabelInUseError: something else is kept under the handle's key.
    """
    key = handle_key(kind_name)
    if not baggage.has(key):
        handle = incarnation.kinds.make_handle(kind_name)
        baggage.init(key, handle)
        return handle
    found = baggage.get(key)
    if not isinstance(found, KindHandle):
        raise LabelInUseError(
            key, f"baggage keeps {found!r} there, and the handle of kind {kind_name!r} belongs there"
        )
    return found


def define_in_baggage(incarnation: Incarnation, baggage: MapStore, source: KindSource) -> tuple[Kind, Maker]:
    """Define a durable kind whose handle *baggage* keeps; all of it or, on any error, nothing.

    Raises:
        FirstCrankError: the first crank's window for definitions has closed.
        LabelInUseError, KindRedefinedError, IncompatibleKindError, NotDurableError: see their docstrings.
    """
    incarnation.require_window(source.what, source.tag)
    with incarnation.undo.savepoint():
        kind = incarnation.kinds.kind_of_handle(provide_handle(incarnation, baggage, source.tag))
        return kind, define_kind(incarnation, kind, source)


def provide_instance(baggage: MapStore, kind: Kind, maker: Maker) -> Any:
    """Return the only instance of a kind, which *baggage* keeps; make it there the first time.

    Raises:
        LabelInUseError: something else is kept under the instance's key.
    """
    key = singleton_key(kind.tag)
    if not baggage.has(key):
        instance = maker()
        baggage.init(key, instance)
        return instance
    found = baggage.get(key)
    if not kind.classes[0].is_instance(found):
        raise LabelInUseError(
            key, f"baggage keeps {found!r} there, and the instance of kind {kind.tag!r} belongs there"
        )
    return found


def provide_store(
    incarnation: Incarnation,
    baggage: MapStore,
    store_type: StoreType,
    label: str,
    key_shape: Any,
    value_shape: Any,
    role: str | None = None,
) -> Any:
    """Return the durable store that *baggage* keeps under *label*; make it there the first time.

    Args:
        incarnation: the one whose crank runs.
        baggage: where it is kept.
        store_type: which of the four stores.
        label: its key.
        key_shape, value_shape: as when it was made, or None.
        role: what a zone wants it for; None where no zone asks.

    Raises:
        LabelInUseError: something else is kept there, a store of another type or with other shapes, or one that a
            zone made for something else.
    """
    if not baggage.has(label):
        with incarnation.undo.savepoint():
            store = make_stored_store(
                incarnation, store_type, label, key_shape, value_shape, durable=True, role=role
            )
            baggage.init(label, store)
        return store
    found = baggage.get(label)
    entries = found._entries if isinstance(found, Store) else None
    wanted = f"{_ROLE_NAMES[role]} of type {store_type.name}"
    if not isinstance(entries, StoredEntries) or entries.store_type is not store_type:
        raise LabelInUseError(label, f"baggage keeps {found!r} there, and a {wanted} is asked for")
    if role is not None and entries.role not in (None, role):
        raise LabelInUseError(
            label, f"it was made as a {_ROLE_NAMES[entries.role]}, and a {wanted} is asked for"
        )
    if (entries.key_shape, entries.value_shape) != (freeze(key_shape), freeze(value_shape)):
        raise LabelInUseError(
            label,
            f"it was made with key_shape={entries.key_shape!r} and value_shape={entries.value_shape!r}, and is opened "
            f"with key_shape={key_shape!r} and value_shape={value_shape!r}",
        )
    return found


def provide_value(baggage: MapStore, key: str, make_value: Callable[[str], T]) -> T:
    """Return what *baggage* keeps under *key*; the first time, keep what ``make_value(key)`` returns."""
    if baggage.has(key):
        return cast(T, baggage.get(key))
    value = freeze(make_value(key))
    baggage.init(key, value)
    return cast(T, value)


def role_of(value: object) -> str | None:
    """Say what a zone made a store for; None for anything that no zone made under a label."""
    entries = value._entries if isinstance(value, Store) else None
    return entries.role if isinstance(entries, StoredEntries) else None
