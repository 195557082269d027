"""Records with right sums and wrong contents, as a faulty program could write them, are reported and never crash a check."""

from __future__ import annotations

from pathlib import Path

import pytest

from vatdata_runtime import Kernel, StoreCorruptError, open_vat
from vatdata_runtime.store import open_store
from vatdata_runtime.tools.verify import verify
from vatdata_runtime.vat.identifiers import Space, encode_number, format_vref
from vatdata_runtime.vat.verify import verify_vat

from .world import World

SPACE = Space.durable(1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with one vat that keeps two objects, one of which mentions the other twice."""
    path = tmp_path / "vat.db"
    world = World(path)
    with world.crank():
        one = world.make["durable", "node"](a=world.make["durable", "node"]())
        world.baggage.init("one", one)
        world.baggage.init("again", one.get("a"))
    world.close()
    assert list(verify(str(path))) == []
    return path


@pytest.mark.parametrize(
    ("key", "data"),
    [
        (SPACE.count + b"d\xf0", b"\x02"),
        (SPACE.count + b"d\x10\x01", b""),
        (SPACE.collection + b"\xf0", b""),
        (SPACE.head + b"\x05", b"\x01"),
        (SPACE.ordinal + b"\x01" + b"d\x10", b"\x01"),
        (SPACE.entry + b"\xff\x01", b""),
        (SPACE.entry + b"\x01\xff\x01", b""),
        (SPACE.entry + b"\x01", b""),
        (SPACE.ordinal + b"\x01\xff\x01", b""),
        (SPACE.ordinal + b"\x01\xff\x01", b"\x01"),
        (SPACE.recognizer + b"\xff\xff", b""),
        (SPACE.counter + b"\x10", b"\xff"),
        (SPACE.prefix, b""),
        (b"\x03\x01", b""),
    ],
    ids=lambda value: value.hex(),
)
def test_a_key_or_number_without_its_form_is_reported_and_names_its_place(
    path: Path, key: bytes, data: bytes
) -> None:
    with open_store(path) as store:
        store.apply({key: data})
        store.commit()
        found = list(verify_vat(store, 1))
    assert key in [difference.key for difference in found]


def test_what_is_no_slot_is_shown_by_its_bytes() -> None:
    assert format_vref(b"d\xf0") == "0x64f0"
    assert format_vref(b"") == "0x"


def test_a_count_of_exports_without_its_form_is_reported(path: Path) -> None:
    with open_store(path) as store:
        store.apply({b"\x01e\xf8": b"", b"\x01e\x01d\x10\x01": b"\xff"})
        store.commit()
    found = [str(finding) for finding in verify(str(path))]
    assert sum("has no form that it could have" in text for text in found) == 2


def test_a_search_for_cycles_refuses_a_record_that_it_cannot_read(path: Path) -> None:
    with open_store(path) as store:
        key = next(key for key, _ in store.scan(SPACE.record, SPACE.record + b"\xff"))
        store.apply({key: b"\x95\x03"})
        store.commit()
    world = World.__new__(World)
    with open_vat(path, world.build, durability="relaxed") as vat:
        with pytest.raises(StoreCorruptError, match="cannot be read"):
            vat.collect_cycles()


def test_a_collection_refuses_to_delete_a_record_that_it_cannot_read(path: Path) -> None:
    with open_store(path) as store:
        for key, _ in list(store.scan(SPACE.record, SPACE.record + b"\xff")):
            store.apply({key: b"\x95\x03"})
        store.commit()
    world = World.__new__(World)
    with open_vat(path, world.build, durability="relaxed") as vat:
        with pytest.raises(StoreCorruptError, match="cannot be read"):
            with vat.crank():
                world.baggage.delete("one")
            vat.collect()


def test_a_vat_whose_name_is_no_text_is_a_damaged_store(path: Path) -> None:
    with open_store(path) as store:
        store.apply({b"\x01v\x80": encode_number(2)})
        store.commit()
    with pytest.raises(StoreCorruptError, match="table of vats"):
        Kernel.open(path)
    with pytest.raises(StoreCorruptError, match="table of vats"):
        list(verify(str(path)))


def test_a_size_that_cannot_be_read_is_a_damaged_store(path: Path) -> None:
    with open_store(path) as store:
        store.apply({SPACE.head + b"\x01": b"\xff"})
        store.commit()
    world = World.__new__(World)
    with open_vat(path, world.build, durability="relaxed") as vat, vat.crank():
        with pytest.raises(StoreCorruptError, match="the size of store 'baggage' cannot be read"):
            world.baggage.get_size()
