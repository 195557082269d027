"""A disk that takes writes and then fails to flush them: nothing is acknowledged, and nothing acknowledged is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.failing_calls import can_fail_flushes
from tests.support.processes import run_python
from vatdata_runtime import Kernel
from vatdata_runtime.store import open_store
from vatdata_runtime.tools.verify import verify

pytestmark = pytest.mark.skipif(not can_fail_flushes(), reason="needs filters of system calls")

CHILD = """
import os, sys
from tests.support.failing_calls import fail_flushes
from vatdata_runtime import Kernel, StoreError

path, durability, before = sys.argv[1], sys.argv[2], int(sys.argv[3])
kernel = Kernel.open(path, durability=durability)
bank = kernel.provide_vat("bank", "tests.trust.soak_roles:build_bank").root
for n in range(1, before + 1):
    print("acknowledged", kernel.call(bank, "move", n, n % 12, [1, -1, 0, 0, 0]))
fail_flushes()
for attempt in range(2):
    try:
        print("acknowledged", kernel.call(bank, "move", before + 1 + attempt, 0, [1, -1, 0, 0, 0]))
    except StoreError as error:
        print("refused", error.reason)
try:
    kernel.close()
except StoreError as error:
    print("not closed", error.reason)
sys.stdout.flush()
os._exit(0)
"""


@pytest.mark.parametrize("before", [0, 1, 7])
@pytest.mark.parametrize("durability", ["crank", "group"])
def test_a_commit_whose_flush_fails_is_refused_and_what_was_acknowledged_stays(
    tmp_path: Path, durability: str, before: int
) -> None:
    path = tmp_path / "world.db"
    child = run_python(CHILD, path, durability, before)
    assert child.returncode == 0, child.stderr
    said = child.stdout.splitlines()
    assert said[:before] == [f"acknowledged {n}" for n in range(1, before + 1)]
    assert [line.split()[0] for line in said[before : before + 2]] == ["refused", "refused"], said
    assert "open it again" in said[before + 1]
    assert list(verify(str(path))) == []
    with Kernel.open(path) as kernel:
        kernel.run()
        found = kernel.call(kernel.get_vat("bank").root, "serial")
    # Whether the last one has reached the disk nobody knows; it is there whole or not at all.
    assert found in (before, before + 1)


def test_without_flushes_a_commit_is_acknowledged_though_they_fail(tmp_path: Path) -> None:
    path = tmp_path / "world.db"
    said = run_python(CHILD, path, "relaxed", 3).stdout.splitlines()
    assert said[3] == "acknowledged 4", "relaxed does not flush: this shows that the others do"
    assert said[-1].startswith("not closed"), "closing flushes, and says that it could not"
    with open_store(path, readonly=True) as store:
        assert store.measure().entries
