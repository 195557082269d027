"""Stores made by each of five versions of one program, upgraded step by step and in one jump.

``vat_lives`` verifies each store whole when its test ends.
"""

from __future__ import annotations

import gzip
import itertools

import pytest

from tests.golden.library import STORE_FORMAT, VERSIONS, code, make, unpack
from vatdata_runtime import Vat, open_vat
from vatdata_runtime.store import open_store
from vatdata_runtime.testing import Lives

NAMES = ("Ada Lovelace", "Grace Brewster Hopper")


@pytest.fixture(params=VERSIONS)
def made_by(request: pytest.FixtureRequest) -> int:
    """The version whose store a test begins with."""
    return request.param


@pytest.fixture
def lives(vat_lives: Lives, made_by: int) -> Lives:
    """The lives of the library over the store that a version has made."""
    vat_lives.path = unpack(made_by, vat_lives.path.parent)
    return vat_lives


def check(library: Vat, made_by: int, version: int) -> None:
    """Hold what the library says to what the version that made the store has put in."""
    assert library.call("names") == NAMES
    assert library.call("lent") == 1
    if version >= 2:
        assert library.call("emails") == ("ada@example.org" if made_by >= 2 else None, None)
    if version >= 4:
        assert library.call("sort_names") == ("Hopper, Grace Brewster", "Lovelace, Ada")


def check_last(lives: Lives) -> None:
    """Hold a store of the last version to its promises, new facet and given up kind included."""
    library = lives.start(code(5))
    library.call("close_desk")
    with pytest.raises(RuntimeError, match="the desk is closed"):
        library.call("lend")
    library.collect()


def test_a_store_of_each_version_is_upgraded_step_by_step(lives, made_by):
    for version in range(made_by, 6):
        check(lives.upgrade(code(version)), made_by, version)
        assert lives.differences() == []
    check_last(lives)


def test_a_store_of_each_version_is_upgraded_in_one_jump(lives, made_by):
    check(lives.upgrade(code(5)), made_by, 5)
    check_last(lives)


def test_a_crash_at_any_step_of_the_jump_leaves_a_store_that_the_new_code_can_start(lives, made_by):
    crashes = []
    for step in itertools.count(1):
        lives.stop()
        folder = lives.path.parent / str(step)
        folder.mkdir()
        lives.path = unpack(made_by, folder)
        lives.start(code(made_by))
        with lives.crash_at(step) as crash:
            lives.upgrade(code(5))
        check(lives.vat, made_by, 5)
        assert lives.differences() == []
        if not crash.happened:
            break
        crashes.append(crash.at)
    assert len(crashes) >= 3
    check_last(lives)


def test_the_program_still_makes_the_same_data(tmp_path, made_by):
    again = tmp_path / "again.db"
    again.write_bytes(gzip.decompress(make(made_by, tmp_path)))

    def data(path):
        with open_store(path, readonly=True) as store:
            return dict(store.scan(b"\x01"))

    assert data(again) == data(unpack(made_by, tmp_path))


def test_the_stores_are_of_the_format_that_is_noted(tmp_path, made_by):
    with open_store(unpack(made_by, tmp_path), readonly=True) as store:
        assert store.format.version == STORE_FORMAT


@pytest.mark.parametrize("made_by", [5], indirect=True)
def test_going_back_is_refused_and_harms_nothing(lives):
    for version in (4, 3, 2, 1):
        with pytest.raises(Exception, match=r"Desk|Reader|Note"):
            open_vat(lives.path, code(version))
    check_last(lives)
