"""The configuration for Kate, in a real window on a virtual screen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.conftest import EDITORS, Project, program

PATIENCE_S = 60


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


def test_kate_starts_the_server_and_shows_the_fault(
    display: str, project: Project, environment: dict[str, str], tmp_path: Path
):
    kate = program("kate", "apt-get install --no-install-recommends kate")
    bus = program("dbus-run-session", "apt-get install dbus")
    configuration = Path(environment["XDG_CONFIG_HOME"])
    (configuration / "kate/lspclient").mkdir(parents=True)
    shutil.copy(EDITORS / "kate/settings.json", configuration / "kate/lspclient")
    (command,) = json.loads((EDITORS / "kate/settings.json").read_text())["servers"]["python"]["command"]
    # Kate asks once before it starts a server; here the answer was yes.
    (configuration / "katerc").write_text(
        "[Kate Plugins]\nlspclientplugin=true\n\n"
        "[General]\nShow welcome view for new window=false\nStartup Session=new\n\n"
        f"[lspclient]\nAllowedServerCommandLines={command}\n"
    )
