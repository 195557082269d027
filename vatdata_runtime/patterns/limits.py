"""The sizes up to which a matcher accepts a value: their names, their defaults, and how they are given."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, TypedDict, cast

from vatdata_runtime.errors import PatternDefinitionError
from vatdata_runtime.passable import Record

__all__ = [
    "DEFAULT_LIMITS",
    "ArrayLimits",
    "BagLimits",
    "BytesLimits",
    "IntLimits",
    "Limit",
    "MapLimits",
    "RecordLimits",
    "SetLimits",
    "StringLimits",
    "limits_record",
    "parse_limit",
]

Limit = int | float | None
"""A count of at least 0. ``None`` and ``math.inf`` mean that there is no limit."""

DEFAULT_LIMITS: Final[Mapping[str, int]] = {
    "decimal_digits_limit": 100,
    "string_length_limit": 100_000,
    "num_properties_limit": 80,
    "property_name_length_limit": 100,
    "array_length_limit": 10_000,
    "byte_length_limit": 100_000,
    "num_set_elements_limit": 10_000,
    "num_unique_bag_elements_limit": 10_000,
    "num_map_entries_limit": 5_000,
}
"""What counts where a matcher of ``M`` does not name the limit. Source: @endo/patterns."""


class IntLimits(TypedDict, total=False):
    """Limits of ``M.int`` and ``M.nat``."""

    decimal_digits_limit: Limit


class StringLimits(TypedDict, total=False):
    """Limits of ``M.string``; a length counts code points."""

    string_length_limit: Limit


class BytesLimits(TypedDict, total=False):
    """Limits of ``M.bytes``."""

    byte_length_limit: Limit


class RecordLimits(TypedDict, total=False):
    """Limits of ``M.record`` and ``M.record_of``."""

    num_properties_limit: Limit
    property_name_length_limit: Limit


class ArrayLimits(TypedDict, total=False):
    """Limits of ``M.array`` and ``M.array_of``."""

    array_length_limit: Limit


class SetLimits(TypedDict, total=False):
    """Limits of ``M.set`` and ``M.set_of``."""

    num_set_elements_limit: Limit


class BagLimits(TypedDict, total=False):
    """Limits of ``M.bag`` and ``M.bag_of``; the digits are those of each count."""

    num_unique_bag_elements_limit: Limit
    decimal_digits_limit: Limit


class MapLimits(TypedDict, total=False):
    """Limits of ``M.map`` and ``M.map_of``."""

    num_map_entries_limit: Limit


def parse_limit(name: str, value: object) -> int | None:
    """Check one limit and give its stored form: a count, or None for no limit.

    Raises:
        PatternDefinitionError: *value* is neither a non-negative int nor ``None`` nor ``math.inf``.
    """
    if value is None or (type(value) is float and value == math.inf):
        return None
    if type(value) is not int or value < 0:
        raise PatternDefinitionError(
            f"{name} must be an int of at least 0, or math.inf or None for no limit, found {value!r}"
        )
    return value


def limits_record(
    matcher: str,
    names: tuple[str, ...],
    limits: object,
    named: Mapping[str, object],
) -> Record:
    """Complete the limits given to a matcher with the defaults of those not named.

    The record is complete so that a stored pattern keeps its meaning when a later version has other defaults.

    Args:
        matcher: name of the matcher, for messages.
        names: the limits that this matcher has.
        limits: what came as ``limits=``.
        named: what came as single keywords.

    Raises:
        PatternDefinitionError: an unknown name, one given twice, or a value that is no limit. A limit of
            another matcher counts as unknown: it would have no effect.
    """
    given: dict[str, object] = {}
    if limits is not None:
        if not isinstance(limits, Mapping):
            raise PatternDefinitionError(f"limits of M.{matcher} must be a mapping, found {limits!r}")
        given.update(cast(Mapping[str, object], limits))
    for name, value in named.items():
        if name in given:
            raise PatternDefinitionError(f"{name} of M.{matcher} is given twice, in limits= and as a keyword")
        given[name] = value
    unknown = [name for name in given if name not in names]
    if unknown:
        known = ", ".join(names)
        raise PatternDefinitionError(
            f"M.{matcher} has no limit {', '.join(map(repr, unknown))}; its limits are {known}"
        )
    return Record({name: parse_limit(name, given.get(name, DEFAULT_LIMITS[name])) for name in names})
