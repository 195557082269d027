from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from vatdata_runtime.store import Store, open_store


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "world.db")


@pytest.fixture
def store(path: str) -> Iterator[Store]:
    with open_store(path) as store:
        yield store
