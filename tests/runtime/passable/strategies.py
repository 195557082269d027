"""Hypothesis strategies for keys and values, heavy on the places where kinds and encodings meet."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from vatdata_runtime.passable import CopyBag, CopyMap, CopySet, Far, Record, freeze, is_key, make_tagged

REMOTABLES = tuple(Far(f"Thing{number}", {}) for number in range(4))

BOUNDARY_INTS = sorted(
    {
        sign * (base + step)
        for sign in (1, -1)
        for base in (
            *(2**k for k in (0, 7, 8, 15, 16, 31, 32, 62, 63, 64, 65, 71, 72, 128)),
            10,
            10**19,
            10**30,
        )
        for step in (-1, 0, 1)
    }
)
BOUNDARY_FLOATS = [
    0.0,
    5e-324,
    -5e-324,
    2.2250738585072014e-308,
    1.7976931348623157e308,
    -1.7976931348623157e308,
    float("inf"),
    float("-inf"),
    float("nan"),
    1.0,
    -1.0,
]
BOUNDARY_TEXTS = [
    "",
    "\0",
    "\0\0",
    "\0\x01",
    "\0\xff",
    "\x01",
    "a",
    "a\0",
    "a\0b",
    "ab",
    "\x7f",
    "\x80",
    "\u07ff",
    "\u0800",
    "\ud7ff",
    "\ue000",
    "\uffff",
    "\U00010000",
    "\U0010ffff",
]
BOUNDARY_DECIMALS = [
    Decimal(text)
    for text in [
        "0",
        "1",
        "-1",
        "0.1",
        "0.10",
        "0.09",
        "-0.1",
        "9",
        "10",
        "11",
        "99",
        "100",
        "101",
        "1E+3",
        "1E-3",
        "123.45",
        "-123.45",
        "1E+999999",
        "1E-999999",
        "Infinity",
        "-Infinity",
        "NaN",
    ]
]

texts = st.sampled_from(BOUNDARY_TEXTS) | st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("\0\x01a"), max_size=6
)
blobs = st.sampled_from([text.encode() for text in BOUNDARY_TEXTS]) | st.binary(max_size=6)
ints = st.sampled_from(BOUNDARY_INTS) | st.integers(-3, 3) | st.integers()
floats = st.sampled_from(BOUNDARY_FLOATS) | st.integers(-3, 3).map(float) | st.floats()
decimals = st.sampled_from(BOUNDARY_DECIMALS) | st.decimals(allow_nan=False)
instants = st.datetimes(timezones=st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=5, minutes=30))]))

scalar_keys = st.one_of(
    st.none(),
    st.booleans(),
    ints,
    floats,
    texts,
    blobs,
    st.sampled_from(REMOTABLES),
    st.dates(),
    instants.filter(lambda x: dt.datetime(1, 1, 3) < x.replace(tzinfo=None) < dt.datetime(9999, 12, 30)),
    decimals,
    st.uuids(),
).map(freeze)


def _unique(members: list[Any]) -> CopySet:
    result = CopySet()
    for member in members:
        if member not in result:
            result = result | CopySet([member])
    return result


def copy_sets(members: st.SearchStrategy[Any], max_size: int = 4) -> st.SearchStrategy[CopySet]:
    return st.lists(members, max_size=max_size).map(_unique)


def copy_bags(members: st.SearchStrategy[Any]) -> st.SearchStrategy[CopyBag]:
    return st.builds(
        lambda keys, counts: CopyBag(list(zip(keys, counts, strict=False))),
        copy_sets(members),
        st.lists(st.integers(1, 3) | st.just(2**70), min_size=4, max_size=4),
    )


def copy_maps(keys: st.SearchStrategy[Any], values: st.SearchStrategy[Any]) -> st.SearchStrategy[CopyMap]:
    return st.builds(
        lambda keys, values: CopyMap(list(zip(keys, values, strict=False))),
        copy_sets(keys),
        st.lists(values, min_size=4, max_size=4),
    )


def _containers_of(parts: st.SearchStrategy[Any], keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(parts, max_size=3).map(tuple),
        st.dictionaries(texts, parts, max_size=3).map(Record),
        copy_sets(keys),
        copy_bags(keys),
        copy_maps(keys, parts),
    )


keys = st.recursive(scalar_keys, lambda parts: _containers_of(parts, parts), max_leaves=6)
assert is_key(REMOTABLES[0])

exceptions = st.one_of(
    st.builds(ValueError, texts),
    st.builds(KeyError, scalar_keys),
    st.builds(lambda text, note: _with_note(RuntimeError(text), note), texts, texts),
    st.builds(lambda text, cause: _with_cause(OSError(2, text), cause), texts, st.builds(TypeError, texts)),
    st.builds(lambda text: ExceptionGroup(text, [ValueError(text), KeyError(1)]), texts),
)


def _with_note(error: Exception, note: str) -> Exception:
    error.add_note(note)
    return error


def _with_cause(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


zones = st.none() | st.integers(-1439, 1439).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))
scalars = st.one_of(
    scalar_keys,
    st.datetimes(),
    st.times(timezones=zones),
    st.timedeltas(),
    st.sampled_from([dt.timedelta.min, dt.timedelta.max]),
    exceptions,
).map(freeze)
values = st.recursive(
    scalars,
    lambda parts: (
        _containers_of(parts, keys) | st.builds(make_tagged, texts.filter(lambda text: text != ""), parts)
    ),
    max_leaves=8,
)
