"""From a declarative class to the definition of a kind, the same as the functional form would give."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import TYPE_CHECKING, Any

from ..errors import GuardDefinitionError
from ..patterns import InterfaceGuard
from ..vat.definitions import ContextMaker, KindSource
from .annotations import AnnotationReader, NoteEnum
from .classes import (
    Exo,
    ExoKit,
    Facet,
    context_maker,
    declared_parts,
    kind_name_of,
    note_representatives,
    scope_of,
)
from .fields import Field, make_init, read_fields
from .interfaces import guard_of, public_methods

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..vat.kinds import Kind

__all__ = ["Declared", "declare_kind"]


@dataclass(frozen=True, slots=True)
class Declared:
    """What a declarative class says.

    Attributes:
        source: the definition of the kind.
        classes: the class of each facet by name, under ``""`` that of a single kind.
    """

    source: KindSource
    classes: Mapping[str, type]

    def note_classes(self, kind: Kind) -> None:
        """Let ``isinstance`` know the representatives of the kind that was defined from this."""
        for name, cls in self.classes.items():
            generated = kind.facet_classes[name] if name else kind.classes[0]
            note_representatives(generated.cls, cls)


@dataclass(frozen=True, slots=True)
class _Face:
    """A single kind's only face, or a facet."""

    methods: dict[str, Callable[..., Any]]
    guard: InterfaceGuard
    context: ContextMaker


def declare_kind(cls: Any, options: Mapping[str, Any], note_enum: NoteEnum) -> Declared:
    """Read a class derived from ``Exo`` or ``ExoKit``. Nothing is defined yet.

    Args:
        cls: the class.
        options: of the definition, besides the state shape.
        note_enum: called with every enum class that an annotation mentions.

    Raises:
        TypeError: it is no such class, or its fields make no signature.
        NotAPatternError, PatternMismatchError, GuardDefinitionError: its annotations or methods cannot be used.

    Cost: about 0.1 ms and 0.05 ms for each method; once an incarnation.
    """
    if not isinstance(cls, type) or not issubclass(cls, (Exo, ExoKit)) or cls in (Exo, ExoKit):
        raise TypeError(f"zone.prepare takes a class derived from Exo or ExoKit, not {cls!r}")
    name = kind_name_of(cls)
    is_kit = issubclass(cls, ExoKit)
    reader = AnnotationReader(cls, None if is_kit else name, note_enum=note_enum)
    fields = read_fields(cls, reader)
    classes = _facet_classes(cls, name) if is_kit else {"": cls}
    faces: dict[str, _Face] = {}
    for facet, facet_class in classes.items():
        label = f"{name} {facet}" if facet else name
        face_reader = AnnotationReader(facet_class, label, cls, note_enum) if is_kit else reader
        faces[facet] = _read_face(facet_class, label, face_reader, () if is_kit else fields)
    contexts = {facet: face.context for facet, face in faces.items()}
    source = KindSource(
        "zone.prepare",
        name,
        {facet: face.guard for facet, face in faces.items()} if is_kit else faces[""].guard,
        make_init(name, fields),
        {facet: face.methods for facet, face in faces.items()} if is_kit else faces[""].methods,
        is_kit=is_kit,
        options={**options, "state_shape": {field.name: field.pattern for field in fields}},
        contexts=contexts,
        defaults={field.name: field.make_default for field in fields if field.has_default},
    )
    return Declared(source, classes)


def _read_face(cls: type, label: str, reader: AnnotationReader, fields: tuple[Field, ...]) -> _Face:
    methods = public_methods(cls, label)
    names = [field.name for field in fields]
    functions_of_all = {
        name
        for part in declared_parts(cls)
        for name, value in vars(part).items()
        if isinstance(value, FunctionType)
    }
    for name in names:
        if name in functions_of_all:
            raise GuardDefinitionError(label, f"{name!r} is a field and a method; rename one of them")
    functions = {name: method.function for name, method in methods.items()}
    return _Face(functions, guard_of(label, methods, reader), context_maker(cls, names, methods))


def _facet_classes(cls: type, name: str) -> dict[str, type]:
    facets: dict[str, type] = {}
    for part in declared_parts(cls):
        members: Mapping[str, Any] = vars(part)
        for key, value in members.items():
            if isinstance(value, type) and issubclass(value, Facet):
                _refuse_fields(value, f"{name} {key}")
                facets[key] = value
            elif isinstance(value, FunctionType) and not key.startswith("__"):
                raise GuardDefinitionError(
                    name, f"{key!r} is a method of the kit itself; put it into a class derived from Facet"
                )
    return facets


def _refuse_fields(facet: type, label: str) -> None:
    for part in declared_parts(facet):
        scope = scope_of(part)
        if scope is None:
            continue
        for name, note in inspect.get_annotations(part).items():
            is_constant = "ClassVar" in note if isinstance(note, str) else _is_class_variable(note)
            if not is_constant:
                raise GuardDefinitionError(
                    label, f"{name!r} is annotated in a facet; state is shared, so annotate it in the kit"
                )


def _is_class_variable(note: object) -> bool:
    return typing.ClassVar in (note, typing.get_origin(note))
