"""The worker process between two messages."""

from __future__ import annotations

import gc
import os
import weakref

import pytest
from vatdata_lsp.text import Text
from vatdata_lsp.worker.__main__ import COLLECT_AFTER, COLLECT_AT_LAST, Collector
from vatdata_lsp.worker.broken_source import LineMap, carried

from vatdata_lint.finding import Finding, Location, Step


class Knot:
    """Refers to itself, so that only a collection frees it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def requests():
    read, write = os.pipe()
    before = gc.get_threshold()
    with os.fdopen(read, "rb") as reader, os.fdopen(write, "wb", buffering=0) as writer:
        yield reader, writer
    gc.set_threshold(*before)


def old_garbage() -> weakref.ref[Knot]:
    knot = Knot()
    gc.collect()  # survives once: it is old now
    return weakref.ref(knot)


def test_garbage_of_old_answers_goes_when_nothing_is_asked(requests):
    collector, known = Collector(), old_garbage()
    for _ in range(COLLECT_AFTER):
        assert known() is not None
        collector.answered(requests[0])
    assert known() is None


def test_a_waiting_request_is_not_kept_waiting_by_a_collection_unless_it_was_put_off_long(requests):
    requests[1].write(b"next")
    collector, known = Collector(), old_garbage()
    for _ in range(COLLECT_AT_LAST - 1):
        collector.answered(requests[0])
    assert known() is not None
    collector.answered(requests[0])
    assert known() is None


OLD = Text("one\ntwo\nthree\nfour\n")


def at(line: int, path: str = "a.py") -> Location:
    return Location(path, line, 0, line, 3)


@pytest.mark.parametrize(
    ("new", "moved"),
    [
        ("one\ntwo\nthree\nfour\n", [1, 2, 3, 4]),
        ("one\nnew (\ntwo\nthree\nfour\n", [1, 3, 4, 5]),
        ("one\ntw (\nthree\nfour\n", [1, None, 3, 4]),
        ("one\nfour\n", [1, None, None, 2]),
        ("", [None, None, None, None]),
    ],
)
def test_lines_around_a_change_are_found_again_and_changed_ones_are_not(new, moved):
    lines = LineMap(OLD, Text(new))
    found = [lines.moved(at(line)) for line in (1, 2, 3, 4)]
    assert [place.line if place else None for place in found] == moved


def test_a_finding_elsewhere_loses_only_the_steps_in_what_changed():
    maps = {"a.py": LineMap(OLD, Text("one\ntw (\nthree\nfour\n"))}
    steps = (Step(at(1), "kept"), Step(at(2), "changed"), Step(at(4), "kept too"))
    finding = Finding("VD101", "conditional-prepare", "m", "h", at(9, "b.py"), chain=steps)
    assert [step.message for step in carried(finding, maps).chain] == ["kept", "kept too"]
