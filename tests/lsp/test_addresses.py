"""Addresses of files: clients escape more or fewer characters, and mean the same file."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types as t
from vatdata_lsp.documents import path_of, uri_of

from tests.lsp.conftest import CLEAN, LATE
from tests.lsp.editor import start


@given(st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)), max_size=12))
def test_a_path_is_what_its_address_was_made_from(name):
    assert path_of(uri_of(f"/folder/{name}")) == f"/folder/{name}"


def test_a_name_of_any_bytes_has_an_address():
    path = os.fsdecode(b"/folder/\xff\xfe.py")
    assert uri_of(path) == "file:///folder/%FF%FE.py"
    assert path_of(uri_of(path)) == path


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a%20b/100%2525.py", "/a b/100%25.py"),
        ("file://localhost/a.py", "/a.py"),
        ("file:///x%40y%28%31%29.py", "/x@y(1).py"),
        ("file:///x@y(1).py", "/x@y(1).py"),
        ("file://server/share/a.py", "//server/share/a.py"),
        ("file:relative.py", None),
        ("file://[half", None),
        ("untitled:Untitled-1", None),
        ("", None),
    ],
)
def test_an_address_gives_a_path_only_where_it_is_that_of_a_file(uri, path):
    assert path_of(uri) == path


def escaped_less(path: Path) -> str:
    return "file://" + quote(str(path), safe="/@+()!,;=")


@pytest.fixture
def oddly_named(project) -> Path:
    return project.rename(project.with_name("p%20q@1+(2)"))


@pytest.mark.asyncio
async def test_result_ids_hold_however_the_client_escapes_an_address(oddly_named):
    async with start("vscode", oddly_named) as editor:
        (report,) = (await editor.pull_workspace()).items
        spelled = escaped_less(oddly_named / "vat.py")
        assert spelled != report.uri
        held = asyncio.ensure_future(editor.pull_workspace({spelled: report.result_id}))
        uri = editor.open("helper.py")
        await editor.pull(uri)
        assert not held.done()
        editor.change(uri, "def prepare_purse(baggage):\n    return None\n")
        assert [(item.uri, list(item.items)) for item in (await held).items] == [(spelled, [])]


@pytest.mark.asyncio
async def test_an_open_file_is_reported_once_as_the_client_spells_it(oddly_named):
    async with start("vscode", oddly_named) as editor:
        spelled = escaped_less(oddly_named / "vat.py")
        item = t.TextDocumentItem(spelled, "python", 1, "\n" + LATE)
        editor.client.text_document_did_open(t.DidOpenTextDocumentParams(item))
        (report,) = (await editor.pull_workspace()).items
        assert (report.uri, report.items[0].range.start.line) == (spelled, 6)


@pytest.mark.asyncio
async def test_a_folder_is_removed_however_the_client_escapes_its_address(oddly_named):
    async with start("vscode", oddly_named) as editor:
        (report,) = (await editor.pull_workspace()).items
        folder = t.WorkspaceFolder(uri=escaped_less(oddly_named), name="")
        event = t.WorkspaceFoldersChangeEvent(added=[], removed=[folder])
        editor.client.workspace_did_change_workspace_folders(t.DidChangeWorkspaceFoldersParams(event))
        (gone,) = (await editor.pull_workspace({report.uri: report.result_id})).items
        assert (gone.uri, list(gone.items)) == (report.uri, [])


@pytest.mark.asyncio
async def test_a_file_open_under_two_spellings_counts_until_both_are_closed(oddly_named):
    async with start("vscode", oddly_named) as editor:
        first = editor.open("vat.py", CLEAN)
        second = escaped_less(oddly_named / "vat.py")
        item = t.TextDocumentItem(second, "python", 1, LATE)
        editor.client.text_document_did_open(t.DidOpenTextDocumentParams(item))
        assert len(await editor.diagnostics(second)) == 1
        editor.close(second)
        assert await editor.diagnostics(first) == []
        editor.close(first)
        assert [item.uri for item in (await editor.pull_workspace()).items] == [editor.uri("vat.py")]


@pytest.mark.asyncio
async def test_an_open_file_keeps_its_findings_where_others_are_left_out(project):
    async with start("vscode", project, settings={"diagnosticMode": "openFilesOnly"}) as editor:
        assert list((await editor.pull_workspace()).items) == []
        uri = editor.open("vat.py")
        known = (await editor.pull(uri)).result_id
        held = asyncio.ensure_future(editor.pull_workspace({uri: known}))
        editor.change(uri, "\n" + LATE)
        (report,) = (await held).items
        assert len(report.items) == 1
        editor.close(uri)
        (gone,) = (await editor.pull_workspace({uri: report.result_id})).items
        assert list(gone.items) == []
