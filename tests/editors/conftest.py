"""What the tests with real editors share: a copy of the project with the planted fault, and a clean home."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent / "fixtures"
EDITORS = Path(__file__).parents[2] / "editors"
FAULT = "prepare_receipt(baggage)"
FIXED_ABOVE = 'await vat_powers["load_limit"]'


@dataclass(frozen=True)
class Project:
    """A copy of the bank.

    Attributes:
        root: Its folder.
        bank: The module with the fault.
        line: The line of the fault, counted from 1.
        columns: Where the fault begins and ends, counted from 0.
    """

    root: Path
    bank: Path
    line: int
    columns: tuple[int, int]

    def is_fixed(self, text: str) -> bool:
        """Say whether a text is the bank with its kind prepared before the await."""
        return FAULT in text and text.index(FAULT) < text.index(FIXED_ABOVE)

    def is_saved_fixed(self) -> bool:
        """Say the same of the file; one that is being replaced is not saved yet."""
        try:
            return self.is_fixed(self.bank.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return False


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "bank"
    shutil.copytree(FIXTURES / "bank", root)
    bank = root / "bank.py"
    lines = bank.read_text(encoding="utf-8").splitlines()
    (line,) = [number for number, text in enumerate(lines, 1) if FAULT in text]
    start = lines[line - 1].index(FAULT)
    return Project(root, bank, line, (start, start + len(FAULT)))


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Variables of a user without any configuration, whose PATH has the server of the running interpreter."""
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "VIM", "NVIM"))}
    return kept | {
        "HOME": str(home),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")]),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
    }


def program(name: str, why: str) -> str:
    """Return the path of a program, or skip the test and say what is missing.

    A program that a package from PyPI brings lies beside the interpreter.
    """
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"no {name} on this machine: {why}")
    return found
