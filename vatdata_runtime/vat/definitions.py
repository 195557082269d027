"""Definitions of kinds: everything is validated first, then the kind exists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypedDict, cast

from msgspec.structs import replace

from ..errors import (
    GuardDefinitionError,
    IncompatibleKindError,
    KindRedefinedError,
    NotAPatternError,
    NoVatError,
    WrongReceiverError,
)
from ..passable import Record
from ..passable.classes import class_of
from ..patterns import InterfaceGuard, check_interface, check_pattern, compile_method
from .behavior import Methods, facet_tables, method_table
from .descriptors import Definition, KindDescriptor, incompatibilities, removed_methods
from .identifiers import DURABLE, HEAP, Base, Slot, encode_number
from .kinds import Cohort, Kind, Maker
from .representatives import Context, GeneratedClass, Kit, KitContext, representative_class, set_slot

if TYPE_CHECKING:
    from .incarnation import Incarnation

__all__ = ["DefineKindOptions", "KindSource", "define_kind"]


class DefineKindOptions(TypedDict, total=False):
    """Options of every function that defines a kind; keyword only.

    Attributes:
        finish: called once with the context, when the instance has its identity and before the maker returns. If it
            raises, the instance and all that ``finish`` wrote are gone.
        state_shape: pattern of each state field.
        receive_amplifier: called at the definition with a function from any facet to the whole kit; kits only.
        receive_instance_tester: called at the definition with a function that tells instances of this kind.
        version: version of the state, raised when ``migrate`` is needed; 1 at first.
        migrate: from the old fields and their version to the new fields; called when an old record is loaded.
    """

    finish: Callable[[Any], Any] | None
    state_shape: Mapping[str, Any] | None
    receive_amplifier: Callable[[Callable[[Any], Kit]], None] | None
    receive_instance_tester: Callable[[Callable[..., bool]], None] | None
    version: int
    migrate: Callable[[Mapping[str, Any], int], Mapping[str, Any]] | None


ContextMaker = Callable[[Any, Any], Any]
"""Makes what a method receives as ``this`` from the core (a state, of kits a cohort) and the instance."""

_new = object.__new__
_NO_DEFAULTS: Mapping[str, Callable[[], Any]] = MappingProxyType({})
_OPTION_NAMES = frozenset(DefineKindOptions.__optional_keys__)


class KindSource:
    """Where a definition comes from: which function was called, with what.

    Args:
        what: name of the function, for messages.
        tag: the kind's name for people.
        guard: interface guard, guard kit, or None.
        init: makes the fields from the maker's arguments, or None for no fields.
        behavior: methods, or facets.
        is_kit: whether it defines a kit.
        has_this: whether methods receive the context; else the old convention, where it is an ordinary argument.
        options: what the caller gave as keywords.
        contexts: by facet (``""`` for a single kind) what makes the context of a call from the core and the instance;
            None for ``Context`` and ``KitContext``.
        defaults: makes the value of a field that a record made before the field existed does not have.
    """

    def __init__(
        self,
        what: str,
        tag: str,
        guard: Any,
        init: Callable[..., Any] | None,
        behavior: object,
        *,
        is_kit: bool,
        options: Mapping[str, Any],
        is_raw: bool = False,
        contexts: Mapping[str, ContextMaker] | None = None,
        defaults: Mapping[str, Callable[[], Any]] = _NO_DEFAULTS,
    ) -> None:
        self.what = what
        self.contexts: Mapping[str, ContextMaker] = contexts or {}
        self.defaults = defaults
        self.tag = tag
        self.init = init
        self.is_kit = is_kit
        self.is_raw = is_raw
        unknown = sorted(set(options) - _OPTION_NAMES)
        if unknown:
            known = ", ".join(sorted(_OPTION_NAMES))
            raise TypeError(f"{what}({tag!r}) has no option {unknown[0]!r}; the options are {known}")
        if type(tag) is not str or not tag:
            raise TypeError(f"{what} takes the kind's name as text, not {tag!r}")
        if init is not None and not callable(init):
            raise TypeError(f"{what}({tag!r}): init is {init!r}, not a function")
        self.options = cast(DefineKindOptions, options)
        for name in ("finish", "migrate", "receive_amplifier", "receive_instance_tester"):
            given = options.get(name)
            if given is not None and not callable(given):
                raise TypeError(f"{what}({tag!r}): {name} is {given!r}, not a function")
        self.version = options.get("version", 1)
        if type(self.version) is not int or self.version < 1:
            raise TypeError(f"{what}({tag!r}): version is a whole number from 1, not {self.version!r}")
        if not is_kit and options.get("receive_amplifier") is not None:
            raise TypeError(
                f"{what}({tag!r}): only kits have facets to amplify; receive_amplifier is for kits"
            )
        self.shape = _checked_shape(tag, options.get("state_shape"))
        if is_kit:
            self.tables = facet_tables(tag, behavior)
            self.guards = _facet_guards(tag, guard, self.tables)
        else:
            if _looks_like_facets(behavior):
                raise GuardDefinitionError(tag, "facets were given to a single kind; use the kit form")
            self.tables = {"": method_table(tag, behavior)}
            self.guards = {"": _checked_guard(tag, guard)}
        # Names that disagree are found here, before anything is made or written.
        self.plans = {
            facet: check_interface(self.guards[facet], table, self.label(facet))
            for facet, table in self.tables.items()
        }

    def label(self, facet: str) -> str:
        """Return how messages call a facet."""
        return f"{self.tag} {facet}" if facet else self.tag

    @property
    def definition(self) -> Definition:
        """What a durable kind's descriptor is compared with."""
        return Definition(
            facets=tuple(self.tables) if self.is_kit else None,
            shape=self.shape,
            version=self.version,
            has_migrate=self.options.get("migrate") is not None,
            methods=tuple(tuple(sorted(table)) for table in self.tables.values()),
            defaults=frozenset(self.defaults),
        )


def _looks_like_facets(behavior: object) -> bool:
    if not isinstance(behavior, Mapping):
        return False
    values = list(cast("Mapping[str, object]", behavior).values())
    return bool(values) and all(isinstance(value, Mapping) for value in values)


def _checked_shape(tag: str, shape: object) -> Record | None:
    if shape is None:
        return None
    if not isinstance(shape, Mapping):
        raise NotAPatternError(f"the state shape of {tag!r} is a dict from field to pattern, not {shape!r}")
    return Record(
        {name: check_pattern(pattern) for name, pattern in cast("Mapping[str, Any]", shape).items()}
    )


def _checked_guard(label: str, guard: object) -> InterfaceGuard | None:
    if guard is None or isinstance(guard, InterfaceGuard):
        return guard
    raise GuardDefinitionError(label, f"its guard is {guard!r}; make one with M.interface(name, methods)")


def _facet_guards(tag: str, guard: object, tables: Mapping[str, Methods]) -> dict[str, InterfaceGuard | None]:
    if guard is None:
        return dict.fromkeys(tables)
    if not isinstance(guard, Mapping):
        raise GuardDefinitionError(tag, "a kit takes a dict from facet name to interface guard, or None")
    guards = cast("Mapping[str, object]", guard)
    for name in tables:
        if name not in guards:
            raise GuardDefinitionError(tag, f"facet {name!r} has no guard in the guard kit")
    for name in guards:
        if name not in tables:
            raise GuardDefinitionError(
                tag, f"the guard kit guards facet {name!r}, which the kit does not have"
            )
    return {name: _checked_guard(f"{tag} {name}", guards[name]) for name in tables}


def define_kind(incarnation: Incarnation, kind: Kind, source: KindSource) -> Maker:
    """Define *kind* as *source* says and return its maker.

    Nothing is written and nothing changes unless everything fits.

    Raises:
        KindRedefinedError, FirstCrankError, IncompatibleKindError, NotDurableError: see their docstrings.
    """
    if kind.is_defined:
        raise KindRedefinedError(kind.tag, incarnation.name, incarnation.number)
    descriptor = kind.descriptor
    if descriptor is not None:
        incarnation.require_window(source.what, source.tag)
        incarnation.marshal.check_keepable(source.shape, DURABLE, ("state_shape",))
        definition = replace(source.definition, shape=incarnation.kinds.shapes.stored_form(source.shape))
        reasons = incompatibilities(descriptor, definition)
        if reasons:
            incarnation.kinds.stop_for(IncompatibleKindError(source.tag, reasons, incarnation.name))
            kind.layouts.distrust()  # a rehearsal goes on as if the kind were new, and looks at each record
            descriptor = KindDescriptor(kind.number, kind.tag)
        else:
            incarnation.kinds.note_removed_methods(kind.tag, removed_methods(descriptor, definition))
        merged = definition.merged_into(descriptor)
        if source.shape is None and descriptor.shape is not None:
            kind.layouts.distrust()
        facets = merged.facets
    else:
        merged = None
        facets = tuple(source.tables) if source.is_kit else None
    kind.is_kit = source.is_kit
    kind.take_shape(source.shape)
    kind.version = source.version
    kind.migrate = source.options.get("migrate")
    kind.init = source.init
    kind.finish = source.options.get("finish")
    kind.defaults = source.defaults
    kind.classes = [
        _generate(incarnation, kind, source, facet) for facet in (facets if facets is not None else ("",))
    ]
    numbers = {name: number for number, name in enumerate(facets or ())}
    in_order = source.tables if source.is_kit else ()
    kind.facet_tails = {name: encode_number(numbers[name]) for name in in_order}
    kind.facet_classes = {name: kind.classes[numbers[name]] for name in in_order}
    maker = _kit_maker(incarnation, kind) if source.is_kit else _single_maker(incarnation, kind)
    maker.__name__ = maker.__qualname__ = f"make_{source.tag}"
    maker.__doc__ = f"Make a new {source.tag}."
    _hand_out_powers(kind, source)
    incarnation.kinds.note_defined(kind)
    if merged is not None and merged != descriptor:
        kind.descriptor = merged
        incarnation.kinds.note_changed(kind)
    if incarnation.undo.entries is not None:

        def undo() -> None:
            incarnation.kinds.forget_definition(kind)
            kind.descriptor = descriptor

        incarnation.undo.entries.append(undo)
    return maker


def _generate(incarnation: Incarnation, kind: Kind, source: KindSource, facet: str) -> GeneratedClass:
    label = source.label(facet)
    guard = source.guards[facet]

    def build_methods(core_of: Callable[[Any], Any]) -> Mapping[str, Callable[..., Any]]:
        scope = _entrance(incarnation, label, core_of, source.is_kit, source.contexts.get(facet))
        return {
            name: compile_method(
                function,
                source.plans[facet][name],
                method=name,
                interface=label if guard is None else guard.name,
                enter=_ENTER,
                scope=scope,
                spawn=incarnation.spawn,
            )
            for name, function in source.tables[facet].items()
        }

    return representative_class(kind.tag, label, build_methods)


# What every method begins with: checks the receiver and the crank, and finds the context. Not a call, since there are
# methods that do less than a call costs.
_ENTER = """\
try: core = _vatdata_core(self)
except (TypeError, AttributeError): raise _vatdata_refusal(self) from None
if not _vatdata_incarnation.is_open: raise _vatdata_closed()
this = _vatdata_context(core, self)"""


def _entrance(
    incarnation: Incarnation,
    label: str,
    core_of: Callable[[Any], Any],
    is_kit: bool,
    make_context: ContextMaker | None,
) -> Mapping[str, Any]:
    """Return the names that ``_ENTER`` uses."""

    def refusal(obj: object) -> WrongReceiverError:
        return WrongReceiverError(f"a method of {label}", f"{type(obj).__name__} {obj!r}"[:120])

    def facet_context(cohort: Any, obj: Any) -> KitContext:
        return KitContext(cohort.state, cohort, obj)

    return {
        "_vatdata_core": core_of,
        "_vatdata_refusal": refusal,
        "_vatdata_incarnation": incarnation,
        "_vatdata_closed": lambda: NoVatError(f"<{label}>", incarnation.name),
        "_vatdata_context": make_context or (facet_context if is_kit else Context),
    }


def _single_maker(incarnation: Incarnation, kind: Kind) -> Maker:
    generated = kind.classes[0]
    cls, set_core, make_object = generated.cls, generated.set_core, generated.make
    build_state, state_from, builders = kind.build_state, kind.state_from, kind.layouts.builders
    new_base, add = kind.new_base, incarnation.table.add

    def refuse() -> NoVatError:
        return NoVatError(f"the maker of {kind.tag!r}", incarnation.name)

    def make(*args: Any, **kwargs: Any) -> Any:
        if not incarnation.is_open:
            raise refuse()
        # All in one function: a call costs as much as two of these lines, and this runs for each object that is made.
        init = kind.init
        result: Any = init(*args, **kwargs) if init is not None else {}
        build = builders.get(tuple(result)) if class_of(result) is dict else None
        state = state_from(result) if build is None else build(result)
        slot: Any = new_base(state)
        obj = _new(cls)
        set_slot(obj, slot)
        set_core(obj, state)
        add(slot, obj)
        return obj

    def make_finished(*args: Any, **kwargs: Any) -> Any:
        if not incarnation.is_open:
            raise refuse()
        state = build_state(args, kwargs)
        with incarnation.undo.savepoint():  # if finish raises, all of it is as before
            slot = Slot(new_base(state))
            obj = make_object(slot, state)
            add(slot, obj)
            _finish(kind, Context(state, obj))
        return obj

    def make_in_heap(*args: Any, **kwargs: Any) -> Any:
        if not incarnation.is_open:
            raise refuse()
        state = build_state(args, kwargs)
        obj = make_object(Slot(b""), state)
        if kind.finish is not None:
            with incarnation.undo.savepoint():
                _finish(kind, Context(state, obj))
        return obj

    if kind.zone == HEAP:
        return make_in_heap
    return make if kind.finish is None else make_finished


def _finish(kind: Kind, context: Any) -> None:
    assert kind.finish is not None  # the callers have looked
    result = kind.finish(context)
    close = getattr(result, "close", None)
    if close is not None and hasattr(result, "cr_frame"):
        close()
        raise TypeError(
            f"finish of kind {kind.tag!r} is async; makers are synchronous. Make it a plain function"
        )


def _kit_maker(incarnation: Incarnation, kind: Kind) -> Maker:
    def make(*args: Any, **kwargs: Any) -> Kit:
        if not incarnation.is_open:
            raise NoVatError(f"the maker of {kind.tag!r}", incarnation.name)
        state = kind.build_state(args, kwargs)
        with incarnation.undo.savepoint():
            base = kind.new_base(state) if kind.zone != HEAP else Base(b"")
            cohort = Cohort(kind, state)
            facets: dict[str, Any] = {}
            for name, tail in kind.facet_tails.items():
                slot = Slot(base + tail if base else b"")
                facets[name] = kind.facet_classes[name].make(slot, cohort)
                if base:
                    incarnation.table.add(slot, facets[name])
                    incarnation.note_created_slot(slot)
            kit = Kit(facets)
            if not base:
                cohort.heap_kit = kit
            if kind.finish is not None:
                _finish(kind, KitContext(state, cohort, kit))
        return kit

    return make


def _hand_out_powers(kind: Kind, source: KindSource) -> None:
    receive_tester = source.options.get("receive_instance_tester")
    if receive_tester is not None:
        receive_tester(_instance_tester(kind))
    receive_amplifier = source.options.get("receive_amplifier")
    if receive_amplifier is not None:
        receive_amplifier(_amplifier(kind))


def _instance_tester(kind: Kind) -> Callable[..., bool]:
    def is_instance(obj: object, facet_name: str | None = None) -> bool:
        """Say whether *obj* is an instance of the kind, or its facet *facet_name*."""
        if facet_name is None:
            return any(generated.is_instance(obj) for generated in kind.classes)
        if not kind.is_kit:
            raise TypeError(f"{kind.tag!r} is no kit: it has no facet {facet_name!r} to test for")
        generated = kind.facet_classes.get(facet_name)
        if generated is None:
            known = ", ".join(kind.facet_classes)
            raise ValueError(f"kit {kind.tag!r} has no facet {facet_name!r}; its facets are {known}")
        return generated.is_instance(obj)

    return is_instance


def _amplifier(kind: Kind) -> Callable[[Any], Kit]:
    def amplify(facet: Any) -> Kit:
        """Return all facets of the instance that *facet* belongs to."""
        for generated in kind.classes:
            if generated.is_instance(facet):
                kit: Kit = generated.core_of(facet).kit()
                return kit
        raise WrongReceiverError(
            f"the amplifier of kit {kind.tag!r}", f"{type(facet).__name__} {facet!r}"[:120]
        )

    return amplify
