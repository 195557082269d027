"""``vatdata collect`` and ``vatdata migrate``: work that needs the vats' code."""

from __future__ import annotations

import os
import signal
import subprocess
import textwrap

import pytest

from tests.tools.command import COMMAND, run_vatdata, vatdata, vatdata_json
from tests.tools.worlds import BANK, build_bank
from vatdata_runtime import Kernel, open_vat
from vatdata_runtime.tools.reading import open_reader


def instances(store, vat="bank", kind="Purse"):
    with open_reader(store) as reader:
        found = reader.vat(vat).kind_named(kind)
        return 0 if found is None else found.instances


def test_collect_deletes_what_nothing_keeps(tmp_path):
    with open_vat(tmp_path / "s", BANK) as vat:
        vat.call("open_purse", "alice")
        vat.call("close_purse", "alice")
    assert instances(tmp_path / "s", "main") == 1
    form = vatdata_json("collect", "--store", tmp_path / "s", "--source", f"main={BANK}")
    assert form["deleted"] >= 1
    assert form["failed_vats"] == {}
    assert instances(tmp_path / "s", "main") == 0
    assert vatdata("verify", "--store", tmp_path / "s")


def test_cycles_are_deleted_only_when_asked_for(world):
    with Kernel.open(world) as kernel:
        kernel.call(kernel.get_vat("bank").root, "cycle")
    vatdata("collect", "--store", world)
    assert instances(world) == 5
    assert "records deleted" in vatdata("collect", "--store", world, "--cycles").stdout
    assert instances(world) == 3


def test_what_another_vat_keeps_is_not_collected(world):
    with Kernel.open(world) as kernel:
        kernel.call(kernel.get_vat("bank").root, "close_purse", "alice")
    vatdata("collect", "--store", world, "--cycles")
    assert instances(world) == 3


def test_a_vat_that_only_open_vat_has_had_needs_its_source(tmp_path):
    with open_vat(tmp_path / "s", build_bank) as vat:
        vat.call("cycle")
    done = vatdata("collect", "--store", tmp_path / "s", code=2)
    assert "--source main=SOURCE" in done.stderr
    vatdata("collect", "--store", tmp_path / "s", "--cycles", "--source", f"main={BANK}")
    assert instances(tmp_path / "s", "main") == 0


def test_a_vat_that_cannot_start_is_reported_with_exit_code_1(world):
    done = vatdata("collect", "--store", world, "--source", "bank=nowhere.py", code=1)
    assert "vat 'bank' could not start" in done.stderr
    assert "nowhere.py" in done.stderr
    assert instances(world) == 3


def test_a_store_that_is_in_use_is_left_alone(world):
    with Kernel.open(world) as kernel:
        for command in ("collect", "migrate"):
            done = run_vatdata(command, "--store", world)
            assert done.returncode == 2
            assert "StoreLockedError" in done.stderr
        assert kernel.call(kernel.get_vat("bank").root, "owners")


@pytest.mark.parametrize("command", ["collect", "migrate"])
def test_sources_name_vats_that_there_are(world, command):
    assert "no vat 'shop'" in vatdata(command, "--store", world, "--source", "shop=x.py", code=2).stderr
    assert "is not VAT=SOURCE" in vatdata(command, "--store", world, "--source", "x.py", code=2).stderr


VERSION = """
import time
from vatdata_runtime import Far, prepare_exo_class, provide_durable_map_store

def migrate(old, version):
    {body}

def build_root_object(vat_powers, vat_parameters, baggage):
    make = prepare_exo_class(
        baggage, "Thing", None, lambda n: {{"n": n}}, {{}}, version={version}, migrate={migrate}
    )
    things = provide_durable_map_store(baggage, "things")
    return Far("Root", {{"fill": lambda a, b: [things.init(n, make(n)) for n in range(a, b)] and None}})
"""


def version(path, number, body="return {'m': old['n']}"):
    migrate = None if number == 1 else "migrate"
    path.write_text(
        textwrap.dedent(VERSION).format(version=number, migrate=migrate, body=body), encoding="utf-8"
    )
    return path


@pytest.fixture
def old(tmp_path):
    """A store with 3000 things of version 1."""
    with Kernel.open(tmp_path / "s") as kernel:
        bank = kernel.create_vat("bank", str(version(tmp_path / "v1.py", 1)))
        kernel.call(bank.root, "fill", 0, 3000)
    return tmp_path / "s"


def versions_of(store):
    with open_reader(store) as reader:
        vat = reader.vat("bank")
        return [found.version for found in vat.durable.instances(vat.kind_named("Thing").number)]


def test_migrate_brings_all_records_up_to_date_with_the_code_that_is_given(old, tmp_path):
    source = version(tmp_path / "v2.py", 2)
    form = vatdata_json("migrate", "--store", old, "--source", f"bank={source}")
    assert form["migrated"] == {"bank": 3000}
    assert versions_of(old) == [2] * 3000
    assert vatdata_json("migrate", "--store", old, "--source", f"bank={source}")["migrated"] == {"bank": 0}
    assert vatdata("verify", "--store", old)


def test_one_kind_of_one_vat_can_be_migrated(old, tmp_path):
    source = version(tmp_path / "v2.py", 2)
    done = vatdata(
        "migrate", "--store", old, "--vat", "bank", "--kind", "Thing", "--source", f"bank={source}"
    )
    assert "vat 'bank': 3,000 records migrated" in done.stdout
    done = vatdata("migrate", "--store", old, "--kind", "Other", "--source", f"bank={source}", code=1)
    assert "no stored kind" in done.stderr
    assert "no vat 'shop'" in vatdata("migrate", "--store", old, "--vat", "shop", code=2).stderr


def test_a_record_that_cannot_be_migrated_is_named_with_exit_code_1_and_the_rest_stays(old, tmp_path):
    source = version(tmp_path / "v2.py", 2, "return {'m': 1 // (2500 - old['n'])}")
    done = vatdata("migrate", "--store", old, "--source", f"bank={source}", code=1)
    assert "ZeroDivisionError" in done.stderr
    assert "o+d16/2501" in done.stderr
    assert versions_of(old) == [2] * 2000 + [1] * 1000


def test_ctrl_c_leaves_a_sound_store_and_the_next_run_goes_on(old, tmp_path):
    source = version(tmp_path / "v2.py", 2, "time.sleep(60 * (old['n'] == 1500)); return {'m': old['n']}")
    child = subprocess.Popen(
        [*COMMAND, "migrate", "--store", str(old), "--source", f"bank={source}"],
        stderr=subprocess.PIPE,
        text=True,
    )
    while versions_of(old).count(2) < 1000:
        assert child.poll() is None
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=30)
    assert child.returncode == 130, errors
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert versions_of(old) == [2] * 1000 + [1] * 2000
    assert vatdata("verify", "--store", old)
    source = version(tmp_path / "v2.py", 2)
    assert vatdata_json("migrate", "--store", old, "--source", f"bank={source}")["migrated"] == {"bank": 2000}


def interrupt_when_it_writes(arguments, watched):
    """Run a command, send it SIGINT once the file *watched* has content, and return how it ended."""
    child = subprocess.Popen(
        [*COMMAND, *map(str, arguments)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    while child.poll() is None and not (watched.exists() and watched.stat().st_size > 100_000):
        os.sched_yield()
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=60)
    return child.returncode, errors


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A store with 30,000 purses, and its dump."""
    folder = tmp_path_factory.mktemp("large")
    with open_vat(folder / "s", build_bank) as vat:
        for first in range(0, 30_000, 10_000):
            vat.call("fill", first, first + 10_000)
    vatdata("dump", "--store", folder / "s", "--output", folder / "dump.jsonl")
    return folder


def test_an_interrupted_dump_leaves_no_file(large, tmp_path):
    code, errors = interrupt_when_it_writes(
        ["dump", "--store", large / "s", "--output", tmp_path / "out"], tmp_path / "out-new"
    )
    assert (code, "Traceback" in errors) == (130, False), errors
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_load_leaves_no_store(large, tmp_path):
    code, errors = interrupt_when_it_writes(
        ["load", large / "dump.jsonl", "--store", tmp_path / "new"], tmp_path / "new-new"
    )
    assert (code, "Traceback" in errors) == (130, False), errors
    assert [path.name for path in tmp_path.iterdir() if not path.name.endswith("-writer")] == []
