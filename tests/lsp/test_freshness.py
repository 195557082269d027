"""No report is about a text that has been superseded, whatever happens to the analysis meanwhile."""

from __future__ import annotations

import asyncio
import os
import random
import signal

import pytest
from lsprotocol import types as t
from vatdata_lsp.text import PositionEncoding, Text, to_units

from tests.lsp.conftest import CLEAN, HELPER, LATE
from tests.lsp.editor import start

pytestmark = pytest.mark.asyncio


async def test_an_unchanged_document_is_answered_with_its_result_id(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py")
        first = await editor.pull(uri)
        again = await editor.pull(uri, first.result_id)
        assert (again.kind, again.result_id) == ("unchanged", first.result_id)
        editor.change(uri, "\n" + LATE)
        moved = await editor.pull(uri, first.result_id)
        assert moved.kind == "full"
        assert moved.items[0].range.start.line == 6


async def test_a_burst_of_typing_is_reported_once_with_its_last_version(project):
    async with start("lsp-mode", project) as editor:
        uri = editor.open("vat.py")
        await editor.diagnostics(uri)
        editor.published.clear()
        for count in range(9):
            editor.change(uri, LATE + "#" * count + "\n")
        await editor.diagnostics(uri)
        assert [report.version for report in editor.reports(uri)] == [editor.versions[uri]]


@pytest.mark.parametrize("encoding", list(PositionEncoding), ids=lambda encoding: encoding.value)
async def test_random_edits_never_bring_a_report_that_disagrees_with_the_text(project, encoding):
    """The finding stands where the last `prepare_purse` call of the text stands, or there is none."""
    chance = random.Random(encoding.value)
    async with start("vscode", project, encoding=encoding.value) as editor:
        uri = editor.open("vat.py", CLEAN)
        text = Text(CLEAN)
        for _ in range(25):
            line = chance.randrange(3, text.line_count)
            inserted = chance.choice(["# 😋\r\n", "# a\fb\u2028c\n", "\n", "# é\x85\r\n"])
            start_of_line = t.Position(line, 0)
            if text.content.count("await") == 0 and chance.random() < 0.5:
                body = next(n for n, content in enumerate(text.lines()) if "def build" in content) + 1
                start_of_line, inserted = t.Position(body, 0), '    "😋"; await vat_powers.load()\n'
            if start_of_line.line and text.line(start_of_line.line - 1).endswith("\\"):
                continue
            change = t.TextDocumentContentChangePartial(t.Range(start_of_line, start_of_line), inserted)
            editor.send_changes(uri, [change])
            where = (start_of_line.line, 0)
            text = text.replace(where, where, inserted, encoding)
            if chance.random() < 0.4:
                continue
            found = await editor.diagnostics(uri)
            if "await" not in text.content:
                assert found == []
                continue
            (finding,) = found
            call = text.content.index("prepare_purse(baggage)")
            line, column = text.position(call)
            assert finding.range.start == t.Position(line, to_units(text.line(line), column, encoding))


async def test_a_statement_that_does_not_parse_keeps_the_other_findings_at_their_places(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py")
        await editor.pull(uri)
        editor.change(uri, "import (\n\n" + LATE)
        found = await editor.diagnostics(uri)
        assert [(item.code, item.range.start.line) for item in found] == [("VD900", 0), ("VD103", 7)]


async def test_other_files_keep_their_findings_while_a_file_does_not_parse(project):
    async with start("vscode", project) as editor:
        vat, helper = editor.open("vat.py"), editor.open("helper.py")
        (before,) = await editor.diagnostics(vat)
        editor.change(helper, HELPER + "def half(\n")
        (during,) = await editor.diagnostics(vat)
        assert during.message == before.message
        assert [item.code for item in await editor.diagnostics(helper)] == ["VD900"]


async def test_an_edit_elsewhere_makes_the_client_ask_again(project):
    async with start("vscode", project) as editor:
        vat, helper = editor.open("vat.py"), editor.open("helper.py")
        assert len(await editor.diagnostics(vat)) == 1
        editor.change(helper, "def prepare_purse(baggage):\n    return None\n")
        await editor.until(lambda: editor.refreshes > 0)
        assert await editor.diagnostics(vat) == []


async def test_a_killed_worker_is_replaced_and_the_user_told_once(project):
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py")
        await editor.pull(uri)
        for text in (CLEAN, LATE, CLEAN):
            (worker,) = editor.worker_pids()
            os.kill(worker, signal.SIGKILL)
            editor.change(uri, text)
            assert len(await editor.diagnostics(uri)) == (text == LATE)
        assert len(editor.messages) == 1
        assert "was started again" in editor.messages[0].message


async def test_a_worker_killed_at_any_moment_leaves_no_wrong_answer_and_is_told_of_once(project):
    chance = random.Random(7)
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py")
        killed: list[int] = []
        for round_ in range(12):
            text = CLEAN if round_ % 2 else LATE
            editor.change(uri, text)
            asked = asyncio.ensure_future(editor.diagnostics(uri))
            await asyncio.sleep(chance.random() * 0.1)  # before, during or after the check
            pids = editor.worker_pids()
            if (
                pids and round_ - 1 not in killed and chance.random() < 0.8
            ):  # two deaths in one check are a failure
                os.kill(pids[0], signal.SIGKILL)
                killed.append(round_)
            assert len(await asked) == (text == LATE)
        assert len(killed) >= 3
        assert ["was started again" in message.message for message in editor.messages] == [True]


async def test_random_edits_during_slow_checks_bring_only_reports_of_the_newest_version(project):
    """Version n of the text begins with n empty lines: the place of the finding tells which text was checked.

    An answer shows that the server has read all edits sent before: no older version is reported from then on.
    """
    chance = random.Random(11)
    for number in range(100):
        (project / f"other{number}.py").write_text(LATE)
    async with start("lsp-mode", project) as editor:
        uri = editor.open("vat.py")
        await editor.diagnostics(uri)
        checked = 0
        (worker,) = editor.worker_pids()
        try:
            for _ in range(40):
                os.kill(worker, chance.choice([signal.SIGSTOP, signal.SIGCONT]))
                for _ in range(chance.randrange(1, 4)):
                    editor.change(uri, "\n" * (editor.versions[uri] + 1) + LATE)
                nowhere = t.HoverParams(t.TextDocumentIdentifier("untitled:1"), t.Position(0, 0))
                await editor.client.text_document_hover_async(nowhere)
                before = len(editor.reports(uri))
                await asyncio.sleep(chance.random() * 0.2)  # some checks end, some are given up
                newer = editor.reports(uri)[before:]
                assert {report.version for report in newer} <= {editor.versions[uri]}
                checked += len(newer)
        finally:
            os.kill(worker, signal.SIGCONT)
        await editor.until(lambda: editor.reports(uri)[-1].version == editor.versions[uri])
        assert checked >= 3
        for report in editor.reports(uri)[1:]:
            ((line,),) = [[item.range.start.line for item in report.diagnostics]]
            assert line == 5 + (report.version if report.version > 1 else 0)


async def test_a_worker_that_hangs_is_replaced(project):
    async with start("vscode", project, settings={"analysisTimeout": 2}) as editor:
        uri = editor.open("vat.py")
        await editor.pull(uri)
        (worker,) = editor.worker_pids()
        os.kill(worker, signal.SIGSTOP)
        editor.change(uri, CLEAN)
        assert await editor.diagnostics(uri) == []
        assert editor.worker_pids() != [worker]


async def test_an_edit_gives_up_the_check_of_the_text_before(project):
    for number in range(200):
        (project / f"other{number}.py").write_text(LATE)
    async with start("vscode", project) as editor:
        uri = editor.open("vat.py")
        answers = [asyncio.ensure_future(editor.pull(uri))]
        await asyncio.sleep(0)
        editor.change(uri, CLEAN)
        answers.append(asyncio.ensure_future(editor.pull(uri)))
        assert [list((await answer).items) for answer in answers] == [[], []]
