"""A large workspace: first findings early, silence while idle, and an edit that reaches the files that depend on it."""

from __future__ import annotations

import asyncio

import pytest
from lsprotocol.converters import get_converter

from bench.lsp.material import DEPENDENT, HELPER, make_workspace
from tests.lsp.editor import Editor, start

pytestmark = pytest.mark.asyncio

FULL_SIZE = pytest.param(3_000, 120, marks=[pytest.mark.slow, pytest.mark.timeout(600)])
QUIET_S = 1.0
PATIENCE_S = 240


@pytest.mark.parametrize(("files", "vats"), [(300, 60), FULL_SIZE])
async def test_a_large_workspace_is_shown_in_parts_then_nothing_is_sent_until_an_edit(tmp_path, files, vats):
    root = tmp_path / "root"
    root.mkdir()
    expected = make_workspace(root, files, vats)
    async with start("vscode", root) as editor:
        asked = asyncio.ensure_future(editor.pull_workspace(partial_result_token="first"))
        async with asyncio.timeout(PATIENCE_S):
            await asked
        first, *others = parts(editor)
        assert 0 < len(first) < expected, "found while the rest was checked"
        known = {uri: result for part in (first, *others) for uri, result in part.items()}
        assert len(known) == expected

        held = asyncio.ensure_future(editor.pull_workspace(known, partial_result_token="held"))
        await asyncio.sleep(
            QUIET_S
        )  # the news of the first findings: lenses and diagnostics are asked for anew
        received = count_messages(editor)
        await asyncio.sleep(QUIET_S)
        assert received == []
        assert not held.done()

        editor.partial.clear()
        uri = editor.open(HELPER)
        editor.change(uri, "def prepare_part_0(baggage):\n    return None\n")
        async with asyncio.timeout(PATIENCE_S):
            await held
        assert [list(part) for part in parts(editor)] == [[editor.uri(DEPENDENT)]]


def parts(editor: Editor) -> list[dict[str, str]]:
    """The result ids of each partial result, by address."""
    tables = [get_converter().unstructure(value) for value in editor.partial]
    return [{item["uri"]: item["resultId"] for item in table["items"]} for table in tables]


def count_messages(editor: Editor) -> list[object]:
    """Keep everything that the server sends from now on."""
    received: list[object] = []
    handle = editor.client.protocol.handle_message

    def handle_and_keep(message: object) -> None:
        received.append(message)
        handle(message)

    editor.client.protocol.handle_message = handle_and_keep
    return received
