"""What ``import vatdata_runtime`` brings with it: every program that uses the runtime pays for it at each start."""

from __future__ import annotations

import subprocess
import sys

import pytest

LATE = {
    "bz2": "a full disk is measured",
    "ctypes": "cranks are limited in time",
    "json": "a store is opened",
    "pathlib": "a program uses it",
    "prometheus_client": "figures are scraped",
    "opentelemetry": "a tracer is given",
    "rich": "a command prints",
    "click": "a command runs",
    "importlib.metadata": "a store is made",
    "sortedcontainers": "keys are kept in order in memory",
    "tempfile": "counts do not fit in memory",
    "vatdata_lint": "the command checks an upgrade",
    "vatdata_runtime.store.backup": "a backup is made",
    "vatdata_runtime.store.verification": "a file is verified",
    "vatdata_runtime.tools": "a command runs",
}


@pytest.fixture(scope="module")
def imported() -> set[str]:
    code = "import sys, vatdata_runtime; print('\\n'.join(sys.modules))"
    # -S -E would leave out the installed packages; the modules that the environment itself brings are taken off.
    with_runtime, bare = (
        subprocess.run([sys.executable, "-c", line], check=True, capture_output=True, text=True).stdout
        for line in (code, "import sys; print('\\n'.join(sys.modules))")
    )
    return {*with_runtime.split()} - {*bare.split()}


@pytest.mark.parametrize("module", LATE)
def test_importing_the_runtime_leaves_a_module_until_it_is_needed(imported: set[str], module: str) -> None:
    assert "vatdata_runtime.kernel.kernel" in imported
    assert module not in imported, f"{module} is needed only when {LATE[module]}: import it there"


def test_the_number_of_imported_modules_of_the_runtime_is_known(imported: set[str]) -> None:
    own = [name for name in imported if name.startswith("vatdata_runtime.")]
    assert len(own) < 170, (
        "each module costs about 0.2 ms at every start; is the new one needed at every start?"
    )
