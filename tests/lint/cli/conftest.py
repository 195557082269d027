"""The real command in a process of its own, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

GOOD = """\
from vatdata_runtime import prepare_exo


def build_root_object(vat_powers, vat_parameters, baggage):
    return prepare_exo(baggage, "Purse", None, {})
"""

LATE = """\
from vatdata_runtime import prepare_exo


async def build_root_object(vat_powers, vat_parameters, baggage):
    await vat_powers.ready()
    return prepare_exo(baggage, "Purse", None, {})
"""


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


@pytest.fixture
def lint(tmp_path: Path) -> Callable[..., Done]:
    """Run ``vatdata-lint`` in the test's folder; a traceback fails the test whatever it expected."""

    def run(*args: str, stdin: bytes = b"", env: dict[str, str] | None = None) -> Done:
        environment = {
            key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")
        }
        done = subprocess.run(
            [sys.executable, "-m", "vatdata_lint", *args],
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            env={**environment, "PYTHONPATH": str(ROOT), **(env or {})},
            check=False,
            timeout=120,
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in err
        assert "internal error" not in err
        return Done(done.returncode, out, err)

    return run


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file of the test's folder."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file
