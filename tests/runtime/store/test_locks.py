"""A store has one writer, and whoever comes second learns who it is."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from vatdata_runtime.errors import StoreError, StoreLockedError
from vatdata_runtime.store import Store, open_store
from vatdata_runtime.store.locks import WriterLock

from ...support.processes import Child, run_python

HOLDER = """
import sys
from vatdata_runtime.store import open_store
store = open_store(sys.argv[1])
store.apply({b"a": b"1"})
store.commit()
store.apply({b"a": b"not committed"})
print("open", flush=True)
sys.stdin.readline()
"""


def test_a_second_writer_in_another_process_is_told_who_the_first_one_is(path: str) -> None:
    with Child(HOLDER, path) as holder:
        assert holder.hear() == "open"
        with pytest.raises(
            StoreLockedError, match=f"by process {holder.process.pid} on .*readonly=True"
        ) as caught:
            open_store(path)
        assert "open_store(sys.argv[1])" in caught.value.holder, "the command line of the holder"
        assert re.search(r"since \d{4}-\d\d-\d\dT", caught.value.holder)


def test_a_second_writer_in_the_same_process_is_told_so(store: Store) -> None:
    with pytest.raises(StoreLockedError, match="by this process"):
        open_store(store.path)


def test_a_writer_that_was_killed_leaves_no_lock(path: str) -> None:
    with Child(HOLDER, path) as holder:
        assert holder.hear() == "open"
        holder.kill()
        with open_store(path) as store:
            assert store.get(b"a") == b"1"


def test_closing_lets_the_next_writer_in(path: str) -> None:
    for _ in range(2):
        open_store(path).close()


@pytest.mark.parametrize("signature", [b"", b"{", b"[]", b'{"pid": 1}', b"\xff" * 5000])
def test_a_lock_file_with_any_content_is_only_as_good_as_its_lock(path: str, signature: bytes) -> None:
    lock_file = Path(f"{path}-writer")
    lock_file.write_bytes(signature)
    with open_store(path):
        lock_file.write_bytes(signature)
        with pytest.raises(StoreLockedError, match=r"a process that has not signed '.*-writer'"):
            open_store(path)


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_a_lock_that_nothing_refers_to_is_let_go(path: str) -> None:
    """As Ctrl-C leaves one: taken, and not given to anyone yet."""
    lock = WriterLock(path)
    with pytest.raises(StoreLockedError):
        WriterLock(path)
    del lock
    WriterLock(path).release()


def test_a_command_with_bytes_that_are_no_text_signs_too(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python", "caf\udce9.py"])
    with open_store(path), pytest.raises(StoreLockedError, match=r"\(python caf\\udce9\.py, since"):
        open_store(path)


def test_one_file_under_two_names_has_one_writer(store: Store, tmp_path: Path) -> None:
    (tmp_path / "symlink.db").symlink_to(store.path)
    with pytest.raises(StoreLockedError, match="by this process"):
        open_store(tmp_path / "symlink.db")
    os.link(store.path, tmp_path / "hard link.db")
    with pytest.raises(StoreLockedError, match="another name of the same file"):
        open_store(tmp_path / "hard link.db")


def test_deleting_the_lock_file_does_not_let_a_second_writer_in(store: Store) -> None:
    os.unlink(f"{store.path}-writer")
    with pytest.raises(StoreLockedError):
        open_store(store.path)


def test_a_refused_writer_leaves_the_holder_as_it_was(store: Store) -> None:
    with pytest.raises(StoreLockedError):
        open_store(store.path)
    store.apply({b"a": b"1"})
    store.commit()
    assert store.get(b"a") == b"1"


FORKING = """
import os, sys
from vatdata_runtime.store import open_store

store = open_store(sys.argv[1])
store.apply({b"a": b"1"})
store.commit()
store.get(b"a")
snapshot = store.snapshot()
reading, writing = os.pipe()
if os.fork() == 0:
    for use in (lambda: store.get(b"a"), lambda: snapshot.get(b"a"), lambda: open_store(sys.argv[1])):
        try:
            use()
        except OSError as error:
            os.write(writing, f"{type(error).__name__}: {error}\\n".encode())
    store.close()
    os.close(writing)
    sys.stdin.readline()  # outlives the parent's store
    os._exit(0)
os.close(writing)
print(os.fdopen(reading).read(), end="")
store.apply({b"a": b"2"})
store.commit()
print(store.get(b"a"), snapshot.get(b"a"))
store.close()
print(open_store(sys.argv[1]).get(b"a"))
"""


def test_a_forked_child_can_use_neither_store_nor_lock_of_its_parent(path: str) -> None:
    child = run_python(FORKING, path, said="\n")
    assert child.stderr == ""
    get, snapshot, second, parent, reopened = child.stdout.splitlines()
    assert get.startswith("StoreError")
    assert "opened before this process was forked" in get
    assert "opened before this process was forked" in snapshot
    assert second.startswith("StoreLockedError")
    assert parent == "b'2' b'1'"
    assert reopened == "b'2'", "the child does not keep the lock when the parent has let it go"


FORKING_READER = """
import os, sys
from vatdata_runtime.store import open_store

store = open_store(sys.argv[1], durability="relaxed")
store.apply({b"%d" % n: b"before" * 300 for n in range(100)})
store.commit()
snapshot = store.snapshot()
store.get(b"1")
before = list(snapshot.scan(b""))
child = os.fork()
if child == 0:
    if sys.argv[2] == "ends":
        sys.exit(0)
    store.close()
    snapshot.close()
    del store, snapshot
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
for turn in range(20):
    store.apply({b"%d" % n: b"after%d" % turn * 200 for n in range(100)})
    store.commit()
print(list(snapshot.scan(b"")) == before, store.get(b"1") == b"after19" * 200)
store.close()
"""


@pytest.mark.parametrize("how", ["ends", "closes"])
def test_a_forked_child_ends_no_reading_of_its_parent(path: str, how: str) -> None:
    child = run_python(FORKING_READER, path, how)
    assert (child.stdout, child.stderr) == ("True True\n", "")


def test_a_file_system_without_locks_is_named(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    def flock(descriptor: int, operation: int) -> None:
        raise OSError(38, os.strerror(38))

    monkeypatch.setattr("vatdata_runtime.store.locks.fcntl.flock", flock)
    with pytest.raises(StoreError, match=r"file system has no file locks .*Use a local disk"):
        open_store(path)
