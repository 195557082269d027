"""``python -m bench lint``: the linter beside ruff on generated projects, run in turn, medians and spread.

CPU seconds are those of the process and its children; wall clock and peak memory stand beside them. It exits with 1
where a bar is missed, and with an error where a planted violation is missed or one is reported that was not planted:
speed alone is worth nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .project import Made, make_plain, make_vats, source_files

MIB = 1024 if sys.platform != "darwin" else 1024 * 1024
"""What ``ru_maxrss`` counts in, as a share of a MiB."""

RUFF = ("check", "--isolated", "--quiet", "--no-cache", "--select", "ASYNC,B,F", ".")
MEMORY_BAR_MIB = 300
CACHE = ".vatdata-lint-cache"


@dataclass(slots=True)
class Case:
    """One thing to measure: what is done before each run, the command, and the bar in CPU seconds."""

    name: str
    folder: Path
    command: Sequence[str]
    before: Callable[[], None]
    bar_s: float | None = None
    check: Callable[[bytes], None] = lambda out: None
    cpu_s: list[float] = field(default_factory=list[float])
    wall_s: list[float] = field(default_factory=list[float])
    memory_mib: list[float] = field(default_factory=list[float])

    def measure(self) -> None:
        """Run once."""
        self.before()
        begin = time.perf_counter()
        with tempfile.TemporaryFile() as out:
            process = subprocess.Popen(self.command, cwd=self.folder, stdout=out, stderr=subprocess.PIPE)
            assert process.stderr is not None
            said = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            process.stderr.close()
            if process.returncode not in (0, 1):
                raise SystemExit(f"{self.name}: exit code {process.returncode}: {said.decode()}")
            self.wall_s.append(time.perf_counter() - begin)
            self.cpu_s.append(usage.ru_utime + usage.ru_stime)
            self.memory_mib.append(usage.ru_maxrss / MIB)
            out.seek(0)
            self.check(out.read())

    def misses_bar(self) -> bool:
        """Say whether it takes more than it may."""
        if self.bar_s is None:
            return False
        return statistics.median(self.cpu_s) > self.bar_s or max(self.memory_mib) > MEMORY_BAR_MIB

    def row(self) -> dict[str, object]:
        """Give the figures."""
        return {
            "case": self.name,
            "cpu_s": round(statistics.median(self.cpu_s), 3),
            "cpu_s_min": round(min(self.cpu_s), 3),
            "cpu_s_max": round(max(self.cpu_s), 3),
            "wall_s": round(statistics.median(self.wall_s), 3),
            "memory_mib": round(max(self.memory_mib)),
            "bar_cpu_s": self.bar_s,
        }


def cases(vats: Made, plain: Made) -> list[Case]:
    """Give what is measured, in the order of one round."""
    lint = (sys.executable, "-m", "vatdata_lint", "--output-format", "json")
    expected = sorted(vats.planted)
    codes = {code for _, _, code in expected}
    edits = iter(range(1_000_000))

    def all_found(out: bytes) -> None:
        found = sorted(
            (finding["path"], finding["line"], finding["code"])
            for finding in json.loads(out)["findings"]
            if finding["code"] in codes
        )
        if found != expected:
            different = set(found) ^ set(expected)
            raise SystemExit(f"findings and planted violations differ: {sorted(different)[:5]}")

    def forget(project: Made) -> Callable[[], None]:
        return lambda: shutil.rmtree(project.folder / CACHE, ignore_errors=True)

    def edit_one() -> None:
        path = vats.folder / vats.vats[len(vats.vats) // 2]
        with path.open("a") as file:
            file.write(f"# edit {next(edits)}\n")

    def leave() -> None:
        """Nothing: the run before has filled the cache."""

    found = [
        Case("vats, cold", vats.folder, lint, forget(vats), 6.0, all_found),
        Case("vats, warm", vats.folder, lint, leave, 0.4, all_found),
        Case("vats, one file changed", vats.folder, lint, edit_one, 0.5, all_found),
        Case("no vats, cold", plain.folder, lint, forget(plain), 1.5),
        Case("no vats, warm", plain.folder, lint, leave),
    ]
    ruff = shutil.which("ruff", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if ruff is not None:
        found.append(Case("ruff on vats, cold", vats.folder, (ruff, *RUFF), leave))
        found.append(Case("ruff on no vats, cold", plain.folder, (ruff, *RUFF), leave))
    return found


def main(arguments: Sequence[str]) -> int:
    """Parse the command line, generate, measure, print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench lint", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lines", type=int, default=1_017_000, help="of ordinary Python in each project")
    parser.add_argument(
        "--source", type=Path, action="append", default=[], help="further folder to copy from"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="vatdata-bench-lint-") as name:
        sources = source_files(options.source)
        vats = make_vats(Path(name) / "vats", sources, options.lines)
        plain = make_plain(Path(name) / "plain", sources, options.lines)
        measured = cases(vats, plain)
        for _ in range(options.rounds):
            for case in measured:
                case.measure()
    rows = [case.row() for case in measured]
    missed = [case.name for case in measured if case.misses_bar()]
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    projects = {
        "vats": {"files": vats.files, "lines": vats.lines, "violations": len(vats.planted)},
        "no vats": {"files": plain.files, "lines": plain.lines},
    }
    if options.json:
        document = {"machine": machine, "rounds": options.rounds, "projects": projects, "rows": rows}
        sys.stdout.write(json.dumps(document) + "\n")
        return int(bool(missed))
    table = Table("case", "CPU s", "spread", "bar", "wall s", "MiB", title=machine)
    for row in rows:
        bar = row["bar_cpu_s"]
        table.add_row(
            str(row["case"]),
            str(row["cpu_s"]),
            f"{row['cpu_s_min']}-{row['cpu_s_max']}",
            "" if bar is None else str(bar),
            str(row["wall_s"]),
            str(row["memory_mib"]),
        )
    console = Console()
    console.print(table)
    console.print(
        f"{vats.lines:,} lines in {vats.files:,} files with {len(vats.vats)} vat modules; "
        f"{plain.lines:,} lines in {plain.files:,} files without. All {len(vats.planted)} violations found."
    )
    if missed:
        console.print(f"Over its bar (CPU seconds, or {MEMORY_BAR_MIB} MiB): {', '.join(missed)}.")
    return int(bool(missed))
