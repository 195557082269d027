"""Options of definitions, and that what fails in ``init`` or ``finish`` has never been."""

from __future__ import annotations

from typing import Any

import pytest

from vatdata_runtime import (
    AbandonedReferenceError,
    KindsNotPreparedError,
    M,
    NotAPatternError,
    NotDurableError,
    define_exo_class,
    define_exo_class_kit,
    define_virtual_exo_class,
    define_virtual_exo_class_kit,
    make_scalar_big_map_store,
    make_scalar_big_set_store,
    prepare_exo_class,
    prepare_exo_class_kit,
    provide_durable_map_store,
    provide_durable_set_store,
    provide_durable_weak_map_store,
)

from .conftest import Lives

ZONES = {
    "heap": lambda baggage, init, **options: define_exo_class("Node", None, init, Node, **options),
    "virtual": lambda baggage, init, **options: define_virtual_exo_class("Node", None, init, Node, **options),
    "durable": lambda baggage, init, **options: prepare_exo_class(
        baggage, "Node", None, init, Node, **options
    ),
}
KITS = {
    "heap": lambda baggage, init, **options: define_exo_class_kit("Node", None, init, FACETS, **options),
    "virtual": lambda baggage, init, **options: define_virtual_exo_class_kit(
        "Node", None, init, FACETS, **options
    ),
    "durable": lambda baggage, init, **options: prepare_exo_class_kit(
        baggage, "Node", None, init, FACETS, **options
    ),
}


class Node:
    def value(this: Any) -> Any:
        return this.state.value

    def link(this: Any) -> Any:
        return this.state.link

    def set_link(this: Any, link: Any) -> None:
        this.state.link = link


FACETS = {"front": Node, "back": Node}


def init_node(value: Any = 0, link: Any = None) -> dict[str, Any]:
    return {"value": value, "link": link}


@pytest.mark.parametrize("zone", list(ZONES))
def test_finish_runs_once_with_the_context_and_may_build_a_cycle(lives: Lives, zone: str) -> None:
    seen: list[Any] = []

    def finish(this: Any) -> str:
        seen.append(this.self)
        this.state.link = this.self
        return "ignored"

    lives.start(lambda baggage: {"make": ZONES[zone](baggage, init_node, finish=finish)})
    with lives.crank() as here:
        node = here.make(1)
        assert node.link() is node
        assert len(seen) == 1
        assert seen[0] is node


@pytest.mark.parametrize("zone", list(KITS))
def test_finish_of_a_kit_has_its_facets(lives: Lives, zone: str) -> None:
    def finish(this: Any) -> None:
        this.state.link = this.facets.back

    lives.start(lambda baggage: {"make": KITS[zone](baggage, init_node, finish=finish)})
    with lives.crank() as here:
        kit = here.make()
        assert kit.front.link() is kit.back


def test_an_async_finish_is_refused_and_leaves_nothing(lives: Lives) -> None:
    async def finish(this: Any) -> None: ...

    lives.start(lambda baggage: {"make": ZONES["durable"](baggage, init_node, finish=finish)})
    before = lives.dump()
    with lives.crank() as here, pytest.raises(TypeError, match="finish of kind 'Node' is async"):
        here.make()
    assert lives.dump() == before


@pytest.mark.parametrize("options", [{"finsh": print}, {"stateShape": {}}, {"durable": True}])
def test_an_unknown_option_is_a_type_error(lives: Lives, options: Any) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        for define in (*ZONES.values(), *KITS.values()):
            with pytest.raises(TypeError, match=f"no option '{next(iter(options))}'"):
                define(baggage, init_node, **options)
        assert not list(baggage.keys())
        return {}

    lives.start(setup)


@pytest.mark.parametrize("version", [0, -1, 1.0, True, "2", None])
def test_a_version_is_a_whole_number_from_one(lives: Lives, version: Any) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        with pytest.raises(TypeError, match="version"):
            ZONES["durable"](baggage, init_node, version=version)
        return {}

    lives.start(setup)


@pytest.mark.parametrize("shape", [3, "abc", ["value"], {"value": object()}, {"value": print}])
def test_a_state_shape_that_is_no_dict_of_patterns_is_refused(lives: Lives, shape: Any) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        for define in ZONES.values():
            with pytest.raises(NotAPatternError):
                define(baggage, init_node, state_shape=shape)
        assert not list(baggage.keys())
        return {}

    lives.start(setup)


@pytest.mark.parametrize("option", ["finish", "migrate", "receive_amplifier", "receive_instance_tester"])
def test_options_that_are_called_must_be_callable(lives: Lives, option: str) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        with pytest.raises(TypeError, match=option):
            KITS["durable"](baggage, init_node, **{option: 5})
        assert not list(baggage.keys())
        return {}

    lives.start(setup)


def test_only_kits_can_be_amplified_and_the_name_can_then_be_used_for_one(lives: Lives) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        for define in ZONES.values():
            with pytest.raises(TypeError, match="receive_amplifier is for kits"):
                define(baggage, init_node, receive_amplifier=print)
        return {"make": KITS["durable"](baggage, init_node)}

    lives.start(setup)
    with lives.crank() as here:
        assert len(here.make()) == 2


def test_a_receiver_of_powers_that_raises_leaves_the_kind_undefined(lives: Lives) -> None:
    def refuse(_: Any) -> None:
        raise RuntimeError("no, thank you")

    def setup(baggage: Any) -> dict[str, Any]:
        with pytest.raises(RuntimeError):
            ZONES["durable"](baggage, init_node, receive_instance_tester=refuse)
        return {"make": ZONES["durable"](baggage, init_node)}

    lives.start(setup)
    lives.restart()

    def forgets(baggage: Any) -> dict[str, Any]:
        with pytest.raises(RuntimeError):
            ZONES["durable"](baggage, init_node, receive_instance_tester=refuse)
        return {}

    with pytest.raises(KindsNotPreparedError, match="'Node'"):
        lives.start(forgets)


# --- what fails has never been


def test_a_failed_init_leaves_no_trace(lives: Lives) -> None:
    def init(*, spoil: Any, **fields: Any) -> dict[str, Any]:
        return {**fields, "spoilt": spoil}

    lives.start(
        lambda baggage: {
            "make": prepare_exo_class(baggage, "Bag", None, init, {}),
            "plain": ZONES["durable"](baggage, init_node),
        }
    )
    with lives.crank() as here:
        here.baggage.init("plain", here.plain())
    before = lives.dump()
    heap_object = lives.vat  # nothing that can be stored
    with lives.crank() as here:
        for spoil in (heap_object, here.make, [1, {2: 3}]):
            with pytest.raises(TypeError):
                here.make(first=here.baggage.get("plain"), new_field=1, spoil=spoil)
    assert lives.dump() == before


def spoil_everything(here: Any, link: Any) -> None:
    """Write in every way that user code can write durable data."""
    here.make(5)
    here.make_kit(6)
    old = here.old
    old.set_link(link)
    here.map.init("new", link)
    here.map.set("kept", (link, old))
    here.map.delete("removed")
    here.map.init(link, "remotable key")
    here.set.add(link)
    here.set.add("new")
    here.set.delete("removed")
    here.weak.init(link, "x")
    here.map.clear(M.string())
    here.map.add_all({"a": link, "b": old})
    made = make_scalar_big_map_store("made", durable=True, value_shape=M.or_(M.any(), M.eq(old)))
    made.init("one", link)
    make_scalar_big_set_store("virtual").add(link)
    here.baggage.init("made", made)
    here.empty.init("first", 1)


def start_world(lives: Lives, **options: Any) -> None:
    """Start a vat with some durable data of every sort, and a maker whose ``finish`` is the test's."""

    def setup(baggage: Any) -> dict[str, Any]:
        make = ZONES["durable"](baggage, init_node)
        names = {
            "make": make,
            "make_kit": prepare_exo_class_kit(baggage, "Kit", None, init_node, FACETS),
            "map": provide_durable_map_store(baggage, "map"),
            "set": provide_durable_set_store(baggage, "set"),
            "weak": provide_durable_weak_map_store(baggage, "weak"),
            "empty": provide_durable_map_store(baggage, "empty"),
            "make_finished": prepare_exo_class(baggage, "Finished", None, init_node, Node, **options),
            "make_finished_kit": prepare_exo_class_kit(
                baggage, "FinishedKit", None, init_node, FACETS, **options
            ),
        }
        if not baggage.has("old"):
            baggage.init("old", make("old"))
            names["map"].add_all({"kept": 1, "removed": 2, baggage.get("old"): 3})
            names["set"].add_all(["kept", "removed"])
        return names | {"old": baggage.get("old")}

    lives.start(setup)


@pytest.mark.parametrize("maker", ["make_finished", "make_finished_kit"])
def test_a_failed_finish_leaves_no_trace(lives: Lives, maker: str) -> None:
    leaked: list[Any] = []

    def finish(this: Any) -> None:
        me = this.self if maker == "make_finished" else this.facets.front
        leaked.append(me)
        spoil_everything(world, me)
        raise RuntimeError("finish failed")

    start_world(lives, finish=finish)
    before = lives.dump()
    with lives.crank() as world:
        with pytest.raises(RuntimeError, match="finish failed"):
            getattr(world, maker)(1)
        with pytest.raises(AbandonedReferenceError):
            leaked[0].value()
        assert world.old.link() is None
        assert sorted(world.map.values()) == [1, 2, 3]
        assert list(world.set.keys()) == ["kept", "removed"]
        assert world.map.get_size() == 3
        assert world.empty.get_size() == 0
    assert lives.dump() == before


def test_a_caught_failure_of_a_nested_finish_takes_back_the_nested_part_only(lives: Lives) -> None:
    def finish(this: Any) -> None:
        if this.state.value == "inner":
            world.map.init("inner", 1)
            world.old.set_link(this.self)
            raise RuntimeError("inner failed")
        if this.state.value == "outer":
            world.map.init("before", 1)
            with pytest.raises(RuntimeError):
                world.make_finished("inner")
            world.map.init("after", 1)
            this.state.link = world.old

    start_world(lives, finish=finish)
    with lives.crank() as world:
        outer = world.make_finished("outer")
        assert [key for key in ("before", "inner", "after") if world.map.has(key)] == ["before", "after"]
        assert world.old.link() is None
        world.map.init("outer", outer)
    lives.restart()
    with lives.crank() as world:
        assert world.map.get("outer").link() is world.old


def test_a_failure_behind_a_nested_success_takes_back_both(lives: Lives) -> None:
    def finish(this: Any) -> None:
        if this.state.value == "outer":
            world.make_finished("inner")
            spoil_everything(world, this.self)
            raise RuntimeError("outer failed")
        world.map.init("inner", this.self)

    start_world(lives, finish=finish)
    before = lives.dump()
    with lives.crank() as world, pytest.raises(RuntimeError, match="outer failed"):
        world.make_finished("outer")
    assert lives.dump() == before


def test_work_before_and_behind_a_failed_finish_is_kept(lives: Lives) -> None:
    def finish(this: Any) -> None:
        world.old.set_link("spoilt")
        raise RuntimeError("finish failed")

    start_world(lives, finish=finish)
    with lives.crank() as world:
        world.old.set_link("before")
        with pytest.raises(RuntimeError):
            world.make_finished(1)
        assert world.old.link() == "before"
        world.map.init("behind", world.make("kept"))
    lives.restart()
    with lives.crank() as world:
        assert world.old.link() == "before"
        assert world.map.get("behind").value() == "kept"


def test_a_failed_finish_inside_an_aborted_crank_leaves_no_trace(lives: Lives) -> None:
    def finish(this: Any) -> None:
        spoil_everything(world, this.self)
        raise RuntimeError("finish failed")

    start_world(lives, finish=finish)
    before = lives.dump()
    with lives.aborted_crank() as world:
        world.old.set_link("aborted")
        with pytest.raises(RuntimeError):
            world.make_finished(1)
    assert lives.dump() == before
    with lives.crank() as world:
        assert world.old.link() is None
        assert list(world.set.keys()) == ["kept", "removed"]
    assert lives.dump() == before


def test_the_number_of_a_failed_instance_is_not_used_up(lives: Lives) -> None:
    def finish(this: Any) -> None:
        if this.state.value == "bad":
            raise RuntimeError("finish failed")

    start_world(lives, finish=finish)
    with lives.crank() as world:
        world.map.init("first", world.make_finished("good"))
        with pytest.raises(RuntimeError):
            world.make_finished("bad")
        world.map.init("second", world.make_finished("good"))
    with lives.crank() as world:
        assert world.map.get("first") is not world.map.get("second")
    numbers = [repr(lives.vat.call("make_finished", "good")) for _ in range(1)]
    assert "/3 " in numbers[0]


def test_a_non_durable_field_is_found_before_anything_is_counted(lives: Lives) -> None:
    start_world(lives)
    before = lives.dump()
    with lives.crank() as world, pytest.raises(NotDurableError):
        world.make(world.old, define_exo_class("Heap", None, None, {})())
    assert lives.dump() == before
