"""Kits: several facets over one state."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from vatdata_runtime import (
    AbandonedReferenceError,
    GuardDefinitionError,
    M,
    WrongReceiverError,
    define_exo_class_kit,
    define_virtual_exo_class_kit,
    pick_facet,
    prepare_exo_class,
    prepare_exo_class_kit,
)

from .conftest import Lives


class Up:
    def increment(this: Any) -> int:
        this.state.count += 1
        return this.state.count

    def sibling(this: Any) -> Any:
        return this.facets.reader

    def all(this: Any) -> Any:
        return this.facets


class Reader:
    def read(this: Any) -> int:
        return this.state.count

    def sibling(this: Any) -> Any:
        return this.facets["up"]


FACETS = {"up": Up, "reader": Reader}


def init_counter(count: int = 0) -> dict[str, Any]:
    return {"count": count}


ZONES = {
    "heap": lambda baggage, *rest, **options: define_exo_class_kit("Counter", *rest, **options),
    "virtual": lambda baggage, *rest, **options: define_virtual_exo_class_kit("Counter", *rest, **options),
    "durable": lambda baggage, *rest, **options: prepare_exo_class_kit(baggage, "Counter", *rest, **options),
}


@pytest.fixture(params=list(ZONES))
def define(request: pytest.FixtureRequest) -> Any:
    """Define a kit named Counter in one zone."""
    return ZONES[request.param]


def test_facets_act_on_one_state(lives: Lives, define: Any) -> None:
    lives.start(lambda baggage: {"make": define(baggage, None, init_counter, FACETS)})
    with lives.crank() as here:
        kit = here.make(5)
        assert kit.up.increment() == 6
        assert kit["reader"].read() == 6


def test_a_sibling_is_the_very_object_that_the_maker_returned(lives: Lives, define: Any) -> None:
    lives.start(lambda baggage: {"make": define(baggage, None, init_counter, FACETS)})
    with lives.crank() as here:
        kit = here.make()
        assert kit.up.sibling() is kit.reader
        assert kit.reader.sibling() is kit.up
        again = kit.up.all()
        assert list(again) == ["reader", "up"]  # data: a record, in order of names
        assert again["up"] is kit.up
        assert again["reader"] is kit.reader


def test_a_kit_is_frozen_and_reads_by_attribute_and_by_item(lives: Lives, define: Any) -> None:
    lives.start(lambda baggage: {"make": define(baggage, None, init_counter, FACETS)})
    with lives.crank() as here:
        kit = here.make()
        up, reader = kit.values()
        assert (kit.up, kit["reader"], len(kit)) == (up, reader, 2)
        with pytest.raises(AttributeError):
            kit.up = reader
        with pytest.raises(AttributeError):
            del kit.up
        with pytest.raises(TypeError):
            kit["up"] = reader
        with pytest.raises(AttributeError, match="facets are up, reader"):
            _ = kit.writer


def test_a_facets_method_applied_to_another_facet_is_refused(lives: Lives, define: Any) -> None:
    lives.start(
        lambda baggage: {
            "make": define(baggage, None, init_counter, FACETS),
            "make_other": define_virtual_exo_class_kit("Other", None, init_counter, FACETS),
        }
    )
    with lives.crank() as here:
        first, second, other = here.make(1), here.make(2), here.make_other(3)
        for receiver in (first.reader, second.reader, other.up, other.reader, first, None):
            with pytest.raises(WrongReceiverError):
                type(first.up).increment(receiver)
        assert [kit.reader.read() for kit in (first, second, other)] == [1, 2, 3]
        assert type(first.up).increment(second.up) == 3


def test_a_method_of_the_other_facet_does_not_exist(lives: Lives, define: Any) -> None:
    lives.start(lambda baggage: {"make": define(baggage, None, init_counter, FACETS)})
    with lives.crank() as here, pytest.raises(AttributeError):
        here.make().reader.increment()


@pytest.mark.parametrize(
    "facets",
    [
        None,
        3,
        {},
        {"only": Up},
        {"up": Up, "bad": 3},
        {"up": Up, "_private": Reader},
        {"up": Up, "two words": Reader},
        {"up": Up, 1: Reader},
        Up,
    ],
)
def test_what_is_no_bag_of_two_facets_is_refused_and_leaves_nothing(
    lives: Lives, define: Any, facets: Any
) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        with pytest.raises(GuardDefinitionError, match="Counter"):
            define(baggage, None, init_counter, facets)
        assert not list(baggage.keys())
        return {"make": define(baggage, None, init_counter, FACETS)}

    lives.start(setup)


@pytest.mark.parametrize("extra", [{}, {"up": None, "writer": None}, {"up": None, "reader": None, "x": None}])
def test_a_guard_kit_that_misses_or_adds_a_facet_is_refused(lives: Lives, define: Any, extra: Any) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        with pytest.raises(GuardDefinitionError, match="facet"):
            define(baggage, extra, init_counter, FACETS)
        return {}

    lives.start(setup)


def test_one_guard_for_a_whole_kit_and_a_guard_kit_for_a_single_kind_are_refused(lives: Lives) -> None:
    guard = M.interface("Up", {}, default_guards="passable")

    def setup(baggage: Any) -> dict[str, Any]:
        with pytest.raises(GuardDefinitionError, match="guard"):
            prepare_exo_class_kit(baggage, "Counter", guard, init_counter, FACETS)  # type: ignore[arg-type]
        with pytest.raises(GuardDefinitionError, match="guard"):
            prepare_exo_class(baggage, "Counter", {"up": guard}, init_counter, Up)  # type: ignore[arg-type]
        return {}

    lives.start(setup)


def test_a_facet_without_methods_is_a_marker_beside_the_others(lives: Lives, define: Any) -> None:
    lives.start(lambda baggage: {"make": define(baggage, None, init_counter, {"up": Up, "mark": {}})})
    with lives.crank() as here:
        kit = here.make()
        assert kit.mark is not here.make().mark
        assert kit.up.all()["mark"] is kit.mark


def test_a_kit_context_has_state_and_facets_and_no_self(lives: Lives, define: Any) -> None:
    seen: list[Any] = []
    facets = {"up": {"look": seen.append}, "reader": {}}
    lives.start(lambda baggage: {"make": define(baggage, None, init_counter, facets)})
    with lives.crank() as here:
        here.make().up.look()
        assert hasattr(seen[0], "state")
        assert hasattr(seen[0], "facets")
        assert not hasattr(seen[0], "self")


def test_any_facet_keeps_the_whole_kit(lives: Lives) -> None:
    lives.start(
        lambda baggage: {"make": prepare_exo_class_kit(baggage, "Counter", None, init_counter, FACETS)}
    )
    with lives.crank() as here:
        mark = here.make(4).reader
    lives.vat.collect()
    with lives.crank():
        assert mark.sibling().increment() == 5
        assert mark.read() == 5


def test_a_kit_that_nobody_holds_is_freed_without_the_garbage_collector(lives: Lives) -> None:
    lives.start(
        lambda baggage: {"make": prepare_exo_class_kit(baggage, "Counter", None, init_counter, FACETS)}
    )
    gc.disable()
    try:
        with lives.crank() as here:
            kit = here.make()
            alive = weakref.ref(kit.up)
            del kit
            assert alive() is None
    finally:
        gc.enable()


def test_a_kit_comes_back_whole_from_any_of_its_facets(lives: Lives) -> None:
    lives.start(
        lambda baggage: {"make": prepare_exo_class_kit(baggage, "Counter", None, init_counter, FACETS)}
    )
    with lives.crank() as here:
        kit = here.make(1)
        here.baggage.init("reader", kit.reader)
        here.baggage.init("pair", (kit.up, kit.reader, kit.up))
        del kit
    for _ in range(2):
        with lives.crank() as here:
            reader = here.baggage.get("reader")
            up, same_reader, same_up = here.baggage.get("pair")
            assert same_reader is reader
            assert same_up is up is reader.sibling()
            assert up.increment() == reader.read()
            del up, reader, same_reader, same_up
        lives.restart()
    with lives.crank() as here:
        assert here.baggage.get("reader").read() == 3


def test_pick_facet_gives_one_facet_of_a_new_kit(lives: Lives, define: Any) -> None:
    lives.start(lambda baggage: {"make": pick_facet(define(baggage, None, init_counter, FACETS), "reader")})
    with lives.crank() as here:
        reader = here.make(3)
        assert reader.read() == 3
        assert reader.sibling().increment() == 4


def test_the_amplifier_takes_any_facet_of_its_kit_and_nothing_else(lives: Lives, define: Any) -> None:
    powers: list[Any] = []
    lives.start(
        lambda baggage: {
            "make": define(baggage, None, init_counter, FACETS, receive_amplifier=powers.append),
            "make_other": define_virtual_exo_class_kit("Other", None, init_counter, FACETS),
        }
    )
    with lives.crank() as here:
        kit, other = here.make(), here.make_other()
        (amplify,) = powers
        for facet in kit.values():
            assert amplify(facet) == kit
        for impostor in (other.up, other.reader, kit, None, "up"):
            with pytest.raises(WrongReceiverError):
                amplify(impostor)


def test_the_instance_tester_knows_its_own_kind_and_facets(lives: Lives, define: Any) -> None:
    powers: list[Any] = []
    lives.start(
        lambda baggage: {
            "make": define(baggage, None, init_counter, FACETS, receive_instance_tester=powers.append),
            "make_other": define_virtual_exo_class_kit("Other", None, init_counter, FACETS),
        }
    )
    with lives.crank() as here:
        kit, other = here.make(), here.make_other()
        (is_instance,) = powers
        assert is_instance(kit.up)
        assert is_instance(kit.up, "up")
        assert not is_instance(kit.up, "reader")
        for impostor in (other.up, kit, None, "up"):
            assert not is_instance(impostor)
        with pytest.raises(ValueError, match="no facet 'writer'"):
            is_instance(kit.up, "writer")


def test_an_async_facet_method_keeps_its_kit_until_it_ends(lives: Lives) -> None:
    gates: list[Any] = []

    class Waiter:
        async def wait(this: Any) -> int:
            import asyncio

            gate = asyncio.get_running_loop().create_future()
            gates.append(gate)
            await gate
            this.state.count += 1
            return this.facets.reader.read()

    results: list[Any] = []
    facets = {"up": Waiter, "reader": Reader}
    lives.start(
        lambda baggage: {"make": prepare_exo_class_kit(baggage, "Counter", None, init_counter, facets)}
    )
    with lives.crank() as here:
        here.make(1).up.wait().add_done_callback(lambda done: results.append(done.result()))
    assert len(gates) == 1
    lives.vat.collect()
    with lives.crank():
        gates[0].set_result(None)
    assert results == [2]


def test_facets_of_an_aborted_kit_stay_dead(lives: Lives) -> None:
    lives.start(
        lambda baggage: {"make": prepare_exo_class_kit(baggage, "Counter", None, init_counter, FACETS)}
    )
    with lives.aborted_crank() as here:
        dead = here.make(1)
    with lives.crank() as here:
        living = here.make(100)  # takes the number that the aborted one had
        for use in (dead.up.increment, dead.reader.read, dead.up.sibling, dead.reader.sibling, dead.up.all):
            with pytest.raises(AbandonedReferenceError):
                use()
        with pytest.raises(AbandonedReferenceError):
            here.baggage.init("dead", dead.reader)
        assert living.reader.read() == 100
