"""The command line does what its help says, with the right exit code."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lint.cli.conftest import GOOD, LATE, ROOT, Done

Lint = Callable[..., Done]
Write = Callable[[str, str | bytes], Path]


def test_clean_code_exits_with_0_and_says_what_was_looked_at(lint: Lint, write: Write) -> None:
    write("bank.py", GOOD)
    done = lint()
    assert (done.code, done.out, done.err) == (
        0,
        "No findings; looked at 1 file, in a project with 1 entry point.\n",
        "",
    )


def test_findings_exit_with_1_and_check_is_the_default_command(lint: Lint, write: Write) -> None:
    write("bank.py", LATE)
    assert lint().code == 1
    assert lint("bank.py").out == lint("check", "bank.py").out
    assert "bank.py:6:12: error VD103" in lint().out


def test_exit_zero_and_quiet(lint: Lint, write: Write) -> None:
    write("bank.py", LATE)
    done = lint("--exit-zero", "--quiet", "--output-format", "concise")
    assert done.code == 0
    assert done.out.count("\n") == 1


def test_select_and_ignore(lint: Lint, write: Write) -> None:
    write("bank.py", LATE)
    assert lint("--ignore", "VD103").code == 0
    assert lint("--select", "VD101,VD102").code == 0
    assert lint("--select", "prepare-after-await").code == 1


def test_only_the_named_paths_are_reported_but_the_whole_project_is_understood(
    lint: Lint, write: Write
) -> None:
    write("bank.py", "from purse import prepare_purse\n" + LATE.replace("prepare_exo(", "prepare_purse("))
    write(
        "purse.py",
        "from vatdata_runtime import prepare_exo\n\ndef prepare_purse(*args):\n    prepare_exo(*args)\n",
    )
    assert "VD103" in lint("bank.py").out
    assert lint("purse.py").code == 0


def test_several_formats_at_once(lint: Lint, write: Write, tmp_path: Path) -> None:
    write("bank.py", LATE)
    done = lint(
        "--output-format", "concise", "--output-format", "sarif=out.sarif", "--output-format", "junit=out.xml"
    )
    assert done.out.startswith("bank.py:6:12: VD103")
    assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"
    assert (tmp_path / "out.xml").read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--output-format", "sarf"], "no output format is called 'sarf'; did you mean sarif?"),
        (["--output-format", "sarif="], "names no file"),
        (
            ["--output-format", "json", "--output-format", "sarif"],
            "only one format can go to standard output",
        ),
        (
            ["--output-format", "json=no/such/folder/x"],
            "cannot write no/such/folder/x: No such file or directory",
        ),
        (["--select", "VD7"], "no rule is called 'VD7'"),
        (["--config", "missing.toml"], "missing.toml: cannot be read: No such file or directory"),
        (["--baseline", "missing.json"], "there is no such baseline"),
        (["--manifest", "missing.json"], "missing.json: cannot be read"),
        (["--jobs", "0"], "0 is not in the range"),
        (["--no-such-option"], "No such option"),
        (["explain", "prepare-in-lop"], "did you mean prepare-in-loop?"),
        (["nowhere"], "no such file or folder: nowhere"),
        (["/dev/null"], "neither a file nor a folder: /dev/null"),
        (["lock", "--rename", "Old"], "--rename takes OLD=NEW"),
    ],
)
def test_what_cannot_be_done_exits_with_2_and_says_why(
    lint: Lint, write: Write, args: list[str], says: str
) -> None:
    write("bank.py", GOOD)
    done = lint(*args)
    assert done.code == 2
    assert says in done.err


def test_stdin_stands_in_for_a_file(lint: Lint, write: Write) -> None:
    write("bank.py", GOOD)
    done = lint("--stdin-filename", "bank.py", "--output-format", "concise", stdin=LATE.encode())
    assert done.code == 1
    assert done.out.startswith("bank.py:6:12: VD103")


def test_stdin_may_be_a_file_that_does_not_exist_yet(lint: Lint) -> None:
    assert lint("--stdin-filename", "pkg/new.py", stdin=LATE.encode()).code == 1


def test_a_named_file_is_checked_although_the_walk_leaves_it_out(lint: Lint, write: Write) -> None:
    write("vatdata-lint.toml", 'extend-exclude = ["old"]\n')
    write("old/bank.py", LATE)
    assert lint().code == 0
    assert "VD103" in lint("old/bank.py").out


def test_outside_a_project_only_the_common_folder_of_the_paths_is_walked(lint: Lint, write: Write) -> None:
    write("mine/vat.py", GOOD)
    write("mine/other.py", LATE)
    write("beside/vat.py", LATE)
    done = lint("mine")
    assert (done.code, "looked at 2 files, in a project with 2 entry points" in done.out) == (1, True)
    assert "looked at 1 file, in a project with 2 entry points" in lint("mine/vat.py").out


def test_outside_a_project_imports_are_followed_from_the_package_that_holds_the_paths(
    lint: Lint, write: Write
) -> None:
    write("bank/kinds.py", LATE.replace("build_root_object", "define_all"))
    write("bank/vat.py", "from bank.kinds import define_all as build_root_object\n")
    done = lint("bank/vat.py", "bank/kinds.py")
    assert "VD103" in done.out
    write("bank/__init__.py", "")
    write("bank/vat.py", "from .kinds import define_all as build_root_object\n")
    assert "VD103" in lint("bank/vat.py", "bank/kinds.py").out


def test_paths_are_shown_from_where_the_user_stands(lint: Lint, write: Write, tmp_path: Path) -> None:
    write("app/vatdata-lint.toml", "")
    write("app/bank.py", LATE)
    assert lint("--output-format", "concise", "app").out.startswith(("app/bank.py:6", "bank.py:6"))


BAG = """\
from vatdata_runtime import prepare_exo_class


async def init_bag(items):
    return {"items": []}


class Bag:
    def add(this, item):
        this.state.items.append(item)


def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo_class(baggage, "Bag", None, init_bag, Bag)  # vatdata: ignore[VD102] once in a loop
"""


def test_fix_makes_safe_fixes_and_unsafe_fixes_the_others(lint: Lint, write: Write, tmp_path: Path) -> None:
    write("bag.py", BAG)
    done = lint("--fix")
    text = (tmp_path / "bag.py").read_text()
    assert "ignore[VD102]" not in text
    assert "async def init_bag" in text
    assert done.code == 1
    assert "Fixed 1 finding." in done.err
    assert lint("--unsafe-fixes").code == 0
    assert "this.state.items = (*this.state.items, item)" in (tmp_path / "bag.py").read_text()


def test_diff_shows_the_fixes_and_changes_nothing(lint: Lint, write: Write, tmp_path: Path) -> None:
    write("bag.py", BAG)
    done = lint("--diff")
    assert done.code == 1
    assert '-    prepare_exo_class(baggage, "Bag", None, init_bag, Bag)  # vatdata: ignore[VD102]' in done.out
    assert (tmp_path / "bag.py").read_text() == BAG


def test_fixing_stdin_writes_the_text_to_stdout(lint: Lint, tmp_path: Path) -> None:
    done = lint("--fix", "--stdin-filename", "bag.py", stdin=BAG.encode())
    assert done.out == BAG.replace("  # vatdata: ignore[VD102] once in a loop", "")
    assert not (tmp_path / "bag.py").exists()


def test_a_baseline_accepts_what_is_there_and_nothing_new(lint: Lint, write: Write) -> None:
    write("bank.py", LATE)
    assert lint("--write-baseline", "--baseline", "known.json").code == 0
    accepted = lint("--baseline", "known.json")
    assert accepted.code == 0
    assert "1 finding accepted by the baseline." in accepted.out
    write("bank.py", LATE.replace("    return", "    prepare_exo(baggage, 'Mint', None, {})\n    return"))
    assert "'Mint'" in lint("--baseline", "known.json").out


def test_lock_guards_the_names_of_kinds(lint: Lint, write: Write, tmp_path: Path) -> None:
    write("bank.py", GOOD)
    assert lint("lock").code == 0
    assert lint("lock", "--check").code == 0
    write("bank.py", GOOD.replace("Purse", "Wallet"))
    assert "VD120" in lint().out
    refused = lint("lock")
    assert refused.code == 1
    assert "'Purse' of bank.build_root_object is no longer defined" in refused.err
    assert lint("lock", "--rename", "Purse=Wallet").code == 0
    assert lint().code == 0
    assert json.loads((tmp_path / "kinds.lock").read_text())["vats"][0]["renamed"] == {"Purse": "Wallet"}


def test_lock_keeps_a_retired_name_retired(lint: Lint, write: Write) -> None:
    write("bank.py", GOOD)
    lint("lock")
    write("bank.py", GOOD.replace('prepare_exo(baggage, "Purse", None, {})', "baggage"))
    assert lint("lock", "--retire", "Purse").code == 0
    assert lint("lock").code == 0
    assert lint().code == 0
    assert "nothing to retire" in lint("lock", "--retire", "Other").err
    assert lint("lock", "--retire", "Purse").code == 0


def test_why_answers_the_error_of_the_runtime(lint: Lint, write: Write) -> None:
    write("bank.py", LATE)
    done = lint("why", "Purse")
    assert done.code == 1
    assert "'Purse' is defined in 1 place:" in done.out
    assert "bank.py:6" in done.out
    assert json.loads(lint("why", "Purse", "--json").out)["skips"]
    missing = lint("why", "Purze")
    assert missing.code == 1
    assert "Similar names: Purse." in missing.out


HELPER = """\
from vatdata_runtime import make_durable_zone

def install(zone):
    zone.exo("First", None, {})
    zone.exo("Second", None, {})

def build_root_object(vat_powers, vat_parameters, baggage):
    install(make_durable_zone(baggage))
"""


def test_every_kind_of_a_helper_is_told_with_its_entry_and_its_own_way(lint: Lint, write: Write) -> None:
    write("bank.py", HELPER)
    for kind, line in (("First", 4), ("Second", 5)):
        told = json.loads(lint("why", kind, "--json").out)
        assert [item["entries"] for item in told["definitions"]] == [["bank.build_root_object"]]
        assert [step["line"] for chain in told["chains"] for step in chain] == [7, 8, line]


def test_lock_holds_every_kind_of_a_helper(lint: Lint, write: Write, tmp_path: Path) -> None:
    write("bank.py", HELPER)
    assert lint("lock").code == 0
    (vat,) = json.loads((tmp_path / "kinds.lock").read_text())["vats"]
    assert [kind["name"] for kind in vat["kinds"]] == ["First", "Second"]


def test_graph_draws_in_three_forms(lint: Lint, write: Write) -> None:
    write("bank.py", GOOD)
    assert "Purse" in lint("graph").out
    assert lint("graph", "--format", "mermaid").out.startswith("flowchart LR\n")
    assert lint("graph", "--format", "dot").out.startswith("digraph first_crank {\n")


def test_explain_and_rules_show_every_rule(lint: Lint) -> None:
    assert "Why is this bad?" in lint("explain", "VD103").out
    assert lint("explain", "prepare-after-await").out == lint("explain", "vd103").out
    codes = [rule["code"] for rule in json.loads(lint("rules", "--json").out)]
    assert codes == sorted(codes)
    assert {"VD101", "VD902"} <= set(codes)


def test_help_loads_neither_libcst_nor_the_rules() -> None:
    program = (
        "import sys\n"
        "from vatdata_lint.cli import main\n"
        "try:\n"
        "    main(['--help'])\n"
        "except SystemExit:\n"
        "    heavy = {'libcst', 'vatdata_lint.rules', 'vatdata_lint.engine', 'rich', 'jsonschema'} & set(sys.modules)\n"
        "    sys.exit(repr(heavy) if heavy else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_colour_follows_no_color_and_force_color(lint: Lint, write: Write) -> None:
    write("bank.py", LATE)
    assert "\x1b[" not in lint().out
    assert "\x1b[" in lint(env={"FORCE_COLOR": "1"}).out
    assert "\x1b[" not in lint(env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).out


def test_a_reader_that_has_gone_is_no_error(write: Write, tmp_path: Path) -> None:
    body = "".join(f"    prepare_exo(baggage, 'K{number}', None, {{}})\n" for number in range(3000))
    write("bank.py", LATE.replace("    return", body + "    return"))
    process = subprocess.Popen(
        [sys.executable, "-m", "vatdata_lint"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait(timeout=60)


def read_until(terminal: int, word: bytes) -> bytes:
    """Read what a process writes to its terminal until it has written a word."""
    seen = b""
    while word not in seen:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the process has closed it
            break
        if not piece:
            break
        seen += piece
    return seen


def on_a_terminal(tmp_path: Path, *args: str) -> tuple[subprocess.Popen[bytes], int]:
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "vatdata_lint", *args],
        cwd=tmp_path,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
        start_new_session=True,
    )
    os.close(follower)
    return process, leader


def test_watch_checks_again_after_a_change_and_ends_cleanly_on_ctrl_c(write: Write, tmp_path: Path) -> None:
    pytest.importorskip("watchfiles")
    write("bank.py", GOOD)
    process, terminal = on_a_terminal(tmp_path, "--watch", "--output-format", "concise")
    read_until(terminal, b"Watching for changes")
    time.sleep(0.5)  # the watcher is set up by a thread of its library, which tells nobody
    write("bank.py", LATE)
    assert b"VD103" in read_until(terminal, b"VD103")
    process.send_signal(signal.SIGINT)
    rest = read_until(terminal, b"\0never")
    assert process.wait(timeout=30) in (0, 1, 130)
    os.close(terminal)
    assert b"Traceback" not in rest


def test_ctrl_c_is_clean(write: Write, tmp_path: Path) -> None:
    write("bank.py", GOOD)
    process, terminal = on_a_terminal(tmp_path, "--stdin-filename", "bank.py")  # waits for its input
    time.sleep(0.5)  # nothing is written before the interrupt
    process.send_signal(signal.SIGINT)
    said = read_until(terminal, b"\0never")
    os.close(terminal)
    assert process.wait(timeout=30) == 130
    assert b"interrupted" in said
    assert b"Traceback" not in said
