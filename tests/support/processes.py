"""Other processes for the tests: real ones, since locks, maps and crashes are matters between processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


def run_python(code: str, *arguments: object, said: str = "") -> subprocess.CompletedProcess[str]:
    """Run *code* to its end in a process of its own, with *said* on its standard input."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        input=said,
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(),
        check=False,
    )


class Child:
    """A process that says a line when it is ready, and goes on when it is told a line."""

    def __init__(self, code: str, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def tell(self, line: str = "") -> None:
        assert self.process.stdin is not None
        print(line, file=self.process.stdin, flush=True)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
