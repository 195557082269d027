"""One object for one instance, whatever is paged out in between."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from vatdata_runtime import (
    AbandonedReferenceError,
    define_virtual_exo_class,
    make_scalar_big_map_store,
    make_scalar_big_weak_map_store,
    make_scalar_weak_set_store,
    prepare_exo_class,
    prepare_exo_class_kit,
    provide_durable_map_store,
    provide_durable_weak_set_store,
)

from .conftest import Lives


class Node:
    def name(this: Any) -> str:
        return this.state.name

    def link(this: Any) -> Any:
        return this.state.link

    def set_link(this: Any, link: Any) -> None:
        this.state.link = link

    def myself(this: Any) -> Any:
        return this.self


def init_node(name: str, link: Any = None) -> dict[str, Any]:
    return {"name": name, "link": link}


def setup(baggage: Any) -> dict[str, Any]:
    facets = {"one": {"name": Node.name}, "two": {"name": Node.name}}
    return {
        "make": prepare_exo_class(baggage, "Node", None, init_node, Node),
        "make_virtual": define_virtual_exo_class("Virtual", None, init_node, Node),
        "make_kit": prepare_exo_class_kit(baggage, "Kit", None, init_node, facets),
        "map": provide_durable_map_store(baggage, "map"),
        "seen": provide_durable_weak_set_store(baggage, "seen"),
    }


def test_every_way_to_an_instance_gives_the_same_object(lives: Lives) -> None:
    lives.start(setup, cache_bytes=1)
    with lives.crank() as here:
        node = here.make("a")
        holder = here.make("holder", node)
        virtual = here.make_virtual("virtual", (node, {"deep": node}))
        here.map.init("node", node)
        here.map.init(node, "by key")
        assert holder.link() is node
        assert here.map.get("node") is node
    with lives.crank() as here:
        assert holder.link() is node
        assert virtual.link()[0] is virtual.link()[1]["deep"] is node
        assert here.map.get("node") is node
        assert node in list(here.map.keys())
        assert node.myself() is node


def test_an_object_that_was_let_go_of_comes_back_and_acts_the_same(lives: Lives) -> None:
    lives.start(setup, cache_bytes=1)
    with lives.crank() as here:
        here.map.init("a", here.make("a", here.make("b")))
        here.map.get("a").link().set_link(here.map.get("a"))
    for _ in range(3):
        gc.collect()
        with lives.crank() as here:
            first = here.map.get("a")
            again = here.map.get("a")
            assert first is again
            assert first.link().link() is first
            assert first.link().name() == "b"
            del first, again
            assert here.map.get("a").name() == "a"
        lives.vat.collect()


def test_objects_that_refer_to_each_other_and_to_themselves_survive_in_one_crank(lives: Lives) -> None:
    lives.start(setup)
    with lives.crank() as here:
        a = here.make("a")
        b = here.make("b", a)
        a.set_link((b, a, [b, {"a": a}]))
        here.map.init("a", a)
        del a, b
    lives.restart()
    with lives.crank() as here:
        a = here.map.get("a")
        b, same, (same_b, record) = a.link()
        assert same is a is record["a"]
        assert b is same_b
        assert b.link() is a


def test_weak_membership_survives_paging_and_restart(lives: Lives) -> None:
    lives.start(setup, cache_bytes=1)
    with lives.crank() as here:
        heap_set = make_scalar_weak_set_store("seen")
        big = make_scalar_big_weak_map_store("seen")
        kit = here.make_kit("kit")
        for key, thing in [("node", here.make("n")), ("one", kit.one), ("two", kit.two)]:
            here.map.init(key, thing)
            if key != "two":
                here.seen.add(thing)
                heap_set.add(thing)
                big.init(thing, key)
        del kit, thing
    for _ in range(2):
        lives.vat.collect()
        with lives.crank() as here:
            for key in ("node", "one"):
                thing = here.map.get(key)
                assert here.seen.has(thing)
                assert heap_set.has(thing)
                assert big.get(thing) == key
            for store in (here.seen, heap_set, big):
                assert not store.has(here.map.get("two"))
            del thing
    lives.restart()
    with lives.crank() as here:
        assert here.seen.has(here.map.get("node"))
        assert not here.seen.has(here.map.get("two"))


def test_methods_are_the_same_functions_for_a_whole_incarnation(lives: Lives) -> None:
    lives.start(setup, cache_bytes=1)
    with lives.crank() as here:
        node = here.make("a")
        here.map.init("a", node)
        method, cls = type(node).name, type(node)
        del node
    with lives.crank() as here:
        assert type(here.map.get("a")) is cls
        assert type(here.map.get("a")).name is method


def test_an_object_of_an_ended_incarnation_is_dead_even_when_its_instance_lives(lives: Lives) -> None:
    lives.start(setup)
    with lives.crank() as here:
        old = here.make("a")
        here.map.init("a", old)
    lives.restart()
    with lives.crank() as here:
        new = here.map.get("a")
        assert new is not old
        with pytest.raises(Exception, match="main") as caught:
            old.name()
        assert type(caught.value).__name__ == "NoVatError"


def test_an_instance_whose_state_was_kept_and_whose_record_was_deleted_says_so(lives: Lives) -> None:
    kept: list[Any] = []

    class Keeper:
        def keep(this: Any) -> None:
            kept.append(this.state)

    lives.start(
        lambda baggage: {"make": prepare_exo_class(baggage, "Keeper", None, lambda: {"n": 1}, Keeper)},
        cache_bytes=1,
    )
    with lives.crank() as here:
        here.make().keep()
    lives.vat.collect()
    assert not [key for key in lives.dump() if key.startswith(b"\x02\x01o")]
    with lives.crank(), pytest.raises(AbandonedReferenceError):
        _ = kept[0].n


def test_a_virtual_map_of_this_incarnation_keeps_what_it_holds(lives: Lives) -> None:
    lives.start(setup)
    with lives.crank() as here:
        virtual = make_scalar_big_map_store("v")
        virtual.init("a", here.make("a"))
    assert lives.vat.collect() == 0
    with lives.crank():
        assert virtual.get("a").name() == "a"
        virtual.delete("a")
    assert lives.vat.collect() == 1
