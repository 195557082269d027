"""An aborted crank has never been, for durable and virtual data and for the objects that stand for them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from vatdata_runtime import (
    AbandonedReferenceError,
    NoVatError,
    StaleIteratorError,
    ValueTooLargeError,
    VatDataError,
    define_virtual_exo_class,
    define_virtual_exo_class_kit,
    make_kind_handle,
    make_scalar_big_map_store,
    prepare_exo_class,
    prepare_exo_class_kit,
    provide_durable_map_store,
    provide_durable_set_store,
    provide_durable_weak_map_store,
)

from .conftest import Abort, Lives


class Node:
    def value(this: Any) -> Any:
        return this.state.value

    def set(this: Any, value: Any) -> None:
        this.state.value = value

    def myself(this: Any) -> Any:
        return this.self


FACETS = {"one": {"value": Node.value, "set": Node.set}, "two": {"value": Node.value}}


def init_node(value: Any = None) -> dict[str, Any]:
    return {"value": value}


def setup(baggage: Any) -> dict[str, Any]:
    names = {
        "make": prepare_exo_class(baggage, "Node", None, init_node, Node),
        "make_bag": prepare_exo_class(
            baggage,
            "Bag",
            None,
            lambda **fields: fields,
            {"get": lambda this, name: getattr(this.state, name)},
        ),
        "make_kit": prepare_exo_class_kit(baggage, "Kit", None, init_node, FACETS),
        "make_virtual": define_virtual_exo_class("Virtual", None, init_node, Node),
        "make_virtual_kit": define_virtual_exo_class_kit("VirtualKit", None, init_node, FACETS),
        "map": provide_durable_map_store(baggage, "map"),
        "set": provide_durable_set_store(baggage, "set"),
        "weak": provide_durable_weak_map_store(baggage, "weak"),
        "virtual_map": make_scalar_big_map_store("virtual"),
    }
    if not names["map"].has("node"):
        names["map"].init("node", names["make"]("before"))
        names["map"].init("kit", names["make_kit"]("before"))
    names["virtual_map"].init("node", names["make_virtual"]("before"))
    return names


def test_the_store_is_as_before(lives: Lives) -> None:
    lives.start(setup)
    lives.vat.collect()
    before = lives.dump()
    with lives.aborted_crank() as here:
        node = here.map.get("node")
        node.set(here.make(node))
        here.map.init("new", here.make_kit(1))
        here.map.init(node, 1)
        here.map.delete("kit")
        here.set.add_all([1, 2, node])
        here.weak.init(node, 1)
        here.virtual_map.set("node", here.make_virtual())
        here.baggage.init("another map", make_scalar_big_map_store("m", durable=True))
        here.baggage.init("handle", make_kind_handle("Another"))
        define_virtual_exo_class("Another", None, None, {})()
    assert lives.dump() == before
    with lives.crank():
        pass
    assert lives.dump() == before


def test_living_objects_are_the_same_objects_with_their_contents_from_before(lives: Lives) -> None:
    lives.start(setup)
    with lives.crank() as here:
        node, kit = here.map.get("node"), here.map.get("kit")
        virtual = here.virtual_map.get("node")
        here.map.init(2, "two")
        here.set.add("member")
    with lives.aborted_crank() as here:
        for thing in (node, kit["one"], virtual):
            thing.set("aborted")
            assert thing.value() == "aborted"
        here.map.set(2, "aborted")
        here.map.init(3, "aborted")
        here.map.delete("kit")
        here.set.clear()
        here.virtual_map.clear()
        assert here.map.get_size() == 3
        assert here.set.get_size() == here.virtual_map.get_size() == 0
    with lives.crank() as here:
        assert here.map.get("node") is node is node.myself()
        assert here.map.get("kit")["one"] is kit["one"]
        assert here.virtual_map.get("node") is virtual
        assert node.value() == kit["two"].value() == virtual.value() == "before"
        assert (here.map.get(2), here.map.has(3), here.map.get_size()) == ("two", False, 3)
        assert list(here.set.keys()) == ["member"]
        assert here.set.get_size() == here.virtual_map.get_size() == 1
        node.set("later")
    lives.restart()
    with lives.crank() as here:
        assert here.map.get("node").value() == "later"


def test_what_was_made_is_dead_and_its_number_belongs_to_the_next(lives: Lives) -> None:
    lives.start(setup)
    dead: list[Any] = []
    with lives.aborted_crank() as here:
        dead = [here.make("dead"), here.make_virtual("dead"), here.make_kit("dead").one]
        dead.append(here.make_virtual_kit("dead").one)
        here.map.init("dead", dead[0])
    with lives.crank() as here:
        living = [here.make("alive"), here.make_virtual("alive"), here.make_kit("alive").one]
        living.append(here.make_virtual_kit("alive").one)
        for thing in dead:
            with pytest.raises(AbandonedReferenceError):
                thing.value()
            with pytest.raises(AbandonedReferenceError):
                thing.set("from the grave")
            with pytest.raises(AbandonedReferenceError):
                here.virtual_map.init("dead", thing)
            with pytest.raises(AbandonedReferenceError):
                here.make_virtual(thing)
            with pytest.raises(AbandonedReferenceError):
                living[1].set(thing)
        assert [thing.value() for thing in living] == ["alive"] * 4
        for n, thing in enumerate(living):
            here.virtual_map.init(n, thing)
    with lives.crank() as here:
        assert [here.virtual_map.get(n) for n in range(4)] == living


def test_the_maker_of_a_kind_that_was_defined_in_it_is_dead(lives: Lives) -> None:
    lives.start(setup)
    with lives.aborted_crank() as here:
        make_dead = define_virtual_exo_class("Dead", None, init_node, Node)
        make_dead_kit = define_virtual_exo_class_kit("DeadKit", None, None, FACETS)
        make_dead(1)
    with lives.crank() as here:
        make = define_virtual_exo_class("Alive", None, init_node, Node)
        for dead in (make_dead, make_dead_kit):
            with pytest.raises(AbandonedReferenceError):
                dead()
        here.virtual_map.init("alive", make("alive"))
    with lives.crank() as here:
        assert repr(here.virtual_map.get("alive")) == "<Alive>"
        assert here.virtual_map.get("alive").value() == "alive"


def test_a_store_that_was_made_in_it_is_dead(lives: Lives) -> None:
    lives.start(setup)
    with lives.aborted_crank() as here:
        dead = make_scalar_big_map_store("dead")
        dead.init("a", 1)
    with lives.crank() as here:
        alive = make_scalar_big_map_store("alive")
        for use in (lambda: dead.init("b", 2), lambda: dead.get("a"), lambda: list(dead.keys())):
            with pytest.raises(VatDataError):
                use()
        with pytest.raises(VatDataError):
            here.virtual_map.init("dead", dead)
        assert list(alive.keys()) == []


def test_a_running_iteration_is_stale(lives: Lives) -> None:
    lives.start(setup)
    with lives.crank() as here:
        here.map.add_all({str(n): n for n in range(10)})
    with lives.aborted_crank() as here:
        inside = iter(here.map.keys())
        next(inside)
    with lives.crank() as here, pytest.raises(StaleIteratorError):
        next(inside)


def test_layouts_of_an_aborted_crank_are_found_again(lives: Lives) -> None:
    lives.start(setup)
    with lives.aborted_crank() as here:
        here.make_bag(a=1)
        here.make_bag(b=1, a=2)
    with lives.crank() as here:
        here.map.init("c", here.make_bag(c=3))
        here.map.init("ab", here.make_bag(a=1, b=2))
    with lives.aborted_crank() as here:
        here.make_bag(d=1)
        assert here.map.get("c").get("c") == 3
    with lives.crank() as here:
        here.map.init("d", here.make_bag(d=4))
    lives.restart()
    with lives.crank() as here:
        assert here.map.get("c").get("c") == 3
        assert (here.map.get("ab").get("a"), here.map.get("ab").get("b")) == (1, 2)
        assert here.map.get("d").get("d") == 4


def test_many_aborts_in_a_row_change_nothing(lives: Lives) -> None:
    lives.start(setup, cache_bytes=1)
    lives.vat.collect()
    before = lives.dump()
    for n in range(20):
        with lives.aborted_crank() as here:
            assert here.map.get("node").value() == "before"
            here.map.get("node").set(n)
            here.map.init("n", here.make(here.map.get("node")))
            here.map.get("kit")["one"].set(here.map.get("n"))
    assert lives.dump() == before
    assert lives.vat.collect() == 0


def test_an_aborted_crank_leaves_nothing_for_the_next_to_run(lives: Lives) -> None:
    lives.start(setup)
    ran: list[str] = []
    with lives.aborted_crank():
        asyncio.get_running_loop().call_soon(ran.append, "callback")

        async def later() -> None:
            ran.append("task started")

        task = asyncio.ensure_future(later())
    with lives.crank():
        pass
    assert ran == []
    assert not task.done() or task.cancelled()
    del task


def test_an_exception_of_any_class_aborts_and_is_raised(lives: Lives) -> None:
    lives.start(setup)
    for error in (KeyboardInterrupt, SystemExit, StopIteration, GeneratorExit, Abort):
        with pytest.raises(error), lives.crank() as here:
            here.map.get("node").set("aborted")
            raise error
        with lives.crank() as here:
            assert here.map.get("node").value() == "before"


def test_what_cannot_be_kept_at_the_end_of_the_crank_aborts_it(lives: Lives) -> None:
    lives.start(setup, value_limit=70_000)
    before = lives.dump()
    half = "x" * 40_000  # each field fits by itself, the record does not
    with pytest.raises(ValueTooLargeError), lives.crank() as here:
        here.map.get("node").set("aborted")
        here.map.init("big", here.make_bag(a=half, b=half))
    assert {k: v for k, v in lives.dump().items() if k[:1] == b"\x02"} == {
        k: v for k, v in before.items() if k[:1] == b"\x02"
    }
    with lives.crank() as here:
        assert here.map.get("node").value() == "before"
        assert not here.map.has("big")
        here.map.init("small", here.make_bag(a=1, b=2))
    with lives.crank() as here:
        assert here.map.get("small").get("b") == 2


def test_a_crank_that_the_storage_refuses_is_aborted_in_memory_too(lives: Lives) -> None:
    refuse = False

    def on_step(step: str) -> None:
        if refuse and step == "apply":
            raise OSError("the disk is gone")

    lives.start(setup, on_step=on_step)
    before = lives.dump()
    refuse = True
    with pytest.raises(OSError, match="the disk is gone"), lives.crank() as here:
        here.map.get("node").set("lost")
        here.map.init("new", here.make("lost"))
    refuse = False
    assert lives.dump() == before
    with lives.crank() as here:
        assert here.map.get("node").value() == "before"
        assert not here.map.has("new")
        here.map.init("new", here.make("kept"))
    lives.restart()
    with lives.crank() as here:
        assert here.map.get("new").value() == "kept"


def test_a_crank_that_was_interrupted_in_its_commit_is_kept_by_the_next(lives: Lives) -> None:
    interrupt = False

    def on_step(step: str) -> None:
        nonlocal interrupt
        if interrupt and step == "commit":
            interrupt = False
            raise KeyboardInterrupt

    lives.start(setup, on_step=on_step)
    interrupt = True
    with pytest.raises(KeyboardInterrupt), lives.crank() as here:
        here.map.init("first", here.make(1))
    with lives.crank() as here:
        here.map.init("second", here.make(2))
    lives.restart()
    with lives.crank() as here:
        # Both or neither: memory and disk never disagree.
        assert here.map.has("first") == (here.map.get_size() == 4)
        assert here.map.get("second").value() == 2
        if here.map.has("first"):
            assert here.map.get("first").value() == 1


def test_heap_state_is_not_undone(lives: Lives) -> None:
    lives.start(setup)
    heap: list[int] = []
    with lives.aborted_crank():
        heap.append(1)
    assert heap == [1]


def test_objects_used_outside_a_crank_say_so_after_an_abort(lives: Lives) -> None:
    lives.start(setup)
    with lives.aborted_crank() as here:
        node = here.map.get("node")
    with pytest.raises(NoVatError):
        node.value()
