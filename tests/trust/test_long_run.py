"""Constant data cost constant memory, file and work. The long form: ``python -m tests.trust.long_run``."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from .long_run import drift, long_run


@pytest.mark.parametrize("cranks", [20_000, pytest.param(500_000, marks=pytest.mark.slow)])
def test_memory_file_and_work_of_a_crank_stay_what_they_were(tmp_path: Path, cranks: int) -> None:
    # What earlier tests of this process have left would be looked through at every collection.
    gc.collect()
    gc.freeze()
    try:
        found = drift(list(long_run(tmp_path / "world.db", cranks)))
    finally:
        gc.unfreeze()
    assert found["entries"] < 1.02, found
    assert found["operations"] < 1.02, found
    assert found["file_bytes"] < 1.1, found
    assert found["memory_bytes"] < 1.1, found
