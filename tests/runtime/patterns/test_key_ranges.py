"""Scanning the ranges of a pattern finds the keys that match it, in order, and visits few others."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.runtime.passable.strategies import REMOTABLES, keys
from tests.runtime.patterns.strategies import frozen_keys, key_patterns, patterns
from vatdata_runtime.passable import Far, Remotable, encode_key, freeze, key_range_of_kind
from vatdata_runtime.patterns import KeyCover, M, check_pattern, key_ranges, matches


def ordinal_of(remotable: Remotable) -> int:
    if remotable not in REMOTABLES:
        raise KeyError(remotable)
    return REMOTABLES.index(remotable)


def encode(key: Any) -> bytes:
    return encode_key(key, ordinal_of)


def cover_of(pattern: Any) -> KeyCover:
    return key_ranges(check_pattern(pattern), encode)


def scan(stored: dict[bytes, Any], cover: KeyCover) -> list[Any]:
    """Walk the ranges over the sorted keys, as a store does."""
    return [
        stored[encoded]
        for start, stop in cover.ranges
        for encoded in sorted(stored)
        if start <= encoded < stop
    ]


def assert_scan_is_a_filter(stored_keys: list[Any], pattern: Any) -> None:
    stored = {encode(key): key for key in stored_keys}
    cover = key_ranges(pattern, encode)
    wanted = [stored[encoded] for encoded in sorted(stored) if matches(stored[encoded], pattern)]
    found = scan(stored, cover)
    assert [encode(key) for key in found if cover.exact or matches(key, pattern)] == [
        encode(k) for k in wanted
    ]
    if cover.exact:
        assert len(found) == len(wanted)
    assert list(cover.ranges) == sorted(cover.ranges)
    assert all(start < stop for start, stop in cover.ranges)
    assert all(left[1] < right[0] for left, right in zip(cover.ranges, cover.ranges[1:], strict=False))


@given(st.lists(frozen_keys, max_size=12), key_patterns)
@settings(max_examples=300)
@example([0.0, float("nan"), float("inf"), 1], M.gt(0.0))
@example([Decimal("NaN"), Decimal(1)], M.gte(Decimal(0)))
def test_scanning_the_ranges_of_a_pattern_gives_what_filtering_all_keys_gives(
    stored: list[Any], pattern: Any
) -> None:
    assert_scan_is_a_filter(stored, pattern)


@given(st.lists(keys, max_size=6), patterns)
def test_the_ranges_hold_for_keys_with_parts_too(stored: list[Any], pattern: Any) -> None:
    assert_scan_is_a_filter(stored, pattern)


@given(st.data())
def test_ranges_near_the_bound_of_a_comparison_are_exact(data: st.DataObject) -> None:
    bound = data.draw(frozen_keys)
    near = [bound]
    if isinstance(bound, str):
        near += [bound + "\0", bound + "a", bound[:-1]]
    elif isinstance(bound, int) and not isinstance(bound, bool):
        near += [bound - 1, bound + 1, float(bound % 1000), -bound]
    for make in (M.lt, M.lte, M.gte, M.gt, M.neq, M.eq):
        assert_scan_is_a_filter(near, check_pattern(make(bound)))


def test_an_or_is_a_list_of_ranges_that_leaves_out_the_gap() -> None:
    cover = cover_of(M.or_(M.lt(25), M.gt(75)))
    assert len(cover.ranges) == 2
    assert cover.exact
    assert scan({encode(n): n for n in (1, 25, 50, 75, 100)}, cover) == [1, 100]


def test_two_runs_come_in_order_and_without_duplicates() -> None:
    cover = cover_of(
        M.or_(M.and_(M.gt(50), M.lt(75)), M.and_(M.gt(10), M.lt(30)), M.and_(M.gt(20), M.lt(25)))
    )
    assert scan({encode(n): n for n in range(0, 100, 10)}, cover) == [20, 60, 70]
    assert cover.exact


@pytest.mark.parametrize("left_out", [M.not_(M.eq(53)), M.neq(53)])
def test_one_key_left_out_splits_a_range(left_out: Any) -> None:
    cover = cover_of(M.and_(M.gt(25), M.lt(75), left_out))
    assert cover.exact
    assert scan({encode(n): n for n in (47, 53, 60)}, cover) == [47, 60]


@pytest.mark.parametrize(
    "pattern", [M.or_(), M.and_(M.lt(1), M.gt(2)), M.and_(M.string(), M.int()), M.error()]
)
def test_a_pattern_that_no_key_can_match_needs_no_scan(pattern: Any) -> None:
    assert cover_of(pattern) == ((), True)


@pytest.mark.parametrize(
    "kind",
    ["error", "promise", "tagged", "time", "timedelta", "enum"],
)
def test_a_kind_without_keys_has_no_ranges(kind: Any) -> None:
    assert cover_of(M.kind(kind)) == ((), True)


@pytest.mark.parametrize("pattern", [M.any(), M.key(), M.pattern(), M.and_()])
def test_any_key_is_one_exact_range_that_holds_keys_of_every_kind(pattern: Any) -> None:
    cover = cover_of(pattern)
    assert len(cover.ranges) == 1
    assert cover.exact
    everything = [None, True, 1, 1.0, "a", b"a", REMOTABLES[0], (1,), {"a": 1}, {1, 2}, dt.date(2020, 1, 1)]
    stored = {encode(key): key for key in map(freeze, everything)}
    assert len(scan(stored, cover)) == len(everything)


def test_number_is_one_range_over_floats_and_ints() -> None:
    cover = cover_of(M.number())
    stored = {encode(key): key for key in (True, 1, 1.0, "1", None)}
    assert scan(stored, cover) == [1.0, 1]
    assert cover.exact


def test_a_literal_is_one_point() -> None:
    cover = cover_of("foo")
    assert cover == (((encode("foo"), encode("foo") + b"\0"),), True)
    assert scan({encode(key): key for key in ("foo", "foobar", "foo\0", "foo~")}, cover) == ["foo"]


def test_a_remotable_unknown_to_the_store_matches_nothing() -> None:
    stranger = Far("Stranger", {})
    assert cover_of(stranger) == ((), True)
    assert cover_of(M.or_(stranger, 5)) == cover_of(5)
    assert cover_of(M.neq(stranger)) == cover_of(M.any())
    assert cover_of((stranger, 1)) == ((), True)


def test_a_limit_on_digits_bounds_the_range_exactly() -> None:
    cover = cover_of(M.int(decimal_digits_limit=1))
    assert scan({encode(n): n for n in (-10, -9, 0, 9, 10)}, cover) == [-9, 0, 9]
    assert cover.exact


def test_a_limit_that_bytes_do_not_show_leaves_a_filter() -> None:
    assert cover_of(M.string(string_length_limit=2)) == ((key_range_of_kind("str"),), False)
    assert cover_of(M.string(string_length_limit=None)).exact


def test_one_inexact_condition_makes_an_and_inexact() -> None:
    short = M.string(string_length_limit=1)
    assert not cover_of(M.and_(short, M.gte("a"))).exact
    assert not cover_of(M.or_(short, 5)).exact
    assert cover_of(M.not_(short)) == (cover_of(M.any()).ranges, False)


def test_a_text_bound_works_across_all_of_unicode() -> None:
    texts = ["\ue000", "\uffff", "\U00010000", "\U0010ffff"]
    cover = cover_of(M.lte("\U00010000"))
    assert scan({encode(text): text for text in texts}, cover) == texts[:3]
