"""A world with two vats, made once and copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .worlds import fill_world


@pytest.fixture(scope="session")
def world_template(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("world") / "world.db"
    fill_world(path)
    return path


@pytest.fixture
def world(world_template, tmp_path) -> Path:
    """A closed store with the vats ``bank`` and ``customer``; see ``worlds.fill_world``."""
    return Path(shutil.copy(world_template, tmp_path / "world.db"))
