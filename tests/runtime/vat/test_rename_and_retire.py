"""Kinds that go by another name, and kinds that are no more."""

from __future__ import annotations

from typing import Any

import pytest

from vatdata_runtime import (
    EvolutionError,
    KindNotDefinedError,
    KindsNotPreparedError,
    prepare_exo,
    prepare_exo_class,
    provide_durable_map_store,
    provide_durable_set_store,
    rename_kind,
    retire_kind,
)
from vatdata_runtime.vat.verify import verify_vat

from .conftest import Lives
from .versions import single


def test_a_renamed_kind_keeps_its_instances_and_its_singleton(lives: Lives) -> None:
    def old(baggage: Any) -> dict[str, Any]:
        return {"it": prepare_exo(baggage, "It", None, {"hi": lambda this: "hi"}), **single()(baggage)}

    def new(baggage: Any) -> dict[str, Any]:
        rename_kind(baggage, "It", "That")
        rename_kind(baggage, "Thing", "Object")
        that = prepare_exo(baggage, "That", None, {"hi": lambda this: "hello"})
        return {"that": that, **single(name="Object")(baggage)}

    lives.start(old)
    with lives.crank() as here:
        here.baggage.init("thing", here.make(x=1))
        here.baggage.init("it", here.it)
    for _ in range(2):
        lives.start(new)  # the renaming may stay in the code
        with lives.crank() as here:
            assert here.baggage.get("thing").get("x") == 1
            assert repr(here.baggage.get("thing")) == "<Object>"
            assert here.baggage.get("it") is here.that
            assert here.that.hi() == "hello"
    lives.stop()
    with pytest.raises(KindsNotPreparedError, match=r"'That', 'Object'|'Object', 'That'"):
        lives.start(lambda baggage: {})


def test_renaming_to_a_stored_name_or_after_the_definition_is_refused(lives: Lives) -> None:
    def two(baggage: Any) -> dict[str, Any]:
        return {**single()(baggage), "make_other": single(name="Other")(baggage)["make"]}

    def clashes(baggage: Any) -> dict[str, Any]:
        rename_kind(baggage, "Thing", "Other")
        return {}

    def too_late(baggage: Any) -> dict[str, Any]:
        names = two(baggage)
        rename_kind(baggage, "Thing", "New")
        return names

    lives.start(two)
    lives.stop()
    before = lives.dump()
    for setup in (clashes, too_late):
        with pytest.raises(EvolutionError):
            lives.start(setup)
        assert lives.dump() == before


def test_a_kind_without_referenced_instances_can_be_retired(lives: Lives) -> None:
    def old(baggage: Any) -> dict[str, Any]:
        return {**single()(baggage), "part": prepare_exo_class(baggage, "Part", None, None, {})}

    def new(baggage: Any) -> dict[str, Any]:
        retire_kind(baggage, "Thing")
        return {"part": prepare_exo_class(baggage, "Part", None, None, {})}

    lives.start(old)
    with lives.crank() as here:
        here.make(part=here.part())
        here.baggage.init("part", here.part())
    for _ in range(2):
        lives.start(new)  # the retiring may stay in the code
        lives.vat.collect()
        records = [key for key in lives.dump() if key.startswith(b"\x02\x01o")]
        assert len(records) == 1  # what the retired instance held is gone with it
        assert not any(key.startswith(b"\x02\x01k\x10") for key in lives.dump())
    lives.start(lambda baggage: {"part": prepare_exo_class(baggage, "Part", None, None, {})})


def test_retiring_refuses_while_stored_data_refers_to_an_instance_and_leaves_nothing(lives: Lives) -> None:
    def old(baggage: Any) -> dict[str, Any]:
        return {**single()(baggage), "set": provide_durable_set_store(baggage, "set")}

    def new(baggage: Any) -> dict[str, Any]:
        with pytest.raises(EvolutionError, match="still refers"):
            retire_kind(baggage, "Thing")
        return old(baggage)

    lives.start(old)
    with lives.crank() as here:
        thing = here.make(x=1)
        here.set.add(thing)
        here.make(x=2)
        del thing
    lives.start(new)
    with lives.crank() as here:
        (thing,) = here.set.keys()
        assert thing.get("x") == 1


def test_a_kind_that_was_defined_cannot_be_retired_in_the_same_incarnation(lives: Lives) -> None:
    def setup(baggage: Any) -> dict[str, Any]:
        names = single()(baggage)
        with pytest.raises(EvolutionError, match="is defined"):
            retire_kind(baggage, "Thing")
        return names

    lives.start(setup)


def test_a_kind_whose_handle_was_lost_can_be_retired_by_its_name(lives: Lives) -> None:
    lives.start(single())
    with lives.crank() as here:
        here.baggage.delete("Thing_kindHandle")
    with pytest.raises(KindsNotPreparedError):
        lives.start(single())

    def setup(baggage: Any) -> dict[str, Any]:
        retire_kind(baggage, "Thing")
        return {}

    lives.start(setup)
    lives.start(single())
    with lives.crank() as here:
        assert here.make(x=3).get("x") == 3


def test_instances_of_a_retired_kind_in_an_aborted_start_are_still_there(lives: Lives) -> None:
    def old(baggage: Any) -> dict[str, Any]:
        return {**single()(baggage), "map": provide_durable_map_store(baggage, "map")}

    def failing(baggage: Any) -> dict[str, Any]:
        provide_durable_map_store(baggage, "map").delete("thing")
        retire_kind(baggage, "Thing")
        raise ZeroDivisionError

    lives.start(old)
    with lives.crank() as here:
        here.map.init("thing", here.make(x=1))
    lives.stop()
    before = lives.dump()
    with pytest.raises(ZeroDivisionError):
        lives.start(failing)
    assert lives.dump() == before

    def reads_too_early(baggage: Any) -> dict[str, Any]:
        with pytest.raises(KindNotDefinedError):
            provide_durable_map_store(baggage, "map").get("thing")
        return old(baggage)

    lives.start(reads_too_early)
    with lives.crank() as here:
        assert here.map.get("thing").get("x") == 1


def test_many_instances_of_a_retired_kind_are_deleted_piece_by_piece(lives: Lives) -> None:
    def instances() -> int:
        return sum(key.startswith(b"\x02\x01o\x10") for key in lives.dump())

    lives.start(single())
    with lives.crank() as here:
        in_memory = [here.make(x=n) for n in range(3000)]
    assert instances() == len(in_memory)

    def new(baggage: Any) -> dict[str, Any]:
        retire_kind(baggage, "Thing")
        return {}

    lives.start(new)
    assert 0 < instances() < 3000
    assert not list(verify_vat(lives.vat._store, 1))
    lives.start(new)  # an end in between changes nothing
    lives.vat.collect()
    assert instances() == 0
    assert not any(key.startswith((b"\x02\x01x", b"\x02\x01z", b"\x02\x01n")) for key in lives.dump())
    assert not list(verify_vat(lives.vat._store, 1))


def test_retiring_many_instances_is_refused_for_the_last_of_them(lives: Lives) -> None:
    lives.start(single())
    with lives.crank() as here:
        for n in range(2500):
            thing = here.make(x=n)
        here.baggage.init("kept", thing)
        del thing

    def new(baggage: Any) -> dict[str, Any]:
        with pytest.raises(EvolutionError, match=r"still refers to its instance o\+d16/2500"):
            retire_kind(baggage, "Thing")
        return single()(baggage)

    lives.start(new)
    with lives.crank() as here:
        assert here.baggage.get("kept").get("x") == 2499
