"""The fields of a declarative class: their patterns and defaults, and the ``init`` that they make."""

from __future__ import annotations

import dataclasses
import inspect
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass
from typing import Any, Final, cast

from ..passable import freeze
from ..patterns import must_match
from .annotations import AnnotationReader
from .classes import declared_parts, scope_of

__all__ = ["Field", "make_init", "read_fields"]

# As dataclasses do, so that what a ClassVar mentions need not be there at run time.
_CLASS_VARIABLE: Final = re.compile(r"(\w+\s*\.\s*)*ClassVar\b")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the state.

    Attributes:
        name: its name.
        pattern: what its values match.
        default: its frozen default, or ``MISSING``.
        factory: makes its default at each use, or ``MISSING``.
        is_keyword: whether the maker takes it as a keyword only.
        is_parameter: whether the maker takes it at all.
    """

    name: str
    pattern: Any
    default: Any
    factory: Any
    is_keyword: bool
    is_parameter: bool

    @property
    def has_default(self) -> bool:
        """Whether it can be left out."""
        return self.default is not MISSING or self.factory is not MISSING

    def make_default(self) -> Any:
        """Return the default."""
        return self.default if self.factory is MISSING else self.factory()


def read_fields(cls: type, reader: AnnotationReader) -> tuple[Field, ...]:
    """Return the fields of a class and its bases, in the order of a dataclass.

    Raises:
        NotAPatternError: an annotation stands for no set of values.
        PatternMismatchError: a default does not fit its annotation.
        TypeError: a field's options make no sense.
    """
    fields: dict[str, Field] = {}
    for part in declared_parts(cls):
        scope = scope_of(part)
        if scope is None:
            continue  # what a plain mixin annotates are its own affairs, as in a dataclass
        keywords_only = False
        for name, note in inspect.get_annotations(part).items():
            if isinstance(note, str) and _CLASS_VARIABLE.match(note):
                continue
            note = reader.evaluate(note, scope, f"field {name!r}")
            if typing.ClassVar in (note, typing.get_origin(note)):
                continue
            if note is dataclasses.KW_ONLY:
                keywords_only = True
                continue
            pattern = reader.pattern(note, scope, f"field {name!r}")
            fields[name] = _make_field(cls, part, name, pattern, keywords_only)
    return tuple(fields.values())


def _make_field(cls: type, part: type, name: str, pattern: Any, keywords_only: bool) -> Field:
    place = f"the default of field {name!r} of {cls.__name__}"
    given: Any = vars(part).get(name, MISSING)
    if name.startswith(("__", "_vatdata_")):
        raise TypeError(f"{name!r} cannot be a field of {cls.__name__}; use a plain name")
    if not isinstance(given, dataclasses.Field):
        given = dataclasses.field(default=given) if given is not MISSING else dataclasses.field()
    options = cast("dataclasses.Field[Any]", given)
    default = options.default
    if callable(default) or isinstance(default, (property, staticmethod, classmethod)):
        raise TypeError(
            f"{name!r} of {cls.__name__} is annotated as a field and defined as a method; rename one"
        )
    if default is not MISSING:
        default = freeze(default)
        must_match(default, pattern, place)
    field = Field(
        name,
        pattern,
        default,
        options.default_factory,
        keywords_only if options.kw_only is MISSING else options.kw_only,
        options.init,
    )
    if not field.is_parameter and not field.has_default:
        raise TypeError(f"field {name!r} of {cls.__name__} has init=False and no default; give it one")
    return field


def make_init(kind_name: str, fields: tuple[Field, ...]) -> Callable[..., Mapping[str, Any]]:
    """Make the function from the maker's arguments to the fields, with the signature that a dataclass would have.

    Raises:
        TypeError: a field without default follows one with a default.
    """
    scope: dict[str, Any] = {"absent": MISSING}
    positional: list[str] = []
    keywords: list[str] = []
    values: dict[str, str] = {}
    optional: str | None = None
    for number, field in enumerate(fields):
        parameter = values[field.name] = field.name
        if field.has_default:
            scope[f"default_{number}"] = field.default
            parameter = f"{field.name}=default_{number}"
        if field.factory is not MISSING:
            scope[f"factory_{number}"] = field.factory
            made = f"factory_{number}()"
            values[field.name] = (
                f"{made} if {field.name} is absent else {field.name}" if field.is_parameter else made
            )
        elif not field.is_parameter:
            values[field.name] = f"default_{number}"
        if not field.is_parameter:
            continue
        if field.is_keyword:
            keywords.append(parameter)
            continue
        if field.has_default:
            optional = field.name
        elif optional is not None:
            raise TypeError(
                f"field {field.name!r} of {kind_name!r} has no default and follows {optional!r}, which has one. Move "
                f"it up, give it a default, or put it behind '_: KW_ONLY'"
            )
        positional.append(parameter)
    parameters = ", ".join([*positional, *(["*", *keywords] if keywords else [])])
    # In the order of the state shape, so that all instances share one layout.
    result = ", ".join(f"{name!r}: {values[name]}" for name in sorted(values))
    name = f"make_{kind_name}" if kind_name.isidentifier() else "make"
    exec(f"def {name}({parameters}): return {{{result}}}", scope)
    init: Callable[..., Mapping[str, Any]] = scope[name]
    return init
