"""What becomes of a value on its way in, and what is not let in."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import copy
import dataclasses
import datetime as dt
import enum
import math
import subprocess
import sys
import types
import weakref
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatdata_runtime.errors import NotPassableError
from vatdata_runtime.passable import CopySet, Far, Record, freeze, make_tagged, pass_style_of, same

from .strategies import values


def refusal_of(x: Any) -> NotPassableError:
    with pytest.raises(NotPassableError) as caught:
        freeze(x)
    return caught.value


class Text(str):
    pass


class Whole(int):
    pass


class Real(float):
    pass


class Raw(bytes):
    pass


class Items(list):
    pass


Pair = collections.namedtuple("Pair", "left right")


@pytest.mark.parametrize(
    "x", [None, True, 0, 10**50, 1.5, "text", "ü", b"raw", dt.date(2024, 1, 1), Far("F", {})]
)
def test_what_is_immutable_already_comes_out_as_the_same_object(x):
    assert freeze(x) is x


@given(values)
def test_freezing_twice_changes_nothing(value):
    once = freeze(value)
    assert same(freeze(once), once)


def test_a_frozen_container_comes_out_as_the_same_object():
    for x in ((1, ("a", (2.5,))), freeze({"a": [1]}), freeze({1}), make_tagged("t", [1])):
        assert freeze(x) is x
        assert freeze((x, 1))[0] is x


def test_a_list_becomes_a_tuple_and_stays_the_callers_own():
    mine = [1, [2]]
    frozen = freeze(mine)
    mine[1].append(3)
    assert frozen == (1, (2,))


def test_a_dict_becomes_a_record_and_a_set_a_copy_set():
    assert freeze({"a": [1]}) == Record(a=(1,))
    assert freeze({1, 2}) == freeze(frozenset({2, 1})) == CopySet([1, 2])


@pytest.mark.parametrize(
    ("subclassed", "plain"),
    [
        (Text("ü"), "ü"),
        (Text("a"), "a"),
        (Whole(5), 5),
        (Real(0.5), 0.5),
        (Raw(b"x"), b"x"),
        (Items([1]), (1,)),
        (Pair(1, 2), (1, 2)),
        (collections.OrderedDict(a=1), Record(a=1)),
        (collections.Counter("a"), Record(a=1)),
    ],
)
def test_an_instance_of_a_subclass_becomes_the_plain_kind(subclassed, plain):
    frozen = freeze(subclassed)
    assert type(frozen) is type(plain)
    assert same(frozen, plain)


def test_a_subclass_of_str_as_name_becomes_a_plain_name():
    assert [type(name) for name in freeze({Text("a"): 1})] == [str]


def test_minus_zero_becomes_zero_and_every_nan_the_same():
    assert math.copysign(1, freeze(-0.0)) == 1
    assert math.copysign(1, freeze([-0.0])[0]) == 1
    assert freeze(-float("nan")) is freeze(float("nan"))
    assert str(freeze(Decimal("-0.00"))) == "0.00"
    assert str(freeze(Decimal("-NaN12"))) == "NaN"


def test_a_datetime_with_a_zone_becomes_the_same_instant_in_utc():
    berlin = dt.datetime(2024, 7, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    frozen = freeze(berlin)
    assert frozen == berlin
    assert frozen.tzinfo is dt.UTC
    assert frozen.hour == 10


def test_the_second_of_two_equal_hours_becomes_the_later_instant():
    hour = dt.datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert freeze(hour.replace(fold=1)) - freeze(hour) == dt.timedelta(hours=1)


def test_a_datetime_without_a_zone_stays_without():
    local = dt.datetime(2024, 7, 1, 12, fold=1)
    assert freeze(local) == local
    assert freeze(local).tzinfo is None
    assert freeze(local).fold == 0


def test_a_time_keeps_its_offset():
    zone = dt.timezone(dt.timedelta(hours=2))
    assert freeze(dt.time(12, tzinfo=zone)).utcoffset() == dt.timedelta(hours=2)


def test_a_time_whose_offset_depends_on_the_date_is_refused():
    assert "datetime" in refusal_of(dt.time(12, tzinfo=ZoneInfo("Europe/Berlin"))).reason


def test_an_instant_that_has_no_year_in_utc_is_refused():
    refusal_of(dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=2))))
    refusal_of(dt.datetime(9999, 12, 31, 23, tzinfo=dt.timezone(dt.timedelta(hours=-2))))


def test_a_set_has_what_is_one_key_once():
    assert len(freeze({float("nan"), -float("nan"), 1})) == 2
    assert len(freeze({Decimal("NaN"), 0.0})) == 2


def test_members_of_a_set_must_be_keys():
    error = refusal_of({ValueError("x")})
    assert "keys" in error.reason


@dataclasses.dataclass
class Point:
    x: int


class Hue(enum.IntEnum):
    RED = 1


def generator() -> Any:
    yield 1


async def coroutine() -> None:
    return None


@pytest.mark.parametrize(
    ("x", "hint"),
    [
        (bytearray(b"x"), r"bytes\(x\)"),
        (memoryview(b"x"), r"bytes\(x\)"),
        (len, "Far"),
        (lambda: 1, "Far"),
        ([].append, "Far"),
        (types, "name"),
        (int, "the class int.*name"),
        (Point(1), "dict"),
        (object(), "exo"),
        (generator(), r"tuple\(x\)"),
        (range(3), r"tuple\(x\)"),
        (collections.deque(), r"tuple\(x\)"),
        (types.MappingProxyType({}), r"dict\(x\)"),
        (collections.UserDict(), r"dict\(x\)"),
        (Ellipsis, "no data"),
        (NotImplemented, "no data"),
        (1j, "no data"),
        (PurePath("x"), "no data"),
        (Decimal("sNaN"), r"Decimal\('NaN'\)"),
        (Hue.RED, "register_enum"),
        ("\ud800", "surrogate at index 0"),
        ("\udfffü", "surrogate"),
    ],
)
def test_what_is_no_data_is_refused_with_a_way_out(x, hint):
    with pytest.raises(NotPassableError, match=hint):
        freeze(x)
    if getattr(type(x), "__hash__", None) and not isinstance(x, enum.Enum | Decimal | memoryview):
        refusal_of({"deep": [x]})


def test_an_awaitable_that_is_no_future_is_refused():
    waiting = coroutine()
    with contextlib.closing(waiting), pytest.raises(NotPassableError, match="await it first"):
        freeze(waiting)


def test_a_future_and_a_task_are_promises_and_stay_themselves():
    async def run():
        future = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(asyncio.sleep(0))
        assert freeze([future, task]) == (future, task)
        assert pass_style_of(future) == pass_style_of(task) == "promise"
        await task

    asyncio.run(run())


def test_a_proxy_of_a_remotable_is_none():
    thing = Far("Thing", {})
    refusal_of(weakref.proxy(thing))


@pytest.mark.parametrize(
    ("x", "path"),
    [
        ([1, [2, object()]], (1, 1)),
        ({"a": {"b": [object()]}}, ("a", "b", 0)),
        (("ok", "\ud800"), (1,)),
        ({"a": {"\ud800": 1}}, ("a", "\ud800")),
        ([{"ok": 1, "b": {5: 1}}], (0, "b")),
    ],
)
def test_a_refusal_has_the_path_to_the_culprit(x, path):
    assert refusal_of(x).path == path


def test_a_refusal_shows_the_path_as_python_would_write_it():
    assert "(at ['rows'][3])" in str(refusal_of({"rows": [0, 1, 2, object()]}))


def test_names_of_a_record_are_texts():
    assert "make_copy_map" in refusal_of({1: "a"}).reason


def test_a_value_that_contains_itself_is_refused_with_the_path_to_the_circle():
    mine: list[Any] = [0]
    mine.append({"me": mine})
    error = refusal_of({"x": mine})
    assert "contains itself" in error.reason
    assert error.path == ("x", 1, "me")


def test_a_circle_with_many_ways_round_is_refused_at_once():
    mine: list[Any] = []
    mine.extend([mine] * 10)
    assert "contains itself" in refusal_of(mine).reason


@pytest.mark.parametrize(
    "wrap", [lambda x: [x], lambda x: (x,), lambda x: {"a": x}], ids=["list", "tuple", "dict"]
)
@pytest.mark.parametrize("levels", [201, 1_000, 100_000])
def test_a_value_nested_too_deeply_is_refused_and_nothing_overflows(wrap, levels):
    deep: Any = 1
    for _ in range(levels):
        deep = wrap(deep)
    assert "deeper than 200 levels" in refusal_of(deep).reason


def test_levels_of_frozen_parts_count():
    deep = freeze({"a": 1})
    for _ in range(199):
        deep = freeze([deep])
    refusal_of([deep])
    refusal_of({"a": deep})
    refusal_of(make_tagged("t", 1) and [deep])
    with pytest.raises(NotPassableError):
        make_tagged("t", deep)


def test_an_empty_container_is_a_level_too():
    deep: Any = []
    for _ in range(199):
        deep = [deep]
    freeze(deep)
    refusal_of([deep])


@pytest.mark.parametrize("x", [Record(a=1), CopySet([1]), make_tagged("t", 1)])
def test_copy_data_is_its_own_copy_and_cannot_be_changed(x):
    assert copy.copy(x) is x
    assert copy.deepcopy(x) is x
    with pytest.raises(AttributeError, match="immutable"):
        x.anything = 1
    with pytest.raises(AttributeError, match="immutable"):
        del x.depth


@pytest.mark.parametrize(
    ("x", "kind"),
    [
        (None, "none"), (True, "bool"), (1, "int"), (1.0, "float"), ("", "str"), (b"", "bytes"), ((), "tuple"),
        ([], "tuple"), ({}, "record"), (set(), "copy_set"), (Far("F", {}), "remotable"), (ValueError(), "error"),
        (make_tagged("t", 1), "tagged"), (dt.datetime(2024, 1, 1), "datetime"), (dt.date(2024, 1, 1), "date"),
        (dt.time(1), "time"), (dt.timedelta(1), "timedelta"), (Decimal(1), "decimal"), (UUID(int=1), "uuid"),
    ],
)  # fmt: skip
def test_each_kind_has_its_name(x, kind):
    assert pass_style_of(x) == kind


def test_the_kind_of_a_container_is_asked_for_only_when_its_parts_are_data():
    with pytest.raises(NotPassableError):
        pass_style_of([object()])


@given(
    st.recursive(st.integers(), lambda parts: st.lists(parts, max_size=3) | st.tuples(parts), max_leaves=9)
)
def test_nested_lists_become_equal_nested_tuples(nested):
    def plain(x: Any) -> Any:
        return tuple(map(plain, x)) if isinstance(x, list | tuple) else x

    assert freeze(nested) == plain(nested)


def test_importing_the_data_model_imports_no_event_loop_and_nothing_else_that_is_slow():
    # The package itself imports every floor; here it is only a folder, so that this floor is seen alone.
    program = """
import sys, types
import msgspec, msgspec.msgpack
before = set(sys.modules)
package = types.ModuleType("vatdata_runtime")
package.__path__ = [sys.argv[1]]
sys.modules["vatdata_runtime"] = package
import vatdata_runtime.passable
print(*{name.partition(".")[0] for name in set(sys.modules) - before})
"""
    folder = str(Path(freeze.__code__.co_filename).parents[1])
    command = [sys.executable, "-c", program, folder]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    allowed = {
        "vatdata_runtime",
        "contextvars",
        "_contextvars",
        "struct",
        "_struct",
        "weakref",
        "_weakrefset",
    }
    assert set(done.stdout.split()) <= allowed
