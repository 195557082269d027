"""Hover, completion, lenses, hints, call hierarchy and commands."""

from __future__ import annotations

import pytest
from lsprotocol import types as t

from tests.lsp.conftest import CLEAN, LATE
from tests.lsp.editor import Editor, start

pytestmark = pytest.mark.asyncio


async def hover(editor: Editor, uri: str, line: int, character: int) -> str:
    params = t.HoverParams(t.TextDocumentIdentifier(uri), t.Position(line, character))
    found = await editor.client.text_document_hover_async(params)
    return found.contents.value if found is not None else ""


async def completion(editor: Editor, uri: str, line: int, character: int) -> list[t.CompletionItem]:
    params = t.CompletionParams(t.TextDocumentIdentifier(uri), t.Position(line, character))
    return list(await editor.client.text_document_completion_async(params))


async def test_hover_on_a_late_call_says_so_and_shows_the_way(project):
    async with start("vscode", project) as editor:
        said = await hover(editor, editor.open("vat.py"), 5, 14)
        assert said.startswith("**May run after the first crank, or not at all: ")
        assert f"([vat.py:5]({editor.uri('vat.py')}#L5)) the await on line 5" in said


async def test_hover_on_a_good_call_says_why_it_is_good(project):
    async with start("eglot", project) as editor:
        said = await hover(editor, editor.open("vat.py", CLEAN), 4, 14)
        assert said.startswith("Runs in the first crank: ")
        assert "**" not in said


async def test_hover_on_a_function_says_who_calls_it_in_the_first_crank(project):
    async with start("vscode", project) as editor:
        helper = await hover(editor, editor.open("helper.py"), 3, 6)
        assert "called by vat.build_root_object" in helper
        entry = await hover(editor, editor.open("vat.py"), 3, 14)
        assert entry.startswith("**The first crank starts here**")


async def test_hover_on_a_code_in_a_suppression_shows_the_rules_page(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py", "x = 1  # vatdata: ignore[VD101, prepare-in-loop] why\n")
        assert (await hover(editor, uri, 0, 27)).startswith("# conditional-prepare (VD101)")
        assert (await hover(editor, uri, 0, 36)).startswith("# prepare-in-loop (VD102)")
        assert await hover(editor, uri, 0, 2) == ""


async def test_completion_in_a_suppression_puts_the_codes_of_the_line_first(project):
    async with start("vscode", project) as editor:
        text = LATE.replace("(baggage)\n", "(baggage)  # 😋 # vatdata: ignore[")
        uri = editor.open("vat.py", text)
        items = await completion(editor, uri, 5, len(text.splitlines()[5]) + 1)
        first = min(items, key=lambda item: item.sort_text)
        assert (first.label, first.detail) == ("VD103", "prepare-after-await")


async def test_completion_leaves_out_codes_that_are_there_and_stays_out_of_code(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py", "x = 1  # vatdata: ignore[VD101, \ny = [\n# vatdata: \n")
        assert "VD101" not in {item.label for item in await completion(editor, uri, 0, 32)}
        assert await completion(editor, uri, 1, 5) == []
        assert [item.label for item in await completion(editor, uri, 2, 11)] == ["ignore", "ignore-file"]


async def lenses(editor: Editor, uri: str) -> list[t.CodeLens]:
    return list(
        await editor.client.text_document_code_lens_async(t.CodeLensParams(t.TextDocumentIdentifier(uri)))
    )


async def test_the_entry_carries_a_lens_that_counts_its_kinds(project):
    async with start("vscode", project) as editor:
        (lens,) = await lenses(editor, editor.open("vat.py"))
        assert (lens.range.start.line, lens.command.title) == (3, "first crank: 1 kind, 1 late")


async def test_the_command_of_the_lens_lists_the_kinds(project):
    async with start("vscode", project) as editor:
        (lens,) = await lenses(editor, editor.open("vat.py"))
        params = t.ExecuteCommandParams(lens.command.command, lens.command.arguments)
        said = await editor.client.workspace_execute_command_async(params)
        assert said.splitlines()[1] == "  Purse by prepare_exo_class, helper.py:5"


async def test_the_command_lists_every_entry_of_a_file_when_none_is_named(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py")
        params = t.ExecuteCommandParams("vatdata.showFirstCrank", [uri])
        said = await editor.client.workspace_execute_command_async(params)
        assert said.startswith("vat.build_root_object: first crank: 1 kind")


async def test_lenses_can_be_switched_off(project):
    async with start("vscode", project, settings={"hints": {"codeLens": False}}) as editor:
        assert await lenses(editor, editor.open("vat.py")) == []


@pytest.mark.parametrize(
    ("inlay", "expected"), [(True, ["the first crank may end here", "crank 1 or never"]), (False, [])]
)
async def test_marks_at_calls_are_off_unless_wanted(project, inlay, expected):
    async with start("vscode", project, settings={"hints": {"inlay": inlay}}) as editor:
        whole = t.Range(t.Position(0, 0), t.Position(9, 0))
        params = t.InlayHintParams(t.TextDocumentIdentifier(editor.open("vat.py")), whole)
        assert [hint.label for hint in await editor.client.text_document_inlay_hint_async(params)] == expected


async def test_an_await_that_cannot_end_the_crank_has_no_mark(project):
    text = (
        CLEAN.replace("    return", "    await own(baggage)\n    return")
        + "\n\nasync def own(baggage):\n    return 1\n"
    )
    async with start("vscode", project, settings={"hints": {"inlay": True}}) as editor:
        whole = t.Range(t.Position(0, 0), t.Position(19, 0))
        params = t.InlayHintParams(t.TextDocumentIdentifier(editor.open("vat.py", text)), whole)
        hints = await editor.client.text_document_inlay_hint_async(params)
        assert [hint.label for hint in hints] == ["crank 1"]


async def test_the_hierarchy_goes_along_the_first_crank_both_ways(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py")
        params = t.CallHierarchyPrepareParams(t.TextDocumentIdentifier(uri), t.Position(3, 12))
        (root,) = await editor.client.text_document_prepare_call_hierarchy_async(params)
        assert (root.name, root.detail) == ("build_root_object", "entry point")
        (edge,) = await editor.client.call_hierarchy_outgoing_calls_async(
            t.CallHierarchyOutgoingCallsParams(root)
        )
        assert (edge.to.name, edge.from_ranges[0].start.line) == ("prepare_purse", 5)
        (back,) = await editor.client.call_hierarchy_incoming_calls_async(
            t.CallHierarchyIncomingCallsParams(edge.to)
        )
        assert back.from_.name == "build_root_object"


async def test_debug_information_names_channel_encoding_and_root(project):
    async with start("vscode", project) as editor:
        said = await editor.client.workspace_execute_command_async(
            t.ExecuteCommandParams("vatdata.debugInformation")
        )
        assert "positions utf-16" in said
        assert "diagnostics pulled, settings asked for, files watched" in said
        assert f"root {project.resolve()}" in said


async def test_the_index_can_be_made_anew(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py")
        await editor.client.workspace_execute_command_async(t.ExecuteCommandParams("vatdata.restartIndex"))
        assert len(await editor.diagnostics(uri)) == 1
