"""Long work tells a person who waits how far it is, and tells nobody else."""

from __future__ import annotations

import os
import pty
import re
import subprocess

import pytest

from tests.tools.command import COMMAND, run_vatdata
from tests.tools.worlds import build_bank
from vatdata_runtime import open_vat

COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-9][0-9;]*m")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("progress") / "s"
    with open_vat(path, build_bank) as vat:
        vat.call("fill", 0, 2000)
    return path


def on_a_terminal(*words: object, **variables: str) -> str:
    """Run a command whose standard error is a terminal, and return what appears there."""
    leader, follower = pty.openpty()
    child = subprocess.Popen(
        [*COMMAND, *map(str, words)],
        stdout=subprocess.DEVNULL,
        stderr=follower,
        env={**os.environ, "TERM": "xterm-256color", **variables},
    )
    os.close(follower)
    shown = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:  # Linux says so when the last writer has closed the terminal
            break
        if not piece:
            break
        shown += piece
    os.close(leader)
    assert child.wait() == 0, shown
    return shown.decode()


@pytest.mark.parametrize(
    ("words", "unit"),
    [(("verify",), "pages"), (("dump",), "records"), (("inspect", "object", "o+d16/7"), "records")],
)
def test_progress_is_shown_on_a_terminal(store, words, unit):
    assert unit in on_a_terminal(*words, "--store", store)


def test_no_color_leaves_colours_out(store):
    assert COLOUR.search(on_a_terminal("dump", "--store", store, NO_COLOR=""))
    assert not COLOUR.search(on_a_terminal("dump", "--store", store, NO_COLOR="1"))


def test_no_progress_is_written_where_standard_error_is_no_terminal(store):
    done = run_vatdata("verify", "--store", store)
    assert done.stderr == f"{store}: sound\n"
