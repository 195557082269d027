"""The configuration for Neovim, in a real Neovim without a window."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.editors.conftest import EDITORS, Project, program

SESSION = Path(__file__).parent / "neovim/session.lua"


@pytest.fixture
def neovim() -> str:
    found = program("nvim", "install the extra editors, which brings one")
    shown = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    version = tuple(int(part) for part in shown.split()[1].removeprefix("v").split("-")[0].split("."))
    if version < (0, 11):
        pytest.skip(f"Neovim {version} is older than 0.11, which has vim.lsp.enable")
    return found


def test_the_fault_is_shown_at_its_range_and_gone_after_the_quick_fix(
    neovim: str, project: Project, environment: dict[str, str], tmp_path: Path
):
    configuration = Path(environment["XDG_CONFIG_HOME"]) / "nvim"
    shutil.copytree(EDITORS / "neovim/lsp", configuration / "lsp")
    report = tmp_path / "report.json"
    done = subprocess.run(
        [neovim, "--headless", "-l", str(SESSION), str(project.bank), str(report)],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert report.exists(), done.stdout + done.stderr
    seen = json.loads(report.read_text())
    assert "error" not in seen, seen
    start, end = project.columns
    assert seen["diagnostics"] == [
        {
            "lnum": project.line - 1,
            "col": start,
            "end_lnum": project.line - 1,
            "end_col": end,
            "code": "VD103",
            "severity": 1,
            "source": "vatdata-lint",
        }
    ]
    assert Path(seen["root"]) == project.root
    assert "crank" in seen["hover"]
    assert seen["lenses"] == ["first crank: 2 kinds, 1 late"]
    assert any(title.startswith("Move it above line") for title in seen["offered"])
    assert project.is_fixed(seen["after"])
