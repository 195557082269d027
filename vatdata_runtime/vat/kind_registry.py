"""All kinds of a vat: those the store remembers, those this incarnation has defined, and which is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from ..errors import (
    FirstCrankError,
    IncompatibleKindError,
    KindNotDefinedError,
    KindRedefinedError,
    StoreCorruptError,
    UnknownKindHandleError,
)
from ..passable import Remotable
from .descriptors import KindDescriptor
from .identifiers import (
    DURABLE,
    FIRST_USER_KIND,
    HANDLE_KIND,
    HEAP,
    Base,
    Slot,
    decode_number,
    encode_number,
    format_vref,
    join_slot,
)
from .kinds import Kind
from .stored_shapes import StoredShapes

if TYPE_CHECKING:
    from .incarnation import Incarnation

__all__ = ["KindHandle", "KindRegistry"]


class KindHandle(Remotable):
    """The durable identity of a kind: stored in baggage, it lets the next incarnation define the same kind again."""

    __slots__ = ("_number", "_owner", "_vatdata_slot", "_vatdata_zone")

    _number: int
    _owner: KindRegistry
    _vatdata_slot: Slot
    _vatdata_zone: bytes

    def __new__(cls, registry: KindRegistry, number: int) -> KindHandle:
        self = super().__new__(cls)
        object.__setattr__(self, "_owner", registry)
        object.__setattr__(self, "_number", number)
        object.__setattr__(self, "_vatdata_slot", join_slot(DURABLE, HANDLE_KIND, number))
        object.__setattr__(self, "_vatdata_zone", DURABLE)
        return self

    def _interface_name(self) -> str:
        return "KindHandle"

    def __repr__(self) -> str:
        return f"<kind handle {self._owner.tag_of_number(self._number)!r}>"


class KindRegistry:
    """The kinds of one incarnation.

    Attributes:
        by_number: kinds that this incarnation has defined, and stored durable kinds that it has not (yet).
        singles: what makes the objects of the defined kinds that are stored and no kits, by zone and number as slots
            begin with them.
        changed: kinds whose descriptors this crank has changed.
        classes: generated class to its kind; tells own instances from those of another vat.
        shapes: reads, writes and compares what the descriptors say of state.
        rehearsed: what a rehearsed first crank would have been stopped for; None where the crank is a real one.
        removed_methods: by tag, what this incarnation's definitions have no longer, of what stored instances had.
    """

    def __init__(self, incarnation: Incarnation) -> None:
        self._incarnation = incarnation
        self.by_number: dict[int, Kind] = {}
        self.singles: dict[bytes, Callable[[Slot], Any]] = {}
        self.classes = incarnation.marshal.classes
        # Handles live as long as the incarnation: whether one is in memory must not depend on garbage collection.
        self._handles: dict[int, KindHandle] = {}
        self.changed: set[Kind] = set()
        self.shapes = StoredShapes(incarnation.codec, incarnation.path)
        self.rehearsed: list[FirstCrankError | IncompatibleKindError] | None = None
        self.removed_methods: dict[str, tuple[str, ...]] = {}

    def load(self) -> None:
        """Read the descriptors and counters of the durable kinds: all that a start reads, whatever the store holds."""
        incarnation = self._incarnation
        space, buffer = incarnation.durable, incarnation.buffer
        for key, data in buffer.scan(space.kind, space.kind + b"\xff"):
            number, _ = decode_number(key, len(space.kind))
            kind = Kind(incarnation, number, "", DURABLE)
            self.by_number[number] = kind
            kind.descriptor = self.shapes.decode(number, data)
            kind.tag = kind.descriptor.tag
            kind.layouts.take(kind.descriptor.layouts)
        for key, data in buffer.scan(space.counter, space.counter + b"\xff"):
            number, _ = decode_number(key, len(space.counter))
            if number in self.by_number:
                self.by_number[number].next_instance, _ = decode_number(data, 0)

    # --- handles

    def make_handle(self, tag: str) -> KindHandle:
        """Make a new durable kind that is not yet defined, and its handle. One write."""
        incarnation = self._incarnation
        record = incarnation.record
        number = record.take_kind_number()
        kind = Kind(incarnation, number, tag, DURABLE)
        kind.descriptor = KindDescriptor(number, tag)
        self.by_number[number] = kind
        self.note_changed(kind)
        handle = self.handle_of(number)
        base = Base(handle._vatdata_slot)
        incarnation.counts.fresh.add(base)

        def undo() -> None:
            self.by_number.pop(number, None)
            self.singles.pop(kind.prefix, None)
            self._handles.pop(number, None)
            self.changed.discard(kind)
            incarnation.table.forget(handle._vatdata_slot)
            incarnation.counts.fresh.discard(base)
            record.next_kind = number

        incarnation.on_abort(undo)
        return handle

    def handle_of(self, number: int) -> KindHandle:
        """Return the handle of a durable kind."""
        handle = self._handles.get(number)
        if handle is None:
            handle = KindHandle(self, number)
            self._handles[number] = handle
            self._incarnation.table.add(handle._vatdata_slot, handle)
        return handle

    def kind_of_handle(self, handle: object) -> Kind:
        """Return the kind that a handle stands for.

        Raises:
            UnknownKindHandleError: *handle* is no handle of this vat's current incarnation.
        """
        if isinstance(handle, KindHandle) and handle._owner is self and handle._number in self.by_number:
            return self.by_number[handle._number]
        raise UnknownKindHandleError(repr(handle), self._incarnation.name)

    # --- definitions

    def new_virtual_kind(self, tag: str) -> Kind:
        """Make a kind that ends with this incarnation. Its number is never used again."""
        incarnation = self._incarnation
        number = incarnation.record.take_kind_number()
        kind = Kind(incarnation, number, tag, b"v")
        self.by_number[number] = kind

        def undo() -> None:
            self.by_number.pop(number, None)
            self.singles.pop(kind.prefix, None)
            kind.forget_kind()

        incarnation.on_abort(undo)
        return kind

    def new_heap_kind(self, tag: str) -> Kind:
        """Make a kind whose instances live in memory only."""
        return Kind(self._incarnation, 0, tag, b"h")

    def note_defined(self, kind: Kind) -> None:
        """Note a complete definition.

        Raises:
            KindRedefinedError: this incarnation has defined the kind before.
        """
        incarnation = self._incarnation
        if kind.is_defined:
            raise KindRedefinedError(kind.tag, incarnation.name, incarnation.number)
        kind.note_defined()
        if not kind.is_kit and kind.zone != HEAP:
            self.singles[kind.prefix] = kind.represent
        for generated in kind.classes:
            self.classes[generated.cls] = kind
            incarnation.codec.note_class(generated.cls)

    def forget_definition(self, kind: Kind) -> None:
        """Take back a definition: the savepoint that it was made in has failed."""
        kind.is_defined = False
        self.singles.pop(kind.prefix, None)
        for generated in kind.classes:
            self.classes.pop(generated.cls, None)

    def stop_for(self, error: FirstCrankError | IncompatibleKindError) -> None:
        """Raise what stops a start; in a rehearsal note it and go on."""
        if self.rehearsed is None:
            raise error
        self.rehearsed.append(error)

    def note_removed_methods(self, tag: str, methods: tuple[str, ...]) -> None:
        """Note that a redefinition lacks methods; nothing where it lacks none."""
        if methods:
            self.removed_methods[tag] = methods

    def note_changed(self, kind: Kind) -> None:
        """Note that a durable kind's descriptor is to be written at the end of this crank."""
        self.changed.add(kind)

    def forget_kind(self, kind: Kind) -> None:
        """Forget a durable kind whose records are being deleted."""
        handle = self._handles.pop(kind.number, None)
        del self.by_number[kind.number]
        single = self.singles.pop(kind.prefix, None)
        self.changed.discard(kind)

        def undo() -> None:
            self.by_number[kind.number] = kind
            if single is not None:
                self.singles[kind.prefix] = single
            if handle is not None:
                self._handles[kind.number] = handle

        self._incarnation.on_abort(undo)

    @property
    def missing(self) -> tuple[str, ...]:
        """Tags of the stored durable kinds that this incarnation has not defined, by kind number."""
        return tuple(
            kind.tag
            for _, kind in sorted(self.by_number.items())
            if kind.zone == DURABLE and not kind.is_defined
        )

    def write_changes(self, counters: Mapping[Kind, int], layouts: Mapping[Kind, int]) -> None:
        """Write counters and descriptors of the durable kinds that this crank has changed."""
        incarnation = self._incarnation
        space, buffer = incarnation.durable, incarnation.buffer
        for kind in counters:
            if kind.zone == DURABLE:
                buffer.put(space.counter + encode_number(kind.number), encode_number(kind.next_instance))
        for kind in {*self.changed, *layouts}:
            if kind.zone != DURABLE or kind.descriptor is None:
                continue
            old = kind.descriptor
            kind.descriptor = replace(old, layouts=kind.layouts.described)
            data = self.shapes.encode(kind.descriptor)
            self._count_shape(kind, set(incarnation.codec.slots_in(data)))
            buffer.put(space.kind + encode_number(kind.number), data)
        self.changed.clear()

    def _count_shape(self, kind: Kind, new: set[bytes]) -> None:
        """Count what a state shape mentions, as state is counted."""
        incarnation = self._incarnation
        stored = incarnation.buffer.get(incarnation.durable.kind + encode_number(kind.number))
        old = set(incarnation.codec.slots_in(stored)) if stored is not None else set[bytes]()
        incarnation.counts.change(list(new - old), 1, DURABLE)
        incarnation.counts.change(list(old - new), -1, DURABLE)

    def forget_changes(self) -> None:
        """Forget what the aborted crank wanted written."""
        self.changed.clear()

    # --- lookups

    def object_at(self, slot: Slot, number: int, base: Base, facet: int | None) -> Any:
        """Make the object of a slot of which none lives; see ``Incarnation.object_at``."""
        incarnation = self._incarnation
        if number == HANDLE_KIND:
            handled, _ = decode_number(slot, 2)
            if handled not in self.by_number:
                raise StoreCorruptError(
                    incarnation.path, f"{format_vref(slot)} is the handle of no stored kind"
                )
            return self.handle_of(handled)
        if number < FIRST_USER_KIND:
            return incarnation.open_collection(slot)
        kind = self.by_number.get(number)
        if kind is None:
            raise StoreCorruptError(incarnation.path, f"{format_vref(slot)} is an instance of no stored kind")
        if not kind.is_defined:
            raise KindNotDefinedError(kind.tag, incarnation.name, incarnation.number)
        if (facet is not None) != kind.is_kit or (facet is not None and facet >= len(kind.classes)):
            raise StoreCorruptError(incarnation.path, f"{format_vref(slot)} does not fit kind {kind.tag!r}")
        return kind.represent(slot) if facet is None else kind.represent_facet(slot, base, facet)

    def tag_of_number(self, number: int) -> str:
        """Return the tag of a kind, or its number as text."""
        kind = self.by_number.get(number)
        return str(number) if kind is None else kind.tag

    def tag_of(self, base: Base) -> str:
        """Return the tag of an instance's kind."""
        number, _ = decode_number(base, 1)
        return self.tag_of_number(number)
