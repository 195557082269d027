"""Inside a crank there is no file, socket, process or thread."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading

import pytest

from vatdata_runtime import AmbientAuthorityError, Far, open_vat

REACHES = {
    "a file": (lambda: open(os.devnull).close(), "opening a file"),
    "a folder": (lambda: os.listdir("."), "listing a folder"),
    "a socket": (lambda: socket.socket().close(), "making a socket"),
    "a process": (lambda: subprocess.run([sys.executable, "-c", ""], check=True), "starting a process"),
    "a shell": (lambda: os.system("true"), "starting a process"),
    "a thread": (lambda: threading.Thread(target=print).start(), "starting a thread"),
}


def vat_that(action):
    return lambda _powers, _parameters, _baggage: Far("Root", {"act": action})


@pytest.mark.parametrize("what", REACHES)
def test_reaching_outside_is_refused_with_the_name_of_the_call_and_what_to_use(tmp_path, what):
    action, named = REACHES[what]
    with open_vat(tmp_path / "s", vat_that(action)) as vat:
        with pytest.raises(AmbientAuthorityError, match=named) as caught:
            vat.call("act")
        assert "device" in str(caught.value)
        assert isinstance(caught.value, PermissionError)


@pytest.mark.parametrize(
    ("name", "wait", "named"),
    [
        ("sleep", lambda: asyncio.sleep(1), "waiting for a clock"),
        (
            "timeout",
            lambda: asyncio.wait_for(asyncio.get_running_loop().create_future(), 1),
            "waiting for a clock",
        ),
        ("thread", lambda: asyncio.to_thread(print), "running in a thread"),
        ("connection", lambda: asyncio.open_connection("localhost", 1), "opening a socket"),
        ("process", lambda: asyncio.create_subprocess_exec("true"), "starting a process"),
    ],
)
def test_waiting_for_the_outside_is_refused_by_name(tmp_path, name, wait, named):
    async def act():
        await wait()

    with open_vat(tmp_path / "s", vat_that(act)) as vat:
        with pytest.raises(AmbientAuthorityError, match=named):
            vat.call("act")


def test_outside_of_cranks_nothing_is_refused(tmp_path):
    with open_vat(tmp_path / "s", vat_that(lambda: 1)) as vat:
        vat.call("act")
        open(os.devnull).close()
        socket.socket().close()


def test_ambient_allow_switches_the_refusal_off(tmp_path):
    with open_vat(tmp_path / "s", vat_that(lambda: open(os.devnull).close()), ambient="allow") as vat:
        vat.call("act")


def test_a_module_can_be_imported_inside_a_crank_and_its_own_reads_are_refused(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "plain_module.py").write_text("VALUE = 7\n")
    (tmp_path / "reading_module.py").write_text("import os\nTEXT = open(os.devnull).read()\n")

    def import_plain():
        import plain_module

        return plain_module.VALUE

    with open_vat(tmp_path / "s", vat_that(import_plain)) as vat:
        assert vat.call("act") == 7

    def import_reading():
        import reading_module  # noqa: F401

    with open_vat(tmp_path / "t", vat_that(import_reading)) as vat:
        with pytest.raises(AmbientAuthorityError, match="opening a file"):
            vat.call("act")


def test_a_traceback_can_be_formatted_inside_a_crank(tmp_path):
    import traceback

    def act():
        try:
            raise KeyError("missing")
        except KeyError:
            return traceback.format_exc()

    with open_vat(tmp_path / "s", vat_that(act)) as vat:
        assert 'raise KeyError("missing")' in vat.call("act")


def test_yielding_a_turn_is_no_waiting(tmp_path):
    async def act():
        await asyncio.sleep(0)
        first, second = await asyncio.gather(asyncio.sleep(0, 1), asyncio.sleep(0, 2))
        return first + second

    with open_vat(tmp_path / "s", vat_that(act)) as vat:
        assert vat.call("act") == 3
