"""Bugs that liveslots once had, each with the number of its report: none of them is here.

What concerns one vat alone is shown beside the behaviour: releases that are not cut short (#5044) and keys that a cleared
store keeps (#7355) in ``tests/runtime/collection``.
"""

from __future__ import annotations

import pytest

from vatdata_runtime import (
    E,
    Far,
    make_promise_kit,
    make_scalar_big_weak_map_store,
    prepare_exo_class,
    provide_durable_map_store,
    provide_durable_weak_map_store,
)
from vatdata_runtime.kernel.verify import verify_kernel
from vatdata_runtime.vat.identifiers import Space
from vatdata_runtime.vat.verify import verify_vat


def build_shop(_powers, _parameters, baggage):
    """A vat with things, a strong and a weak store of them, all durable."""
    make = prepare_exo_class(baggage, "Thing", None, lambda: {}, {})
    strong = provide_durable_map_store(baggage, "strong")
    weak = provide_durable_weak_map_store(baggage, "weak")

    def fill():
        for n in range(3):
            thing = make()
            strong.init(n, thing)
            strong.init(thing, n)
            weak.init(thing, n)

    return Far(
        "Shop",
        {
            "make": make,
            "keep": strong.init,
            "fill": fill,
            "clear": strong.clear,
            "delete": strong.delete,
            "size": strong.get_size,
            "note": weak.init,
            "knows": weak.has,
            "drop_weak": lambda: baggage.delete("weak"),
            "get": strong.get,
        },
    )


def count(kernel, name, sort: str) -> int:
    """Count a vat's durable records of one sort, and verify everything on the way."""
    store, number = kernel._board.store, kernel._lives.numbers[name]
    for each in kernel._lives.numbers.values():
        assert list(map(str, verify_vat(store, each))) == []
    assert list(map(str, verify_kernel(store))) == []
    prefix = getattr(Space.durable(number), sort)
    return sum(1 for _ in store.scan(prefix, prefix + b"\xff"))


def test_5725_numbers_of_instances_go_on_after_upgrades(world):
    shop = world.build("shop", build_shop)
    seen = set()
    for _ in range(3):
        for _ in range(2):
            thing = world.kernel.call(shop.root, "make")
            assert repr(thing) not in seen
            seen.add(repr(thing))
            world.kernel.call(shop.root, "keep", len(seen), thing)
            del thing
        world.kernel.collect()
        shop.upgrade()
    assert count(world.kernel, "shop", "record") == 6


def test_8756_a_cleared_store_takes_the_same_keys_again(world):
    shop = world.build("shop", build_shop)
    for _ in range(3):
        world.kernel.call(shop.root, "fill")
        assert world.kernel.call(shop.root, "size") == 6
        world.kernel.call(shop.root, "clear")
        assert world.kernel.call(shop.root, "size") == 0
        world.kernel.collect()
        assert count(world.kernel, "shop", "record") == count(world.kernel, "shop", "ordinal") == 0


def test_9939_an_object_is_not_retired_while_strong_data_holds_what_a_dropped_weak_store_knew(world):
    shop, other = world.build("shop", build_shop), world.build("other", build_shop)
    thing = world.kernel.call(shop.root, "make")
    world.kernel.call(other.root, "keep", 1, thing)
    world.kernel.call(other.root, "note", thing, 1)
    del thing
    world.kernel.call(other.root, "drop_weak")
    world.kernel.collect()
    assert count(world.kernel, "shop", "record") == 1
    world.kernel.call(other.root, "delete", 1)
    world.kernel.collect()
    assert count(world.kernel, "shop", "record") == 0


def test_9956_the_entry_of_a_dead_heap_key_lets_go_of_its_value(world):
    shop = world.build("shop", build_shop)

    def build(_powers, _parameters, _baggage):
        weak = make_scalar_big_weak_map_store("weak")
        keys = []

        def note(value):
            keys.append(Far("Key", {}))
            weak.init(keys[0], value)

        return Far("Holder", {"note": note, "drop": keys.clear})

    holder = world.build("holder", build)
    world.kernel.call(holder.root, "note", world.kernel.call(shop.root, "make"))
    world.kernel.collect()
    assert count(world.kernel, "shop", "record") == 1
    world.kernel.call(holder.root, "drop")
    world.kernel.collect()
    assert count(world.kernel, "shop", "record") == 0


@pytest.mark.parametrize("end", ["upgrade", "terminate"])
def test_9039_promises_of_an_ended_incarnation_leave_nothing_behind(world, end):
    kits = []

    def give():
        kits.append(make_promise_kit())
        return {"promise": kits[-1].promise}

    decider = world.vat("decider", give=give)

    async def wait(target):
        given = await E(target).give()
        E(given["promise"]).never()
        return given["promise"]

    waiter = world.vat("waiter", wait=wait)
    answers = [world.kernel.send(waiter.root, "wait", decider.root) for _ in range(3)]
    world.kernel.run()
    getattr(decider, end)()
    world.kernel.run()
    assert all(answer.exception() for answer in answers)
    assert len(world.kernel._board.promises) == 0
    assert not list(world.kernel._board.store.scan(b"\x01p", b"\x01r"))


def test_what_is_let_go_of_twice_is_deleted_and_retired_once(world):
    shop, one, two = (world.build(name, build_shop) for name in ("shop", "one", "two"))
    thing = world.kernel.call(shop.root, "make")
    for other in (one, two):
        world.kernel.call(other.root, "keep", 1, thing)
        world.kernel.call(other.root, "note", thing, 1)
    del thing
    for other in (one, two):
        world.kernel.call(other.root, "delete", 1)
    assert world.kernel.collect() == 3, "the object, and an entry of each weak store"
    assert world.kernel.collect() == 0
    assert count(world.kernel, "shop", "record") == 0
