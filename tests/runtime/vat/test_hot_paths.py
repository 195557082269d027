"""What the hot paths cost, counted: instructions of the interpreter, reads and writes of the store. No clock."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from vatdata_runtime import Far, M, open_vat, prepare_exo_class, provide_durable_map_store

from .conftest import Lives

# Counting traces the whole process, so the gate runs this file in a process of its own.
pytestmark = pytest.mark.slow


NodeI = M.interface("Node", {"bump": M.call(M.int()).returns(M.int()), "count": M.call().returns(M.int())})

INSTRUCTIONS = {
    "guarded call": 72,
    "state read": 1,
    "state write": 50,
    "create": 404,
    "map look-up of a text": 258,
    "map look-up of a living object": 267,
    "load": 873,
    "map insert": 493,
    "map insert of an object": 337,
    "map overwrite with an object": 501,
    "map overwrite": 511,
    "scan of 1,000 texts": 5491,
    "scan of 1,000 numbers": 6257,
    "scan of 100 living objects": 22028,
}
"""The most that each may execute, above an empty function; measured with CPython 3.11 and a tenth added."""


def nodes(baggage: Any) -> dict[str, Any]:
    states: list[Any] = []

    class Node:
        def bump(this, by):
            return by

        def count(this):
            return this.state.count

        def show_state(this):
            states.append(this.state)

    make = prepare_exo_class(
        baggage,
        "Node",
        None,
        lambda n, other: {"count": n, "name": "a node", "score": 0.5, "other": other},
        Node,
    )
    make_guarded = prepare_exo_class(
        baggage, "Guarded", NodeI, lambda: {"count": 0}, {"bump": Node.bump, "count": Node.count}
    )
    entries = provide_durable_map_store(baggage, "entries")
    maps = {name: provide_durable_map_store(baggage, name) for name in ("texts", "numbers", "objects")}
    return {"make": make, "make_guarded": make_guarded, "entries": entries, "states": states, **maps}


def instructions(run: Callable[[], object]) -> int:
    """Count the instructions of Python code that *run* executes, its own among them."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(before)
    return count


def walk(store: Any) -> None:
    """Iterate over the entries of a map, without a step of this module for each."""
    deque(store.entries(), maxlen=0)


@pytest.fixture
def counts(lives: Lives) -> dict[str, int]:
    """Each hot path run once, after once that fills caches."""
    lives.start(nodes)
    with lives.crank() as names:
        other = names.make(0, None)
        names.entries.init("other", other)
        names.entries.init("text", "a text")
        names.entries.init("cold", names.make(1, other))
        names.entries.init("cold too", names.make(2, other))
        names.texts.add_all({f"key {n}": f"a text {n}" for n in range(1000)})
        names.numbers.add_all({256 + n: n for n in range(1000)})
        names.objects.add_all(dict.fromkeys(range(100), other))
    lives.restart()
    found: dict[str, int] = {}
    with lives.crank() as names:
        entries, make = names.entries, names.make
        other, guarded = entries.get("other"), names.make_guarded()
        other.show_state()
        state = names.states.pop()
        paths: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "guarded call": (lambda: guarded.bump(1), lambda: guarded.bump(2)),
            "state read": (lambda: state.count, lambda: state.count),
            "state write": (lambda: setattr(state, "count", 1), lambda: setattr(state, "count", 2)),
            "create": (lambda: make(1, other), lambda: make(2, other)),
            "map look-up of a text": (lambda: entries.get("text"), lambda: entries.get("text")),
            "map look-up of a living object": (lambda: entries.get("other"), lambda: entries.get("other")),
            "load": (lambda: entries.get("cold").count(), lambda: entries.get("cold too").count()),
            "map insert": (lambda: entries.init("a", 1), lambda: entries.init("b", 2)),
            "map insert of an object": (
                lambda: entries.init("c", other),
                lambda: entries.init("d", other),
            ),
            "scan of 1,000 texts": (lambda: walk(names.texts), lambda: walk(names.texts)),
            "scan of 1,000 numbers": (lambda: walk(names.numbers), lambda: walk(names.numbers)),
            "scan of 100 living objects": (lambda: walk(names.objects), lambda: walk(names.objects)),
            "map overwrite with an object": (
                lambda: entries.set("c", other),
                lambda: entries.set("d", other),
            ),
            "map overwrite": (lambda: entries.set("a", 3), lambda: entries.set("b", 4)),
        }
        empty = instructions(lambda: None)
        for name, (first, second) in paths.items():
            first()
            found[name] = instructions(second) - empty
    return found


def test_the_hot_paths_execute_no_more_instructions_than_they_did(counts: dict[str, int]) -> None:
    assert counts.keys() == INSTRUCTIONS.keys()
    grown = {name: count for name, count in counts.items() if count > INSTRUCTIONS[name]}
    assert not grown, "if the work is worth it, raise the limit in INSTRUCTIONS in the same commit"


def test_the_limits_are_near_what_is_executed(counts: dict[str, int]) -> None:
    loose = {name: count for name, count in counts.items() if count < 0.6 * INSTRUCTIONS[name]}
    assert not loose, "lower the limit in INSTRUCTIONS, or it guards nothing"


WHOLE_CRANK = 1630
"""The most that a crank of ``open_vat`` may execute that changes one field, its commit included; a tenth added."""


def test_a_crank_and_its_commit_execute_no_more_instructions_than_they_did(tmp_path: Path) -> None:
    def build(_powers: Any, _parameters: Any, baggage: Any) -> Any:
        def bump(this: Any, by: int) -> int:
            this.state.count += by
            return this.state.count  # type: ignore[no-any-return]

        make = prepare_exo_class(baggage, "Node", None, lambda: {"count": 0}, {"bump": bump})
        if not baggage.has("node"):
            baggage.init("node", make())
        return Far("Root", {"bump": lambda by: baggage.get("node").bump(by)})

    with open_vat(tmp_path / "store.db", build, durability="relaxed") as vat:
        for _ in range(10):
            vat.call("bump", 1)
        executed = instructions(lambda: vat.call("bump", 1))
        assert vat.call("bump", 1) == 12
    assert 0.6 * WHOLE_CRANK < executed <= WHOLE_CRANK


def traffic(lives: Lives, run: Callable[[Any], object]) -> tuple[int, int]:
    """Run one crank; returns its reads of the store and the entries that its commit wrote or deleted."""
    counters = lives.vat.counters
    reads, changes = counters.reads, counters.writes + counters.deletes
    with lives.crank() as names:
        run(names)
    return counters.reads - reads, counters.writes + counters.deletes - changes


@pytest.fixture
def stored(lives: Lives) -> Lives:
    """A vat after a restart, with one look-up behind it that read what every first use reads."""
    lives.start(nodes)
    with lives.crank() as names:
        for n in range(4):
            names.entries.init(n, names.make(n, None))
    lives.restart()
    with lives.crank() as names:
        names.entries.get(0).count()
    return lives


def test_a_look_up_reads_its_entry_and_the_record_that_is_used(stored: Lives) -> None:
    assert traffic(stored, lambda names: names.entries.get(1)) == (1, 0)
    assert traffic(stored, lambda names: names.entries.get(2).count()) == (2, 0)


def test_a_loaded_record_is_not_read_again(stored: Lives) -> None:
    kept: list[Any] = []
    traffic(stored, lambda names: kept.append(names.entries.get(1)) or kept[0].count())
    assert traffic(stored, lambda names: kept[0].count()) == (0, 0)


def test_a_change_of_a_field_writes_one_record_however_often_it_changes(stored: Lives) -> None:
    def change(names: Any) -> None:
        names.entries.get(1).show_state()
        state = names.states.pop()
        for n in range(100):
            state.count = n

    assert traffic(stored, change) == (2, 1)


def test_what_creating_an_object_writes_does_not_grow_with_the_number_of_objects(stored: Lives) -> None:
    def add(low: int, high: int) -> Callable[[Any], None]:
        return lambda names: [names.entries.init(n, names.make(n, None)) for n in range(low, high)] and None

    few, many = traffic(stored, add(10, 20)), traffic(stored, add(20, 120))
    assert (many[1] - few[1]) == 90 * 2, "a record and an entry for each object"
    assert many[0] <= 100, "the check that the key is new, which finds the map's head in memory"
