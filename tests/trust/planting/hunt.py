"""Looks for one planted defect, in the process that it is planted in: ``python -m tests.trust.planting.hunt NAME SEEDS``.

Says one line of JSON: whether it was found, after how many seeds or runs, by which words, and how often it had struck.
"""

from __future__ import annotations

import io
import json
import logging
import signal
import sys
from contextlib import redirect_stdout
from types import FrameType
from typing import Any

from ..simulate import run_seed
from .defects import DEFECTS, strikes

__all__ = ["main"]

PATIENCE_S = 30


class HangError(Exception):
    """A seed does not come to its end: that is seen as well as a wrong value."""


def _hang(_signal: int, _frame: FrameType | None) -> None:
    raise HangError(f"no end after {PATIENCE_S} s")


def simulate(seeds: int) -> tuple[int, str] | None:
    """Play seeds until one fails. Returns how many it took, and what failed; None where none did."""
    signal.signal(signal.SIGALRM, _hang)
    for seed in range(seeds):
        signal.alarm(PATIENCE_S)
        try:
            trouble = run_seed(seed)[1]
        finally:
            signal.alarm(0)
        if trouble is not None:
            return seed + 1, trouble.strip().splitlines()[-1]
    return None


def damage(runs: int) -> tuple[int, str] | None:
    """Damage stores until one gives a wrong value, 50 runs at a time."""
    from ..fuzzing.records import fuzz_store

    for seed in range(-(-runs // 50)):
        wrong = [outcome for outcome in fuzz_store(50, seed, say=False) if "WRONG" in outcome]
        if wrong:
            return 50 * (seed + 1), wrong[0]
    return None


def test(path: str) -> tuple[int, str] | None:
    """Run tests in this process until one fails."""
    import pytest

    failed: list[str] = []

    class Listener:
        def pytest_runtest_logreport(self, report: Any) -> None:
            if report.failed:
                failed.append(report.nodeid)

    options = ("-x", "-q", "-n0", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
    with redirect_stdout(io.StringIO()):
        pytest.main([*options, path], plugins=[Listener()])
    return (1, failed[0].partition("::")[2]) if failed else None


def main() -> int:
    name, seeds = sys.argv[1], int(sys.argv[2])
    logging.disable()
    defect = DEFECTS[name]
    defect.plant()
    if defect.hunter == "simulator":
        found = simulate(seeds)
    elif defect.hunter == "records":
        found = damage(seeds)
    else:
        found = test(defect.hunter)
    took, words = found or (seeds, "")
    print(
        json.dumps({"found": found is not None, "took": took, "words": words[:300], "struck": strikes.count})
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
