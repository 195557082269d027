"""Which values are keys, and the partial order of keys."""

from __future__ import annotations

import asyncio
import datetime as dt
import math
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatdata_runtime.errors import NotAKeyError, NotPassableError
from vatdata_runtime.passable import (
    CopyBag,
    CopyMap,
    CopySet,
    Far,
    Record,
    check_key,
    compare_keys,
    freeze,
    is_key,
    is_scalar_key,
    key_eq,
    make_tagged,
)

from .strategies import REMOTABLES, keys

R0, R1 = REMOTABLES[:2]
LESS, EQUAL, MORE, APART = -1, 0, 1, None

SCALARS = [
    None, True, 5, 2**99, 1.5, math.nan, "a", b"a", dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
    Decimal(1), UUID(int=1), R0,
]  # fmt: skip


@pytest.mark.parametrize("x", SCALARS)
def test_scalars_and_remotables_are_scalar_keys(x):
    assert is_key(x)
    assert is_scalar_key(x)


@pytest.mark.parametrize("x", [(1, "a"), [1], {"a": R0}, {1, 2}, CopyBag({"a": 1}), CopyMap([(1, (2,))]), ()])
def test_containers_of_keys_are_keys_but_not_scalar_ones(x):
    assert is_key(x)
    assert not is_scalar_key(freeze(x))


NO_KEYS = [
    (ValueError("x"), ()),
    (make_tagged("t", 1), ()),
    (dt.datetime(2024, 1, 1), ()),
    (dt.time(1), ()),
    (dt.timedelta(1), ()),
    ((1, (ValueError(),)), (1, 0)),
    (Record(a=1, b=(make_tagged("t", 1),)), ("b", 0)),
    (CopyMap([("a", 1), ("b", dt.time(1))]), ("value 1",)),
]


@pytest.mark.parametrize(("x", "path"), NO_KEYS)
def test_errors_tags_and_what_has_no_stated_order_are_no_keys(x, path):
    assert not is_key(x)
    assert not is_scalar_key(x)
    with pytest.raises(NotAKeyError) as caught:
        check_key(x)
    assert caught.value.path == path


def test_a_promise_is_no_key():
    async def run():
        future = asyncio.get_running_loop().create_future()
        assert not is_key(future)
        assert not is_key((future,))

    asyncio.run(run())


def test_what_is_no_data_is_no_key():
    assert not is_key(object())
    with pytest.raises(NotPassableError):
        check_key([object()])


def test_checking_a_key_freezes_it():
    assert check_key([1, {"a": {2}}]) == (1, Record(a=CopySet([2])))


@pytest.mark.parametrize(
    ("a", "b", "order"),
    [
        (None, None, EQUAL),
        (False, True, LESS),
        (1, 2, LESS),
        (2**70, -(2**70), MORE),
        (1, 1.0, APART),
        (1, True, APART),
        (1.0, True, APART),
        (1, Decimal(1), APART),
        ("1", b"1", APART),
        (None, "", APART),
        (0.0, -0.0, EQUAL),
        (math.nan, math.nan, EQUAL),
        (math.nan, 1.0, APART),
        (-math.inf, math.inf, LESS),
        ("a", "b", LESS),
        ("\uffff", "\U00010000", LESS),
        ("a", "a\0", LESS),
        (b"\x01\xff", b"\x02", LESS),
        (b"b", b"aa", MORE),
        (R0, R0, EQUAL),
        (R0, R1, APART),
        ((), (1,), LESS),
        ((1, "a"), (1, "b"), LESS),
        ((1, "a"), (1.0, "a"), APART),
        ((2, 1.0), (1, "x"), MORE),
        ((R0, 1), (R1, 0), APART),
        ((R0, 1), (R0, 2), LESS),
        ({"a": 1, "b": 1}, {"a": 1, "b": 2}, LESS),
        ({"a": 1, "b": 2}, {"a": 2, "b": 1}, APART),
        ({"a": 1}, {"a": 1, "b": 1}, APART),
        ({"a": 1}, {"b": 1}, APART),
        ({"a": 1, "b": R0}, {"a": 2, "b": R1}, APART),
        ({1}, {1, 2}, LESS),
        ({1, 2}, {1, 3}, APART),
        ({1, 2}, {2, 1}, EQUAL),
        (set(), {1}, LESS),
        (CopyBag({"a": 1}), CopyBag({"a": 2, "b": 1}), LESS),
        (CopyBag({"a": 2}), CopyBag({"a": 1, "b": 1}), APART),
        (CopyMap([(1, 5)]), CopyMap([(1, 6)]), LESS),
        (CopyMap([(1, 5)]), CopyMap([(2, 5)]), APART),
        (CopyMap([(1, 5), (2, 0)]), CopyMap([(1, 4), (2, 1)]), APART),
        (dt.date(2024, 1, 1), dt.date(2024, 1, 2), LESS),
        (dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, tzinfo=dt.UTC), APART),
        (
            dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC),
            dt.datetime(2024, 1, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=1))),
            MORE,
        ),
        (Decimal("1.0"), Decimal("1.00"), EQUAL),
        (Decimal("-1E+9"), Decimal("1E-9"), LESS),
        (Decimal("NaN"), Decimal(1), APART),
        (Decimal("NaN"), Decimal("NaN"), EQUAL),
        (UUID(int=1), UUID(int=2), LESS),
    ],
)
def test_keys_compare_within_their_kind(a, b, order):
    assert compare_keys(a, b) == order
    assert compare_keys(b, a) == (None if order is None else -order)
    assert key_eq(a, b) == (order == EQUAL)


@pytest.mark.parametrize("compare", [compare_keys, key_eq])
def test_comparing_what_is_no_key_is_an_error(compare):
    with pytest.raises(NotAKeyError):
        compare(1, ValueError())
    with pytest.raises(NotPassableError):
        compare(object(), 1)


@given(keys)
def test_a_key_equals_itself(key):
    assert compare_keys(key, key) == EQUAL


@given(keys, keys)
def test_comparing_the_other_way_round_gives_the_opposite(a, b):
    order = compare_keys(a, b)
    assert compare_keys(b, a) == (None if order is None else -order)
    assert key_eq(a, b) == (order == EQUAL)


near_integers = st.integers(0, 2)
comparable: st.SearchStrategy[Any] = st.one_of(
    st.lists(near_integers, max_size=3).map(tuple),
    st.sets(near_integers).map(freeze),
    st.dictionaries(near_integers, st.integers(1, 2)).map(CopyBag),
    st.tuples(near_integers, near_integers).map(lambda pair: Record(a=pair[0], b=pair[1])),
    st.tuples(near_integers, near_integers).map(lambda pair: CopyMap([(1, pair[0]), (2, pair[1])])),
)


@given(st.lists(comparable, min_size=3, max_size=3) | st.lists(keys, min_size=3, max_size=3))
def test_the_order_is_transitive(triple):
    a, b, c = triple
    steps = {compare_keys(a, b), compare_keys(b, c)}
    if steps <= {EQUAL, LESS}:
        assert compare_keys(a, c) == min(step for step in steps if step is not None)


def test_keys_of_different_far_objects_with_one_name_differ():
    assert not key_eq(Far("Same", {}), Far("Same", {}))


def test_times_of_different_zones_differ_as_data_even_at_one_moment():
    one_hour_east = dt.timezone(dt.timedelta(hours=1))
    assert Record(at=dt.time(12, tzinfo=dt.UTC)) != Record(at=dt.time(13, tzinfo=one_hour_east))
    assert Record(at=dt.time(12, tzinfo=dt.UTC)) != Record(at=dt.time(12))
    assert Record(at=dt.time(12, tzinfo=one_hour_east)) == Record(at=dt.time(12, tzinfo=one_hour_east))
