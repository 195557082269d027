"""A crank that takes too long is undone, and the vat goes on in its next incarnation."""

from __future__ import annotations

import gc
import threading

import pytest

from vatdata_runtime import (
    AbandonedReferenceError,
    CrankTimeoutError,
    Far,
    open_vat,
    prepare_exo_class,
    provide,
    provide_durable_map_store,
)


def build(_powers, _parameters, baggage):
    provide(baggage, "count", lambda _: 0)
    make = prepare_exo_class(baggage, "Thing", None, lambda: {}, {"hello": lambda this: "hello"})
    kept = provide_durable_map_store(baggage, "kept")
    heap = []

    def spin():
        baggage.set("count", 99)
        heap.append(1)
        while True:
            pass

    def make_kept():
        kept.init(1, make())
        return kept.get(1)

    return Far(
        "Root",
        {
            "spin": spin,
            "count": lambda: baggage.get("count"),
            "heap": lambda: len(heap),
            "make": make,
            "make_kept": make_kept,
            "heap_thing": lambda: Far("Heap", {}),
            "size": lambda: len(heap),
        },
    )


@pytest.fixture
def vat(tmp_path):
    with open_vat(tmp_path / "store.db", build, crank_timeout=0.2) as vat:
        yield vat


def test_a_call_that_takes_too_long_is_undone_and_the_next_incarnation_answers(vat):
    with pytest.raises(CrankTimeoutError, match=r"0\.2 s"):
        vat.call("spin")
    assert vat.incarnation == 1
    assert vat.call("count") == 0
    assert vat.call("heap") == 0, "heap data may be torn, so it is begun anew"


def test_the_block_of_a_crank_is_limited_too(vat):
    with pytest.raises(CrankTimeoutError), vat.crank() as root:
        root.make_kept()
        while True:
            pass
    with vat.crank() as root:
        assert root.count() == 0
        assert root.make_kept().hello() == "hello"


def test_references_to_durable_objects_hold_over_the_restart_and_others_are_abandoned(vat):
    thing, heap = vat.call("make"), vat.call("heap_thing")
    with pytest.raises(CrankTimeoutError):
        vat.call("spin")
    assert vat.collect() == 0, "the reference holds it"
    assert vat.call(thing, "hello") == "hello"
    with pytest.raises(AbandonedReferenceError):
        vat.call(heap, "anything")
    del thing
    gc.collect()
    assert vat.collect() == 1


def test_a_first_crank_that_takes_too_long_leaves_nothing(tmp_path):
    def endless(_powers, _parameters, _baggage):
        while True:
            pass

    with pytest.raises(CrankTimeoutError):
        open_vat(tmp_path / "store.db", endless, crank_timeout=0.1)
    with open_vat(tmp_path / "store.db", build) as vat:
        assert vat.incarnation == 0


def test_closing_ends_the_thread_that_watches(tmp_path):
    before = threading.active_count()
    with open_vat(tmp_path / "store.db", build, crank_timeout=10):
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_limit_is_a_number_above_zero(tmp_path, seconds):
    with pytest.raises(ValueError, match="crank_timeout is a number of seconds above 0"):
        open_vat(tmp_path / "store.db", build, crank_timeout=seconds)
