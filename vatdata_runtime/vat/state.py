"""State of instances: attributes that load when first read and note when they are written.

For each set of fields of a kind there is one slotted layout with two classes over it, and an instance's state changes
class as its record comes and goes:

* ``Ghost`` has empty slots: the first access loads the record;
* ``Loaded`` reads at the speed of a slot; a write checks the value and notes the record as dirty.

A state carries its base, not its data's only copy: when its record is evicted it becomes a ghost again, and when a
second state of the same record is the loaded one, a ghost forwards to that. So a state that user code kept stays
correct, and no two loaded states of one record can exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import PatternMismatchError, StateFieldError
from ..passable import LIFTED
from ..patterns import compile_pattern, explain_mismatch

if TYPE_CHECKING:
    from .identifiers import Base
    from .undo import UndoLog

__all__ = [
    "Layout",
    "State",
    "StateHost",
    "change_class",
    "get_base",
    "get_references",
    "set_base",
    "set_references",
]

_LARGE = 65536  # characters; longer text is measured before it is accepted


class StateHost(Protocol):
    """What a state needs of the vat it belongs to."""

    undo: UndoLog

    def admit(self, field: str, value: Any) -> Any:
        """Return *value* frozen, or raise if it can't be kept in this kind's state."""
        ...

    def load_state(self, state: State, /) -> State:
        """Fill a ghost, or return the loaded state of the same record."""
        ...

    def note_dirty(self, state: State, /) -> None:
        """Note that a loaded state is about to change in this crank, and will be written at its end."""
        ...


class State:
    """Base of all states. Its two slots hold the record's base and the references that the stored record holds."""

    __slots__ = ("__vatdata_base__", "__vatdata_references__")


_base = State.__dict__["__vatdata_base__"]
_references = State.__dict__["__vatdata_references__"]
# Without their descriptors the two slots can't be reached from a state: field names are all that user code sees.
del State.__vatdata_base__  # type: ignore[attr-defined]  # made by __slots__
del State.__vatdata_references__  # type: ignore[attr-defined]

get_base: Callable[[State], Base] = _base.__get__
set_base: Callable[[State, Base], None] = _base.__set__
get_references: Callable[[State], tuple[bytes, ...]] = _references.__get__
set_references: Callable[[State, tuple[bytes, ...]], None] = _references.__set__

_set = object.__setattr__

change_class: Callable[[State, type[State]], None] = object.__dict__["__class__"].__set__
"""Gives a state another class over the same slots. Half the cost of ``object.__setattr__``, and still 0.2 us, since the
interpreter reports it to the hook of ``authority``."""

LiftField = Callable[[Any, tuple[bytes, ...]], tuple[Any, tuple[bytes, ...]]]
"""``ValueCodec.lift_field`` of the vat."""

_new = object.__new__


class Layout:
    """One ordered set of fields of a kind, with the state classes over it.

    Args:
        kind: the kind's tag, for messages.
        number: the layout's number within the kind; None until the first record is written in it.
        fields: field names in stored order. Attribute ``width``: how many values a stored row has.
        shape: pattern of each field, or None for a kind without state shape.
        host: the kind's side of the vat.
    """

    __slots__ = (
        "_ghost",
        "_loaded",
        "_slots",
        "build",
        "classes",
        "evict",
        "fields",
        "fill",
        "kind",
        "number",
        "row",
        "width",
    )

    def __init__(
        self,
        kind: str,
        number: int | None,
        fields: tuple[str, ...],
        shape: Mapping[str, Any] | None,
        host: StateHost,
    ) -> None:
        self.kind = kind
        self.fields = fields
        self.width = 1 + len(fields)
        checks = {name: None if shape is None else compile_pattern(shape[name]) for name in fields}
        self._slots, self._ghost, self._loaded = _state_classes(self, checks, shape, host)
        self.classes = (self._ghost, self._loaded)
        self.take_number(number)
        self.fill = _row_filler(self._slots, self._loaded)
        self.evict = _emptier(self._slots, self._ghost)
        self.build: Callable[[Mapping[str, Any]], State] = _builder(self, checks, shape, host)

    def take_number(self, number: int | None) -> None:
        """Set the number that records of this layout begin with from now on."""
        self.number = number
        self.row = _row_reader(number, self.fields)

    def ghost(self, base: Base) -> State:
        """Make a state whose record is not loaded."""
        state: State = _new(self._ghost)
        set_base(state, base)
        return state

    def is_ghost(self, state: State) -> bool:
        """Whether the record is not loaded."""
        return type(state) is self._ghost


def _restore_field(state: State, name: str, value: Any) -> None:
    _set(state, name, value)


def _row_reader(number: int | None, fields: tuple[str, ...]) -> Callable[[State], tuple[Any, ...]]:
    """Compile the function that reads the stored row of a loaded state: layout number, then the fields."""
    scope: dict[str, Any] = {}
    exec(f"def row(state):\n    return ({number}, {''.join(f'state.{name}, ' for name in fields)})", scope)
    row: Callable[[State], tuple[Any, ...]] = scope["row"]
    return row


def _row_filler(
    slots: tuple[Any, ...], loaded_class: type[State]
) -> Callable[[State, list[Any], LiftField], None]:
    """Compile the function that gives a ghost the parsed row of its record; it becomes a loaded state.

    It is generated so that a plain field costs a test of its class and a slot write, nothing else.
    """
    values = [f"value{number}" for number in range(len(slots))]
    lines = ["def fill(state, row, lift):", f"    {', '.join(['_', *values])}, = row", "    slots = ()"]
    for value in values:
        lines += [f"    if type({value}) in Lifted:", f"        {value}, slots = lift({value}, slots)"]
    lines += [f"    put{number}(state, {value})" for number, value in enumerate(values)]
    lines += ["    set_references(state, slots)", "    change_class(state, Loaded)"]
    scope: dict[str, Any] = {"change_class": change_class, "Loaded": loaded_class, "Lifted": LIFTED}
    scope["set_references"] = set_references
    scope.update({f"put{number}": slot.__set__ for number, slot in enumerate(slots)})
    exec("\n".join(lines), scope)
    fill: Callable[[State, list[Any], LiftField], None] = scope["fill"]
    return fill


def _emptier(slots: tuple[Any, ...], ghost_class: type[State]) -> Callable[[State], None]:
    """Compile the function that empties a loaded state; it becomes a ghost."""
    # The class first: Ctrl-C must not leave a loaded state without a field.
    lines = ["def evict(state):", "    change_class(state, Ghost)"]
    lines += [f"    empty{number}(state)" for number in range(len(slots))]
    scope: dict[str, Any] = {"change_class": change_class, "Ghost": ghost_class}
    scope.update({f"empty{number}": slot.__delete__ for number, slot in enumerate(slots)})
    exec("\n".join(lines), scope)
    evict: Callable[[State], None] = scope["evict"]
    return evict


def _mismatch(kind: str, field: str, value: Any, pattern: Any) -> PatternMismatchError:
    found = explain_mismatch(value, pattern)
    path, expected, culprit = ((), repr(pattern), value) if found is None else found
    return PatternMismatchError(path, f"state field {field!r} of kind {kind!r}", expected, culprit)


def _state_classes(
    layout: Layout,
    checks: Mapping[str, Callable[[Any], bool] | None],
    shape: Mapping[str, Any] | None,
    host: StateHost,
) -> tuple[tuple[Any, ...], type[State], type[State]]:
    """Make the slots of a layout, in field order, and over them the classes of ghosts and of loaded states."""
    kind, fields = layout.kind, layout.fields

    unchecked = {name for name in fields if checks[name] is None}

    def admitted(name: str, value: Any) -> Any:
        if name not in checks:
            raise StateFieldError(name, kind, fields, "does not exist and cannot be added")
        cls: type = type(value)  # pyright: ignore[reportUnknownVariableType] # the class of anything
        if not (cls is int or cls is bool or value is None):
            value = host.admit(name, value)
        check = checks[name]
        if check is not None and not check(value):
            raise _mismatch(kind, name, value, shape[name] if shape is not None else None)
        return value

    undo, note_dirty = host.undo, host.note_dirty

    def set_loaded_field(self: State, name: str, value: Any) -> None:
        if type(value) is not int or name not in unchecked:
            value = admitted(name, value)
        note_dirty(self)
        if undo.entries is not None:
            undo.entries.append(partial(_restore_field, self, name, getattr(self, name)))
        _set(self, name, value)

    def set_ghost_field(self: State, name: str, value: Any) -> None:
        setattr(host.load_state(self), name, value)

    # Which fields there are only the record says: a ghost may be of another layout than its record.
    def get_ghost_field(self: State, name: str) -> Any:
        if name.startswith("__"):
            raise StateFieldError(name, kind, fields)
        return getattr(host.load_state(self), name)

    def getter_of_loaded(name: str) -> Callable[[State], Any]:
        return lambda self: getattr(host.load_state(self), name)

    def get_unknown_field(self: State, name: str) -> Any:
        raise StateFieldError(name, kind, fields)

    def delete_field(self: State, name: str) -> None:
        raise StateFieldError(name, kind, fields, "cannot be deleted")

    def list_fields(self: State) -> list[str]:
        return list(fields)

    def list_ghost_fields(self: State) -> list[str]:
        return dir(host.load_state(self))

    def show(self: State) -> str:
        return f"<state of {kind}>"

    def refuse(self: State, *args: object) -> Any:
        raise TypeError(f"the state of a {kind} cannot be copied or pickled; read its fields")

    root = type("State", (State,), {"__slots__": fields})
    shared: dict[str, Any] = {
        "__slots__": (),
        "__delattr__": delete_field,
        "__dir__": list_fields,
        "__repr__": show,
        "__copy__": refuse,
        "__deepcopy__": refuse,
        "__reduce_ex__": refuse,
        "__module__": __name__,
    }
    ghost = {
        **shared,
        # Before the empty slots, whose AttributeError would cost 0.25 us.
        **{name: property(getter_of_loaded(name)) for name in fields},
        "__getattr__": get_ghost_field,
        "__setattr__": set_ghost_field,
        "__dir__": list_ghost_fields,
    }
    loaded = {**shared, "__getattr__": get_unknown_field, "__setattr__": set_loaded_field}
    return (
        tuple(root.__dict__[name] for name in fields),
        type("State", (root,), ghost),
        type("State", (root,), loaded),
    )


def _builder(
    layout: Layout,
    checks: Mapping[str, Callable[[Any], bool] | None],
    shape: Mapping[str, Any] | None,
    host: StateHost,
) -> Callable[[Mapping[str, Any]], State]:
    """Compile the function that turns what ``init`` returned into a loaded state.

    It is generated so that a plain value of each field costs a type test and a slot write, nothing else.
    """

    def mismatch(name: str, value: Any) -> PatternMismatchError:
        return _mismatch(layout.kind, name, value, (shape or {})[name])

    lines = ["def build(fields):", "    state = Loaded()"]
    scope: dict[str, Any] = {
        "Loaded": layout._loaded,
        "admit": host.admit,
        "mismatch": mismatch,
        "set_references": set_references,
    }
    for position, name in enumerate(layout.fields):
        lines += [
            f"    value = fields[{name!r}]",
            "    cls = type(value)",
            f"    if not (cls is int or value is None or cls is str and len(value) < {_LARGE} and value.isascii()"
            " or cls is float and value or cls is bool):",
            f"        value = admit({name!r}, value)",
        ]
        if checks[name] is not None:
            scope[f"check{position}"] = checks[name]
            lines += [
                f"    if not check{position}(value):",
                f"        raise mismatch({name!r}, value)",
            ]
        scope[f"put{position}"] = layout._slots[position].__set__
        lines.append(f"    put{position}(state, value)")
    lines += ["    set_references(state, ())", "    return state"]
    exec("\n".join(lines), scope)
    build: Callable[[Mapping[str, Any]], State] = scope["build"]
    return build
