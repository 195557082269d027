"""The plugin inside the real python-lsp-server, over its pipes."""

from __future__ import annotations

import importlib.util
import sys
from importlib.metadata import entry_points

import pytest
from lsprotocol import types as t

from tests.lsp.conftest import CLEAN, LATE
from tests.lsp.editor import start

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.skipif(
        importlib.util.find_spec("pylsp") is None, reason="python-lsp-server is not installed (extra pylsp)"
    ),
    pytest.mark.skipif(
        not entry_points(group="pylsp", name="vatdata"),
        reason="the installed metadata is older than the plugin: run pip install -e . again",
    ),
]

PYLSP = (sys.executable, "-m", "pylsp")


async def ours(editor, uri: str) -> list[t.Diagnostic]:
    """Our diagnostics of the next report about a file."""
    editor.published.clear()
    await editor.until(lambda: bool(editor.reports(uri)))
    return [item for item in editor.reports(uri)[-1].diagnostics if item.source == "vatdata-lint"]


@pytest.mark.parametrize("name", ["eglot", "kate"])
async def test_a_finding_comes_and_goes_inside_the_other_server(name, project):
    async with start(name, project, command=PYLSP) as editor:
        uri = editor.open("vat.py")
        (found,) = await ours(editor, uri)
        assert (found.code, found.range.start) == ("VD103", t.Position(5, 11))
        editor.change(uri, CLEAN)
        assert await ours(editor, uri) == []


async def test_unsaved_texts_of_other_files_count(project):
    async with start("eglot", project, command=PYLSP) as editor:
        helper = editor.open("helper.py", "def prepare_purse(baggage):\n    return None\n")
        await ours(editor, helper)
        assert await ours(editor, editor.open("vat.py")) == []


async def test_columns_behind_an_emoji_are_right(project):
    async with start("eglot", project, command=PYLSP) as editor:
        text = LATE.replace("return prepare", "x = '😋'; y = prepare")
        (found,) = await ours(editor, editor.open("vat.py", text))
        assert found.range.start == t.Position(5, 18)


async def test_settings_of_the_plugin_take_effect(project):
    async with start("eglot", project, command=PYLSP) as editor:
        uri = editor.open("vat.py")
        assert len(await ours(editor, uri)) == 1
        settings = {"pylsp": {"plugins": {"vatdata": {"ignore": ["VD103"]}}}}
        editor.client.workspace_did_change_configuration(t.DidChangeConfigurationParams(settings))
        assert await ours(editor, uri) == []


async def test_half_a_statement_keeps_the_other_findings(project):
    async with start("eglot", project, command=PYLSP) as editor:
        uri = editor.open("vat.py")
        assert len(await ours(editor, uri)) == 1
        editor.change(uri, "import (\n\n" + LATE)
        found = await ours(editor, uri)
        assert [(item.code, item.range.start.line) for item in found] == [("VD900", 0), ("VD103", 7)]
