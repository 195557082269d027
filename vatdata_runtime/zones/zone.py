"""The zone as user code sees it: makes kinds, stores and named values, each under a label of its own."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, Unpack, cast, overload

from ..errors import VatDataError
from ..patterns import InterfaceGuard
from ..vat.ambient import current
from ..vat.definitions import DefineKindOptions, KindSource
from ..vat.representatives import Kit
from ..vat.stores.open import MAP, SET, WEAK_MAP, WEAK_SET
from ..vat.watchers import watch_promise
from .backings import Backing, DurableBacking, HeapBacking, VirtualBacking
from .labels import Labels, check_label, exo_names, kind_names, own_name

if TYPE_CHECKING:
    from ..declare import Exo, ExoKit
    from ..vat.kinds import Maker
    from ..vat.stores.entries import StoreType
    from ..vat.stores.store import MapStore, SetStore, WeakMapStore, WeakSetStore

__all__ = ["DetachedStores", "Zone", "make_durable_zone", "make_heap_zone", "make_virtual_zone"]

P = ParamSpec("P")
T = TypeVar("T")
ExoT = TypeVar("ExoT", bound="Exo")
KitT = TypeVar("KitT", bound="ExoKit")

Init = Callable[..., Mapping[str, Any]]
Migrate = Callable[[Mapping[str, Any], int], Mapping[str, Any]]


class DetachedStores:
    """Makes stores of a zone's sort that no label leads to: each lives as long as something keeps it."""

    __slots__ = ("_backing",)

    def __init__(self, backing: Backing) -> None:
        self._backing = backing

    def map_store(self, label: str, *, key_shape: Any = None, value_shape: Any = None) -> MapStore:
        """Make a map. *label* is its name for people; several stores may share one."""
        return cast("MapStore", self._make(MAP, label, key_shape, value_shape))

    def set_store(self, label: str, *, key_shape: Any = None) -> SetStore:
        """Make a set; see ``map_store``."""
        return cast("SetStore", self._make(SET, label, key_shape, None))

    def weak_map_store(self, label: str, *, key_shape: Any = None, value_shape: Any = None) -> WeakMapStore:
        """Make a weak map; see ``map_store``."""
        return cast("WeakMapStore", self._make(WEAK_MAP, label, key_shape, value_shape))

    def weak_set_store(self, label: str, *, key_shape: Any = None) -> WeakSetStore:
        """Make a weak set; see ``map_store``."""
        return cast("WeakSetStore", self._make(WEAK_SET, label, key_shape, None))

    def _make(self, store_type: StoreType, label: str, key_shape: Any, value_shape: Any) -> Any:
        self._backing.incarnation.require_open(f"detached stores of a {self._backing.sort} zone")
        return self._backing.make_store(store_type, label, key_shape, value_shape)

    def __repr__(self) -> str:
        return f"<detached {self._backing.sort} stores>"


class Zone:
    """Makes exos, classes, kits, stores and named values that share a life: heap, virtual or durable.

    The same calls work in every zone. Each label is used once in an incarnation, and used up only if the call
    succeeds; a class or kit takes the name ``"<label>_kindHandle"``, a single exo also ``"the_<label>"``, everything
    else the label itself. In a durable zone these names are keys of the baggage, the same that the ``prepare_*`` and
    ``provide_*`` functions use, so the two forms can be mixed and exchanged; what a label was used for there is
    remembered, and another use in a later incarnation is refused.

    A zone belongs to the incarnation that made it, and works inside its cranks.

    Raises, in every method:
        NoVatError: no crank of its vat is running.
        LabelInUseError: the label is used already, or its baggage holds something else under it.
        TypeError, KeyTooLargeError: the label is no text, or too long for a key.
    """

    __slots__ = ("__weakref__", "_backing", "label")

    def __init__(self, backing: Backing, label: str) -> None:
        self._backing = backing
        self.label = label

    # --- kinds

    def exo(
        self,
        label: str,
        guard: InterfaceGuard | None,
        methods: object,
        **options: Unpack[DefineKindOptions],
    ) -> Any:
        """Define a kind with one instance and return that; in a durable zone the same one in every incarnation.

        Args, errors: as ``prepare_exo``.
        """
        with self._claim(label, exo_names):
            source = KindSource("zone.exo", label, guard, None, methods, is_kit=False, options=options)
            return self._backing.provide_instance(source)

    def exo_class(
        self,
        label: str,
        guard: InterfaceGuard | None,
        init: Init | None,
        methods: object,
        **options: Unpack[DefineKindOptions],
    ) -> Maker:
        """Define a kind and return its maker.

        Args, errors: as ``prepare_exo_class``; in heap and virtual zones at any time.
        """
        with self._claim(label, kind_names):
            source = KindSource("zone.exo_class", label, guard, init, methods, is_kit=False, options=options)
            return self._backing.define(source)[1]

    def exo_class_kit(
        self,
        label: str,
        guard_kit: Mapping[str, InterfaceGuard | None] | None,
        init: Init | None,
        facets: object,
        **options: Unpack[DefineKindOptions],
    ) -> Maker:
        """Define a kit and return its maker.

        Args, errors: as ``prepare_exo_class_kit``; in heap and virtual zones at any time.
        """
        with self._claim(label, kind_names):
            source = KindSource(
                "zone.exo_class_kit", label, guard_kit, init, facets, is_kit=True, options=options
            )
            return self._backing.define(source)[1]

    @overload
    def prepare(
        self, cls: Callable[P, KitT], /, *, version: int = 1, migrate: Migrate | None = None
    ) -> Callable[P, Kit]: ...
    @overload
    def prepare(
        self, cls: Callable[P, ExoT], /, *, version: int = 1, migrate: Migrate | None = None
    ) -> Callable[P, ExoT]: ...
    def prepare(
        self, cls: Callable[P, Any], /, *, version: int = 1, migrate: Migrate | None = None
    ) -> Callable[P, Any]:
        """Define the kind that a declarative class describes, and return its maker.

        The label is the kind's name: that of the class, or what ``class Purse(Exo, name="...")`` gives. In the first
        crank, enums that annotations mention become passable as by ``register_enum``.

        Args:
            cls: a class derived from ``Exo`` or ``ExoKit``.
            version: version of the state, raised when *migrate* is needed.
            migrate: from the old fields and their version to the new fields.

        Returns:
            The maker. It takes the fields as a dataclass does and returns the new instance, or the kit.

        Raises:
            TypeError: *cls* is no declarative class, or its fields make no signature.
            NotAPatternError: an annotation stands for no set of values.
            GuardDefinitionError: a method cannot be guarded.
        """
        incarnation = self._incarnation()

        def note_enum(enum: type[Enum]) -> None:
            # So that an annotation is enough; later than this, what is stored might not be read next time.
            if incarnation.defines and enum not in incarnation.enums:
                incarnation.enums.register(enum)

        from ..declare.definition import declare_kind  # brings what reads annotations

        declared = declare_kind(cls, {"version": version, "migrate": migrate}, note_enum)
        with self._claim(declared.source.tag, kind_names):
            kind, maker = self._backing.define(declared.source)
            declared.note_classes(kind)
        return cast("Callable[P, Any]", maker)

    # --- stores

    def map_store(self, label: str, *, key_shape: Any = None, value_shape: Any = None) -> MapStore:
        """Make a map; in a durable zone the same one in every incarnation, with the same shapes."""
        return cast("MapStore", self._provide_store(MAP, label, key_shape, value_shape))

    def set_store(self, label: str, *, key_shape: Any = None) -> SetStore:
        """Make a set; see ``map_store``."""
        return cast("SetStore", self._provide_store(SET, label, key_shape, None))

    def weak_map_store(self, label: str, *, key_shape: Any = None, value_shape: Any = None) -> WeakMapStore:
        """Make a weak map; see ``map_store``."""
        return cast("WeakMapStore", self._provide_store(WEAK_MAP, label, key_shape, value_shape))

    def weak_set_store(self, label: str, *, key_shape: Any = None) -> WeakSetStore:
        """Make a weak set; see ``map_store``."""
        return cast("WeakSetStore", self._provide_store(WEAK_SET, label, key_shape, None))

    def _provide_store(self, store_type: StoreType, label: str, key_shape: Any, value_shape: Any) -> Any:
        with self._claim(label, own_name):
            return self._backing.provide_store(store_type, label, key_shape, value_shape)

    def detached(self) -> DetachedStores:
        """Return makers of stores of this zone's sort that use up no label."""
        self._incarnation()
        return DetachedStores(self._backing)

    # --- sub-zones and values

    def sub_zone(self, label: str) -> Zone:
        """Make a zone of the same sort with labels of its own; in a durable zone with a baggage of its own."""
        with self._claim(label, own_name):
            full = f"{self.label}.{label}"
            return Zone(self._backing.provide_sub_backing(label, full), full)

    def make_once(self, key: str, maker: Callable[[str], T]) -> T:
        """Return what ``maker(key)`` returns, frozen; in a durable zone what it returned in the first incarnation.

        Once means once in an incarnation: a second call with the same key raises, it does not look the value up.

        Raises:
            NotStorableError: the value cannot live in this zone; nothing is kept, and the key stays free.
        """
        with self._claim(key, own_name):
            return cast(T, self._backing.provide_value(key, maker))

    def is_storable(self, value: Any) -> bool:
        """Say whether *value* can be kept in this zone. Never raises for a value, never writes."""
        self._incarnation()
        try:
            self._backing.storable(value)
        except (VatDataError, RecursionError):
            return False
        return True

    # --- promises

    def watch_promise(self, promise: Any, watcher: Any, *args: Any) -> None:
        """Call ``watcher.on_fulfilled(value, *args)`` or ``watcher.on_rejected(reason, *args)`` when *promise* settles.

        In a later turn, never now, and at most once. Several watches of one promise are called in the order of their
        registration. What a handler returns is ignored; what it raises, and a rejection without handler, is reported as
        unhandled.

        Raises:
            TypeError: *promise* is no promise, or *watcher* has no handler.
            NotPassableError, NotDurableError: *watcher* or an argument cannot live in this zone.
        """
        watch_promise(self._incarnation(), promise, watcher, args, self._backing.zone)

    # --- what every method begins with

    def _incarnation(self) -> Any:
        incarnation = self._backing.incarnation
        incarnation.require_open(self.label)
        return incarnation

    @contextmanager
    def _claim(self, label: str, names_of: Callable[[str], tuple[str, ...]]) -> Generator[None]:
        incarnation = self._incarnation()
        where = repr(self)
        names = names_of(check_label(label, where))
        with self._backing.labels.claim(incarnation, where, label, names):
            yield

    def __repr__(self) -> str:
        return f"<{self._backing.sort} zone {self.label!r}>"


def make_heap_zone(label: str = "heapZone") -> Zone:
    """Make a zone whose objects live in memory, and are lost when the vat stops.

    Args:
        label: its name in messages.
    """
    return Zone(HeapBacking(current("make_heap_zone"), Labels()), check_label(label, "a heap zone"))


def make_virtual_zone(label: str = "virtualZone") -> Zone:
    """Make a zone whose objects can be paged out to the store, and end with this incarnation.

    Args:
        label: its name in messages.
    """
    return Zone(VirtualBacking(current("make_virtual_zone"), Labels()), check_label(label, "a virtual zone"))


def make_durable_zone(baggage: MapStore, label: str = "durableZone") -> Zone:
    """Make a zone whose objects survive stop, restart and upgrade.

    Zones over one baggage share its labels: what one has used is used for the other.

    Args:
        baggage: the vat's baggage, or any durable map store.
        label: its name in messages.

    Raises:
        TypeError, NotDurableError: *baggage* is no map store, or no durable one.
    """
    backing = DurableBacking(current("make_durable_zone"), baggage)
    return Zone(backing, check_label(label, "a durable zone"))
