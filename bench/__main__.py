"""``python -m bench``: the runtime's hot paths beside what LMDB itself costs, measured in turn in one run.

Absolute times move with the machine; the ratios are what counts. ``--json`` prints every figure, ``--rounds`` says how
often each scenario is measured, ``--count`` how many objects it uses.
``python -m bench lsp`` measures the language server.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import statistics
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .scenarios import SCENARIOS, Scenario

AREAS = ("lint", "lsp")
"""Parts of the project with a command of their own: ``bench.<area>.command``."""


def measure(scenario: Scenario, rounds: int, count: int) -> dict[str, object]:
    """Run a scenario and its floor in turn; returns medians in microseconds an operation, and their ratio."""
    own: list[float] = []
    floor: list[float] = []
    for number in range(rounds):
        with tempfile.TemporaryDirectory(prefix="vatdata-bench-") as folder:
            own.append(scenario.run(Path(folder) / f"own-{number}", count))
            floor.append(scenario.run_floor(Path(folder) / f"floor-{number}", count))
    return {
        "scenario": scenario.name,
        "what": scenario.what,
        "floor": scenario.floor,
        "us": round(statistics.median(own), 3),
        "us_min": round(min(own), 3),
        "us_max": round(max(own), 3),
        "floor_us": round(statistics.median(floor), 3),
        "ratio": round(statistics.median(a / b for a, b in zip(own, floor, strict=True)), 2),
    }


def main() -> None:
    """Parse the command line, measure, print."""
    if sys.argv[1:2] and sys.argv[1] in AREAS:
        area = importlib.import_module(f"bench.{sys.argv[1]}.command")
        sys.exit(area.main(sys.argv[2:]))
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", help="scenarios; all if none is named")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    unknown = set(options.names) - {scenario.name for scenario in SCENARIOS}
    if unknown:
        parser.error(f"no scenario {sorted(unknown)[0]!r}; there are {', '.join(s.name for s in SCENARIOS)}")
    chosen = [scenario for scenario in SCENARIOS if not options.names or scenario.name in options.names]
    rows = [measure(scenario, options.rounds, options.count) for scenario in chosen]
    machine = f"{platform.machine()}, {platform.python_implementation()} {platform.python_version()}"
    if options.json:
        json.dump(
            {"machine": machine, "rounds": options.rounds, "count": options.count, "rows": rows}, sys.stdout
        )
        sys.stdout.write("\n")
        return
    table = Table("scenario", "what", "us", "spread", "floor", "floor us", "ratio", title=machine)
    for row in rows:
        table.add_row(
            str(row["scenario"]),
            str(row["what"]),
            str(row["us"]),
            f"{row['us_min']}-{row['us_max']}",
            str(row["floor"]),
            str(row["floor_us"]),
            str(row["ratio"]),
        )
    Console().print(table)


if __name__ == "__main__":
    main()
