"""The worker process between two messages."""

from __future__ import annotations

import ast
import gc
import os
import weakref
from collections import Counter

import pytest
from vatdata_lsp.text import Text
from vatdata_lsp.worker import __main__ as worker
from vatdata_lsp.worker.__main__ import COLLECT_AFTER, COLLECT_AT_LAST, COLLECTIONS_TO_ALL, Collector
from vatdata_lsp.worker.analyst import Analyst
from vatdata_lsp.worker.broken_source import LineMap, carried
from vatdata_lsp.worker.messages import Check, Folder

from tests.lsp.conftest import LATE
from vatdata_lint.finding import Finding, Location, Step
from vatdata_lint.index.files import SourceFile


class Knot:
    """Refers to itself, so that only a collection frees it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def requests():
    read, write = os.pipe()
    with os.fdopen(read, "rb") as reader, os.fdopen(write, "wb", buffering=0) as writer:
        yield reader, writer
    gc.unfreeze()
    gc.enable()


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


def test_what_was_alive_at_the_last_collection_is_looked_at_again_at_long_intervals_only(
    requests, monkeypatch
):
    monkeypatch.setattr(worker, "IDLE_S", 0)
    collector, knot = Collector(), Knot()
    known = weakref.ref(knot)

    def collections(count: int) -> None:
        for _ in range(count * COLLECT_AFTER):
            collector.answered(requests[0])

    collections(1)
    del knot
    collections(COLLECTIONS_TO_ALL - 2)
    assert known() is not None
    collections(1)
    assert known() is None


def test_nothing_is_collected_while_an_answer_is_made(requests):
    Collector()
    assert not gc.isenabled()


def test_trees_of_texts_that_were_typed_over_and_bytes_of_files_go_without_a_collection(project):
    analyst, path = Analyst(), str(project / "vat.py")
    folders = (Folder(str(project)),)
    gc.collect()
    gc.disable()
    before = Counter(type(item) for item in gc.get_objects())  # of other tests
    try:
        for number in range(10):
            analyst.answer(
                Check(folders, {path: LATE + f"\n\nclass Other{number}:\n    def f(self): pass\n"})
            )
        kinds = Counter(type(item) for item in gc.get_objects())
    finally:
        gc.enable()
    assert kinds[ast.Module] - before[ast.Module] == 2, "one of each file"
    assert kinds[SourceFile] == before[SourceFile]


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
