"""One kind in one incarnation: its generated classes, and the making and loading of its instances."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, cast

from ..errors import (
    AbandonedReferenceError,
    EvolutionError,
    NotPassableError,
    PatternMismatchError,
    StateFieldError,
    StoreCorruptError,
    ValueTooLargeError,
)
from ..passable import DecodeError, Record, Remotable, UnknownEnumError, freeze, parse_row
from ..passable.classes import class_of
from ..patterns import allows_none
from .descriptors import KindDescriptor
from .identifiers import DURABLE, HEAP, VIRTUAL, Base, Slot, decode_number, encode_number, format_vref
from .layouts import KindLayouts
from .representatives import GeneratedClass, Kit, set_slot
from .state import State, get_base, set_base, set_references

if TYPE_CHECKING:
    from .incarnation import Incarnation

__all__ = ["Cohort", "Kind", "Maker"]

Maker = Callable[..., Any]
_new = object.__new__
_LARGE = 65536
_SMALL = frozenset({int, bool, float, type(None)})


class Cohort:
    """The facets of one kit instance, and their state.

    A facet holds its cohort, the cohort of a stored kit finds its facets by slot: so facets are freed as soon as nobody
    holds them, without a cycle for the garbage collector.
    """

    __slots__ = ("heap_kit", "kind", "state")

    def __init__(self, kind: Kind, state: State) -> None:
        self.kind = kind
        self.state = state
        self.heap_kit: Kit | None = None

    def kit(self) -> Kit:
        """Return all facets, in the order of the definition."""
        if self.heap_kit is not None:
            return self.heap_kit
        object_at, kind = self.kind.incarnation.marshal.object_at, self.kind
        base = kind.base_of_living(self.state)
        return Kit({name: object_at(base + tail) for name, tail in kind.facet_tails.items()})


class Kind:
    """A kind as this incarnation's code defines it.

    Attributes:
        incarnation: the incarnation that defined it.
        number: the kind's number; 0 for heap kinds, which are not stored.
        tag: the kind's name for people.
        zone: ``DURABLE``, ``VIRTUAL`` or ``HEAP``.
        layouts: the ordered sets of fields of its records.
        descriptor: what the store remembers, for durable kinds.
        next_instance: number of the next instance.
        new_base: gives a new state its number, and notes it in this crank.
        represent: makes the object of a slot of which none lives, if the kind is no kit.
        facet_tails: facet name to the bytes behind the base in its slot, in the order of the definition.
        classes: generated class of each facet by facet number; one for a kind without facets.
        facet_classes: the same by facet name.
    """

    def __init__(self, incarnation: Incarnation, number: int, tag: str, zone: bytes) -> None:
        self.incarnation = incarnation
        self.undo = incarnation.undo
        self.number = number
        self.tag = tag
        self.zone = zone
        self.prefix = zone + encode_number(number)
        self.space = incarnation.space_of(zone)
        self.record_prefix = self.space.record
        self._keepable = DURABLE if zone == DURABLE else DURABLE + VIRTUAL  # what its state may mention
        self.descriptor: KindDescriptor | None = None
        self.next_instance = 1
        self.is_defined = False
        self.shape: Record | None = None
        self.version = 1
        self.migrate: Callable[[Mapping[str, Any], int], Mapping[str, Any]] | None = None
        self.facet_tails: dict[str, bytes] = {}
        self.classes: list[GeneratedClass] = []
        self.facet_classes: dict[str, GeneratedClass] = {}
        self.is_kit = False
        self.layouts = KindLayouts(self)
        self._migrating: set[Base] = set()
        self.init: Callable[..., Any] | None = None
        self.finish: Callable[[Any], Any] | None = None
        self.defaults: Mapping[str, Callable[[], Any]] = {}
        self.new_base = _base_giver(self)
        self.load_state = _loader(self)
        self.note_dirty = _noter(self)
        self.represent: Callable[[Slot], Any]

    def renew(self, base: Base) -> None:
        """Load a record that may be of a stale layout, and have it written in the newest one in this crank.

        Raises: as the first access to such an instance would.
        """
        incarnation = self.incarnation
        state = self.load_state(incarnation.loaded_state(base) or self.layouts.ghost(base))
        if base not in incarnation.dirty:
            self.note_dirty(state)

    def take_shape(self, shape: Record | None) -> None:
        """Begin to check state against *shape*."""
        self.shape = shape
        self.layouts.forget_shape()

    # --- making

    def forget_kind(self) -> None:
        """Make the maker unusable: the definition was taken back, and the kind's number will be another kind's."""

        def refuse(*args: object, **kwargs: object) -> NoReturn:
            raise AbandonedReferenceError(f"the maker of {self.tag!r}, defined in what was taken back,")

        self.init = refuse

    def build_state(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> State:
        """Run ``init`` and turn its result into a loaded state without base."""
        return self.state_from(self.init(*args, **kwargs) if self.init is not None else {})

    def state_from(self, result: Any) -> State:
        """Turn what ``init`` returned into a loaded state without base; see ``state_of``."""
        return self.state_of(result if class_of(result) is dict else self._fields_of(result, "init"))

    def state_of(self, fields: Mapping[str, Any]) -> State:
        """Turn fields into a loaded state without base; a field that is missing has its default, else None.

        Raises:
            PatternMismatchError, NotPassableError, NotDurableError, StateFieldError: a field cannot be kept.
        """
        names = tuple(fields)
        build = self.layouts.builders.get(names)
        if build is None:
            build = self.layouts.builders[names] = self._builder_for(names)
        return build(fields)

    def _builder_for(self, names: tuple[str, ...]) -> Callable[[Mapping[str, Any]], State]:
        layout = self.layouts.for_names(names)
        missing = set(layout.fields).difference(names)
        if not missing:
            return layout.build
        shape = cast(Record, self.shape)
        for name in layout.fields:
            if name in missing and name not in self.defaults and not allows_none(shape[name]):
                raise PatternMismatchError(
                    (), f"state field {name!r} of kind {self.tag!r}", repr(shape[name]), None
                )

        def build_completed(fields: Mapping[str, Any]) -> State:
            fields = self._with_defaults(fields)
            return layout.build({name: fields.get(name) for name in layout.fields})

        return build_completed

    def _with_defaults(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add the fields that an older definition did not have and this one has a default for."""
        missing = {name: make() for name, make in self.defaults.items() if name not in fields}
        return {**fields, **missing}

    def _fields_of(self, result: Any, what: str) -> Mapping[str, Any]:
        if inspect.iscoroutine(result):
            result.close()
            raise TypeError(f"{what} of kind {self.tag!r} is async, and must be a plain function")
        if isinstance(result, Mapping):
            return dict(cast("Mapping[str, Any]", result))
        raise TypeError(
            f"{what} of kind {self.tag!r} returned {type(result).__name__} {result!r}; it must return a dict from "
            f"field name to value"
        )

    def disown(self, base: Base, state: State) -> None:
        """Make a state unusable: the making of its instance is being taken back."""
        incarnation = self.incarnation
        incarnation.cache.evict(base)
        layout = incarnation.layouts[type(state)][0]
        if not layout.is_ghost(state):
            layout.evict(state)
        set_base(state, Base(b""))

    def note_defined(self) -> None:
        """Note that ``classes`` is complete."""
        self.is_defined = True
        if not self.is_kit:
            self.represent = _representer(self)

    def represent_facet(self, slot: Slot, base: Base, facet: int) -> Any:
        """Make a facet of a kit, of which none lives; see ``represent``."""
        incarnation = self.incarnation
        cohort = self._living_cohort(base)
        if cohort is None:
            cohort = Cohort(self, incarnation.loaded_state(base) or self.layouts.ghost(base))
        obj = self.classes[facet].make(slot, cohort)
        incarnation.table.add(slot, obj)
        incarnation.table.recent.append(obj)
        return obj

    def _living_cohort(self, base: Base) -> Cohort | None:
        table = self.incarnation.table
        for number, generated in enumerate(self.classes):
            facet = table.get(base + encode_number(number))
            if facet is not None:
                return cast(Cohort, generated.core_of(facet))
        return None

    def base_of_living(self, state: State) -> Base:
        """Return the base of a stored instance.

        Raises:
            AbandonedReferenceError: the making of the instance was taken back; its number may be another's by now.
        """
        base = get_base(state)
        if not base:
            raise AbandonedReferenceError(f"<{self.tag}>, made in what was taken back,")
        return base

    # --- what states ask (StateHost)

    def admit(self, field: str, value: Any) -> Any:
        """Freeze a value for a field; refuse what this kind's zone cannot keep. See ``StateHost``."""
        cls: type = type(value)  # pyright: ignore[reportUnknownVariableType] # the class of anything
        if cls in self.incarnation.kinds.classes:
            slot = self.incarnation.marshal.stored_slot(value)
            if slot is not None and slot[0] in self._keepable:
                return value  # by far the most frequent reference
        elif cls in _SMALL or (cls is str and len(value) < _LARGE and value.isascii()):
            return value if cls is not float else value + 0.0  # -0.0 and 0.0 are one value
        try:
            value = freeze(value)
        except NotPassableError as error:
            raise NotPassableError(error.reason, (field, *error.path)) from None
        incarnation = self.incarnation
        if self.zone != HEAP:
            incarnation.marshal.check_keepable(value, self.zone, (field,))
            if isinstance(value, Remotable):
                return value
            if type(value) not in _SMALL and not (type(value) is str and len(value) < _LARGE):
                size = len(incarnation.marshal.encode(value))
                if size > incarnation.value_limit_bytes:
                    where = f"state field {field!r} of kind {self.tag!r}"
                    raise ValueTooLargeError(size, incarnation.value_limit_bytes, where)
        return value

    def load_stale(self, base: Base, data: bytes, row: list[Any]) -> State:
        """Load a record of a layout that is migrated, or checked for the first time."""
        incarnation = self.incarnation
        number: int = row[0]
        layouts, references = self.layouts, tuple(incarnation.marshal.slots_in(data))
        stored = layouts.stored[number]
        fields: dict[str, Any] = dict(zip(stored.fields, row[1:], strict=True))
        if layouts.is_migrated(number):
            return self._migrate_state(base, fields, references, stored.version)
        shape = cast(Record, self.shape)
        for name in fields:
            if name not in shape:
                problem = "is stored and not in the state shape; add it, or migrate"
                raise StateFieldError(name, self.tag, tuple(shape), problem)
        if self.defaults.keys() - fields.keys():
            return self._adopt(base, self.state_of(fields), references)
        layout = layouts.for_names(tuple(shape))
        state = layout.build({name: fields.get(name) for name in layout.fields})
        set_base(state, base)
        set_references(state, references)
        self.replace_state(base, state)
        incarnation.cache.shrink(incarnation.dirty)
        incarnation.cache.add(base, state, len(data))
        return state

    def _migrate_state(
        self, base: Base, fields: Mapping[str, Any], references: tuple[bytes, ...], version: int
    ) -> State:
        old = Record(dict(fields))
        migrate = cast(Callable[[Mapping[str, Any], int], Mapping[str, Any]], self.migrate)
        if base in self._migrating:
            reason = f"cannot be migrated: migrating {format_vref(base)} reads that instance itself"
            raise EvolutionError(self.tag, reason, self.incarnation.name)
        self._migrating.add(base)
        try:
            with self.undo.savepoint():
                state = self.state_of(self._fields_of(migrate(old, version), "migrate"))
        finally:
            self._migrating.discard(base)
        return self._adopt(base, state, references)

    def _adopt(self, base: Base, state: State, references: tuple[bytes, ...]) -> State:
        """Let *state* take the place of the stored record; it is written in this crank."""
        set_base(state, base)
        self.incarnation.take_migrated(base, state, references)
        self.replace_state(base, state)
        return state

    def replace_state(self, base: Base, state: State) -> None:
        """Let the living objects of *base* use *state* from their next call on."""
        table = self.incarnation.table
        if not self.is_kit:
            obj = table.get(base)
            if obj is not None:
                self.classes[0].set_core(obj, state)
            return
        cohort = self._living_cohort(base)
        if cohort is not None:
            cohort.state = state


# What runs for each object that is made or found again: functions with all that they use as variables of their own.


def _base_giver(kind: Kind) -> Callable[[State], Base]:
    """Make the function that gives a new state its number and notes it in this crank."""
    incarnation, prefix = kind.incarnation, kind.prefix
    dirty, counters, undo = incarnation.dirty, incarnation.counters, incarnation.undo
    note_fresh, note_created = incarnation.counts.fresh.add, incarnation.created.append

    def give_base(state: State) -> Base:
        number = kind.next_instance
        kind.next_instance = number + 1
        base: Base = prefix + encode_number(number)  # type: ignore[assignment]  # calling ``Base`` is not free
        set_base(state, base)
        dirty[base] = state
        note_fresh(base)
        note_created(state)
        if kind not in counters or undo.entries is not None:
            incarnation.note_counter(kind, base, state, number)
        return base

    return give_base


def _representer(kind: Kind) -> Callable[[Slot], Any]:
    """Make the function that makes the object of a slot of which none lives; not for kits. No store access."""
    incarnation = kind.incarnation
    cached, dirty, table, ghost = (
        incarnation.cache.get,
        incarnation.dirty.get,
        incarnation.table,
        kind.layouts.ghost,
    )
    add, keep_recent, generated = table.add, table.recent.append, kind.classes[0]
    cls, set_core = generated.cls, generated.set_core

    def represent(slot: Any) -> Any:
        base = slot  # without facets they are the same
        obj = _new(cls)
        set_slot(obj, slot)
        set_core(obj, cached(base) or dirty(base) or ghost(base))
        add(slot, obj)
        keep_recent(obj)
        return obj

    return represent


def _noter(kind: Kind) -> Callable[[State], None]:
    """Make the function that notes a loaded state as changed in this crank; it will be written once, at the end."""
    incarnation, dirty = kind.incarnation, kind.incarnation.dirty
    if kind.zone == HEAP:
        return lambda _state: None

    def note_dirty(state: State) -> None:
        if not incarnation.is_open:
            incarnation.require_open(kind.tag)
        dirty[get_base(state)] = state

    return note_dirty


def _loader(kind: Kind) -> Callable[[State], State]:
    """Make the function that loads the record of a state."""
    incarnation, layouts = kind.incarnation, kind.layouts
    cache, dirty, read, lift = (
        incarnation.cache,
        incarnation.dirty,
        incarnation.buffer.get,
        incarnation.codec.lift_field,
    )
    cached, add, record, current = cache.get, cache.add_new, kind.space.record, layouts.current

    def load_state(state: State) -> State:
        base = get_base(state) or kind.base_of_living(state)
        loaded = cached(base)
        if loaded is not None:
            return loaded
        if not incarnation.is_open:
            incarnation.require_open(kind.tag)
        data = read(record + base[1:])
        if data is None:
            raise AbandonedReferenceError(f"<{kind.tag}> {format_vref(base)}")
        try:
            row = parse_row(data)
            layout = current.get(row[0]) if row and class_of(row[0]) is int else None
            if layout is None or len(row) != layout.width:
                layout = layouts.of_row(row)
            if layout is None:
                row = incarnation.codec.decode_row(data)
            else:
                if type(state) not in layout.classes:
                    state = layout.ghost(base)
                    kind.replace_state(base, state)
                layout.fill(state, row, lift)
        except UnknownEnumError as error:
            raise NotPassableError(str(error)) from error
        except DecodeError as error:
            what = f"the record of {format_vref(base)} (kind {kind.tag!r}) cannot be read: {error}"
            raise StoreCorruptError(incarnation.path, what) from error
        if layout is None:
            return kind.load_stale(base, data, row)
        if cache.used_bytes > cache.limit_bytes:  # first: whoever asked is about to use this one
            cache.shrink(dirty)
        add(base, state, len(data))
        return state

    return load_state


def facet_of(slot: bytes) -> tuple[int, Base, int | None]:
    """Return kind number, base and facet number of a stored object's slot."""
    kind, at = decode_number(slot, 1)
    _, at = decode_number(slot, at)
    if at == len(slot):
        return kind, Base(slot), None
    facet, end = decode_number(slot, at)
    if end != len(slot):
        raise ValueError(f"bytes behind the facet number: {slot!r}")
    return kind, Base(slot[:at]), facet
