"""What differs between the zones: where kinds, stores and named values live, and what can live there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from inspect import iscoroutine
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import LabelInUseError, NotDurableError, NotPassableError, NotStorableError
from ..passable import freeze
from ..vat.definitions import KindSource, define_kind
from ..vat.identifiers import DURABLE, HEAP, VIRTUAL, Slot
from ..vat.stores.open import MAP, make_heap_store, make_stored_store
from ..vat.stores.store import MapStore
from .baggage import (
    OF_STORE,
    OF_SUB_ZONE,
    define_in_baggage,
    provide_instance,
    provide_store,
    role_of,
)
from .labels import Labels, labels_of_baggage

if TYPE_CHECKING:
    from ..vat.incarnation import Incarnation
    from ..vat.kinds import Kind, Maker
    from ..vat.stores.entries import StoreType

__all__ = ["Backing", "DurableBacking", "HeapBacking", "VirtualBacking"]


class Backing(ABC):
    """What a zone is made on. Labels are not its business: the zone has claimed them before.

    Attributes:
        sort: the zone's sort, for messages.
        zone: its zone byte.
        incarnation: the life of the vat that it belongs to.
        labels: the labels used in it.
    """

    sort: ClassVar[str]
    zone: ClassVar[bytes]

    def __init__(self, incarnation: Incarnation, labels: Labels) -> None:
        self.incarnation = incarnation
        self.labels = labels

    @abstractmethod
    def define(self, source: KindSource) -> tuple[Kind, Maker]:
        """Define a kind; all of it or, on any error, nothing."""

    def provide_instance(self, source: KindSource) -> Any:
        """Define a kind and return its only instance."""
        return self.define(source)[1]()

    @abstractmethod
    def make_store(self, store_type: StoreType, label: str, key_shape: Any, value_shape: Any) -> Any:
        """Make a store that nothing keeps."""

    def provide_store(self, store_type: StoreType, label: str, key_shape: Any, value_shape: Any) -> Any:
        """Return the store that belongs to a label."""
        return self.make_store(store_type, label, key_shape, value_shape)

    def provide_value(self, label: str, make_value: Callable[[str], Any]) -> Any:
        """Return the value that belongs to a label, from *make_value* if it is not known."""
        return self.storable(make_value(label))

    @abstractmethod
    def provide_sub_backing(self, label: str, zone_label: str) -> Backing:
        """Return the backing of a sub-zone."""

    def storable(self, value: Any) -> Any:
        """Return *value* frozen.

        Raises:
            NotStorableError: it cannot live in this zone; ``path`` leads to the culprit.
        """
        if iscoroutine(value):
            value.close()  # else Python warns that it was never awaited, and hides the error below
        try:
            frozen = freeze(value)
            self.incarnation.marshal.check_keepable(frozen, self.zone)
        except (NotPassableError, NotDurableError) as error:
            raise NotStorableError(error.reason, error.path) from error
        return frozen


class HeapBacking(Backing):
    """In memory."""

    sort = "heap"
    zone = HEAP

    def define(self, source: KindSource) -> tuple[Kind, Maker]:
        kind = self.incarnation.kinds.new_heap_kind(source.tag)
        return kind, define_kind(self.incarnation, kind, source)

    def make_store(self, store_type: StoreType, label: str, key_shape: Any, value_shape: Any) -> Any:
        return make_heap_store(self.incarnation, store_type, label, key_shape, value_shape)

    def provide_sub_backing(self, label: str, zone_label: str) -> Backing:
        return HeapBacking(self.incarnation, Labels())


class VirtualBacking(Backing):
    """In the store, until the incarnation ends."""

    sort = "virtual"
    zone = VIRTUAL

    def define(self, source: KindSource) -> tuple[Kind, Maker]:
        kind = self.incarnation.kinds.new_virtual_kind(source.tag)
        return kind, define_kind(self.incarnation, kind, source)

    def make_store(self, store_type: StoreType, label: str, key_shape: Any, value_shape: Any) -> Any:
        return make_stored_store(self.incarnation, store_type, label, key_shape, value_shape, durable=False)

    def provide_sub_backing(self, label: str, zone_label: str) -> Backing:
        return VirtualBacking(self.incarnation, Labels())


class DurableBacking(Backing):
    """In the store, named in a baggage, for all incarnations.

    Args:
        incarnation: the one whose crank runs.
        baggage: any durable map store.

    Raises:
        TypeError: *baggage* is no map store.
        NotDurableError: it is no durable one.
    """

    sort = "durable"
    zone = DURABLE

    def __init__(self, incarnation: Incarnation, baggage: object) -> None:
        if not isinstance(baggage, MapStore):
            raise TypeError(
                f"a durable zone is made on the baggage or another durable map store, not on {baggage!r}"
            )
        slot = incarnation.marshal.stored_slot(baggage)
        if incarnation.marshal.zone_of(baggage) != DURABLE or slot is None:
            raise NotDurableError(
                f"{baggage!r} does not survive a restart; a durable zone needs the baggage or another durable map"
            )
        super().__init__(incarnation, labels_of_baggage(incarnation, Slot(slot)))
        self.baggage = baggage

    def define(self, source: KindSource) -> tuple[Kind, Maker]:
        return define_in_baggage(self.incarnation, self.baggage, source)

    def provide_instance(self, source: KindSource) -> Any:
        return provide_instance(self.baggage, *self.define(source))

    def make_store(self, store_type: StoreType, label: str, key_shape: Any, value_shape: Any) -> Any:
        return make_stored_store(self.incarnation, store_type, label, key_shape, value_shape, durable=True)

    def provide_store(self, store_type: StoreType, label: str, key_shape: Any, value_shape: Any) -> Any:
        return provide_store(
            self.incarnation, self.baggage, store_type, label, key_shape, value_shape, OF_STORE
        )

    def provide_value(self, label: str, make_value: Callable[[str], Any]) -> Any:
        if self.baggage.has(label):
            found = self.baggage.get(label)
            role = role_of(found)
            if role is not None:
                raise LabelInUseError(
                    label, f"it was made as a {role}, and a value of make_once is asked for"
                )
            return found
        value = self.storable(make_value(label))
        self.baggage.init(label, value)
        return value

    def provide_sub_backing(self, label: str, zone_label: str) -> Backing:
        sub = provide_store(self.incarnation, self.baggage, MAP, label, None, None, OF_SUB_ZONE)
        return DurableBacking(self.incarnation, sub)
