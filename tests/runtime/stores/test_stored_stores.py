"""What is particular to stores on disk: durability, aborted cranks, restarts, iteration over cranks, cost."""

from __future__ import annotations

import pytest

from tests.runtime.stores.conftest import VALUE_LIMIT
from vatdata_runtime import (
    AbandonedReferenceError,
    Far,
    KeyTooLargeError,
    M,
    NotDurableError,
    NoVatError,
    PatternMismatchError,
    StaleIteratorError,
    StoreCorruptError,
    ValueTooLargeError,
    make_kind_handle,
    make_scalar_big_map_store,
    make_scalar_big_set_store,
    make_scalar_big_weak_map_store,
    make_scalar_map_store,
)


def durable_map(**shapes):
    return make_scalar_big_map_store("label", durable=True, **shapes)


# --- durability


def test_durable_stores_refuse_what_does_not_survive_and_say_where_it_is(world):
    with world.crank():
        m = durable_map()
        m.init("k", 1)
        virtual = world.make["virtual", "node"]()
        for culprit in (Far("heap", {}), virtual, make_scalar_big_map_store("v"), make_scalar_map_store("h")):
            with pytest.raises(NotDurableError) as caught:
                m.set("k", {"list": [0, culprit]})
            assert caught.value.path == ("value", "list", 1)
            with pytest.raises(NotDurableError) as caught:
                m.init(culprit, 1)
            assert caught.value.path == ("key",)
        assert list(m.entries()) == [("k", 1)]


def test_durable_stores_keep_durable_objects_stores_handles_and_exceptions(world):
    with world.crank():
        m = durable_map()
        node, kit = world.make["durable", "node"](), world.make["durable", "kit"]()
        for value in (node, kit.left, [kit.right], durable_map(), ValueError("x")):
            m.add_all({"k": value})
        m.init(make_kind_handle("Spare"), 1)
        m.clear()


def test_virtual_stores_keep_heap_objects_alive(world):
    with world.crank():
        m = make_scalar_big_map_store("virtual")
        m.init("far", Far("far", {"answer": lambda: 42}))
        m.init(Far("key", {}), "value")
    with world.crank():
        assert m.get("far").answer() == 42
        assert [str(key) for key in m.keys(M.remotable())] == ["<Far 'key'>"]
        assert world.incarnation.table.pinned == 2
    with world.crank():
        m.clear()
    assert world.incarnation.table.pinned == 0


def test_an_aborted_crank_leaves_pinned_heap_objects_pinned(world):
    with world.crank():
        m = make_scalar_big_map_store("virtual")
        m.init("far", Far("far", {}))
    with world.aborted_crank():
        m.set("far", None)
        m.init("other", Far("other", {}))
        world.incarnation.counts.settle()
    assert world.incarnation.table.pinned == 1
    with world.crank():
        assert str(m.get("far")) == "<Far 'far'>"


def test_size_is_checked_before_durability(world):
    with world.crank():
        m = durable_map()
        with pytest.raises(ValueTooLargeError):
            m.init("k", ["x" * VALUE_LIMIT, Far("heap", {})])
        with pytest.raises(NotDurableError, match="value"):
            m.init(Far("heap", {}), [Far("heap", {})])


def test_a_shape_of_a_durable_store_mentions_durable_objects_only(world):
    with world.crank():
        before = world.incarnation.record.next_collection
        for shape in (Far("x", {}), M.or_(1, world.make["virtual", "node"]())):
            with pytest.raises(NotDurableError) as caught:
                durable_map(value_shape=shape)
            assert caught.value.path[0] == "value_shape"
        assert world.incarnation.record.next_collection == before
    assert world.count("s") == 1  # baggage


def test_a_look_up_gives_a_heap_object_no_identity(world):
    with world.crank():
        m, far = durable_map(), Far("far", {})
        assert not m.has(far)
        assert not world.incarnation.table.has_heap_slot(far)


# --- failures leave nothing


@pytest.mark.parametrize("is_map", [True, False])
def test_a_failed_operation_leaves_the_store_byte_for_byte(world, is_map):
    with world.crank():
        node = world.make["durable", "node"]()
        store = durable_map(value_shape=M.any()) if is_map else make_scalar_big_set_store("s", durable=True)
        world.baggage.init("store", store)
        world.baggage.init("node", node)
        if is_map:
            store.init(node, node)
        else:
            store.add(node)
    before = world.records()
    bad = [world, open, Far("heap", {})]
    with world.crank():
        for key in ("x" * 480, *bad):
            with pytest.raises((TypeError, KeyTooLargeError)):
                store.init(key, 1) if is_map else store.add(key)
        for junk in bad if is_map else ():
            with pytest.raises(TypeError):
                store.set(node, junk)
            with pytest.raises(TypeError):
                store.add_all([(1, 1), (node, 2), (world.make["durable", "node"], junk)])
        if not is_map:
            with pytest.raises(TypeError):
                store.add_all([1, 2, open])
    assert world.records() == before


# --- cranks and restarts


def test_an_aborted_crank_leaves_stores_as_they_were(stored):
    world = stored.world
    with world.crank():
        m, s, w, thing = stored.map(), stored.set(), stored.weak_map(), stored.thing()
        m.add_all([("a", 1), (thing, 2)])
        s.add("x")
        w.init(thing, 1)
    before = world.records()
    with world.aborted_crank():
        m.clear()
        m.init("b", thing)
        s.add(stored.thing())
        w.delete(thing)
        w.init("x", 5)
    assert world.records() == before
    with world.crank():
        assert list(m.entries()) == [(thing, 2), ("a", 1)]
        assert (len(m), len(s), w.get(thing), w.has("x")) == (2, 1, 1, False)
        later = stored.thing()
        m.init(later, 3)
        assert list(m) == [thing, later, "a"]


def test_a_store_of_an_aborted_crank_cannot_be_used_though_its_number_is_taken_again(stored):
    world, gone = stored.world, []
    with world.aborted_crank():
        gone.append(stored.map())
        gone[0].init("a", 1)
    with world.crank():
        m = stored.map()
        for use in (lambda: gone[0].has("a"), lambda: gone[0].init("b", 1), lambda: m.init("x", gone[0])):
            with pytest.raises(AbandonedReferenceError):
                use()
        assert len(m) == 0


def test_iterators_go_on_in_a_later_crank_and_see_its_changes(stored):
    world = stored.world
    with world.crank():
        m = stored.map()
        m.add_all({n: n for n in range(300)})
        running = iter(m.entries())
        assert next(running) == (0, 0)
    with world.crank():
        m.set(1, "new")
        m.delete(2)
    with world.crank():
        assert next(running) == (1, "new")
        assert next(running) == (3, 3)
    with pytest.raises(NoVatError):
        next(running)


def test_iterators_are_stale_after_the_abort_of_their_crank_or_of_one_that_changed_the_store(stored):
    world, begun = stored.world, []
    with world.crank():
        m = stored.map()
        m.add_all({n: n for n in range(5)})
        old = iter(m)
        next(old)
    with world.aborted_crank():
        begun.append(iter(m))
        next(begun[0])
    with world.crank():
        assert next(old) == 1
        with pytest.raises(StaleIteratorError):
            next(begun[0])
    with world.aborted_crank():
        m.init("new", 1)
    with world.crank(), pytest.raises(StaleIteratorError):
        next(old)


def test_an_entry_that_cannot_be_read_raises_at_its_own_step(world):
    with world.crank():
        m = durable_map()
        m.add_all(dict.fromkeys("abc", "value"))
        buffer = world.incarnation.buffer
        key = next(key for key in buffer.delta if key.endswith(b"b"))
        buffer.put(key, b"\xc1")
        running = iter(m.entries())
        assert next(running) == ("a", "value")
        with pytest.raises(StoreCorruptError, match="a value of store 'label' cannot be read"):
            next(running)
        assert list(m) == ["a", "b", "c"]
        m.delete("a")
        m.delete("c")


def test_the_generation_belongs_to_the_store_whichever_object_stands_for_it(world):
    with world.crank():
        m = durable_map()
        world.baggage.init("m", m)
        m.add_all({"a": 1, "b": 1})
        running = iter(m)
        next(running)
        del m
        world.baggage.get("m").init("c", 1)
        with pytest.raises(StaleIteratorError):
            next(running)


def test_durable_stores_survive_a_restart_with_their_shapes_and_virtual_ones_do_not(world):
    with world.crank():
        node, kit = world.make["durable", "node"](), world.make["durable", "kit"]()
        m = durable_map(key_shape=M.or_(M.string(), M.remotable()), value_shape=M.or_(node, 1))
        m.add_all([("b", 1), (kit.right, node), (node, 1), ("a", 1)])
        m.delete("b")
        w = make_scalar_big_weak_map_store("w", durable=True)
        w.init(kit.left, "left")
        world.baggage.add_all({"m": m, "w": w})
        make_scalar_big_map_store("virtual").init("x", node)
        del m, w, node, kit
    kept = {key: value for key, value in world.records().items() if key[0] == 2 and key[2:3] != b"m"}
    world.restart()
    assert {key: value for key, value in world.records().items() if key[0] == 2 and key[2:3] != b"m"} == kept
    with world.crank():
        m, w = world.baggage.get("m"), world.baggage.get("w")
        keys = list(m)
        assert [str(key) for key in keys] == ["<Kit right>", "<Node>", "a"]
        assert m.get(keys[0]) is keys[1]
        assert not w.has(keys[0])
        with pytest.raises(PatternMismatchError):
            m.init(5, 1)
        with pytest.raises(PatternMismatchError):
            m.init("c", 2)
        later = world.make["durable", "node"]()
        m.init(later, 1)
        assert list(m)[2] is later
    world.vat.collect()
    assert not [key for key in world.records() if key[0] == 3]


def test_stores_are_of_no_use_outside_cranks(stored):
    with stored.world.crank():
        m, w = stored.map(), stored.weak_set()
    for use in (lambda: m.get("a"), m.keys, lambda: list(m), lambda: len(m), lambda: w.has(1)):
        with pytest.raises(NoVatError):
            use()


# --- cost, as reads of the store


class CountingView:
    """Counts what is asked of the store."""

    def __init__(self, view):
        self.view = view
        self.gets = 0
        self.scans = []
        self.pages = []

    def get(self, key):
        self.gets += 1
        return self.view.get(key)

    def scan(self, start, stop, **options):
        found = []
        self.scans.append(found)
        for entry in self.view.scan(start, stop, **options):
            found.append(entry)
            yield entry

    def read_page(self, start, stop, limit):
        page = self.view.read_page(start, stop, limit)
        self.pages.append(len(page[0]))
        return page


@pytest.fixture
def counted(world):
    """A restarted vat with a map of 2,000 numbers and a node, whose reads are counted."""
    with world.crank():
        m = durable_map()
        m.add_all({n: str(n) for n in range(2000)})
        node = world.make["durable", "node"]()
        m.init(node, "n")
        world.baggage.init("m", m)
        world.baggage.init("node", node)
        del m, node
    world.restart()
    with world.crank():
        m, node = world.baggage.get("m"), world.baggage.get("node")
        buffer = world.incarnation.buffer
        view = CountingView(buffer._view)
        buffer._view, buffer.read = view, view.get
        yield m, node, view
        buffer._view, buffer.read = view.view, view.view.get


def test_a_look_up_is_one_store_read_and_two_for_a_remotable(counted):
    m, node, view = counted
    for use, reads in (
        (lambda: m.get(7), 1),
        (lambda: m.has(7), 1),
        (lambda: m.has(-1), 1),
        (lambda: m.get(node), 2),
        (lambda: m.has("x" * 480), 0),
    ):
        view.gets = 0
        use()
        assert view.gets == reads
    assert view.scans == []


def test_a_range_is_read_in_pages_that_hold_what_it_yields_and_nothing_else(counted):
    m, _, view = counted
    assert len(list(m.keys(M.and_(M.gte(500), M.lt(1500))))) == 1000
    assert view.pages == [16, 32, 64, 128, 256, 504]
    assert (view.gets, view.scans) == (0, [])


def test_an_iteration_that_is_left_has_read_no_more_ahead_than_it_has_used(counted):
    m, _, view = counted
    for number, _ in zip(range(100), m, strict=False):
        assert number == _
    assert view.pages == [16, 32, 64]


def test_deleting_and_updating_the_entry_at_hand_reads_no_page_again(counted):
    m, _, view = counted
    for key, value in m.entries(M.lt(1000)):
        if key % 2:
            m.delete(key)
        else:
            m.set(key, value + "!")
    assert sum(view.pages) == 1000
    assert len(m) == 1501


def test_the_gap_between_two_ranges_is_not_read(counted):
    m, _, view = counted
    assert list(m.keys(M.or_(M.lt(2), M.gte(1998), 1000))) == [0, 1, 1000, 1998, 1999]
    assert view.pages == [2, 1, 2]


def test_the_size_is_one_read_whatever_it_is(counted):
    m, _, view = counted
    assert len(m) == len(m) == 2001
    assert (view.gets, view.scans) == (1, [])


def test_an_update_reads_the_entry_once_to_know_it_and_once_to_compare_mentions(counted):
    m, _, view = counted
    m.set(7, "new")
    m.init(-1, "new")
    assert view.gets <= 4
