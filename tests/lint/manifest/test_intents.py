"""What the code itself says of kinds that are gone: wherever it says so, in names that can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from vatdata_lint.behavior.loader import ViewLoader
from vatdata_lint.config import Config
from vatdata_lint.engine import Project
from vatdata_lint.manifest import KindRecord, Manifest, VatRecord, manifest_findings
from vatdata_lint.manifest.code import code_kinds
from vatdata_lint.manifest.intents import Intents, intents

VAT = """\
from vatdata_runtime import Exo, make_durable_zone, prepare_exo
from evolution import evolve

class Purse(Exo):
    balance: str = "0"

def build_root_object(vat_powers, vat_parameters, baggage):
    evolve(baggage)
    make_durable_zone(baggage).prepare(PURSE)
"""


def said(folder: Path, text: str, *, path: str = "evolution.py") -> Intents:
    (folder / "vat.py").write_text(VAT.replace("PURSE", "Purse"))
    file = folder / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"from vatdata_runtime import rename_kind, retire_kind\n{text}")
    config = Config(root=folder)
    return intents(Project(folder, config), ViewLoader(folder, config.source_roots))


@pytest.mark.parametrize(
    "text",
    [
        "def evolve(baggage):\n    rename_kind(baggage, 'A', 'B')\n    retire_kind(baggage, 'C')",
        "def evolve(baggage):\n    rename_kind(baggage, old='A', new='B')\n    retire_kind(baggage, name='C')",
        "OLD, NEW = 'A', 'B'\nGONE = 'C'\ndef evolve(b):\n    rename_kind(b, OLD, NEW)\n    retire_kind(b, GONE)",
        "TABLE = {'A': 'B'}\ndef evolve(b):\n    for old, new in TABLE.items():\n        rename_kind(b, old, new)\n"
        "    for name in ('C',):\n        retire_kind(b, name)",
        "def evolve(b):\n    for old, new in [('A', 'B')]:\n        rename_kind(b, old, new)\n"
        "    for name in {'C': 1}:\n        retire_kind(b, name)",
        "def evolve(b):\n    for old in ['A']:\n        rename_kind(b, old, 'B')\n    retire_kind(b, 'C')",
    ],
)
def test_a_module_that_an_entry_uses_says_what_may_be_gone(tmp_path: Path, text: str) -> None:
    assert said(tmp_path, text) == Intents(frozenset({"C"}), {"A": "B"})


def test_a_name_that_cannot_be_read_and_a_test_say_nothing(tmp_path: Path) -> None:
    text = "def evolve(baggage):\n    for name in baggage:\n        retire_kind(baggage, name)\n    retire_kind(baggage)"
    assert said(tmp_path, text) == Intents(frozenset(), {})
    (tmp_path / "evolution.py").unlink()
    assert said(tmp_path, "retire_kind({}, 'C')", path="tests/test_evolution.py") == Intents(frozenset(), {})


def test_a_kind_that_the_code_renames_is_compared_with_what_is_stored(tmp_path: Path) -> None:
    (tmp_path / "vat.py").write_text(
        "from vatdata_runtime import *\n"
        "def build_root_object(vat_powers, vat_parameters, baggage):\n"
        "    rename_kind(baggage, 'Old', 'New')\n"
        "    prepare_exo_class_kit(baggage, 'New', None, dict, {'a': {}, 'b': {}})\n"
    )
    project = Project(tmp_path, Config(root=tmp_path))
    found = manifest_findings(
        project, Manifest("m", (VatRecord("vat", kinds=(KindRecord("Old", "single"),)),))
    )
    assert [(item.code, item.location.line) for item in found] == [("VD121", 4)]


@pytest.mark.parametrize(
    ("call", "version"),
    [("Purse", 1), ("Purse, version=2, migrate=str", 2), ("Purse, version=LATEST, migrate=str", 3)],
)
def test_a_declarative_class_has_the_version_that_it_is_prepared_with(
    tmp_path: Path, call: str, version: int
) -> None:
    (tmp_path / "vat.py").write_text("LATEST = 3\n" + VAT.replace("PURSE", call))
    config = Config(root=tmp_path)
    (kind,) = code_kinds(Project(tmp_path, config), ViewLoader(tmp_path, config.source_roots))
    assert kind.record.version == version
    assert kind.migrates is (version > 1)
