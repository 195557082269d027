"""The ``vatdata`` command, run as a user runs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

BANK = Path(__file__).parents[2] / "examples" / "bank.py"
COMMAND = [sys.executable, "-c", "from vatdata_runtime.cli import main; main()"]


def vatdata(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        capture_output=True,
        text=True,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "120"},
        check=False,
        timeout=60,
    )


def test_demo_tells_the_whole_story_and_ends_well():
    done = vatdata("demo", "--fast")
    assert done.returncode == 0, done.stderr
    assert "KindsNotPreparedError" in done.stdout
    owned = re.search(r"alice owns (\d+)", done.stdout)
    assert owned is not None
    assert int(owned[1]) >= 100  # what was deposited until the kill came, which a busy machine puts off
    assert "Everything that was acknowledged is there." in done.stdout
    assert "\x1b[" not in done.stdout, "NO_COLOR is honoured"


def test_run_calls_root_methods_one_crank_each_and_keeps_what_they_did(tmp_path):
    store = str(tmp_path / "bank.db")
    first = vatdata("run", str(BANK), "--store", store, "--call", "open_purse('alice')", "--call", "total()")
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines() == ["<Ref Purse o+d16/1 in vat 'main'>", "0"]
    second = vatdata("run", str(BANK), "--store", store, "--json", "--call", "owners()")
    assert json.loads(second.stdout) == ["alice"]
    assert "incarnation 1" in second.stderr


def test_run_exits_with_1_when_a_call_raises_and_says_what(tmp_path):
    done = vatdata("run", str(BANK), "--store", str(tmp_path / "s"), "--call", "purse('nobody')")
    assert done.returncode == 1
    assert "KeyNotFoundError: store 'purses' has no key 'nobody'" in done.stderr
    assert "Traceback" not in done.stderr


def test_run_exits_with_2_when_the_vat_cannot_start(tmp_path):
    store = str(tmp_path / "bank.db")
    assert vatdata("run", str(BANK), "--store", store).returncode == 0
    forgets = tmp_path / "forgets.py"
    forgets.write_text(
        "from vatdata_runtime import Far\ndef build_root_object():\n    return Far('Bank', {})\n"
    )
    done = vatdata("run", str(forgets), "--store", store)
    assert done.returncode == 2
    assert "KindsNotPreparedError" in done.stderr
    assert "'Purse'" in done.stderr
    assert "Traceback" not in done.stderr


def test_run_says_which_source_is_missing(tmp_path):
    done = vatdata("run", str(tmp_path / "nowhere.py"), "--store", str(tmp_path / "s"))
    assert done.returncode == 2
    assert "nowhere.py" in done.stderr
    assert "does not exist" in done.stderr


def test_run_refuses_a_file_that_is_no_store(tmp_path):
    foreign = tmp_path / "notes.txt"
    foreign.write_text("not a store\n" * 1000)
    done = vatdata("run", str(BANK), "--store", str(foreign))
    assert done.returncode == 2
    assert "StoreFormatError" in done.stderr
    assert foreign.read_text().startswith("not a store"), "the file was not touched"


def test_call_takes_literals_only(tmp_path):
    done = vatdata("run", str(BANK), "--store", str(tmp_path / "s"), "--call", "total(__import__('os'))")
    assert done.returncode == 2
    assert "literal arguments" in done.stderr


def test_every_command_has_help_with_an_example():
    for command in ("demo", "run", "verify"):
        done = vatdata(command, "--help")
        assert done.returncode == 0
        assert f"Example: vatdata {command}" in " ".join(done.stdout.split())
