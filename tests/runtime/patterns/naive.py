"""What matching means, written down as slowly and plainly as possible: the model that tests compare with."""

from __future__ import annotations

from enum import Enum
from typing import Any

from vatdata_runtime.passable import (
    CopyBag,
    CopyMap,
    CopySet,
    Record,
    Tagged,
    compare_keys,
    interface_of,
    is_key,
    pass_style_of,
    same,
)
from vatdata_runtime.patterns import Matcher, is_pattern

ATOMS = {
    "none", "bool", "int", "float", "str", "bytes",
    "datetime", "date", "time", "timedelta", "decimal", "uuid", "enum", "remotable",
}  # fmt: skip
KIND_OF = {
    "none": "none",
    "boolean": "bool",
    "float": "float",
    "error": "error",
    "promise": "promise",
    "datetime": "datetime",
    "date": "date",
    "time": "time",
    "timedelta": "timedelta",
    "decimal": "decimal",
    "uuid": "uuid",
}
ORDERS = {"lt": {-1}, "lte": {-1, 0}, "gte": {0, 1}, "gt": {1}}


def naive_match(x: Any, pattern: Any) -> bool:
    """Say whether frozen *x* matches frozen *pattern*."""
    if not isinstance(pattern, Matcher):
        return _literal(x, pattern)
    kind = pass_style_of(x)
    name, arguments = pattern.name, list(pattern.payload)
    if name == "any":
        return True
    if name == "and":
        return all(naive_match(x, part) for part in arguments)
    if name == "or":
        return any(naive_match(x, part) for part in arguments)
    if name in ("not", "neq"):
        return not naive_match(x, arguments[0])
    if name in KIND_OF:
        return kind == KIND_OF[name]
    if name == "kind":
        return kind == arguments[0]
    if name == "scalar":
        return kind in ATOMS
    if name == "key":
        return is_key(x)
    if name == "pattern":
        return is_pattern(x)
    if name == "number":
        return kind in ("int", "float")
    if name == "enum":
        return isinstance(x, Enum) and type(x).__name__ == arguments[0]
    if name == "remotable":
        return kind == "remotable" and arguments[1] in (None, interface_of(x))
    if name in ORDERS:
        return is_key(x) and compare_keys(x, arguments[0]) in ORDERS[name]
    if name in ("int", "nat"):
        return (
            kind == "int" and (name == "int" or x >= 0) and _fits(_digits(x), arguments[0], "decimal_digits")
        )
    if name == "string":
        return kind == "str" and _fits(len(x), arguments[0], "string_length")
    if name == "bytes":
        return kind == "bytes" and _fits(len(x), arguments[0], "byte_length")
    return _container(x, kind, name, arguments)


def _container(x: Any, kind: str, name: str, arguments: list[Any]) -> bool:
    if name in ("array", "array_of"):
        *element, limits = arguments
        return (
            kind == "tuple"
            and _fits(len(x), limits, "array_length")
            and all(naive_match(part, element[0]) for part in x if element)
        )
    if name == "split_array":
        required, optional, rest = arguments
        if kind != "tuple" or len(x) < len(required):
            return False
        middle = x[len(required) : len(required) + len(optional)]
        return (
            all(naive_match(x[i], part) for i, part in enumerate(required))
            and all(part is None or naive_match(part, optional[i]) for i, part in enumerate(middle))
            and naive_match(x[len(required) + len(optional) :], rest)
        )
    if name in ("record", "record_of"):
        *entry, limits = arguments
        return (
            kind == "record"
            and _fits(len(x), limits, "num_properties")
            and all(_fits(len(key), limits, "property_name_length") for key in x)
            and all(naive_match(k, entry[0]) and naive_match(v, entry[1]) for k, v in x.items() if entry)
        )
    if name == "split_record":
        required, optional, rest = arguments
        if kind != "record" or not set(required) <= set(x):
            return False
        others = {key: x[key] for key in x if key not in required and key not in optional}
        return (
            all(naive_match(x[key], part) for key, part in required.items())
            and all(x[key] is None or naive_match(x[key], part) for key, part in optional.items() if key in x)
            and naive_match(Record(others), rest)
        )
    if name in ("set", "set_of"):
        *member, limits = arguments
        return (
            kind == "copy_set"
            and _fits(len(x), limits, "num_set_elements")
            and all(naive_match(part, member[0]) for part in x if member)
        )
    if name in ("bag", "bag_of"):
        *entry, limits = arguments
        return (
            kind == "copy_bag"
            and _fits(len(x), limits, "num_unique_bag_elements")
            and all(_fits(_digits(count), limits, "decimal_digits") for _key, count in x.items())
            and all(naive_match(k, entry[0]) and naive_match(n, entry[1]) for k, n in x.items() if entry)
        )
    if name in ("map", "map_of"):
        *entry, limits = arguments
        return (
            kind == "copy_map"
            and _fits(len(x), limits, "num_map_entries")
            and all(naive_match(k, entry[0]) and naive_match(v, entry[1]) for k, v in x.items() if entry)
        )
    if name == "container_has":
        pattern, wanted = arguments
        if kind not in ("tuple", "copy_set", "copy_bag"):
            return False
        counted = x.items() if isinstance(x, CopyBag) else [(part, 1) for part in x]
        return sum(count for part, count in counted if naive_match(part, pattern)) >= wanted
    if name == "tagged":
        return (
            isinstance(x, Tagged)
            and naive_match(x.tag, arguments[0])
            and naive_match(x.payload, arguments[1])
        )
    raise AssertionError(f"the model does not know {name}")


def _literal(x: Any, pattern: Any) -> bool:
    if is_key(pattern):
        return is_key(x) and compare_keys(x, pattern) == 0
    if isinstance(pattern, tuple):
        return isinstance(x, tuple) and len(x) == len(pattern) and all(map(naive_match, x, pattern))
    if isinstance(pattern, Record):
        return (
            isinstance(x, Record) and set(x) == set(pattern) and all(naive_match(x[k], pattern[k]) for k in x)
        )
    if isinstance(pattern, CopyMap):
        return (
            isinstance(x, CopyMap)
            and CopySet(x.keys()) == CopySet(pattern.keys())
            and all(naive_match(x[key], pattern[key]) for key in x)
        )
    return same(x, pattern)


def _digits(x: int) -> int:
    return len(str(abs(x))) if x else 0


def _fits(size: int, limits: Record, name: str) -> bool:
    limit = limits[f"{name}_limit"]
    return limit is None or size <= limit
