"""What the code is compared with: the lock, a manifest, a store; and that a change of these is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types as t

from tests.lsp.conftest import CLEAN
from tests.lsp.editor import Editor, start
from tests.lsp.test_workspace import command_says, run_command
from vatdata_runtime import open_vat

pytestmark = pytest.mark.asyncio

STORED = """\
from vatdata_runtime import Far, prepare_exo_class


def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo_class(baggage, "%s", None, lambda: {}, {"touch": lambda this: None})
    return Far("Root", {})
"""


@pytest.fixture
def locked(project) -> str:
    """The text of the lock of a project whose code defines 'Purse'; the lock itself is taken away."""
    (project / "vat.py").write_text(CLEAN)
    run_command(project, "lock")
    text = (project / "kinds.lock").read_text()
    (project / "kinds.lock").unlink()
    return text


def make_store(path: Path, kind: str) -> None:
    """A store that holds one kind."""
    source = path.with_suffix(".py")
    source.write_text(STORED % kind)
    with open_vat(path, source) as vat, vat.crank():
        pass


async def found(editor: Editor) -> list[tuple[str, str]]:
    report = await editor.pull_workspace()
    return [
        (item.code, item.message.partition("\nhelp: ")[0]) for file in report.items for item in file.items
    ]


async def change(editor: Editor, path: Path) -> None:
    event = t.FileEvent(path.as_uri(), t.FileChangeType.Changed)
    editor.client.workspace_did_change_watched_files(t.DidChangeWatchedFilesParams([event]))
    nowhere = t.HoverParams(t.TextDocumentIdentifier("untitled:1"), t.Position(0, 0))
    await editor.client.text_document_hover_async(nowhere)  # an answer: the event has been read


async def test_a_manifest_that_the_configuration_names_is_watched_and_read_again_when_it_changes(
    project, locked
):
    (project / "pyproject.toml").write_text('[tool.vatdata-lint]\nmanifest = "accepted.json"\n')
    (project / "accepted.json").write_text(locked.replace("Purse", "Wallet"))
    async with start("vscode", project) as editor:
        assert [code for code, _ in await found(editor)] == ["VD120"]
        await editor.until(lambda: "vatdata-inputs" in {item.id for item in editor.registered})
        (named,) = [item for item in editor.registered if item.id == "vatdata-inputs"]
        assert named.register_options["watchers"] == [
            {"globPattern": {"baseUri": project.as_uri(), "pattern": "accepted.json"}}
        ]
        (project / "accepted.json").write_text(locked)
        await change(editor, project / "accepted.json")
        uri = editor.open("vat.py")
        assert await editor.diagnostics(uri) == []


async def test_a_setting_names_the_manifest_for_a_folder(project, locked, tmp_path):
    (tmp_path / "elsewhere.json").write_text(locked.replace("Purse", "Wallet"))
    async with start("vscode", project, settings={"manifest": "../elsewhere.json"}) as editor:
        assert [code for code, _ in await found(editor)] == ["VD120"]


async def test_a_store_is_compared_as_the_command_does_and_again_when_it_changes(project, tmp_path):
    (project / "vat.py").write_text(CLEAN)
    store = tmp_path / "bank.db"
    make_store(store, "Wallet")
    said = command_says(project, "--store", str(store))
    assert [item[1] for item in said] == ["VD120"]
    async with start("vscode", project, settings={"store": str(store)}) as editor:
        assert await found(editor) == [(item[1], item[-1]) for item in said]
        store.unlink()
        make_store(store, "Purse")
        await change(editor, store)
        uri = editor.open("vat.py")
        assert await editor.diagnostics(uri) == []


async def test_a_store_that_cannot_be_read_is_said_once(project, tmp_path):
    (tmp_path / "bank.db").write_text("no store")
    async with start("vscode", project, settings={"store": "../bank.db"}) as editor:
        uri = editor.open("vat.py")
        for text in (CLEAN, CLEAN + "\n"):
            editor.change(uri, text)
            await editor.diagnostics(uri)
        assert ["could not read the store" in message.message for message in editor.messages] == [True]


async def test_a_client_that_says_nothing_unasked_is_asked_to_tell_of_changed_settings(project):
    async with start("vscode", project) as editor:
        await editor.until(lambda: bool(editor.registered))
        by_id = {item.id: item for item in editor.registered}
        assert by_id["vatdata-settings"].method == "workspace/didChangeConfiguration"
        assert by_id["vatdata-settings"].register_options == {"section": "vatdata"}


async def test_a_configuration_above_the_folder_is_watched_where_it_lies(project):
    folder = project / "inner"
    folder.mkdir()
    (project / "vat.py").rename(folder / "vat.py")
    async with start("vscode", folder) as editor:
        await editor.diagnostics(editor.open("vat.py"))
        await editor.until(lambda: "vatdata-inputs" in {item.id for item in editor.registered})
        (named,) = [item for item in editor.registered if item.id == "vatdata-inputs"]
        assert {"baseUri": project.as_uri(), "pattern": "pyproject.toml"} in [
            watcher["globPattern"] for watcher in named.register_options["watchers"]
        ]


async def test_a_configuration_that_a_setting_names_is_watched_also_while_it_cannot_be_used(project):
    (project / "rules.toml").write_text("ignore = [")
    async with start("vscode", project, settings={"configuration": "rules.toml"}) as editor:
        uri = editor.open("vat.py")
        assert await editor.diagnostics(uri) == []
        await editor.until(lambda: "vatdata-inputs" in {item.id for item in editor.registered})
        (project / "rules.toml").write_text("ignore = []\n")
        await change(editor, project / "rules.toml")
        assert len(await editor.diagnostics(uri)) == 1
