"""What a measurement is: sides that do the same work, figures that they return, bars that compare them."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Bar", "Figures", "Scenario", "Side", "Timing", "elsewhere", "rss_bytes", "timed"]

Figures = Mapping[str, float]
"""Costs by name, lower is better: microseconds an operation, bytes each, or milliseconds, as the name's end says."""

Side = Callable[[Path, int], Figures]
"""Does a scenario's work in an empty folder with so many objects."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What is promised of one of our figures.

    Attributes:
        figure: its name.
        against: the side that it is compared with; None compares with the number ``limit`` itself.
        limit: with a side, the least value of (their cost / our cost); without one, the highest cost.
    """

    figure: str
    limit: float
    against: str | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """Work that several sides do.

    Attributes:
        what: the work, for people.
        sides: who does it; ours is ``vatdata``.
        count: how many objects, unless told otherwise; ``quick_count`` to see whether it runs.
    """

    name: str
    what: str
    sides: Mapping[str, Side]
    bars: tuple[Bar, ...]
    count: int
    quick_count: int


class Timing:
    """Microseconds an operation, once the block of ``timed`` has ended."""

    wall_us = 0.0
    cpu_us = 0.0


@contextmanager
def timed(count: int) -> Generator[Timing]:
    """Time the block, in which *count* operations happen."""
    timing = Timing()
    wall, cpu = time.perf_counter(), time.process_time()
    yield timing
    timing.cpu_us = (time.process_time() - cpu) / count * 1e6
    timing.wall_us = (time.perf_counter() - wall) / count * 1e6


def elsewhere(run: Callable[..., object], *arguments: object) -> None:
    """Run a function in a process of its own, so that what it leaves free in memory is not there to be used again."""
    process = multiprocessing.get_context("spawn").Process(target=run, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"{run.__name__} ended with {process.exitcode}")


def rss_bytes() -> int:
    """Return the memory of this process that no file stands behind, so that a mapped store does not count."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise OSError("/proc/self/status has no line RssAnon")
