"""Which kinds of values a pattern can match, and of which it matches every value."""

from __future__ import annotations

from typing import Any, Final

from vatdata_runtime.passable import style_of_frozen
from vatdata_runtime.patterns.matchers import Matcher
from vatdata_runtime.patterns.signatures import KIND_NAMES

__all__ = ["kinds_matched_whole", "kinds_possible"]

Kinds = frozenset[str]

_ALL: Final = frozenset(KIND_NAMES)
_NONE: Final[Kinds] = frozenset()
# Those of which every value is a key; a datetime is one only with a zone.
_SCALAR_KEYS: Final = frozenset(
    {"none", "bool", "int", "float", "str", "bytes", "date", "decimal", "uuid", "remotable"}
)
_KEYS: Final = _SCALAR_KEYS | {"copy_set", "copy_bag"}
_MAYBE_KEYS: Final = _KEYS | {"datetime", "tuple", "record", "copy_map"}
_SCALARS: Final = _SCALAR_KEYS | {"datetime", "time", "timedelta", "enum"}
_PATTERNS: Final = _SCALARS | _KEYS

_WHOLE: Final[dict[str, Kinds]] = {
    "any": _ALL,
    "scalar": _SCALARS,
    "number": frozenset({"int", "float"}),
    **{name: frozenset({name}) for name in ("none", "float", "error", "promise")},
    **{name: frozenset({name}) for name in ("datetime", "date", "time", "timedelta", "decimal", "uuid")},
    "boolean": frozenset({"bool"}),
}
"""Matchers that match every value of their kinds and no other."""

_PARTLY: Final[dict[str, Kinds]] = {
    "key": _MAYBE_KEYS,
    "pattern": _PATTERNS | _MAYBE_KEYS | {"tagged"},
    "int": frozenset({"int"}),
    "nat": frozenset({"int"}),
    "string": frozenset({"str"}),
    "bytes": frozenset({"bytes"}),
    "enum": frozenset({"enum"}),
    "remotable": frozenset({"remotable"}),
    "array": frozenset({"tuple"}),
    "array_of": frozenset({"tuple"}),
    "split_array": frozenset({"tuple"}),
    "record": frozenset({"record"}),
    "record_of": frozenset({"record"}),
    "split_record": frozenset({"record"}),
    "set": frozenset({"copy_set"}),
    "set_of": frozenset({"copy_set"}),
    "bag": frozenset({"copy_bag"}),
    "bag_of": frozenset({"copy_bag"}),
    "map": frozenset({"copy_map"}),
    "map_of": frozenset({"copy_map"}),
    "container_has": frozenset({"tuple", "copy_set", "copy_bag"}),
    "tagged": frozenset({"tagged"}),
}
"""Other matchers, to the kinds of which they match some values."""

_WHOLE_WITHOUT_LIMITS: Final = frozenset({"int", "string", "bytes", "array", "record", "set", "bag", "map"})


def kinds_possible(pattern: Any) -> Kinds:
    """Return kinds outside which a frozen pattern matches nothing; it need not be the smallest such set."""
    if type(pattern) is not Matcher:
        return frozenset({style_of_frozen(pattern)})
    name, payload = pattern.name, pattern.payload
    if name in _WHOLE:
        return _WHOLE[name]
    if name in _PARTLY:
        return _PARTLY[name]
    if name == "kind":
        return frozenset(payload)
    if name == "and":
        return _ALL.intersection(*map(kinds_possible, payload))
    if name == "or":
        return _NONE.union(*map(kinds_possible, payload))
    if name in ("not", "neq"):
        return _ALL - kinds_matched_whole(payload[0])
    return kinds_possible(payload[0])  # lt, lte, gte and gt stay within the kind of their key


def kinds_matched_whole(pattern: Any) -> Kinds:
    """Return kinds of which a frozen pattern matches every value; there may be more."""
    if type(pattern) is not Matcher:
        return frozenset({"none"}) if pattern is None else _NONE
    name, payload = pattern.name, pattern.payload
    if name in _WHOLE:
        return _WHOLE[name]
    if name == "kind":
        return frozenset(payload)
    if name == "key":
        return _KEYS
    if name == "pattern":
        return _PATTERNS
    if name in _WHOLE_WITHOUT_LIMITS:
        return _PARTLY[name] if set(payload[-1].values()) == {None} else _NONE
    if name == "remotable":
        return _PARTLY[name] if payload[1] is None else _NONE
    if name == "and":
        return _ALL.intersection(*map(kinds_matched_whole, payload))
    if name == "or":
        return _NONE.union(*map(kinds_matched_whole, payload))
    if name in ("not", "neq"):
        return _ALL - kinds_possible(payload[0])
    return _NONE
