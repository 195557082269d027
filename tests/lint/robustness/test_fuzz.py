"""Modules that nobody would write: no failure, the same findings each time, none outside of its file."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from random import Random

import pytest

from tests.lint.robustness.forced import assert_sound, check_forced
from tests.lint.robustness.trees import write_module
from vatdata_lint import Config, Finding, Project
from vatdata_lint.checking import fix

NAMES = ("vat.py", "kinds/__init__.py", "kinds/more.py", "helper.py")


def write_project(folder: Path, seed: int) -> None:
    dice = Random(seed)
    for name in NAMES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(write_module(dice, statements=dice.randint(1, 12)), encoding="utf-8")


def text_of(findings: tuple[Finding, ...]) -> str:
    return json.dumps([finding.to_json() for finding in findings])


def check_one(folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Check a generated project in every way; returns how many findings it has."""
    write_project(folder, seed)
    config = Config.from_mapping({"select": ["ALL"]}, root=folder)
    cold = Project(folder, config).check().findings
    assert_sound(folder, cold)
    assert text_of(Project(folder, config).check().findings) == text_of(cold), (
        "another run says something else"
    )
    cache = folder / ".vatdata-lint-cache"
    for _ in range(2):
        warm = Project(folder, config, cache_dir=cache).check().findings
        assert text_of(warm) == text_of(cold), "a run over a warm cache says something else"
    assert_sound(folder, check_forced(folder, monkeypatch))
    return len(cold)


@pytest.mark.parametrize("part", range(2))
def test_generated_modules_are_followed_to_their_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    findings = sum(
        check_one(tmp_path / str(seed), seed, monkeypatch) for seed in range(part * 1000, part * 1000 + 6)
    )
    assert findings > 20, "the generator writes nothing that the rules look at"


def test_functions_inside_functions_that_call_each_other_are_judged_alike_each_time(tmp_path: Path) -> None:
    write_project(tmp_path, 104005)
    config = Config.from_mapping({"select": ["ALL"]}, root=tmp_path)
    assert len({text_of(Project(tmp_path, config).check().findings) for _ in range(12)}) == 1


def test_fixes_of_generated_modules_leave_python(tmp_path: Path) -> None:
    fixed = 0
    for seed in range(5000, 5004):
        folder = tmp_path / str(seed)
        write_project(folder, seed)
        project = Project(folder, Config(root=folder))
        for text in fix(project, None, (), unsafe=True).texts.values():
            ast.parse(text, "fixed.py")  # only the tree: what the compiler refuses was there before
            fixed += 1
    assert fixed > 0, "the generator writes nothing that can be fixed"


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(8))
def test_many_generated_modules_are_followed_to_their_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    for seed in range(100_000 + part * 1000, 100_000 + part * 1000 + 100):
        check_one(tmp_path / str(seed), seed, monkeypatch)
