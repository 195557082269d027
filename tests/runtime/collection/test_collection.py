"""Which holders keep a stored object, what is deleted when, and how much at a time."""

from __future__ import annotations

import gc

import pytest

from tests.runtime.collection.world import World
from vatdata_runtime import (
    AbandonedReferenceError,
    Far,
    M,
    make_scalar_big_map_store,
    make_scalar_big_set_store,
    make_scalar_big_weak_map_store,
    make_scalar_big_weak_set_store,
    make_scalar_weak_map_store,
    make_scalar_weak_set_store,
    open_vat,
    prepare_exo_class,
    retire_kind,
)
from vatdata_runtime.vat import collection
from vatdata_runtime.vat.identifiers import base_of
from vatdata_runtime.vat.verify import verify_vat


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path / "vat.db")
    with world.crank():
        pass  # what an incarnation does in its first cranks is over
    yield world
    assert not [str(difference) for difference in verify_vat(world.view, 1)]
    world.close()


@pytest.fixture(params=["durable", "virtual"])
def zone(request):
    return request.param


@pytest.fixture(params=["node", "kit"])
def make(request, world, zone):
    """Make an instance and return one object for it: a facet, where it is a kit."""

    def make(**fields):
        made = world.make[zone, request.param](**fields)
        return made.right if request.param == "kit" else made

    return make


def stores(zone):
    durable = zone == "durable"
    return (
        make_scalar_big_map_store("map", durable=durable),
        make_scalar_big_set_store("set", durable=durable),
        make_scalar_big_weak_map_store("weak map", durable=durable),
        make_scalar_big_weak_set_store("weak set", durable=durable),
    )


def holding(obj):
    """A heap object that closes over another."""
    return Far("far", {"get": lambda: obj})


def count_of(world, obj):
    """The reference count of an object."""
    with world.crank():
        base = world.incarnation.marshal.stored_slot(obj)
        return world.incarnation.counts.count(base_of(base))


# --- holders


def test_an_object_in_memory_alone_lives_until_it_is_dropped_and_collected(world, zone, make):
    with world.crank():
        obj = make()
    world.vat.collect()
    assert world.count("o", zone) == 1
    del obj
    assert world.count("o", zone) == 1, "nothing is deleted but by a collection"
    world.vat.collect()
    assert world.count("o", zone) == 0
    assert world.count("z", zone) == 0


def test_a_stored_mention_alone_keeps_an_object(world, zone, make):
    with world.crank():
        holder = world.make[zone, "node"](a=make())
    world.vat.collect()
    assert world.count("o", zone) == 2
    with world.crank():
        assert holder.get("a") is not None
        holder.set("a", None)
    world.vat.collect()
    assert world.count("o", zone) == 1


def test_a_reference_of_the_host_keeps_an_object(world, zone, make):
    with world.crank():
        obj = make()
        ref = world.vat._references.outward(obj)
        del obj
    world.vat.collect()
    world.vat.call(ref, "touch")
    assert world.count("o", zone) == 1
    del ref
    world.vat.collect()
    assert world.count("o", zone) == 0


def test_three_mentions_are_counted_and_the_last_one_counts(world, zone, make):
    with world.crank():
        obj = make()
        holders = [world.make[zone, "node"](a=obj, b=[obj, obj]) for _ in range(3)]
    assert count_of(world, obj) == 3
    with world.crank():
        for holder in holders:
            holder.set("a", None)
    assert count_of(world, obj) == 3, "each still mentions it in its other field"
    with world.crank():
        for holder in holders:
            holder.set("b", None)
        del holder
    assert count_of(world, obj) == 0
    del obj
    world.vat.collect()
    assert world.count("o", zone) == 3


def test_any_facet_holds_the_whole_kit(world, zone):
    with world.crank():
        kit = world.make[zone, "kit"](a=7)
        left = kit.left
        del kit
    world.vat.collect()
    with world.crank():
        assert left.get("a") == 7


def test_a_chain_goes_in_one_collection_however_long(world, zone):
    with world.crank():
        obj = None
        for _ in range(1500):
            obj = world.make[zone, "node"](a=obj)
    world.vat.collect()
    assert world.count("o", zone) == 1500
    del obj
    world.vat.collect()
    assert world.count("o", zone) == 0


def test_all_that_an_object_mentions_is_released_whatever_stands_before_it(world):
    with world.crank():
        far, node = Far("far", {}), world.make["durable", "node"]()
        holder = world.make["virtual", "node"](a=[far, node], b=node)
        del far, node
    assert world.incarnation.table.pinned == 1
    del holder
    world.vat.collect()
    assert world.incarnation.table.pinned == 0
    assert world.count("o") == world.count("o", "virtual") == 0


def test_two_dead_objects_that_mention_each_other_once_are_deleted_once(world, zone):
    with world.crank():
        a = world.make[zone, "node"]()
        m = stores(zone)[0]
        m.init("a", a)
        a.set("a", m)
        m.delete("a")
        del a, m
    assert world.vat.collect() == 2 + 3  # and the three other stores


def test_what_came_back_into_memory_is_not_deleted(world, zone, make):
    with world.crank():
        holder = world.make[zone, "node"](a=make())
    with world.crank():
        obj = holder.get("a")
        holder.set("a", None)
    world.vat.collect()
    assert world.count("o", zone) == 2
    del obj


def test_what_a_heap_object_closed_over_goes_in_the_same_collection(world):
    with world.crank():
        node = world.make["durable", "node"]()
        far = holding(node)
        holder = world.make["virtual", "node"](a=far)
        del far, node
    gc.collect()
    assert world.count("o") == 1
    del holder
    world.vat.collect()
    assert world.count("o") == 0


def test_shapes_hold_what_they_mention(world, zone):
    with world.crank():
        node = world.make[zone, "node"]()
        m = make_scalar_big_map_store("m", durable=zone == "durable", value_shape=M.or_(node, M.string()))
    assert count_of(world, node) == 1
    del node
    world.vat.collect()
    assert world.count("o", zone) == 1
    del m
    world.vat.collect()
    assert world.count("o", zone) == 0


# --- collections


def test_clearing_releases_at_once_and_deletes_at_the_next_collection(world, zone):
    with world.crank():
        m, s = stores(zone)[:2]
        for _ in range(5):
            s.add(world.make[zone, "node"]())
            m.init(world.make[zone, "node"](), world.make[zone, "node"]())
    world.vat.collect()
    assert world.count("o", zone) == 15
    with world.crank():
        s.clear()
        m.clear()
    assert world.count("o", zone) == 15
    assert world.count("q", zone) == 0
    world.vat.collect()
    assert world.count("o", zone) == 0


def test_stores_in_stores_go_together(world, zone):
    before = world.records()
    with world.crank():
        m, s, w, x = stores(zone)
        for key in "abc":
            m.init(key, s)
        s.add(w)
        w.init("k", x)
        m.init(x, 1)
        x.add("primitive")
        assert world.incarnation.counts.count(world.incarnation.marshal.stored_slot(s)) == 3
        del m, s, w, x
    world.vat.collect()
    after = world.records()
    after.pop(b"\x02\x01m")
    before.pop(b"\x02\x01m")
    assert after == before


# --- weak stores


def test_a_weak_entry_goes_with_its_key_and_lets_go_of_its_value(world, zone, make):
    with world.crank():
        _, _, w, x = stores(zone)
        heap, seen = make_scalar_weak_map_store("heap"), make_scalar_weak_set_store("seen")
        obj = make()
        for store in (w, heap):
            store.init(obj, make())
            store.init("primitive", 1)
        for store in (x, seen):
            store.add(obj)
        del obj
    world.vat.collect()
    assert world.count("o", zone) == 0
    assert world.count("e", zone) - (3 if zone == "durable" else 0) == 1 - (zone == "durable")
    assert world.count("q", zone) == world.count("w", zone) == 0
    with world.crank():
        assert (w.has("primitive"), heap.has("primitive")) == (True, True)
    assert len(world.incarnation.recognizers) == 0


def test_a_weak_entry_is_found_by_slot_after_its_key_was_paged_out(world, make):
    with world.crank():
        w, heap = stores("virtual")[2], make_scalar_weak_map_store("heap")
        holder = world.make["virtual", "node"](a=make())
        w.init(holder.get("a"), 1)
        heap.init(holder.get("a"), 2)
    world.incarnation.cache.evict_all()
    gc.collect()
    with world.crank():
        again = holder.get("a")
        assert (w.get(again), heap.get(again)) == (1, 2)


def test_both_facets_of_a_kit_are_weak_keys_of_their_own_and_go_together(world, zone):
    with world.crank():
        w = stores(zone)[2]
        kit = world.make[zone, "kit"]()
        w.init(kit.left, 1)
        w.init(kit.right, 2)
        assert (w.get(kit.left), w.get(kit.right)) == (1, 2)
        w.delete(kit.left)
        w.init(kit.left, 3)
        w.delete(kit.right)
        del kit
    world.vat.collect()
    assert world.count("q", zone) == world.count("w", zone) == world.count("o", zone) == 0


def test_a_weak_entry_of_a_heap_object_goes_when_the_object_dies(world):
    with world.crank():
        _, _, w, x = stores("virtual")
        heap = make_scalar_weak_map_store("heap")
        far = Far("far", {})
        w.init(far, world.make["virtual", "node"]())
        heap.init(far, 1)
        x.add(far)
        assert w.has(far)
        del far
    world.vat.collect()
    assert world.count("e", "virtual") == world.count("w", "virtual") == world.count("o", "virtual") == 0


def test_deleting_a_weak_store_leaves_its_keys_alone(world, zone, make):
    with world.crank():
        m, _, w, x = stores(zone)
        obj = make()
        m.init("k", obj)
        w.init(obj, 1)
        x.add(obj)
        del w, x, obj
    world.vat.collect()
    assert world.count("w", zone) == 0
    assert world.count("o", zone) == 1


def test_a_weak_store_and_its_key_can_die_in_either_order_or_together(world, zone):
    for _ in range(2):
        with world.crank():
            w, node = stores(zone)[2], world.make[zone, "node"]()
            w.init(node, w)
            w.init("self", node)
            node.set("a", None)
            w.delete("self")
            w.delete(node)
            w.init(node, 1)
            del w, node
        world.vat.collect()
        assert world.count("w", zone) == world.count("o", zone) == 0


# --- bounded work


@pytest.mark.parametrize("sort", ["map", "weak map"])
def test_a_large_store_is_deleted_piece_by_piece_and_goes_on_after_a_restart(world, sort):
    with world.crank():
        m = dict(zip(("map", "set", "weak map"), stores("durable"), strict=False))[sort]
        m.init("shared", world.make["durable", "node"]())
        m.add_all(dict.fromkeys(range(3500)))
        world.baggage.init("m", m)
        del m
    with world.crank():
        world.baggage.delete("m")
    with world.crank():
        world.incarnation.settle_records()
        world.vat._suspect()
        world.vat._collector.run_piece()
    left = world.count("e")
    assert 1000 < left < 3500
    assert world.count("x") == 1
    assert world.count("o") == 1
    world.restart()
    for _ in range(10):
        before = world.count("e")
        with world.crank():
            pass
        assert before - world.count("e") <= collection.PIECE
    assert world.count("e") == 2  # the handles of the kinds
    world.vat.collect()
    assert world.count("x") == world.count("o") == world.count("h") - 1 == 0


def test_a_store_whose_deletion_has_begun_is_gone_for_everyone(world):
    with world.crank():
        m = make_scalar_big_map_store("m", durable=True)
        m.add_all(dict.fromkeys(range(3500)))
        slot = world.incarnation.marshal.stored_slot(m)
        del m
    with world.crank():
        world.incarnation.settle_records()
        world.vat._suspect()
        world.vat._collector.run_piece()
    assert world.count("x") == 1
    assert not world.incarnation.exists(slot)


def test_an_aborted_piece_is_done_again(world, zone):
    with world.crank():
        for _ in range(5):
            world.make[zone, "node"]()
    with world.aborted_crank():
        world.incarnation.settle_records()
        world.vat._suspect()
        world.vat._collector.run_piece()
        assert world.incarnation.buffer.delta
    assert world.count("o", zone) == 5
    world.vat.collect()
    assert world.count("o", zone) == 0


def test_what_a_crank_that_was_aborted_mentioned_goes_with_its_last_object(world, zone, make):
    with world.crank():
        obj, holder = make(), world.make[zone, "node"]()
        keep = [obj, holder]
    with world.aborted_crank():
        holder.set("a", obj)
        world.incarnation.settle_records()
        world.incarnation.counts.settle()
    del obj, keep
    world.vat.collect()
    assert world.count("o", zone) == 1


def test_what_is_mentioned_and_let_go_of_within_a_crank_goes_with_its_last_object(world, zone, make):
    with world.crank():
        obj, holder = make(), world.make[zone, "node"]()
    with world.crank():
        for mentioned in (obj, None):
            holder.set("a", mentioned)
            world.incarnation.settle_records()
            world.incarnation.counts.settle()
    del obj, mentioned
    world.vat.collect()
    assert world.count("o", zone) == 1


def test_a_collection_looks_at_no_object_that_was_merely_read(world, zone):
    with world.crank():
        table = make_scalar_big_map_store("table", durable=zone == "durable")
        for n in range(200):
            table.init(n, world.make[zone, "node"]())

    def reads_of_collecting_after_reading(count):
        with world.crank():
            for n in range(count):
                table.get(n).get("a")
        before = world.vat.counters.reads
        world.vat.collect()
        return world.vat.counters.reads - before

    assert reads_of_collecting_after_reading(2) == reads_of_collecting_after_reading(200)


def test_what_only_memory_held_is_found_after_a_restart(world):
    with world.crank():
        held = world.make["durable", "node"](a=world.make["durable", "node"]())
    assert world.count("o") == 2
    del held
    world.restart()
    world.vat.collect()
    assert world.count("o") == 0


def test_what_only_virtual_data_held_is_found_after_a_restart(world):
    with world.crank():
        m = make_scalar_big_map_store("virtual")
        m.init("k", world.make["durable", "node"]())
        m.init(world.make["durable", "kit"]().left, world.make["virtual", "node"]())
        del m
    world.restart()
    world.vat.collect()
    assert world.count("o") == 0
    assert not [key for key in world.records() if key[0] == 3]


def test_virtual_data_of_an_ended_incarnation_is_wiped_in_pieces(world):
    with world.crank():
        m = make_scalar_big_map_store("virtual")
        m.add_all({n: n for n in range(2500)})
        del m
    world.restart()
    left = [sum(key[0] == 3 for key in world.records())]
    while left[-1]:
        with world.crank():
            pass
        left.append(sum(key[0] == 3 for key in world.records()))
        assert left[-2] - left[-1] <= collection.PIECE
    assert len(left) == 4


def test_rounds_of_making_and_dropping_leave_nothing_behind(world):
    sizes = set()
    for _ in range(3):
        with world.crank():
            m = make_scalar_big_map_store("m", durable=True)
            for n in range(300):
                m.init(n, world.make["durable", "node"](a=m))
            m.clear()
            del m
        world.vat.collect()
        sizes.add(len(world.records()))
    assert len(sizes) == 1


# --- cycles


def test_counts_never_free_a_cycle_and_tracing_does(world, zone):
    with world.crank():
        a, b = world.make[zone, "node"](), world.make[zone, "kit"](a=world.make[zone, "node"]())
        m, s = stores(zone)[:2]
        a.set("a", b.left)
        b.left.set("b", m)
        m.init("back", a)
        m.init(m, s)
        s.add(s)
        del a, b, m, s
    world.vat.collect()
    assert world.count("o", zone) == 3
    assert world.vat.collect_cycles() > 0
    assert (
        world.count("o", zone)
        == world.count("c", zone)
        == world.count("z", zone)
        == world.count("x", zone)
        == 0
    )


def test_tracing_keeps_cycles_that_something_leads_to(world):
    with world.crank():
        kept = []
        for _ in range(4):
            a, b = world.make["durable", "node"](), world.make["durable", "node"]()
            a.set("a", b)
            b.set("a", a)
            kept.append(a)
            del a, b
        world.baggage.init("a", kept[0])
        ref = world.vat._references.outward(kept[1])
        virtual = make_scalar_big_map_store("virtual")
        virtual.init("k", kept[2])
        memory = kept[3]
        del kept
    world.vat.collect_cycles()
    assert world.count("o") == 8
    with world.crank():
        assert world.baggage.get("a").get("a").get("a") is world.baggage.get("a")
    assert world.vat.call(ref, "get", "a") is not None
    del ref, memory
    with world.crank():
        virtual.clear()
        world.baggage.delete("a")
    world.vat.collect_cycles()
    assert world.count("o") == 0


def test_a_weak_value_that_leads_to_its_own_key_does_not_keep_it_from_tracing(world, zone):
    with world.crank():
        w = stores(zone)[2]
        node, other = world.make[zone, "node"](), world.make[zone, "node"]()
        w.init(node, [node])
        w.init(other, node)
        w.init("primitive", other)
        del node
    del other
    world.vat.collect_cycles()
    assert world.count("o", zone) == 2, "a primitive key keeps its value, and the value is a key"
    with world.crank():
        w.delete("primitive")
    world.vat.collect_cycles()
    assert world.count("o", zone) == world.count("q", zone) == 0


def test_a_large_cycle_is_deleted_in_pieces_and_a_restart_in_between_does_no_harm(world):
    with world.crank():
        first = obj = world.make["durable", "node"]()
        for _ in range(2500):
            obj = world.make["durable", "node"](a=obj)
        first.set("a", obj)
        del first, obj
    with world.crank():
        world.incarnation.settle_records()
        tracing = world.vat._collector.trace()
        tracing.follow()
        next(world.vat._collector.sweep(tracing))
    assert 2501 - 2 * collection.PIECE <= world.count("o") < 2501
    assert not [str(difference) for difference in verify_vat(world.view, 1)]
    world.restart()
    world.vat.collect()
    world.vat.collect_cycles()
    assert world.count("o") == world.count("x") == world.count("z") == 0


def test_a_ref_to_what_was_deleted_is_abandoned(world):
    with world.crank():
        node = world.make["durable", "node"]()
        ref = world.vat._references.outward(node)
        del node
    world.vat.close()
    world.open()
    world.vat.collect()
    with pytest.raises(AbandonedReferenceError):
        world.vat.call(ref, "touch")


def test_the_weak_entries_of_a_retired_kind_go_in_later_cranks(tmp_path):
    def first(powers, parameters, baggage):
        make = prepare_exo_class(baggage, "Old", None, lambda: {}, {})
        w = make_scalar_big_weak_map_store("w", durable=True)
        w.init(make(), "entry")
        baggage.init("w", w)
        return Far("root", {})

    def second(powers, parameters, baggage):
        retire_kind(baggage, "Old")
        return Far("root", {})

    with open_vat(tmp_path / "vat.db", first):
        pass
    with open_vat(tmp_path / "vat.db", second) as vat:
        vat.collect()
        assert not [str(difference) for difference in verify_vat(vat._store, 1)]
        assert vat._incarnation.durable.recognizer not in {
            key[:3] for key, _ in vat._store.scan(b"\x02", b"\x03")
        }
