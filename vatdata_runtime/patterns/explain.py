"""Saying why a value does not match: which part of it, and what was expected there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from vatdata_runtime.errors import Step
from vatdata_runtime.passable import CopyBag, CopyMap, CopySet, Record, Tagged
from vatdata_runtime.passable.classes import class_of
from vatdata_runtime.patterns.compile import compile_pattern
from vatdata_runtime.patterns.leaves import compile_digits
from vatdata_runtime.patterns.matchers import Matcher
from vatdata_runtime.patterns.text import matcher_text, pattern_text

__all__ = ["Mismatch", "explain_mismatch"]


class Mismatch(NamedTuple):
    """The part of a value that fails.

    Attributes:
        path: steps from the value to the culprit: field names, indexes, and ``"key 3"`` or ``"value 3"``
            for the fourth member of a copy collection, in ascending order of keys.
        expected: the pattern that fails, as an expression of ``M``; a limit that was passed is always
            spelled out, and missing or unexpected fields are named in words.
        value: the culprit.
    """

    path: tuple[Step, ...]
    expected: str
    value: object


def explain_mismatch(value: Any, pattern: Any) -> Mismatch | None:
    """Find the first part of a frozen value that keeps it from matching a pattern; None where it matches.

    Meant for errors: it tests parts anew at every level, which a match that succeeds never pays for.
    """
    if compile_pattern(pattern)(value):
        return None
    if type(pattern) is Matcher:
        name, payload = pattern.name, pattern.payload
        found = _explain_limit(value, name, payload) if name in _LIMITED else None
        if found is None and name in _EXPLAINERS:
            found = _EXPLAINERS[name](value, *payload)
    else:
        found = _explain_literal(value, pattern)
    return found or Mismatch((), pattern_text(pattern), value)


def _first(parts: Iterable[tuple[Step, Any, Any]]) -> Mismatch | None:
    """Explain the first ``(step, part, pattern)`` that fails."""
    for step, part, pattern in parts:
        found = explain_mismatch(part, pattern)
        if found is not None:
            return found._replace(path=(step, *found.path))
    return None


def _first_optional(parts: Iterable[tuple[Step, Any, Any]]) -> Mismatch | None:
    """Explain the first part that fails where None counts as left out; the text says that it does."""
    found = _first(part for part in parts if part[1] is not None)
    if found is not None and len(found.path) == 1:
        return found._replace(expected=f"M.opt({found.expected})")
    return found


# --- literals -----------------------------------------------------------------------------------------------


def _explain_literal(value: Any, literal: Any) -> Mismatch | None:
    kind = class_of(literal)
    if kind is not class_of(value):
        return None
    if kind is tuple:
        if len(literal) != len(value):
            return Mismatch((), f"{_count(len(literal), 'element')}, as in {pattern_text(literal)}", value)
        return _first(zip(range(len(value)), value, literal, strict=True))
    if kind is Record:
        return (
            _explain_missing(value, literal)
            or _explain_unexpected(value, literal)
            or _first((name, value[name], literal[name]) for name in literal)
        )
    if kind is CopyMap and CopySet(value) == CopySet(literal):
        return _first((f"value {number}", value[key], literal[key]) for number, key in enumerate(literal))
    return None


def _explain_missing(value: Record, required: Record) -> Mismatch | None:
    missing = [name for name in required if name not in value]
    return Mismatch((), f"a record with {_fields(missing)} too", value) if missing else None


def _explain_unexpected(value: Record, allowed: Record) -> Mismatch | None:
    unexpected = [name for name in value if name not in allowed]
    return Mismatch((), f"a record without {_fields(unexpected)}", value) if unexpected else None


def _fields(names: list[str]) -> str:
    return ("the field " if len(names) == 1 else "the fields ") + ", ".join(map(repr, names))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


# --- combinations -------------------------------------------------------------------------------------------


def _and(value: Any, *patterns: Any) -> Mismatch | None:
    return next((found for pattern in patterns if (found := explain_mismatch(value, pattern))), None)


def _or(value: Any, *patterns: Any) -> Mismatch | None:
    if len(patterns) != 2:
        return None
    # Of "None or p" it is p that a given value fails.
    present = [pattern for pattern in patterns if not _is_none(pattern)]
    return explain_mismatch(value, present[0]) if len(present) == 1 else None


def _is_none(pattern: Any) -> bool:
    return pattern is None or (type(pattern) is Matcher and pattern.name == "none")


# --- limits -------------------------------------------------------------------------------------------------


def _longer(value: Any, most: int) -> bool:
    return len(value) > most


def _too_many_digits(value: Any, most: int) -> bool:
    fits = compile_digits(most)
    numbers = [value] if class_of(value) is int else [count for _key, count in value.items()]
    return not all(map(fits, numbers))


def _long_name(value: Record, most: int) -> bool:
    return any(len(name) > most for name in value)


_PASSES: Final[dict[str, Callable[[Any, int], bool]]] = {
    "decimal_digits_limit": _too_many_digits,
    "string_length_limit": _longer,
    "num_properties_limit": _longer,
    "property_name_length_limit": _long_name,
    "array_length_limit": _longer,
    "byte_length_limit": _longer,
    "num_set_elements_limit": _longer,
    "num_unique_bag_elements_limit": _longer,
    "num_map_entries_limit": _longer,
}

_LIMITED: Final[dict[str, type]] = {
    "int": int,
    "nat": int,
    "string": str,
    "bytes": bytes,
    "array": tuple,
    "array_of": tuple,
    "record": Record,
    "record_of": Record,
    "set": CopySet,
    "set_of": CopySet,
    "bag": CopyBag,
    "bag_of": CopyBag,
    "map": CopyMap,
    "map_of": CopyMap,
}


def _explain_limit(value: Any, name: str, payload: tuple[Any, ...]) -> Mismatch | None:
    """Name the limit that a value of the right type passes, also where it is the default."""
    if class_of(value) is not _LIMITED[name]:
        return None
    limits: Record = payload[-1]
    for limit, most in limits.items():
        if most is not None and _PASSES[limit](value, most):
            text = matcher_text(name, payload)
            if f"{limit}=" not in text:
                text = f"{text[:-1]}{'' if text.endswith('()') else ', '}{limit}={most})"
            return Mismatch((), text, value)
    return None


# --- containers ---------------------------------------------------------------------------------------------


def _array_of(value: Any, item: Any, _limits: Record) -> Mismatch | None:
    if class_of(value) is not tuple:
        return None
    return _first((index, part, item) for index, part in enumerate(value))


def _split_array(
    value: Any, required: tuple[Any, ...], optional: tuple[Any, ...], rest: Any
) -> Mismatch | None:
    if class_of(value) is not tuple:
        return None
    needed, known = len(required), len(required) + len(optional)
    if len(value) < needed:
        return Mismatch((), f"at least {_count(needed, 'element')}", value)
    found = _first(zip(range(needed), value, required, strict=False)) or _first_optional(
        zip(range(needed, known), value[needed:], optional, strict=False)
    )
    if found is not None:
        return found
    found = explain_mismatch(value[known:], rest)
    if found is None or not found.path:
        return found and found._replace(
            expected=f"elements from index {known} on that match {found.expected}"
        )
    first, *more = found.path
    return found._replace(path=(known + first if isinstance(first, int) else first, *more))


def _record_of(value: Any, name_pattern: Any, value_pattern: Any, _limits: Record) -> Mismatch | None:
    if class_of(value) is not Record:
        return None
    for name, part in value.items():
        bad_name = explain_mismatch(name, name_pattern)
        if bad_name is not None:
            return Mismatch((name,), f"a name that matches {bad_name.expected}", name)
        found = _first([(name, part, value_pattern)])
        if found is not None:
            return found
    return None


def _split_record(value: Any, required: Record, optional: Record, rest: Any) -> Mismatch | None:
    if class_of(value) is not Record:
        return None
    found = (
        _explain_missing(value, required)
        or _first((name, value[name], pattern) for name, pattern in required.items())
        or _first_optional(
            (name, value[name], pattern) for name, pattern in optional.items() if name in value
        )
    )
    if found is not None:
        return found
    others = Record(
        {name: part for name, part in value.items() if name not in required and name not in optional}
    )
    found = explain_mismatch(others, rest)
    if found is not None and not found.path:
        return found._replace(expected=f"other fields that match {found.expected}")
    return found


def _set_of(value: Any, member: Any, _limits: Record) -> Mismatch | None:
    if class_of(value) is not CopySet:
        return None
    return _first((f"key {number}", key, member) for number, key in enumerate(value))


def _bag_of(value: Any, key_pattern: Any, count_pattern: Any, _limits: Record) -> Mismatch | None:
    return _entries(value, CopyBag, "count", key_pattern, count_pattern)


def _map_of(value: Any, key_pattern: Any, value_pattern: Any, _limits: Record) -> Mismatch | None:
    return _entries(value, CopyMap, "value", key_pattern, value_pattern)


def _entries(value: Any, kind: type, what: str, key_pattern: Any, value_pattern: Any) -> Mismatch | None:
    if class_of(value) is not kind:
        return None
    items: Iterable[tuple[Any, Any]] = value.items()
    entries = list(enumerate(items))
    return _first((f"key {number}", key, key_pattern) for number, (key, _part) in entries) or _first(
        (f"{what} {number}", part, value_pattern) for number, (_key, part) in entries
    )


def _container_has(value: Any, pattern: Any, at_least: int) -> Mismatch | None:
    kind = class_of(value)
    if kind not in (tuple, CopySet, CopyBag):
        return None
    matches = compile_pattern(pattern)
    weighted = value.items() if kind is CopyBag else ((member, 1) for member in value)
    found = sum(count for member, count in weighted if matches(member))
    members = "member that matches" if at_least == 1 else "members that match"
    return Mismatch((), f"at least {at_least} {members} {pattern_text(pattern)} ({found} found)", value)


def _tagged(value: Any, tag_pattern: Any, payload_pattern: Any) -> Mismatch | None:
    if not isinstance(value, Tagged):
        return None
    return _first((("tag", value.tag, tag_pattern), ("payload", value.payload, payload_pattern)))


_EXPLAINERS: Final[dict[str, Callable[..., Mismatch | None]]] = {
    "and": _and,
    "or": _or,
    "array_of": _array_of,
    "split_array": _split_array,
    "record_of": _record_of,
    "split_record": _split_record,
    "set_of": _set_of,
    "bag_of": _bag_of,
    "map_of": _map_of,
    "container_has": _container_has,
    "tagged": _tagged,
}
