"""``vatdata verify`` as an operator uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.runtime.test_command import BANK, vatdata
from vatdata_runtime import open_vat
from vatdata_runtime.store import open_store


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    path = tmp_path / "bank.db"
    with open_vat(path, BANK) as vat:
        vat.call("open_purse", "alice")
        vat.call("open_purse", "bob")
    return path


def tamper(path: Path, sort: bytes, value: bytes | None) -> None:
    """Change the first record of a sort behind the vat's back."""
    store = open_store(path)
    try:
        prefix = b"\x02\x01" + sort
        key, _ = next(store.scan(prefix, prefix + b"\xff"))
        store.apply({key: value})
        store.commit()
    finally:
        store.close()


def test_a_sound_store_is_called_sound(bank):
    done = vatdata("verify", "--store", str(bank))
    assert (done.returncode, done.stdout) == (0, "")
    assert "sound" in done.stderr


def test_a_sound_store_is_verified_while_a_vat_has_it_open(bank):
    with open_vat(bank, BANK) as vat:
        assert vatdata("verify", "--store", str(bank)).returncode == 0
        assert vat.call("total") == 0


def test_a_wrong_size_is_found_explained_and_repaired(bank):
    tamper(bank, b"h", b"\x07\x00")
    found = vatdata("verify", "--store", str(bank), "--json")
    assert found.returncode == 1
    (line,) = map(json.loads, found.stdout.splitlines())
    assert line["vat"] == "main"
    assert line["can_be_repaired"] is True
    assert "has another size than entries" in line["text"]
    repaired = vatdata("verify", "--store", str(bank), "--repair")
    assert repaired.returncode == 0, repaired.stdout
    assert "1 repaired" in repaired.stderr
    with open_vat(bank, BANK) as vat:
        assert vat.call("owners") == ("alice", "bob")


@pytest.mark.parametrize(("sort", "value"), [(b"c", b"\x00"), (b"c", b"\x05"), (b"z", b"")])
def test_a_wrong_reference_count_is_repaired(bank, sort, value):
    store = open_store(bank)
    store.apply({b"\x02\x01" + sort + b"d\x10\x01": value})  # of the first purse
    store.commit()
    store.close()
    assert vatdata("verify", "--store", str(bank)).returncode == 1
    assert vatdata("verify", "--store", str(bank), "--repair").returncode == 0


def test_what_cannot_be_derived_is_reported_and_left(bank):
    tamper(bank, b"o", None)
    done = vatdata("verify", "--store", str(bank), "--repair")
    assert done.returncode == 1
    assert "there is no such object" in done.stdout


def test_a_store_that_is_none_cannot_be_checked(tmp_path):
    (tmp_path / "notes.txt").write_text("hello\n" * 2000)
    done = vatdata("verify", "--store", str(tmp_path / "notes.txt"))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    missing = vatdata("verify", "--store", str(tmp_path / "nowhere.db"))
    assert missing.returncode == 2


def test_a_repair_is_refused_while_a_vat_has_the_store_open(bank):
    tamper(bank, b"h", b"\x07\x00")
    with open_vat(bank, BANK):
        done = vatdata("verify", "--store", str(bank), "--repair")
    assert done.returncode == 2
    assert "already open for writing" in done.stderr
