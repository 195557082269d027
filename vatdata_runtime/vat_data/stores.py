"""Making stores in three zones, and providing durable ones and other values from baggage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from ..vat.ambient import current
from ..vat.stores.open import MAP, SET, WEAK_MAP, WEAK_SET, make_heap_store, make_stored_store
from ..vat.stores.store import MapStore, SetStore, WeakMapStore, WeakSetStore
from ..zones.baggage import (
    provide_store,
    provide_value,
)
from .types import Baggage

T = TypeVar("T")

__all__ = [
    "make_scalar_big_map_store",
    "make_scalar_big_set_store",
    "make_scalar_big_weak_map_store",
    "make_scalar_big_weak_set_store",
    "make_scalar_map_store",
    "make_scalar_set_store",
    "make_scalar_weak_map_store",
    "make_scalar_weak_set_store",
    "provide",
    "provide_durable_map_store",
    "provide_durable_set_store",
    "provide_durable_weak_map_store",
    "provide_durable_weak_set_store",
]


def provide(baggage: Baggage, key: str, make_value: Callable[[str], T]) -> T:
    """Return what *baggage* keeps under *key*; the first time, keep what ``make_value(key)`` returns.

    Raises:
        NotDurableError: the value cannot be kept; the key stays absent, as after anything that *make_value* raises.
    """
    return provide_value(baggage, key, make_value)


def provide_durable_map_store(
    baggage: Baggage, name: str, *, key_shape: Any = None, value_shape: Any = None
) -> MapStore:
    """Return the durable map that *baggage* keeps under *name*; make it there the first time.

    Raises:
        LabelInUseError: something else is kept there, or a map with other shapes.
    """
    return cast(MapStore, _provide_store(MAP, baggage, name, key_shape, value_shape))


def provide_durable_set_store(baggage: Baggage, name: str, *, key_shape: Any = None) -> SetStore:
    """Return the durable set that *baggage* keeps under *name*; see ``provide_durable_map_store``."""
    return cast(SetStore, _provide_store(SET, baggage, name, key_shape, None))


def provide_durable_weak_map_store(
    baggage: Baggage, name: str, *, key_shape: Any = None, value_shape: Any = None
) -> WeakMapStore:
    """Return the durable weak map that *baggage* keeps under *name*; see ``provide_durable_map_store``."""
    return cast(WeakMapStore, _provide_store(WEAK_MAP, baggage, name, key_shape, value_shape))


def provide_durable_weak_set_store(baggage: Baggage, name: str, *, key_shape: Any = None) -> WeakSetStore:
    """Return the durable weak set that *baggage* keeps under *name*; see ``provide_durable_map_store``."""
    return cast(WeakSetStore, _provide_store(WEAK_SET, baggage, name, key_shape, None))


def _provide_store(store_type: Any, baggage: Baggage, name: str, key_shape: Any, value_shape: Any) -> Any:
    incarnation = current(f"provide of a {store_type.name}")
    return provide_store(incarnation, baggage, store_type, name, key_shape, value_shape)


def make_scalar_map_store(
    label: str = "store", *, key_shape: Any = None, value_shape: Any = None
) -> MapStore:
    """Make a map in memory: scalar keys in key order, values of any passable kind.

    Args:
        label: its name in messages.
        key_shape: pattern that every key must match.
        value_shape: pattern that every value must match.
    """
    return cast(
        MapStore, make_heap_store(current("make_scalar_map_store"), MAP, label, key_shape, value_shape)
    )


def make_scalar_set_store(label: str = "store", *, key_shape: Any = None) -> SetStore:
    """Make a set in memory; see ``make_scalar_map_store``."""
    return cast(SetStore, make_heap_store(current("make_scalar_set_store"), SET, label, key_shape, None))


def make_scalar_weak_map_store(
    label: str = "store", *, key_shape: Any = None, value_shape: Any = None
) -> WeakMapStore:
    """Make a map in memory that does not keep its keys alive; see ``WeakMapStore``."""
    incarnation = current("make_scalar_weak_map_store")
    return cast(WeakMapStore, make_heap_store(incarnation, WEAK_MAP, label, key_shape, value_shape))


def make_scalar_weak_set_store(label: str = "store", *, key_shape: Any = None) -> WeakSetStore:
    """Make a set in memory that does not keep its members alive; see ``WeakMapStore``."""
    incarnation = current("make_scalar_weak_set_store")
    return cast(WeakSetStore, make_heap_store(incarnation, WEAK_SET, label, key_shape, None))


def make_scalar_big_map_store(
    label: str, *, durable: bool = False, key_shape: Any = None, value_shape: Any = None
) -> MapStore:
    """Make a map whose entries lie in the store: virtual, or durable if something durable keeps it."""
    incarnation = current("make_scalar_big_map_store")
    return cast(MapStore, make_stored_store(incarnation, MAP, label, key_shape, value_shape, durable=durable))


def make_scalar_big_set_store(label: str, *, durable: bool = False, key_shape: Any = None) -> SetStore:
    """Make a set whose members lie in the store; see ``make_scalar_big_map_store``."""
    incarnation = current("make_scalar_big_set_store")
    return cast(SetStore, make_stored_store(incarnation, SET, label, key_shape, None, durable=durable))


def make_scalar_big_weak_map_store(
    label: str, *, durable: bool = False, key_shape: Any = None, value_shape: Any = None
) -> WeakMapStore:
    """Make a weak map whose entries lie in the store; see ``WeakMapStore``."""
    incarnation = current("make_scalar_big_weak_map_store")
    return cast(
        WeakMapStore, make_stored_store(incarnation, WEAK_MAP, label, key_shape, value_shape, durable=durable)
    )


def make_scalar_big_weak_set_store(
    label: str, *, durable: bool = False, key_shape: Any = None
) -> WeakSetStore:
    """Make a weak set whose members lie in the store; see ``WeakMapStore``."""
    incarnation = current("make_scalar_big_weak_set_store")
    return cast(
        WeakSetStore, make_stored_store(incarnation, WEAK_SET, label, key_shape, None, durable=durable)
    )
