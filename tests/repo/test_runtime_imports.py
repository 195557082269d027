"""What an import of the runtime brings with it: every program that uses the runtime pays for it at each start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = "from vatdata_runtime import Far, M, open_vat, prepare_exo_class, provide_durable_map_store"
"""What the first example of the README imports."""

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
    "sortedcontainers": "many keys are kept in order in memory",
    "tempfile": "counts do not fit in memory",
    "vatdata_lint": "the command checks an upgrade",
    "vatdata_runtime.declare": "a class is declared",
    "vatdata_runtime.kernel.kernel": "a program has several vats",
    "vatdata_runtime.store.backup": "a backup is made",
    "vatdata_runtime.store.verification": "a file is verified",
    "vatdata_runtime.tools": "a command runs",
    "vatdata_runtime.zones.attenuators": "an attenuator is made",
    "vatdata_runtime.zones.zone": "a zone is made",
}


def brought_by(line: str) -> set[str]:
    """Names of the modules that a line imports, above those of an empty program."""
    # -S -E would leave out the installed packages; the modules that the environment itself brings are taken off.
    with_line, bare = (
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
        for code in (
            f"import sys; {line}; print('\\n'.join(sys.modules))",
            "import sys; print('\\n'.join(sys.modules))",
        )
    )
    return {*with_line.split()} - {*bare.split()}


@pytest.fixture(scope="module")
def imported() -> set[str]:
    return brought_by(PROGRAM)


@pytest.mark.parametrize("module", LATE)
def test_a_program_leaves_a_module_until_it_is_needed(imported: set[str], module: str) -> None:
    assert "vatdata_runtime.kernel.embedded" in imported
    assert module not in imported, f"{module} is needed only when {LATE[module]}: import it there"


def test_the_number_of_modules_that_a_program_imports_is_known(imported: set[str]) -> None:
    own = [name for name in imported if name.startswith("vatdata_runtime.")]
    assert len(own) < 125, (
        "each module costs about 0.2 ms at every start; is the new one needed at every start?"
    )


def test_the_package_by_itself_brings_almost_nothing() -> None:
    own = {name for name in brought_by("import vatdata_runtime") if name.startswith("vatdata_runtime.")}
    assert own == {f"vatdata_runtime.{name}" for name in ("errors", "late", "vat_data", "zones")}


START = """
from vatdata_runtime import Far, open_vat, prepare_exo_class, provide_durable_map_store
def build(powers, parameters, baggage):
    make = prepare_exo_class(baggage, "Node", None, lambda: {"count": 0}, {"count": lambda this: this.state.count})
    nodes = provide_durable_map_store(baggage, "nodes")
    if not nodes.has(0):
        nodes.init(0, make())
    return Far("Root", {"count": lambda: nodes.get(0).count()})
with open_vat(%r, build) as vat:
    assert vat.call("count") == 0
"""


@pytest.mark.parametrize(
    "module", ["json", "sortedcontainers", "importlib.metadata", "vatdata_runtime.kernel.kernel"]
)
def test_opening_a_store_again_and_a_call_leave_a_module_alone(tmp_path: Path, module: str) -> None:
    start = START % str(tmp_path / "s.db")
    subprocess.run([sys.executable, "-c", start], check=True)
    assert module not in brought_by(f"exec({start!r})")
