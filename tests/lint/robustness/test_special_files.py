"""What is called ``*.py`` need not be a file, and need not be allowed to be read."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lint.cli.conftest import LATE, ROOT, Done
from vatdata_lint import Config, Project
from vatdata_lint.index import files as files_module

Lint = Callable[..., Done]
Write = Callable[[str, str | bytes], Path]

FORMATS = ["full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "rdjson"]


def test_a_named_pipe_in_a_folder_is_passed_over(lint: Lint, write: Write, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    write("bank.py", LATE)
    done = lint("--output-format", "concise")
    assert done.code == 1
    assert done.out.startswith("bank.py:6:12: VD103")
    assert "pipe.py" not in done.out
    assert "looked at 1 file," in done.out


def test_a_named_pipe_that_is_given_is_an_error_and_nothing_waits_for_a_writer(
    lint: Lint, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    done = lint("pipe.py")
    assert done.code == 2
    assert "neither a file nor a folder: pipe.py" in done.err


def test_a_link_to_a_pipe_or_device_is_passed_over(lint: Lint, write: Write, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "pipe.py").symlink_to("pipe")
    (tmp_path / "null.py").symlink_to("/dev/null")
    (tmp_path / "zero.py").symlink_to("/dev/zero")
    write("bank.py", LATE)
    assert "looked at 1 file," in lint().out


def test_a_socket_is_passed_over(
    lint: Lint, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket may not be long
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.py")
        write("bank.py", LATE)
        assert "looked at 1 file," in lint().out


def test_folders_called_like_modules_are_folders(lint: Lint, write: Write, tmp_path: Path) -> None:
    write("vats.py/bank.py", LATE)
    (tmp_path / "link.py").symlink_to("vats.py")
    done = lint("--output-format", "concise")
    assert "vats.py/bank.py:6:12: VD103" in done.out
    assert "looked at 1 file," in done.out


def test_folders_that_link_to_each_other_end(lint: Lint, write: Write, tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        write(f"{name}/vat.py", LATE)
        (tmp_path / name / "other").symlink_to(tmp_path / other)
    assert "looked at 2 files," in lint().out


def test_the_locks_of_an_editor_are_passed_over(lint: Lint, write: Write, tmp_path: Path) -> None:
    write("bank.py", LATE)
    (tmp_path / ".#bank.py").symlink_to("someone@host.4711:1700000000")
    done = lint("--output-format", "concise")
    assert "VD900" not in done.out


def test_a_file_that_is_deleted_while_the_folder_is_listed_is_gone(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("bank.py", LATE)
    walk = files_module.walk

    def walk_and_lose(root: Path, config: Config) -> Iterator[str]:
        gone = write("gone.py", LATE)
        yield from walk(root, config)
        gone.unlink()

    monkeypatch.setattr(files_module, "walk", walk_and_lose)
    report = Project(tmp_path, Config(root=tmp_path)).check()
    assert report.files_checked == 1
    assert [finding.code for finding in report.findings] == ["VD103"]


def test_a_file_that_becomes_a_pipe_once_it_is_listed_is_reported(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("bank.py", LATE)
    os.mkfifo(tmp_path / "pipe.py")
    monkeypatch.setattr(files_module, "walk", lambda root, config: iter(["bank.py", "pipe.py"]))
    report = Project(tmp_path, Config(root=tmp_path)).check()
    assert [(finding.code, finding.location.path) for finding in report.findings] == [
        ("VD103", "bank.py"),
        ("VD900", "pipe.py"),
    ]
    assert "it is no regular file" in report.findings[1].message


@pytest.mark.parametrize("output_format", FORMATS)
def test_a_file_whose_name_is_no_text_is_checked_and_shown_in_every_format(
    lint: Lint, tmp_path: Path, output_format: str
) -> None:
    name = os.path.join(os.fsencode(tmp_path), b"caf\xe9.py")
    try:
        Path(os.fsdecode(name)).write_text(LATE)
    except OSError:
        pytest.skip("this file system takes only names that are text")
    done = lint("--output-format", output_format)
    assert done.code == 1
    assert done.err == ""
    assert "VD103" in done.out
    if output_format in ("json", "sarif", "gitlab", "rdjson"):
        json.loads(done.out)
    assert lint("--output-format", output_format).out == done.out  # from the cache


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="vatdata-lint-"))
    folder.chmod(0o755)
    yield folder
    for path in folder.rglob("*"):
        path.chmod(0o755)
    shutil.rmtree(folder)


WITHOUT_RIGHTS = """
import os, sys, tempfile
from vatdata_lint import Config, Project
from vatdata_lint.cli import main
from vatdata_lint.commands import check
with tempfile.TemporaryDirectory() as folder:
    # What is imported when first needed must be there before: this user may not be allowed to look where it lies.
    with open(os.path.join(folder, "x.py"), "w") as file:
        file.write("import vatdata_runtime\\nx = (\\n")
    try:
        main(["--output-format", "concise", folder])
    except SystemExit:
        pass
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
os.chdir(sys.argv[1])
main(["--output-format", "concise", *sys.argv[2:]])
"""


def run_without_rights(folder: Path, *args: str) -> Done:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_RIGHTS, folder, *args],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        timeout=60,
        text=True,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def test_a_file_that_may_not_be_read_is_reported_and_the_others_are_checked(public: Path) -> None:
    (public / "secret.py").write_text(LATE)
    (public / "secret.py").chmod(0)
    (public / "bank.py").write_text(LATE)
    done = run_without_rights(public)
    assert done.code == 1
    assert "bank.py:6:12: VD103" in done.out
    assert "secret.py:1:1: VD900 this file was not checked: it cannot be read: Permission denied" in done.out


def test_a_folder_that_may_not_be_opened_is_reported(public: Path) -> None:
    (public / "vats").mkdir(mode=0)
    (public / "bank.py").write_text(LATE)
    done = run_without_rights(public)
    assert "bank.py:6:12: VD103" in done.out
    assert "vats:1:1: VD900 this file was not checked: it cannot be read: Permission denied" in done.out


def test_a_folder_in_which_nothing_may_be_written_is_checked_without_a_cache(public: Path) -> None:
    (public / "bank.py").write_text(LATE)
    public.chmod(0o555)
    done = run_without_rights(public)
    assert (done.code, done.err) == (1, "")
    assert "bank.py:6:12: VD103" in done.out
    assert sorted(path.name for path in public.iterdir()) == ["bank.py"]
