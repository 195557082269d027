"""The cache may be anything: the findings are those of a run without one."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lint.cli.conftest import LATE, Done
from vatdata_lint import Config, Project
from vatdata_lint.index import cache

Lint = Callable[..., Done]
Write = Callable[[str, str | bytes], Path]

CACHE = ".vatdata-lint-cache"


def tables(folder: Path) -> list[Path]:
    found = sorted((folder / CACHE).glob("*.json"))
    assert [path.name.partition("-")[0] for path in found] == ["modules", "report"]
    return found


def expected_and_cached(lint: Lint, write: Write) -> str:
    write("bank.py", LATE)
    write("broken.py", "x = (\n")
    expected = lint("--output-format", "json", "--no-cache").out
    assert lint("--output-format", "json").out == expected
    return expected


def test_a_cache_of_another_version_is_not_used(lint: Lint, write: Write, tmp_path: Path) -> None:
    expected = expected_and_cached(lint, write)
    for path in tables(tmp_path):
        table = json.loads(path.read_bytes())
        table["tool"] = "0" * 32
        if "findings" in table["data"]:
            table["data"]["findings"] = {}
        path.write_text(json.dumps(table))
    assert lint("--output-format", "json").out == expected
    assert all(json.loads(path.read_bytes())["tool"] != "0" * 32 for path in tables(tmp_path))


def test_a_cache_that_is_used_is_believed(lint: Lint, write: Write, tmp_path: Path) -> None:
    """Else the test above would show nothing."""
    expected = expected_and_cached(lint, write)
    _, path = tables(tmp_path)
    table = json.loads(path.read_bytes())
    table["data"]["findings"] = {}
    path.write_text(json.dumps(table))
    assert lint("--output-format", "json").out != expected


def test_another_python_has_a_cache_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one refuses as no Python, another may accept."""
    here = cache.tool_key.__wrapped__()
    assert cache.tool_key.__wrapped__() == here
    monkeypatch.setattr(sys, "version", "3.99.0 (main)")
    assert cache.tool_key.__wrapped__() != here


@pytest.mark.parametrize("share", range(0, 100, 7))
def test_a_cache_that_was_cut_off_anywhere_is_not_used(
    lint: Lint, write: Write, tmp_path: Path, share: int
) -> None:
    expected = expected_and_cached(lint, write)
    for path in tables(tmp_path):
        data = path.read_bytes()
        path.write_bytes(data[: len(data) * share // 100])
    assert lint("--output-format", "json").out == expected


@pytest.mark.parametrize(
    "values",
    ["null", "[]", '{"state": 3}', '{"paths_key": []}', "[" * 50_000],
    ids=["null", "list", "other state", "other keys", "deep"],
)
def test_a_cache_of_another_shape_is_not_used(lint: Lint, write: Write, tmp_path: Path, values: str) -> None:
    expected = expected_and_cached(lint, write)
    for path in tables(tmp_path):
        table = json.loads(path.read_bytes())
        table["data"] = "HERE"
        path.write_text(json.dumps(table).replace('"HERE"', values))
    assert lint("--output-format", "json").out == expected


VALUES: list[object] = [
    None,
    7,
    "text",
    ["text"],
    {"bank.py": None},
    {"bank.py": ["text"]},
    {"bank.py": [7, 7]},
]


def test_every_value_of_the_cache_may_be_of_another_type(write: Write, tmp_path: Path) -> None:
    write("bank.py", LATE)
    config = Config(root=tmp_path)
    expected = Project(tmp_path, config, cache_dir=tmp_path / CACHE).check().findings
    for path in tables(tmp_path):
        kept = path.read_bytes()
        for key in json.loads(kept)["data"]:
            for value in VALUES:
                table = json.loads(kept)
                table["data"][key] = value
                path.write_text(json.dumps(table))
                if path.name.startswith("modules"):
                    write("bank.py", LATE + "#\n")  # the report is of another state: the modules are read
                found = Project(tmp_path, config, cache_dir=tmp_path / CACHE).check().findings
                write("bank.py", LATE)
                assert found == expected, (path.name, key, value)
        path.write_bytes(kept)


def test_where_the_cache_should_be_there_is_a_file(lint: Lint, write: Write) -> None:
    write("bank.py", LATE)
    write(CACHE, "mine")
    done = lint("--output-format", "concise")
    assert (done.code, done.err) == (1, "")
    assert "VD103" in done.out


def test_where_the_cache_should_be_a_link_leads_nowhere(lint: Lint, write: Write, tmp_path: Path) -> None:
    write("bank.py", LATE)
    (tmp_path / CACHE).symlink_to("nowhere/at/all")
    assert lint("--output-format", "concise").err == ""


def test_the_cache_has_a_gitignore_and_leaves_no_temporary_files(
    lint: Lint, write: Write, tmp_path: Path
) -> None:
    expected_and_cached(lint, write)
    names = sorted(os.listdir(tmp_path / CACHE))
    assert names == [".gitignore", *(path.name for path in tables(tmp_path))]


def test_other_settings_have_a_cache_of_their_own(lint: Lint, write: Write) -> None:
    write("bank.py", LATE)
    assert "VD103" in lint().out
    assert lint("--ignore", "VD103").code == 0
    assert "VD103" in lint().out
