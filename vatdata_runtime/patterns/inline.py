"""Tests of scalars as source text, to be written into a guarded method in place of a call."""

from __future__ import annotations

from typing import Any, Final

from vatdata_runtime.passable import Record, Remotable
from vatdata_runtime.passable.classes import class_of
from vatdata_runtime.patterns.leaves import MAX_BOUND_DIGITS
from vatdata_runtime.patterns.matchers import Matcher

__all__ = ["INLINE_SCOPE", "inline_test"]

INLINE_SCOPE: Final[dict[str, object]] = {
    "g_plain": frozenset({type(None), bool, int, bytes}),
    "g_remotable": Remotable,
}
"""What the text of ``inline_test`` refers to besides its constants. ``g_plain``: always frozen already."""

_OPERATORS: Final = {"lt": "<", "lte": "<=", "gte": ">=", "gt": ">"}


def inline_test(pattern: Any, local: str, constants: dict[str, object]) -> str | None:
    """Write an expression that is true only of values that are frozen and match.

    It may be false of others that match, so a value that fails has still to be frozen and tested.

    Args:
        pattern: a frozen pattern.
        local: name of the variable that holds the value.
        constants: scope to which the values that the expression uses are added, under names of *local*.

    Returns:
        The expression in parentheses, or None where the pattern is not simple enough.
    """

    def constant(value: object) -> str:
        name = f"{local}_{len(constants)}"
        constants[name] = value
        return name

    if type(pattern) is not Matcher:
        if pattern is None:
            return f"({local} is None)"
        kind = class_of(pattern)
        if kind in (bool, int) or (kind is str and pattern.isascii()):
            return f"(type({local}) is {kind.__name__} and {local} == {constant(pattern)})"
        return None
    name: str = pattern.name
    payload: tuple[Any, ...] = pattern.payload
    if name in ("and", "or") and payload:
        parts = [inline_test(part, local, constants) for part in payload]
        return f"({f' {name} '.join(map(str, parts))})" if None not in parts else None
    if name in _OPERATORS and class_of(payload[0]) is int:
        return f"(type({local}) is int and {local} {_OPERATORS[name]} {constant(payload[0])})"
    if name == "kind":
        name = _SAME_AS_KIND.get(payload[0], "")
        payload = (_NO_LIMITS,)
    if name in _FIXED:
        return _FIXED[name].format(x=local)
    if name == "remotable" and payload[1] is None:
        return f"isinstance({local}, g_remotable)"
    if name in ("int", "nat"):
        digits = payload[0]["decimal_digits_limit"]
        if digits is None:
            return f"(type({local}) is int{f' and {local} >= 0' if name == 'nat' else ''})"
        if digits > MAX_BOUND_DIGITS:
            return None
        low = f"{constant(-(10**digits))} <" if name == "int" else "0 <="
        return f"(type({local}) is int and {low} {local} < {constant(10**digits)})"
    if name in ("string", "bytes"):
        longest = payload[0][_LENGTHS[name]]
        # Text beyond ASCII may hold what no store can; freezing looks.
        plain = f"is str and {local}.isascii()" if name == "string" else "is bytes"
        short = f" and len({local}) <= {constant(longest)}" if longest is not None else ""
        return f"(type({local}) {plain}{short})"
    return None


_SAME_AS_KIND: Final = {
    "none": "none",
    "bool": "boolean",
    "int": "int",
    "float": "float",
    "str": "string",
    "bytes": "bytes",
}
_LENGTHS: Final = {"string": "string_length_limit", "bytes": "byte_length_limit"}
_NO_LIMITS: Final = Record(dict.fromkeys(("decimal_digits_limit", *_LENGTHS.values())))

# Zero may be -0.0, and there are many NaNs; freezing makes one of each.
_FLOAT: Final = "type({x}) is float and {x} and {x} == {x}"

_FIXED: Final = {
    "any": "(type({x}) in g_plain)",
    "scalar": "(type({x}) in g_plain)",
    "key": "(type({x}) in g_plain)",
    "pattern": "(type({x}) in g_plain)",
    "none": "({x} is None)",
    "boolean": "({x} is True or {x} is False)",
    "float": f"({_FLOAT})",
    "number": f"(type({{x}}) is int or ({_FLOAT}))",
}
