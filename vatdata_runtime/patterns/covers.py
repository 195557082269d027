"""Key ranges that a scan has to visit to see every key that matches a pattern."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from math import isnan
from typing import Any, Final, NamedTuple
from uuid import UUID

from vatdata_runtime.passable import KeyTag, Record, Remotable, is_key, key_range_of_kind, style_of_frozen
from vatdata_runtime.passable.classes import class_of
from vatdata_runtime.patterns.leaves import MAX_BOUND_DIGITS
from vatdata_runtime.patterns.matchers import Matcher

__all__ = ["KeyCover", "KeyRange", "key_ranges"]

KeyRange = tuple[bytes, bytes]
"""``(start, stop)`` in the byte order of encoded keys: start included, stop excluded."""

EncodeKey = Callable[[Any], bytes]


class KeyCover(NamedTuple):
    """Where the keys that match a pattern lie.

    Attributes:
        ranges: sorted and disjoint; every matching key is in one of them.
        exact: whether every key in them matches, so that no key has to be tested.
    """

    ranges: tuple[KeyRange, ...]
    exact: bool


def key_ranges(pattern: Any, encode: EncodeKey) -> KeyCover:
    """Find the ranges of encoded keys that hold every key which matches *pattern*.

    Args:
        pattern: a frozen pattern.
        encode: encodes a key as the store does, however long it is. It raises ``KeyError`` for a remotable
            that the store has no ordinal for, which then matches nothing.

    Returns:
        Exact ranges for literals, kinds, comparisons of scalars, and what ``and``, ``or``, ``not`` and
        ``neq`` make of those; for the rest the ranges of the kinds that could match. An ``or`` gives
        separate ranges, so a scan skips the gaps between its alternatives.

    Cost: one encoding for each key in the pattern.
    Source: Appendix A.2 of the store catalogue; the original scans the hull of all alternatives.
    """
    if type(pattern) is Matcher:
        cover = _COVERS.get(pattern.name)
        if cover is not None:
            return cover(encode, *pattern.payload)
        return _of_kinds(_CONTAINERS.get(pattern.name, ()), exact=False)
    if is_key(pattern):
        return _point(pattern, encode)
    return _of_kinds((style_of_frozen(pattern),), exact=False)


_EVERYTHING: Final = KeyCover(((b"", bytes((KeyTag.ABOVE_KEYS,))),), True)
_NOTHING: Final = KeyCover((), True)

_SCALAR_KINDS: Final = (
    "none", "bool", "int", "float", "str", "bytes", "remotable", "date", "datetime", "decimal", "uuid",
)  # fmt: skip

_CONTAINERS: Final[dict[str, tuple[str, ...]]] = {
    "array": ("tuple",),
    "array_of": ("tuple",),
    "split_array": ("tuple",),
    "record": ("record",),
    "record_of": ("record",),
    "split_record": ("record",),
    "set": ("copy_set",),
    "set_of": ("copy_set",),
    "bag": ("copy_bag",),
    "bag_of": ("copy_bag",),
    "map": ("copy_map",),
    "map_of": ("copy_map",),
    "container_has": ("tuple", "copy_set", "copy_bag"),
}
"""Matchers whose ranges are all keys of these kinds, of which only some match."""


# --- algebra of ranges --------------------------------------------------------------------------------------


def _merge(ranges: Iterable[KeyRange]) -> tuple[KeyRange, ...]:
    """Sort ranges, drop empty ones, and join those that touch."""
    merged: list[KeyRange] = []
    for start, stop in sorted(ranges):
        if start >= stop:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return tuple(merged)


def _intersect(left: tuple[KeyRange, ...], right: tuple[KeyRange, ...]) -> tuple[KeyRange, ...]:
    return _merge((max(a, c), min(b, d)) for a, b in left for c, d in right)


def _complement(ranges: tuple[KeyRange, ...]) -> tuple[KeyRange, ...]:
    ((first, last),) = _EVERYTHING.ranges
    starts = [first, *(stop for _start, stop in ranges)]
    stops = [*(start for start, _stop in ranges), last]
    return _merge(zip(starts, stops, strict=True))


def _of_kinds(kinds: Iterable[str], exact: bool) -> KeyCover:
    ranges = _merge(map(key_range_of_kind, kinds))
    return KeyCover(ranges, exact or not ranges)


def _after(encoded: bytes) -> bytes:
    """Return the bytes just above one encoded key and not above any other."""
    return encoded + b"\x00"


def _point(key: Any, encode: EncodeKey) -> KeyCover:
    try:
        encoded = encode(key)
    except KeyError:
        return _NOTHING
    return KeyCover(((encoded, _after(encoded)),), True)


# --- by matcher ---------------------------------------------------------------------------------------------


def _everything(_encode: EncodeKey) -> KeyCover:
    return _EVERYTHING


def _and(encode: EncodeKey, *patterns: Any) -> KeyCover:
    ranges, exact = _EVERYTHING
    for pattern in patterns:
        cover = key_ranges(pattern, encode)
        ranges = _intersect(ranges, cover.ranges)
        exact = exact and cover.exact
    return KeyCover(ranges, exact or not ranges)


def _or(encode: EncodeKey, *patterns: Any) -> KeyCover:
    covers = [key_ranges(pattern, encode) for pattern in patterns]
    return KeyCover(
        _merge(part for cover in covers for part in cover.ranges), all(cover.exact for cover in covers)
    )


def _not(encode: EncodeKey, pattern: Any) -> KeyCover:
    cover = key_ranges(pattern, encode)
    if cover.exact:
        return KeyCover(_complement(cover.ranges), True)
    return KeyCover(_EVERYTHING.ranges, False)


def _int(encode: EncodeKey, limits: Record) -> KeyCover:
    return _ints(encode, limits, lowest=None)


def _nat(encode: EncodeKey, limits: Record) -> KeyCover:
    return _ints(encode, limits, lowest=0)


def _ints(encode: EncodeKey, limits: Record, lowest: int | None) -> KeyCover:
    start, stop = key_range_of_kind("int")
    digits = limits["decimal_digits_limit"]
    exact = digits is None
    if digits is not None and digits <= MAX_BOUND_DIGITS:
        over = 10**digits
        start, stop, exact = encode(1 - over), encode(over), True
    if lowest is not None:
        start = encode(lowest)
    return KeyCover(_merge([(start, stop)]), exact)


def _sized(kind: str) -> Callable[..., KeyCover]:
    def cover(_encode: EncodeKey, limits: Record) -> KeyCover:
        return _of_kinds((kind,), exact=set(limits.values()) == {None})

    return cover


def _remotable(_encode: EncodeKey, _label: str | None, interface: str | None) -> KeyCover:
    return _of_kinds(("remotable",), exact=interface is None)


def _fixed(*kinds: str) -> Callable[..., KeyCover]:
    def cover(_encode: EncodeKey) -> KeyCover:
        return _of_kinds(kinds, exact=True)

    return cover


def _kind(_encode: EncodeKey, name: str) -> KeyCover:
    return _of_kinds((name,), exact=True)


# Kinds whose keys are compared in the order of their encoding.
_ORDERED: Final = frozenset({type(None), bool, int, float, str, bytes, date, datetime, Decimal, UUID})


def _compared(*, below: bool, equal: bool) -> Callable[[EncodeKey, Any], KeyCover]:
    """Make the cover of ``lt`` (below), ``lte`` (below, equal), ``gte`` (equal) or ``gt``."""

    def cover(encode: EncodeKey, key: Any) -> KeyCover:
        kind = class_of(key)
        if isinstance(key, Remotable) or (isinstance(key, float | Decimal) and isnan(key)):
            # Remotables compare with themselves only, and so does NaN, although it lies above its kind.
            return _point(key, encode) if equal else _NOTHING
        if kind not in _ORDERED:
            return _of_kinds((style_of_frozen(key),), exact=False)
        start, stop = key_range_of_kind(style_of_frozen(key))
        if kind is float or kind is Decimal:
            stop = encode(kind("nan"))
        encoded = encode(key)
        if below:
            stop = _after(encoded) if equal else encoded
        else:
            start = encoded if equal else _after(encoded)
        return KeyCover(_merge([(start, stop)]), True)

    return cover


_COVERS: Final[dict[str, Callable[..., KeyCover]]] = {
    "any": _everything,
    "key": _everything,
    "pattern": _everything,
    "and": _and,
    "or": _or,
    "not": _not,
    "scalar": _fixed(*_SCALAR_KINDS),
    "kind": _kind,
    "none": _fixed("none"),
    "boolean": _fixed("bool"),
    "number": _fixed("int", "float"),
    "int": _int,
    "nat": _nat,
    "float": _fixed("float"),
    "string": _sized("str"),
    "bytes": _sized("bytes"),
    "datetime": _fixed("datetime"),
    "date": _fixed("date"),
    "decimal": _fixed("decimal"),
    "uuid": _fixed("uuid"),
    "remotable": _remotable,
    "lt": _compared(below=True, equal=False),
    "lte": _compared(below=True, equal=True),
    "neq": _not,
    "gte": _compared(below=False, equal=True),
    "gt": _compared(below=False, equal=False),
}
"""Matchers whose ranges follow from their arguments; those that match no key are in neither table."""
