"""The interface of a declarative class: its public methods, and guards from their signatures."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter
from types import FunctionType
from typing import Any, Final

from ..errors import GuardDefinitionError
from ..patterns import DefaultGuards, InterfaceGuard, M, MethodGuard
from .annotations import AnnotationReader
from .classes import declared_parts, scope_of
from .scope import Scope

__all__ = ["Method", "guard_of", "public_methods"]


@dataclass(frozen=True, slots=True)
class Method:
    """A public method.

    Attributes:
        function: its code, with ``self`` first.
        scope: where its annotations mean something.
    """

    function: Callable[..., Any]
    scope: Scope


Methods = dict[str, Method]

# What Python itself puts into a class body as a function.
_OF_PYTHON: Final = frozenset({"__annotate__", "__annotate_func__"})
_NONE: Final = Parameter.empty


def public_methods(cls: type, label: str) -> Methods:
    """Return the public methods of a class and its bases by name.

    Raises:
        GuardDefinitionError: a method has a name that Python itself calls.
    """
    methods: Methods = {}
    for part in declared_parts(cls):
        scope = scope_of(part)
        for name, value in vars(part).items():
            if isinstance(value, FunctionType) and name.startswith("__") and name.endswith("__"):
                _refuse_dunder(name, label)
            elif isinstance(value, FunctionType) and not name.startswith("_"):
                methods[name] = Method(value, scope or Scope({}, value.__globals__))
            else:
                methods.pop(name, None)  # a subclass has put something else in its place
    return methods


def _refuse_dunder(name: str, label: str) -> None:
    if name in _OF_PYTHON:
        return
    hint = (
        "The maker takes the fields; do the rest in a function that calls it"
        if name in ("__init__", "__new__", "__post_init__")
        else "Instances have named methods only; give it a plain name"
    )
    raise GuardDefinitionError(label, f"{name} cannot be defined by a declarative class. {hint}")


def guard_of(label: str, methods: Methods, reader: AnnotationReader) -> InterfaceGuard:
    """Return the interface guard that follows from the signatures of methods.

    Each annotated parameter is held to its annotation, one without annotation to being passable, one with a default may
    be left out. A method without any annotation is held to being passable as a whole.

    Args:
        label: the interface's name.
        methods: the public methods by name.
        reader: reads the annotations.

    Raises:
        NotAPatternError: an annotation stands for no set of values.
        GuardDefinitionError: a method takes no ``self``, or arbitrary keywords that cannot be guarded.
    """
    guards: dict[str, MethodGuard] = {}
    for name, method in methods.items():
        guard = _method_guard(label, name, method, reader)
        if guard is not None:
            guards[name] = guard
    default: DefaultGuards | None = "passable" if len(guards) < len(methods) else None
    return M.interface(label, guards, default_guards=default)


def _method_guard(label: str, name: str, method: Method, reader: AnnotationReader) -> MethodGuard | None:
    signature = inspect.signature(method.function)
    parameters = list(signature.parameters.values())
    if not parameters or parameters[0].kind not in (
        Parameter.POSITIONAL_ONLY,
        Parameter.POSITIONAL_OR_KEYWORD,
    ):
        raise GuardDefinitionError(
            label, f"method {name!r} takes no self; make it a staticmethod, or add self"
        )
    del parameters[0]
    if signature.return_annotation is _NONE and all(p.annotation is _NONE for p in parameters):
        return None

    def read(annotation: Any, place: str) -> Any:
        if annotation is _NONE:
            return M.any()
        return reader.pattern(annotation, method.scope, f"{place} of method {name!r}")

    required: list[Any] = []
    optional: list[Any] = []
    keywords: dict[str, Any] = {}
    optional_keywords: dict[str, Any] = {}
    rest: Any = None
    for parameter in parameters:
        pattern = read(parameter.annotation, f"parameter {parameter.name!r}")
        if parameter.kind is Parameter.VAR_POSITIONAL:
            rest = M.array_of(pattern, array_length_limit=None)
        elif parameter.kind is Parameter.VAR_KEYWORD:
            raise GuardDefinitionError(
                label,
                f"method {name!r} takes **{parameter.name}, which a guard cannot check. Name the keywords, or leave "
                f"the method without annotations",
            )
        elif parameter.kind is Parameter.KEYWORD_ONLY:
            (keywords if parameter.default is _NONE else optional_keywords)[parameter.name] = pattern
        else:
            (required if parameter.default is _NONE else optional).append(pattern)
    call = M.call_when if inspect.iscoroutinefunction(method.function) else M.call
    guard = call(*required, **keywords)
    if optional or optional_keywords:
        guard = guard.optional(*optional, **optional_keywords)
    if rest is not None:
        guard = guard.rest(rest)
    return guard.returns(read(signature.return_annotation, "result"))
