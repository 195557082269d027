"""What a definition is given as methods: told apart, checked and turned into plain tables of functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, cast

from ..errors import GuardDefinitionError

__all__ = ["Methods", "facet_tables", "method_table"]

Methods = dict[str, Callable[..., Any]]


def method_table(tag: str, methods: object) -> Methods:
    """Return the methods of one facet by name.

    Args:
        tag: the kind, for messages.
        methods: a dict from name to function, or a class used as a bag of functions. Of a class, names that begin
            with an underscore are left out; bases other than ``object`` count.

    Raises:
        GuardDefinitionError: *methods* is neither, or holds something that is no function.
    """
    if isinstance(methods, type):
        table: dict[str, object] = {}
        for cls in reversed(methods.__mro__[:-1]):
            table.update({name: value for name, value in vars(cls).items() if not name.startswith("_")})
    elif isinstance(methods, Mapping):
        table = {}
        for name, value in cast("Mapping[object, object]", methods).items():
            if not isinstance(name, str) or not name.isidentifier():
                raise GuardDefinitionError(tag, f"method names are identifiers, {name!r} is none")
            if name.startswith("__"):
                raise GuardDefinitionError(
                    tag, f"{name!r} cannot be a method: Python itself calls such names"
                )
            table[name] = value
    else:
        raise GuardDefinitionError(
            tag, f"methods are given as a dict of functions or a class, not as {_describe(methods)}"
        )
    for name, value in table.items():
        if not callable(value) or isinstance(value, type):
            raise GuardDefinitionError(
                tag,
                f"{name!r} is {_describe(value)}, not a function; single kinds take functions, kits take a dict of "
                f"facets",
            )
    return cast(Methods, table)


def facet_tables(tag: str, facets: object) -> dict[str, Methods]:
    """Return the methods of each facet of a kit, in the order given.

    Raises:
        GuardDefinitionError: *facets* is no mapping of at least two names to methods.
    """
    if isinstance(facets, type):
        facets = {
            name: value
            for name, value in vars(facets).items()
            if not name.startswith("_") and not isinstance(value, FunctionType)
        }
    if not isinstance(facets, Mapping):
        raise GuardDefinitionError(
            tag, f"facets are given as a dict from name to methods, not as {_describe(facets)}"
        )
    tables: dict[str, Methods] = {}
    for name, methods in cast("Mapping[object, object]", facets).items():
        if not isinstance(name, str) or not name.isidentifier() or name.startswith("_"):
            raise GuardDefinitionError(tag, f"facet names are public identifiers, {name!r} is none")
        tables[name] = method_table(f"{tag} {name}", methods)
    if len(tables) < 2:
        raise GuardDefinitionError(tag, f"a kit needs at least two facets, {len(tables)} given")
    return tables


def _describe(value: object) -> str:
    return f"{type(value).__name__} {value!r}"[:80]
