"""Tests of the matchers that have no pattern inside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from operator import ge, gt, le, lt
from typing import Any, Final
from uuid import UUID

from vatdata_runtime.passable import (
    CopyBag,
    CopyMap,
    CopySet,
    Record,
    Remotable,
    Tagged,
    compare_keys,
    interface_of,
    is_key,
    is_promise,
)
from vatdata_runtime.passable.classes import class_of
from vatdata_runtime.patterns.matchers import Test, is_frozen_pattern

__all__ = ["LEAVES", "MAX_BOUND_DIGITS", "compile_digits"]

MAX_BOUND_DIGITS: Final = 1000
"""Up to here a limit of digits is compared to as a number; for more it would cost too much."""


def compile_digits(digits: int) -> Callable[[int], bool]:
    """Make the test whether an int has at most *digits* decimal digits, exactly."""
    if digits <= MAX_BOUND_DIGITS:
        over = 10**digits
        under = -over
        return lambda x: under < x < over

    def test(x: int) -> bool:
        # Between 8**digits and 16**digits lies 10**digits: it is needed only for ints of about its size.
        bits = x.bit_length()
        return bits <= 3 * digits or (bits <= 4 * digits and abs(x) < 10**digits)

    return test


# --- by kind and size ---------------------------------------------------------------------------------------


def _any() -> Test:
    return lambda x: True


_ATOMS: Final = frozenset(
    {type(None), bool, int, float, str, bytes, datetime, date, time, timedelta, Decimal, UUID}
)


def _is_none(x: Any) -> bool:
    return x is None


def _of_type(kind: type) -> Test:
    return lambda x: class_of(x) is kind


def _of_class(base: type) -> Test:
    return lambda x: isinstance(x, base)


_KINDS: Final[dict[str, Test]] = {
    "none": _is_none,
    "bool": _of_type(bool),
    "int": _of_type(int),
    "float": _of_type(float),
    "str": _of_type(str),
    "bytes": _of_type(bytes),
    "tuple": _of_type(tuple),
    "record": _of_type(Record),
    "remotable": _of_class(Remotable),
    "error": _of_class(BaseException),
    "promise": is_promise,
    "tagged": _of_class(Tagged),
    "copy_set": _of_type(CopySet),
    "copy_bag": _of_type(CopyBag),
    "copy_map": _of_type(CopyMap),
    "datetime": _of_type(datetime),
    "date": _of_type(date),
    "time": _of_type(time),
    "timedelta": _of_type(timedelta),
    "decimal": _of_type(Decimal),
    "uuid": _of_type(UUID),
    "enum": _of_class(Enum),
}


def _kind(name: str) -> Test:
    return _KINDS[name]


def _by_kind(name: str) -> Callable[[], Test]:
    return lambda: _KINDS[name]


def _scalar() -> Test:
    return lambda x: class_of(x) in _ATOMS or isinstance(x, Remotable | Enum)


def _key() -> Test:
    return is_key


def _pattern() -> Test:
    return is_frozen_pattern


def _number() -> Test:
    return lambda x: class_of(x) is int or class_of(x) is float


def _int(limits: Record) -> Test:
    digits = limits["decimal_digits_limit"]
    if digits is None:
        return _KINDS["int"]
    if digits <= MAX_BOUND_DIGITS:
        over = 10**digits
        under = -over
        return lambda x: class_of(x) is int and under < x < over
    fits = compile_digits(digits)
    return lambda x: class_of(x) is int and fits(x)


def _nat(limits: Record) -> Test:
    is_int = _int(limits)
    return lambda x: is_int(x) and x >= 0


def _sized(kind: type, limit: str) -> Callable[[Record], Test]:
    """Make the compiler of a matcher for values of one type, up to a length."""

    def compile_sized(limits: Record) -> Test:
        longest = limits[limit]
        if longest is None:
            return _of_type(kind)
        return lambda x: class_of(x) is kind and len(x) <= longest

    return compile_sized


def _enum(name: str) -> Test:
    return lambda x: isinstance(x, Enum) and class_of(x).__name__ == name


def _remotable(_label: str | None, interface: str | None) -> Test:
    if interface is None:
        return _KINDS["remotable"]
    return lambda x: isinstance(x, Remotable) and interface_of(x) == interface


def _record(limits: Record) -> Test:
    most, longest = limits["num_properties_limit"], limits["property_name_length_limit"]

    def test(x: Any) -> bool:
        if class_of(x) is not Record or (most is not None and len(x) > most):
            return False
        if longest is not None:
            for name in x:
                if len(name) > longest:
                    return False
        return True

    return test


def _bag(limits: Record) -> Test:
    few_enough = _sized(CopyBag, "num_unique_bag_elements_limit")(limits)
    digits = limits["decimal_digits_limit"]
    if digits is None:
        return few_enough
    fits = compile_digits(digits)
    return lambda x: few_enough(x) and all(fits(count) for _key, count in x.items())


# --- by order -----------------------------------------------------------------------------------------------

# Types whose own operators are the order of keys, for values of that type alone.
_ORDERED: Final = frozenset({bool, int, str, bytes, date, UUID})


def _compared(operator: Callable[[Any, Any], bool]) -> Callable[[Any], Test]:
    """Make the compiler of ``lt``, ``lte``, ``gte`` or ``gt``."""

    def compile_compared(key: Any) -> Test:
        kind = class_of(key)
        if kind in _ORDERED:
            return lambda x: class_of(x) is kind and operator(x, key)

        def test(x: Any) -> bool:
            if class_of(x) is not kind or not is_key(x):
                return False
            order = compare_keys(x, key)
            return order is not None and operator(order, 0)

        return test

    return compile_compared


LEAVES: Final[dict[str, Callable[..., Test]]] = {
    "any": _any,
    "scalar": _scalar,
    "key": _key,
    "pattern": _pattern,
    "kind": _kind,
    "none": _by_kind("none"),
    "boolean": _by_kind("bool"),
    "number": _number,
    "int": _int,
    "nat": _nat,
    "float": _by_kind("float"),
    "string": _sized(str, "string_length_limit"),
    "bytes": _sized(bytes, "byte_length_limit"),
    "datetime": _by_kind("datetime"),
    "date": _by_kind("date"),
    "time": _by_kind("time"),
    "timedelta": _by_kind("timedelta"),
    "decimal": _by_kind("decimal"),
    "uuid": _by_kind("uuid"),
    "enum": _enum,
    "remotable": _remotable,
    "error": _by_kind("error"),
    "promise": _by_kind("promise"),
    "lt": _compared(lt),
    "lte": _compared(le),
    "gte": _compared(ge),
    "gt": _compared(gt),
    "array": _sized(tuple, "array_length_limit"),
    "record": _record,
    "set": _sized(CopySet, "num_set_elements_limit"),
    "bag": _bag,
    "map": _sized(CopyMap, "num_map_entries_limit"),
}
"""Name of a matcher to the function from its payload to its test."""
