"""Both type checkers infer makers and methods of declarative classes, and refuse their misuse."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SNIPPETS = Path(__file__).parent / "snippets"
REFUSED = SNIPPETS / "refused.py"

Lines = set[tuple[str, int]]


def mypy_errors(tmp_path: Path) -> Lines:
    command = ["mypy", "--no-error-summary", "--cache-dir", str(tmp_path), *map(str, files())]
    output = run(command)
    found = re.findall(r"^(.+?):(\d+): error:", output, re.MULTILINE)
    return {(Path(path).name, int(line)) for path, line in found}


def pyright_errors(_tmp_path: Path) -> Lines:
    output = run(["pyright", "--pythonpath", sys.executable, "--outputjson", *map(str, files())])
    found = json.loads(output)["generalDiagnostics"]
    return {(Path(item["file"]).name, item["range"]["start"]["line"] + 1) for item in found}


def run(command: list[str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def files() -> list[Path]:
    return [SNIPPETS / "inferred.py", REFUSED]


@pytest.mark.parametrize("check", [mypy_errors, pyright_errors], ids=["mypy", "pyright"])
def test_the_checker_finds_the_marked_lines_and_no_others(check: Callable[[Path], Lines], tmp_path: Path):
    lines = REFUSED.read_text(encoding="utf-8").splitlines()
    marked = {(REFUSED.name, number) for number, line in enumerate(lines, 1) if line.endswith("# error")}
    assert len(marked) == 12
    assert check(tmp_path) == marked
