"""What one vat has and others know: kept while anyone holds it, deleted when nobody does."""

from __future__ import annotations

import gc

import pytest

from vatdata_runtime import (
    E,
    Far,
    Kernel,
    KernelVat,
    make_scalar_big_map_store,
    make_scalar_big_weak_map_store,
    make_scalar_map_store,
    make_scalar_weak_map_store,
    prepare_exo_class,
    prepare_exo_class_kit,
    provide_durable_map_store,
    provide_durable_weak_map_store,
)
from vatdata_runtime.kernel.vat_table import VatTable
from vatdata_runtime.kernel.verify import verify_kernel
from vatdata_runtime.store import open_store
from vatdata_runtime.tools.verify import repair, verify
from vatdata_runtime.vat.identifiers import Space, encode_number
from vatdata_runtime.vat.verify import verify_vat


def build_maker(_powers, _parameters, baggage):
    """A vat that makes durable things and keeps none."""
    make = prepare_exo_class(baggage, "Thing", None, lambda n: {"n": n}, {"read": lambda this: this.state.n})
    make_kit = prepare_exo_class_kit(
        baggage,
        "Kit",
        None,
        lambda n: {"n": n},
        {"reader": {"read": lambda this: this.state.n}, "writer": {"write": lambda this, n: None}},
    )
    virtual = make_scalar_big_map_store("virtual")
    virtual.init("x", 1)
    return Far(
        "Maker",
        {
            "make": make,
            "make_reader": lambda n: make_kit(n).reader,
            "make_virtual": lambda: make_scalar_big_map_store("given away"),
            "make_heap": lambda n: Far("Heap", {"read": lambda: n}),
        },
    )


def build_keeper(_powers, _parameters, baggage):
    """A vat that keeps what it is given, durably, in virtual data or in memory."""
    durable = provide_durable_map_store(baggage, "durable")
    virtual = make_scalar_big_map_store("virtual")
    heap = make_scalar_map_store("heap")
    zones = {"durable": durable, "virtual": virtual, "heap": heap}

    def keep(zone, key, thing):
        zones[zone].init(key, thing)

    def fetch(zone, key):
        return zones[zone].get(key)

    def drop(zone, key):
        zones[zone].delete(key)

    async def make_and_keep(maker, zone, key, n):
        zones[zone].init(key, await E(maker).make(n))

    async def make_and_forget(maker, n):
        await E(maker).make(n)

    async def read(zone, key):
        return await E(zones[zone].get(key)).read()

    return Far(
        "Keeper",
        {
            "keep": keep,
            "fetch": fetch,
            "drop": drop,
            "make_and_keep": make_and_keep,
            "make_and_forget": make_and_forget,
            "read": read,
        },
    )


@pytest.fixture
def maker(world) -> KernelVat:
    return world.build("maker", build_maker)


@pytest.fixture
def keeper(world, maker) -> KernelVat:
    return world.build("keeper", build_keeper)


def stored_objects(world) -> int:
    """Count the records of instances that the maker has, and verify everything on the way."""
    world.close()
    with open_store(world.path, readonly=True) as store, store.snapshot() as snapshot:
        names = VatTable(snapshot, store.path).names()
        for number in names.values():
            assert list(map(str, verify_vat(snapshot, number))) == []
        assert list(map(str, verify_kernel(snapshot))) == []
        prefix = Space.durable(names["maker"]).record
        return len(list(snapshot.scan(prefix, prefix + b"\xff")))


def test_what_a_vat_was_given_and_forgot_is_deleted_where_it_was_made(world, maker, keeper):
    for n in range(5):
        world.kernel.call(keeper.root, "make_and_forget", maker.root, n)
    assert world.kernel.collect() == 5
    assert stored_objects(world) == 0


@pytest.mark.parametrize("zone", ["durable", "virtual", "heap"])
def test_what_a_vat_keeps_is_kept_where_it_was_made_until_it_lets_go(world, maker, keeper, zone):
    kernel = world.kernel
    kernel.call(keeper.root, "make_and_keep", maker.root, zone, "k", 7)
    assert kernel.collect() == 0
    assert kernel.call(keeper.root, "read", zone, "k") == 7
    kernel.call(keeper.root, "drop", zone, "k")
    assert kernel.collect() == 1
    assert stored_objects(world) == 0


def test_what_durable_data_of_another_vat_mentions_survives_restarts_and_collections(world, maker, keeper):
    world.kernel.call(keeper.root, "make_and_keep", maker.root, "durable", "k", 7)
    for _ in range(2):
        world.reopen()
        world.kernel.collect()
    assert world.kernel.call(keeper.root, "read", "durable", "k") == 7
    world.reopen()
    world.kernel.call(keeper.root, "drop", "durable", "k")
    world.kernel.collect()
    assert stored_objects(world) == 0


@pytest.mark.parametrize("zone", ["virtual", "heap"])
def test_what_only_an_ended_incarnation_kept_is_deleted(world, maker, keeper, zone):
    world.kernel.call(keeper.root, "make_and_keep", maker.root, zone, "k", 7)
    keeper.upgrade()
    assert world.kernel.collect() >= 1
    assert stored_objects(world) == 0


@pytest.mark.parametrize("zone", ["virtual", "heap"])
def test_what_only_memory_kept_is_deleted_after_a_restart(world, maker, keeper, zone):
    world.kernel.call(keeper.root, "make_and_keep", maker.root, zone, "k", 7)
    world.reopen()
    world.kernel.collect()
    assert stored_objects(world) == 0


def test_a_facet_in_another_vat_keeps_its_object(world, maker, keeper):
    kernel = world.kernel
    kernel.call(keeper.root, "keep", "durable", "k", kernel.call(maker.root, "make_reader", 3))
    assert kernel.collect() == 0
    assert kernel.call(keeper.root, "read", "durable", "k") == 3
    kernel.call(keeper.root, "drop", "durable", "k")
    assert kernel.collect() == 1


def test_two_vats_hold_an_object_apart(world, maker, keeper):
    kernel = world.kernel
    other = world.build("other", build_keeper)
    thing = kernel.call(maker.root, "make", 1)
    kernel.call(keeper.root, "keep", "durable", "k", thing)
    kernel.call(other.root, "keep", "durable", "k", thing)
    del thing
    kernel.call(keeper.root, "drop", "durable", "k")
    assert kernel.collect() == 0
    kernel.call(other.root, "drop", "durable", "k")
    assert kernel.collect() == 1


def test_a_reference_of_the_host_program_keeps_its_object_until_it_dies(world, maker):
    kernel = world.kernel
    thing = kernel.call(maker.root, "make", 4)
    assert kernel.collect() == 0
    assert kernel.call(thing, "read") == 4
    del thing
    assert kernel.collect() == 1


def test_what_a_waiting_message_mentions_is_kept_also_over_a_restart(world, maker, keeper):
    kernel = world.kernel
    thing = kernel.call(maker.root, "make", 9)
    kernel.send(keeper.root, "keep", "durable", "k", thing)
    del thing
    gc.collect()
    assert kernel.collect() == 0
    kernel = world.crash()
    kernel.collect()
    kernel.run()
    assert kernel.call(keeper_root(kernel), "read", "durable", "k") == 9


def keeper_root(kernel):
    return kernel.get_vat("keeper").root


def test_the_target_of_a_waiting_message_is_kept(world, maker):
    kernel = world.kernel
    thing = kernel.call(maker.root, "make", 9)
    answer = kernel.send(thing, "read")
    del thing
    assert kernel.collect() == 0
    assert answer.result() == 9
    assert kernel.collect() == 1


def test_parameters_keep_what_they_mention_for_as_long_as_they_are_given(world, maker):
    kernel = world.kernel
    given = {"thing": kernel.call(maker.root, "make", 5)}

    def build(_powers, parameters, _baggage):
        async def read():
            return await E(parameters["thing"]).read()

        return Far("Root", {"read": read})

    vat = world.build("given", build, given)
    given.clear()
    world.reopen()
    world.kernel.collect()
    vat = world.kernel.get_vat("given")
    assert world.kernel.call(vat.root, "read") == 5
    vat.upgrade(lambda _powers, _parameters, _baggage: Far("Root", {}))
    assert world.kernel.collect() == 1


def test_a_terminated_vat_lets_go_of_all_that_it_kept(world, maker, keeper):
    kernel = world.kernel
    for n in range(3):
        kernel.call(keeper.root, "make_and_keep", maker.root, "durable", n, n)
    kernel.call(keeper.root, "make_and_keep", maker.root, "heap", 1, 1)
    keeper.terminate()
    assert kernel.collect() == 4


def test_a_heap_object_that_no_other_vat_holds_any_more_is_freed(world, maker, keeper):
    kernel = world.kernel
    kernel.call(keeper.root, "keep", "heap", "k", kernel.call(maker.root, "make_heap", 2))
    kernel.collect()
    assert kernel.call(keeper.root, "read", "heap", "k") == 2
    assert heaps_alive() == 1
    kernel.call(keeper.root, "drop", "heap", "k")
    kernel.collect()
    assert heaps_alive() == 0


def heaps_alive() -> int:
    gc.collect()
    return sum(1 for obj in gc.get_objects() if type(obj).__name__ == "FarObject" and "'Heap'" in repr(obj))


def test_a_virtual_object_that_no_other_vat_holds_any_more_is_deleted(world, maker, keeper):
    kernel = world.kernel
    kernel.call(keeper.root, "keep", "heap", "k", kernel.call(maker.root, "make_virtual"))
    assert kernel.collect() == 0
    kernel.call(keeper.root, "drop", "heap", "k")
    assert kernel.collect() >= 1


def build_recogniser(_powers, _parameters, baggage):
    """A vat that knows things without keeping them."""
    stores = {
        "durable": provide_durable_weak_map_store(baggage, "weak"),
        "virtual": make_scalar_big_weak_map_store("weak"),
        "heap": make_scalar_weak_map_store("weak"),
    }
    values = prepare_exo_class(baggage, "Value", None, lambda: {}, {})

    def note(zone, thing):
        stores[zone].init(thing, values() if zone != "heap" else 1)

    return Far("Recogniser", {"note": note, "knows": lambda zone, thing: stores[zone].has(thing)})


@pytest.mark.parametrize("zone", ["durable", "virtual", "heap"])
def test_a_weak_entry_for_another_vats_object_does_not_keep_it_and_goes_with_it(world, maker, zone):
    kernel = world.kernel
    knower = world.build("knower", build_recogniser)
    thing, reader = kernel.call(maker.root, "make", 1), kernel.call(maker.root, "make_reader", 2)
    kernel.call(knower.root, "note", zone, thing)
    kernel.call(knower.root, "note", zone, reader)
    kernel.collect()
    assert kernel.call(knower.root, "knows", zone, thing), "it lives"
    assert kernel.call(knower.root, "knows", zone, reader)
    assert entries(kernel, zone) == (0 if zone == "heap" else 2)
    del thing, reader
    kernel.collect()
    assert entries(kernel, zone) == 0
    assert rows(kernel, b"\x01r") == rows(kernel, b"\x01x") == 0
    assert stored_objects(world) == 0


def test_a_durable_weak_entry_goes_although_the_store_was_closed_in_between(world, maker):
    knower = world.build("knower", build_recogniser)
    thing = world.kernel.call(maker.root, "make", 1)
    world.kernel.call(knower.root, "note", "durable", thing)
    del thing
    world.reopen()
    world.kernel.get_vat("maker").collect()
    assert rows(world.kernel, b"\x01x") == 1
    kernel = world.reopen()
    kernel.collect()
    assert entries(kernel, "durable") == rows(kernel, b"\x01r") == rows(kernel, b"\x01x") == 0


@pytest.mark.parametrize("end", ["upgrade", "terminate", "reopen"])
def test_a_weak_entry_for_a_heap_object_goes_when_its_incarnation_has_ended(world, maker, end):
    kernel = world.kernel
    knower = world.build("knower", build_recogniser)
    kernel.call(knower.root, "note", "durable", kernel.call(maker.root, "make_heap", 1))
    kernel.call(knower.root, "note", "durable", maker.root)
    if end == "reopen":
        kernel = world.reopen()
    else:
        getattr(maker, end)()
    kernel.collect()
    assert entries(kernel, "durable") == (0 if end == "terminate" else 1), "a root lives as long as its vat"


def entries(kernel, zone) -> int:
    """Count the entries of the recogniser's weak stores."""
    number = kernel._lives.numbers["knower"]
    vat = kernel._board.vats[number]
    space = Space.durable(number) if zone == "durable" else Space.virtual(number, vat.incarnation)
    return rows(kernel, space.ordinal)


def rows(kernel, prefix: bytes) -> int:
    return sum(1 for _ in kernel._board.buffer.scan(prefix, prefix + b"\xff"))


def build_linker(_powers, _parameters, baggage):
    """A vat whose objects can mention any other."""
    make = prepare_exo_class(
        baggage,
        "Node",
        None,
        lambda: {"next": None},
        {"link": lambda this, to: setattr(this.state, "next", to)},
    )
    kept = provide_durable_map_store(baggage, "kept")
    return Far(
        "Linker", {"make": make, "keep": lambda thing: kept.init(1, thing), "drop": lambda: kept.delete(1)}
    )


def ring_through_two_vats(world):
    """Return the roots of two vats whose durable objects mention each other, and one of those objects."""
    kernel = world.kernel
    left, right = world.build("left", build_linker), world.build("maker", build_linker)
    one, two = kernel.call(left.root, "make"), kernel.call(right.root, "make")
    kernel.call(one, "link", two)
    kernel.call(two, "link", one)
    return left, right, one


def test_a_cycle_through_two_vats_is_deleted_by_tracing_only(world):
    left, right, one = ring_through_two_vats(world)
    assert world.kernel.collect_cycles() == 0, "a Ref holds it"
    world.kernel.call(left.root, "keep", one)
    del one
    assert world.kernel.collect_cycles() == 0, "durable data holds it"
    world.kernel.call(left.root, "drop")
    assert world.kernel.collect() == 0, "it is counted"
    assert left.collect_cycles() == right.collect_cycles() == 0, "each vat knows of the other's mention"
    assert world.kernel.collect_cycles() == 2
    assert stored_objects(world) == 0


def test_a_cycle_that_another_vat_keeps_from_memory_is_reachable(world):
    left, _right, one = ring_through_two_vats(world)
    kept = []
    holder = world.vat("holder", hold=kept.append, drop=kept.clear)
    world.kernel.call(holder.root, "hold", one)
    del one
    assert world.kernel.collect_cycles() == 0
    world.kernel.call(holder.root, "drop")
    assert world.kernel.collect_cycles() == 2
    assert left.incarnation == 0


def test_while_a_vat_does_not_run_nothing_that_others_know_is_swept(world):
    _left, _right, one = ring_through_two_vats(world)
    del one
    world.sources["left"] = lambda *_: 1 / 0
    world.reopen()
    assert list(world.kernel.failed_vats) == ["left"]
    world.kernel.collect_cycles()
    assert stored_objects(world) == 1


def test_collection_runs_by_itself_every_so_many_cranks(world, maker, keeper):
    kernel = world.reopen(collect_every=10)
    roots = kernel.get_vat("keeper").root, kernel.get_vat("maker").root
    for n in range(30):
        kernel.call(roots[0], "make_and_forget", roots[1], n)
    assert stored_objects(world) < 10


def test_a_collection_by_itself_leaves_pythons_old_objects_alone(world, maker, keeper):
    kernel = world.reopen(collect_every=1)
    full: list[object] = []

    def note(phase: str, info: dict[str, object]) -> None:
        if phase == "start" and info["generation"] == 2:
            full.append(info)

    gc.disable()
    gc.callbacks.append(note)
    try:
        for _ in range(10):
            kernel.call(kernel.get_vat("maker").root, "make", 1)
        assert not full
        kernel.collect()
        assert full
    finally:
        gc.callbacks.remove(note)
        gc.enable()


def test_an_interval_of_collections_is_a_whole_number(tmp_path):
    with pytest.raises(ValueError, match="collect_every is a whole number from 1, not 0"):
        Kernel.open(tmp_path / "world.db", collect_every=0)
    assert not (tmp_path / "world.db").exists()


@pytest.mark.parametrize("wrong", [None, 2])
def test_a_wrong_count_of_what_other_vats_hold_is_found_and_put_right(world, maker, keeper, wrong):
    world.kernel.call(keeper.root, "make_and_keep", maker.root, "durable", "k", 7)
    world.close()
    with open_store(world.path) as store:
        ((key, data),) = store.scan(b"\x01e", b"\x01f")
        assert data == encode_number(1)
        store.apply({key: None if wrong is None else encode_number(wrong)})
        store.commit()
    (finding,) = verify(str(world.path))
    assert "of vat 1: is " in finding.text
    assert repair(str(world.path)) == 1
    assert list(verify(str(world.path))) == []
    world.kernel.collect()
    assert world.kernel.call(keeper_root(world.kernel), "read", "durable", "k") == 7
