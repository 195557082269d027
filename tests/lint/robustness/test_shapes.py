"""Extreme files take time in proportion to their size, and the largest of them seconds."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.lint.robustness.forced import assert_sound
from tests.lint.robustness.shapes import SHAPES
from vatdata_lint import Config, Project

GROWTH = 2.6
"""What twice the size may cost: proportional work costs 2, quadratic 4."""

NOISE_SECONDS = 0.15
"""A run that takes less says nothing: the clock of a busy machine errs by as much."""


def cpu_seconds(folder: Path, files: dict[str, str]) -> float:
    """Write a project, check it without a cache, and give what that cost."""
    folder.mkdir()
    for name, text in files.items():
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


@pytest.mark.slow
@pytest.mark.parametrize("name", SHAPES)
def test_an_extreme_file_takes_less_than_ten_seconds(tmp_path: Path, name: str) -> None:
    shape, _, size = SHAPES[name]
    assert cpu_seconds(tmp_path / "project", shape(size)) < 10
