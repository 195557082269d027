"""A pattern may take the place of another where it accepts all that the other did."""

from __future__ import annotations

import math
from enum import Enum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime.patterns.strategies import any_values, pattern_pairs, patterns
from vatdata_runtime.passable import CopyMap, Far
from vatdata_runtime.patterns import M, allows_none, check_pattern, matches, narrowings

ALICE, BOB = Far("Alice", {}), Far("Bob", {})


class Color(Enum):
    RED = 1


WIDER_OR_SAME = {
    "the same pattern": (M.int(), M.int()),
    "the same fields in another order": ({"a": M.int(), "b": 1}, {"b": 1, "a": M.int()}),
    "the same remotable": (ALICE, ALICE),
    "anything": (M.string(), M.any()),
    "one more alternative": (M.int(), M.or_(M.int(), M.string())),
    "alternatives in another order": (M.or_(M.int(), M.string()), M.or_(M.string(), M.int())),
    "None allowed": (M.int(), M.opt(M.int())),
    "None allowed, as a literal": (M.none(), None),
    "a promise allowed": (M.remotable(), M.eref(M.remotable())),
    "a higher limit": (M.string(string_length_limit=5), M.string()),
    "no limit": (M.string(), M.string(string_length_limit=math.inf)),
    "natural to int": (M.nat(), M.int()),
    "int to number": (M.int(), M.number()),
    "number without the other kind": (M.float(), M.number()),
    "both kinds of number": (M.number(), M.or_(M.int(decimal_digits_limit=None), M.float())),
    "both booleans": (M.boolean(), M.or_(False, True)),
    "a literal of the kind": ("open", M.string()),
    "literals": (M.or_("open", "closed"), M.or_("open", "closed", "lost")),
    "kind to matcher": (M.kind("str"), M.string(string_length_limit=None)),
    "matcher to kind": (M.string(), M.kind("str")),
    "scalar to key": (M.and_(M.scalar(), M.string()), M.key()),
    "key to pattern": (M.key(), M.pattern()),
    "one condition less": (M.and_(M.int(), M.gte(0)), M.int()),
    "a looser bound": (M.lt(5), M.lt(6)),
    "the bound itself allowed": (M.lt(5), M.lte(5)),
    "a lower bound": (M.gt(5), M.gte(5)),
    "a bounded kind": (M.lt("m"), M.string(string_length_limit=None)),
    "fewer exclusions": (M.not_(M.or_(1, 2)), M.not_(1)),
    "another kind is not excluded": (M.string(), M.not_(M.int())),
    "a key that never was": (M.string(), M.neq(5)),
    "a label changes nothing": (M.remotable("purse"), M.remotable("wallet")),
    "no interface asked for": (M.remotable(interface="Purse"), M.remotable()),
    "elements": (M.array_of(M.nat()), M.array_of(M.int())),
    "arrays": (M.array_of(M.nat()), M.array()),
    "arrays of anything": (M.array(), M.array_of(M.any())),
    "a tuple literal": ((M.int(), "a"), (M.number(), M.string())),
    "a tuple to an array": ((M.int(), M.int()), M.array_of(M.int())),
    "one more optional element": (M.split_array([1], [], rest=()), M.split_array([1], [M.int()], rest=())),
    "an element made optional": (M.split_array([1, 2]), M.split_array([1], [2])),
    "record literal widened": ({"a": M.nat()}, {"a": M.int()}),
    "record literal opened": ({"a": M.nat()}, M.split_record({"a": M.nat()})),
    "record fields": (M.split_record({"a": M.nat()}), M.split_record({"a": M.int()})),
    "field made optional": (M.split_record({"a": 1}), M.split_record({}, {"a": 1})),
    "optional field added to a closed record": ({"a": 1}, M.split_record({"a": 1}, {"b": 2}, rest={})),
    "optional field added where such fields were allowed": (
        M.split_record({"a": 1}, {}, M.record_of(M.string(), M.nat())),
        M.split_record({"a": 1}, {"b": M.int()}, M.record_of(M.string(), M.nat())),
    ),
    "fields no longer looked at": (M.split_record({"a": 1, "b": 2}), M.split_record({"a": 1})),
    "record literal to record of": ({"a": 1, "b": 2}, M.record_of(M.string(), M.int())),
    "values of records": (M.record_of(M.string(), M.nat()), M.record_of(M.any(), M.int())),
    "members": (M.set_of(M.nat()), M.set_of(M.number())),
    "sets of something to sets": (M.set_of(M.nat()), M.set()),
    "counts": (M.bag_of(M.string(), M.lt(5)), M.bag_of(M.string())),
    "entries": (M.map_of(M.string(), M.nat()), M.map_of(M.key(), M.int())),
    "a map literal": (CopyMap({1: M.nat()}), CopyMap({1: M.int()})),
    "fewer members asked for": (M.container_has(M.nat(), 3), M.container_has(M.int(), 2)),
    "tagged": (M.tagged("t", M.nat()), M.tagged(M.string(), M.int())),
    "nothing": (M.or_(), M.int()),
    "an enum": (M.enum(Color), M.enum(Color)),
}
NARROWER = {
    "another kind": (M.string(), M.int()),
    "a lower limit": (M.string(), M.string(string_length_limit=5)),
    "a limit where none was": (M.kind("str"), M.string()),
    "None no longer": (M.opt(M.int()), M.int()),
    "an alternative removed": (M.or_(M.int(), M.string()), M.int()),
    "a literal removed": (M.or_("open", "closed"), "open"),
    "another literal": (1, 2),
    "a literal of another kind": (1, 1.0),
    "another remotable": (ALICE, BOB),
    "remotables swapped": ({"a": ALICE, "b": BOB}, {"a": BOB, "b": ALICE}),
    "int to natural": (M.int(), M.nat()),
    "number to int": (M.number(), M.int(decimal_digits_limit=None)),
    "a condition more": (M.int(), M.and_(M.int(), M.gte(0))),
    "a tighter bound": (M.lt(6), M.lt(5)),
    "the bound itself": (M.lte(5), M.lt(5)),
    "a bound that can't be compared": (M.lt(5), M.lt(6.0)),
    "everything excluded more": (M.not_(1), M.not_(M.or_(1, 2))),
    "an excluded value that was accepted": (M.int(), M.neq(5)),
    "an interface": (M.remotable(), M.remotable(interface="Purse")),
    "elements": (M.array_of(M.int()), M.array_of(M.nat())),
    "a shorter array": ((M.int(), M.int()), M.array_of(M.int(), array_length_limit=1)),
    "an element more": ((M.int(),), (M.int(), M.int())),
    "an optional element required": (M.split_array([], [1]), M.split_array([1])),
    "rest closed": (M.split_record({"a": 1}), M.split_record({"a": 1}, rest={})),
    "field removed from a closed record": ({"a": 1, "b": 2}, {"a": 1}),
    "field that need not be a key removed": ({"a": M.int(), "b": M.int()}, {"a": M.int()}),
    "element removed": ((M.int(), M.int()), (M.int(),)),
    "field added": ({"a": 1}, {"a": 1, "b": M.any()}),
    "optional field that was unchecked before": (M.split_record({}), M.split_record({}, {"a": M.int()})),
    "an optional field required": (M.split_record({}, {"a": 1}), M.split_record({"a": 1})),
    "too many fields": ({"a": 1, "b": 2}, M.record_of(M.string(), M.int(), num_properties_limit=1)),
    "members": (M.set_of(M.int()), M.set_of(M.string())),
    "more members asked for": (M.container_has(1, 2), M.container_has(1, 3)),
    "an enum for a string": (M.string(), M.enum(Color)),
}


@pytest.mark.parametrize(("old", "new"), WIDER_OR_SAME.values(), ids=WIDER_OR_SAME)
def test_a_pattern_that_accepts_as_much_narrows_nothing(old: Any, new: Any) -> None:
    assert narrowings(check_pattern(old), check_pattern(new), "balance") == []


@pytest.mark.parametrize(("old", "new"), NARROWER.values(), ids=NARROWER)
def test_a_pattern_that_accepts_less_gives_a_reason_that_names_the_field(old: Any, new: Any) -> None:
    reasons = narrowings(check_pattern(old), check_pattern(new), "balance")
    assert reasons
    assert all("balance" in reason for reason in reasons)


@given(st.lists(any_values, min_size=8, max_size=8), pattern_pairs())
@settings(max_examples=150)
def test_a_value_that_matched_still_matches_where_nothing_is_narrower(
    values: list[Any], pair: tuple[Any, Any]
) -> None:
    old, new = pair
    if not narrowings(old, new, "field"):
        assert all(matches(value, new) for value in values if matches(value, old))


@given(patterns)
def test_a_pattern_never_narrows_itself_nor_does_anything(pattern: Any) -> None:
    assert narrowings(pattern, pattern, "field") == []
    assert narrowings(pattern, M.any(), "field") == []
    assert narrowings(pattern, check_pattern(M.or_(M.promise(), pattern)), "field") == []


def test_reasons_name_the_parts_of_a_record_literal() -> None:
    old, new = (
        check_pattern({"a": M.int(), "b": M.int(), "c": M.int()}),
        check_pattern({"a": 1, "b": M.int(), "c": 2}),
    )
    assert narrowings(old, new, "state") == [
        "state['a']: 1 does not accept all that M.int() did",
        "state['c']: 2 does not accept all that M.int() did",
    ]


@pytest.mark.parametrize("pattern", [None, M.none(), M.any(), M.opt(M.int()), M.scalar(), M.not_(M.int())])
def test_a_field_may_be_absent_where_its_pattern_lets_none_in(pattern: Any) -> None:
    assert allows_none(pattern)


@pytest.mark.parametrize("pattern", [0, "", M.int(), M.neq(None), M.remotable()])
def test_a_field_has_to_be_there_where_its_pattern_keeps_none_out(pattern: Any) -> None:
    assert not allows_none(pattern)
