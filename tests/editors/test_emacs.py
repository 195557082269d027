"""The set-up for Emacs, in a real Emacs without a window: Eglot alone and beside another server, and lsp-mode."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.editors.conftest import EDITORS, Project, program

SESSIONS = Path(__file__).parent / "emacs"
SET_UP = EDITORS / "emacs/vatdata.el"


@pytest.fixture
def emacs() -> str:
    return program("emacs", "apt-get install emacs-nox elpa-eglot elpa-lsp-mode")


def need(emacs: str, library: str) -> None:
    # -q and not -Q: Debian's own start file makes its packages known
    found = subprocess.run(
        [emacs, "-q", "--batch", "--eval", f"(progn (package-initialize) (require '{library}))"],
        capture_output=True,
        check=False,
    )
    if found.returncode != 0:
        pytest.skip(f"this Emacs has no {library}: apt-get install elpa-{library}")


def played(
    emacs: str, session: str, project: Project, environment: dict[str, str], report: Path, **more: str
) -> dict[str, Any]:
    """Run a session, and return what it saw."""
    # Emacs trusts the variable PWD more than the folder it is in.
    variables = (
        environment
        | {"BANK": str(project.bank), "REPORT": str(report), "VATDATA_EL": str(SET_UP.parent)}
        | more
    )
    done = subprocess.run(
        [emacs, "-q", "--batch", "-L", str(SESSIONS), "-l", "session", "-l", session],
        env=variables | {"PWD": str(project.root)},
        cwd=project.root,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert report.exists(), done.stdout + done.stderr
    seen = json.loads(report.read_text(encoding="utf-8"))
    assert "error" not in seen, f"{seen}\n{done.stderr}"
    return seen


def check(seen: dict[str, Any], project: Project) -> None:
    start, end = project.columns
    (finding,) = seen["diagnostics"]
    assert finding["start"] == [project.line, start]
    assert finding["end"] == [project.line, end]
    assert "kind 'Receipt' is defined after the await" in finding["text"]
    assert any(title.startswith("Move it above line") for title in seen["offered"])
    assert project.is_fixed(seen["after"])


def test_eglot_shows_the_fault_and_applies_the_fix(emacs, project, environment, tmp_path):
    need(emacs, "eglot")
    seen = played(emacs, "eglot-session", project, environment, tmp_path / "report.json")
    check(seen, project)
    # Eglot shows no related information: the way from the entry point stands in the text.
    assert "receipts.py" in seen["diagnostics"][0]["text"]
    assert seen["others"] == 0


def test_eglot_shows_the_fault_beside_the_findings_of_another_server(emacs, project, environment, tmp_path):
    need(emacs, "eglot")
    program("rass", "pip install rassumfrassum")
    ruff = program("ruff", "pip install ruff")
    bank = project.bank.read_text(encoding="utf-8")
    project.bank.write_text(bank.replace("\n\n\ndef init_purse", "\n\nimport os\n\n\ndef init_purse"))
    moved = Project(project.root, project.bank, project.line + 2, project.columns)
    seen = played(
        emacs,
        "eglot-session",
        moved,
        environment,
        tmp_path / "report.json",
        OTHER_SERVERS=f"{ruff} server",
    )
    check(seen, moved)
    assert seen["others"] > 0


def test_lsp_mode_shows_the_fault_and_applies_the_fix(emacs, project, environment, tmp_path):
    need(emacs, "lsp-mode")
    seen = played(emacs, "lsp-mode-session", project, environment, tmp_path / "report.json")
    check(seen, project)


def test_the_set_up_compiles_without_a_warning(emacs, tmp_path):
    copy = tmp_path / SET_UP.name
    copy.write_text(SET_UP.read_text())
    done = subprocess.run(
        [
            emacs,
            "-Q",
            "--batch",
            "--eval",
            "(setq byte-compile-error-on-warn t)",
            "-f",
            "batch-byte-compile",
            copy,
        ],
        env=os.environ | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
