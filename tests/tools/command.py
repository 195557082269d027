"""Runs the ``vatdata`` command: inside this process, or as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from click.testing import CliRunner, Result

from vatdata_runtime.cli import main

COMMAND = [sys.executable, "-c", "from vatdata_runtime.cli import main; main(prog_name='vatdata')"]


def vatdata(*words: object, code: int = 0) -> Result:
    """Run a command in this process, and see to its exit code."""
    result = CliRunner().invoke(
        main, [str(word) for word in words], prog_name="vatdata", env={"COLUMNS": "200"}
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def vatdata_json(*words: object, code: int = 0) -> Any:
    """Run a command with ``--json``, and read what it prints."""
    return json.loads(vatdata(*words, "--json", code=code).stdout)


def run_vatdata(*words: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a process of its own."""
    return subprocess.run(
        [*COMMAND, *(str(word) for word in words)],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200", **variables},
        check=False,
        timeout=120,
    )
