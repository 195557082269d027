"""A disk or a quota that is full costs the batch, and nothing before it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from vatdata_runtime.errors import StoreFullError
from vatdata_runtime.store import open_store, verify_store

from ...support.processes import run_python

LIMITED = """
import resource, sys
from vatdata_runtime.store import open_store, verify_store
from vatdata_runtime.errors import StoreError, StoreFullError

def limit_files(size_bytes):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, resource.RLIM_INFINITY))

path = sys.argv[1]
store = open_store(path)
store.apply({b"a": b"safe"})
store.commit()
big = {b"big %d" % n: b"x" * 5000 for n in range(100)}
limit_files(store.measure().file_size_bytes + 10_000)
for attempt in range(2):
    store.apply({b"a": b"lost"})
    store.apply(big)
    try:
        store.commit()
    except StoreFullError as error:
        print(error.reason)
    print(store.pending, store.get(b"a"), store.get(b"big 1"))
try:
    store.backup(path + ".copy")
    print("copied")
except StoreFullError as error:
    print(error.reason)
limit_files(resource.RLIM_INFINITY)
store.apply(big)
store.commit()
store.close()
print(verify_store(path), len(list(open_store(path, readonly=True).scan(b""))))
"""


def test_a_file_that_may_not_grow_refuses_the_batch_and_goes_on_once_it_may(path: str) -> None:
    child = run_python(LIMITED, path)
    assert child.stderr == ""
    refused, after, again, after_again, copied, end = child.stdout.splitlines()
    assert refused.startswith("has no room for a batch of 2 cranks and 50")
    assert "all that was committed before is safe. Free space on the disk, then repeat it" in refused
    assert again == refused
    assert after == after_again == "0 b'safe' None"
    assert copied == "copied"
    assert end == "[] 101"


CREATE_LIMITED = """
import os, resource, sys
from vatdata_runtime.store import open_store
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
try:
    open_store(sys.argv[1])
except OSError as error:
    print(type(error).__name__, os.listdir(os.path.dirname(sys.argv[1])))
"""


def test_a_store_that_cannot_be_made_leaves_no_half_file(path: str) -> None:
    assert run_python(CREATE_LIMITED, path).stdout.strip() == "StoreFullError ['world.db-writer']"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a small disk; the test of RLIMIT_FSIZE covers the same paths")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_refuses_the_batch_and_the_store_goes_on_once_there_is_space(small_disk: Path) -> None:
    path = small_disk / "world.db"
    ballast = small_disk / "ballast"
    with open_store(path) as store:
        store.apply({b"a": b"safe"})
        store.commit()
        ballast.write_bytes(b"x" * 800_000)
        for _ in range(2):
            store.apply({b"a": b"lost"} | {b"%03d" % n: b"x" * 1000 for n in range(400)})
            with pytest.raises(StoreFullError, match="no room for a batch of 1 cranks"):
                store.commit()
            assert (store.pending, store.get(b"a"), store.get(b"000")) == (0, b"safe", None)
        store.apply({b"b": b"x" * 100_000})
        store.commit()
        with pytest.raises(StoreFullError, match="no room left"):
            store.backup(small_disk / "copy.db")
        assert not list(small_disk.glob("copy*"))
        ballast.unlink()
        store.apply({b"%03d" % n: b"x" * 1000 for n in range(400)})
        store.commit()
        assert len(list(store.scan(b""))) >= 401
    assert verify_store(str(path)) == []
