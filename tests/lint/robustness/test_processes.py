"""A run that is interrupted, not listened to, or not alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lint.cli.conftest import LATE, ROOT, Done

Lint = Callable[..., Done]
Write = Callable[[str, str | bytes], Path]


def start(folder: Path, *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


# The analysis says when it has begun, and does not end by itself.
ENDLESS = """
import threading
from vatdata_lint import engine
from vatdata_lint.cli import main

def analyse(*args):
    print("analysing", flush=True)
    threading.Event().wait()

engine.analyse = analyse
main()
"""


def test_ctrl_c_ends_the_run_at_once_without_a_traceback(write: Write, tmp_path: Path) -> None:
    write("bank.py", LATE)
    process = start(tmp_path, "-c", ENDLESS)
    assert process.stdout is not None
    assert process.stdout.readline() == b"analysing\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"\nvatdata-lint: interrupted\n")


@pytest.mark.parametrize("output_format", ["full", "concise", "json", "jsonl", "sarif"])
def test_a_reader_that_goes_away_ends_the_run_in_silence(
    write: Write, tmp_path: Path, output_format: str
) -> None:
    for number in range(400):  # more than a pipe holds
        write(f"vat{number}.py", LATE)
    process = start(tmp_path, "-m", "vatdata_lint", "--output-format", output_format)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(100)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 1
    process.stderr.close()


def test_a_full_disk_is_said(lint: Lint, write: Write) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    write("bank.py", LATE)
    done = lint("--output-format", "json=/dev/full")
    assert done.code == 2
    assert "cannot write /dev/full: No space left on device" in done.err


def test_standard_output_on_a_full_disk_is_said(write: Write, tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    write("bank.py", LATE)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "vatdata_lint"],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
            timeout=60,
        )
    assert done.returncode == 2
    assert b"cannot write to standard output: No space left on device" in done.stderr
    assert b"internal error" not in done.stderr


def test_many_runs_at_once_over_one_cache_say_the_same(write: Write, tmp_path: Path) -> None:
    for number in range(20):
        write(f"vat{number}.py", LATE)
    for changed in ("", "#\n", "##\n"):
        write("vat0.py", LATE + changed)
        processes = [start(tmp_path, "-m", "vatdata_lint", "--output-format", "json") for _ in range(4)]
        outputs = {process.communicate(timeout=60) for process in processes}
        assert len(outputs) == 1
        (out, err) = outputs.pop()
        assert out.count(b'"VD103"') == 20
        assert err == b""


def test_a_path_that_does_not_exist_is_said_and_nothing_is_checked(lint: Lint, write: Write) -> None:
    write("bank.py", LATE)
    done = lint("bank.py", "bnak.py")
    assert (done.code, done.out) == (2, "")
    assert "no such file or folder: bnak.py" in done.err


def test_an_unknown_setting_is_said_with_the_nearest_known_one(lint: Lint, write: Write) -> None:
    write("bank.py", LATE)
    write("vatdata-lint.toml", "chek-syntax = 'auto'\n")
    done = lint()
    assert (done.code, done.out) == (2, "")
    assert "unknown key 'chek-syntax'; did you mean 'check-syntax'?" in done.err
    write("vatdata-lint.toml", "check-syntax = 'sometimes'\n")
    assert "expected 'auto', 'always' or 'never', found 'sometimes'" in lint().err
