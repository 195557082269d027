"""Reads and writes are counted: a record is read at most once and written at most once in a crank."""

from __future__ import annotations

from typing import Any

import pytest

from vatdata_runtime import prepare_exo_class, prepare_exo_class_kit, provide, provide_durable_map_store

from .conftest import Lives


class Counter:
    def add(this: Any, by: int) -> int:
        this.state.count += by
        return this.state.count

    def count(this: Any) -> int:
        return this.state.count

    def partner(this: Any) -> Any:
        return this.state.partner

    def stateless(this: Any) -> str:
        return "no state"

    def assign_the_same(this: Any) -> None:
        this.state.count = this.state.count


def init_counter(count: int = 0, partner: Any = None) -> dict[str, Any]:
    return {"count": count, "partner": partner}


def setup(baggage: Any) -> dict[str, Any]:
    return {
        "make": prepare_exo_class(baggage, "Counter", None, init_counter, Counter),
        "make_kit": prepare_exo_class_kit(
            baggage, "Kit", None, init_counter, {"one": Counter, "two": Counter}
        ),
        "map": provide_durable_map_store(baggage, "map"),
    }


class Cost:
    """Counts what happens between two looks: point reads of the vat, and keys written to the store."""

    def __init__(self, lives: Lives) -> None:
        self._lives = lives
        self.look()

    def look(self) -> tuple[int, int]:
        """Return reads and writes since the last look."""
        vat = self._lives.vat
        now = (vat.counters.reads, vat.counters.writes + vat.counters.deletes)
        since = tuple(a - b for a, b in zip(now, getattr(self, "_last", now), strict=True))
        self._last = now
        return since  # type: ignore[return-value]


@pytest.fixture
def world(lives: Lives) -> Lives:
    """A vat whose map holds two counters, restarted so that nothing is in memory."""
    lives.start(setup)
    with lives.crank() as here:
        first = here.make(1)
        here.map.init("first", first)
        here.map.init("second", here.make(2, first))
        kit = here.make_kit(3)
        here.map.init("kit", (kit.one, kit.two))
    lives.restart()
    with lives.crank():
        pass  # the sweep after a restart
    return lives


def test_a_created_instance_costs_no_read_and_one_record(lives: Lives) -> None:
    lives.start(setup)
    with lives.crank() as here:
        here.map.init("warm", here.make())
    cost = Cost(lives)
    with lives.crank() as here:
        kept = [here.make(n) for n in range(100)]
        for counter in kept:
            counter.add(1)
            counter.add(1)
    reads, writes = cost.look()
    # A hundred records and their zero marks (nothing stored mentions them), the counter, and no read.
    assert (reads, writes) == (0, 201)


def test_an_instance_registered_in_a_map_costs_one_read_for_the_key_and_two_writes(lives: Lives) -> None:
    lives.start(setup)
    with lives.crank() as here:
        here.map.init("warm", here.make())
    cost = Cost(lives)
    with lives.crank() as here:
        for n in range(100):
            here.map.init(f"key{n}", here.make(n))
    assert cost.look() == (100, 202)  # records, entries, the size of the map, the counter


def test_a_record_is_read_once_however_often_it_is_used(world: Lives) -> None:
    cost = Cost(world)
    with world.crank() as here:
        first = here.map.get("first")
        assert cost.look() == (1, 0)  # the entry; making the object reads nothing
        assert first.stateless() == "no state"
        assert cost.look() == (0, 0)
        for _ in range(5):
            assert first.count() == 1
        assert cost.look() == (1, 0)
    assert cost.look() == (0, 0)


def test_a_changed_record_is_written_once_and_one_that_was_only_read_is_not(world: Lives) -> None:
    with world.crank() as here:
        first, second = here.map.get("first"), here.map.get("second")
        first.count(), second.count()
    cost = Cost(world)
    with world.crank():
        for _ in range(10):
            first.add(1)
        assert second.count() == 2
    assert cost.look() == (0, 1)
    with world.crank():
        first.count()
    assert cost.look() == (0, 0)


def test_a_cached_record_is_not_read_in_later_cranks_even_by_a_new_object(world: Lives) -> None:
    with world.crank() as here:
        assert here.map.get("first").count() == 1
    cost = Cost(world)
    for _ in range(3):
        with world.crank() as here:
            first = here.map.get("first")
            assert cost.look()[0] == 1  # the entry of the map
            assert first.count() == 1
            del first
    assert cost.look() == (0, 0)


def test_a_reference_is_followed_without_reading_its_record(world: Lives) -> None:
    cost = Cost(world)
    with world.crank() as here:
        partner = here.map.get("second").partner()
        assert cost.look() == (2, 0)  # the entry, and the record of the holder
        assert partner.stateless() == "no state"
        assert cost.look() == (0, 0)
        partner.count()
        assert cost.look() == (1, 0)


def test_the_facets_of_a_kit_share_one_read_and_one_write(world: Lives) -> None:
    cost = Cost(world)
    with world.crank() as here:
        one, two = here.map.get("kit")
        assert cost.look() == (1, 0)
        one.add(1)
        two.add(1)
        assert two.count() == one.count() == 5
    assert cost.look() == (1, 1)


def test_changing_what_a_record_mentions_costs_the_counts_of_what_changed(world: Lives) -> None:
    class_of_cost = Cost(world)
    with world.crank() as here:
        here.map.get("first").assign_the_same()
    reads, writes = class_of_cost.look()
    assert (reads, writes) == (2, 1)


def test_a_crank_without_changes_writes_nothing(world: Lives) -> None:
    before = world.dump()
    commits = world.vat.counters.commits
    with world.crank() as here:
        here.map.get("first").count()
        list(here.map.entries())
    assert world.vat.counters.commits == commits
    assert world.dump() == before


def test_an_empty_call_costs_nothing_in_the_store(world: Lives) -> None:
    cost = Cost(world)
    with world.crank():
        pass
    assert cost.look() == (0, 0)


def test_a_small_cache_keeps_memory_bounded_and_every_value_right(lives: Lives) -> None:
    lives.start(setup, cache_bytes=5000)
    with lives.crank() as here:
        for n in range(200):
            here.map.init(n, here.make(n))
    for _ in range(2):
        with lives.crank() as here:
            for n in range(200):
                here.map.get(n).add(1000)
        cache = lives.vat._incarnation.cache
        assert cache.used_bytes <= 5000
    with lives.crank() as here:
        kept = list(here.map.values())  # every object alive, nearly none loaded
        assert [counter.count() for counter in kept] == [2000 + n for n in range(200)]
        assert [counter.add(1) for counter in reversed(kept)] == [2001 + n for n in reversed(range(200))]
        assert [counter.count() for counter in kept] == [2001 + n for n in range(200)]
    lives.restart()
    with lives.crank() as here:
        assert [counter.count() for counter in here.map.values()] == [2001 + n for n in range(200)]


@pytest.mark.parametrize("cache_bytes", [0, 1, 450, 900])
def test_even_a_cache_of_no_room_holds_the_record_in_use(lives: Lives, cache_bytes: int) -> None:
    lives.start(setup, cache_bytes=cache_bytes)
    with lives.crank() as here:
        here.map.init("a", here.make(1))
        here.map.init("b", here.make(2, here.map.get("a")))
    for n in range(3):
        with lives.crank() as here:
            a, b = here.map.get("a"), here.map.get("b")
            assert a.count() + b.count() == 3 + 2 * n
            assert b.partner() is a
            a.add(b.count() - b.count() + 1)
            b.add(1)
    lives.restart()
    with lives.crank() as here:
        assert (here.map.get("a").count(), here.map.get("b").count()) == (4, 5)


def test_the_order_of_the_cache_does_not_grow_with_aborted_cranks(lives: Lives) -> None:
    lives.start(setup)
    with lives.crank() as here:
        here.map.init("a", here.make(1))
    for _ in range(200):
        with lives.aborted_crank() as here:
            here.map.get("a").add(1)
            here.make(2)
    cache = lives.vat._incarnation.cache
    assert len(cache) <= 2
    assert len(cache._order) <= 100


def test_a_record_counts_in_the_cache_as_large_as_it_is_now(lives: Lives) -> None:
    def notes(baggage: Any) -> Any:
        methods = {"write": lambda this, text: setattr(this.state, "text", text)}
        make = prepare_exo_class(baggage, "Note", None, lambda: {"text": ""}, methods)
        return {"note": provide(baggage, "note", lambda _: make())}

    lives.start(notes)
    cache = lives.vat._incarnation.cache
    sizes: list[int] = []
    for text in ("short", "x" * 10_000, "x" * 20_000, "short"):
        with lives.crank() as here:
            here.note.write(text)
        sizes.append(cache.used_bytes)
    assert [size - sizes[0] for size in sizes] == pytest.approx([0, 10_000, 20_000, 0], abs=100)
