"""Calls from the host program: what goes in, what comes out, and references that stay good."""

from __future__ import annotations

import asyncio
import gc
import pickle
import threading
from typing import Any

import pytest

from vatdata_runtime import (
    AbandonedReferenceError,
    CopyMap,
    CopySet,
    Far,
    M,
    NotPassableError,
    NoVatError,
    Record,
    Ref,
    UnsettledError,
    define_virtual_exo_class,
    make_copy_map,
    make_copy_set,
    make_scalar_big_map_store,
    make_tagged,
    open_vat,
    prepare_exo_class,
    prepare_exo_class_kit,
    provide_durable_map_store,
)

from .conftest import Lives, stable_repr


class Purse:
    def balance(this: Any) -> int:
        return this.state.balance

    def deposit(this: Any, amount: int, *, note: str = "") -> int:
        this.state.balance += amount
        return this.state.balance

    def take_from(this: Any, other: Any, amount: int) -> Any:
        this.state.balance += amount
        other.deposit(-amount)
        return this.self

    def fail(this: Any) -> None:
        this.state.balance += 1000
        raise LookupError("no such purse")

    async def later(this: Any) -> int:
        await asyncio.sleep(0)
        return this.state.balance

    def me(this: Any) -> Any:
        return this.self


def init_purse(balance: int = 0) -> dict[str, Any]:
    return {"balance": balance}


def setup(baggage: Any) -> dict[str, Any]:
    make = prepare_exo_class(baggage, "Purse", None, init_purse, Purse)
    make_virtual = define_virtual_exo_class("VirtualPurse", None, init_purse, Purse)
    make_kit = prepare_exo_class_kit(baggage, "Kit", None, init_purse, {"one": Purse, "two": Purse})
    store = provide_durable_map_store(baggage, "purses")

    def open_purse(name: str, balance: int = 0) -> Any:
        store.init(name, make(balance))
        return store.get(name)

    async def hang() -> None:
        await asyncio.get_running_loop().create_future()

    async def reject() -> None:
        await asyncio.sleep(0)
        raise LookupError("rejected")

    def call_back() -> Any:
        return VATS[-1].call("echo", 1)

    def future() -> Any:
        return asyncio.get_running_loop().create_future()

    return {
        "make": make,
        "make_virtual": make_virtual,
        "make_kit": make_kit,
        "make_heap": lambda: Far("Heap", {"hi": lambda: "hi"}),
        "make_map": lambda: make_scalar_big_map_store("m", durable=True),
        "open_purse": open_purse,
        "purse": store.get,
        "names": lambda: list(store.keys()),
        "echo": lambda value: value,
        "kind_of": lambda value: type(value).__name__,
        "echo_keywords": lambda **kwargs: kwargs,
        "store_value": lambda value: store.init("value", value),
        "hang": hang,
        "future": future,
        "reject": reject,
        "call_back": call_back,
        "not_passable": object,
        "write_and_return_badly": lambda: [store.init("written", 1), object()],
        "promise_in_data": lambda: [future()],
        "stop": lambda: (_ for _ in ()).throw(StopIteration),
    }


VATS: list[Any] = []


# --- values


@pytest.mark.parametrize(
    "value",
    [
        None, True, 1, 1.5, "text", b"bytes", (), (1, (2,)), Record({"a": (1,)}), CopySet([1, 2]),
        make_copy_map({1: "one"}), make_tagged("tag", (1,)),
    ],
    ids=stable_repr,
)  # fmt: skip
def test_data_goes_in_and_comes_out_as_it_is(lives: Lives, value: Any) -> None:
    back = lives.start(setup).call("echo", value)
    assert type(back) is type(value)
    assert back == value


def test_mutable_data_comes_out_immutable(lives: Lives) -> None:
    vat = lives.start(setup)
    assert vat.call("echo", [1, {"a": [2]}]) == (1, Record({"a": (2,)}))
    assert vat.call("echo", {1, 2}) == CopySet([1, 2])


def test_keywords_are_passed(lives: Lives) -> None:
    vat = lives.start(setup)
    purse = vat.call("make")
    assert vat.call("echo_keywords", a=1, purse=purse) == Record({"a": 1, "purse": purse})
    assert vat.call(purse, "deposit", 5, note="n") == 5


def test_what_is_not_data_is_refused_on_both_ways_and_the_crank_is_kept(lives: Lives) -> None:
    vat = lives.start(setup)
    for method in ("not_passable", "write_and_return_badly", "promise_in_data"):
        with pytest.raises(NotPassableError):
            vat.call(method)
    assert vat.call("names") == ("written",)
    with pytest.raises(NotPassableError):
        vat.call("store_value", object())


# --- references


def test_an_object_comes_out_as_a_reference_that_is_target_and_argument(lives: Lives) -> None:
    vat = lives.start(setup)
    alice, bob = vat.call("open_purse", "alice", 10), vat.call("open_purse", "bob", 20)
    assert isinstance(alice, Ref)
    assert vat.call(alice, "deposit", 5) == 15
    assert vat.call(alice, "take_from", bob, 3) is alice
    assert (vat.call(alice, "balance"), vat.call(bob, "balance")) == (18, 17)
    assert vat.call("purse", "alice") is alice
    assert alice != bob
    assert len({alice, bob, vat.call(alice, "me")}) == 2
    assert "Purse" in repr(alice)
    assert "main" in repr(alice)


def test_references_inside_data_are_translated_on_both_ways(lives: Lives) -> None:
    vat = lives.start(setup)
    purse, other = vat.call("make"), vat.call("make_virtual")
    heap = vat.call("make_heap")
    for value in (
        (purse, [other, {"heap": heap}]),
        {"purse": purse, "deep": {"other": (other,)}},
        make_tagged("tag", None),
    ):
        once = vat.call("echo", value)
        assert vat.call("echo", once) == once
    inside = vat.call("echo", {"purse": purse, "list": [other, purse]})
    assert inside["purse"] is purse
    assert inside["list"] == (other, purse)
    assert vat.call("kind_of", inside) == "Record"


def test_sets_and_maps_of_references_are_translated(lives: Lives) -> None:
    def with_sets(baggage: Any) -> dict[str, Any]:
        names = setup(baggage)
        made = [names["make"](n) for n in range(2)]
        return {
            **names,
            "set": lambda: make_copy_set(made),
            "map": lambda: make_copy_map({made[0]: made[1]}),
            "sum": lambda purses: sum(purse.balance() for purse in purses),
        }

    vat = lives.start(with_sets)
    both = vat.call("set")
    assert isinstance(both, CopySet)
    assert all(isinstance(member, Ref) for member in both)
    assert vat.call("sum", both) == 1
    assert vat.call("sum", set(both)) == 1
    assert vat.call("echo", both) == both
    pairs = vat.call("map")
    assert isinstance(pairs, CopyMap)
    assert vat.call("echo", pairs) == pairs


def test_facets_are_different_references_and_stores_can_be_called(lives: Lives) -> None:
    vat = lives.start(setup)
    kit = vat.call("make_kit", 5)
    assert kit["one"] != kit["two"]
    vat.call(kit["one"], "deposit", 2)
    assert vat.call(kit["two"], "balance") == 7
    store = vat.call("make_map")
    vat.call(store, "init", "purse", kit["one"])
    assert vat.call(store, "get", "purse") is kit["one"]
    assert vat.call(store, "get_size") == 1


def test_a_living_reference_keeps_its_object_and_a_dead_one_lets_it_go(lives: Lives) -> None:
    vat = lives.start(setup)
    refs = [
        vat.call("make", 1),
        vat.call("make_virtual", 2),
        vat.call("make_kit", 3)["two"],
        vat.call("make_heap"),
    ]
    assert vat.collect() == 0
    assert [vat.call(ref, "balance") for ref in refs[:3]] == [1, 2, 3]
    assert vat.call(refs[3], "hi") == "hi"
    del refs
    gc.collect()
    assert vat.collect() == 3


def test_a_durable_reference_is_good_after_a_restart_and_equal_to_the_new_one(lives: Lives) -> None:
    vat = lives.start(setup)
    before = vat.call("open_purse", "alice", 3)
    root_before = vat.root
    vat = lives.restart()
    after = vat.call("purse", "alice")
    assert before == after
    assert hash(before) == hash(after)
    assert vat.call(before, "deposit", 4) == 7
    assert vat.call(after, "take_from", before, 0) == before
    assert root_before == vat.root
    assert hash(root_before) == hash(vat.root)
    assert vat.call(root_before, "echo", 5) == 5


def test_references_of_an_ended_incarnation_to_what_ended_with_it_are_abandoned(lives: Lives) -> None:
    vat = lives.start(setup)
    ended = [vat.call("make_virtual"), vat.call("make_heap"), vat.call("make")]
    vat = lives.restart()
    vat.collect()
    for method in ("make_virtual", "make_heap"):
        assert vat.call(method) not in ended
    for ref in ended:
        with pytest.raises(AbandonedReferenceError):
            vat.call(ref, "balance")
        with pytest.raises(AbandonedReferenceError):
            vat.call("echo", [ref])


def test_a_heap_reference_is_never_taken_for_the_root_of_a_later_incarnation(lives: Lives) -> None:
    first = True

    def build(vat_powers: Any, vat_parameters: Any, baggage: Any) -> Any:
        nonlocal first
        other = Far("Other", {"name": lambda: "other"})
        if first:
            first = False
            make_scalar_big_map_store("early").init("other", other)  # gives it the first heap number
        return Far("Root", {"name": lambda: "root", "other": lambda: other})

    lives.stop()
    with open_vat(lives.path, build) as vat:
        other = vat.call("other")
        root = vat.root
    with open_vat(lives.path, build) as vat:
        assert vat.call(root, "name") == "root"
        assert other != vat.root
        with pytest.raises(AbandonedReferenceError):
            vat.call(other, "name")


def test_a_reference_into_another_vat_or_store_is_refused(lives: Lives) -> None:
    vat = lives.start(setup)
    with open_vat(
        lives.path.with_name("other.db"), lambda: Far("R", {"make": lambda: Far("X", {})})
    ) as other:
        foreign = other.call("make")
        for use in (
            lambda: vat.call(foreign, "hi"),
            lambda: vat.call("echo", foreign),
            lambda: vat.call("echo", [foreign]),
        ):
            with pytest.raises(NotPassableError, match="another vat"):
                use()


def test_references_cannot_be_pickled_or_changed(lives: Lives) -> None:
    ref = lives.start(setup).call("make")
    with pytest.raises(TypeError):
        pickle.dumps(ref)
    with pytest.raises(AttributeError):
        ref.extra = 1


def test_an_object_itself_is_no_argument_outside_its_vat(lives: Lives) -> None:
    lives.start(setup)
    with lives.crank() as here:
        purse = here.make(1)
    with pytest.raises(NoVatError):
        purse.balance()


# --- outcomes


def test_an_exception_is_raised_and_what_was_written_before_it_is_kept(lives: Lives) -> None:
    vat = lives.start(setup)
    purse = vat.call("open_purse", "alice", 1)
    with pytest.raises(LookupError, match="no such purse"):
        vat.call(purse, "fail")
    assert vat.call(purse, "balance") == 1001
    vat = lives.restart()
    assert vat.call("purse", "alice") == purse
    assert vat.call(purse, "balance") == 1001


def test_results_of_async_methods_are_awaited(lives: Lives) -> None:
    vat = lives.start(setup)
    purse = vat.call("make", 4)
    assert vat.call(purse, "later") == 4
    with pytest.raises(LookupError, match="rejected"):
        vat.call("reject")


@pytest.mark.parametrize("method", ["hang", "future"])
def test_a_result_that_never_settles_is_unsettled(lives: Lives, method: str) -> None:
    vat = lives.start(setup)
    with pytest.raises(UnsettledError, match=method):
        vat.call(method)
    assert vat.call("echo", 1) == 1


@pytest.mark.parametrize("method", ["nope", "", "__class__", "_interface_name", "__init__", "_methods"])
def test_a_method_that_does_not_exist_is_an_attribute_error(lives: Lives, method: str) -> None:
    vat = lives.start(setup)
    purse = vat.call("make")
    with pytest.raises(AttributeError):
        vat.call(method)
    with pytest.raises(AttributeError):
        vat.call(purse, method)
    assert vat.call(purse, "balance") == 0


@pytest.mark.parametrize("arguments", [(), (None,), (5, "echo"), (b"echo",)])
def test_a_call_without_target_and_method_is_a_type_error(lives: Lives, arguments: Any) -> None:
    vat = lives.start(setup)
    with pytest.raises(TypeError):
        vat.call(*arguments)
    ref = vat.call("make")
    for rest in ((), (5,), (None, 1)):
        with pytest.raises(TypeError):
            vat.call(ref, *rest)


def test_wrong_arguments_are_the_methods_error(lives: Lives) -> None:
    vat = lives.start(setup)
    with pytest.raises(TypeError):
        vat.call("echo")
    with pytest.raises(TypeError):
        vat.call(vat.call("make"), "deposit", 1, 2, 3)


def test_guards_hold_for_calls_from_the_host(lives: Lives) -> None:
    guard = M.interface("Box", {"put": M.call(M.int()).returns(M.int())})

    def guarded(baggage: Any) -> dict[str, Any]:
        make = prepare_exo_class(baggage, "Box", guard, lambda: {"n": 0}, {"put": lambda this, n: n})
        return {"make": make}

    vat = lives.start(guarded)
    box = vat.call("make")
    assert vat.call(box, "put", 3) == 3
    with pytest.raises(ValueError, match="put"):
        vat.call(box, "put", "three")


# --- who may call, and when


def test_a_call_inside_a_crank_is_refused_and_harms_nothing(lives: Lives) -> None:
    vat = lives.start(setup)
    VATS.append(vat)
    with lives.crank() as here:
        purse = here.open_purse("alice", 1)
        for use in (
            lambda: vat.call("echo", 1),
            lambda: vat.crank().__enter__(),
            vat.collect,
            vat.close,
        ):
            with pytest.raises(RuntimeError, match="crank"):
                use()
        assert purse.deposit(1) == 2
    with pytest.raises(RuntimeError, match="Inside it use the objects directly"):
        vat.call("call_back")
    VATS.clear()
    assert vat.call(vat.call("purse", "alice"), "balance") == 2


def test_a_call_from_another_thread_is_refused(lives: Lives) -> None:
    vat = lives.start(setup)
    caught: list[BaseException] = []

    def call() -> None:
        for use in (lambda: vat.call("echo", 1), lambda: vat.crank().__enter__(), vat.collect):
            try:
                use()
            except RuntimeError as error:
                caught.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    assert len(caught) == 3
    assert all("thread" in str(error) for error in caught)
    assert vat.call("echo", 1) == 1


def test_two_vats_can_take_turns_and_call_each_other_through_the_host(lives: Lives) -> None:
    vat = lives.start(setup)
    with open_vat(
        lives.path.with_name("other.db"), lambda: Far("R", {"ask": lambda: vat.call("echo", 7)})
    ) as other:
        assert other.call("ask") == 7
        with lives.crank() as here:
            purse = here.make(1)
            with pytest.raises(RuntimeError, match="running already"):
                other.call("ask")
            assert purse.balance() == 1


def test_a_closed_vat_says_so(lives: Lives) -> None:
    vat = lives.start(setup)
    ref = vat.call("make")
    vat.close()
    vat.close()
    for use in (
        lambda: vat.call("echo", 1),
        lambda: vat.call(ref, "balance"),
        lambda: vat.crank().__enter__(),
        vat.collect,
    ):
        with pytest.raises(NoVatError, match="closed"):
            use()
    assert repr(vat) == "<Vat 'main', closed>"


def test_stop_iteration_of_a_method_is_raised(lives: Lives) -> None:
    vat = lives.start(setup)
    with pytest.raises((StopIteration, RuntimeError)):
        vat.call("stop")
    assert vat.call("echo", 1) == 1
