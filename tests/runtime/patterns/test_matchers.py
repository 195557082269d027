"""What each matcher accepts, and what it says about the rest."""

from __future__ import annotations

import asyncio
import datetime as dt
import math
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any
from uuid import UUID

import pytest

from vatdata_runtime.errors import NotAPatternError, NotPassableError, PatternMismatchError
from vatdata_runtime.passable import CopyBag, CopyMap, CopySet, EnumRegistry, Far, current_enums, make_tagged
from vatdata_runtime.patterns import M, container_has_split, matches, must_match

ALICE, BOB = Far("Alice", {}), Far("Bob", {})
UTC = dt.UTC


class Color(Enum):
    RED = 1
    GREEN = 2


class Level(IntEnum):
    LOW = 1


@pytest.fixture(autouse=True)
def _registered_enums() -> Any:
    registry = EnumRegistry()
    registry.register(Color)
    registry.register(Level)
    token = current_enums.set(registry)
    yield
    current_enums.reset(token)


PROMISE: asyncio.Future[object] = asyncio.Future(loop=asyncio.new_event_loop())
PROMISE.get_loop().close()

VALID: dict[str, list[tuple[Any, Any]]] = {
    "any": [(M.any(), x) for x in (None, 1, "a", (), {}, PROMISE, ValueError("x"), make_tagged("t", 1), M.any())],
    "and": [(M.and_(M.int(), M.gt(5)), 6), (M.and_(), 1), (M.and_(), None)],
    "or": [(M.or_(M.int(), M.string()), 1), (M.or_(M.int(), M.string()), "a"), (M.or_(1, 2, 3), 3)],
    "not": [(M.not_(M.string()), 47), (M.not_(M.string()), None), (M.not_(5), PROMISE)],
    "opt": [(M.opt(M.int()), None), (M.opt(M.int()), 1)],
    "eref": [(M.eref(M.int()), 1), (M.eref(M.int()), PROMISE)],
    "scalar": [(M.scalar(), x) for x in (None, True, 1, 1.5, "a", b"a", ALICE, dt.date(2020, 1, 1), Color.RED)],
    "key": [(M.key(), x) for x in (None, 1, ALICE, (1, ALICE), {"a": 1}, CopySet([1]), CopyMap({1: 2}))],
    "pattern": [(M.pattern(), x) for x in (None, 1, M.any(), (M.any(), 1), {"a": M.int()}, CopyMap({1: M.int()}))],
    "kind": [
        (M.kind("none"), None), (M.kind("bool"), True), (M.kind("int"), 1), (M.kind("float"), 1.0),
        (M.kind("str"), ""), (M.kind("bytes"), b""), (M.kind("tuple"), []), (M.kind("record"), {}),
        (M.kind("remotable"), ALICE), (M.kind("error"), ValueError()), (M.kind("promise"), PROMISE),
        (M.kind("tagged"), make_tagged("t", 1)), (M.kind("copy_set"), {1}), (M.kind("copy_bag"), CopyBag()),
        (M.kind("copy_map"), CopyMap()), (M.kind("datetime"), dt.datetime(2020, 1, 1)),
        (M.kind("date"), dt.date(2020, 1, 1)), (M.kind("time"), dt.time(1)),
        (M.kind("timedelta"), dt.timedelta(1)), (M.kind("decimal"), Decimal(1)), (M.kind("uuid"), UUID(int=1)),
        (M.kind("enum"), Color.RED), (M.kind("enum"), Level.LOW),
    ],
    "none": [(M.none(), None), (M.undefined(), None), (None, None), (M.eq(None), None)],
    "boolean": [(M.boolean(), True), (M.boolean(), False)],
    "number": [(M.number(), x) for x in (1, 1.5, math.nan, math.inf, 10**200)],
    "int": [(M.int(), 0), (M.int(), -5), (M.int(), 10**100 - 1), (M.int(), int("9" * 100)), (M.bigint(), 1)],
    "nat": [(M.nat(), 0), (M.nat(), 5)],
    "float": [(M.float(), 1.0), (M.float(), math.nan), (M.float(), -math.inf)],
    "string": [(M.string(), ""), (M.string(), "é" * 100_000)],
    "bytes": [(M.bytes(), b""), (M.bytes(), b"a" * 100_000)],
    "datetime": [(M.datetime(), dt.datetime(2020, 1, 1)), (M.datetime(), dt.datetime(2020, 1, 1, tzinfo=UTC))],
    "date": [(M.date(), dt.date(2020, 1, 1))],
    "time": [(M.time(), dt.time(12))],
    "timedelta": [(M.timedelta(), dt.timedelta(seconds=1))],
    "decimal": [(M.decimal(), Decimal("1.5"))],
    "uuid": [(M.uuid(), UUID(int=5))],
    "enum": [(M.enum(Color), Color.RED), (Color.RED, Color.RED), (M.enum(Level), Level.LOW)],
    "remotable": [
        (M.remotable(), ALICE), (M.remotable("purse"), ALICE), (M.remotable(interface="Alice"), ALICE),
        (M.remotable(interface=M.interface("Alice", {})), ALICE), (ALICE, ALICE),
    ],
    "error": [(M.error(), ValueError("x")), (M.error(), KeyError(1))],
    "promise": [(M.promise(), PROMISE)],
    "lt": [(M.lt(5), 4), (M.lt("b"), "abc"), (M.lt(CopySet([1, 2])), {1}), (M.lt((1, 2)), (1, 1))],
    "lte": [(M.lte(5), 5), (M.lte(math.nan), math.nan), (M.lte(ALICE), ALICE), (M.lte(None), None)],
    "eq": [(M.eq(5), 5), (M.eq("a"), "a"), (M.eq(0.0), -0.0), (M.eq(math.nan), math.nan), (M.eq({1, 2}), {2, 1})],
    "neq": [(M.neq(5), 6), (M.neq(5), 5.0), (M.neq(1), True), (M.neq(5), ValueError())],
    "gte": [(M.gte(5), 5), (M.gte(5), 6), (M.gte(math.nan), math.nan), (M.gte(ALICE), ALICE)],
    "gt": [(M.gt(5), 6), (M.gt(False), True), (M.gt(dt.date(2020, 1, 1)), dt.date(2020, 1, 2))],
    "array": [(M.array(), []), (M.array(), (1, "a")), (M.array(), [0] * 10_000)],
    "array_of": [(M.array_of(M.int()), []), (M.array_of(M.int()), [1, 2]), (M.array_of(), ["a", 1])],
    "split_array": [
        (M.split_array([M.int()]), [1]), (M.split_array([M.int()]), [1, "a", None]),
        (M.split_array([1], [M.string()]), [1]), (M.split_array([1], [M.string()]), [1, None]),
        (M.split_array([1], [M.string()]), [1, "a", 2]), (M.split_array([], [], M.array_of(M.int())), [1, 2]),
        (M.split_array([1], rest=()), [1]),
    ],
    "record": [(M.record(), {}), (M.record(), {"a": 1}), (M.record(), {f"n{i}": i for i in range(80)})],
    "record_of": [(M.record_of(M.string(), M.int()), {"a": 1}), (M.record_of("a", M.any()), {"a": "x"})],
    "split_record": [
        (M.split_record({"a": M.int()}), {"a": 1, "b": 2}), (M.split_record({"a": 1}, {"b": M.int()}), {"a": 1}),
        (M.split_record({"a": 1}, {"b": M.int()}), {"a": 1, "b": None}),
        (M.split_record({"a": 1}, {"b": M.int()}, {}), {"a": 1, "b": 2}),
        (M.split_record({"a": 1}, rest=M.record_of(M.string(), M.int())), {"a": 1, "z": 2}),
    ],
    "set": [(M.set(), set()), (M.set(), CopySet([1, "a"])), (M.set(), frozenset(range(10_000)))],
    "set_of": [(M.set_of(M.int()), {1, 2}), (M.set_of(), {"a"})],
    "bag": [(M.bag(), CopyBag()), (M.bag(), CopyBag([("a", 5)]))],
    "bag_of": [(M.bag_of(M.string(), M.lt(6)), CopyBag([("a", 5)])), (M.bag_of(), CopyBag([(1, 1)]))],
    "map": [(M.map(), CopyMap()), (M.map(), CopyMap({1: [2]}))],
    "map_of": [(M.map_of(M.int(), M.string()), CopyMap({1: "a"})), (M.map_of(), CopyMap({1: PROMISE}))],
    "container_has": [
        (M.container_has(M.int()), ["a", 1]), (M.container_has(M.int(), 2), [1, "a", 2]),
        (M.container_has(M.int()), {1, "a"}), (M.container_has("a", 5), CopyBag([("a", 5)])),
        (M.container_has(M.string(), 3), CopyBag([("a", 1), ("b", 2)])),
    ],
    "tagged": [
        (M.tagged(), make_tagged("t", 1)), (M.tagged("t", M.int()), make_tagged("t", 1)), (M.tagged(), M.int()),
    ],
    "literals": [
        (5, 5), ("a", "a"), ([1, M.string()], (1, "a")), ({"a": M.int()}, {"a": 1}), (CopySet([1]), {1}),
        (CopyBag([(1, 2)]), CopyBag([(1, 2)])), (CopyMap({1: M.int()}), CopyMap({1: 5})),
        (CopyMap({1: 5}), CopyMap({1: 5})), (dt.timedelta(1), dt.timedelta(1)), ((), []), ({}, {}),
    ],
}  # fmt: skip

# pattern, value, path, expected, culprit
INVALID: dict[str, list[tuple[Any, Any, tuple[Any, ...], str, Any]]] = {
    "and": [(M.and_(M.int(), M.gt(5)), 5, (), "M.gt(5)", 5), (M.and_(M.int(), M.gt(5)), "a", (), "M.int()", "a")],
    "or": [
        (M.or_(M.int(), M.string()), None, (), "M.or_(M.int(), M.string())", None),
        (M.or_(), 1, (), "M.or_()", 1),
        (M.or_(None, {"a": M.int()}), {"a": "x"}, ("a",), "M.int()", "x"),
    ],
    "not": [(M.not_(M.string()), "a", (), "M.not_(M.string())", "a")],
    "opt": [(M.opt(M.int()), "a", (), "M.int()", "a")],
    "eref": [(M.eref(M.int()), "a", (), "M.eref(M.int())", "a")],
    "scalar": [(M.scalar(), [1], (), "M.scalar()", (1,)), (M.scalar(), PROMISE, (), "M.scalar()", PROMISE)],
    "key": [(M.key(), M.any(), (), "M.key()", M.any()), (M.key(), PROMISE, (), "M.key()", PROMISE)],
    "pattern": [(M.pattern(), PROMISE, (), "M.pattern()", PROMISE)],
    "kind": [(M.kind("int"), True, (), "M.kind('int')", True), (M.kind("tuple"), {1}, (), "M.kind('tuple')", CopySet([1]))],
    "none": [(M.none(), 0, (), "M.none()", 0), (None, "", (), "None", "")],
    "boolean": [(M.boolean(), 1, (), "M.boolean()", 1), (M.boolean(), 0.0, (), "M.boolean()", 0.0)],
    "number": [(M.number(), True, (), "M.number()", True), (M.number(), Decimal(1), (), "M.number()", Decimal(1))],
    "int": [
        (M.int(), True, (), "M.int()", True), (M.int(), 1.0, (), "M.int()", 1.0),
        (M.int(), Level.LOW, (), "M.int()", Level.LOW),
        (M.int(), 10**100, (), "M.int(decimal_digits_limit=100)", 10**100),
        (M.int(), -(10**100), (), "M.int(decimal_digits_limit=100)", -(10**100)),
    ],
    "nat": [(M.nat(), -1, (), "M.nat()", -1), (M.nat(), True, (), "M.nat()", True)],
    "float": [(M.float(), 1, (), "M.float()", 1)],
    "string": [(M.string(), b"a", (), "M.string()", b"a")],
    "bytes": [(M.bytes(), "a", (), "M.bytes()", "a")],
    "datetime": [(M.datetime(), dt.date(2020, 1, 1), (), "M.datetime()", dt.date(2020, 1, 1))],
    "date": [(M.date(), dt.datetime(2020, 1, 1), (), "M.date()", dt.datetime(2020, 1, 1))],
    "time": [(M.time(), 5, (), "M.time()", 5)],
    "timedelta": [(M.timedelta(), 5, (), "M.timedelta()", 5)],
    "decimal": [(M.decimal(), 5, (), "M.decimal()", 5)],
    "uuid": [(M.uuid(), "a", (), "M.uuid()", "a")],
    "enum": [(M.enum(Color), Level.LOW, (), "M.enum(Color)", Level.LOW), (M.enum(Level), 1, (), "M.enum(Level)", 1)],
    "remotable": [
        (M.remotable("purse"), 5, (), "M.remotable('purse')", 5),
        (M.remotable(interface="Bob"), ALICE, (), "M.remotable(interface='Bob')", ALICE),
        (ALICE, BOB, (), "<Far 'Alice'>", BOB),
    ],
    "error": [(M.error(), "x", (), "M.error()", "x")],
    "promise": [(M.promise(), 1, (), "M.promise()", 1)],
    "lt": [
        (M.lt(5), 5, (), "M.lt(5)", 5), (M.lt(5), 4.0, (), "M.lt(5)", 4.0), (M.lt(5.0), math.nan, (), "M.lt(5.0)", math.nan),
        (M.lt(CopySet([1, 2])), {3}, (), "M.lt(CopySet([1, 2]))", CopySet([3])), (M.lt(ALICE), ALICE, (), "M.lt(<Far 'Alice'>)", ALICE),
    ],
    "lte": [(M.lte(5), 6, (), "M.lte(5)", 6), (M.lte(math.nan), 1.0, (), "M.lte(float('nan'))", 1.0)],
    "eq": [(M.eq(1), True, (), "1", True), (M.eq(1), 1.0, (), "1", 1.0), (M.eq(None), 0, (), "M.none()", 0)],
    "neq": [(M.neq(5), 5, (), "M.neq(5)", 5)],
    "gte": [(M.gte(5), 4, (), "M.gte(5)", 4), (M.gte(5), None, (), "M.gte(5)", None)],
    "gt": [(M.gt(5), 5, (), "M.gt(5)", 5), (M.gt(0), True, (), "M.gt(0)", True)],
    "array": [
        (M.array(), {1}, (), "M.array()", CopySet([1])), (M.array(array_length_limit=1), [1, 2], (), "M.array(array_length_limit=1)", (1, 2)),
    ],
    "array_of": [(M.array_of(M.int()), [1, "a"], (1,), "M.int()", "a"), (M.array_of(M.int()), "ab", (), "M.array_of(M.int())", "ab")],
    "split_array": [
        (M.split_array([1, 2]), [1], (), "at least 2 elements", (1,)), (M.split_array([1]), [2], (0,), "1", 2),
        (M.split_array([1], [M.string()]), [1, 5], (1,), "M.opt(M.string())", 5),
        (M.split_array([1], rest=()), [1, 2], (), "elements from index 1 on that match 0 elements, as in ()", (2,)),
        (M.split_array([1], rest=M.array_of(M.int())), [1, 2, "a"], (2,), "M.int()", "a"),
    ],
    "record": [(M.record(), [], (), "M.record()", ())],
    "record_of": [
        (M.record_of(M.string(), M.int()), {"a": "x"}, ("a",), "M.int()", "x"),
        (M.record_of("a", M.int()), {"b": 1}, ("b",), "a name that matches 'a'", "b"),
    ],
    "split_record": [
        (M.split_record({"a": 1}), {"a": 2}, ("a",), "1", 2),
        (M.split_record({"a": 1}, {"b": M.int()}), {"a": 1, "b": "x"}, ("b",), "M.opt(M.int())", "x"),
        (M.split_record({}, {}, M.record_of(M.string(), M.int())), {"z": "x"}, ("z",), "M.int()", "x"),
    ],
    "set": [(M.set(), [1], (), "M.set()", (1,))],
    "set_of": [(M.set_of(M.int()), {"a", 1}, ("key 1",), "M.int()", "a")],
    "bag": [(M.bag(), {1}, (), "M.bag()", CopySet([1]))],
    "bag_of": [
        (M.bag_of(M.int()), CopyBag([("a", 1)]), ("key 0",), "M.int()", "a"),
        (M.bag_of(M.any(), M.lt(3)), CopyBag([(1, 2), (2, 3)]), ("count 1",), "M.lt(3)", 3),
    ],
    "map": [(M.map(), {}, (), "M.map()", {})],
    "map_of": [
        (M.map_of(M.int(), M.int()), CopyMap({1: "x", "a": 1}), ("key 1",), "M.int()", "a"),
        (M.map_of(M.int(), M.int()), CopyMap({1: 1, 2: "x"}), ("value 1",), "M.int()", "x"),
    ],
    "container_has": [
        (M.container_has(M.int(), 2), [1, "a"], (), "at least 2 members that match M.int() (1 found)", (1, "a")),
        (M.container_has(M.int()), CopyMap({1: 1}), (), "M.container_has(M.int(), 1)", CopyMap({1: 1})),
    ],
    "tagged": [
        (M.tagged("t"), make_tagged("u", 1), ("tag",), "'t'", "u"),
        (M.tagged("t", M.int()), make_tagged("t", "x"), ("payload",), "M.int()", "x"),
        (M.tagged(), CopySet([1]), (), "M.tagged(M.string(), M.any())", CopySet([1])),
    ],
    "literals": [
        (5, 5.0, (), "5", 5.0), ((1, M.string()), (1, 2), (1,), "M.string()", 2), ((1,), (1, 2), (), "1 element, as in (1,)", (1, 2)),
        ({"a": {"b": M.int()}}, {"a": {"b": "x"}}, ("a", "b"), "M.int()", "x"),
        (CopyMap({1: M.int()}), CopyMap({1: "x"}), ("value 0",), "M.int()", "x"),
        (Color.RED, Color.GREEN, (), "<Color.RED: 1>", Color.GREEN),
    ],
}  # fmt: skip


def rows(table: dict[str, list[Any]]) -> list[Any]:
    return [
        pytest.param(*row, id=f"{name}-{n}") for name, cases in table.items() for n, row in enumerate(cases)
    ]


@pytest.mark.parametrize(("pattern", "value"), rows(VALID))
def test_a_value_of_the_right_kind_matches(pattern: Any, value: Any) -> None:
    assert matches(value, pattern)
    must_match(value, pattern)


@pytest.mark.parametrize(("pattern", "value", "path", "expected", "culprit"), rows(INVALID))
def test_a_value_that_does_not_fit_is_refused_with_the_place_and_the_reason(
    pattern: Any, value: Any, path: Any, expected: str, culprit: Any
) -> None:
    assert not matches(value, pattern)
    with pytest.raises(PatternMismatchError) as raised:
        must_match(value, pattern, "the value")
    assert raised.value.path == path
    assert raised.value.expected == expected
    assert repr(raised.value.value) == (repr(culprit) if culprit != {} else "Record({})")
    assert raised.value.label == "the value"
    assert str(raised.value).startswith("the value")


def test_every_matcher_has_rows_in_both_tables() -> None:
    guards = {"interface", "call", "call_when", "await_", "raw"}
    names = {name.rstrip("_") for name in dir(M) if not name.startswith("_") and name not in guards}
    assert names - set(VALID) == {"undefined", "bigint"}
    assert names - set(INVALID) == {"undefined", "bigint", "any"}


def test_what_is_no_data_matches_nothing_and_is_refused_by_must_match() -> None:
    for value in (len, bytearray(b"x"), object(), {1: 2}):
        assert not matches(value, M.any())
        with pytest.raises(NotPassableError):
            must_match(value, M.any())


def test_a_record_literal_names_missing_and_unexpected_fields_apart() -> None:
    with pytest.raises(PatternMismatchError, match="expected a record with the field 'b' too"):
        must_match({"a": 1}, {"a": 1, "b": 2})
    with pytest.raises(PatternMismatchError, match="expected a record without the fields 'c', 'd'"):
        must_match({"a": 1, "c": 1, "d": 1}, {"a": 1})


def test_an_absent_field_is_not_a_field_that_is_none() -> None:
    assert not matches({}, {"a": M.opt(M.int())})
    assert matches({"a": None}, {"a": M.opt(M.int())})


def test_a_rest_pattern_that_python_holds_for_false_still_counts() -> None:
    for rest in (None, 0, "", False):
        assert not matches({"a": 1, "b": 2}, M.split_record({"a": 1}, {}, rest))
        assert not matches([1, 2], M.split_array([1], [], rest))


def test_matching_against_what_is_no_pattern_raises_instead_of_saying_no() -> None:
    for pattern in (PROMISE, ValueError(), make_tagged("t", 1), [PROMISE], len, M.int):
        with pytest.raises(NotAPatternError):
            matches(1, pattern)


def test_the_way_to_a_wrong_part_of_a_pattern_is_told() -> None:
    with pytest.raises(NotAPatternError) as raised:
        matches(1, {"a": [M.int(), ValueError()]})
    assert raised.value.path == ("a", 1)


def test_a_split_takes_the_first_matches_in_order_and_keeps_the_kind() -> None:
    assert container_has_split((1, "a", 2, 3), M.int(), 2) == ((1, 2), ("a", 3))
    assert container_has_split(CopySet([3, 1, 2, "a"]), M.int(), 2) == (CopySet([1, 2]), CopySet([3, "a"]))


def test_an_entry_of_a_bag_is_split_where_not_all_copies_are_wanted() -> None:
    taken, rest = container_has_split(CopyBag([("a", 5), ("b", 1)]), M.string(), 3)
    assert taken == CopyBag([("a", 3)])
    assert rest == CopyBag([("a", 2), ("b", 1)])


def test_a_split_that_finds_too_few_says_how_many_there_are() -> None:
    with pytest.raises(PatternMismatchError, match=r"offers: expected at least 3 .* \(1 found\)"):
        container_has_split((1, "a"), M.int(), 3, label="offers")
