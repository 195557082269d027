"""What users and editors do that nobody planned for: the server goes on, and says what it can."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from typing import Any

import pytest
from lsprotocol import types as t

from tests.lsp.conftest import CLEAN, LATE
from tests.lsp.editor import PATIENCE_S, Editor, start

pytestmark = pytest.mark.asyncio


def framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def message(**fields: Any) -> bytes:
    return framed(json.dumps({"jsonrpc": "2.0", **fields}).encode())


INITIALIZE = message(
    id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}}
)
GOODBYE = message(id=99, method="shutdown")


def answers(*sent: bytes) -> dict[Any, dict[str, Any]]:
    """Everything the real server answers, by the number of the request."""
    done = subprocess.run(
        [sys.executable, "-m", "vatdata_lsp"],
        input=b"".join(sent),
        capture_output=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr.decode()
    found: dict[Any, dict[str, Any]] = {}
    rest = done.stdout
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        answer = json.loads(rest[:size])
        rest = rest[size:]
        if "method" not in answer:
            found[answer.get("id")] = answer
    return found


GARBAGE = [
    framed(b"this is not JSON"),
    framed(b'{"jsonrpc": "2.0", "id": 7'),
    framed(b"[]"),
    framed(b"null"),
    framed(b'"text"'),
    framed(b'{"jsonrpc": "2.0"}'),
    framed(b"\xff\xfe\x00"),
    framed(b""),
    message(method="no/such/notification", params={}),
    message(method="textDocument/didChange", params={"textDocument": 5}),
    message(method="textDocument/didChange", params=None),
    message(
        method="textDocument/didChange",
        params={"textDocument": {"uri": "file:///never-opened.py", "version": 1}, "contentChanges": []},
    ),
    message(method="textDocument/didClose", params={"textDocument": {"uri": "file:///never-opened.py"}}),
    message(id=50, result="an answer that nobody asked for"),
    message(method="$/cancelRequest", params={"id": 12345}),
    message(method="$/progress", params={"token": "unknown", "value": {"kind": "end"}}),
    message(method="window/workDoneProgress/cancel", params={"token": "unknown"}),
]


async def test_messages_that_make_no_sense_do_not_end_the_server():
    hover = {"textDocument": {"uri": "file:///no.py"}, "position": {"line": 0, "character": 0}}
    sent = [INITIALIZE]
    for number, garbage in enumerate(GARBAGE, 1000):
        sent += [garbage, message(id=number, method="textDocument/hover", params=hover)]
    said = await asyncio.to_thread(answers, *sent, GOODBYE)
    assert "capabilities" in said[1]["result"]
    unanswered = [garbage for number, garbage in enumerate(GARBAGE, 1000) if number not in said]
    assert unanswered == []


PLACE = {"textDocument": {"uri": "file:///no.py"}, "position": {"line": 0, "character": 0}}


@pytest.mark.parametrize(
    ("request_", "code", "text"),
    [
        (
            message(id=7, method="textDocument/hover", params=PLACE | {"position": {"line": -1}}),
            -32602,
            "hover",
        ),
        (message(id=7, method="textDocument/hover", params={}), -32602, "textDocument/hover"),
        (message(id=7, method="textDocument/hover", params=[1, 2]), -32602, "textDocument/hover"),
        (message(id=7, method="no/such/request", params={}), -32601, "no/such/request"),
        (message(id=7, method="initialize", params={"capabilities": {}}), -32600, "initialized already"),
        (framed(b'{"id": 7, "method": "textDocument/hover"}'), -32600, "JSON-RPC 2.0"),
        (framed(b'[{"jsonrpc": "2.0", "id": 7, "method": "shutdown"}]'), -32600, "JSON-RPC 2.0"),
        (framed(b"{half"), -32700, "not JSON"),
        (framed(b"[" * 100_000), -32700, "not JSON"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else str(value),
)
async def test_a_request_that_makes_no_sense_is_answered_with_its_error(request_, code, text):
    said = await asyncio.to_thread(answers, INITIALIZE, request_, GOODBYE)
    (error,) = [answer["error"] for number, answer in said.items() if number in (7, None)]
    assert error["code"] == code
    assert text in error["message"]
    assert 99 in said, "the server goes on"


async def test_a_request_at_the_wrong_time_is_refused_by_its_code():
    early = message(id=5, method="workspace/diagnostic", params={"previousResultIds": []})
    late = message(id=6, method="textDocument/hover", params=PLACE)
    said = await asyncio.to_thread(answers, early, INITIALIZE, GOODBYE, late)
    assert said[5]["error"]["code"] == -32002
    assert said[6]["error"]["code"] == -32600


async def test_an_exit_right_behind_a_shutdown_is_a_good_end():
    said = await asyncio.to_thread(answers, INITIALIZE, GOODBYE, message(method="exit"))
    assert "capabilities" in said[1]["result"]


async def test_headers_may_be_written_in_small_letters_and_in_any_order():
    body = b'{"jsonrpc": "2.0", "id": 7, "method": "textDocument/hover", "params": {}}'
    sent = b"content-type: application/vscode-jsonrpc\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
    said = await asyncio.to_thread(answers, INITIALIZE, sent, GOODBYE)
    assert said[7]["error"]["code"] == -32602


async def test_a_client_that_leaves_while_the_analysis_process_is_started_ends_the_server():
    said = await asyncio.to_thread(answers, INITIALIZE)
    assert "capabilities" in said[1]["result"]


async def test_a_document_closed_while_it_is_checked_leaves_the_disk_to_count(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py", CLEAN)
        asked = asyncio.ensure_future(editor.pull(uri))
        editor.close(uri)
        await asked
        report = await editor.pull_workspace()
        assert [(item.uri, len(item.items)) for item in report.items] == [(uri, 1)]


async def test_a_document_opened_closed_and_opened_again_shows_its_newest_text(project):
    async with start("kate", project) as editor:
        for text in (LATE, CLEAN, LATE, CLEAN):
            uri = editor.open("vat.py", text)
            editor.close(uri)
        uri = editor.open("vat.py", "\n" + LATE)
        editor.published.clear()
        await editor.until(lambda: any(report.diagnostics for report in editor.reports(uri)))
        assert editor.reports(uri)[-1].diagnostics[0].range.start.line == 6


async def test_a_folder_deleted_under_the_server_leaves_no_findings(project):
    async with start("vscode", project) as editor:
        first = await editor.pull_workspace()
        known = {item.uri: item.result_id for item in first.items}
        shutil.rmtree(project)
        gone = [t.FileEvent(uri, t.FileChangeType.Deleted) for uri in known]
        editor.client.workspace_did_change_watched_files(t.DidChangeWatchedFilesParams(gone))
        report = await editor.pull_workspace(known)
        assert [(item.uri, list(item.items)) for item in report.items] == [(uri, []) for uri in known]
        assert await hover_at(editor, editor.uri("vat.py")) is None


async def test_a_file_that_was_never_saved_is_checked_with_those_on_the_disk(project):
    async with start("vscode", project) as editor:
        uri = editor.open("new.py", LATE)
        assert [item.code for item in await editor.diagnostics(uri)] == ["VD103"]
        editor.close(uri)
        report = await editor.pull_workspace()
        assert [item.uri for item in report.items] == [editor.uri("vat.py")]


async def test_a_renamed_file_takes_its_findings_along(project):
    async with start("vscode", project) as editor:
        old = editor.open("vat.py")
        await editor.pull(old)
        (project / "vat.py").rename(project / "bank.py")
        editor.close(old)
        new = editor.open("bank.py")
        events = [
            t.FileEvent(old, t.FileChangeType.Deleted),
            t.FileEvent(new, t.FileChangeType.Created),
        ]
        editor.client.workspace_did_change_watched_files(t.DidChangeWatchedFilesParams(events))
        assert [item.code for item in await editor.diagnostics(new)] == ["VD103"]
        report = await editor.pull_workspace()
        assert [item.uri for item in report.items] == [new]


@pytest.mark.parametrize(
    "uri",
    [
        "untitled:Untitled-1",
        "vscode-notebook-cell:/home/someone/book.ipynb#W0sZmlsZQ%3D%3D",
        "git:/vat.py?%7B%7D",
        "file:relative.py",
        "file://server/share/vat.py",
        "file:///with%20space/%F0%9F%98%8B.py",
        "",
        "not an address",
    ],
)
async def test_documents_of_any_address_are_taken_and_never_stop_the_server(uri, project):
    async with start("vscode", project) as editor:
        item = t.TextDocumentItem(uri, "python", 1, LATE)
        editor.client.text_document_did_open(t.DidOpenTextDocumentParams(item))
        await editor.pull(uri)
        assert await hover_at(editor, uri) is None or uri.startswith("file:")
        assert len(await editor.diagnostics(editor.open("vat.py"))) == 1


async def test_notebooks_are_left_alone(project):
    async with start("vscode", project) as editor:
        assert editor.result.capabilities.notebook_document_sync is None


async def test_a_huge_file_is_named_as_not_looked_at_and_the_others_are_checked(project):
    (project / "data.py").write_text(
        "x = [\n" + "    1,\n" * 1_200_000 + "]\nfrom vatdata_runtime import M\n"
    )
    async with start("vscode", project) as editor:
        report = await editor.pull_workspace()
        shown = {item.uri.rpartition("/")[2]: [found.code for found in item.items] for item in report.items}
        assert shown == {"data.py": ["VD900"], "vat.py": ["VD103"]}


async def test_a_huge_text_that_was_never_saved_is_named_as_not_looked_at(project):
    async with start("vscode", project) as editor:
        uri = editor.open("huge.py", "x = 1\n" * 1_400_000)
        assert [found.code for found in await editor.diagnostics(uri)] == ["VD900"]


async def test_an_edit_outside_of_the_text_is_made_at_its_end(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py", LATE)
        far = t.Range(t.Position(999, 7), t.Position(1000, 0))
        editor.send_changes(uri, [t.TextDocumentContentChangePartial(far, "# the end\n")])
        assert len(await editor.diagnostics(uri)) == 1


async def test_a_text_of_surrogates_and_null_characters_is_survived(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py", LATE)
        editor.change(uri, LATE + "x = '\\ud83d \x00'\n")
        await editor.diagnostics(uri)
        editor.change(uri, LATE)
        assert [item.code for item in await editor.diagnostics(uri)] == ["VD103"]


async def hover_at(editor: Editor, uri: str) -> t.Hover | None:
    return await editor.client.text_document_hover_async(
        t.HoverParams(t.TextDocumentIdentifier(uri), t.Position(5, 14))
    )
