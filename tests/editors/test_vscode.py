"""The extension in a real VS Code: what its extension host reports, and what a user sees and does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.editors.conftest import EDITORS, Project
from tests.editors.vscode.code_server import VsCode, find_vscode, unpack

EXTENSION = EDITORS / "vscode"
VSIX = EXTENSION / "vatdata-vscode.vsix"
STAND_IN = Path(__file__).parent / "vscode/stand-in-python"
SUITE = EXTENSION / "dist/test/suite.js"

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        find_vscode() is None,
        reason="VATDATA_VSCODE names no folder that tests/editors/install_vscode.sh filled",
    ),
]


@pytest.fixture(scope="module")
def vscode() -> VsCode:
    found = find_vscode()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def vsix(vscode: VsCode) -> Path:
    """The packaged extension, built now."""
    env = os.environ | {"PATH": os.pathsep.join([str(vscode.bin), os.environ["PATH"]])}
    if not (EXTENSION / "node_modules").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=EXTENSION, env=env, check=True)
    for script in ("package", "build:test"):
        subprocess.run(["npm", "run", "--silent", script], cwd=EXTENSION, env=env, check=True)
    return VSIX


@pytest.fixture
def python_extension(vscode: VsCode, vsix: Path, tmp_path: Path) -> Path:
    """What stands in for Microsoft's extension, packaged."""
    made = tmp_path / "python.vsix"
    packager = EXTENSION / "node_modules/.bin/vsce"
    subprocess.run(
        [packager, "package", "--allow-missing-repository", "--skip-license", "--out", made],
        cwd=STAND_IN,
        env=os.environ | {"PATH": os.pathsep.join([str(vscode.bin), os.environ["PATH"]])},
        check=True,
        capture_output=True,
    )
    return made


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures go: to the folder that VATDATA_SHOTS names, to look at them."""
    folder = Path(os.environ.get("VATDATA_SHOTS") or tmp_path_factory.mktemp("shots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def starts(tmp_path: Path, environment: dict[str, str]) -> Path:
    """A file into which `noted_server` writes the process id of each start."""
    file = tmp_path / "starts"
    environment["VATDATA_STARTS"] = str(file)
    return file


def noted_server(folder: Path, then: str) -> str:
    """Write a program that notes its start, then becomes another."""
    script = folder / "noted-server"
    script.write_text(f'#!/bin/sh\necho $$ >>"$VATDATA_STARTS"\nexec {then} "$@"\n')
    script.chmod(0o755)
    return str(script)


def watched(
    vscode: VsCode,
    vsix: Path,
    project: Project,
    environment: dict[str, str],
    shots: Path,
    scenario: str,
    *,
    settings: dict[str, Any],
    more: tuple[Path, ...] = (),
    trusted: bool = True,
    data: Path,
) -> dict[str, Any]:
    """Play a scenario of ui.mjs, and return what it saw."""
    with vscode.serve(
        data, environment, settings=settings, extensions=(vsix, *more), trusted=trusted
    ) as running:
        fault = f"{project.line}:{project.columns[0] + 1}"
        printed = running.drive(
            "ui.mjs", project.root, project.bank, fault, scenario, shots.resolve(), env=environment
        )
    return json.loads(printed)


def test_every_case_of_the_suite_passes_in_the_extension_host(
    vscode, vsix, project, environment, starts, tmp_path
):
    report = tmp_path / "report.json"
    environment["VATDATA_REPORT"] = str(report)
    server = noted_server(tmp_path, f"{sys.executable} -P -m vatdata_lsp")
    settings = {"vatdata.server": [server]}
    with vscode.serve(tmp_path / "vscode", environment, settings=settings, suites=True) as running:
        running.drive("host.mjs", project.root, unpack(vsix, tmp_path / "unpacked"), SUITE, env=environment)
    outcome = json.loads(report.read_text())
    assert len(outcome) > 5
    assert {name: text for name, text in outcome.items() if text != "passed"} == {}


def test_a_user_sees_the_fault_and_fixes_it(vscode, vsix, project, environment, starts, shots, tmp_path):
    noted_server(Path(environment["HOME"]), sys.executable)
    seen = watched(
        vscode,
        vsix,
        project,
        environment,
        shots,
        "everyday",
        settings={"vatdata.interpreter": "~/noted-server"},
        data=tmp_path / "vscode",
    )
    assert seen["squiggles"] == 1
    assert seen["lenses"] == ["first crank: 2 kinds, 1 late"]
    (problem,) = [row for row in seen["problems"] if "VD103" in row]
    assert f"Ln {project.line}, Col {project.columns[0] + 1}" in problem
    assert seen["lensTitle"].endswith("first crank: 2 kinds, 1 late")
    assert seen["lensAnswer"] == [
        "Purse by prepare_exo_class, bank.py:23",
        "Receipt by prepare_exo_class, receipts.py:20",
    ]
    assert "crank" in " ".join(seen["hover"])
    assert any(title.startswith("Move it above line") for title in seen["offered"])
    assert project.is_fixed("\n".join(seen["afterFix"]))
    assert not any("VD103" in row for row in seen["problemsAfterFix"])


def test_the_status_names_the_server_and_where_it_was_found(
    vscode, vsix, project, environment, shots, tmp_path
):
    seen = watched(vscode, vsix, project, environment, shots, "status", settings={}, data=tmp_path / "vscode")
    (status,) = [text for text in seen["status"] if "vatdata" in text]
    assert f"{Path(sys.executable).parent / 'vatdata-lsp'} (PATH)" in status


def test_a_wrong_interpreter_is_told_once_with_a_way_out(vscode, vsix, project, environment, shots, tmp_path):
    seen = watched(
        vscode,
        vsix,
        project,
        environment,
        shots,
        "trouble",
        settings={"vatdata.interpreter": "/nowhere/python"},
        data=tmp_path / "vscode",
    )
    assert seen["first"] == [
        "The setting vatdata.interpreter does not work: /nowhere/python does not run (there is no such program)."
    ]
    assert seen["actions"] == ["Open Settings", "Show Log"]
    assert seen["later"] == seen["first"]


def test_a_server_that_always_crashes_is_started_twice_and_told_once(
    vscode, vsix, project, environment, starts, shots, tmp_path
):
    server = noted_server(tmp_path, "false")
    seen = watched(
        vscode,
        vsix,
        project,
        environment,
        shots,
        "crash",
        settings={"vatdata.server": [server]},
        data=tmp_path / "vscode",
    )
    assert seen["starts"] == 2
    (message,) = seen["messages"]
    assert "ended unexpectedly, twice" in message
    assert seen["actions"] == ["Restart", "Show Log"]


@pytest.mark.slow
def test_a_server_that_never_answers_is_given_up_and_told_once(
    vscode, vsix, project, environment, starts, shots, tmp_path
):
    server = noted_server(tmp_path, "sleep 1000")
    seen = watched(
        vscode,
        vsix,
        project,
        environment,
        shots,
        "silence",
        settings={"vatdata.server": [server]},
        data=tmp_path / "vscode",
    )
    assert seen["starts"] == 2
    (message,) = seen["messages"]
    assert "ended unexpectedly, twice" in message


def without_server(environment: dict[str, str]) -> None:
    """Take the server from PATH, and leave what VS Code itself needs."""
    environment["PATH"] = "/usr/bin:/bin"


def test_the_interpreter_selected_in_the_python_extension_is_used_and_followed(
    vscode, vsix, python_extension, project, environment, shots, tmp_path
):
    without_server(environment)
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    lacking = str(bare / "bin/python")
    seen = watched(
        vscode,
        vsix,
        project,
        environment,
        shots,
        "selected",
        settings={"standIn.first": lacking, "standIn.next": sys.executable},
        more=(python_extension,),
        data=tmp_path / "vscode",
    )
    assert seen["messages"] == [
        f"The vatdata server was not found: {lacking} has no vatdata_lsp, no pygls, no libcst, and it is not on PATH."
    ]
    assert seen["actions"] == ["Install", "Select Interpreter", "Not in This Workspace"]
    assert seen["squiggles"] == 1
    assert seen["messagesLater"] == []


def test_the_environment_of_a_workspace_runs_only_once_that_is_trusted(
    vscode, vsix, project, environment, starts, shots, tmp_path
):
    without_server(environment)
    interpreter = project.root / ".venv/bin/python"
    interpreter.parent.mkdir(parents=True)
    Path(noted_server(tmp_path, sys.executable)).rename(interpreter)
    (project.root / ".vscode").mkdir()
    (project.root / ".vscode/settings.json").write_text(json.dumps({"vatdata.interpreter": str(interpreter)}))
    seen = watched(
        vscode,
        vsix,
        project,
        environment,
        shots,
        "untrusted",
        settings={"security.workspace.trust.startupPrompt": "never"},
        trusted=False,
        data=tmp_path / "vscode",
    )
    assert not seen["started"]
    assert [text for text in seen["messages"] if "not trusted" in text] == [
        "vatdata does not run the Python environment of a workspace that is not trusted, and its server is not on PATH."
    ]
    assert seen["startedWhenTrusted"]


@pytest.mark.skipif(
    "VATDATA_WHEELS" not in os.environ,
    reason="VATDATA_WHEELS names no folder with a wheel of vatdata to install",
)
def test_a_missing_server_is_offered_and_installed(vscode, vsix, project, environment, shots, tmp_path):
    without_server(environment)
    environment["PATH"] = f"{shutil.which('python3.11')[: -len('/python3.11')]}:{environment['PATH']}"
    environment["PIP_FIND_LINKS"] = os.environ["VATDATA_WHEELS"]
    seen = watched(
        vscode, vsix, project, environment, shots, "install", settings={}, data=tmp_path / "vscode"
    )
    assert seen["messages"] == [
        "The vatdata server was not found: no Python environment is selected, and it is not on PATH."
    ]
    assert seen["squiggles"] == 1
