"""The vat-data functions: what user code defines kinds and makes stores with, acting on the vat whose crank runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar, Unpack, cast

from typing_extensions import deprecated

from .errors import VatDataError
from .passable import freeze
from .patterns import InterfaceGuard
from .vat import evolution
from .vat.ambient import current
from .vat.definitions import DefineKindOptions, KindSource
from .vat.definitions import define_kind as carry_out
from .vat.identifiers import DURABLE
from .vat.kind_registry import KindHandle
from .vat.kinds import Maker
from .vat.stores.open import MAP, SET, WEAK_MAP, WEAK_SET, make_heap_store, make_stored_store
from .vat.stores.store import MapStore, SetStore, WeakMapStore, WeakSetStore
from .vat.watchers import provide_only_instance
from .vat.watchers import watch_promise as watch
from .zones.baggage import (
    define_in_baggage,
    provide_handle,
    provide_instance,
    provide_store,
    provide_value,
)

__all__ = [
    "Baggage",
    "DefineKindOptions",
    "can_be_durable",
    "define_durable_exo_class",
    "define_durable_exo_class_kit",
    "define_durable_kind",
    "define_durable_kind_multi",
    "define_exo_class",
    "define_exo_class_kit",
    "define_kind",
    "define_kind_multi",
    "define_virtual_exo_class",
    "define_virtual_exo_class_kit",
    "ignore_context",
    "make_exo",
    "make_kind_handle",
    "make_scalar_big_map_store",
    "make_scalar_big_set_store",
    "make_scalar_big_weak_map_store",
    "make_scalar_big_weak_set_store",
    "make_scalar_map_store",
    "make_scalar_set_store",
    "make_scalar_weak_map_store",
    "make_scalar_weak_set_store",
    "partial_assign",
    "pick_facet",
    "prepare_exo",
    "prepare_exo_class",
    "prepare_exo_class_kit",
    "prepare_kind",
    "prepare_kind_multi",
    "prepare_singleton",
    "provide",
    "provide_durable_map_store",
    "provide_durable_set_store",
    "provide_durable_weak_map_store",
    "provide_durable_weak_set_store",
    "provide_kind_handle",
    "provide_promise_watcher",
    "register_enum",
    "rename_kind",
    "retire_kind",
    "watch_promise",
]

Baggage = MapStore
"""The durable map that all a new incarnation begins with; any durable map store can serve as baggage."""

GuardKit = Mapping[str, InterfaceGuard | None]
Init = Callable[..., Mapping[str, Any]]
T = TypeVar("T")


# --- kind handles


def make_kind_handle(tag: str) -> KindHandle:
    """Make a new durable kind and its handle; keep the handle in durable data, or no later incarnation can start.

    Args:
        tag: the kind's name for people; two kinds may share one.

    Raises:
        NoVatError: no crank is running.
    """
    if type(tag) is not str or not tag:
        raise TypeError(f"a kind's tag is text, not {tag!r}")
    return current("make_kind_handle").kinds.make_handle(tag)


def provide_kind_handle(baggage: Baggage, kind_name: str) -> KindHandle:
    """Return the handle that *baggage* keeps for *kind_name*; make it there the first time.

    Raises:
        FirstCrankError: the first crank's window for definitions has closed.
        LabelInUseError: something else is kept under the handle's key.
    """
    incarnation = current("provide_kind_handle")
    incarnation.require_window("provide_kind_handle", str(kind_name))
    if type(kind_name) is not str or not kind_name:
        raise TypeError(f"a kind's name is text, not {kind_name!r}")
    return provide_handle(incarnation, baggage, kind_name)


def rename_kind(baggage: Baggage, old: str, new: str) -> None:
    """Let the stored kind *old* go by the name *new* from now on, with its instances and, of a singleton, its instance.

    Call it in the first crank, before the kind is prepared under its new name. Left in the code it does nothing next
    time.

    Raises:
        FirstCrankError: the first crank's window for definitions has closed.
        EvolutionError: *new* is stored already, or *old* is already defined in this incarnation.
    """
    evolution.rename_kind(current("rename_kind"), baggage, old, new)


def retire_kind(baggage: Baggage, name: str) -> None:
    """Forget the stored kind *name*: later incarnations need not prepare it.

    Call it in the first crank, instead of preparing the kind. A kind whose handle was lost is found by its name. Left
    in the code it does nothing next time. Instances that nothing refers to are deleted.

    Raises:
        FirstCrankError: the first crank's window for definitions has closed.
        EvolutionError: stored data refers to an instance of the kind, or it is defined in this incarnation.

    Cost: one read and up to two more for each stored instance of the kind.
    """
    evolution.retire_kind(current("retire_kind"), baggage, name)


# --- durable kinds


def prepare_exo_class(
    baggage: Baggage,
    kind_name: str,
    guard: InterfaceGuard | None,
    init: Init | None,
    methods: object,
    **options: Unpack[DefineKindOptions],
) -> Maker:
    """Define the durable kind *kind_name*, the same one in every incarnation, and return its maker.

    Args:
        baggage: durable map that keeps the kind's handle, under ``"<kind_name>_kindHandle"``.
        kind_name: the kind's name, stable over all versions of the code.
        guard: interface guard of the methods; None checks only that arguments and results are passable.
        init: called with the maker's arguments; returns a dict from field name to value. None means no fields.
        methods: dict from name to function, or a class used as a bag of functions; each receives ``this`` first.
        **options: see ``DefineKindOptions``.

    Returns:
        The maker: forwards its arguments to *init* and returns the new instance.

    Raises:
        FirstCrankError: called after the first crank's window for definitions has closed.
        KindRedefinedError: the kind is already defined in this incarnation.
        IncompatibleKindError: stored instances cannot follow this definition.
        GuardDefinitionError: guard and methods do not agree.

    Cost: about 0.3 ms for a kind of ten methods, once an incarnation.
    Source: ``prepareExoClass`` of vat-data; everything is validated before anything is written.
    """
    return _prepare("prepare_exo_class", baggage, kind_name, guard, init, methods, options, is_kit=False)


def prepare_exo_class_kit(
    baggage: Baggage,
    kind_name: str,
    guard_kit: GuardKit | None,
    init: Init | None,
    facets: object,
    **options: Unpack[DefineKindOptions],
) -> Maker:
    """Define the durable kit *kind_name*: instances with several facets over one state.

    Args:
        baggage: as in ``prepare_exo_class``.
        kind_name: as in ``prepare_exo_class``.
        guard_kit: dict from facet name to interface guard, or None.
        init: as in ``prepare_exo_class``.
        facets: dict from facet name to methods, at least two.
        **options: see ``DefineKindOptions``.

    Returns:
        The maker: returns a ``Kit``, the facets by attribute and by item.

    Raises: as ``prepare_exo_class``.
    """
    return _prepare(
        "prepare_exo_class_kit", baggage, kind_name, guard_kit, init, facets, options, is_kit=True
    )


def prepare_exo(
    baggage: Baggage,
    kind_name: str,
    guard: InterfaceGuard | None,
    methods: object,
    **options: Unpack[DefineKindOptions],
) -> Any:
    """Define a durable kind with one instance and return that instance, the same in every incarnation.

    The instance is kept in *baggage* under ``"the_<kind_name>"``. Raises as ``prepare_exo_class``.
    """
    incarnation = current("prepare_exo")
    incarnation.require_window("prepare_exo", str(kind_name))
    source = KindSource("prepare_exo", kind_name, guard, None, methods, is_kit=False, options=options)
    with incarnation.undo.savepoint():
        return provide_instance(baggage, *define_in_baggage(incarnation, baggage, source))


prepare_singleton = deprecated("prepare_singleton is the old name of prepare_exo")(prepare_exo)


@deprecated("prepare_kind is the old form; use prepare_exo_class")
def prepare_kind(
    baggage: Baggage,
    kind_name: str,
    init: Init | None,
    behavior: object,
    **options: Unpack[DefineKindOptions],
) -> Maker:
    """Define a durable kind without guard; see ``prepare_exo_class``."""
    return _prepare("prepare_kind", baggage, kind_name, None, init, behavior, options, is_kit=False)


@deprecated("prepare_kind_multi is the old form; use prepare_exo_class_kit")
def prepare_kind_multi(
    baggage: Baggage,
    kind_name: str,
    init: Init | None,
    behavior: object,
    **options: Unpack[DefineKindOptions],
) -> Maker:
    """Define a durable kit without guards; see ``prepare_exo_class_kit``."""
    return _prepare("prepare_kind_multi", baggage, kind_name, None, init, behavior, options, is_kit=True)


def _prepare(
    what: str,
    baggage: Baggage,
    kind_name: str,
    guard: Any,
    init: Init | None,
    behavior: object,
    options: Mapping[str, Any],
    *,
    is_kit: bool,
) -> Maker:
    incarnation = current(what)
    incarnation.require_window(what, str(kind_name))
    source = KindSource(what, kind_name, guard, init, behavior, is_kit=is_kit, options=options)
    return define_in_baggage(incarnation, baggage, source)[1]


def define_durable_exo_class(
    kind_handle: KindHandle,
    guard: InterfaceGuard | None,
    init: Init | None,
    methods: object,
    **options: Unpack[DefineKindOptions],
) -> Maker:
    """Define the durable kind of a handle; see ``prepare_exo_class``, which also keeps the handle.

    Raises:
        UnknownKindHandleError: *kind_handle* is no handle of this vat.
    """
    return _define_durable(
        "define_durable_exo_class", kind_handle, guard, init, methods, options, is_kit=False
    )


def define_durable_exo_class_kit(
    kind_handle: KindHandle,
    guard_kit: GuardKit | None,
    init: Init | None,
    facets: object,
    **options: Unpack[DefineKindOptions],
) -> Maker:
    """Define the durable kit of a handle; see ``prepare_exo_class_kit``."""
    return _define_durable(
        "define_durable_exo_class_kit", kind_handle, guard_kit, init, facets, options, is_kit=True
    )


@deprecated("define_durable_kind is the old form; use define_durable_exo_class")
def define_durable_kind(
    kind_handle: KindHandle, init: Init | None, behavior: object, **options: Unpack[DefineKindOptions]
) -> Maker:
    """Define the durable kind of a handle without guard."""
    return _define_durable("define_durable_kind", kind_handle, None, init, behavior, options, is_kit=False)


@deprecated("define_durable_kind_multi is the old form; use define_durable_exo_class_kit")
def define_durable_kind_multi(
    kind_handle: KindHandle, init: Init | None, behavior: object, **options: Unpack[DefineKindOptions]
) -> Maker:
    """Define the durable kit of a handle without guards."""
    return _define_durable(
        "define_durable_kind_multi", kind_handle, None, init, behavior, options, is_kit=True
    )


def _define_durable(
    what: str,
    handle: object,
    guard: Any,
    init: Init | None,
    behavior: object,
    options: Mapping[str, Any],
    *,
    is_kit: bool,
) -> Maker:
    incarnation = current(what)
    kind = incarnation.kinds.kind_of_handle(handle)
    incarnation.require_window(what, kind.tag)
    source = KindSource(what, kind.tag, guard, init, behavior, is_kit=is_kit, options=options)
    return carry_out(incarnation, kind, source)


# --- virtual and heap kinds


def define_virtual_exo_class(
    tag: str,
    guard: InterfaceGuard | None,
    init: Init | None,
    methods: object,
    **options: Unpack[DefineKindOptions],
) -> Maker:
    """Define a kind whose instances can be paged out, and end with this incarnation. At any time."""
    return _define(
        "define_virtual_exo_class", tag, guard, init, methods, options, is_kit=False, is_heap=False
    )


def define_virtual_exo_class_kit(
    tag: str,
    guard_kit: GuardKit | None,
    init: Init | None,
    facets: object,
    **options: Unpack[DefineKindOptions],
) -> Maker:
    """Define a kit whose instances can be paged out, and end with this incarnation. At any time."""
    return _define(
        "define_virtual_exo_class_kit", tag, guard_kit, init, facets, options, is_kit=True, is_heap=False
    )


def define_exo_class(
    tag: str,
    guard: InterfaceGuard | None,
    init: Init | None,
    methods: object,
    **options: Unpack[DefineKindOptions],
) -> Maker:
    """Define a kind whose instances live in memory. At any time."""
    return _define("define_exo_class", tag, guard, init, methods, options, is_kit=False, is_heap=True)


def define_exo_class_kit(
    tag: str,
    guard_kit: GuardKit | None,
    init: Init | None,
    facets: object,
    **options: Unpack[DefineKindOptions],
) -> Maker:
    """Define a kit whose instances live in memory. At any time."""
    return _define("define_exo_class_kit", tag, guard_kit, init, facets, options, is_kit=True, is_heap=True)


def make_exo(
    tag: str, guard: InterfaceGuard | None, methods: object, **options: Unpack[DefineKindOptions]
) -> Any:
    """Make one guarded object in memory."""
    return _define("make_exo", tag, guard, None, methods, options, is_kit=False, is_heap=True)()


@deprecated("define_kind is the old form; use define_virtual_exo_class")
def define_kind(tag: str, init: Init | None, behavior: object, **options: Unpack[DefineKindOptions]) -> Maker:
    """Define a virtual kind without guard."""
    return _define("define_kind", tag, None, init, behavior, options, is_kit=False, is_heap=False)


@deprecated("define_kind_multi is the old form; use define_virtual_exo_class_kit")
def define_kind_multi(
    tag: str, init: Init | None, behavior: object, **options: Unpack[DefineKindOptions]
) -> Maker:
    """Define a virtual kit without guards."""
    return _define("define_kind_multi", tag, None, init, behavior, options, is_kit=True, is_heap=False)


def _define(
    what: str,
    tag: str,
    guard: Any,
    init: Init | None,
    behavior: object,
    options: Mapping[str, Any],
    *,
    is_kit: bool,
    is_heap: bool,
) -> Maker:
    incarnation = current(what)
    source = KindSource(what, tag, guard, init, behavior, is_kit=is_kit, options=options)
    kinds = incarnation.kinds
    kind = kinds.new_heap_kind(tag) if is_heap else kinds.new_virtual_kind(tag)
    return carry_out(incarnation, kind, source)


# --- provide


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


# --- stores


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


# --- helpers


def watch_promise(promise: Any, watcher: Any, *args: Any) -> None:
    """Have a durable object told when *promise* settles, or that it never will because its incarnation has ended.

    The watcher's ``on_fulfilled(value, *args)`` or ``on_rejected(reason, *args)`` is called in a later turn, once, in
    whichever incarnation is alive then: if this one ends first, the next one calls ``on_rejected`` with
    ``DisconnectedError`` in its first crank.

    Args:
        promise: an awaitable future or task of this vat.
        watcher: durable object with at least one of the two methods.
        args: durable values, passed on.

    Raises:
        TypeError: *promise* is no promise, or *watcher* has no handler.
        NotDurableError: *watcher* or an argument does not survive a restart. Nothing is registered then.

    Source: ``watchPromise`` of vat-data, which reports such mistakes only later, as unhandled rejections.
    """
    watch(current("watch_promise"), promise, watcher, args, DURABLE)


def provide_promise_watcher(
    kind_handle: KindHandle,
    on_fulfilled: Callable[..., Any] | None = None,
    on_rejected: Callable[..., Any] | None = None,
) -> Any:
    """Return the durable watcher of a kind handle, made from two functions: the same object in every incarnation.

    Defines the handle's kind, so call it in the first crank. Without *on_fulfilled* values are ignored, without
    *on_rejected* reasons are reported as unhandled.

    Args:
        kind_handle: from ``provide_kind_handle`` or ``make_kind_handle``.
        on_fulfilled: called with the value and the arguments of the watch.
        on_rejected: called with the reason and the arguments of the watch.

    Raises:
        TypeError: one of the two is no function.
        FirstCrankError, KindRedefinedError: as for every definition.
    """
    for name, function in (("on_fulfilled", on_fulfilled), ("on_rejected", on_rejected)):
        if function is not None and not callable(function):
            raise TypeError(f"provide_promise_watcher: {name} is {function!r}, not a function")
    incarnation = current("provide_promise_watcher")
    methods = {
        "on_fulfilled": ignore_context(on_fulfilled or _ignore),
        "on_rejected": ignore_context(on_rejected or _reraise),
    }
    maker = define_durable_exo_class(kind_handle, None, None, methods)
    return provide_only_instance(incarnation, incarnation.kinds.kind_of_handle(kind_handle), maker)


def _ignore(_value: Any, *_args: Any) -> None:
    """What a watcher does with a value that nobody asked for."""


def _reraise(reason: BaseException, *_args: Any) -> None:
    raise reason


def can_be_durable(x: Any) -> bool:
    """Say whether *x* could be kept in durable data of this vat. Never raises, never writes.

    Raises:
        NoVatError: no crank is running.
    """
    incarnation = current("can_be_durable")
    try:
        incarnation.check_keepable(freeze(x), DURABLE)
    except VatDataError:
        return False
    return True


def pick_facet(maker: Maker, facet_name: str) -> Maker:
    """Return a maker that gives only one facet of each new kit."""

    def make(*args: Any, **kwargs: Any) -> Any:
        return maker(*args, **kwargs)[facet_name]

    return make


def partial_assign(state: Any, mapping: Mapping[str, Any]) -> None:
    """Assign several fields, in the order given. Where one is refused, those before it keep their new values."""
    for name, value in mapping.items():
        setattr(state, name, value)


def ignore_context(function: Callable[..., T]) -> Callable[..., T]:
    """Turn a function without context into a method that ignores it."""

    def method(_this: Any, *args: Any, **kwargs: Any) -> T:
        return function(*args, **kwargs)

    return method


def register_enum(cls: type[Enum], name: str | None = None) -> None:
    """Make members of an enum passable in this vat; they are stored by name. In the first crank of each incarnation.

    Raises:
        FirstCrankError: the first crank's window for definitions has closed.
        LabelInUseError: the name means another enum.
    """
    incarnation = current("register_enum")
    incarnation.require_window("register_enum", name or cls.__name__)
    incarnation.enums.register(cls, name)
