"""A program in a terminal of its own, driven as a person does: keys in, screen out."""

from __future__ import annotations

import os
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 40


class Terminal:
    """A terminal of 120 columns and 40 lines, run by tmux."""

    def __init__(self, tmux: str, name: str) -> None:
        self._tmux = [tmux, "-L", name, "-f", os.devnull]

    def run(self, *arguments: str) -> str:
        return subprocess.run([*self._tmux, *arguments], capture_output=True, text=True, check=True).stdout

    def screen(self) -> str:
        return self.run("capture-pane", "-p")

    def press(self, *keys: str) -> None:
        """Press keys, named as tmux names them."""
        self.run("send-keys", *keys)

    def type(self, text: str) -> None:
        self.run("send-keys", "-l", text)

    def until(self, what: str, condition: Callable[[], bool]) -> None:
        """Wait until something is true; a terminal has no event for it."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, f"waited in vain for {what}:\n{self.screen()}"
            time.sleep(0.1)

    def see(self, text: str) -> None:
        """Wait until a text is on the screen."""
        self.until(repr(text), lambda: text in self.screen())


@contextmanager
def terminal(tmux: str, command: str, env: Mapping[str, str], folder: Path) -> Iterator[Terminal]:
    """Run a shell command in a new terminal; both end with the block."""
    made = Terminal(tmux, f"vatdata-{uuid.uuid4().hex}")
    subprocess.run(
        [*made._tmux, "new-session", "-d", "-x", "120", "-y", "40", "-c", str(folder), command],
        env=dict(env) | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"},
        check=True,
    )
    try:
        yield made
    finally:
        # fails where the program has ended, and the terminal with it
        subprocess.run([*made._tmux, "kill-server"], capture_output=True, check=False)
