"""Copies of a store in use, and stores from copies."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from vatdata_runtime.errors import StoreCorruptError, StoreError, StoreFormatError, StoreLockedError
from vatdata_runtime.store import Store, open_store, restore_backup, verify_file

from ...support.processes import run_python


def fill(store: Store, entries: int = 3000) -> dict[bytes, bytes]:
    model = {b"%05d" % n: b"%d" % n * 50 for n in range(entries)}
    for _ in range(2):
        store.apply(model)
        store.commit()
    return model


def content(path: Path | str) -> dict[bytes, bytes]:
    with open_store(path, readonly=True) as store:
        return dict(store.scan(b""))


@pytest.mark.parametrize("compact", [True, False])
def test_a_backup_is_a_store_with_the_last_commit(store: Store, tmp_path: Path, compact: bool) -> None:
    model = fill(store)
    store.apply({b"not committed": b""})
    store.backup(tmp_path / "copy.db", compact=compact)
    assert content(tmp_path / "copy.db") == model
    assert verify_file(str(tmp_path / "copy.db")) == []
    store.commit()
    assert store.get(b"not committed") == b""


def test_a_compact_backup_leaves_the_free_pages_out(store: Store, tmp_path: Path) -> None:
    fill(store)
    store.apply({b"%05d" % n: None for n in range(2900)})
    store.commit()
    store.backup(tmp_path / "small.db")
    store.backup(tmp_path / "large.db", compact=False)
    assert 10 * (tmp_path / "small.db").stat().st_size < (tmp_path / "large.db").stat().st_size


BACKUP = """
import sys
from vatdata_runtime.store import open_store
with open_store(sys.argv[1], readonly=True) as store:
    store.backup(sys.argv[2])
"""


def test_a_backup_can_be_made_by_a_reader_in_another_process(store: Store, tmp_path: Path) -> None:
    model = fill(store)
    assert run_python(BACKUP, store.path, tmp_path / "copy.db").stderr == ""
    assert content(tmp_path / "copy.db") == model


@pytest.mark.parametrize("compact", [True, False])
def test_progress_rises_to_its_total(store: Store, tmp_path: Path, compact: bool) -> None:
    fill(store)
    seen: list[tuple[int, int]] = []
    store.backup(
        tmp_path / "copy.db", compact=compact, progress=lambda done, total: seen.append((done, total))
    )
    assert len(seen) > 3
    assert seen == sorted(seen)
    assert seen[-1] == (seen[0][1], seen[0][1]), "one total, reached at the end"


def test_what_progress_raises_ends_the_backup_and_leaves_no_file(store: Store, tmp_path: Path) -> None:
    fill(store)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    before = sorted(tmp_path.iterdir())
    with pytest.raises(KeyboardInterrupt):
        store.backup(tmp_path / "copy.db", progress=stop)
    assert sorted(tmp_path.iterdir()) == before
    store.backup(tmp_path / "copy.db")


def test_readers_and_commits_go_on_while_a_backup_runs(store: Store, tmp_path: Path) -> None:
    model = fill(store)
    copying, go_on = threading.Event(), threading.Event()

    def hold(done: int, total: int) -> None:
        copying.set()
        assert go_on.wait(60)

    backup = threading.Thread(target=store.backup, args=(tmp_path / "copy.db",), kwargs={"progress": hold})
    backup.start()
    assert copying.wait(60)
    store.apply({b"%05d" % n: None for n in range(3000)})
    store.commit()
    assert content(store.path) == {}
    go_on.set()
    backup.join()
    assert content(tmp_path / "copy.db") == model


def test_a_growing_map_waits_for_the_backup_of_another_thread(path: str, tmp_path: Path) -> None:
    with open_store(path, map_size=1, durability="relaxed") as store:
        model = fill(store)
        copying, go_on = threading.Event(), threading.Event()

        def hold(done: int, total: int) -> None:
            copying.set()
            assert go_on.wait(60)

        backup = threading.Thread(
            target=store.backup, args=(tmp_path / "copy.db",), kwargs={"progress": hold}
        )
        backup.start()
        assert copying.wait(60)
        threading.Timer(0.05, go_on.set).start()
        growths = store.counters.growths
        store.apply({b"%09d" % n: b"x" * 1000 for n in range(5000)})
        store.commit()
        assert store.counters.growths > growths
        assert go_on.is_set(), "the map moved under the copy"
        backup.join()
    assert content(tmp_path / "copy.db") == model


def test_the_progress_function_may_neither_commit_nor_close(store: Store, tmp_path: Path) -> None:
    fill(store)
    store.apply({b"a": b"1"})
    for use in (store.commit, store.close):

        def misuse(done: int, total: int, use: Callable[[], None] = use) -> None:
            use()

        with pytest.raises(StoreError, match="progress function of its own backup"):
            store.backup(tmp_path / "copy.db", progress=misuse)
    store.commit()
    assert content(store.path)[b"a"] == b"1"


def test_a_backup_never_replaces_a_file(store: Store, tmp_path: Path) -> None:
    for target in (store.path, tmp_path / "taken"):
        Path(target).touch()
        with pytest.raises(StoreError, match=r"exists already\. .*choose another name"):
            store.backup(target)
    with pytest.raises(StoreError, match="no folder"):
        store.backup(tmp_path / "missing" / "copy.db")


# --- restoring -------------------------------------------------------------------------------------------------


def test_a_restored_store_goes_on_where_the_backup_was_made(store: Store, tmp_path: Path) -> None:
    model = fill(store)
    store.backup(tmp_path / "copy.db")
    seen: list[tuple[int, int]] = []
    restore_backup(
        str(tmp_path / "copy.db"), str(tmp_path / "new.db"), progress=lambda *step: seen.append(step)
    )
    assert seen[-1][0] == seen[-1][1] == (tmp_path / "copy.db").stat().st_size
    with open_store(tmp_path / "new.db") as restored:
        restored.apply({b"new": b"1"})
        restored.commit()
        assert dict(restored.scan(b"")) == model | {b"new": b"1"}
    assert content(tmp_path / "copy.db") == model


def test_a_damaged_backup_is_not_restored(store: Store, tmp_path: Path) -> None:
    fill(store)
    copy = tmp_path / "copy.db"
    store.backup(copy)
    data = copy.read_bytes()
    copy.write_bytes(data.replace(b"1234" * 50, b"1234" * 49 + b"1235"))
    with pytest.raises(
        StoreCorruptError, match=r"b'01234' does not fit its checksum.*Restore an older backup"
    ):
        restore_backup(str(copy), str(tmp_path / "new.db"))
    copy.write_bytes(data[:-4096])
    with pytest.raises(StoreCorruptError, match="cut off"):
        restore_backup(str(copy), str(tmp_path / "new.db"))
    copy.write_bytes(b"other")
    with pytest.raises(StoreFormatError):
        restore_backup(str(copy), str(tmp_path / "new.db"))
    assert [file.name for file in tmp_path.glob("new.db*")] == ["new.db-writer"]


def test_a_backup_is_never_restored_over_a_store(store: Store, tmp_path: Path) -> None:
    store.backup(tmp_path / "copy.db")
    with pytest.raises(StoreError, match=r"exists already\. Move it away first"):
        restore_backup(str(tmp_path / "copy.db"), store.path)
    Path(store.path).rename(tmp_path / "moved.db")
    with pytest.raises(StoreLockedError):
        restore_backup(str(tmp_path / "copy.db"), store.path)
    with pytest.raises(StoreError, match="no folder"):
        restore_backup(str(tmp_path / "copy.db"), str(tmp_path / "missing" / "new.db"))


def test_a_reader_of_a_store_that_was_moved_away_does_not_disturb_the_restored_one(
    store: Store, tmp_path: Path
) -> None:
    """Both have the same name for LMDB's lock table, which holds transaction numbers of one file."""
    model = fill(store)
    store.backup(tmp_path / "copy.db")
    with open_store(store.path, readonly=True) as old, old.snapshot() as snapshot:
        store.close()
        Path(store.path).rename(tmp_path / "moved.db")
        restore_backup(str(tmp_path / "copy.db"), store.path)
        with open_store(store.path) as restored:
            for n in range(5):
                restored.apply({b"%05d" % n: None})
                restored.commit()
            assert len(dict(restored.scan(b""))) == len(model) - 5
        assert dict(snapshot.scan(b"")) == dict(old.scan(b"")) == model
    assert verify_file(store.path) == []
