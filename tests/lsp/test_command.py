"""The command ``vatdata-lsp`` and what its process loads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lsp.conftest import LATE


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def test_the_server_process_loads_neither_the_parser_nor_the_engine():
    code = "import sys, vatdata_lsp.assembly; print(sorted({'libcst', 'vatdata_lint.engine', 'click'} & set(sys.modules)))"
    assert run("-c", code).stdout.strip() == "[]"


def test_the_version_is_printed():
    assert run("-m", "vatdata_lsp", "--version").stdout.startswith("vatdata-lsp ")


def test_a_tcp_address_without_a_port_is_refused_with_the_expected_form():
    done = run("-m", "vatdata_lsp", "--tcp", "localhost")
    assert done.returncode == 2
    assert "expected HOST:PORT, found 'localhost'" in done.stderr


def test_the_end_of_the_input_ends_the_server():
    done = subprocess.run(
        [sys.executable, "-m", "vatdata_lsp"], input=b"", capture_output=True, check=False, timeout=20
    )
    assert done.returncode == 0


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def silent_server():
    """A server that was sent nothing, and its worker."""
    server = subprocess.Popen(
        [sys.executable, "-m", "vatdata_lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    while not (workers := children_of(server.pid)):
        assert server.poll() is None
        time.sleep(0.01)  # nothing is said when a process appears
    yield server, workers
    server.kill()
    server.communicate()


def test_the_worker_is_launched_before_the_first_message_and_ends_with_the_server(silent_server):
    server, (worker,) = silent_server
    server.communicate(timeout=20)
    assert server.returncode == 0
    assert not Path(f"/proc/{worker}").exists()


def test_a_worker_that_dies_before_the_first_message_is_replaced(silent_server, project):
    server, (worker,) = silent_server
    os.kill(worker, signal.SIGKILL)
    parameters = {"processId": None, "rootUri": project.as_uri(), "capabilities": {}}
    item = {"uri": (project / "vat.py").as_uri(), "languageId": "python", "version": 1, "text": LATE}
    for fields in (
        {"id": 1, "method": "initialize", "params": parameters},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": item}},
    ):
        body = json.dumps({"jsonrpc": "2.0", **fields}).encode()
        server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    server.stdin.flush()
    said = b""
    while b"VD103" not in said:
        said += server.stdout.read1()
    assert b"was started again" in said
