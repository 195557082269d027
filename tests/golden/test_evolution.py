"""Stores made by each of five versions of one program, upgraded step by step and in one jump."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.golden.library import VERSIONS, code, make, unpack
from vatdata_runtime import open_vat
from vatdata_runtime.store import open_store
from vatdata_runtime.tools.verify import verify

NAMES = ("Ada Lovelace", "Grace Brewster Hopper")


def check(library, made_by: int, version: int) -> None:
    """Hold what the library says to what the version that made the store has put in."""
    assert library.call("names") == NAMES
    assert library.call("lent") == 1
    if version >= 2:
        assert library.call("emails") == ("ada@example.org" if made_by >= 2 else None, None)
    if version >= 4:
        assert library.call("sort_names") == ("Hopper, Grace Brewster", "Lovelace, Ada")


def check_last(path: Path) -> None:
    """Hold a store of the last version to its promises, new facet and given up kind included."""
    with open_vat(path, code(5)) as library:
        library.call("close_desk")
        with pytest.raises(RuntimeError, match="the desk is closed"):
            library.call("lend")
        library.collect()
    assert [finding.text for finding in verify(str(path))] == []


@pytest.mark.parametrize("made_by", VERSIONS)
def test_a_store_of_each_version_is_upgraded_step_by_step(tmp_path, made_by):
    path = unpack(made_by, tmp_path)
    for version in range(made_by, 6):
        with open_vat(path, code(version)) as library:
            check(library, made_by, version)
        assert [finding.text for finding in verify(str(path))] == []
    check_last(path)


@pytest.mark.parametrize("made_by", VERSIONS)
def test_a_store_of_each_version_is_upgraded_in_one_jump(tmp_path, made_by):
    path = unpack(made_by, tmp_path)
    with open_vat(path, code(5)) as library:
        check(library, made_by, 5)
    check_last(path)


@pytest.mark.parametrize("made_by", VERSIONS)
def test_the_program_still_makes_the_same_data(tmp_path, made_by):
    again = tmp_path / "again.db"
    made = make(made_by, tmp_path)
    again.write_bytes(gzip.decompress(made))

    def data(path):
        with open_store(path, readonly=True) as store:
            return dict(store.scan(b"\x01"))

    assert data(again) == data(unpack(made_by, tmp_path))


def test_going_back_is_refused_and_harms_nothing(tmp_path):
    path = unpack(5, tmp_path)
    for version in (4, 3, 2, 1):
        with pytest.raises(Exception, match=r"Desk|Reader|Note"):
            open_vat(path, code(version))
    check_last(path)
