"""What every command has in common: help with an example, completion, quick start, quiet failure."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.tools.command import COMMAND, run_vatdata, vatdata
from vatdata_runtime.cli import main

ROOT = Path(__file__).parents[2]
CONTEXT = click.Context(main)
COMMANDS = {name: main.get_command(CONTEXT, name) for name in main.list_commands(CONTEXT)}
NEEDS_NO_STORE = {"demo", "completion"}


def all_commands():
    for name, command in COMMANDS.items():
        yield (name,), command
        if isinstance(command, click.Group):
            for sub in command.list_commands(CONTEXT):
                yield (name, sub), command.get_command(CONTEXT, sub)


@pytest.mark.parametrize("words", [words for words, _ in all_commands()], ids=" ".join)
def test_every_command_has_help_with_an_example_and_takes_a_store(words):
    shown = vatdata(*words, "--help").stdout
    assert re.search(r"vatdata \w", shown.partition("Options:")[2]), "an example stands at the end"
    assert words[0] in NEEDS_NO_STORE or "--store" in shown
    assert words[0] in NEEDS_NO_STORE or "Exit codes" in shown


def test_the_list_of_commands_says_what_each_does():
    shown = vatdata("--help").stdout
    for name in COMMANDS:
        assert f"  {name} " in shown


def test_an_unknown_command_and_a_missing_store_are_usage_errors():
    assert "No such command 'inspekt'" in vatdata("inspekt", code=2).stderr
    assert "Missing option '--store'" in vatdata("verify", code=2).stderr


def test_help_imports_no_command_and_no_table():
    program = (
        "import sys\nfrom vatdata_runtime.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "bad = [name for name in sys.modules if name.startswith(('vatdata_runtime.tools', 'rich', 'libcst'))]\n"
        "print(bad, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_each_shell(shell):
    text = run_vatdata("completion", shell).stdout
    assert "_VATDATA_COMPLETE" in text
    assert "vatdata" in text


def test_completion_offers_commands_and_options():
    words = {"COMP_WORDS": "vatdata ins", "COMP_CWORD": "1", "_VATDATA_COMPLETE": "bash_complete"}
    assert "plain,inspect" in run_vatdata(**words).stdout
    words = {"COMP_WORDS": "vatdata inspect --st", "COMP_CWORD": "2", "_VATDATA_COMPLETE": "bash_complete"}
    assert "plain,--store" in run_vatdata(**words).stdout


def test_a_closed_pipe_ends_a_command_quietly(world):
    writer = subprocess.Popen(
        [*COMMAND, "dump", "--store", str(world)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    writer.stdout.close()
    assert writer.stderr is not None
    errors = writer.stderr.read()
    writer.stderr.close()
    assert writer.wait() == 0
    assert errors == ""


def test_the_pages_that_messages_name_are_there():
    for page in ("inspect-schema.md", "json-values.md", "dump-format.md", "manifest.md"):
        assert (ROOT / "docs" / page).is_file()
