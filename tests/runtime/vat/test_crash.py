"""A vat that is killed at any instant is, when it is opened again, as it was after some whole crank."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from vatdata_runtime import open_vat
from vatdata_runtime.kernel.vat_table import VatTable
from vatdata_runtime.store import open_store, verify_store
from vatdata_runtime.vat.verify import verify_vat

from . import crash_child

ROOT = Path(__file__).parents[3]


def differences(path: Path) -> list[str]:
    """What is not as it should be in the vats that the store knows."""
    with open_store(path, readonly=True) as store:
        numbers = VatTable(store, str(path)).names().values()
        return [str(found) for number in numbers for found in verify_vat(store, number)]


def test_a_vat_killed_at_any_storage_step_has_every_acknowledged_crank_and_no_part_of_another(
    tmp_path: Path,
) -> None:
    states: list[Any] = [()]  # before the first acknowledgement: a new store, or none
    for vat in crash_child.story(tmp_path / "whole.db"):
        with vat.crank() as bank:
            states.append(tuple(bank.state()))

    loop = subprocess.run(
        [sys.executable, "-m", "tests.runtime.vat.crash_child", str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=250,
        check=True,
    )
    ends = [json.loads(line) for line in loop.stdout.splitlines()]
    assert [end["code"] for end in ends] == [-signal.SIGKILL] * (len(ends) - 1) + [0], loop.stderr
    assert ends[-1]["acknowledged"] == len(states) - 1
    assert len(ends) > 120, "the steps became fewer: does on_step still reach them all?"

    for end in ends:
        path, acknowledged = tmp_path / f"{end['point']}.db", end["acknowledged"]
        where = f"step {end['point']}, {acknowledged} acknowledged"
        if path.exists() and path.stat().st_size:
            assert verify_store(str(path)) == [], where
            assert differences(path) == [], where
        # The new code opens what the upgrade has not reached as well as what it has.
        with open_vat(path, crash_child.build(2), durability="relaxed") as vat, vat.crank() as bank:
            found = tuple(bank.state())
            bank.open_account("after", 1)
        assert found in states[acknowledged : acknowledged + 2], f"{where}: {found}"
        assert differences(path) == [], where
