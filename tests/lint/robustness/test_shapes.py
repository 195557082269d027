"""Extreme files take time in proportion to their size, and the largest of them seconds."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.lint.robustness.doublings import DOUBLINGS
from tests.lint.robustness.forced import assert_sound
from tests.lint.robustness.masses import MASSES
from tests.lint.robustness.shapes import SHAPES, Shape
from tests.lint.robustness.tangles import TANGLES
from vatdata_lint import Config, Project

EXTREMES: dict[str, tuple[Shape, int, int]] = {**SHAPES, **TANGLES, **MASSES, **DOUBLINGS}

GROWTH = 2.6
"""What twice the size may cost: proportional work costs 2, quadratic 4."""

NOISE_SECONDS = 0.15
"""A run that takes less says nothing: the clock of a busy machine errs by as much."""


def cpu_seconds(folder: Path, files: dict[str, str]) -> float:
    """Write a project, check it without a cache, and give what that cost."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    project = Project(folder, Config.from_mapping({"select": ["ALL"]}, root=folder))
    before = time.process_time()
    findings = project.check().findings
    seconds = time.process_time() - before
    assert_sound(folder, findings)
    return seconds


@pytest.mark.parametrize("name", SHAPES)
def test_twice_the_size_takes_at_most_little_more_than_twice_the_time(tmp_path: Path, name: str) -> None:
    shape, size, _ = SHAPES[name]
    cpu_seconds(tmp_path / "warm", shape(size))
    for attempt in range(3):  # a neighbour on the machine may spoil one measurement, not three
        once = cpu_seconds(tmp_path / f"once{attempt}", shape(size))
        twice = cpu_seconds(tmp_path / f"twice{attempt}", shape(2 * size))
        if twice <= GROWTH * once + NOISE_SECONDS:
            return
    pytest.fail(f"{name}: {once:.2f} s of CPU for size {size}, {twice:.2f} s for {2 * size}")


@pytest.mark.parametrize("name", [*TANGLES, *MASSES, *DOUBLINGS])
def test_what_is_tangled_in_masses_or_doubled_is_followed_to_its_end(tmp_path: Path, name: str) -> None:
    shape, size, _ = EXTREMES[name]
    for path, text in shape(size).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    findings = Project(tmp_path, Config.from_mapping({"select": ["ALL"]}, root=tmp_path)).check().findings
    assert_sound(tmp_path, findings)
    assert not [finding.message for finding in findings if finding.code == "VD900"]


@pytest.mark.parametrize("size", [5, 30])
def test_every_function_of_a_ring_of_calls_is_judged(tmp_path: Path, size: int) -> None:
    shape, _, _ = TANGLES["ring"]
    for path, text in shape(size).items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    findings = Project(tmp_path, Config(root=tmp_path)).check().findings
    assert ["VD107"] * 2 * size == [finding.code for finding in findings], (
        "both calls define again what is there"
    )


@pytest.mark.parametrize("size", [5, 30])
def test_star_imports_in_a_ring_hide_nothing(tmp_path: Path, size: int) -> None:
    shape, _, _ = TANGLES["star ring"]
    (tmp_path / "kinds").mkdir()
    for path, text in shape(size).items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    findings = Project(tmp_path, Config(root=tmp_path)).check().findings
    assert [f"kinds/m{n}.py" for n in range(size)] == sorted(
        (finding.location.path for finding in findings if finding.code == "VD107"),
        key=lambda path: int(path[7:-3]),
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", EXTREMES)
def test_an_extreme_file_takes_less_than_ten_seconds(tmp_path: Path, name: str) -> None:
    shape, _, size = EXTREMES[name]
    assert cpu_seconds(tmp_path / "project", shape(size)) < 10
