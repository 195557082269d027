"""``python -m bench``: the runtime beside ZODB and beside what LMDB itself costs, measured in turn in one run.

Absolute times move with the machine; the ratios are what counts. Each side runs in a fresh process, the sides take
turns, figures are medians over the rounds. Exits with 1 where a bar is missed.
``python -m bench curves`` shows how costs grow; ``python -m bench lint`` and ``lsp`` measure the other two parts.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version

from rich.console import Console
from rich.table import Table

from .running import BarResult, Row, run_scenario
from .scenarios import SCENARIOS, is_available

AREAS = ("curves", "lint", "lsp")
"""Commands of their own: ``bench.<area>.command``."""


def main() -> int:
    """Parse the command line, measure, print; returns the exit code."""
    if sys.argv[1:2] and sys.argv[1] in AREAS:
        area = importlib.import_module(f"bench.{sys.argv[1]}.command")
        code: int = area.main(sys.argv[2:])
        return code
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    names = [scenario.name for scenario in SCENARIOS]
    parser.add_argument("--only", action="append", metavar="NAME", choices=names, help=", ".join(names))
    parser.add_argument("--rounds", type=int, help="5, or 1 with --quick")
    parser.add_argument("--count", type=int, help="objects, in place of each scenario's own number")
    parser.add_argument("--quick", action="store_true", help="few objects, one round: does it run?")
    parser.add_argument("--json", action="store_true", help="every figure, for programs")
    options = parser.parse_args()
    rounds = options.rounds or (1 if options.quick else 5)
    log = Console(stderr=True)
    if not is_available("zodb"):
        log.print("ZODB is not installed, so its sides are left out: pip install 'vatdata\\[bench]'")
    rows: list[Row] = []
    with log.status("") as status:
        for scenario in SCENARIOS:
            if options.only is None or scenario.name in options.only:
                count = options.count or (scenario.quick_count if options.quick else scenario.count)
                rows += run_scenario(scenario, rounds, count, status.update)
    if options.json:
        json.dump({**_machine(), "rounds": rounds, "rows": [asdict(row) for row in rows]}, sys.stdout)
        sys.stdout.write("\n")
    else:
        _show(rows, rounds)
    return 0 if all(bar.passes for row in rows for bar in row.bars) else 1


def _machine() -> dict[str, object]:
    packages = ("lmdb", "msgspec", *(("ZODB", "BTrees") if is_available("zodb") else ()))
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": {name: version(name) for name in packages},
        "load": round(os.getloadavg()[0], 1),
    }


def _show(rows: list[Row], rounds: int) -> None:
    machine = _machine()
    packages = ", ".join(f"{name} {number}" for name, number in dict(machine["packages"]).items())  # type: ignore[call-overload]
    title = f"{machine['date']}, {machine['machine']}, {machine['python']}, {packages}, {rounds} rounds"
    table = Table("scenario", "side", "figure", "median", "spread", "bars", title=title)
    last = ""
    for row in rows:
        name = row.scenario if row.scenario != last else ""
        spread = f"{_short(row.least)}-{_short(row.most)}"
        bars = "; ".join(map(_bar_text, row.bars))
        table.add_row(name, row.side, row.figure, _short(row.median), spread, bars, end_section=False)
        last = row.scenario
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table)
    for scenario in SCENARIOS:
        if any(row.scenario == scenario.name for row in rows):
            console.print(f"{scenario.name}: {scenario.what}", highlight=False)


def _bar_text(bar: BarResult) -> str:
    verdict = "pass" if bar.passes else "MISS"
    if bar.against is None:
        return f"{verdict}: {_short(bar.reached)} of {_short(bar.limit)}"
    return f"{verdict}: {_short(bar.reached)}x {bar.against}, bar {_short(bar.limit)}x"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())
