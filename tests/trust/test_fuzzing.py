"""The fuzzers' short forms. Long ones: ``python -m tests.trust.fuzz all``, ``python -m tests.trust.fuzzing.records``."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import ROOT, environment

from . import fuzz as fuzzer
from .fuzz import Run, inputs_of
from .fuzzing.corpus import Kept, read_corpus, write_corpus
from .fuzzing.mutate import smaller
from .fuzzing.targets import TARGETS, trouble_with


def expect_none(data: bytes, trouble: BaseException) -> None:
    raise AssertionError(f"{data!r} failed") from trouble


def run_module(name: str, *arguments: str, patience_s: float) -> subprocess.CompletedProcess[str]:
    """Run a fuzzer in a process of its own: a hang or a crash is a result, not the end of the tests."""
    return subprocess.run(
        [sys.executable, "-m", f"tests.trust.{name}", *arguments],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=patience_s,
        check=False,
    )


@pytest.mark.parametrize("target", TARGETS)
def test_a_reader_refuses_what_nobody_has_written_by_its_own_error(target: str) -> None:
    runs = 1000 if target == "source" else 5000
    ended = run_module("fuzz", target, "--runs", str(runs), patience_s=240)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("target", TARGETS)
def test_a_reader_takes_what_was_written_and_all_that_is_kept_without_a_failure(target: str) -> None:
    for data in inputs_of(target):
        assert trouble_with(target, data) is None, data
    for data in TARGETS[target].seeds():
        assert TARGETS[target].read(data) is not None


@pytest.mark.parametrize("seed", [1, 2])
def test_damaged_stores_of_real_vats_give_clean_data_or_the_right_error(seed: int) -> None:
    ended = run_module("fuzzing.records", "--runs", "60", "--seed", str(seed), patience_s=240)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "bits: clean" in ended.stdout
    assert "bits: refused: StoreCorruptError" in ended.stdout
    assert "records: used" in ended.stdout


def test_an_input_that_makes_a_reader_fail_is_made_small_and_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def read(data: bytes) -> object:
        if b"\xff" in data:
            raise OverflowError("no\nend")
        return data

    monkeypatch.setitem(TARGETS, "number", TARGETS["number"]._replace(read=read))
    monkeypatch.setattr(fuzzer, "FOLDER", tmp_path)
    found: list[bytes] = []
    fuzzer.fuzz("number", 300, 1, lambda data, _: found.append(data))
    assert found
    for data in found[:2]:
        trouble = trouble_with("number", data)
        assert trouble is not None
        fuzzer.keep("number", data, trouble)
    kept = read_corpus(tmp_path / "number.txt")
    assert [one.data for one in kept] == [b"\xff"]
    assert kept[0].failure == f"{dt.date.today()}: OverflowError: no end"
    assert inputs_of("number")[-1] == b"\xff"


def test_inputs_that_fail_at_the_same_place_are_kept_once_a_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def read(data: bytes) -> object:
        if data.startswith(b"a"):
            raise OverflowError
        if data:
            raise OverflowError
        return data

    monkeypatch.setitem(TARGETS, "number", TARGETS["number"]._replace(read=read))
    monkeypatch.setattr(fuzzer, "FOLDER", tmp_path)
    run = Run("number")
    for data in (b"abc", b"ad", b"xyz", b"zyx"):
        trouble = trouble_with("number", data)
        assert trouble is not None
        run.found(data, trouble)
    run.end()
    assert run.failed == 4
    assert len(read_corpus(tmp_path / "number.txt")) == 2


def test_an_input_is_made_small_with_no_more_readings_than_allowed() -> None:
    read: list[bytes] = []

    def is_still(data: bytes) -> bool:
        read.append(data)
        return b"\xff" in data

    assert smaller(b"abc\xffdef", is_still) == b"\xff"
    read.clear()
    assert b"\xff" in smaller(b"a" * 1000 + b"\xff", is_still, tries=3)
    assert len(read) == 3


def test_pools_begin_with_what_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fuzzer, "FOLDER", tmp_path)
    write_corpus(tmp_path / "number.txt", [Kept(b"known by nobody"), Kept(b"failed", "once")])
    assert inputs_of("number") == [*TARGETS["number"].seeds(), b"failed", b"known by nobody"]
    drawn: list[bytes] = []
    fuzzer.fuzz("number", 300, 1, expect_none, drawn.append)
    assert sum(b"known" in data or b"nobody" in data for data in drawn) > 20


def test_an_input_that_takes_the_process_with_it_can_be_read_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = Run("number")
    run.before(b"a longer one")
    run.before(b"\xf0")
    assert run.unfinished.read_bytes() == b"\xf0"
    assert fuzzer.main(["number", "--read", str(run.unfinished)]) == 0
    assert capsys.readouterr().out == "None\n"
    run.end()
    assert not run.unfinished.exists()


def test_a_reader_that_never_lets_go_of_the_interpreter_ends_the_run_and_leaves_its_input(
    tmp_path: Path,
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _HANG],
        cwd=ROOT,
        env=environment() | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1
    assert "Timeout" in ended.stderr
    assert "in parse_module" in ended.stderr
    (left,) = tmp_path.glob("vatdata-fuzz-number-*")
    assert left.read_bytes()


_HANG = """
import libcst
from tests.trust import fuzz
from tests.trust.fuzzing.targets import TARGETS
fuzz.PATIENCE_S = 0.1
nested = "match x:\\n    case " + "(" * 40
TARGETS["number"] = TARGETS["number"]._replace(read=lambda data: data and libcst.parse_module(nested))
fuzz.main(["number", "--runs", "50"])
"""


def test_the_language_server_answers_whatever_it_was_sent_before() -> None:
    ended = run_module("fuzzing.server", "--runs", "100", patience_s=240)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "5 proper requests answered" in ended.stdout
