"""Fixes and suppressions: offered when they help, and what they leave in the text."""

from __future__ import annotations

import pytest
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException
from vatdata_lsp.text import PositionEncoding, Text

from tests.lsp.conftest import CLEAN, LATE
from tests.lsp.editor import Editor, start

pytestmark = pytest.mark.asyncio

UNUSED = "total = 1  # vatdata: ignore[VD102] once needed\nother = 2\n"
ASYNC_INIT = """\
from vatdata_runtime import prepare_exo_class


async def init():
    return {}


def build_root_object(vat_powers, vat_parameters, baggage):
    return prepare_exo_class(baggage, "Purse", None, init, {})
"""


async def actions_at(
    editor: Editor, uri: str, line: int, only: list[str] | None = None
) -> list[t.CodeAction]:
    place = t.Range(t.Position(line, 0), t.Position(line, 200))
    context = t.CodeActionContext(diagnostics=[], only=only)
    params = t.CodeActionParams(t.TextDocumentIdentifier(uri), place, context)
    return list(await editor.client.text_document_code_action_async(params) or [])


async def chosen(editor: Editor, actions: list[t.CodeAction], title: str) -> t.WorkspaceEdit:
    (action,) = [action for action in actions if action.title == title]
    if action.edit is None:
        action = await editor.client.code_action_resolve_async(action)
    return action.edit


def applied(edit: t.WorkspaceEdit, uri: str, text: str) -> str:
    """The text after an edit, made as an editor with UTF-16 positions makes it."""
    if edit.document_changes is not None:
        (change,) = edit.document_changes
        edits = change.edits
        assert change.text_document.uri == uri
    else:
        edits = edit.changes[uri]
    return applied_to(edits, text)


def applied_to(edits: list[t.TextEdit], text: str) -> str:
    made = Text(text)
    for item in sorted(
        edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True
    ):
        start, end = item.range.start, item.range.end
        made = made.replace(
            (start.line, start.character), (end.line, end.character), item.new_text, PositionEncoding.UTF16
        )
    return made.content


async def test_a_suppression_on_the_line_hides_the_finding(project):
    async with start("vscode", project) as editor:
        text = LATE.replace("return prepare_purse(baggage)", 'x = "😋", prepare_purse(baggage)')
        uri = editor.open("vat.py", text)
        offered = await actions_at(editor, uri, 5)
        edit = await chosen(editor, offered, "Suppress VD103 on this line")
        after = applied(edit, uri, text)
        assert after.splitlines()[5].endswith("prepare_purse(baggage)  # vatdata: ignore[VD103]")
        editor.change(uri, after)
        assert await editor.diagnostics(uri) == []


async def test_a_suppression_of_the_file_goes_below_the_lines_that_must_come_first(project):
    async with start("vscode", project) as editor:
        text = "#!/usr/bin/env python\r\n" + LATE.replace("\n", "\r\n")
        uri = editor.open("vat.py", text)
        edit = await chosen(editor, await actions_at(editor, uri, 6), "Suppress VD103 in this file")
        after = applied(edit, uri, text)
        assert after.startswith("#!/usr/bin/env python\r\n# vatdata: ignore-file[VD103]\r\nfrom helper")


async def test_an_unused_suppression_can_be_removed(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py", UNUSED)
        edit = await chosen(editor, await actions_at(editor, uri, 0), "Remove the unused suppression")
        assert applied(edit, uri, UNUSED) == "total = 1\nother = 2\n"


async def test_all_safe_fixes_are_made_at_once(project):
    async with start("vscode", project) as editor:
        text = UNUSED + "third = 3  # vatdata: ignore[VD101] 😋\n"
        uri = editor.open("vat.py", text)
        (action,) = await actions_at(editor, uri, 0, only=["source.fixAll"])
        assert action.kind == "source.fixAll.vatdata"
        edit = await chosen(editor, [action], action.title)
        assert applied(edit, uri, text) == "total = 1\nother = 2\nthird = 3\n"


async def test_an_async_init_can_be_made_a_plain_function(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py", ASYNC_INIT)
        (found,) = await editor.diagnostics(uri)
        line = found.range.start.line
        edit = await chosen(editor, await actions_at(editor, uri, line), "Make it a plain function")
        assert applied(edit, uri, ASYNC_INIT) == ASYNC_INIT.replace("async def init", "def init")


async def test_nothing_is_offered_that_would_not_help(project):
    """The line ends in a string that goes on: a comment there would be part of it."""
    async with start("vscode", project) as editor:
        text = LATE.replace("return prepare_purse(baggage)", 'x = (prepare_purse(baggage), """\n""")')
        uri = editor.open("vat.py", text)
        titles = [action.title for action in await actions_at(editor, uri, 5)]
        assert "Suppress VD103 in this file" in titles
        assert "Suppress VD103 on this line" not in titles


async def test_a_client_without_resolve_gets_the_edit_at_once(project):
    async with start("kate", project) as editor:
        uri = editor.open("vat.py")
        (line, _) = await actions_at(editor, uri, 5)
        assert line.edit.document_changes is None
        assert "ignore[VD103]" in applied(line.edit, uri, LATE)


async def test_a_change_of_an_old_text_is_refused(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py")
        action = (await actions_at(editor, uri, 5))[0]
        editor.change(uri, "\n" + CLEAN)
        with pytest.raises(JsonRpcException, match="changed since"):
            await editor.client.code_action_resolve_async(action)


async def test_a_clean_file_is_offered_nothing(project):
    async with start("vscode", project) as editor:
        assert await actions_at(editor, editor.open("vat.py", CLEAN), 5) == []


async def test_a_late_prepare_can_be_moved_above_the_await(project):
    async with start("vscode", project) as editor:
        text = LATE.replace("return prepare_purse(baggage)", "make = prepare_purse(baggage)\n    return make")
        uri = editor.open("vat.py", text)
        edit = await chosen(editor, await actions_at(editor, uri, 5), "Move it above line 5")
        after = applied(edit, uri, text)
        assert after.index("make = prepare_purse(baggage)") < after.index("await")
        editor.change(uri, after)
        assert await editor.diagnostics(uri) == []


async def test_a_conditional_prepare_can_be_moved_out_of_its_branch(project):
    async with start("vscode", project) as editor:
        text = CLEAN.replace("    return", "    if vat_parameters:\n        return")
        text = text.replace("return prepare_purse(baggage)", "make = prepare_purse(baggage)")
        uri = editor.open("vat.py", text)
        edit = await chosen(editor, await actions_at(editor, uri, 5), "Move it out of the branch")
        after = applied(edit, uri, text)
        assert after.splitlines()[-1] == "    make = prepare_purse(baggage)"
        editor.change(uri, after)
        assert await editor.diagnostics(uri) == []


async def fix_workspace(editor: Editor) -> str:
    return await editor.client.workspace_execute_command_async(
        t.ExecuteCommandParams("vatdata.fixAllInWorkspace")
    )


async def test_files_that_are_not_open_are_fixed_by_the_command(project):
    closed = UNUSED.replace("\n", "\r\n") + "x = '😋'  # vatdata: ignore[VD101] 😋\r\n"
    (project / "closed.py").write_bytes(closed.encode())
    (project / "open.py").write_text("pass\n")
    async with start("vscode", project) as editor:
        opened = editor.open("open.py", UNUSED)
        assert await fix_workspace(editor) == "Fixed 2 files."
        (edit,) = editor.edits
        by_uri = {change.text_document.uri: change for change in edit.document_changes}
        assert {uri: change.text_document.version for uri, change in by_uri.items()} == {
            opened: 1,
            editor.uri("closed.py"): None,
        }
        assert applied_to(by_uri[opened].edits, UNUSED) == "total = 1\nother = 2\n"
        after = applied_to(by_uri[editor.uri("closed.py")].edits, closed)
        assert after == "total = 1\r\nother = 2\r\nx = '😋'\r\n"
        assert (project / "closed.py").read_bytes().decode() == closed
        assert len((await editor.pull(opened)).items) == 1


async def test_nothing_to_fix_is_said(project):
    async with start("vscode", project) as editor:
        assert await fix_workspace(editor) == "There is nothing that can be fixed safely."
        assert editor.edits == []


async def test_an_editor_that_takes_no_edits_is_told_of_the_command(project):
    async with start("ale", project) as editor:
        assert "vatdata-lint check --fix" in await fix_workspace(editor)
