"""Checks that take long: what is seen of them, and that they can be ended."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from lsprotocol import types as t
from lsprotocol.converters import get_converter
from pygls.exceptions import JsonRpcException

from tests.lsp.conftest import CLEAN, LATE
from tests.lsp.editor import Editor, start

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def held_worker(editor: Editor) -> AsyncIterator[None]:
    """Stop the process that checks, so that the next check takes until the end of the block.

    It goes on even where the test fails: a stopped process would outlive the server and keep its pipes open.
    What was shown of the first check, which includes the start of the process, is forgotten.
    """
    await editor.until(lambda: bool(editor.worker_pids()))
    await editor.until(lambda: editor.shown_progress[-1:] != ["begin"])
    editor.shown_progress.clear()
    (worker,) = editor.worker_pids()
    os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(worker, signal.SIGCONT)


async def test_a_check_that_takes_long_is_shown_until_it_is_over(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py")
        await editor.pull(uri)
        async with held_worker(editor):
            editor.change(uri, CLEAN)
            await editor.until(lambda: editor.shown_progress == ["begin"])
        await editor.until(lambda: editor.shown_progress == ["begin", "end"])
        assert await editor.diagnostics(uri) == []


async def test_a_check_that_the_user_cancels_is_answered_as_cancelled_and_an_edit_brings_it_back(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py")
        await editor.pull(uri)
        async with held_worker(editor):
            editor.change(uri, CLEAN)
            asked = asyncio.ensure_future(editor.pull(uri))
            await editor.until(lambda: editor.shown_progress == ["begin"])
            editor.client.window_work_done_progress_cancel(t.WorkDoneProgressCancelParams(editor.tokens[-1]))
            nowhere = t.HoverParams(t.TextDocumentIdentifier("untitled:1"), t.Position(0, 0))
            await editor.client.text_document_hover_async(nowhere)  # an answer: the wish has been read
        with pytest.raises(JsonRpcException, match="cancelled"):
            await asked
        await editor.until(lambda: editor.shown_progress == ["begin", "end"])
        editor.change(uri, LATE)
        assert len(await editor.diagnostics(uri)) == 1


async def test_first_findings_of_a_large_workspace_come_before_the_check_is_over(project):
    """The worker is stopped after the first partial result: what has come till then was sent early."""
    for number in range(400):
        (project / f"vat{number}.py").write_text(LATE + f"\n\ndef other_{number}():\n    pass\n" * 40)
    converter = get_converter()
    async with start("vscode", project) as editor:
        asked = asyncio.ensure_future(editor.pull_workspace(partial_result_token="part"))
        await editor.until(lambda: bool(editor.partial))
        assert not asked.done()
        await asked
        shown: dict[str, int] = {}
        for part in editor.partial:
            table = converter.unstructure(part)
            shown.update({item["uri"]: len(item["items"]) for item in table["items"]})
        assert len(shown) == 401
        assert set(shown.values()) == {1}


@pytest.mark.parametrize("leaving", ["closed", "reset"])
async def test_one_client_is_served_over_tcp_and_the_server_ends_when_it_leaves(project, leaving):
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
        if leaving == "closed":
            writer.close()
        else:
            writer.transport.abort()  # what is unread at our end is answered by a reset
        assert await asyncio.wait_for(server.wait(), 30) == 0
    finally:
        if server.returncode is None:
            server.kill()
            await server.wait()


async def connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(30):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)  # the server says nowhere that it listens
