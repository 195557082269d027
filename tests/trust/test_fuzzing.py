"""The fuzzers' short forms. Long ones: ``python -m tests.trust.fuzz all``, ``python -m tests.trust.fuzzing.records``."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.processes import ROOT, environment

from . import fuzz as fuzzer
from .fuzz import CORPUS, inputs_of, smaller, trouble_with
from .fuzzing.targets import TARGETS


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
def test_a_reader_takes_what_was_written_and_what_once_made_it_fail(target: str) -> None:
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
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    def read(data: bytes) -> object:
        assert b"\xff" not in data
        return data

    monkeypatch.setitem(TARGETS, "number", TARGETS["number"]._replace(read=read))
    monkeypatch.setattr(fuzzer, "CORPUS", tmp_path)
    found: list[bytes] = []
    fuzzer.fuzz("number", 300, 1, lambda data, _: found.append(data))
    assert found
    assert smaller("number", b"abc\xffdef", AssertionError) == b"\xff"
    fuzzer.keep("number", found[0], AssertionError())
    assert inputs_of("number")[-1] == b"\xff"
    assert CORPUS.name == "corpus"


def test_the_language_server_answers_whatever_it_was_sent_before() -> None:
    ended = run_module("fuzzing.server", "--runs", "100", patience_s=240)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "5 proper requests answered" in ended.stdout
