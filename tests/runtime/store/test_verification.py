"""The check of a whole file, held against LMDB's own writing and against another checker."""

from __future__ import annotations

import random
from importlib.util import find_spec
from pathlib import Path

import pytest

from vatdata_runtime.errors import StoreError, StoreFormatError
from vatdata_runtime.store import Store, open_store, verify_file, verify_store

from ...support.processes import Child

WRITER = """
import sys
from vatdata_runtime.store import open_store
store = open_store(sys.argv[1], durability="relaxed")
print("writing", flush=True)
n = 0
while True:
    n += 1
    store.apply({b"%03d" % (n * 7 % 500): b"x" * (n * 13 % 3000), b"%03d" % (n * 11 % 500): None})
    store.commit()
"""


def test_a_store_is_sound_after_every_commit_of_a_long_random_life(path: str) -> None:
    dice = random.Random(5)
    with open_store(path, durability="relaxed") as store:
        pinned = store.snapshot()
        for round_number in range(60):
            store.apply(
                {
                    dice.randbytes(dice.choice((1, 2, 60, 400))).replace(b"\x00", b"\x01"): None
                    if dice.random() < 0.4
                    else dice.randbytes(dice.choice((0, 50, 2000, 2100, 20_000)))
                    for _ in range(dice.choice((1, 10, 200)))
                }
            )
            store.commit()
            if dice.random() < 0.3:
                pinned.close()
                pinned = store.snapshot()
            assert verify_store(path) == [], f"after commit {round_number}"
        pinned.close()


@pytest.mark.skipif(find_spec("lmdb.verify") is None, reason="this py-lmdb brings no checker of its own")
def test_the_checker_of_py_lmdb_agrees_that_a_store_is_sound(path: str, tmp_path: Path) -> None:
    from lmdb import verify

    with open_store(path) as store:
        for n in range(5):
            store.apply({b"%05d" % k: b"%d" % n * (k % 700) for k in range(0, 3000, n + 1)})
            store.apply({b"%05d" % k: None for k in range(0, 3000, 7)})
            store.commit()
        store.backup(tmp_path / "copy.db")
    for file in (path, str(tmp_path / "copy.db")):
        problems = verify.verify(file, subdir=False)  # type: ignore[no-untyped-call]  # it ships no types
        assert problems == verify_file(file) == []


def test_a_store_is_verified_beside_its_writer(path: str) -> None:
    with Child(WRITER, path) as writer:
        assert writer.hear() == "writing"
        assert [verify_store(path) for _ in range(20)] == [[]] * 20


def test_progress_rises_to_the_number_of_pages(store: Store) -> None:
    store.apply({b"%05d" % n: b"x" * 500 for n in range(10_000)})
    store.commit()
    seen: list[tuple[int, int]] = []
    assert verify_store(store.path, progress=lambda done, total: seen.append((done, total))) == []
    assert len(seen) > 3
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]


def test_what_is_no_store_cannot_be_verified(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"other")
    for check in (verify_store, verify_file):
        with pytest.raises(StoreFormatError):
            check(str(tmp_path / "other"))
        with pytest.raises(StoreError, match="cannot be read: No such file"):
            check(str(tmp_path / "missing"))


def test_the_number_of_problems_is_bounded(store: Store, path: str) -> None:
    store.apply({b"%05d" % n: b"same" for n in range(2000)})
    store.commit()
    store.close()
    file = Path(path)
    file.write_bytes(file.read_bytes().replace(b"same", b"sane"))
    problems = verify_file(path)
    assert len(problems) == 200
    assert problems[0] == "the value of key b'00000' does not fit its checksum"
