"""A real VS Code: its server in a fresh folder, and scripts that drive it through Chromium."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PATIENCE_S = 120
QUIET_SETTINGS = {
    "telemetry.telemetryLevel": "off",
    "extensions.autoUpdate": "off",
    "extensions.autoCheckUpdates": False,
    "workbench.startupEditor": "none",
    "workbench.enableExperiments": False,
    "chat.disableAIFeatures": True,
    "editor.minimap.enabled": False,
}


@dataclass(frozen=True)
class Running:
    """A server that answers, and what drives it."""

    port: int
    tools: VsCode

    def drive(self, script: str, *arguments: str | Path, env: Mapping[str, str]) -> str:
        """Run a script of this folder, and return what it printed.

        Raises:
            AssertionError: The script failed.
        """
        done = subprocess.run(
            [self.tools.node, HERE / script, self.tools.modules, str(self.port), *arguments],
            env=dict(env),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, f"{script} failed:\n{done.stdout}{done.stderr}"
        return done.stdout


class VsCode:
    """The programs that install_vscode.sh put into a folder."""

    def __init__(self, folder: Path) -> None:
        self.modules = folder / "modules"
        self.bin = folder / "venv/bin"
        self.node = str(folder / "node")
        self.main = self.modules / "node_modules/code-server/lib/vscode/out/server-main.js"

    @contextmanager
    def serve(
        self,
        data: Path,
        env: Mapping[str, str],
        *,
        settings: Mapping[str, Any],
        extensions: tuple[Path, ...] = (),
        trusted: bool = True,
        suites: bool = False,
    ) -> Iterator[Running]:
        """Run VS Code with settings and extensions (vsix files) of its own; it ends with the block.

        With *suites* a page may ask for extension tests; messages to the user are then not shown.
        """
        user = data / "data" / "User"
        user.mkdir(parents=True)
        (user / "settings.json").write_text(json.dumps(QUIET_SETTINGS | dict(settings)))
        common = [
            self.node,
            str(self.main),
            "--server-data-dir",
            str(data),
            "--extensions-dir",
            str(data / "ext"),
        ]
        common += ["--accept-server-license-terms", "--telemetry-level", "off"]
        for extension in extensions:
            subprocess.run(
                [*common, "--install-extension", str(extension)],
                env=dict(env),
                check=True,
                capture_output=True,
            )
        port = _free_port()
        command = [*common, "--host", "127.0.0.1", "--port", str(port), "--without-connection-token"]
        command.append("--force-disable-user-env")  # else a login shell's PATH takes the place of ours
        command += ["--reconnection-grace-time", "1"]  # else the extension host outlives its page by hours
        if suites:
            command.append("--enable-smoke-test-driver")
        if trusted:
            command.append("--disable-workspace-trust")
        with (data / "server.log").open("wb") as log:
            process = subprocess.Popen(command, env=dict(env), stdout=log, stderr=log, start_new_session=True)
            try:
                _wait(port, process)
                yield Running(port, self)
            finally:
                os.killpg(process.pid, 15)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, 9)
                    process.wait()


def unpack(vsix: Path, folder: Path) -> Path:
    """Unpack an extension, and return the folder that VS Code loads."""
    with zipfile.ZipFile(vsix) as archive:
        archive.extractall(folder)
    return folder / "extension"


def find_vscode() -> VsCode | None:
    """Return the VS Code of the folder that VATDATA_VSCODE names."""
    folder = os.environ.get("VATDATA_VSCODE")
    if folder is None or shutil.which("chromium") is None:
        return None
    return VsCode(Path(folder).resolve())


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        assert process.poll() is None, "VS Code ended at once: see server.log"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/version", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)  # a server that starts has no event to wait for
    raise AssertionError("VS Code did not answer in time")
