"""A small project with one late and one clean kind, for the tests of the server."""

from __future__ import annotations

from pathlib import Path

import pytest

HELPER = """\
from vatdata_runtime import prepare_exo_class


def prepare_purse(baggage):
    return prepare_exo_class(baggage, "Purse", None, lambda: {}, {})
"""
LATE = """\
from helper import prepare_purse


async def build_root_object(vat_powers, vat_parameters, baggage):
    await vat_powers.load("😋")
    return prepare_purse(baggage)
"""
CLEAN = LATE.replace('    await vat_powers.load("😋")\n', "")


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))


@pytest.fixture
def project(tmp_path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text("[tool.vatdata-lint]\n")
    (root / "helper.py").write_text(HELPER)
    (root / "vat.py").write_text(LATE)
    return root
