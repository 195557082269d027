"""Starts the worker; imports next to nothing, so that it can be the first thing that the server does."""

from __future__ import annotations

import subprocess
import sys

__all__ = ["launch"]

COMMAND = (sys.executable, "-P", "-m", "vatdata_lsp.worker")
"""-P: the folder that the editor was started in must not shadow our modules."""


def launch() -> subprocess.Popen[bytes]:
    """Start a worker process; it imports the analyser at once, then waits for requests.

    It ends by itself when this process does, since its pipe closes then.

    Raises:
        OSError: It cannot be started.
    """
    return subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
