"""Patterns as the Python expressions that make them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from vatdata_runtime.passable import CopyMap, Record, Tagged
from vatdata_runtime.passable.classes import class_of
from vatdata_runtime.patterns.limits import DEFAULT_LIMITS
from vatdata_runtime.patterns.signatures import SIGNATURES, TAG_PREFIX

__all__ = ["matcher_text", "pattern_text"]

_KEYWORDS = frozenset({"and", "or", "not"})


def pattern_text(pattern: Any) -> str:
    """Write a frozen pattern as an expression of ``M`` and literals that evaluates to an equal pattern.

    Remotables are written as their repr, which does not evaluate.
    """
    kind = class_of(pattern)
    if kind is tuple:
        items = ", ".join(map(pattern_text, pattern))
        return f"({items},)" if len(pattern) == 1 else f"({items})"
    if kind is Record:
        return "{" + ", ".join(f"{name!r}: {pattern_text(part)}" for name, part in pattern.items()) + "}"
    if kind is CopyMap:
        entries = (f"({pattern_text(key)}, {pattern_text(value)})" for key, value in pattern.items())
        return f"CopyMap([{', '.join(entries)}])"
    if kind is float and not math.isfinite(pattern):
        return f"float({str(pattern)!r})"
    if isinstance(pattern, Tagged) and pattern.tag.startswith(TAG_PREFIX):
        return matcher_text(pattern.tag.removeprefix(TAG_PREFIX), pattern.payload)
    return repr(pattern)


def matcher_text(name: str, payload: tuple[Any, ...]) -> str:
    """Write a matcher as the call that makes it, with the arguments that differ from their defaults."""
    written = _WRITERS.get(name, _write_plainly)(name, payload)
    if isinstance(written, str):
        return written
    return f"M.{name}{'_' if name in _KEYWORDS else ''}({', '.join(written)})"


def _write_plainly(name: str, payload: tuple[Any, ...]) -> str | Iterable[str]:
    signature = SIGNATURES[name]
    if signature.variadic:
        return map(pattern_text, payload)
    arguments = [pattern_text(argument) for argument in payload[: len(signature.arguments)]]
    needed = len(arguments) - signature.defaults
    while len(arguments) > needed and arguments[-1] == "M.any()":
        arguments.pop()
    if signature.limits:
        limits: Record = payload[-1]
        arguments += [
            f"{limit}={value!r}" for limit, value in limits.items() if value != DEFAULT_LIMITS[limit]
        ]
    return arguments


def _write_or(name: str, payload: tuple[Any, ...]) -> str | Iterable[str]:
    texts = list(map(pattern_text, payload))
    if len(texts) == 2:
        if texts[0] == "M.none()":
            return f"M.opt({texts[1]})"
        if texts[1] == "M.promise()":
            return f"M.eref({texts[0]})"
    return texts


def _write_split(name: str, payload: tuple[Any, ...]) -> Iterable[str]:
    required, optional, rest = map(pattern_text, payload)
    arguments = [required]
    if len(payload[1]):
        arguments.append(optional)
    if rest != "M.any()":
        arguments.append(f"rest={rest}")
    return arguments


def _write_remotable(name: str, payload: tuple[str | None, str | None]) -> Iterable[str]:
    label, interface = payload
    arguments = [] if label is None else [repr(label)]
    if interface is not None:
        arguments.append(f"interface={interface!r}")
    return arguments


def _write_enum(name: str, payload: tuple[str]) -> Iterable[str]:
    return payload


_WRITERS: dict[str, Any] = {
    "or": _write_or,
    "split_array": _write_split,
    "split_record": _write_split,
    "remotable": _write_remotable,
    "enum": _write_enum,
}
