"""Runs scenarios: each side in a fresh process, sides in turn, round after round."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .measuring import Bar, Scenario
from .scenarios import SCENARIOS, is_available

__all__ = ["BarResult", "Row", "run_scenario"]

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class BarResult:
    """A bar with what was reached: the median over the rounds of (their cost / ours), or our cost."""

    against: str | None
    limit: float
    reached: float
    passes: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one side."""

    scenario: str
    side: str
    figure: str
    median: float
    least: float
    most: float
    bars: tuple[BarResult, ...]


def run_scenario(scenario: Scenario, rounds: int, count: int, told: Callable[[str], None]) -> list[Row]:
    """Measure the sides that are available.

    Args:
        told: called with a line before each measurement.
    """
    sides = [side for side in scenario.sides if is_available(side)]
    samples: dict[str, list[dict[str, float]]] = {side: [] for side in sides}
    for number in range(rounds):
        for side in sides[number % len(sides) :] + sides[: number % len(sides)]:
            told(f"{scenario.name}, round {number + 1} of {rounds}: {side}")
            samples[side].append(_run_side(scenario.name, side, count))
    return [
        _row(scenario, side, figure, samples) for side in sides for figure in dict.fromkeys(samples[side][0])
    ]


def _run_side(scenario: str, side: str, count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="vatdata-bench-") as folder:
        child = subprocess.run(
            [sys.executable, "-m", "bench.running", scenario, side, str(count), folder],
            check=False,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    if child.returncode:
        raise SystemExit(f"{scenario}: side {side} ended with {child.returncode}; its error is above")
    figures: dict[str, float] = json.loads(child.stdout)
    return figures


def _row(scenario: Scenario, side: str, figure: str, samples: dict[str, list[dict[str, float]]]) -> Row:
    values = [sample[figure] for sample in samples[side]]
    bars = [
        _judge(bar, values, samples)
        for bar in scenario.bars
        if side == "vatdata" and bar.figure == figure and (bar.against is None or bar.against in samples)
    ]
    return Row(scenario.name, side, figure, statistics.median(values), min(values), max(values), tuple(bars))


def _judge(bar: Bar, values: Sequence[float], samples: dict[str, list[dict[str, float]]]) -> BarResult:
    if bar.against is None:
        reached = statistics.median(values)
        return BarResult(None, bar.limit, reached, reached <= bar.limit)
    theirs = [sample[bar.figure] for sample in samples[bar.against]]
    reached = statistics.median(their / our for their, our in zip(theirs, values, strict=True))
    return BarResult(bar.against, bar.limit, reached, reached >= bar.limit)


def _main() -> None:
    """The child: measure one side once, print its figures as JSON."""
    name, side, count, folder = sys.argv[1:]
    scenario = next(scenario for scenario in SCENARIOS if scenario.name == name)
    json.dump(dict(scenario.sides[side](Path(folder), int(count))), sys.stdout)


if __name__ == "__main__":
    _main()
