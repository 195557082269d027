"""The configuration for Kate, in a real window on a virtual screen."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.editors.conftest import EDITORS, Project, program

PATIENCE_S = 60
T = TypeVar("T")


@pytest.fixture
def display(tmp_path: Path) -> Iterator[str]:
    """A virtual screen with its own session bus."""
    server = program("Xvfb", "apt-get install xvfb")
    number, write = os.pipe()
    process = subprocess.Popen(
        [server, "-displayfd", str(write), "-screen", "0", "1300x850x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(number) as answer:
            yield f":{answer.readline().strip()}"
    finally:
        process.terminate()
        process.wait()


@pytest.mark.slow  # keys are sent blindly: on a machine that is busy with other tests they may come too early
def test_kate_shows_the_fault_and_applies_the_fix(
    display: str, project: Project, environment: dict[str, str], tmp_path: Path
):
    kate = program("kate", "apt-get install --no-install-recommends kate")
    program("xdotool", "apt-get install xdotool")
    bus = program("dbus-run-session", "apt-get install dbus")
    configuration = Path(environment["XDG_CONFIG_HOME"])
    (configuration / "kate/lspclient").mkdir(parents=True)
    shutil.copy(EDITORS / "kate/settings.json", configuration / "kate/lspclient")
    (command,) = json.loads((EDITORS / "kate/settings.json").read_text())["servers"]["python"]["command"]
    # A program of the configured name that runs the server and keeps what it says to Kate.
    said = tmp_path / "said"
    server = tmp_path / "bin" / command
    server.parent.mkdir()
    server.write_text(f'#!/bin/sh\n"{program(command, "pip install vatdata[lsp]")}" | tee "{said}"\n')
    server.chmod(0o755)
    # Kate asks once before it starts a server; here the answer was yes. It keeps the answer by the program's path.
    (configuration / "katerc").write_text(
        "[Kate Plugins]\nlspclientplugin=true\n\n"
        "[General]\nShow welcome view for new window=false\nStartup Session=new\n\n"
        f"[lspclient]\nAllowedServerCommandLines={server}\n"
    )
    variables = environment | {
        "DISPLAY": display,
        "PATH": os.pathsep.join([str(server.parent), environment["PATH"]]),
    }
    place = ["--line", str(project.line), "--column", str(project.columns[0] + 1)]
    with subprocess.Popen(
        [bus, kate, "-n", *place, str(project.bank)],
        env=variables,
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            (diagnostic,) = until("a finding", lambda: published(said, project.bank))
            take_picture(variables)
            until("the file", lambda: fix_and_save(variables) and project.is_saved_fixed())
            assert published(said, project.bank) == []
        finally:
            os.killpg(process.pid, signal.SIGTERM)
    line, (start, end) = project.line - 1, project.columns
    assert diagnostic["code"] == "VD103"
    assert diagnostic["range"] == {
        "start": {"line": line, "character": start},
        "end": {"line": line, "character": end},
    }


def until(what: str, ask: Callable[[], T]) -> T:
    """Wait for an answer that is true; a window has no event that we could wait for."""
    end = time.monotonic() + PATIENCE_S
    while not (answer := ask()):
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.1)
    return answer


def published(said: Path, file: Path) -> list[dict[str, Any]] | None:
    """Return the findings of a file that the server told last, None before it told any."""
    last = None
    text = said.read_bytes().decode(errors="replace") if said.exists() else ""
    for part in re.split(r"Content-Length: \d+\r\n(?:Content-Type: [^\r]*\r\n)?\r\n", text):
        try:
            message = json.loads(part)
        except json.JSONDecodeError:
            continue  # the last one may still be on its way
        if message.get("method") == "textDocument/publishDiagnostics":
            assert message["params"]["uri"] == file.as_uri()
            last = list(message["params"]["diagnostics"])
    return last


def fix_and_save(variables: dict[str, str]) -> bool:
    """Choose the first of the code actions at the cursor, and save. Done once more, it changes nothing."""
    window = ["search", "--onlyvisible", "--name", "bank.py", "windowfocus", "--sync"]
    for keys in ([*window, "key", "Escape", "alt+Return"], ["key", "Down", "Return"], ["key", "ctrl+s"]):
        subprocess.run(["xdotool", *keys], env=variables, capture_output=True, timeout=20, check=True)
        time.sleep(1)  # the menu comes when the server answers
    return True


def take_picture(variables: dict[str, str]) -> None:
    """Keep a picture of the screen in the folder that VATDATA_SHOTS names, for people to look at."""
    folder, importer = os.environ.get("VATDATA_SHOTS"), shutil.which("import")
    if folder and importer:
        Path(folder).mkdir(parents=True, exist_ok=True)
        time.sleep(3)  # let the window be painted
        subprocess.run([importer, "-window", "root", f"{folder}/kate.png"], env=variables, check=True)
