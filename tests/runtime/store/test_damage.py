"""Files that are no store, half a store, or a store with bits that fell over."""

from __future__ import annotations

import json
import os
import random
import re
import socket
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import lmdb
import pytest

from vatdata_runtime.errors import StoreCorruptError, StoreError, StoreFormatError
from vatdata_runtime.store import open_store, verify_file, verify_store
from vatdata_runtime.store.inspection import newest_meta, read_metas
from vatdata_runtime.store.layout import PageFile

from ...support.processes import ROOT, environment, run_python
from .damage_child import SIGNALLED

PAGE_BYTES = 4096


def make_store(path: Path) -> None:
    """A store of some 80 pages: two levels, large values, free pages, and a history."""
    dice = random.Random(1)
    with open_store(path) as store:
        for _ in range(5):
            store.apply(
                {
                    b"key %03d" % dice.randrange(300): dice.randbytes(dice.choice((3, 90, 500)))
                    for _ in range(150)
                }
                | {b"large %d" % dice.randrange(6): dice.randbytes(9000)}
                | {b"key %03d" % dice.randrange(300): None for _ in range(20)}
            )
            store.commit()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / "world.db"
    make_store(path)
    assert verify_file(str(path)) == []
    return path


# --- other files -----------------------------------------------------------------------------------------------


def make_lmdb(path: Path, fill: Callable[[lmdb.Environment], None] | None = None, **options: int) -> None:
    with lmdb.open(str(path), subdir=False, lock=False, max_dbs=2, **options) as other:  # type: ignore[arg-type]  # only whole numbers
        if fill is not None:
            fill(other)


def fill_plainly(other: lmdb.Environment) -> None:
    with other.begin(write=True) as transaction:
        transaction.put(b"a", b"1")


def fill_with_named_trees(other: lmdb.Environment) -> None:
    with other.begin(write=True) as transaction:
        transaction.put(b"a", b"1", db=other.open_db(b"tree", txn=transaction, dupsort=True))


FOREIGN: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.touch(),
    "one byte": lambda path: path.write_bytes(b"x"),
    "text": lambda path: path.write_text("dear diary\n" * 1000),
    "zeros": lambda path: path.write_bytes(bytes(100_000)),
    "sqlite": lambda path: path.write_bytes(b"SQLite format 3\x00" + bytes(8176)),
    "noise": lambda path: path.write_bytes(random.Random(7).randbytes(100_000)),
    "lmdb without entries": make_lmdb,
    "lmdb with entries": lambda path: make_lmdb(path, fill_plainly),
    "lmdb with named trees": lambda path: make_lmdb(path, fill_with_named_trees),
    "folder": lambda path: path.mkdir(),
    "pipe": lambda path: os.mkfifo(path),
    "device": lambda path: path.symlink_to("/dev/zero"),
    "folder behind a link": lambda path: path.symlink_to("/"),
}


@pytest.mark.parametrize("readonly", [True, False])
@pytest.mark.parametrize("kind", FOREIGN)
def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path: Path, kind: str, readonly: bool) -> None:
    path = tmp_path / "other"
    FOREIGN[kind](path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreFormatError, match=r"empty|not a|is a folder|another program"):
        open_store(path, readonly=readonly)
    with pytest.raises(StoreFormatError):
        verify_store(str(path))
    assert [file.name for file in tmp_path.iterdir()] == ["other"], "nothing is put beside it"
    assert before is None or path.read_bytes() == before


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as other:
        other.bind("other")
        with pytest.raises(StoreFormatError, match="not a regular file"):
            open_store("other")


def test_a_file_of_the_next_lmdb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other"
    try:
        make_lmdb(path, fill_plainly, lib_version=1)
    except (TypeError, lmdb.Error):
        pytest.skip("this py-lmdb holds only LMDB 0.9")
    with pytest.raises(StoreError, match=r"not a vatdata store|data format 3"):
        open_store(path)


def test_a_link_to_nothing_makes_the_store_where_it_points(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "world.db")
    with pytest.raises(StoreError, match="does not exist"):
        open_store(tmp_path / "link", readonly=True)
    open_store(tmp_path / "link").close()
    assert (tmp_path / "world.db").is_file()


@pytest.mark.parametrize("readonly", [True, False])
def test_a_missing_folder_is_named(tmp_path: Path, readonly: bool) -> None:
    with pytest.raises(
        StoreError, match="does not exist" if readonly else "no folder '.*/missing'. Create it"
    ):
        open_store(tmp_path / "missing" / "world.db", readonly=readonly)


def test_a_link_to_itself_is_an_error_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "loop"
    path.symlink_to(path)
    for readonly in (True, False):
        with pytest.raises(StoreError):
            open_store(path, readonly=readonly)


# --- damage ----------------------------------------------------------------------------------------------------


def try_all(
    good: Path, tmp_path: Path, damages: list[tuple[list[int], int | None]]
) -> list[tuple[list[str], str]]:
    """Use a copy of *good* with each damage; see ``damage_child``."""
    child = subprocess.run(
        [sys.executable, "-m", "tests.runtime.store.damage_child", good, tmp_path / "damaged.db"],
        input="".join(f"{json.dumps(damage)}\n" for damage in damages),
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=250,
        check=True,
    )
    results = [json.loads(line) for line in child.stdout.splitlines()]
    assert len(results) == len(damages)
    return [(result["problems"], result["outcome"]) for result in results]


def test_a_file_that_is_cut_off_at_a_page_is_refused_or_has_lost_nothing(good: Path, tmp_path: Path) -> None:
    lengths = range(0, good.stat().st_size, PAGE_BYTES)
    results = try_all(good, tmp_path, [([], length) for length in lengths])
    for length, (problems, outcome) in zip(lengths, results, strict=True):
        assert outcome in ("StoreCorruptError", "StoreFormatError", "clean"), f"cut to {length} bytes"
        assert bool(problems) == (outcome != "clean"), f"cut to {length} bytes"
    assert results[0][1] == "StoreFormatError", "nothing tells an empty file from another program's"
    assert {outcome for _, outcome in results[1 : len(results) // 2]} == {"StoreCorruptError"}


def test_a_file_that_is_cut_off_anywhere_is_refused_or_has_lost_nothing(good: Path, tmp_path: Path) -> None:
    dice = random.Random(2)
    lengths = [dice.randrange(good.stat().st_size) for _ in range(60)] + list(range(1, 200, 7))
    for length, (problems, outcome) in zip(
        lengths, try_all(good, tmp_path, [([], length) for length in lengths]), strict=True
    ):
        assert outcome in ("StoreCorruptError", "StoreFormatError", "clean"), f"cut to {length} bytes"
        assert bool(problems) == (outcome != "clean"), f"cut to {length} bytes"


ENDS_WITHOUT_A_WRONG_VALUE = ("clean", "absent", "lost write", "StoreCorruptError", "StoreError", SIGNALLED)


def test_no_flipped_bit_ever_gives_a_wrong_value_and_verify_finds_every_one_that_matters(
    good: Path, tmp_path: Path
) -> None:
    """LMDB itself may die of a damaged page, miss a damaged key, or lose a write to a page whose header says that it
    is being written elsewhere. Verify says so before, and never dies."""
    dice = random.Random(3)
    size = good.stat().st_size
    tree_pages = live_tree_pages(good)
    places = [dice.randrange(size) for _ in range(60)]
    places += [dice.choice(tree_pages) * PAGE_BYTES + dice.randrange(16) for _ in range(50)]
    places += [dice.choice(tree_pages) * PAGE_BYTES + dice.randrange(16, 120) for _ in range(70)]
    places += [dice.choice(tree_pages) * PAGE_BYTES + dice.randrange(PAGE_BYTES) for _ in range(70)]
    flips = [place * 8 + dice.randrange(8) for place in places]
    seen: Counter[str] = Counter()
    for flip, (problems, outcome) in zip(
        flips, try_all(good, tmp_path, [([flip], None) for flip in flips]), strict=True
    ):
        where = f"bit {flip}, page {flip // 8 // PAGE_BYTES} byte {flip // 8 % PAGE_BYTES}"
        assert outcome in ENDS_WITHOUT_A_WRONG_VALUE, f"{outcome} after {where}"
        assert problems or outcome == "clean", f"verify overlooked {where}: {outcome}"
        seen[outcome] += 1
    assert seen["StoreCorruptError"] > 50, seen
    assert seen["clean"] > 50, seen


def live_tree_pages(path: Path) -> list[int]:
    """The branch and leaf pages of both trees of the newest state."""
    found: list[int] = []
    with PageFile(str(path)) as file:
        meta = newest_meta(read_metas(file))
        pending = [meta.main.root, meta.free.root]
        while pending:
            page = file.read_tree_page(pending.pop(), meta.last_page)
            found.append(page.number)
            if not page.is_leaf:
                pending += [node.child for node in page.nodes]
    return found


META_FIELDS = {  # offset in the page, bytes
    "flags": (10, 2),
    "magic": (16, 4),
    "version": (20, 4),
    "map size": (32, 8),
    "page size": (40, 4),
    "depth of the free tree": (46, 2),
    "root of the free tree": (80, 8),
    "flags of the main tree": (92, 2),
    "depth of the main tree": (94, 2),
    "root of the main tree": (128, 8),
    "last page": (136, 8),
    "transaction": (144, 8),
}


@pytest.mark.parametrize("field", META_FIELDS)
def test_no_flipped_bit_in_a_meta_page_shows_another_state_or_ends_the_process(
    good: Path, tmp_path: Path, field: str
) -> None:
    offset, size = META_FIELDS[field]
    flips = [(page * PAGE_BYTES + offset) * 8 + bit for page in (0, 1) for bit in range(size * 8)]
    for flip, (problems, outcome) in zip(
        flips, try_all(good, tmp_path, [([flip], None) for flip in flips]), strict=True
    ):
        where = f"bit {flip % (PAGE_BYTES * 8) - offset * 8} of {field}, page {flip // 8 // PAGE_BYTES}"
        assert outcome in ("clean", "StoreCorruptError"), f"{outcome} after {where}"
        assert problems or outcome == "clean", f"verify overlooked {where}"


def test_a_value_with_a_flipped_bit_names_its_key(good: Path, tmp_path: Path) -> None:
    path = tmp_path / "world.db"
    with open_store(good, readonly=True) as store:
        key, value = max(store.scan(b"key"), key=lambda entry: len(entry[1]) if len(entry[1]) < 600 else 0)
    flipped = bytes([value[0] ^ 1]) + value[1:]
    path.write_bytes(
        good.read_bytes().replace(key + value, key + flipped)
    )  # also where the page's old copies are
    assert any(
        "does not fit its checksum" in problem and repr(key) in problem for problem in verify_file(str(path))
    )
    with open_store(path) as store, store.snapshot() as snapshot:
        for read in (
            lambda: store.get(key),
            lambda: list(store.scan(key)),
            lambda: snapshot.get(key),
            lambda: list(snapshot.scan(key)),
        ):
            with pytest.raises(StoreCorruptError, match=f"{key!r} does not fit its checksum.*vatdata verify"):
                read()
        assert store.get(b"large 1") == snapshot.get(b"large 1"), "the rest can be read"


def test_an_older_state_under_a_newer_number_is_noticed(good: Path, tmp_path: Path) -> None:
    """One flipped bit can turn the older meta page into the newer one, and all in it would be consistent."""
    with PageFile(str(good)) as file:
        metas = read_metas(file)
    older = min(metas, key=lambda meta: meta.transaction)
    assert newest_meta(metas) is not older
    data = bytearray(good.read_bytes())
    struct.pack_into("@N", data, older.number * PAGE_BYTES + 144, older.transaction + 2)
    path = tmp_path / "world.db"
    path.write_bytes(data)
    with pytest.raises(StoreCorruptError, match="newest list of freed pages is of transaction"):
        open_store(path)


def test_a_sound_file_may_end_before_its_last_page(tmp_path: Path) -> None:
    """LMDB does not write a page that one transaction both took and freed, not even the last of the file."""
    path, copy = tmp_path / "world.db", tmp_path / "copy.db"
    dice = random.Random(46)
    model: dict[bytes, bytes] = {}
    shorter = 0
    with open_store(path, durability="relaxed") as store:
        for _ in range(12):
            delta: dict[bytes, bytes | None] = {
                b"k%06d" % dice.randrange(10**6): dice.randbytes(dice.choice((10, 300, 900)))
                for _ in range(dice.randrange(1, 300))
            }
            delta.update((key, None) for key in sorted(model) if dice.random() < 0.9)
            store.apply(delta)
            store.commit()
            model = dict(store.scan(b""))
            copy.write_bytes(path.read_bytes())
            with PageFile(str(copy)) as file:
                shorter += file.size_bytes() < (newest_meta(read_metas(file)).last_page + 1) * PAGE_BYTES
            assert verify_file(str(copy)) == []
            with open_store(copy) as another:
                assert dict(another.scan(b"")) == model
    assert shorter, "this seed no longer makes LMDB leave pages unwritten: find another"


BROKEN_PAGE = """
import sys
from vatdata_runtime.store import open_store
def attempt(use):
    try:
        print(use())
    except OSError as error:
        print(type(error).__name__, error.reason)
with open_store(sys.argv[1]) as store, store.snapshot() as snapshot:
    for _ in range(2):
        attempt(lambda: store.get(sys.argv[2].encode()))
        attempt(lambda: snapshot.get(sys.argv[2].encode()))
    store.apply({sys.argv[2].encode(): b"new"})
    attempt(lambda: store.get(b"key 000") is not None)
    attempt(store.commit)
    attempt(lambda: store.apply({b"a": b"1"}))
"""


def test_errors_of_lmdb_itself_are_told_in_the_words_of_a_store(good: Path, tmp_path: Path) -> None:
    path = tmp_path / "world.db"
    data = bytearray(good.read_bytes())
    with PageFile(str(good)) as file:
        meta = newest_meta(read_metas(file))
        last_leaf = file.read_tree_page(meta.main.root, meta.last_page).nodes[-1].child
        key = file.read_tree_page(last_leaf, meta.last_page).nodes[0].key.decode()
    struct.pack_into("@H", data, last_leaf * PAGE_BYTES + 10, 4)  # says that it is an overflow page
    path.write_bytes(data)
    child = run_python(BROKEN_PAGE, path, key)
    *reads, sound, commit, later = child.stdout.splitlines()
    for read in reads:
        assert re.match(r"StoreCorruptError is damaged \(reading b'.*': .*vatdata verify", read)
    assert sound == "True"
    assert re.match(r"StoreCorruptError is damaged \(writing a batch of 1 cranks", commit)
    assert later.startswith("StoreError is damaged")
    assert later.endswith("Close it, look after the disk, and open it again")
