"""Every real client gets the findings, over one channel, in the form that it announced."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlparse

import pytest
from lsprotocol import types as t

from tests.lsp.conftest import CLEAN, LATE
from tests.lsp.editor import CLIENTS, profile, start

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("name", CLIENTS)
async def test_each_client_sees_a_finding_come_and_go_over_exactly_one_channel(name, project):
    known = profile(name)["capabilities"]["textDocument"]
    async with start(name, project) as editor:
        uri = editor.open("vat.py")
        (found,) = await editor.diagnostics(uri)
        assert (found.code, found.range.start) == ("VD103", t.Position(5, 11))
        assert_the_way_is_shown(
            editor, found, as_locations=known["publishDiagnostics"].get("relatedInformation")
        )
        assert editor.pulls == ("diagnostic" in known)
        assert bool(editor.published) != editor.pulls
        editor.published.clear()
        editor.change(uri, CLEAN)
        assert await editor.diagnostics(uri) == []
        assert bool(editor.published) != editor.pulls


def assert_the_way_is_shown(editor, found, *, as_locations):
    if as_locations:
        steps = [(step.location.uri, step.location.range.start.line) for step in found.related_information]
        vat, helper = editor.uri("vat.py"), editor.uri("helper.py")
        assert steps == [(vat, 3), (vat, 4), (vat, 5), (helper, 4)]
        assert "helper.py" not in found.message
        ranges = [step.location.range for step in found.related_information]
        assert all(place.start.line == place.end.line for place in ranges), "editors underline all of it"
    else:
        assert found.related_information is None
        assert "vat.py:5: the await" in found.message
        assert "helper.py:5: defines 'Purse'" in found.message


async def test_the_rule_page_is_a_file_that_can_be_opened(project):
    async with start("vscode", project) as editor:
        (found,) = await editor.diagnostics(editor.open("vat.py"))
        assert text_at(found.code_description.href).startswith("# prepare-after-await (VD103)\n")


def text_at(uri: str) -> str:
    return Path(urlparse(uri).path).read_text(encoding="utf-8")


async def test_data_names_the_kind_the_entry_and_the_path(project):
    async with start("vscode", project) as editor:
        (found,) = await editor.diagnostics(editor.open("vat.py"))
        assert found.data["kind"] == "Purse"
        assert found.data["entry"] == "vat.build_root_object"
        assert [step[1] for step in found.data["path"]] == [4, 5, 6, 5]


async def test_an_unused_suppression_is_shown_as_unnecessary(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py", "total = 1  # vatdata: ignore[VD102] once needed\n")
        (found,) = await editor.diagnostics(uri)
        assert (found.code, list(found.tags)) == ("VD901", [t.DiagnosticTag.Unnecessary])


@pytest.mark.parametrize(("encoding", "expected"), [("utf-8", 20), ("utf-16", 18), ("utf-32", 17)])
async def test_columns_behind_an_emoji_are_counted_as_the_client_counts(project, encoding, expected):
    text = LATE.replace("return prepare", "x = '😋'; y = prepare")
    async with start("vscode", project, encoding=encoding) as editor:
        (found,) = await editor.diagnostics(editor.open("vat.py", text))
        assert found.range.start == t.Position(5, expected)


async def test_files_of_no_folder_are_checked_with_what_lies_around_them(project, tmp_path):
    async with start("helix", project) as editor:
        (found,) = await editor.diagnostics(editor.open("vat.py"))
        assert "'Purse'" in found.message


async def test_a_document_that_is_no_file_gets_no_findings(project):
    async with start("vscode", project) as editor:
        item = t.TextDocumentItem("untitled:Untitled-1", "python", 1, LATE)
        editor.client.text_document_did_open(t.DidOpenTextDocumentParams(item))
        assert await editor.diagnostics("untitled:Untitled-1") == []
