"""Whatever lies in the folder: a clear report, the right exit code, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lint.cli.conftest import GOOD, LATE, ROOT, Done

Lint = Callable[..., Done]
Write = Callable[[str, str | bytes], Path]

USES = "from vatdata_runtime import prepare_exo\n"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        (
            "broken.py",
            USES + "x = (\n",
            "bad.py:2:5: VD900 this file was not checked: it is not Python: '(' was never",
        ),
        ("not utf-8", USES.encode() + b"x = '\xe9'\n", "VD900 this file was not checked: it"),
        ("cookie", b"# coding: no-such-thing\n" + USES.encode(), "its encoding cannot be used"),
        ("nul", USES.encode() + b"\0", "null bytes"),
        ("deep", USES + "x = " + "(" * 3000 + ")" * 3000 + "\n", "too many nested parentheses"),
        ("long chain", USES + "x = " + "-" * 60_000 + "1\n", "VD900"),
    ],
)
def test_a_file_that_is_not_understood_gets_one_finding_and_the_others_are_checked(
    lint: Lint, write: Write, name: str, content: str | bytes, says: str
) -> None:
    write("bad.py", content)
    write("bank.py", LATE)
    done = lint("--output-format", "concise")
    assert done.code == 1
    assert says in done.out
    assert "bank.py:6:12: VD103" in done.out
    assert done.out.count("VD900") == 1


def test_a_file_of_thirty_megabytes_is_reported_in_seconds(lint: Lint, write: Write) -> None:
    write("big.py", USES.encode() + b"x = 1\n" * 5_000_000)
    done = lint("--output-format", "concise")
    assert done.code == 1
    assert "big.py:1:1: VD900" in done.out


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_reported(lint: Lint, write: Write) -> None:
    write("secret.py", GOOD).chmod(0)
    assert "secret.py:1:1: VD900 this file was not checked: it cannot be read: Permission" in lint("-q").out


def test_links_that_lead_nowhere_are_reported(lint: Lint, tmp_path: Path) -> None:
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "gone.py").symlink_to("nowhere.py")
    (tmp_path / "again").symlink_to(".")
    done = lint("--output-format", "concise")
    assert done.code == 1
    assert done.out.count("VD900") == 2


def test_empty_files_and_folders_are_fine(lint: Lint, write: Write, tmp_path: Path) -> None:
    assert lint().code == 0
    write("empty.py", "")
    write("blank.py", "\n\f\n")
    write("mark.py", b"\xef\xbb\xbf")
    (tmp_path / "folder.py").mkdir()
    assert lint().code == 0
    assert lint("empty.py").code == 0


@pytest.mark.parametrize(
    "data",
    [
        b"# -*- coding: latin-1 -*-\n" + LATE.replace("Purse", "B\xf6rse").encode("latin-1"),
        b"\xef\xbb\xbf" + LATE.encode(),
        LATE.replace("\n", "\r\n").encode(),
    ],
    ids=["latin-1", "byte order mark", "crlf"],
)
def test_encodings_and_line_ends_of_python_are_understood(lint: Lint, write: Write, data: bytes) -> None:
    write("bank.py", data)
    done = lint("--output-format", "concise")
    assert "VD103" in done.out
    assert "VD900" not in done.out


def test_a_notebook_that_is_named_is_reported_and_one_in_a_folder_is_left_alone(
    lint: Lint, write: Write
) -> None:
    write("demo.ipynb", '{"cells": []}')
    assert lint().code == 0
    done = lint("demo.ipynb")
    assert done.code == 1
    assert "it is a notebook, and vats are modules" in done.out


def test_a_named_file_is_parsed_even_if_it_has_nothing_to_do_with_vats(lint: Lint, write: Write) -> None:
    write("other.py", "x = (\n")
    assert "VD900" in lint("other.py").out


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        (
            "pyproject.toml",
            "[tool.vatdata-lint]\nselct = []\n",
            "unknown key 'selct'; did you mean 'select'?",
        ),
        ("pyproject.toml", "[tool.vatdata-lint\n", "is not valid TOML"),
        ("vatdata-lint.toml", b"# \xff\n", "is not UTF-8"),
        ("kinds.lock", "{", "is not JSON"),
        ("kinds.lock", "[" * 100_000, "is not JSON"),
        (
            "kinds.lock",
            '{"format": "vatdata-kind-manifest", "version": 7}',
            "has version 7, this release reads 1",
        ),
        (
            "kinds.lock",
            '{"format": "vatdata-kind-manifest", "version": 1, "vats": [{"kinds": []}]}',
            "does not follow the schema: missing 'name'",
        ),
        (
            "kinds.lock",
            '{"format": "vatdata-kind-manifest", "version": 1, "vats": 3}',
            "does not follow the schema",
        ),
    ],
)
def test_a_broken_file_of_ours_exits_with_2(
    lint: Lint, write: Write, name: str, content: str | bytes, says: str
) -> None:
    write("bank.py", GOOD)
    write(name, content)
    done = lint()
    assert done.code == 2
    assert says in done.err
    assert name in done.err


def test_a_store_that_cannot_be_read_exits_with_2(lint: Lint, write: Write) -> None:
    write("bank.py", GOOD)
    done = lint("--store", "no-such.db")
    assert done.code == 2
    assert "store" in done.err


def cache_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("damage", ["cut off", "noise", "emptied", "a folder", "not writable"])
def test_a_damaged_cache_changes_nothing(lint: Lint, write: Write, tmp_path: Path, damage: str) -> None:
    write("bank.py", LATE)
    expected = lint("--no-cache").out
    lint()
    cache = tmp_path / ".vatdata-lint-cache"
    if damage == "a folder":
        for path in cache_files(cache):
            path.unlink()
            path.mkdir()
    elif damage == "not writable":
        for path in cache_files(cache):
            path.unlink()
        cache.mkdir(exist_ok=True)
        cache.chmod(0o500)
    for path in cache_files(cache):
        data = path.read_bytes()
        path.write_bytes(
            {"cut off": data[: len(data) // 2], "noise": b"\x80\x04" + os.urandom(300)}.get(damage, b"")
        )
    done = lint()
    cache.chmod(0o700) if cache.exists() else None
    assert (done.code, done.out, done.err) == (1, expected, "")


def test_two_runs_at_once_say_the_same(write: Write, tmp_path: Path) -> None:
    for number in range(20):
        write(f"vat{number}.py", LATE)
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "vatdata_lint", "--output-format", "jsonl"],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=60) for process in processes]
    assert outputs[0] == outputs[1]
    assert outputs[0][0].count(b"VD103") == 20
    assert outputs[0][1] == b""
