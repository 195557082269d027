"""From annotations to patterns: the set of values that a type stands for, without limits."""

from __future__ import annotations

import asyncio
import types
import typing
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import InitVar
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, ForwardRef, Literal, NoReturn, TypeVar
from uuid import UUID

import typing_extensions

from ..errors import NotAPatternError
from ..passable import CopyBag, CopyMap, CopySet, Record, Remotable, Tagged
from ..patterns import M, Matcher
from ..vat.stores.store import Store
from .classes import DeclaredClass, Exo, ExoKit, Facet, declared_parts, interface_name
from .scope import Scope

__all__ = ["AnnotationReader", "NoteEnum"]

Pattern = Any

NoteEnum = Callable[[type[Enum]], None]

_INT: Final = M.int(decimal_digits_limit=None)
_TEXT: Final = M.string(string_length_limit=None)
_ARRAY_LIMITS: Final[dict[str, None]] = {"array_length_limit": None}

_ATOMS: Final[dict[Any, Pattern]] = {
    None: M.none(),
    type(None): M.none(),
    bool: M.boolean(),
    int: _INT,
    float: M.float(),
    str: _TEXT,
    bytes: M.bytes(byte_length_limit=None),
    datetime: M.datetime(),
    date: M.date(),
    time: M.time(),
    timedelta: M.timedelta(),
    Decimal: M.decimal(),
    UUID: M.uuid(),
    Any: M.any(),
    object: M.any(),
    typing_extensions.Any: M.any(),
    list: M.array(array_length_limit=None),
    tuple: M.array(array_length_limit=None),
    Sequence: M.array(array_length_limit=None),
    dict: M.record(num_properties_limit=None, property_name_length_limit=None),
    Mapping: M.record(num_properties_limit=None, property_name_length_limit=None),
    Record: M.record(num_properties_limit=None, property_name_length_limit=None),
    set: M.set(num_set_elements_limit=None),
    frozenset: M.set(num_set_elements_limit=None),
    AbstractSet: M.set(num_set_elements_limit=None),
    CopySet: M.set(num_set_elements_limit=None),
    CopyBag: M.bag(num_unique_bag_elements_limit=None, decimal_digits_limit=None),
    CopyMap: M.map(num_map_entries_limit=None),
    Tagged: M.tagged(),
    Awaitable: M.promise(),
    Coroutine: M.promise(),
    asyncio.Future: M.promise(),
    asyncio.Task: M.promise(),
    NoReturn: M.or_(),
    typing.Never: M.or_(),
}
_SEQUENCES: Final = (list, Sequence, Iterable)
_SETS: Final = (set, frozenset, AbstractSet)
_PROMISES: Final = (Awaitable, Coroutine, asyncio.Future, asyncio.Task)
_WRAPPERS: Final = (typing.Final, typing_extensions.Required, typing_extensions.ReadOnly)


class AnnotationReader:
    """Reads the annotations of one class.

    Args:
        cls: the class.
        own_interface: name of its interface, which ``Self`` stands for; None for a kit, which has several.
        kit: for a facet, the kit that is being read.
        note_enum: called with every enum class that an annotation mentions, before a pattern is made of it.
    """

    def __init__(
        self,
        cls: type,
        own_interface: str | None,
        kit: type | None = None,
        note_enum: NoteEnum = lambda _: None,
    ) -> None:
        self._name = cls.__name__
        # Where a class is made, its own name means nothing yet.
        self._own: dict[str, Any] = {
            part.__name__: part for whole in (kit, cls) if whole is not None for part in declared_parts(whole)
        }
        self._own_interface = own_interface
        self._note_enum = note_enum

    def evaluate(self, annotation: Any, scope: Scope, place: str) -> Any:
        """Return an annotation as an object, also where it is text.

        Raises:
            NotAPatternError: its text means nothing here.
        """
        if isinstance(annotation, ForwardRef):
            annotation = annotation.__forward_arg__
        if not isinstance(annotation, str):
            return annotation
        try:
            return scope.evaluate(annotation, self._own)
        except Exception as error:
            raise NotAPatternError(
                f"the annotation {annotation!r} of {place} of {self._name} cannot be evaluated: {error}. Import or "
                f"define what it names before the class, not under TYPE_CHECKING only"
            ) from error

    def pattern(self, annotation: Any, scope: Scope, place: str) -> Pattern:
        """Return the pattern of the values that an annotation stands for.

        Args:
            annotation: a type as Python writes it, or text.
            scope: where its text means something.
            place: of what it is the annotation, for messages.

        Raises:
            NotAPatternError: it stands for no set of values that could be stored or sent.
        """
        annotation = self.evaluate(annotation, scope, place)
        try:
            atom = _ATOMS.get(annotation)
        except TypeError:  # an annotation that cannot be hashed
            atom = None
        if atom is not None:
            return atom
        if annotation is typing.Self:  # pyright: ignore[reportUnknownMemberType] # has no type where no class is
            return M.remotable(self._name, interface=self._own_interface)
        if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
            found = self._class_pattern(annotation, place)
        else:
            found = self._form_pattern(annotation, scope, place)
        if found is None:
            raise NotAPatternError(
                f"the annotation {_show(annotation)} of {place} of {self._name} stands for no data. {_hint(annotation)}"
            )
        return found

    def _class_pattern(self, cls: type, place: str) -> Pattern | None:
        if isinstance(cls, DeclaredClass):
            if issubclass(cls, ExoKit):
                raise NotAPatternError(
                    f"{place} of {self._name} is annotated with the kit {cls.__name__}, and a kit is several objects. "
                    f"Annotate with one of its Facet classes"
                )
            if cls is Exo or cls is Facet:
                return M.remotable()
            return M.remotable(cls.__name__, interface=interface_name(cls))
        if issubclass(cls, Enum):
            self._note_enum(cls)
            return M.enum(cls)
        if issubclass(cls, Store) and cls is not Store:
            return M.remotable(cls.__name__, interface=cls.__name__)
        if issubclass(cls, Remotable):
            return M.remotable()
        if issubclass(cls, BaseException):
            return M.error()
        return None

    def _form_pattern(self, annotation: Any, scope: Scope, place: str) -> Pattern | None:
        if isinstance(annotation, TypeVar):
            return self._type_variable(annotation, scope, place)
        if hasattr(annotation, "__supertype__"):  # NewType
            return self.pattern(annotation.__supertype__, scope, place)
        if hasattr(annotation, "__value__"):  # type X = ...
            return self.pattern(annotation.__value__, scope, place)
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is None:
            return None

        def read(part: Any) -> Pattern:
            return self.pattern(part, scope, place)

        if origin is typing.Annotated:
            base, *notes = arguments
            patterns = [note for note in notes if isinstance(note, Matcher)]
            return M.and_(read(base), *patterns) if patterns else read(base)
        if origin in _WRAPPERS:
            return read(arguments[0])
        if origin is Literal:
            return M.or_(*(self._literal(value) for value in arguments))
        if origin in (typing.Union, types.UnionType):
            return M.or_(*map(read, arguments))
        if origin in _SEQUENCES:
            return M.array_of(read(arguments[0]), array_length_limit=None)
        if origin is tuple:
            if len(arguments) == 2 and arguments[1] is Ellipsis:
                return M.array_of(read(arguments[0]), array_length_limit=None)
            return tuple(map(read, arguments))
        if origin in (dict, Mapping):
            return self._mapping(arguments, read, place)
        if origin in _SETS:
            return M.set_of(read(arguments[0]), num_set_elements_limit=None)
        if origin in _PROMISES:
            return M.promise()
        return self._class_pattern(origin, place) if isinstance(origin, type) else None

    def _type_variable(self, variable: TypeVar, scope: Scope, place: str) -> Pattern:
        if variable.__constraints__:
            return M.or_(*(self.pattern(part, scope, place) for part in variable.__constraints__))
        return M.any() if variable.__bound__ is None else self.pattern(variable.__bound__, scope, place)

    def _literal(self, value: object) -> Pattern:
        if isinstance(value, Enum):
            self._note_enum(type(value))
            return M.and_(M.enum(type(value)), value)
        return M.eq(value)

    def _mapping(self, arguments: tuple[Any, ...], read: Callable[[Any], Pattern], place: str) -> Pattern:
        name = read(arguments[0])
        if name != _TEXT:
            raise NotAPatternError(
                f"{place} of {self._name} is a dict with keys of type {_show(arguments[0])}; a record has text keys. "
                f"Annotate with dict[str, ...], or with CopyMap and convert by make_copy_map"
            )
        value = read(arguments[1])
        return M.record_of(name, value, num_properties_limit=None, property_name_length_limit=None)


def _show(annotation: object) -> str:
    return annotation.__qualname__ if isinstance(annotation, type) else repr(annotation)


def _hint(annotation: object) -> str:
    if annotation is bytearray or annotation is memoryview:
        return "Use bytes"
    if isinstance(annotation, InitVar):
        return "Every field is stored; take what is not in a function that calls the maker"
    if annotation is complex:
        return "Use tuple[float, float]"
    return (
        "Use scalars, list[T], tuple[T, ...], dict[str, T], T | None, Literal, an enum, Any, Exo classes or stores; "
        "Annotated[Any, pattern] takes any pattern"
    )
