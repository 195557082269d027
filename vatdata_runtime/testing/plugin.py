"""Fixtures for pytest, found by its entry point when the distribution is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ..kernel.kernel import Kernel
    from .lives import Lives

__all__ = ["kernel", "vat_lives"]


@pytest.fixture
def vat_lives(tmp_path: Path) -> Iterator[Lives]:
    """The lives of one vat over a new store, which is verified whole at the end of the test; see ``Lives``."""
    from .lives import Lives

    lives = Lives(folder=tmp_path)
    yield lives
    lives.close()


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    """A kernel on a new store, which is gone at the end of the test; see ``memory_kernel``."""
    from .throwaway import memory_kernel

    with memory_kernel() as opened:
        yield opened
