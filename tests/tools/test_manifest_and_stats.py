"""``vatdata manifest`` and ``vatdata stats``."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import pytest

from tests.tools.command import run_vatdata, vatdata, vatdata_json
from tests.tools.worlds import build_bank
from vatdata_lint.manifest import Manifest
from vatdata_runtime import Kernel, open_vat

CODE = """
    from vatdata_runtime import Far, M, prepare_exo_class, prepare_exo_class_kit

    class Purse:
        def deposit(this, amount):
            this.state.balance += amount
        def balance(this):
            return this.state.balance

    def build_root_object(vat_powers, vat_parameters, baggage):
        prepare_exo_class(
            baggage, "Purse", None, lambda owner: {"owner": owner, "balance": 0}, Purse,
            state_shape={"owner": M.string(), "balance": M.nat()},
        )
        prepare_exo_class_kit(
            baggage, "Counter", None, lambda: {"count": 0},
            {"up": {"increment": lambda this: None}, "reader": {"read": lambda this: 0}},
        )
        return Far("Root", {"ping": lambda: "pong"})
"""


@pytest.fixture
def stored(tmp_path):
    """A store made by ``bank.py``, and that file."""
    source = tmp_path / "bank.py"
    source.write_text(textwrap.dedent(CODE), encoding="utf-8")
    with Kernel.open(tmp_path / "bank.db") as kernel:
        kernel.create_vat("bank", str(source))
    return tmp_path / "bank.db", source


def lint(*words):
    return subprocess.run(
        [sys.executable, "-m", "vatdata_lint", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def manifest_of(store, tmp_path):
    path = tmp_path / "manifest.json"
    vatdata("manifest", "--store", store, "--output", path)
    return path


def test_the_manifest_says_what_the_store_holds(stored):
    store, source = stored
    manifest = json.loads(run_vatdata("manifest", "--store", store).stdout)
    assert (manifest["format"], manifest["version"]) == ("vatdata-kind-manifest", 1)
    (vat,) = manifest["vats"]
    assert (vat["name"], vat["source"], vat["incarnation"]) == ("bank", str(source), 0)
    purse, counter = vat["kinds"]
    assert purse == {
        "name": "Purse",
        "form": "single",
        "version": 1,
        "facets": [{"name": None, "methods": ["balance", "deposit"]}],
        "fields": [{"name": "balance", "pattern": "M.nat()"}, {"name": "owner", "pattern": "M.string()"}],
    }
    assert (counter["form"], [facet["name"] for facet in counter["facets"]]) == ("kit", ["reader", "up"])


def test_the_linter_reads_the_manifest_and_finds_nothing_in_the_code_that_made_the_store(stored, tmp_path):
    store, source = stored
    path = manifest_of(store, tmp_path)
    assert Manifest.parse(path.read_text(encoding="utf-8"), str(path)).vats[0].name == "bank"
    done = lint("check", "--manifest", path, source)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"Purse"', '"Wallet"', "Purse"),
        ('"balance": M.nat()', '"balance": M.boolean()', "balance"),
        ('"reader": {"read": lambda this: 0}', '"other": {"read": lambda this: 0}', "reader"),
    ],
)
def test_the_linter_finds_what_the_store_would_refuse(stored, tmp_path, before, after, said):
    store, source = stored
    path = manifest_of(store, tmp_path)
    source.write_text(source.read_text().replace(before, after), encoding="utf-8")
    done = lint("check", "--manifest", path, source)
    assert done.returncode == 1, done.stdout + done.stderr
    assert said in done.stdout


def test_a_kind_of_which_only_the_handle_was_made_is_of_unknown_form(tmp_path):
    from vatdata_runtime import Far, make_kind_handle

    def build(_powers, _parameters, baggage):
        return Far("Root", {"make": lambda: baggage.init("handle", make_kind_handle("Later"))})

    with open_vat(tmp_path / "s", build) as vat:
        vat.call("make")
    (kind,) = json.loads(vatdata("manifest", "--store", tmp_path / "s").stdout)["vats"][0]["kinds"]
    assert (kind["name"], kind["form"], kind["facets"]) == ("Later", "unknown", None)


def test_one_vat_can_be_asked_for(world):
    vats = json.loads(vatdata("manifest", "--store", world, "--vat", "customer").stdout)["vats"]
    assert [vat["name"] for vat in vats] == ["customer"]
    assert "no vat 'shop'" in vatdata("manifest", "--store", world, "--vat", "shop", code=2).stderr


def test_stats_count_stored_and_live_objects_of_each_kind(world):
    form = vatdata_json("stats", "--store", world)
    assert (form["format"], form["version"]) == ("vatdata-stats", 1)
    assert form["vats"]["bank"]["kinds"]["Purse"]["stored"] == 3
    assert form["vats"]["bank"]["kinds"]["Purse"]["live"] == 3
    assert form["objects"] == {"stored": 5, "live": 5}
    assert form["vats"]["bank"]["collections"] == 4
    assert form["lmdb"]["entries"] > 40
    assert form["kernel"]["cranks"] > 5


def test_what_no_stored_data_mentions_is_stored_and_not_live(tmp_path):
    with open_vat(tmp_path / "s", build_bank) as vat:
        vat.call("open_purse", "alice")
        vat.call("close_purse", "alice")
        form = vatdata_json("stats", "--store", tmp_path / "s")
    assert form["vats"]["main"]["kinds"]["Purse"]["stored"] == 1
    assert form["vats"]["main"]["kinds"]["Purse"]["live"] == 0


def test_what_only_another_vat_keeps_is_live(world):
    with Kernel.open(world) as kernel:
        kernel.call(kernel.get_vat("bank").root, "close_purse", "alice")
    purse = vatdata_json("stats", "--store", world)["vats"]["bank"]["kinds"]["Purse"]
    assert (purse["stored"], purse["live"]) == (3, 3)


def test_sizes_are_estimated_until_they_are_asked_for(tmp_path):
    with open_vat(tmp_path / "s", build_bank) as vat:
        vat.call("fill", 0, 300)
    purse = vatdata_json("stats", "--store", tmp_path / "s")["vats"]["main"]["kinds"]["Purse"]
    exact = vatdata_json("stats", "--store", tmp_path / "s", "--sizes")["vats"]["main"]["kinds"]["Purse"]
    assert not purse["bytes_are_exact"]
    assert exact["bytes_are_exact"]
    assert purse["bytes"] == pytest.approx(exact["bytes"], rel=0.2)


def test_stats_are_a_table_for_people(world):
    shown = vatdata("stats", "--store", world).stdout
    assert "Purse" in shown
    assert "free for reuse" in shown
