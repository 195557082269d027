"""What a store says of itself, and what STORAGE.md says of it."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import lmdb
import pytest

from vatdata_runtime.errors import StoreCorruptError, StoreFormatError
from vatdata_runtime.store import FORMAT_VERSION, Store, open_store, verify_file
from vatdata_runtime.store.format import FORMAT_KEY
from vatdata_runtime.store.framing import frame

from .make_golden import GOLDEN, GOLDEN_ENTRIES

STORAGE_PAGE = Path(__file__).parents[3] / "STORAGE.md"


def rewrite_record(path: str, record: bytes) -> None:
    with lmdb.open(path, subdir=False, map_size=1 << 20) as file, file.begin(write=True) as transaction:
        transaction.put(FORMAT_KEY, record)


def record_of(**fields: object) -> bytes:
    known = {
        "magic": "vatdata store",
        "format": FORMAT_VERSION,
        "created_by": "0.1.0",
        "created_at": "2025-01-01",
    }
    return json.dumps(known | fields).encode()


def test_a_store_tells_who_made_it_when_and_in_which_format(store: Store) -> None:
    assert store.format.version == FORMAT_VERSION
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", store.format.created_at)
    assert store.format.created_by
    store.apply({b"a": b"1"})
    store.commit()
    with open_store(store.path, readonly=True) as reader:
        assert reader.format == store.format


def test_a_newer_format_is_refused_with_the_version_that_made_it(path: str) -> None:
    open_store(path).close()
    rewrite_record(path, frame(FORMAT_KEY, record_of(format=FORMAT_VERSION + 1, created_by="9.9")))
    for readonly in (True, False):
        with pytest.raises(
            StoreFormatError, match=rf"has format {FORMAT_VERSION + 1}, .*newer .*vatdata 9\.9"
        ):
            open_store(path, readonly=readonly)


@pytest.mark.parametrize(
    "fields",
    [
        {"format": 0},
        {"format": "1"},
        {"format": True},
        {"format": None},
        {"created_by": 1},
        {"created_at": []},
    ],
)
def test_a_record_that_makes_no_sense_is_damage(path: str, fields: dict[str, object]) -> None:
    open_store(path).close()
    rewrite_record(path, frame(FORMAT_KEY, record_of(**fields)))
    with pytest.raises(StoreCorruptError, match="makes no sense"):
        open_store(path)


def test_a_record_that_does_not_fit_its_checksum_is_damage(path: str) -> None:
    open_store(path).close()
    rewrite_record(path, frame(b"\x00other", record_of()))
    with pytest.raises(StoreCorruptError, match="does not fit its checksum"):
        open_store(path)


@pytest.mark.parametrize("record", [b"[]", b"{", b"null", record_of(magic="another store")])
def test_a_record_of_another_program_under_our_key_is_foreign(path: str, record: bytes) -> None:
    open_store(path).close()
    rewrite_record(path, frame(FORMAT_KEY, record))
    with pytest.raises(StoreFormatError, match="another program"):
        open_store(path)


@pytest.mark.skipif(
    sys.byteorder == "big" or sys.maxsize < 1 << 32, reason="the files are of 64-bit little-endian machines"
)
@pytest.mark.parametrize("golden", sorted(GOLDEN.glob("format-*.db")), ids=lambda path: path.stem)
def test_a_store_of_every_released_format_still_opens(golden: Path, tmp_path: Path) -> None:
    path = tmp_path / "world.db"
    shutil.copyfile(golden, path)
    assert verify_file(str(path)) == []
    with open_store(path) as store:
        assert dict(store.scan(b"")) == GOLDEN_ENTRIES
        store.apply({b"apple": None, b"cherry": b"dark"})
        store.commit()
        assert store.get(b"cherry") == b"dark"


def test_there_is_a_golden_store_of_the_present_format() -> None:
    assert (GOLDEN / f"format-{FORMAT_VERSION}.db").exists()


# --- the page --------------------------------------------------------------------------------------------------


def the_file() -> str:
    """The section of STORAGE.md about the file."""
    return STORAGE_PAGE.read_text().split("\n## The file\n")[1].split("\n## ")[0]


def test_the_page_names_every_file_that_a_store_puts_on_the_disk(store: Store, tmp_path: Path) -> None:
    names = {file.name.replace("world.db", "PATH") for file in tmp_path.iterdir()}
    assert names == {"PATH", "PATH-lock", "PATH-writer"}
    assert names | {"PATH-new"} == set(re.findall(r"^\| `(PATH[^`]*)` \|", the_file(), re.MULTILINE))


def test_the_page_shows_the_format_record_as_it_is_stored(store: Store) -> None:
    shown = json.loads(re.search(r"^    (\{.*\})$", the_file(), re.MULTILINE)[1])  # type: ignore[index]
    store.close()
    with lmdb.open(store.path, subdir=False) as file, file.begin() as transaction:
        stored = json.loads(transaction.get(FORMAT_KEY, b"")[:-4])
    assert list(stored) == list(shown)
    assert {name: stored[name] for name in ("magic", "format")} == {
        name: shown[name] for name in ("magic", "format")
    }
    assert f"`{FORMAT_KEY!r}`" in the_file()


def test_the_page_shows_the_trailer_as_it_is_computed() -> None:
    shown = re.search(r"the value `(\w+)` under\s+key `b'(\w+)'` is stored as `([0-9a-f ]+)`", the_file())
    value, key, stored = shown.groups()  # type: ignore[union-attr]
    assert frame(key.encode(), value.encode()) == bytes.fromhex(stored)
