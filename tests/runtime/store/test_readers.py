"""Readers of every kind beside a writer, and where nothing may be written."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from vatdata_runtime.errors import StoreError
from vatdata_runtime.store import Store, open_store

from ...support.processes import Child, run_python


def test_many_readers_and_a_writer_share_one_process(store: Store) -> None:
    readers = [open_store(store.path, readonly=True) for _ in range(5)]
    for n in range(3):
        store.apply({b"a": b"%d" % n})
        store.commit()
        assert {reader.get(b"a") for reader in readers} == {b"%d" % n}
        readers.pop().close()
    for reader in readers:
        reader.close()


def test_a_reader_outlives_the_writer_and_sees_the_next_one(path: str) -> None:
    open_store(path).close()
    with open_store(path, readonly=True) as reader:
        for n in range(3):
            with open_store(path) as store:
                store.apply({b"a": b"%d" % n})
                store.commit()
            assert reader.get(b"a") == b"%d" % n


def test_a_reader_may_come_by_another_name(store: Store, tmp_path: Path) -> None:
    store.apply({b"a": b"1"})
    store.commit()
    (tmp_path / "other.db").symlink_to(store.path)
    with open_store(tmp_path / "other.db", readonly=True) as reader:
        assert reader.get(b"a") == b"1"


def test_a_snapshot_stays_at_its_commit_until_it_is_closed(store: Store) -> None:
    store.apply({b"a": b"1"})
    store.commit()
    store.apply({b"b": b"not committed"})
    with store.snapshot() as snapshot:
        store.commit()
        store.apply({b"a": b"2"})
        store.commit()
        assert list(snapshot.scan(b"")) == [(b"a", b"1")]
        assert (snapshot.get(b"a"), snapshot.get(b"b")) == (b"1", None)
    with pytest.raises(StoreError, match="snapshot is closed"):
        snapshot.get(b"a")


def test_a_snapshot_may_be_read_in_another_thread_while_the_store_writes(store: Store) -> None:
    store.apply({b"%04d" % n: b"old" for n in range(2000)})
    store.commit()
    seen: list[set[bytes]] = []
    with store.snapshot() as snapshot:
        readers = [
            threading.Thread(target=lambda: seen.append({value for _, value in snapshot.scan(b"")}))
            for _ in range(3)
        ]
        for reader in readers:
            reader.start()
        for n in range(20):
            store.apply({b"%04d" % n: b"%d" % n for n in range(2000)})
            store.commit()
        for reader in readers:
            reader.join()
    assert seen == [{b"old"}] * 3


WATCHER = """
import sys
from vatdata_runtime.store import open_store
with open_store(sys.argv[1], readonly=True) as store:
    print("ready", flush=True)
    torn = looks = 0
    last = -1
    while last < 300:
        with store.snapshot() as snapshot:
            values = {value for _, value in snapshot.scan(b"")}
            looks += 1
            torn += len(values) != 1
            last = int(values.pop())
    print(torn, looks > 0, flush=True)
"""


def test_readers_in_other_processes_never_see_half_a_commit(path: str) -> None:
    with open_store(path, durability="relaxed", map_size=1) as store:
        store.apply({b"%02d" % n: b"0" for n in range(50)})
        store.commit()
        with Child(WATCHER, path) as first, Child(WATCHER, path) as second:
            assert (first.hear(), second.hear()) == ("ready", "ready")
            for commit in range(1, 301):
                store.apply({b"%02d" % n: b"%d" % commit for n in range(50)})
                store.commit()
            assert (first.hear(), second.hear()) == ("0 True", "0 True")


PINNED = """
import sys
from vatdata_runtime.store import open_store
store = open_store(sys.argv[1], readonly=True)
snapshot = store.snapshot()
print("pinned", flush=True)
sys.stdin.readline()
"""


def rewrite(store: Store) -> int:
    store.apply({b"%03d" % n: os.urandom(500) for n in range(100)})
    store.commit()
    return store.measure().file_size_bytes


@pytest.mark.parametrize("cleaned", ["when the store is opened", "after a while"])
def test_a_reader_that_died_in_a_transaction_does_not_hold_its_pages_for_ever(
    path: str, cleaned: str
) -> None:
    with open_store(path, durability="relaxed") as store:
        rewrite(store)
        with Child(PINNED, path) as reader:
            assert reader.hear() == "pinned"
            reader.kill()
        pinned = [rewrite(store) for _ in range(20)]
        assert pinned == sorted(set(pinned)), "the file grows as long as no one looks"
        if cleaned == "after a while":
            while store.counters.commits % 256:
                size = rewrite(store)
            steady = [rewrite(store) for _ in range(20)]
            assert max(steady) <= size * 1.05
    if cleaned == "when the store is opened":
        with open_store(path, durability="relaxed") as store:
            assert max(rewrite(store) for _ in range(20)) <= pinned[-1] * 1.05


CROWD = """
import sys
from vatdata_runtime.store import open_store
with open_store(sys.argv[1], max_readers=5) as store:
    try:
        snapshots = [store.snapshot() for _ in range(10)]
    except OSError as error:
        print(error.reason)
"""


READ_ONE = """
import sys
from vatdata_runtime.store import open_store
with open_store(sys.argv[1], readonly=True) as store:
    print(store.get(b"a"))
"""


def test_a_writer_that_reads_between_commits_takes_one_place_among_the_readers(path: str) -> None:
    with open_store(path, max_readers=2) as store:
        for n in range(3):
            store.apply({b"a": b"%d" % n})
            store.commit()
            assert store.get(b"a") == b"%d" % n
        assert run_python(READ_ONE, path).stdout == "b'2'\n"


def test_too_many_readers_are_told_which_option_to_raise(path: str) -> None:
    assert "max_readers=" in run_python(CROWD, path).stdout


# --- where the system lets nothing be written ------------------------------------------------------------------

# Imports first: nobody may not be allowed to read the interpreter's own files.
AS_NOBODY = """
import os, sys, tempfile
from vatdata_runtime.store import open_store
with tempfile.TemporaryDirectory() as folder:
    # What is imported at the first open must be there before: this user may not be allowed to look where it lies.
    open_store(os.path.join(folder, "first.db")).close()
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
def attempt(use):
    try:
        print(use())
    except OSError as error:
        print(type(error).__name__, error)
path = sys.argv[1]
"""
READ = "attempt(lambda: list(open_store(path, readonly=True).scan(b'')))\n"
WRITE = "attempt(lambda: open_store(path))\n"


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user may enter, unlike pytest's own, with a store of one entry."""
    folder = Path(tempfile.mkdtemp(prefix="vatdata-"))
    folder.chmod(0o755)
    with open_store(folder / "world.db") as store:
        store.apply({b"a": b"1"})
        store.commit()
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def may_only_read(folder: Path) -> None:
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)


def test_a_store_that_may_not_be_written_is_read_and_refuses_writers(public: Path) -> None:
    may_only_read(public)
    before = sorted(public.iterdir())
    read, write = run_python(AS_NOBODY + READ + WRITE, public / "world.db").stdout.splitlines()
    assert read == "[(b'a', b'1')]"
    assert write.startswith("ReadOnlyStoreError")
    assert "use readonly=True" in write
    assert sorted(public.iterdir()) == before


def test_a_copy_of_the_file_alone_is_read_in_a_folder_that_may_not_be_written(public: Path) -> None:
    for beside in ("world.db-lock", "world.db-writer"):
        (public / beside).unlink()
    may_only_read(public)
    read, write = run_python(AS_NOBODY + READ + WRITE, public / "world.db").stdout.splitlines()
    assert read == "[(b'a', b'1')]"
    assert write.startswith("ReadOnlyStoreError")
    assert [file.name for file in public.iterdir()] == ["world.db"]


def test_a_new_store_in_a_folder_that_may_not_be_written_is_refused(public: Path) -> None:
    may_only_read(public)
    assert "ReadOnlyStoreError" in run_python(AS_NOBODY + WRITE, public / "new.db").stdout


def test_a_file_that_may_not_even_be_read_says_so(public: Path) -> None:
    (public / "world.db").chmod(0)
    read, write = run_python(AS_NOBODY + READ + WRITE, public / "world.db").stdout.splitlines()
    assert "Permission denied" in read
    assert "Permission denied" in write


def test_a_reader_that_cannot_register_itself_is_refused_beside_a_writer(public: Path) -> None:
    """The writer would not know of it, and would reuse the pages that it reads."""
    with open_store(public / "world.db"):
        may_only_read(public)
        refused = run_python(AS_NOBODY + READ, public / "world.db").stdout
        public.chmod(0o755)
    assert refused.startswith("ReadOnlyStoreError")
    assert "is being written" in refused


@pytest.mark.skipif(os.getuid() != 0, reason="only root may write what others may not")
def test_a_reader_that_cannot_register_itself_keeps_writers_out_while_it_reads(public: Path) -> None:
    hold = "store = open_store(path, readonly=True)\nprint('open', flush=True)\nsys.stdin.readline()\n"
    may_only_read(public)
    with Child(AS_NOBODY + hold, public / "world.db") as reader:
        assert reader.hear() == "open"
        with pytest.raises(StoreError, match="a reader without the right to register itself"):
            open_store(public / "world.db")
    open_store(public / "world.db").close()
