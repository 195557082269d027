"""State: what methods read and write."""

from __future__ import annotations

import asyncio
import copy
import math
import pickle
from enum import Enum
from typing import Any

import pytest

from vatdata_runtime import (
    CopySet,
    Far,
    M,
    NotPassableError,
    PatternMismatchError,
    Record,
    StateFieldError,
    define_exo_class,
    define_virtual_exo_class,
    partial_assign,
    prepare_exo_class,
    register_enum,
)

from .conftest import Lives, stable_repr


class Box:
    def get(this: Any) -> Any:
        return this.state.value

    def set(this: Any, value: Any) -> None:
        this.state.value = value

    def set_raw(this: Any, key: Any) -> None:
        this.state.value = SHELF[key]

    def set_and_raise(this: Any, value: Any) -> None:
        this.state.value = value
        raise RuntimeError("after the assignment")

    def with_state(this: Any, key: Any) -> Any:
        return SHELF[key](this.state)

    def keep_state(this: Any) -> None:
        SHELF["state"] = this.state


SHELF: dict[Any, Any] = {}
"""Things that are passed to methods behind the back of their guards."""


def init_box(value: Any = None) -> dict[str, Any]:
    return {"value": value, "note": "n"}


ZONES = {
    "heap": lambda baggage, **options: define_exo_class("Box", None, init_box, Box, **options),
    "virtual": lambda baggage, **options: define_virtual_exo_class("Box", None, init_box, Box, **options),
    "durable": lambda baggage, **options: prepare_exo_class(baggage, "Box", None, init_box, Box, **options),
}


@pytest.fixture(params=list(ZONES))
def zone(request: pytest.FixtureRequest) -> Any:
    """A setup that defines a class named Box in one zone."""
    return lambda baggage: {"make": ZONES[request.param](baggage)}


def test_an_assignment_is_seen_at_once_and_in_later_cranks(lives: Lives, zone: Any) -> None:
    lives.start(zone)
    with lives.crank() as here:
        box = here.make(1)
        box.set(2)
        assert box.get() == 2
    with lives.crank():
        assert box.get() == 2
        box.set("three")
    with lives.crank():
        assert box.get() == "three"


def test_what_a_method_assigned_before_it_raised_stays(lives: Lives, zone: Any) -> None:
    lives.start(zone)
    with lives.crank() as here:
        box = here.make(1)
        with pytest.raises(RuntimeError):
            box.set_and_raise(2)
    with lives.crank():
        assert box.get() == 2


@pytest.mark.parametrize(
    "value", [object(), len, lambda: 1, {1: 2}, bytearray(b"x"), "\ud800", type, iter(())], ids=stable_repr
)
def test_what_is_not_passable_is_refused_and_the_old_value_stays(lives: Lives, zone: Any, value: Any) -> None:
    SHELF["bad"] = value
    lives.start(zone)
    with lives.crank() as here:
        box = here.make(1)
        with pytest.raises(NotPassableError) as caught:
            box.set_raw("bad")
        assert caught.value.path[:1] == ("value",)
        SHELF["nested"] = {"deep": [1, value]}
        with pytest.raises(NotPassableError) as caught:
            box.set_raw("nested")
        assert caught.value.path[:3] == ("value", "deep", 1)
        assert box.get() == 1


def test_data_is_immutable_once_it_is_state(lives: Lives, zone: Any) -> None:
    lives.start(zone)
    mine: dict[str, Any] = {"list": [1, [2]], "dict": {"a": 1}, "set": {3}}
    with lives.crank() as here:
        box = here.make()
        SHELF["mine"] = mine
        box.set_raw("mine")
        mine["list"].append(3)
        mine["list"][1].append(3)
        kept = box.get()
        assert kept == Record({"list": (1, (2,)), "dict": Record({"a": 1}), "set": CopySet([3])})
        with pytest.raises(AttributeError):
            kept["list"].append(4)
        with pytest.raises(TypeError):
            kept["dict"]["a"] = 2
        assert box.get() is kept
    assert mine == {"list": [1, [2, 3], 3], "dict": {"a": 1}, "set": {3}}


def test_unknown_fields_can_be_neither_read_nor_assigned_and_none_can_be_deleted(
    lives: Lives, zone: Any
) -> None:
    def read_unknown(state: Any) -> None:
        with pytest.raises(StateFieldError, match=r"its fields are 'value', 'note'"):
            _ = state.valu

    def write_unknown(state: Any) -> None:
        with pytest.raises(StateFieldError):
            state.extra = 1

    def delete(state: Any) -> None:
        with pytest.raises(StateFieldError):
            del state.value

    SHELF.update(read=read_unknown, write=write_unknown, delete=delete)
    lives.start(zone)
    with lives.crank() as here:
        box = here.make(1)
        for name in ("read", "write", "delete"):
            box.with_state(name)
    lives.vat.collect()
    with lives.crank():
        for name in ("read", "write", "delete"):
            box.with_state(name)
        assert box.get() == 1


def test_state_lists_its_fields_and_cannot_be_copied_or_pickled(lives: Lives, zone: Any) -> None:
    def check(state: Any) -> None:
        assert dir(state) == ["note", "value"] or dir(state) == sorted(["value", "note"])
        for refused in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match="copied or pickled"):
                refused(state)
        assert repr(state) == "<state of Box>"

    SHELF["check"] = check
    lives.start(zone)
    with lives.crank() as here:
        here.make(1).with_state("check")


def test_state_is_not_passable(lives: Lives, zone: Any) -> None:
    def store_itself(state: Any) -> None:
        with pytest.raises(NotPassableError):
            state.value = state

    SHELF["itself"] = store_itself
    lives.start(zone)
    with lives.crank() as here:
        here.make(1).with_state("itself")


@pytest.mark.parametrize(
    "value",
    [
        None, True, False, 0, -1, 2**70, 0.5, math.inf, "", "é", "x" * 70_000, b"\x00\xff", (), (1, ("a",)),
        Record({"b": 1, "a": None}), CopySet(["x", "y"]), ValueError("sorry"),
    ],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_every_kind_of_data_comes_back_from_the_store_as_it_was(lives: Lives, value: Any) -> None:
    lives.start(lambda baggage: {"make": ZONES["durable"](baggage)})
    with lives.crank() as here:
        here.baggage.init("box", here.make(value))
    lives.restart()
    with lives.crank() as here:
        back = here.baggage.get("box").get()
        assert type(back) is type(value)
        assert back == value or (type(back) is ValueError and back.args == value.args)


def test_negative_zero_is_stored_as_zero_and_bool_int_and_float_stay_apart(lives: Lives) -> None:
    lives.start(lambda baggage: {"make": ZONES["durable"](baggage)})
    with lives.crank() as here:
        here.baggage.init("box", here.make((True, 1, 1.0, -0.0)))
    lives.restart()
    with lives.crank() as here:
        back = here.baggage.get("box").get()
        assert [type(item) for item in back] == [bool, int, float, float]
        assert math.copysign(1, back[3]) == 1
        here.baggage.get("box").set(-0.0)
        assert math.copysign(1, here.baggage.get("box").get()) == 1


def test_a_promise_can_be_kept_in_virtual_state_and_is_the_same_later(lives: Lives) -> None:
    lives.start(lambda baggage: {"make": ZONES["virtual"](baggage)})
    with lives.crank() as here:
        promise = asyncio.get_running_loop().create_future()
        box = here.make(promise)
        identity = id(promise)
        del promise
    with lives.crank():
        back = box.get()
        assert isinstance(back, asyncio.Future)
        assert id(back) == identity


def test_a_heap_object_in_virtual_state_lives_as_long_as_it_is_mentioned(lives: Lives) -> None:
    lives.start(lambda baggage: {"make": ZONES["virtual"](baggage)}, cache_bytes=1)
    with lives.crank() as here:
        box = here.make((Far("Thing", {"hello": lambda: "hi"}),))
    for _ in range(3):
        lives.vat.collect()
        with lives.crank():
            assert box.get()[0].hello() == "hi"
    with lives.crank():
        box.set(None)


def test_partial_assign_keeps_what_came_before_the_refused_field(lives: Lives, zone: Any) -> None:
    def assign(state: Any) -> None:
        with pytest.raises(StateFieldError):
            partial_assign(state, {"value": 7, "nope": 8, "note": "lost"})
        assert (state.value, state.note) == (7, "n")

    SHELF["assign"] = assign
    lives.start(zone)
    with lives.crank() as here:
        here.make(1).with_state("assign")


def test_a_state_that_was_kept_stays_the_instances_state(lives: Lives) -> None:
    lives.start(lambda baggage: {"make": ZONES["durable"](baggage)}, cache_bytes=1)
    with lives.crank() as here:
        box = here.make(1)
        here.baggage.init("box", box)
        box.keep_state()
        del box
    for n in range(3):
        with lives.crank() as here:
            state = SHELF["state"]
            assert state.value == 1 + n
            state.value += 1
            assert here.baggage.get("box").get() == 2 + n
    with lives.crank() as here:
        here.baggage.get("box").set(50)
        assert SHELF["state"].value == 50
    SHELF.clear()


def test_instances_of_one_kind_may_have_different_fields_without_a_shape(lives: Lives) -> None:
    def init(**fields: Any) -> dict[str, Any]:
        return fields

    methods = {
        "get": lambda this, name: getattr(this.state, name),
        "set": lambda this, name, value: setattr(this.state, name, value),
    }
    lives.start(
        lambda baggage: {"make": prepare_exo_class(baggage, "Bag", None, init, methods)}, cache_bytes=1
    )
    shapes = [{"a": 1}, {"a": 1, "b": 2}, {"c": 3}, {}, {"b": 5, "a": 4}]
    with lives.crank() as here:
        for n, fields in enumerate(shapes):
            here.baggage.init(f"bag{n}", here.make(**fields))
    for _ in range(2):
        for write in (False, True):
            with lives.crank() as here:
                for n, fields in enumerate(shapes):
                    bag = here.baggage.get(f"bag{n}")
                    for name in ("a", "b", "c"):
                        if name not in fields:
                            with pytest.raises(StateFieldError):
                                bag.get(name)
                            with pytest.raises(StateFieldError):
                                bag.set(name, 1)
                        elif write:
                            fields[name] += 10
                            bag.set(name, fields[name])
                        else:
                            assert bag.get(name) == fields[name]
        lives.restart()


# --- shapes


@pytest.mark.parametrize("name", list(ZONES))
def test_a_shape_is_enforced_in_every_zone_at_creation_and_at_assignment(lives: Lives, name: str) -> None:
    shape = {"value": M.or_(M.number(), M.string()), "note": M.string()}
    lives.start(lambda baggage: {"make": ZONES[name](baggage, state_shape=shape)})
    with lives.crank() as here:
        for good in (1, 2.5, "text"):
            box = here.make(good)
            for bad in (None, True, b"x", (1,), box):
                with pytest.raises(PatternMismatchError, match="'value' of kind 'Box'"):
                    here.make(bad)
                with pytest.raises(PatternMismatchError, match="'value' of kind 'Box'"):
                    box.set(bad)
                assert box.get() == good


@pytest.mark.parametrize("name", list(ZONES))
def test_a_field_that_the_shape_lacks_or_requires_is_refused_at_creation(lives: Lives, name: str) -> None:
    lives.start(lambda baggage: {"make": ZONES[name](baggage, state_shape={"value": M.any()})})
    before = lives.dump()
    with lives.crank() as here, pytest.raises(StateFieldError, match=r"'note'.*not in the state shape"):
        here.make(1)
    assert lives.dump() == before
    lives.stop()

    other = lives.path.with_name("other.db")
    lives.path = other
    shape = {"value": M.any(), "note": M.string(), "needed": M.string()}
    lives.start(lambda baggage: {"make": ZONES[name](baggage, state_shape=shape)})
    with lives.crank() as here, pytest.raises(PatternMismatchError, match="'needed'"):
        here.make(1)


@pytest.mark.parametrize("name", list(ZONES))
def test_a_field_that_may_be_None_may_be_left_out(lives: Lives, name: str) -> None:
    shape = {"extra": M.or_(M.none(), M.string()), "note": M.string(), "value": M.any()}
    lives.start(lambda baggage: {"make": ZONES[name](baggage, state_shape=shape)})
    SHELF["extra"] = lambda state: state.extra

    def fill(state: Any) -> None:
        state.extra = "there"

    SHELF["fill"] = fill
    with lives.crank() as here:
        box = here.make(1)
        assert box.with_state("extra") is None
        box.with_state("fill")
        assert box.with_state("extra") == "there"


def test_a_shape_may_name_one_object(lives: Lives) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        make_plain = prepare_exo_class(baggage, "Plain", None, None, {})
        if not baggage.has("chosen"):
            baggage.init("chosen", make_plain())
        shape = {"value": M.eq(baggage.get("chosen")), "note": M.any()}
        return {"make": ZONES["durable"](baggage, state_shape=shape), "make_plain": make_plain}

    lives.start(setup)
    for _ in range(2):
        with lives.crank() as here:
            assert here.make(here.baggage.get("chosen")).get() is here.baggage.get("chosen")
            for other in (here.make_plain(), 1, None):
                with pytest.raises(PatternMismatchError):
                    here.make(other)
        lives.restart()


class Color(Enum):
    RED = 1
    GREEN = 2


def test_a_shape_may_name_members_of_a_registered_enum(lives: Lives) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        register_enum(Color)
        shape = {"value": M.or_(Color.RED, (Color.GREEN,)), "note": M.any()}
        return {"make": ZONES["durable"](baggage, state_shape=shape)}

    lives.start(setup)
    for _ in range(2):
        with lives.crank() as here:
            assert here.make(Color.RED).get() is Color.RED
            with pytest.raises(PatternMismatchError):
                here.make(Color.GREEN)
        lives.restart()
