"""Accepted findings stay quiet while the file around them changes, and only they."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from vatdata_lint.baseline import Baseline, BaselineError, baseline_text
from vatdata_lint.finding import Finding, Location
from vatdata_lint.source import SourceLines


def found(line: int, code: str = "VD103") -> Finding:
    return Finding(code, "n", f"on line {line}", "h", Location("vat.py", line, 0, line, 1), kind_name="Purse")


def sources(text: str) -> SourceLines:
    return SourceLines(Path("/nowhere"), {"vat.py": text})


def read_back(tmp_path: Path, text: str) -> Baseline:
    path = tmp_path / "baseline.json"
    path.write_text(text, encoding="utf-8")
    return Baseline.read(path)


def test_a_finding_stays_accepted_when_lines_move(tmp_path: Path) -> None:
    baseline = read_back(tmp_path, baseline_text([found(1)], sources("bad()\n")))
    compared = baseline.compare([found(3)], sources("new\nnew\n    bad()\n"))
    assert (compared.new, compared.accepted, compared.stale) == ((), 1, 0)


def test_one_occurrence_more_than_accepted_is_reported(tmp_path: Path) -> None:
    baseline = read_back(tmp_path, baseline_text([found(1)], sources("bad()\n")))
    compared = baseline.compare([found(1), found(2)], sources("bad()\nbad()\n"))
    assert compared.new == (found(2),)


def test_another_rule_on_the_same_line_is_reported(tmp_path: Path) -> None:
    baseline = read_back(tmp_path, baseline_text([found(1)], sources("bad()\n")))
    assert baseline.compare([found(1, "VD101")], sources("bad()\n")).new == (found(1, "VD101"),)


def test_what_no_longer_occurs_is_counted(tmp_path: Path) -> None:
    baseline = read_back(tmp_path, baseline_text([found(1)], sources("bad()\n")))
    assert baseline.compare([], sources("")).stale == 1


def test_the_file_is_the_same_for_findings_in_any_order_and_has_one_line_each() -> None:
    text = sources("bad()\nworse()\nbad()\n")
    findings = [found(1), found(2), found(3)]
    written = baseline_text(findings, text)
    assert written == baseline_text(reversed(findings), text)
    entries = json.loads(written)["findings"]
    assert sorted(entry["count"] for entry in entries) == [1, 2]
    assert sum("fingerprint" in line for line in written.splitlines()) == 2


def test_an_empty_baseline_is_a_baseline(tmp_path: Path) -> None:
    baseline = read_back(tmp_path, baseline_text([], sources("")))
    assert baseline.compare([found(1)], sources("a\n")).new == (found(1),)


def test_the_message_does_not_count() -> None:
    other = dataclasses.replace(found(1), message="said in another way")
    assert other.fingerprint("bad()") == found(1).fingerprint("  bad()  ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is not a baseline of vatdata-lint"),
        ('{"format": "vatdata-lint-baseline", "version": 9}', "has version 9, this release reads 1"),
        ('{"format": "vatdata-lint-baseline", "version": 1}', "entry without fingerprint or count"),
    ],
)
def test_a_file_that_is_no_baseline_is_refused_with_the_way_out(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BaselineError, match=says) as caught:
        read_back(tmp_path, text)
    assert "--write-baseline" in str(caught.value)


def test_a_missing_baseline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="there is no such baseline"):
        Baseline.read(tmp_path / "none.json")
