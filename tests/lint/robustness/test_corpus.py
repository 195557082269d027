"""No file of the standard library and of three large packages makes the analyser fail."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lint.cli.conftest import ROOT
from tests.lint.robustness.forced import assert_sound, check_forced

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

PACKAGES = ["stdlib", "django", "sympy", "networkx"]
BATCH_BYTES = 1_500_000
"""Trees of everything at once would need gigabytes."""


@pytest.fixture(params=PACKAGES)
def package(request: pytest.FixtureRequest) -> Path:
    """A folder of real Python that was not written with us in mind."""
    name: str = request.param
    if name == "stdlib":
        return Path(sysconfig.get_path("stdlib"))
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip(f"{name} is not installed: pip install 'vatdata[corpus]'")
    return Path(spec.submodule_search_locations[0])


def modules(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.py")):
        if "site-packages" not in path.relative_to(folder).parts:
            yield path


def batches(folder: Path) -> Iterator[list[Path]]:
    batch: list[Path] = []
    size = 0
    for path in modules(folder):
        batch.append(path)
        size += path.stat().st_size
        if size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def test_every_function_of_a_large_package_is_followed_to_its_end(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = 0
    for batch in batches(package):
        folder = tmp_path / "batch"
        for path in batch:
            target = folder / path.relative_to(package)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        assert_sound(folder, check_forced(folder, monkeypatch))
        looked_at += len(batch)
        shutil.rmtree(folder)
    assert looked_at > 200


def test_the_command_passes_over_a_large_package_and_calls_only_what_is_no_python_unreadable(
    package: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "project"
    for path in modules(package):
        target = folder / path.relative_to(package)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    (folder / "vatdata-lint.toml").write_text('check-syntax = "always"\n')
    done = subprocess.run(
        [sys.executable, "-m", "vatdata_lint", "--no-cache", "--output-format", "concise", "--quiet"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        timeout=600,
    )
    assert done.stderr == ""
    assert done.returncode in (0, 1)
    for line in done.stdout.splitlines():
        name = line.partition(":")[0]
        assert " VD900 " in line
        with pytest.raises((SyntaxError, ValueError)):
            compile((folder / name).read_bytes(), name, "exec")
