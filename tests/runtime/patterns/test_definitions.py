"""Patterns are refused where they are written, not where they are used; and they are data."""

from __future__ import annotations

import math
from typing import Any

import pytest

from vatdata_runtime.errors import NotAKeyError, NotAPatternError, NotPassableError, PatternDefinitionError
from vatdata_runtime.passable import CopyBag, CopyMap, CopySet, Record, Tagged, make_tagged
from vatdata_runtime.patterns import DEFAULT_LIMITS, M, Matcher, check_pattern, is_pattern, matches

AT_LIMIT: dict[str, tuple[Any, Any, Any]] = {
    # matcher with the limit 2, the largest value that it lets in, the smallest that it does not
    "int": (M.int(decimal_digits_limit=2), -99, 100),
    "nat": (M.nat(decimal_digits_limit=2), 99, 100),
    "string": (M.string(string_length_limit=2), "é😋", "abc"),
    "bytes": (M.bytes(byte_length_limit=2), b"ab", b"abc"),
    "array": (M.array(array_length_limit=2), [1, 2], [1, 2, 3]),
    "array_of": (M.array_of(M.int(), array_length_limit=2), [1, 2], [1, 2, 3]),
    "record": (M.record(num_properties_limit=2), {"a": 1, "b": 2}, {"a": 1, "b": 2, "c": 3}),
    "record names": (M.record(property_name_length_limit=2), {"ab": 1}, {"abc": 1}),
    "record_of": (M.record_of(num_properties_limit=2), {"a": 1, "b": 2}, {"a": 1, "b": 2, "c": 3}),
    "set": (M.set(num_set_elements_limit=2), {1, 2}, {1, 2, 3}),
    "set_of": (M.set_of(M.int(), num_set_elements_limit=2), {1, 2}, {1, 2, 3}),
    "bag": (
        M.bag(num_unique_bag_elements_limit=2),
        CopyBag([(1, 9), (2, 9)]),
        CopyBag([(1, 1), (2, 1), (3, 1)]),
    ),
    "bag counts": (M.bag(decimal_digits_limit=2), CopyBag([(1, 99)]), CopyBag([(1, 100)])),
    "bag_of counts": (M.bag_of(M.int(), decimal_digits_limit=2), CopyBag([(1, 99)]), CopyBag([(1, 100)])),
    "map": (M.map(num_map_entries_limit=2), CopyMap({1: 1, 2: 2}), CopyMap({1: 1, 2: 2, 3: 3})),
    "map_of": (M.map_of(num_map_entries_limit=2), CopyMap({1: 1, 2: 2}), CopyMap({1: 1, 2: 2, 3: 3})),
}


@pytest.mark.parametrize(("pattern", "largest", "too_large"), AT_LIMIT.values(), ids=AT_LIMIT)
def test_a_limit_lets_in_exactly_what_it_says(pattern: Any, largest: Any, too_large: Any) -> None:
    assert matches(largest, pattern)
    assert not matches(too_large, pattern)


DEFAULTS: dict[str, tuple[Any, Any]] = {
    "decimal_digits_limit": (M.int(), lambda n: 10 ** (n - 1)),
    "string_length_limit": (M.string(), lambda n: "a" * n),
    "num_properties_limit": (M.record(), lambda n: {f"n{i}": 0 for i in range(n)}),
    "property_name_length_limit": (M.record(), lambda n: {"n" * n: 0}),
    "array_length_limit": (M.array(), lambda n: [0] * n),
    "byte_length_limit": (M.bytes(), lambda n: b"a" * n),
    "num_set_elements_limit": (M.set(), lambda n: set(range(n))),
    "num_unique_bag_elements_limit": (M.bag(), lambda n: CopyBag([(i, 1) for i in range(n)])),
    "num_map_entries_limit": (M.map(), lambda n: CopyMap([(i, 1) for i in range(n)])),
}


@pytest.mark.parametrize("limit", DEFAULT_LIMITS)
def test_a_limit_that_is_not_named_has_its_default(limit: str) -> None:
    pattern, make = DEFAULTS[limit]
    assert matches(make(DEFAULT_LIMITS[limit]), pattern)
    assert not matches(make(DEFAULT_LIMITS[limit] + 1), pattern)


@pytest.mark.parametrize("unlimited", [math.inf, None])
def test_a_limit_can_be_lifted(unlimited: Any) -> None:
    assert matches(10**5000, M.int(decimal_digits_limit=unlimited))
    assert matches(10**5000, M.nat(decimal_digits_limit=unlimited))
    assert M.string(string_length_limit=math.inf) == M.string(string_length_limit=None)


def test_a_limit_of_many_digits_is_exact_and_costs_nothing_until_it_is_near() -> None:
    pattern = M.int(decimal_digits_limit=2000)
    assert matches(10**2000 - 1, pattern)
    assert not matches(-(10**2000), pattern)
    assert matches(5, M.int(decimal_digits_limit=10**12))


def test_limits_come_as_a_mapping_or_as_keywords() -> None:
    assert M.string(limits={"string_length_limit": 5}) == M.string(string_length_limit=5)
    assert M.record({"num_properties_limit": 5}, property_name_length_limit=3) == M.record(
        num_properties_limit=5, property_name_length_limit=3
    )


def test_limits_do_not_reach_into_parts() -> None:
    assert matches(["a" * 50], M.array_of(M.any(), array_length_limit=5))
    assert matches([[1, 2, 3]], M.array_of(M.array(), array_length_limit=1))


BAD: dict[str, tuple[type[Exception], Any]] = {
    "unknown limit": (PatternDefinitionError, lambda: M.string(max_size=5)),
    "unknown limit in a mapping": (PatternDefinitionError, lambda: M.string(limits={"stringLengthLimit": 5})),
    "limit of another matcher": (PatternDefinitionError, lambda: M.string(array_length_limit=5)),
    "limit given twice": (
        PatternDefinitionError,
        lambda: M.string(limits={"string_length_limit": 5}, string_length_limit=5),
    ),
    "limit is no number": (PatternDefinitionError, lambda: M.string(string_length_limit="5")),
    "limit is a bool": (PatternDefinitionError, lambda: M.string(string_length_limit=True)),
    "limit is a fraction": (PatternDefinitionError, lambda: M.string(string_length_limit=5.5)),
    "limit is negative": (PatternDefinitionError, lambda: M.string(string_length_limit=-1)),
    "limits are no mapping": (PatternDefinitionError, lambda: M.string(limits=5)),
    "unknown kind": (PatternDefinitionError, lambda: M.kind("copyBag")),
    "kind is no text": (PatternDefinitionError, lambda: M.kind(5)),
    "count of zero": (PatternDefinitionError, lambda: M.container_has(M.int(), 0)),
    "count is a bool": (PatternDefinitionError, lambda: M.container_has(M.int(), True)),
    "count is a fraction": (PatternDefinitionError, lambda: M.container_has(M.int(), 1.0)),
    "count of too many digits": (
        PatternDefinitionError,
        lambda: M.container_has(M.int(), 1000, decimal_digits_limit=3),
    ),
    "label is no text": (PatternDefinitionError, lambda: M.remotable(5)),
    "interface is no text": (PatternDefinitionError, lambda: M.remotable(interface=5)),
    "no enum class": (PatternDefinitionError, lambda: M.enum(int)),
    "a name required and optional": (PatternDefinitionError, lambda: M.split_record({"a": 1}, {"a": 1})),
    "required fields are no dict": (PatternDefinitionError, lambda: M.split_record([1])),
    "required elements are no list": (PatternDefinitionError, lambda: M.split_array({"a": 1})),
    "an exception": (NotAPatternError, lambda: M.and_(ValueError())),
    "a type": (NotAPatternError, lambda: M.array_of(int)),
    "a matcher that was not called": (NotAPatternError, lambda: M.array_of(M.int)),
    "data under an unknown tag": (NotAPatternError, lambda: M.opt(make_tagged("t", 1))),
    "a guard": (NotAPatternError, lambda: M.opt(M.call())),
    "an await guard": (NotAPatternError, lambda: M.array_of(M.await_(M.int()))),
    "a raw guard": (NotAPatternError, lambda: M.array_of(M.raw())),
    "a bound that is a matcher": (NotAKeyError, lambda: M.lt(M.int())),
    "a bound that is no key": (NotAKeyError, lambda: M.gte(make_tagged("t", 1))),
    "equal to no key": (NotAKeyError, lambda: M.eq([ValueError()])),
    "a bound that is no data": (NotPassableError, lambda: M.neq(object())),
}


@pytest.mark.parametrize(("error", "make"), BAD.values(), ids=BAD)
def test_an_argument_that_makes_no_sense_is_refused_at_once(error: type[Exception], make: Any) -> None:
    with pytest.raises(error):
        make()


def test_messages_say_what_there_is_instead() -> None:
    with pytest.raises(
        PatternDefinitionError, match=r"M.string has no limit 'max_size'; its limits are string_len"
    ):
        M.string(max_size=5)  # type: ignore[call-arg]  # the point of the test
    with pytest.raises(PatternDefinitionError, match=r"there is no kind 'copyBag'; the kinds are .*copy_bag"):
        M.kind("copyBag")  # type: ignore[arg-type]  # the point of the test
    with pytest.raises(NotAPatternError, match=r"a matcher from M, called, as M.int\(\)"):
        M.array_of(M.int)


def test_patterns_are_equal_when_they_were_built_alike() -> None:
    assert M.array_of(M.int()) == M.array_of(M.int())
    assert M.string() == M.string(string_length_limit=100_000)
    assert M.split_record({"a": 1, "b": 2}) == M.split_record({"b": 2, "a": 1})
    assert M.or_(1, 2) != M.or_(2, 1)
    assert M.lt(1) != M.lt(1.0)
    assert M.any() != "any"


def test_the_pattern_of_a_list_or_dict_is_a_copy_that_later_changes_do_not_reach() -> None:
    literal: dict[str, Any] = {"a": [M.int()]}
    pattern = check_pattern(literal)
    literal["a"].append(1)
    assert pattern == Record({"a": (M.int(),)})


def test_a_matcher_cannot_be_changed() -> None:
    for name in ("payload", "tag", "_test", "other"):
        with pytest.raises(AttributeError):
            setattr(M.int(), name, 5)


def test_data_under_the_tag_of_a_matcher_is_a_matcher_only_where_it_makes_sense() -> None:
    assert make_tagged("match:any", ()) == M.any()
    assert isinstance(make_tagged("match:any", ()), Matcher)
    for tag, payload in [
        ("match:any", None), ("match:any", (1,)), ("match:bogus", ()), ("match:lt", (M.int(),)),
        ("match:int", ()), ("match:int", ({"decimal_digits_limit": -1},)), ("match:int", ({"limit": 1},)),
        ("match:not", (ValueError(),)), ("match:kind", ("copyBag",)), ("match:container_has", (1, 0)),
    ]:  # fmt: skip
        tagged = make_tagged(tag, payload)
        assert type(tagged) is Tagged
        assert not is_pattern(tagged)


def test_a_matcher_is_made_by_m_alone() -> None:
    with pytest.raises(PatternDefinitionError, match="Make matchers with M"):
        Matcher("other", ())


@pytest.mark.parametrize(
    "pattern",
    [
        M.any(), M.and_(M.gt(25), M.lt(75)), M.or_(), M.opt(M.int()), M.eref(M.remotable("purse")), M.neq(None),
        M.string(string_length_limit=5), M.int(decimal_digits_limit=None), M.array_of(), M.kind("copy_bag"),
        M.split_record({"a": M.int()}, {"b": "x"}), M.split_record({}, {}, {}), M.split_array([1], rest=()),
        M.record_of(M.string(), M.nat(), num_properties_limit=3), M.container_has(M.int(), 2), M.lt(math.inf),
        M.remotable(interface="Purse"), M.eq(CopySet([1, 2])), (M.int(), ({"a": M.string()},)), M.tagged("t"),
        CopyMap([(1, M.int())]), M.bag_of(M.string(), M.lte(5)),
    ],
)  # fmt: skip
def test_the_repr_of_a_pattern_is_the_call_that_makes_it(pattern: Any) -> None:
    names = {"M": M, "CopyMap": CopyMap, "CopySet": CopySet, "Record": Record}
    assert check_pattern(eval(repr(pattern), names)) == check_pattern(pattern)


def test_the_repr_leaves_out_what_is_default() -> None:
    assert repr(M.string()) == "M.string()"
    assert repr(M.opt(M.int())) == "M.opt(M.int())"
    assert repr(M.split_record({"a": 1})) == "M.split_record({'a': 1})"
