"""Plant each of some thirty defects in the runtime and see who finds it: ``python -m tests.trust.plant``.

A defect that nobody finds means that what the tests of this folder prove is less than it seems; the exit code is 1 then.
``--table`` prints the table of ``docs/reliability.md``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import NamedTuple

from tests.support.processes import ROOT, environment

from .planting.defects import DEFECTS

__all__ = ["Found", "main", "read_verdict", "search_for"]


class Found(NamedTuple):
    """How a search has ended.

    Attributes:
        is_found: whether anything failed.
        took: seeds of the simulator, damaged stores, or 1 for a test.
        words: the last line of what failed.
        struck: how often the defect had done wrong until then; 0 means that it never came up.
    """

    is_found: bool
    took: int
    words: str
    struck: int


def search_for(name: str, seeds: int) -> Found:
    """Plant a defect in a process of its own and play until something fails, *seeds* seeds at most.

    Raises:
        AssertionError: it cannot be planted, or the process died.
    """
    ended = subprocess.run(
        [sys.executable, "-m", "tests.trust.planting.hunt", name, str(seeds)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode < 0:
        return Found(True, 0, f"the process died by signal {-ended.returncode}", 1)
    if ended.returncode:
        raise AssertionError(f"{name!r} could not be planted: {ended.stderr}")
    return read_verdict(name, ended.stdout.splitlines()[-1])


def read_verdict(name: str, line: str) -> Found:
    """Read what the process that searched for a defect says at its end.

    Raises:
        AssertionError: something fails of which the defect is not the cause.
    """
    said = json.loads(line)
    if said["found"] and not said["struck"]:
        raise AssertionError(f"something fails before {name!r} has done anything: {said['words']}")
    return Found(said["found"], said["took"], said["words"], said["struck"])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.trust.plant", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(DEFECTS)}; default all")
    parser.add_argument("--seeds", type=int, default=500, help="at most for each (default 500)")
    parser.add_argument("--table", action="store_true", help="print a table in Markdown")
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in DEFECTS:
            parser.error(f"there is no defect {name!r}")
    if options.table:
        print("| planted | found by | after | it says |\n| --- | --- | --- | --- |")
    unfound = 0
    for name in options.names or DEFECTS:
        defect, found = DEFECTS[name], search_for(name, options.seeds)
        unfound += not found.is_found
        by, unit = defect.hunter, "seeds"
        if by == "records":
            by, unit = "fuzzing of stores", "stores"
        elif by != "simulator":
            by, unit = f"`{by}`", "test"
        after = f"{found.took} {unit}" if found.took != 1 else f"1 {unit.removesuffix('s')}"
        if options.table:
            print(
                f"| {defect.says} | {by if found.is_found else 'nobody'} | {after} | {found.words} |",
                flush=True,
            )
        else:
            how = "found" if found.is_found else "NOT FOUND"
            print(
                f"{name}: {how} by {by} after {after}, struck {found.struck} times: {found.words}", flush=True
            )
    return 1 if unfound else 0


if __name__ == "__main__":
    sys.exit(main())
