"""Folders, settings, files that are not open, and agreement with the command."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import pytest
from lsprotocol import types as t

from tests.lsp.conftest import CLEAN, HELPER, LATE
from tests.lsp.editor import start
from vatdata_lint.rules import all_rules
from vatdata_lint.testing import cases_of

pytestmark = pytest.mark.asyncio


def shown(report) -> list[tuple[str, int]]:
    return [(item.uri.rpartition("/")[2], len(item.items)) for item in report.items]


async def test_unopened_files_are_reported_to_a_client_that_asks_for_the_workspace(project):
    async with start("vscode", project) as editor:
        assert shown(await editor.pull_workspace()) == [("vat.py", 1)]


async def test_unopened_files_are_published_to_a_client_that_cannot_ask(project):
    async with start("helix", project, folders=[project]) as editor:
        await editor.until(lambda: bool(editor.published))
        assert [(item.uri, len(item.diagnostics)) for item in editor.published] == [(editor.uri("vat.py"), 1)]


async def test_unopened_files_are_left_out_when_the_setting_says_so(project):
    settings = {"diagnosticMode": "openFilesOnly"}
    async with start("eglot", project, settings=settings) as editor:
        uri = editor.open("helper.py")
        await editor.diagnostics(uri)
        assert {item.uri for item in editor.published if item.diagnostics} == set()


async def test_a_closed_file_stays_in_the_project_list(project):
    async with start("eglot", project) as editor:
        uri = editor.open("vat.py", CLEAN)
        await editor.diagnostics(uri)
        editor.published.clear()
        editor.close(uri)
        assert len(await editor.diagnostics(uri)) == 1


async def test_a_workspace_request_is_held_while_nothing_changes_and_answered_by_an_edit(project):
    async with start("vscode", project) as editor:
        first = await editor.pull_workspace()
        known = {item.uri: item.result_id for item in first.items}
        held = asyncio.ensure_future(editor.pull_workspace(known))
        uri = editor.open("vat.py")
        await editor.pull(uri)
        assert not held.done()
        editor.change(uri, CLEAN)
        assert shown(await held) == [("vat.py", 0)]


async def test_the_first_request_is_answered_also_where_nothing_is_found_and_the_next_one_held(project):
    (project / "vat.py").write_text(CLEAN)
    async with start("vscode", project) as editor:
        assert shown(await editor.pull_workspace(partial_result_token="first")) == []
        held = asyncio.ensure_future(editor.pull_workspace())
        uri = editor.open("vat.py")
        await editor.pull(uri)
        assert not held.done()
        editor.change(uri, LATE)
        assert shown(await held) == [("vat.py", 1)]


async def test_a_new_workspace_request_ends_the_held_one_with_nothing(project):
    async with start("vscode", project) as editor:
        first = await editor.pull_workspace()
        known = {item.uri: item.result_id for item in first.items}
        held = asyncio.ensure_future(editor.pull_workspace(known))
        newer = asyncio.ensure_future(editor.pull_workspace())
        assert shown(await newer) == [("vat.py", 1)]
        assert list((await held).items) == []


async def test_workspace_reports_come_in_parts_when_the_client_gives_a_token(project):
    async with start("vscode", project) as editor:
        answer = await editor.pull_workspace(partial_result_token="part")
        assert list(answer.items) == []
        await editor.until(lambda: bool(editor.partial))
        assert len(editor.partial) == 1


async def test_a_file_that_changes_on_disk_is_checked_again(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py")
        assert len(await editor.diagnostics(uri)) == 1
        (project / "helper.py").write_text("def prepare_purse(baggage):\n    return None\n")
        change = t.FileEvent(editor.uri("helper.py"), t.FileChangeType.Changed)
        editor.client.workspace_did_change_watched_files(t.DidChangeWatchedFilesParams([change]))
        assert await editor.diagnostics(uri) == []


async def test_a_save_finds_what_changed_on_disk_where_the_client_cannot_watch(project):
    async with start("lsp-mode", project) as editor:
        uri = editor.open("vat.py")
        assert len(await editor.diagnostics(uri)) == 1
        (project / "helper.py").write_text("def prepare_purse(baggage):\n    return None\n")
        editor.published.clear()
        editor.save(uri)
        assert await editor.diagnostics(uri) == []


async def test_files_are_watched_by_clients_that_offer_it(project):
    async with start("vscode", project) as editor:
        await editor.until(lambda: bool(editor.registered))
        watchers = editor.registered[0].register_options["watchers"]
        assert {"**/*.py", "**/pyproject.toml", "**/kinds.lock"} <= {item["globPattern"] for item in watchers}


async def test_a_changed_setting_takes_effect(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py")
        assert len(await editor.diagnostics(uri)) == 1
        editor.settings["ignore"] = ["VD103"]
        editor.client.workspace_did_change_configuration(t.DidChangeConfigurationParams(settings=None))
        await editor.until(lambda: editor.refreshes > 0)
        assert await editor.diagnostics(uri) == []


async def test_settings_at_the_start_count_for_a_client_that_cannot_be_asked(project):
    async with start("kate", project, settings={"ignore": ["VD103"]}) as editor:
        assert await editor.diagnostics(editor.open("vat.py")) == []


async def test_an_edited_configuration_file_takes_effect(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py")
        assert len(await editor.diagnostics(uri)) == 1
        (project / "pyproject.toml").write_text('[tool.vatdata-lint]\nignore = ["VD103"]\n')
        change = t.FileEvent(editor.uri("pyproject.toml"), t.FileChangeType.Changed)
        editor.client.workspace_did_change_watched_files(t.DidChangeWatchedFilesParams([change]))
        assert await editor.diagnostics(uri) == []


async def test_an_unusable_configuration_is_said_once_with_the_nearest_key(project):
    (project / "pyproject.toml").write_text('[tool.vatdata-lint]\nignor = ["VD103"]\n')
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py")
        for text in (CLEAN, LATE):
            editor.change(uri, text)
            await editor.diagnostics(uri)
        assert [message.message.partition("pyproject.toml: ")[2] for message in editor.messages] == [
            "unknown key 'ignor'; did you mean 'ignore'?"
        ]


async def test_each_folder_has_its_own_configuration(project, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "pyproject.toml").write_text('[tool.vatdata-lint]\nignore = ["VD103"]\n')
    (other / "helper.py").write_text(HELPER)
    (other / "vat.py").write_text(LATE)
    async with start("vscode", project, folders=[project, other]) as editor:
        assert len(await editor.diagnostics(editor.open("vat.py"))) == 1
        assert await editor.diagnostics(editor.open("../other/vat.py")) == []


async def test_a_folder_that_is_added_is_checked_and_one_that_is_removed_is_not(project, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    async with start("vscode", project, folders=[empty]) as editor:
        folder = t.WorkspaceFolder(uri=project.as_uri(), name="")

        def change(added, removed):
            event = t.WorkspaceFoldersChangeEvent(added=added, removed=removed)
            editor.client.workspace_did_change_workspace_folders(t.DidChangeWorkspaceFoldersParams(event))

        assert shown(await editor.pull_workspace()) == []
        held = asyncio.ensure_future(editor.pull_workspace())
        change([folder], [])
        report = await held
        assert shown(report) == [("vat.py", 1)]
        held = asyncio.ensure_future(
            editor.pull_workspace({item.uri: item.result_id for item in report.items})
        )
        change([], [folder])
        assert shown(await held) == [("vat.py", 0)]


async def test_an_open_file_that_the_command_leaves_out_is_left_out_here_too(project):
    (project / "pyproject.toml").write_text('[tool.vatdata-lint]\nextend-exclude = ["vat.py"]\n')
    async with start("vscode", project) as editor:
        assert await editor.diagnostics(editor.open("vat.py")) == []


async def test_an_open_file_that_comes_to_be_ignored_is_left_out_until_it_is_not(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py")
        assert len(await editor.diagnostics(uri)) == 1
        change = t.DidChangeWatchedFilesParams(
            [t.FileEvent(editor.uri(".gitignore"), t.FileChangeType.Changed)]
        )
        (project / ".gitignore").write_text("vat.py\n")
        editor.client.workspace_did_change_watched_files(change)
        assert await editor.diagnostics(uri) == []
        (project / ".gitignore").write_text("")
        editor.client.workspace_did_change_watched_files(change)
        assert len(await editor.diagnostics(uri)) == 1


async def test_a_document_can_be_asked_for_that_is_not_open(project):
    async with start("vscode", project) as editor:
        assert len(await editor.diagnostics(editor.uri("vat.py"))) == 1


async def test_a_folder_under_a_link_keeps_the_clients_spelling(project, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(project)
    async with start("vscode", link) as editor:
        (found,) = await editor.diagnostics(editor.open("vat.py"))
        assert {step.location.uri.rpartition("/")[0] for step in found.related_information} == {link.as_uri()}


def run_command(project, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    code = "import sys; from vatdata_lint.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, check=False)


def command_says(project, *options: str) -> list[tuple[object, ...]]:
    """Findings of the command: path, code, range with lines and columns from 1, message."""
    done = run_command(project, "check", "--output-format", "json", "--no-cache", *options, ".")
    keys = ("path", "code", "line", "column", "end_line", "end_column", "message")
    return [tuple(item[key] for key in keys) for item in json.loads(done.stdout)["findings"]]


async def test_the_command_and_the_editor_say_the_same_of_a_tree(project):
    (project / "pkg").mkdir()
    (project / "pkg" / "other.py").write_text(
        LATE.replace("from helper", "x = '😋'\r\nfrom helper"), newline=""
    )
    (project / "broken.py").write_text(HELPER + "def (\n")
    (project / "idle.py").write_text("é = 1  # vatdata: ignore[VD102] 😋\n")
    said = command_says(project)
    assert {item[1] for item in said} == {"VD103", "VD900", "VD901"}
    assert await editor_says(project) == said


async def editor_says(project) -> list[tuple[object, ...]]:
    """What an editor is told of a tree, in the words of `command_says`, in the order of the paths."""
    async with start("vscode", project, encoding="utf-32") as editor:
        report = await editor.pull_workspace()
    return [
        (
            item.uri.removeprefix(project.as_uri() + "/"),
            found.code,
            found.range.start.line + 1,
            found.range.start.character + 1,
            found.range.end.line + 1,
            found.range.end.character + 1,
            found.message.partition("\nhelp: ")[0],
        )
        for item in sorted(report.items, key=lambda item: item.uri)
        for found in item.items
    ]


async def test_the_command_and_the_editor_say_the_same_of_every_case_of_every_rule(project):
    """Each case is a package of its own in one workspace; the findings are equal byte for byte."""
    count = 0
    for rule in all_rules():
        for number, case in enumerate(cases_of(rule)):
            for name, text in case.files.items():
                if name.endswith(".py"):
                    file = project / f"{rule.CODE.lower()}_{number}" / name
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(text, encoding="utf-8")
                    count += 1
    assert count >= 50
    said = command_says(project)
    assert len({item[1] for item in said}) >= 10
    assert json.dumps(await editor_says(project)).encode() == json.dumps(said).encode()


async def test_settings_are_asked_for_each_folder(project, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    for name, text in (("helper.py", HELPER), ("vat.py", LATE)):
        (other / name).write_text(text)
    async with start("vscode", project, folders=[project, other]) as editor:
        editor.settings_by_scope[other.as_uri()] = {"ignore": ["VD103"]}
        editor.client.workspace_did_change_configuration(t.DidChangeConfigurationParams(settings=None))
        mine, others = editor.open("vat.py"), editor.open("../other/vat.py")
        assert len(await editor.diagnostics(mine)) == 1
        assert await editor.diagnostics(others) == []


async def test_the_lock_of_kinds_is_compared_as_the_command_does_and_again_when_it_changes(project):
    (project / "vat.py").write_text(CLEAN)
    run_command(project, "lock")
    lock = (project / "kinds.lock").read_text()
    (project / "kinds.lock").write_text(lock.replace("Purse", "Wallet"))
    async with start("vscode", project, encoding="utf-32") as editor:
        report = await editor.pull_workspace()
        found = {item.code for file in report.items for item in file.items}
        assert found == {item[1] for item in command_says(project)}
        assert found == {"VD120"}
        (project / "kinds.lock").write_text(lock)
        change = t.FileEvent(editor.uri("kinds.lock"), t.FileChangeType.Changed)
        editor.client.workspace_did_change_watched_files(t.DidChangeWatchedFilesParams([change]))
        known = {item.uri: item.result_id for item in report.items}
        assert {len(item.items) for item in (await editor.pull_workspace(known)).items} == {0}
