"""The real runtime is asked about every case of one file: what it loses or refuses, the linter must have said."""

from __future__ import annotations

import gc
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lint.oracle.lives import Report, observe
from tests.lint.test_stories import RULES, STORIES
from vatdata_lint.rules import all_rules
from vatdata_lint.testing import Case, cases_of

# Cases are wrong on purpose: they use what is deprecated and leave coroutines unawaited.
pytestmark = pytest.mark.filterwarnings("ignore")

MEMORY = Path("/dev/shm")
"""Stores are made by the thousand; where memory can hold them, the disk is spared."""

WIDER_THAN_THE_RUNTIME = {
    # A kind may be defined by a later message first and at the start from then on: the contract of the linter
    # accepts the pair, as the original's vats have it; this runtime refuses the later definition at once.
    "conditional: defined again when present, first defined and written by a later message",
    "conditional: defined again when present, first defined by a message in words of its own",
    "handler: first defined and written in a method, defined again at start",
    "paths: a message defines and writes the key where nobody has before",
    "paths: an early return where a later message has not yet written the key",
    "paths: an early return that has nothing to do with the key",
    "paths: another condition inside the test of the key",
    "paths: the key stands before an and, and in a conditional expression",
}

BY_CHANCE = {"names: random", "spelled: a name from random choice in a helper"}
"""Cases whose lives differ only if a die falls so."""

EXPECTED = {
    "asynchronous": {"shows nothing": 13, "agree": 5, "never starts": 5},
    "choices": {"never starts": 3, "agree": 18, "shows nothing": 4},
    "clean": {"never starts": 7, "agree": 18},
    "conditional": {"agree": 60, "shows nothing": 11, "never starts": 1},
    "entries": {"agree": 15, "shows nothing": 2, "never starts": 6, "several files": 15},
    "habits": {"agree": 14, "shows nothing": 6, "never starts": 1},
    "handler": {"agree": 12, "shows nothing": 1},
    "late": {"agree": 27, "shows nothing": 1, "never starts": 5},
    "later": {"agree": 40, "shows nothing": 3, "never starts": 1},
    "loop": {"agree": 33, "shows nothing": 3, "never starts": 1},
    "mixed": {"agree": 44, "shows nothing": 7, "never starts": 8},
    "modules": {"agree": 1, "several files": 23},
    "names": {"agree": 27, "by chance": 1, "shows nothing": 6, "never starts": 1},
    "nested": {"agree": 23, "never starts": 4, "shows nothing": 1},
    "paths": {"agree": 18, "never starts": 2, "shows nothing": 2},
    "pieces": {"shows nothing": 7, "agree": 19, "never starts": 1},
    "plans": {"agree": 32, "shows nothing": 14, "never starts": 2},
    "registries": {"agree": 4, "several files": 5, "shows nothing": 1},
    "repeat": {"agree": 42, "never starts": 1, "shows nothing": 7},
    "rounds": {"agree": 21, "shows nothing": 2, "never starts": 2, "several files": 1},
    "spelled": {"agree": 45, "by chance": 1, "shows nothing": 6, "never starts": 4},
    "turns": {"agree": 42, "never starts": 9, "shows nothing": 7},
    "ways": {"agree": 57, "shows nothing": 5, "never starts": 1},
    "VD101": {"agree": 5},
    "VD102": {"agree": 4},
    "VD103": {"agree": 3},
    "VD104": {"agree": 1, "shows nothing": 2},
    "VD105": {"agree": 2},
    "VD106": {"agree": 2},
    "VD107": {"agree": 2},
    "VD108": {"agree": 2},
}
"""Per group: cases on which both agree; that the linter reports though this runtime, these answers and two lives in one
process show nothing (tasks that end in the crank, threads that the runtime refuses, clocks that stand still, handlers
for what cannot raise here, helpers judged on their own though every call fixes what they test); that never start (they
import what is not there, or fail in every way); of several files."""


def groups() -> Iterator[tuple[str, dict[str, Case]]]:
    """Yield the stories by file, and the cases of the rules about the first crank by code."""
    for name, case in STORIES.items():
        yield name.partition(":")[0], {name: case}
    for rule in all_rules():
        if rule.CODE in RULES:
            for case in cases_of(rule):
                yield rule.CODE, {case.title: case}


GROUPS: dict[str, dict[str, Case]] = {}
for group, cases in groups():
    GROUPS.setdefault(group, {}).update(cases)


def verdict(name: str, case: Case) -> str:
    """Compare the runtime's word with the linter's, which the marks hold (other tests see to that)."""
    if set(case.files) != {"vat.py"}:
        return "several files"
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        report = observe(case.files["vat.py"], Path(folder))
    if name not in WIDER_THAN_THE_RUNTIME:
        unsaid = _unsaid(case, report)
        assert not unsaid, f"{name}: the runtime says {unsaid}, the linter does not"
    if not report.completed and not report.observations:
        return "never starts"
    if name in BY_CHANCE:
        return "by chance"
    return "shows nothing" if case.marks and not report.observations else "agree"


def _unsaid(case: Case, report: Report) -> list[str]:
    lines = {mark.line for mark in case.marks}
    # What runs later may have been called by anybody: the mark stands where it was handed on.
    is_later = any(mark.code in ("VD104", "VD105") for mark in case.marks)
    return [
        f"{seen.kind!r} is {seen.what} on line {sorted(seen.lines)}"
        for seen in sorted(report.observations, key=lambda seen: (seen.what, seen.kind))
        if not (seen.lines & lines or (is_later and seen.what == "late") or (lines and not seen.lines))
    ]


@pytest.mark.parametrize("name", GROUPS)
def test_the_runtime_loses_only_what_the_linter_reports(name: str) -> None:
    counts = Counter(verdict(title, case) for title, case in GROUPS[name].items())
    gc.collect()  # what a case left unawaited is complained about here, where that is expected
    assert dict(counts) == EXPECTED[name]
