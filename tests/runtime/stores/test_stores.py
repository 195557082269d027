"""What every store does, the same in heap, virtual and durable zones."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from tests.runtime.stores.conftest import VALUE_LIMIT
from vatdata_runtime import (
    CopyMap,
    CopySet,
    Far,
    KeyExistsError,
    KeyNotFoundError,
    KeyTooLargeError,
    M,
    NotAKeyError,
    NotAPatternError,
    NotPassableError,
    PatternMismatchError,
    Record,
    StaleIteratorError,
    ValueTooLargeError,
    make_copy_map,
    make_copy_set,
    matches,
)

SCALARS = [
    b"", b"\0\xff", False, True, float("-inf"), -29.5, 0.0, 1.0, float("inf"), -(2**70), -1, 0, 1, 2**64,
    "", "a", "a\0", "\ue000", "\U0001f60b", None, date(2024, 2, 29), datetime(2024, 1, 1, tzinfo=UTC),
    Decimal("1.5"), UUID(int=7),
]  # fmt: skip
TOO_LONG = "x" * 480  # its tag makes it one byte too long
LONGEST = "x" * 479


class Kept:
    """Compares a store before and after something that must not change it."""

    def __init__(self, store):
        self.store = store
        self.before = list(store)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        assert list(self.store) == self.before
        assert len(self.store) == len(self.before)


# --- maps


def test_every_scalar_is_a_key_of_its_own(zone):
    m = zone.map()
    for number, key in enumerate(SCALARS):
        m.init(key, number)
    assert [m.get(key) for key in SCALARS] == list(range(len(SCALARS)))
    assert list(m.values()) == list(range(len(SCALARS)))
    assert all(a is b or (a == b and type(a) is type(b)) for a, b in zip(m, SCALARS, strict=True))


def test_one_and_true_and_one_point_zero_are_three_keys(zone):
    s = zone.set()
    s.add_all([1, True, 1.0])
    assert [type(key) for key in s] == [bool, float, int]
    s.delete(True)
    assert [s.has(1), s.has(True), s.has(1.0)] == [True, False, True]


def test_nan_is_found_and_minus_zero_is_zero(zone):
    m = zone.map()
    m.init(float("nan"), "n")
    m.init(-0.0, "z")
    assert m.get(float("nan")) == "n"
    assert m.get(0.0) == "z"
    assert str(next(iter(m))) == "0.0"


def test_init_of_a_present_key_raises_and_keeps_the_value(zone):
    m = zone.map()
    m.init("a", 1)
    with pytest.raises(KeyExistsError, match="'a'"):
        m.init("a", 2)
    assert m.get("a") == 1


@pytest.mark.parametrize("call", ["get", "set", "delete", "[]"])
def test_an_absent_key_raises_and_stays_absent(zone, call):
    m = zone.map()
    calls = {
        "get": lambda: m.get("a"),
        "set": lambda: m.set("a", 1),
        "delete": lambda: m.delete("a"),
        "[]": lambda: m["a"],
    }
    with pytest.raises(KeyNotFoundError, match="label"):
        calls[call]()
    assert "a" not in m
    assert len(m) == 0


def test_none_is_a_value_and_a_key_like_any_other(zone):
    m = zone.map()
    m.init(None, None)
    assert m.has(None)
    assert m.get(None) is None
    m.init("x", 1)
    assert list(m.keys(None)) == [None]
    assert list(m.keys(M.any(), None)) == [None]
    with pytest.raises(KeyExistsError):
        m.init(None, 1)


def test_what_goes_in_is_copied_and_comes_back_immutable(zone):
    m = zone.map()
    mine = [1, {"a": [2]}]
    m.init("k", mine)
    mine.append(3)
    assert m.get("k") == (1, Record(a=(2,)))
    m.set("k", {"b": {3}})
    assert m.get("k") == Record(b=make_copy_set([3]))


def test_an_exception_is_a_value(zone):
    m = zone.map()
    m.init("e", ValueError("bad"))
    found = m.get("e")
    assert type(found) is ValueError
    assert found.args == ("bad",)


def test_remotables_come_back_as_the_same_object(zone):
    m, thing = zone.map(), zone.thing()
    m.init(thing, {"t": thing})
    assert m.get(thing)["t"] is thing
    assert next(iter(m)) is thing


@pytest.mark.parametrize("key", [(1,), {"a": 1}, {1, 2}, make_copy_map([]), ValueError("x")])
def test_composite_keys_are_refused_and_has_says_no(zone, key):
    m, s = zone.map(key_shape=M.any()), zone.set()
    assert not m.has(key)
    assert key not in s
    for call in (lambda: m.init(key, 1), lambda: m.get(key), lambda: m.delete(key), lambda: s.add(key)):
        with pytest.raises(NotAKeyError):
            call()
    assert len(m) == 0 == len(s)


@pytest.mark.parametrize("junk", [open, object(), bytearray(b"x"), "\ud800", [print]])
def test_what_is_outside_the_data_model_is_no_key_and_no_value(zone, junk):
    m = zone.map()
    assert not m.has(junk)
    m.init("k", 1)
    with pytest.raises(NotPassableError):
        m.set("k", junk)
    with pytest.raises(NotPassableError):
        m.init(junk, 1)
    assert list(m.entries()) == [("k", 1)]


def test_a_naive_datetime_is_no_key(zone):
    with pytest.raises(NotAKeyError):
        zone.set().add(datetime(2024, 1, 1))  # that is the point


def test_keys_are_measured_in_encoded_bytes(zone):
    m = zone.map()
    m.init(LONGEST, 1)
    wide = "\u20ac" * 160  # 480 bytes in 160 characters
    for key in (TOO_LONG, wide, b"x" * 480):
        assert not m.has(key)
        for call in (m.get, m.delete, lambda key: m.init(key, 1), lambda key: m.set(key, 1), zone.set().add):
            with pytest.raises(KeyTooLargeError):
                call(key)
    assert list(m) == [LONGEST]


def test_values_are_measured_in_encoded_bytes(zone):
    m = zone.map()
    m.init("k", "x" * (VALUE_LIMIT - 5))
    for call in (m.init, m.set):
        with pytest.raises(ValueTooLargeError):
            call("k" if call == m.set else "l", "x" * VALUE_LIMIT)
    with pytest.raises(ValueTooLargeError):
        m.init("l", [b"x" * VALUE_LIMIT])
    assert len(m.get("k")) == VALUE_LIMIT - 5


def test_a_store_is_true_also_when_it_is_empty(zone):
    assert zone.map()
    assert zone.set()


# --- the order of checks: key, existence, value shape, size, durability


def test_the_key_is_checked_before_existence(zone):
    m = zone.map(key_shape=M.string())
    for call in (m.get, m.delete, lambda key: m.set(key, open), lambda key: m.init(key, open)):
        with pytest.raises(PatternMismatchError):
            call(1)


def test_existence_is_checked_before_the_value(zone):
    m = zone.map(value_shape=M.int())
    m.init("a", 1)
    with pytest.raises(KeyExistsError):
        m.init("a", open)
    with pytest.raises(KeyNotFoundError):
        m.set("b", open)


def test_the_value_shape_is_checked_before_size(zone):
    m = zone.map(value_shape=M.int())
    with pytest.raises(PatternMismatchError):
        m.init("a", "x" * VALUE_LIMIT)


# --- shapes


def test_shapes_are_enforced_and_named_in_the_error(zone):
    m = zone.map(key_shape=M.string(), value_shape=M.split_record({"n": M.int()}))
    m.init("a", {"n": 1})
    with pytest.raises(PatternMismatchError, match="key of store 'label'"):
        m.init(1, {"n": 1})
    with pytest.raises(PatternMismatchError, match="value of store 'label'") as caught:
        m.set("a", {"n": "x"})
    assert caught.value.path == ("n",)
    assert caught.value.value == "x"
    assert not m.has(1)
    assert list(m.entries()) == [("a", Record(n=1))]


@pytest.mark.parametrize(
    ("shape", "good", "bad"), [(47, 47, 29), (M.not_(M.string()), True, "x"), (M.lt(47), 29, 53)]
)
def test_literals_and_matchers_are_shapes(zone, shape, good, bad):
    m, s = zone.map(value_shape=shape), zone.set(key_shape=shape)
    m.init(1, good)
    s.add(good)
    for call in (lambda: m.init(2, bad), lambda: s.add(bad), lambda: s.delete(bad)):
        with pytest.raises(PatternMismatchError):
            call()
    assert not m.has(2)
    assert not s.has(bad)


def test_a_shape_that_is_no_pattern_makes_no_store(zone):
    with pytest.raises(NotAPatternError):
        zone.map(key_shape=ValueError("x"))


def test_sets_take_no_value_shape(zone):
    with pytest.raises(TypeError):
        zone.set(value_shape=M.any())


# --- sets


def test_a_set_adds_silently_and_deletes_once(zone):
    s = zone.set()
    s.add("a")
    s.add("a")
    assert len(s) == 1
    s.delete("a")
    with pytest.raises(KeyNotFoundError):
        s.delete("a")
    assert list(s.keys()) == list(s.values()) == []


def test_each_type_has_its_methods_and_no_others(zone):
    weak = {"has", "delete", "add_all"}
    full = weak | {"keys", "values", "get_size", "clear", "snapshot"}
    expected = {
        "map": full | {"entries", "init", "get", "set"},
        "set": full | {"add"},
        "weak_map": weak | {"init", "get", "set"},
        "weak_set": weak | {"add"},
    }
    for sort, names in expected.items():
        store = getattr(zone, sort)()
        assert {name for name in dir(store) if not name.startswith("_")} == names


# --- bulk


def test_add_all_takes_pairs_mappings_copy_maps_and_maps(zone):
    m, other = zone.map(), zone.map()
    other.init("o", 4)
    for source in ([("a", 1)], {"b": 2}, make_copy_map([("c", 3)]), other, ([k, 0] for k in "de")):
        m.add_all(source)
    assert list(m.entries()) == [("a", 1), ("b", 2), ("c", 3), ("d", 0), ("e", 0), ("o", 4)]


def test_add_all_updates_and_the_last_pair_wins(zone):
    m = zone.map()
    m.init("a", 0)
    m.add_all([("a", 1), ("b", 1), ("b", 2)])
    assert list(m.entries()) == [("a", 1), ("b", 2)]


def test_add_all_of_the_own_entries_changes_nothing(zone):
    m = zone.map()
    m.add_all({"a": 1, "b": 2})
    m.add_all(m.entries())
    m.add_all(m)
    assert list(m.entries()) == [("a", 1), ("b", 2)]


@pytest.mark.parametrize("source", ["ab", b"ab", 5, ["ab"], [("a",)], [("a", 1, 2)], make_copy_set(["ab"])])
def test_add_all_of_a_map_refuses_what_holds_no_pairs(zone, source):
    m = zone.map()
    with Kept(m), pytest.raises(NotPassableError):
        m.add_all(source)


@pytest.mark.parametrize("source", ["ab", b"ab", bytearray(b"a"), 5, {"a": 1}, make_copy_map([("a", 1)])])
def test_add_all_of_a_set_refuses_what_holds_no_members(zone, source):
    s = zone.set()
    with Kept(s), pytest.raises(NotPassableError):
        s.add_all(source)


def test_add_all_is_all_or_nothing(zone):
    m, s, thing = zone.map(value_shape=M.int()), zone.set(key_shape=M.not_(3)), zone.thing()
    m.init("a", 0)
    s.add(thing)
    with Kept(m), Kept(s):
        with pytest.raises(PatternMismatchError):
            m.add_all([("a", 1), ("b", 2), (thing, 2), ("c", "x")])
        with pytest.raises(PatternMismatchError):
            s.add_all([1, 2, zone.thing(), 3])
    assert m.get("a") == 0
    assert not m.has(thing)


def test_a_failed_add_all_leaves_running_iterations_alone(zone):
    m = zone.map(value_shape=M.int())
    m.add_all({"a": 1, "b": 2})
    keys = iter(m)
    next(keys)
    with pytest.raises(PatternMismatchError):
        m.add_all([("c", 1), ("d", "x")])
    assert list(keys) == ["b"]


def test_weak_stores_add_all_too(zone):
    m, s, thing = zone.weak_map(value_shape=M.int()), zone.weak_set(), zone.thing()
    m.add_all([(thing, 1), ("a", 2)])
    s.add_all([thing, "a"])
    assert (m.get(thing), m.get("a"), s.has(thing), s.has("a")) == (1, 2, True, True)
    other = zone.thing()
    with pytest.raises(PatternMismatchError):
        m.add_all([(other, 1), (thing, "x")])
    assert not m.has(other)
    assert m.get(thing) == 1


# --- clear, size, snapshot


def test_clear_empties_and_everything_can_be_added_again(zone):
    m, thing = zone.map(), zone.thing()
    for key in ("a", 1, thing):
        m.init(key, thing)
    m.clear()
    assert (len(m), list(m), m.has(thing)) == (0, [], False)
    for key in ("a", 1, thing):
        m.init(key, thing)
    assert len(m) == 3


def test_clear_takes_patterns(zone):
    m = zone.map()
    m.add_all({"a": 1, "b": 2, "c": "x"})
    m.clear(M.any(), M.string())
    assert list(m) == ["a", "b"]
    m.clear("b")
    m.clear("absent")
    assert list(m) == ["a"]
    s = zone.set()
    s.add_all([1, 2, "x"])
    s.clear(M.int())
    assert list(s) == ["x"]


def test_size_counts_what_matches(zone):
    m = zone.map()
    m.add_all([("a", 1), ("b", "x"), (3, 1)])
    assert (m.get_size(), m.get_size(M.string()), m.get_size(M.any(), 1)) == (3, 2, 2)
    m.set("a", 5)
    m.delete("b")
    assert m.get_size() == len(m) == 2


def test_a_snapshot_is_data_and_stays_as_it_was(zone):
    m, s = zone.map(), zone.set()
    m.add_all({"a": 1, "b": 2})
    s.add_all(["a", 1])
    taken, members = m.snapshot(), s.snapshot()
    assert m.snapshot("a") == make_copy_map([("a", 1)])
    m.clear()
    s.clear()
    assert isinstance(taken, CopyMap)
    assert isinstance(members, CopySet)
    assert taken == make_copy_map([("b", 2), ("a", 1)])
    assert members == make_copy_set([1, "a"])
    m.add_all(taken)
    s.add_all(members)
    assert list(m) == ["a", "b"]
    assert list(s) == [1, "a"]


# --- order and queries


def test_remotables_are_in_the_order_of_adding(zone):
    m = zone.map()
    a, b, c = (zone.thing() for _ in range(3))
    for thing in (a, b, c):
        m.init(thing, 1)
    m.delete(b)
    assert list(m) == [a, c]
    m.init(b, 1)
    m.set(a, 2)
    assert list(m) == [a, c, b]
    m.clear()
    m.add_all([(b, 1), (a, 1)])
    assert list(m) == [b, a]
    assert list(m.keys(a)) == [a]
    assert list(m.keys(c)) == []


QUERIES = [
    M.any(), M.scalar(), M.key(), M.number(), M.int(), M.nat(), M.string(), M.bytes(), M.none(), M.boolean(),
    M.remotable(), M.kind("copy_bag"), M.gte(0), M.gt(0.0), M.lt("a\0"), M.lte("\U0001f60b"), M.gt("\uffff"), 1, None, "a",
    M.and_(M.gt(-1), M.lt(2**65)), M.or_(M.lt(0), M.gt(0)), M.or_(), M.and_(), M.not_(M.string()), M.neq(1),
    M.and_(M.gt(0), M.neq(2**64)), M.or_(M.and_(M.gte(-1), M.lte(0)), "a", True), M.array(), M.gte(float("nan")),
    M.string(string_length_limit=1),
]  # fmt: skip


@pytest.mark.parametrize("pattern", QUERIES, ids=repr)
def test_a_query_gives_what_filtering_gives(zone, pattern):
    m = zone.map()
    for key in [*SCALARS, zone.thing(), zone.thing(), float("nan")]:
        m.init(key, str(key))
    expected = [key for key in m if matches(key, pattern)]
    assert [*map(repr, m.keys(pattern))] == [*map(repr, expected)]
    assert [*m.values(pattern)] == [m.get(key) for key in expected]
    assert m.get_size(pattern) == len(expected)
    if pattern is None or isinstance(pattern, int):
        assert len(expected) == 1


def test_a_query_that_is_no_pattern_raises_at_the_call(zone):
    m = zone.map()
    for call in (m.keys, m.values, m.entries, m.get_size, m.clear, m.snapshot):
        with pytest.raises(NotAPatternError):
            call(ValueError("x"))
        with pytest.raises(NotAPatternError):
            call(M.any(), ValueError("x"))


# --- iteration


def test_views_can_be_iterated_again_and_see_what_was_added(zone):
    m = zone.map()
    m.init("a", 1)
    keys = m.keys()
    assert list(keys) == ["a"]
    m.init("b", 1)
    assert list(keys) == ["a", "b"]


def test_a_view_finds_a_remotable_that_was_added_again(zone):
    s, a = zone.set(), zone.thing()
    s.add(a)
    found = s.keys(a)
    assert list(found) == [a]
    s.delete(a)
    s.add(a)
    assert list(found) == [a]


def test_the_generation_is_taken_at_the_first_step(zone):
    m = zone.map()
    m.init("a", 1)
    keys = iter(m.keys())
    m.init("b", 1)
    assert list(keys) == ["a", "b"]


@pytest.mark.parametrize("key", ["a", "z"])
def test_a_new_key_makes_running_iterations_stale_wherever_it_sorts(zone, key):
    m, s = zone.map(), zone.set()
    m.add_all({"b": 1, "c": 1})
    s.add_all(["b", "c"])
    for store, add in ((m, lambda: m.init(key, 1)), (s, lambda: s.add(key))):
        running = iter(store)
        next(running)
        add()
        with pytest.raises(StaleIteratorError, match="label"):
            next(running)


def test_updates_deletions_and_known_keys_do_not_disturb_an_iteration(zone):
    m = zone.map()
    m.add_all(dict.fromkeys("abcde", 1))
    entries = m.entries()
    running = iter(entries)
    assert next(running) == ("a", 1)
    m.set("b", 2)
    m.delete("a")
    m.delete("c")
    m.add_all({"d": 4})
    assert next(running) == ("b", 2)
    assert next(running) == ("d", 4)
    m.clear()
    assert list(running) == []


def test_a_known_member_does_not_disturb_the_iteration_of_a_set(zone):
    s = zone.set()
    s.add_all(["a", "b"])
    running = iter(s)
    next(running)
    s.add("b")
    assert list(running) == ["b"]


def test_adding_a_deleted_key_again_is_an_addition(zone):
    m = zone.map()
    m.add_all({"a": 1, "b": 1})
    running = iter(m)
    next(running)
    m.delete("b")
    m.init("b", 1)
    with pytest.raises(StaleIteratorError):
        next(running)


def test_an_iteration_inside_a_failed_add_all_does_not_give_out_what_was_taken_back(zone):
    m = zone.map()
    m.add_all({"a": 1, "b": 1, "c": 1})
    running = []

    def pairs():
        yield "b", 2
        running.append(iter(m.entries()))
        assert next(running[0]) == ("a", 1)
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        m.add_all(pairs())
    assert list(running[0]) == [("b", 1), ("c", 1)]


def test_two_iterations_of_one_store_each_go_their_own_way(zone):
    m = zone.map()
    m.add_all({n: n for n in range(40)})
    first, second = iter(m), iter(m.values())
    assert [next(first) for _ in range(10)] == list(range(10))
    assert next(second) == 0
    m.delete(5)
    m.set(20, "new")
    assert list(first) == list(range(10, 40))
    assert list(second) == [1, 2, 3, 4, *range(6, 20), "new", *range(21, 40)]


def test_all_can_be_deleted_in_a_loop(zone):
    m = zone.map()
    m.add_all({n: n for n in range(200)})
    for key in m:
        m.delete(key)
    assert len(m) == 0


# --- weak stores


def test_weak_stores_keep_remotables_and_primitives(zone):
    m, s, thing = zone.weak_map(), zone.weak_set(), zone.thing()
    m.init(thing, "t")
    m.init(8, "p")
    s.add(thing)
    s.add("x")
    assert (m.get(thing), m.get(8), s.has(thing), s.has("x")) == ("t", "p", True, True)
    m.set(thing, "u")
    m.delete(8)
    s.delete(thing)
    assert (m.get(thing), m.has(8), s.has(thing)) == ("u", False, False)
    with pytest.raises(KeyExistsError):
        m.init(thing, 1)
    with pytest.raises(KeyNotFoundError):
        s.delete(thing)


def test_weak_stores_cannot_be_iterated_counted_or_cleared(zone):
    for store in (zone.weak_map(), zone.weak_set()):
        with pytest.raises(TypeError):
            iter(store)
        with pytest.raises(TypeError):
            len(store)
        assert not hasattr(store, "clear")


def test_an_object_with_the_same_name_is_another_key(zone):
    a, b = Far("same", {}), Far("same", {})
    if zone.name == "durable":
        a, b = zone.thing(), zone.thing()
    for store in (zone.map(), zone.weak_map()):
        store.init(a, 1)
        assert not store.has(b)
        store.init(b, 2)
        assert (store.get(a), store.get(b)) == (1, 2)
