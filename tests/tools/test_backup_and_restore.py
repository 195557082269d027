"""``vatdata backup`` and ``vatdata restore``."""

from __future__ import annotations

import threading

import pytest

from tests.tools.command import run_vatdata, vatdata, vatdata_json
from tests.tools.worlds import build_bank
from vatdata_runtime import Kernel, open_vat


def purses_in(store):
    return vatdata_json("inspect", "--store", store)["vats"]["bank"]["kinds"]["Purse"]["instances"]


def test_a_backup_taken_under_load_verifies_clean_and_starts(tmp_path):
    stop = threading.Event()
    codes = []

    def take_backups():
        for number in range(3):
            codes.append(
                run_vatdata("backup", "--store", tmp_path / "s", tmp_path / f"backup{number}").returncode
            )
        stop.set()

    with open_vat(tmp_path / "s", build_bank) as vat:
        vat.call("fill", 0, 100)
        taker = threading.Thread(target=take_backups)
        taker.start()
        filled = 100
        while not stop.is_set():
            vat.call("fill", filled, filled + 10)
            filled += 10
        taker.join()
    assert codes == [0, 0, 0]
    for number in range(3):
        assert vatdata("verify", "--store", tmp_path / f"backup{number}").exit_code == 0
        with open_vat(tmp_path / f"backup{number}", build_bank) as vat:
            # Each backup is some whole crank: ten purses more or not.
            assert len(vat.call("owners")) % 10 == 0


def test_a_backup_never_replaces_a_file(world, tmp_path):
    (tmp_path / "mine").write_text("precious")
    assert "exists already" in vatdata("backup", "--store", world, tmp_path / "mine", code=2).stderr
    assert (tmp_path / "mine").read_text() == "precious"


def test_a_damaged_store_gives_no_backup(world, tmp_path):
    world.write_bytes(world.read_bytes().replace(b"Purse_kindHandle", b"Purse_kindhandle"))
    done = vatdata("backup", "--store", world, tmp_path / "copy", code=2)
    assert "is damaged" in done.stderr
    assert not (tmp_path / "copy").exists()


def test_restore_makes_the_store_from_the_backup(world, tmp_path):
    vatdata("backup", "--store", world, tmp_path / "copy")
    done = vatdata("restore", tmp_path / "copy", "--store", tmp_path / "new")
    assert "sound" in done.stderr
    assert purses_in(tmp_path / "new") == 3


def test_restore_replaces_a_store_only_when_forced_and_keeps_it_aside(world, tmp_path):
    vatdata("backup", "--store", world, tmp_path / "copy")
    with Kernel.open(world) as kernel:
        kernel.call(kernel.get_vat("bank").root, "open_purse", "dora")
    assert "--force" in vatdata("restore", tmp_path / "copy", "--store", world, code=2).stderr
    assert purses_in(world) == 4
    done = vatdata("restore", tmp_path / "copy", "--store", world, "--force")
    assert f"{world}-replaced" in done.stderr
    assert purses_in(world) == 3
    assert purses_in(f"{world}-replaced") == 4


def test_restore_does_not_touch_a_store_that_is_in_use(world, tmp_path):
    vatdata("backup", "--store", world, tmp_path / "copy")
    with Kernel.open(world) as kernel:
        done = run_vatdata("restore", tmp_path / "copy", "--store", world, "--force")
        assert done.returncode == 2
        assert "StoreLockedError" in done.stderr
        assert kernel.call(kernel.get_vat("bank").root, "owners") == ("alice", "bob", "carol")


@pytest.mark.parametrize("is_there", [False, True])
def test_a_damaged_backup_is_refused_and_the_store_stays(world, tmp_path, is_there):
    vatdata("backup", "--store", world, tmp_path / "copy")
    (tmp_path / "copy").write_bytes((tmp_path / "copy").read_bytes()[:-4096])
    store = world if is_there else tmp_path / "new"
    done = vatdata("restore", tmp_path / "copy", "--store", store, "--force", code=2)
    assert "StoreCorruptError" in done.stderr
    if is_there:
        assert purses_in(store) == 3
    else:
        assert not store.exists()


def test_a_store_is_not_restored_from_itself(world):
    assert "is the store itself" in vatdata("restore", world, "--store", world, "--force", code=2).stderr
    assert purses_in(world) == 3
