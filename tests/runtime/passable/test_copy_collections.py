"""Copy sets, bags and maps: members are keys, told apart by kind, and the algebra of sets and bags holds."""

from __future__ import annotations

import collections
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatdata_runtime.errors import CopyDataError, NotPassableError
from vatdata_runtime.passable import (
    CopyBag,
    CopyMap,
    CopySet,
    Far,
    Record,
    compare_keys,
    encode_key,
    freeze,
    make_copy_bag,
    make_copy_map,
    make_copy_set,
    make_tagged,
    serial_of,
)

from .strategies import REMOTABLES, copy_bags, copy_sets, keys

R0, R1, R2, R3 = REMOTABLES
# Few enough that sets overlap, with what Python would merge and what the original gets wrong: data beside remotables.
universe = [
    1,
    1.0,
    True,
    "a",
    (R0, 5),
    (R1, 3),
    Record(x=R0, y=1),
    Record(x=R1, y=0),
    R2,
    None,
    CopySet([R3, 1]),
]
some = st.lists(st.sampled_from(range(len(universe))), unique=True)
counted = st.dictionaries(st.sampled_from(range(len(universe))), st.integers(1, 4))


def set_of(numbers: Any) -> CopySet:
    return CopySet([universe[number] for number in numbers])


def bag_of(counts: Any) -> CopyBag:
    return CopyBag([(universe[number], count) for number, count in counts.items()])


# --- sets ------------------------------------------------------------------------------------------------------


def test_members_come_in_ascending_order_whatever_order_they_came_in():
    assert list(make_copy_set(["b", 2, "a", 1.5, None, True, 1])) == [True, 1.5, 1, 2, "a", "b", None]


def test_a_set_tells_apart_what_python_merges():
    members = CopySet([1, 1.0, True])
    assert len(members) == 3
    assert 1 in members
    assert CopySet([1]) != CopySet([1.0])
    assert True not in CopySet([1])


def test_a_member_twice_is_an_error_and_not_merged():
    with pytest.raises(CopyDataError, match="'a' is in the copy set twice"):
        make_copy_set(["a", "b", "a"])
    with pytest.raises(ValueError):
        CopySet([R0, R0])


def test_what_is_no_key_is_no_member_and_never_in_a_set():
    with pytest.raises(NotPassableError) as caught:
        CopySet([1, make_tagged("t", 1)])
    assert caught.value.path == ("key 1",)
    assert object() not in CopySet([1])
    assert [object()] not in CopySet([1])


def test_a_list_is_in_a_set_that_has_the_tuple():
    assert [1, 2] in CopySet([[1, 2]])


@pytest.mark.parametrize("text", ["abc", b"abc"])
def test_a_text_is_one_value_and_not_its_characters(text):
    for make in (CopySet, CopyBag, CopyMap):
        with pytest.raises(TypeError):
            make(text)


@given(some, st.randoms())
def test_equality_and_hash_of_sets_ignore_the_order_in_which_members_came(numbers, random):
    shuffled = list(numbers)
    random.shuffle(shuffled)
    assert set_of(numbers) == set_of(shuffled)
    assert hash(set_of(numbers)) == hash(set_of(shuffled))
    assert list(set_of(numbers)) == list(set_of(shuffled))


@given(some, some)
def test_sets_behave_as_sets_of_their_members_do(a, b):
    left, right, plain_left, plain_right = set_of(a), set_of(b), set(a), set(b)
    assert left | right == set_of(plain_left | plain_right)
    assert left & right == set_of(plain_left & plain_right)
    assert left - right == set_of(plain_left - plain_right)
    assert left ^ right == set_of(plain_left ^ plain_right)
    assert (left <= right) == (plain_left <= plain_right)
    assert (left < right) == (plain_left < plain_right)
    assert (left >= right) == (plain_left >= plain_right)
    assert (left > right) == (plain_left > plain_right)
    assert (left == right) == (plain_left == plain_right)
    assert left.isdisjoint(right) == plain_left.isdisjoint(plain_right)
    assert len(left) == len(plain_left)
    for number, member in enumerate(universe):
        assert (member in left) == (number in plain_left)


@given(copy_sets(keys), copy_sets(keys))
def test_union_intersection_and_difference_fit_together(a, b):
    assert (a - b) | (a & b) == a
    assert (a | b) - b == a - b
    assert (a & b) <= a <= (a | b)
    assert a ^ b == (a | b) - (a & b)
    assert (a - b).isdisjoint(b)


def test_python_sets_can_stand_on_either_side_but_are_never_equal():
    assert CopySet([1]) | {2} == {2} | CopySet([1]) == CopySet([1, 2])
    assert CopySet([1, 2]) & {2} == CopySet([2])
    assert {1, 2} - CopySet([1]) == CopySet([2])
    assert CopySet([1]) <= {1, 2}
    assert CopySet([1]) != {1}
    with pytest.raises(TypeError):
        CopySet([1]) | [2]


def test_disjoint_union_names_a_common_member():
    assert CopySet([1]).disjoint_union(CopySet([2])) == CopySet([1, 2])
    with pytest.raises(CopyDataError, match="2"):
        CopySet([1, 2]).disjoint_union(CopySet([2]))


def test_disjoint_difference_names_a_member_that_is_not_there():
    assert CopySet([1, 2]).disjoint_difference(CopySet([2])) == CopySet([1])
    with pytest.raises(CopyDataError, match="3"):
        CopySet([1, 2]).disjoint_difference(CopySet([3]))


def test_remotables_have_one_order_in_all_sets():
    assert list(CopySet([R0, R1, R2])) == list(CopySet([R2, R1, R0]))


# --- bags ------------------------------------------------------------------------------------------------------


def test_a_bag_counts_its_members():
    bag = make_copy_bag([("b", 2), ("a", 1)])
    assert list(bag) == ["a", "b"]
    assert list(bag.items()) == [("a", 1), ("b", 2)]
    assert list(bag.elements()) == ["a", "b", "b"]
    assert (bag.count("b"), bag["c"], bag.total(), len(bag)) == (2, 0, 3, 2)
    assert bag == CopyBag(collections.Counter("abb")) == CopyBag({"b": 2, "a": 1})


@pytest.mark.parametrize("count", [0, -1, 1.0, True, "2", None])
def test_a_count_is_an_int_of_at_least_one(count):
    with pytest.raises(CopyDataError, match="at least 1"):
        CopyBag([("a", count)])


def test_a_key_twice_in_a_bag_is_an_error_and_not_a_sum():
    with pytest.raises(CopyDataError, match="twice"):
        CopyBag([("a", 1), ("a", 1)])


@given(counted, counted)
def test_bags_behave_as_counters_of_their_members_do(a, b):
    left, right = bag_of(a), bag_of(b)
    plain_left, plain_right = collections.Counter(a), collections.Counter(b)
    assert left.sum(right) == left + right == bag_of(plain_left + plain_right)
    assert left.union(right) == left | right == bag_of(plain_left | plain_right)
    assert left.intersection(right) == left & right == bag_of(plain_left & plain_right)
    assert left.difference(right) == left - right == bag_of(plain_left - plain_right)
    assert (left <= right) == (plain_left <= plain_right)
    assert (left < right) == (plain_left < plain_right)
    assert (left >= right) == (plain_left >= plain_right)
    assert (left > right) == (plain_left > plain_right)
    assert (left == right) == (plain_left == plain_right)
    assert left.isdisjoint(right) == (not plain_left & plain_right)
    assert left.total() == plain_left.total()


@given(copy_bags(keys), copy_bags(keys))
def test_sum_and_difference_of_bags_undo_each_other(a, b):
    assert (a + b).disjoint_difference(b) == a
    assert (a | b) + (a & b) == a + b


def test_intersection_of_bags_that_share_only_some_members_drops_the_others():
    assert CopyBag({"a": 2, "b": 1}) & CopyBag({"a": 1, "c": 5}) == CopyBag({"a": 1})


def test_disjoint_difference_of_bags_names_what_there_is_not_enough_of():
    with pytest.raises(CopyDataError, match="'a' should be taken away 3 times and is there 2 times"):
        CopyBag({"a": 2}).disjoint_difference(CopyBag({"a": 3}))


# --- maps ------------------------------------------------------------------------------------------------------


def test_a_map_is_a_mapping_in_ascending_order_of_its_keys():
    entries = make_copy_map([("b", [1]), (2, "two"), (True, None)])
    assert list(entries) == [True, 2, "b"]
    assert list(entries.items()) == [(True, None), (2, "two"), ("b", (1,))]
    assert list(entries.values()) == [None, "two", (1,)]
    assert entries["b"] == (1,)
    assert entries.get("x", 5) == 5
    assert (2 in entries, 2.0 in entries, len(entries)) == (True, False, 3)
    with pytest.raises(KeyError):
        entries[1]


def test_maps_are_equal_when_keys_and_values_are_of_one_kind_and_equal():
    assert CopyMap([(1, "a"), ("x", 2)]) == CopyMap([("x", 2), (1, "a")])
    assert CopyMap([(1, "a")]) != CopyMap([(1.0, "a")])
    assert CopyMap([(1, 1)]) != CopyMap([(1, True)])
    assert CopyMap([("a", 1)]) != {"a": 1}
    assert CopyMap([("a", 1)]) != Record(a=1)


def test_values_of_a_map_may_be_any_data_and_then_it_is_no_key():
    error = ValueError("x")
    assert isinstance(CopyMap([(1, error)])[1], ValueError)
    with pytest.raises(TypeError):
        hash(CopyMap([(1, error)]))
    assert hash(CopyMap([(1, "a")])) == hash(CopyMap([(1, "a")]))


def test_a_key_twice_in_a_map_is_an_error():
    with pytest.raises(CopyDataError, match="twice"):
        CopyMap([(1, "a"), (1, "b")])


@pytest.mark.parametrize("entries", [[1], [(1,)], [(1, 2, 3)], ["ab"]])
def test_entries_are_pairs(entries):
    with pytest.raises(TypeError, match="pair"):
        CopyMap(entries)


def test_a_refused_part_of_a_map_has_its_path():
    with pytest.raises(NotPassableError) as caught:
        CopyMap([(1, 2), (3, [object()])])
    assert caught.value.path == ("value 1", 0)


# --- all of them -----------------------------------------------------------------------------------------------

COLLECTIONS = [CopySet([1, "a"]), CopyBag({"a": 2}), CopyMap([("a", 1)])]


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda c: c.pass_style)
def test_a_collection_shows_how_to_make_it_and_can_be_pickled(collection):
    assert eval(repr(collection), {"CopySet": CopySet, "CopyBag": CopyBag, "CopyMap": CopyMap}) == collection
    assert pickle.loads(pickle.dumps(collection)) == collection


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda c: c.pass_style)
def test_a_collection_is_a_key_of_a_dict(collection):
    assert {collection: 1}[
        type(collection)(collection.items() if hasattr(collection, "items") else collection)
    ] == 1


def test_equality_with_remotables_and_data_in_members_does_not_depend_on_order():
    things = [Far("T", {}) for _ in range(6)]
    members = [(things[number], 5 - number) for number in range(6)]
    assert CopySet(members) == CopySet(members[::-1])
    assert CopySet(members) > CopySet(members[3:][::-1])
    assert CopySet(members) != CopySet([(thing, 0) for thing in things])


@given(keys, keys)
def test_sets_of_one_member_are_equal_exactly_when_the_members_are(a, b):
    equal = compare_keys(a, b) == 0
    assert (CopySet([a]) == CopySet([b])) == equal
    assert (encode_key(a, serial_of) == encode_key(b, serial_of)) == equal


def test_freezing_a_collection_gives_itself():
    for collection in COLLECTIONS:
        assert freeze(collection) is collection
