"""``python -m bench lsp``: measures, prints figures and bars, and exits with 1 where a bar is missed."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from .scenarios import Figures, Sizes, measure_edits, measure_starts, measure_workspace

__all__ = ["main"]

SCENARIOS: dict[str, Callable[[Figures, Sizes], None]] = {
    "starts": measure_starts,
    "edits": measure_edits,
    "workspace": measure_workspace,
}


@dataclass(frozen=True, slots=True)
class Bar:
    """What our figure of a name must not exceed, by its 95th percentile."""

    limit: float
    unit: str = "ms"


BARS = {
    "initialize": Bar(650),
    "change 1k pull": Bar(60),
    "change 5k pull": Bar(120),
    "change no candidate pull": Bar(20),
    "change 1k push": Bar(60),
    "change 5k push": Bar(120),
    "burst reports": Bar(1, ""),
    "burst checks": Bar(1, ""),
    "workspace cold": Bar(15_000),
    "workspace first partial": Bar(500),
    "workspace second start": Bar(1_500),
    "workspace one edit": Bar(500),
    "messages while idle": Bar(0, ""),
    "memory server": Bar(60, "MiB"),
    "memory worker": Bar(60, "MiB"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; ``bar`` and ``passes`` are None where nothing is promised."""

    name: str
    server: str
    unit: str
    count: int
    p50: float
    p95: float
    bar: float | None
    passes: bool | None


def rows_of(figures: Figures) -> list[Row]:
    """Return medians and 95th percentiles, ours beside the other's."""
    rows: list[Row] = []
    for server, name in sorted(figures.samples, key=lambda key: (_place(key[1]), key[0] != "vatdata")):
        samples = sorted(figures.samples[server, name])
        p95 = samples[round(0.95 * (len(samples) - 1))]
        bar = BARS.get(name) if server == "vatdata" else None
        rows.append(
            Row(
                name,
                server,
                "MiB" if name.startswith("memory") else BARS[name].unit if name in BARS else "ms",
                len(samples),
                round(statistics.median(samples), 1),
                round(p95, 1),
                bar.limit if bar else None,
                p95 <= bar.limit if bar else None,
            )
        )
    return rows


def _place(name: str) -> int:
    names = list(BARS)
    return names.index(name) if name in names else len(names)


def main(arguments: Sequence[str]) -> int:
    """Measure what is named, everything if nothing is; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench lsp", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SCENARIOS)}; all if none")
    for name, default in asdict(Sizes()).items():
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N")
    parser.add_argument("--json", action="store_true", help="print JSON, every sample in it")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in SCENARIOS]
    if unknown:
        parser.error(f"no scenario {unknown[0]!r}; there are {', '.join(SCENARIOS)}")
    sizes = Sizes(**{name: getattr(options, name) for name in asdict(Sizes())})
    figures = Figures()
    for name in options.names or SCENARIOS:
        sys.stderr.write(f"measuring {name}\n")
        SCENARIOS[name](figures, sizes)
    rows = rows_of(figures)
    machine = (
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )
    if options.json:
        samples = {f"{server} {name}": values for (server, name), values in figures.samples.items()}
        table = {
            "machine": machine,
            "sizes": asdict(sizes),
            "rows": [asdict(row) for row in rows],
            "samples": samples,
        }
        json.dump(table, sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        Console().print(_table(rows, machine))
    return 1 if any(row.passes is False for row in rows) else 0


def _table(rows: Sequence[Row], machine: str) -> Table:
    table = Table("what", "server", "p50", "p95", "unit", "n", "bar", "", title=machine)
    for row in rows:
        verdict = "" if row.passes is None else "pass" if row.passes else "[bold]miss[/bold]"
        bar = "" if row.bar is None else f"{row.bar:g}"
        table.add_row(
            row.name, row.server, str(row.p50), str(row.p95), row.unit, str(row.count), bar, verdict
        )
    return table
