"""What a method's function takes, as far as a guard has to know."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any, Final

from msgspec import Struct, field

from vatdata_runtime.errors import GuardDefinitionError
from vatdata_runtime.patterns.guards import MethodGuard

__all__ = ["NO_DEFAULT", "Parameters", "check_agreement", "read_parameters"]

NO_DEFAULT: Final[Any] = inspect.Parameter.empty


class Parameters(Struct, frozen=True):
    """Parameters of a function, without the first one where that is the context.

    Attributes:
        names: of those that take a position; None where it can't be given by keyword.
        defaults: one for each of them; ``NO_DEFAULT`` where there is none.
        takes_more: whether there is a ``*args``.
        keywords: keyword-only name to default.
        takes_keywords: whether there is a ``**kwargs``.
    """

    names: tuple[str | None, ...] = ()
    defaults: tuple[Any, ...] = ()
    takes_more: bool = False
    keywords: dict[str, Any] = field(default_factory=dict[str, Any])
    takes_keywords: bool = False

    def default_of(self, name: str) -> Any:
        """Return the default of the parameter that keyword *name* binds to, or ``NO_DEFAULT``."""
        if name in self.names:
            return self.defaults[self.names.index(name)]
        return self.keywords.get(name, NO_DEFAULT)

    def takes_keyword(self, name: str) -> bool:
        """Say whether some parameter takes keyword *name*."""
        return self.takes_keywords or name in self.names or name in self.keywords


def read_parameters(function: Callable[..., Any], takes_this: bool) -> Parameters:
    """Read the parameters of *function*; one without a signature, as some built-ins are, takes anything.

    Cost: 3 us for a plain function, 40 us for what is wrapped, partial or no function.
    """
    if type(function) is FunctionType and not function.__dict__:  # what decorators leave would be there
        return _read_code(function, takes_this)
    try:
        declared = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return Parameters(takes_more=True, takes_keywords=True)
    positional = [p for p in declared if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if takes_this:
        positional = positional[1:]
    return Parameters(
        names=tuple(p.name if p.kind is p.POSITIONAL_OR_KEYWORD else None for p in positional),
        defaults=tuple(p.default for p in positional),
        takes_more=any(p.kind is p.VAR_POSITIONAL for p in declared),
        keywords={p.name: p.default for p in declared if p.kind is p.KEYWORD_ONLY},
        takes_keywords=any(p.kind is p.VAR_KEYWORD for p in declared),
    )


def _read_code(function: FunctionType, takes_this: bool) -> Parameters:
    code = function.__code__
    count, first = code.co_argcount, int(takes_this)
    given = function.__defaults__ or ()
    keywords = function.__kwdefaults__ or {}
    names = code.co_varnames[:count]
    return Parameters(
        names=tuple(None if place < code.co_posonlyargcount else name for place, name in enumerate(names))[
            first:
        ],
        defaults=((NO_DEFAULT,) * (count - len(given)) + given)[first:],
        takes_more=bool(code.co_flags & inspect.CO_VARARGS),
        keywords={
            name: keywords.get(name, NO_DEFAULT)
            for name in code.co_varnames[count : count + code.co_kwonlyargcount]
        },
        takes_keywords=bool(code.co_flags & inspect.CO_VARKEYWORDS),
    )


def check_agreement(parameters: Parameters, guard: MethodGuard, method: str, interface: str) -> None:
    """Refuse a guard under which no call can succeed, since what it lets in the function does not take.

    Raises:
        GuardDefinitionError: the function has no place for a required argument, needs one that the guard
            does not let in, or a keyword names a parameter that the guard has by position.
    """

    def refuse(reason: str) -> GuardDefinitionError:
        return GuardDefinitionError(interface, f"the guard of {method!r} {reason}")

    needed = len(guard.arguments)
    allowed = needed + len(guard.optional_arguments)
    keywords = guard.keywords.keys() | guard.optional_keywords.keys()
    for name in sorted(keywords):
        if name in parameters.names[:allowed]:
            raise refuse(f"has {name!r} by position and by keyword; drop one")
    for name in guard.keywords:
        if not parameters.takes_keyword(name):
            raise refuse(f"requires keyword {name!r}, which the method does not take")
    if needed > len(parameters.names) and not parameters.takes_more:
        raise refuse(f"requires {needed} arguments, and the method takes at most {len(parameters.names)}")
    required: list[tuple[str | None, Any]] = list(parameters.keywords.items())
    if not guard.has_rest:
        required += zip(parameters.names[allowed:], parameters.defaults[allowed:], strict=True)
    for parameter, default in required:
        if default is NO_DEFAULT and parameter not in keywords:
            raise refuse(f"does not let in {parameter!r}, which the method requires")
