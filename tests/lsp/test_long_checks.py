"""Checks that take long: what is seen of them, and that they can be ended."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys

import pytest
from lsprotocol.converters import get_converter

from tests.lsp.conftest import CLEAN, LATE
from tests.lsp.editor import Editor, start

pytestmark = pytest.mark.asyncio


def progress(editor: Editor) -> list[str]:
    return [value["kind"] if isinstance(value, dict) else value.kind for value in editor.partial]


async def hold_the_worker(editor: Editor) -> int:
    """Stop the process that checks, so that the next check takes until it is let go."""
    await editor.until(lambda: bool(editor.worker_pids()))
    (worker,) = editor.worker_pids()
    os.kill(worker, signal.SIGSTOP)
    return worker


async def test_a_check_that_takes_long_is_shown_and_a_quick_one_is_not(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py")
        await editor.pull(uri)
        assert progress(editor) == []
        worker = await hold_the_worker(editor)
        editor.change(uri, CLEAN)
        await editor.until(lambda: progress(editor) == ["begin"])
        os.kill(worker, signal.SIGCONT)
        await editor.until(lambda: progress(editor) == ["begin", "end"])
        assert await editor.diagnostics(uri) == []


async def test_first_findings_of_a_large_workspace_come_before_the_check_is_over(project):
    """The worker is stopped after the first partial result: what has come till then was sent early."""
    for number in range(400):
        (project / f"vat{number}.py").write_text(LATE + f"\n\ndef other_{number}():\n    pass\n" * 40)
    converter = get_converter()
    async with start("vscode", project) as editor:
        asked = asyncio.ensure_future(editor.pull_workspace(partial_result_token="part"))
        await editor.until(lambda: any("items" in converter.unstructure(part) for part in editor.partial))
        worker = await hold_the_worker(editor)
        assert not asked.done()
        os.kill(worker, signal.SIGCONT)
        await asked
        shown: dict[str, int] = {}
        for part in editor.partial:
            table = converter.unstructure(part)
            shown.update({item["uri"]: len(item["items"]) for item in table.get("items", ())})
        assert len(shown) == 401
        assert set(shown.values()) == {1}


async def test_one_client_is_served_over_tcp(project):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = (sys.executable, "-m", "vatdata_lsp", "--tcp", f"127.0.0.1:{port}")
    server = await asyncio.create_subprocess_exec(*command)
    try:
        reader, writer = await connected(port)
        body = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}'
        writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
        size = int(re.search(rb"Content-Length: (\d+)", head)[1])
        assert b'"capabilities"' in await reader.readexactly(size)
        writer.close()
    finally:
        server.kill()
        await server.wait()


async def connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(30):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)  # the server says nowhere that it listens
