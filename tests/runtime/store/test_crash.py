"""Nothing acknowledged is lost, and no crank is ever half there: killed, or without power."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vatdata_runtime.store import open_store, verify_store

from ...support.power_loss import after_power_loss
from ...support.processes import ROOT, environment
from . import crash_child

STATES = crash_child.states()


def content(path: Path) -> dict[bytes, bytes]:
    """Open as after a crash, for writing, and read everything."""
    with open_store(path) as store:
        return dict(store.scan(b""))


def test_after_a_kill_at_any_step_the_store_holds_whole_commits_and_all_acknowledged_ones(
    tmp_path: Path,
) -> None:
    loop = subprocess.run(
        [sys.executable, "-m", "tests.runtime.store.crash_child", str(tmp_path)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=250,
        check=True,
    )
    ends = [json.loads(line) for line in loop.stdout.splitlines()]
    assert [end["code"] for end in ends] == [-signal.SIGKILL] * (len(ends) - 1) + [0], loop.stderr
    assert ends[-1]["acknowledged"] == crash_child.COMMITS
    assert len(ends) > 15 * crash_child.COMMITS, "the steps became fewer: does on_step still reach them all?"
    for end in ends:
        path = tmp_path / f"{end['point']}.db"
        found = content(path)
        acknowledged = end["acknowledged"]
        assert found in STATES[acknowledged : acknowledged + 2], f"torn or lost at step {end['point']}"
        assert verify_store(str(path)) == []
        with open_store(path) as store:
            store.apply({b"after": b"the crash"})
            store.commit()
        assert content(path) == found | {b"after": b"the crash"}


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the bytes of the file as each commit had returned: all of them had been flushed then."""
    folder = tmp_path_factory.mktemp("synced")
    crash_child.run(folder / "world.db", None, os.open(os.devnull, os.O_WRONLY), folder)
    return folder


@pytest.mark.parametrize("commit", range(crash_child.COMMITS + 1))
def test_the_bytes_that_were_synced_when_a_commit_returned_hold_it(
    synced: Path, tmp_path: Path, commit: int
) -> None:
    path = tmp_path / "world.db"
    shutil.copyfile(synced / f"{commit}.db", path)
    assert content(path) == STATES[commit]
    assert verify_store(str(path)) == []


@pytest.mark.parametrize("commit", range(crash_child.COMMITS))
def test_any_part_of_a_commit_that_reached_the_disk_leaves_the_commit_before(
    synced: Path, tmp_path: Path, commit: int
) -> None:
    """The disk may take a commit's pages in any order before its flush, but not its meta page before them."""
    old, new = ((synced / f"{n}.db").read_bytes() for n in (commit, commit + 1))
    dice = random.Random(commit)
    before = 0
    for attempt in range(12):
        torn = after_power_loss(old, new, dice)
        path = tmp_path / f"{attempt}.db"
        path.write_bytes(torn)
        assert content(path) == STATES[commit + (torn == new)]
        before += torn != new
    assert before, "some of the attempts lose the commit"
    whole = tmp_path / "whole.db"
    whole.write_bytes(new)
    assert content(whole) == STATES[commit + 1]


def test_a_crash_while_the_file_is_made_leaves_nothing_that_a_reader_could_take_for_a_store(
    tmp_path: Path,
) -> None:
    path = tmp_path / "world.db"
    seen: list[tuple[str, bool]] = []
    with open_store(path, on_step=lambda name: seen.append((name, path.exists()))):
        assert seen == [("create", False), ("format", False), ("publish", False)]
        assert path.exists()
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "world.db",
        "world.db-lock",
        "world.db-writer",
    ]
