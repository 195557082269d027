"""Definitions of kinds: durable ones by handle or baggage, virtual and heap ones; renaming and retiring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from typing_extensions import deprecated

from ..patterns import InterfaceGuard
from ..vat import evolution
from ..vat.ambient import current
from ..vat.definitions import DefineKindOptions, KindSource
from ..vat.definitions import define_kind as carry_out
from ..vat.kind_registry import KindHandle
from ..vat.kinds import Maker
from ..zones.baggage import (
    define_in_baggage,
    provide_handle,
    provide_instance,
)
from .types import Baggage, GuardKit, Init

__all__ = [
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
    "make_exo",
    "make_kind_handle",
    "prepare_exo",
    "prepare_exo_class",
    "prepare_exo_class_kit",
    "prepare_kind",
    "prepare_kind_multi",
    "prepare_singleton",
    "provide_kind_handle",
    "rename_kind",
    "retire_kind",
]


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
