"""``vatdata dump`` and ``vatdata load``: a store as lines, and back."""

from __future__ import annotations

import datetime
import decimal
import enum
import json
import uuid

import pytest

from tests.tools.command import COMMAND, run_vatdata, vatdata
from tests.tools.worlds import BANK, CUSTOMER, build_bank
from vatdata_runtime import (
    Far,
    Kernel,
    make_copy_bag,
    make_copy_map,
    make_copy_set,
    open_vat,
    provide_durable_map_store,
    provide_durable_weak_map_store,
    register_enum,
)
from vatdata_runtime.store import open_store


def dump(store):
    return run_vatdata("dump", "--store", store).stdout


def lines_of(store):
    return [json.loads(line) for line in dump(store).splitlines()]


def entries_of(store):
    with open_store(store, readonly=True) as opened:
        return list(opened.scan(b"\x01"))


def loaded(store, tmp_path, name="loaded.db"):
    (tmp_path / "dump.jsonl").write_text(dump(store), encoding="utf-8")
    vatdata("load", tmp_path / "dump.jsonl", "--store", tmp_path / name)
    return tmp_path / name


def test_a_dump_loaded_into_a_new_store_gives_an_equal_dump_and_the_same_bytes(world, tmp_path):
    copy = loaded(world, tmp_path)
    assert dump(copy) == dump(world)
    assert entries_of(copy) == entries_of(world)


def test_the_vats_of_a_loaded_store_go_on(world, tmp_path):
    copy = loaded(world, tmp_path)
    with Kernel.open(copy, on_failed_start="raise") as kernel:
        bank, customer = kernel.get_vat("bank"), kernel.get_vat("customer")
        assert (bank.incarnation, customer.incarnation) == (1, 1)
        assert kernel.call(customer.root, "pay", "alice", 5) == 15
        assert kernel.call(bank.root, "owners") == ("alice", "bob", "carol")
    assert vatdata("verify", "--store", copy)


def test_lines_are_readable_and_in_the_order_of_keys(world):
    lines = lines_of(world)
    assert lines[0] == {"format": "vatdata-dump", "version": 1, "store_format": 1}
    assert {
        "vat": 1,
        "instance": "o+d16/1",
        "layout": 0,
        "state": {"balance": 10, "owner": "alice", "peer": None},
    } in lines
    assert {"vat": 2, "entry_of": 2, "key": "alice", "value": {"#ref": "vat 1:o+d16/1"}} in lines
    sources = [line["source"] for line in lines if "setup" in line]
    assert sources == [BANK, CUSTOMER]


def test_a_dump_depends_on_nothing_but_the_data(world, tmp_path):
    vatdata("backup", "--store", world, tmp_path / "copy.db")
    assert dump(tmp_path / "copy.db") == dump(world)


class Color(enum.Enum):
    RED = 1


def build_everything(_powers, _parameters, baggage):
    register_enum(Color)
    store = provide_durable_map_store(baggage, "all")
    weak = provide_durable_weak_map_store(baggage, "weak")
    zone = datetime.UTC
    values = {
        "int": 1 << 80,
        "float": float("-inf"),
        "nan": float("nan"),
        "text": "snow ☃ and \x00",
        "bytes": b"\x00\xff",
        "tuple": (1, ("a", None)),
        "record": {"#x": 1, "y": {"z": True}},
        "set": make_copy_set([1, "a", (2, 3)]),
        "bag": make_copy_bag([("a", 2)]),
        "map": make_copy_map([(1, "one")]),
        "instant": datetime.datetime(2025, 1, 2, 3, 4, 5, 6, tzinfo=zone),
        "naive": datetime.datetime(2025, 1, 2),
        "date": datetime.date(2025, 1, 2),
        "time": datetime.time(1, 2, 3),
        "delta": datetime.timedelta(days=-1, microseconds=5),
        "decimal": decimal.Decimal("1.500"),
        "uuid": uuid.UUID(int=7),
        "enum": Color.RED,
        "error": KeyError("gone"),
        "objects": make_copy_set([store, weak]),
    }

    def fill():
        for name, value in values.items():
            store.init(name, value)
        weak.init(store, "mine")
        for key in (
            1,
            -5,
            2.5,
            b"k",
            None,
            True,
            values["instant"],
            values["date"],
            values["decimal"],
            values["uuid"],
        ):
            store.init(key, "as key")

    return Far("Root", {"fill": fill})


def test_every_sort_of_value_and_key_survives(tmp_path):
    with open_vat(tmp_path / "s", build_everything) as vat:
        vat.call("fill")
    copy = loaded(tmp_path / "s", tmp_path)
    assert entries_of(copy) == entries_of(tmp_path / "s")


def test_records_that_this_version_does_not_know_are_kept_as_bytes(world, tmp_path):
    with open_store(world) as store:
        store.apply({b"\x01?later": b"\xc1\xff", b"\x09other": b"", b"\x02\x01?": b"x"})
        store.commit()
    assert {"key": b"\x01?later".hex(), "value": "c1ff"} in lines_of(world)
    (tmp_path / "dump.jsonl").write_text(dump(world), encoding="utf-8")
    vatdata("load", tmp_path / "dump.jsonl", "--store", tmp_path / "copy", "--no-verify")
    assert entries_of(tmp_path / "copy") == entries_of(world)


def test_standard_input_and_output_are_enough(world, tmp_path):
    import subprocess

    text = dump(world)
    done = subprocess.run(
        [*COMMAND, "load", "-", "--store", str(tmp_path / "copy")],
        input=text,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert dump(tmp_path / "copy") == text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: [], "it is not JSON"),
        (lambda lines: ["{}", *lines[1:]], "does not say that this is a 'vatdata-dump'"),
        (lambda lines: [lines[0].replace('"version":1', '"version":9'), *lines[1:]], "is not known here"),
        (lambda lines: [*lines[:3], "not json", *lines[3:]], "line 4 of the dump: it is no record"),
        (lambda lines: [*lines[:3], '{"vat":1,"what":2}', *lines[3:]], "line 4 of the dump: it is no record"),
        (lambda lines: [*lines, lines[1]], "not behind the line before it"),
    ],
)
def test_a_dump_that_is_none_is_refused_with_its_line_and_leaves_no_store(world, tmp_path, change, said):
    lines = change(dump(world).splitlines())
    folder = tmp_path / "new"
    folder.mkdir()
    (tmp_path / "bad.jsonl").write_text("\n".join(lines), encoding="utf-8")
    done = vatdata("load", tmp_path / "bad.jsonl", "--store", folder / "s", code=2)
    assert said in done.stderr
    assert [path.name for path in folder.iterdir() if not path.name.endswith("-writer")] == []


def test_loading_never_replaces_a_file(world, tmp_path):
    before = world.read_bytes()
    (tmp_path / "dump.jsonl").write_text(dump(world), encoding="utf-8")
    done = vatdata("load", tmp_path / "dump.jsonl", "--store", world, code=2)
    assert "exists already" in done.stderr
    assert world.read_bytes() == before


def test_a_store_with_references_that_are_settled_verifies_after_loading(tmp_path):
    with open_vat(tmp_path / "s", build_bank) as vat:
        vat.call("cycle")
        vat.call("fill", 0, 50)
    assert vatdata("verify", "--store", loaded(tmp_path / "s", tmp_path)).exit_code == 0
