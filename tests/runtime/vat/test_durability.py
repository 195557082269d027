"""What durable data can hold."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from vatdata_runtime import (
    AbandonedReferenceError,
    Far,
    M,
    NotDurableError,
    NotPassableError,
    can_be_durable,
    define_exo_class,
    define_virtual_exo_class,
    define_virtual_exo_class_kit,
    make_exo,
    make_kind_handle,
    make_scalar_big_map_store,
    make_scalar_big_set_store,
    make_scalar_map_store,
    prepare_exo_class,
    prepare_exo_class_kit,
    provide,
    provide_durable_map_store,
    provide_durable_set_store,
)

from .conftest import Lives


class Box:
    def get(this: Any) -> Any:
        return this.state.value

    def set(this: Any, value: Any) -> None:
        this.state.value = value


def init_box(value: Any = None) -> dict[str, Any]:
    return {"value": value}


def setup(baggage: Any) -> dict[str, Any]:
    return {
        "make": prepare_exo_class(baggage, "Box", None, init_box, Box),
        "make_kit": prepare_exo_class_kit(baggage, "Kit", None, init_box, {"one": Box, "two": Box}),
        "make_virtual": define_virtual_exo_class("VirtualBox", None, init_box, Box),
        "map": provide_durable_map_store(baggage, "map"),
        "set": provide_durable_set_store(baggage, "set"),
        "handle": baggage.get("Box_kindHandle"),
    }


DURABLE = {
    "data": lambda here: (1, {"a": [None, "x"]}),
    "error": lambda here: ValueError("kept"),
    "instance": lambda here: here.make(),
    "facet": lambda here: here.make_kit().two,
    "map": lambda here: make_scalar_big_map_store("m", durable=True),
    "handle": lambda here: here.handle,
}
FLEETING = {
    "far": lambda here: Far("Heap", {}),
    "heap exo": lambda here: make_exo("Heap", None, {}),
    "heap instance": lambda here: define_exo_class("Heap", None, None, {})(),
    "virtual instance": lambda here: here.make_virtual(),
    "virtual facet": lambda here: define_virtual_exo_class_kit("V", None, None, {"one": {}, "two": {}})().one,
    "virtual map": lambda here: make_scalar_big_map_store("m"),
    "virtual set": lambda here: make_scalar_big_set_store("s"),
    "heap map": lambda here: make_scalar_map_store("m"),
    "promise": lambda here: asyncio.get_running_loop().create_future(),
    "nested": lambda here: ("ok", {"deep": [Far("Heap", {})]}),
}


@pytest.mark.parametrize("name", list(DURABLE))
def test_durable_things_are_accepted_everywhere(lives: Lives, name: str) -> None:
    lives.start(setup)
    with lives.crank() as here:
        value = DURABLE[name](here)
        assert can_be_durable(value)
        box = here.make(value)
        box.set(value)
        here.map.init("value", value)
        here.map.set("value", value)
        here.baggage.init("box", box)
        if name not in ("data", "error"):
            here.set.add(value)
            here.map.init(value, 1)
            assert here.map.get(value) == 1
    lives.restart()
    with lives.crank() as here:
        box = here.baggage.get("box")
        if name == "error":
            assert isinstance(box.get(), ValueError)
            assert box.get().args == ("kept",)
        else:
            assert box.get() == here.map.get("value")
        if name not in ("data", "error"):
            assert here.set.has(box.get())


@pytest.mark.parametrize("name", list(FLEETING))
def test_fleeting_things_are_refused_everywhere_and_nothing_changes(lives: Lives, name: str) -> None:
    lives.start(setup)
    with lives.crank() as here:
        here.map.init("kept", 1)
        here.baggage.init("box", here.make("kept"))
    before = lives.dump()
    with lives.crank() as here:
        value = FLEETING[name](here)
        box = here.baggage.get("box")
        assert not can_be_durable(value)
        for refused in (
            lambda: here.make(value),
            lambda: here.make_kit(value),
            lambda: box.set(value),
            lambda: box.set([value]),
            lambda: here.map.init("new", value),
            lambda: here.map.set("kept", value),
            lambda: here.baggage.init("new", value),
            lambda: here.map.add_all({"a": 1, "b": value}),
        ):
            with pytest.raises(NotDurableError):
                refused()
        assert box.get() == "kept"
        assert here.map.get("kept") == 1
        assert here.map.get_size() == 1
        assert not here.baggage.has("new")
        virtual = here.make_virtual(value)
        virtual.set([value])
        if name != "nested":
            assert virtual.get() == (value,)
    after = lives.dump()
    assert {key: value for key, value in after.items() if key[:1] == b"\x02" and key[2:3] != b"m"} == {
        key: value for key, value in before.items() if key[:1] == b"\x02" and key[2:3] != b"m"
    }


@pytest.mark.parametrize("name", [name for name in FLEETING if name not in ("promise", "nested")])
def test_fleeting_keys_are_refused_and_the_error_says_key(lives: Lives, name: str) -> None:
    lives.start(setup)
    with lives.crank() as here:
        key = FLEETING[name](here)
        with pytest.raises(NotDurableError) as caught:
            here.map.init(key, 1)
        assert caught.value.path == ("key",)
        with pytest.raises(NotDurableError):
            here.set.add(key)
        assert not here.map.has(key)
        assert (here.map.get_size(), here.set.get_size()) == (0, 0)


def test_the_path_leads_to_the_culprit(lives: Lives) -> None:
    lives.start(setup)
    with lives.crank() as here:
        with pytest.raises(NotDurableError) as caught:
            here.make(["ok", {"deep": Far("Heap", {})}])
        assert caught.value.path == ("value", 1, "deep")
        assert "heap object" in str(caught.value)


def test_can_be_durable_never_raises_and_never_writes(lives: Lives) -> None:
    lives.start(setup)
    before = lives.dump()
    with lives.crank() as here:
        for value in (
            object(),
            print,
            here,
            {1: 2},
            "\ud800",
            Far("Heap", {}),
            [Far("Heap", {})],
            float("nan"),
        ):
            assert can_be_durable(value) is (value != value)
    assert lives.dump() == before


def test_a_durable_shape_cannot_name_something_fleeting(lives: Lives) -> None:
    def with_bad_shape(baggage: Any) -> dict[str, Any]:
        here = SimpleNamespace(**setup(baggage))
        for name, make in FLEETING.items():
            if name not in ("promise", "nested"):
                value = make(here)
                with pytest.raises(NotDurableError):
                    prepare_exo_class(
                        baggage, "Other", None, init_box, Box, state_shape={"value": M.eq(value)}
                    )
                with pytest.raises(NotDurableError):
                    make_scalar_big_map_store("m", durable=True, value_shape=M.eq(value))
        assert not baggage.has("Other_kindHandle")
        return {}

    lives.start(with_bad_shape)


def test_provide_keeps_nothing_when_the_value_cannot_be_kept(lives: Lives) -> None:
    def failing(baggage: Any) -> dict[str, Any]:
        with pytest.raises(NotDurableError):
            provide(baggage, "thing", lambda key: Far(key, {}))
        with pytest.raises(ZeroDivisionError):
            provide(baggage, "thing", lambda key: 1 / 0)
        assert not baggage.has("thing")
        assert provide(baggage, "thing", lambda key: key) == "thing"
        assert provide(baggage, "thing", lambda key: 1 / 0) == "thing"
        return {}

    lives.start(failing)


def test_a_handle_can_be_a_key_a_member_and_a_value(lives: Lives) -> None:
    lives.start(setup)
    with lives.crank() as here:
        here.map.init(here.handle, here.handle)
        here.set.add(here.handle)
    lives.restart()
    with lives.crank() as here:
        assert here.map.get(here.handle) is here.handle
        assert here.set.has(here.handle)
        assert not here.set.has(make_kind_handle("Fresh"))
        raise_and_forget = here  # the fresh kind would have to be prepared in the next life
        del raise_and_forget


def test_what_is_held_by_virtual_or_heap_data_alone_is_gone_after_a_restart_and_a_collection(
    lives: Lives,
) -> None:
    lives.start(setup)
    with lives.crank() as here:
        refs = here.make_virtual(here.make("in virtual")), here.make("in heap")
        here.baggage.init("kept", here.make("in baggage"))
        virtual_map = make_scalar_big_map_store("v")
        virtual_map.init("a", here.make("in a virtual map"))
    assert lives.vat.collect() == 0
    del refs, virtual_map
    lives.restart()
    lives.vat.collect()
    assert [key for key in lives.dump() if key.startswith(b"\x03")] == []
    records = [value for key, value in lives.dump().items() if key.startswith(b"\x02\x01o")]
    assert len(records) == 1
    with lives.crank() as here:
        assert here.baggage.get("kept").get() == "in baggage"


def test_objects_of_another_vat_or_of_an_ended_incarnation_are_refused_everywhere(
    lives: Lives, tmp_path: Any
) -> None:
    (tmp_path / "other").mkdir()
    other = Lives(tmp_path / "other")
    other.start(setup)
    with other.crank() as there:
        foreign = [there.make(), there.make_kit().one, there.map, there.handle, there.make_virtual()]
        box = there.make("kept")
        there.baggage.init("box", box)
    lives.start(setup)
    with lives.crank() as here:
        here.baggage.init("box", here.make("kept"))
        ended = [here.baggage.get("box"), here.make_kit().one, here.map, here.handle, here.make_virtual()]
    lives.restart()
    lives.vat.collect()
    before = lives.dump()
    with lives.crank() as here:
        ours, virtuals = here.baggage.get("box"), [here.make_virtual("kept")]
        blank = object.__new__(type(ours))
        uses: list[Any] = [
            ours.set,
            lambda stranger: ours.set([stranger]),
            lambda stranger: virtuals[0].set(stranger),
            here.make,
            here.make_virtual,
            lambda stranger: here.map.init("new", stranger),
            lambda stranger: here.map.init(stranger, 1),
            here.set.add,
        ]
        for stranger in (*foreign, *ended, blank):
            assert not can_be_durable(stranger)
            for use in uses:
                with pytest.raises((NotPassableError, AbandonedReferenceError)):
                    use(stranger)
        assert (ours.get(), virtuals.pop().get()) == ("kept", "kept")
    after = lives.dump()
    other.stop()
    assert {key: value for key, value in after.items() if key[:1] == b"\x02"} == {
        key: value for key, value in before.items() if key[:1] == b"\x02"
    }
