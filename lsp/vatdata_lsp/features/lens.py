"""Code lenses on entry points and, where they are switched on, marks at the calls that define kinds."""

from __future__ import annotations

from lsprotocol import types as t

from vatdata_lsp.features.commands import SHOW_FIRST_CRANK
from vatdata_lsp.server import VatdataServer
from vatdata_lsp.wording import first_crank_title
from vatdata_lsp.worker.messages import Outline

__all__ = ["register"]

CRANKS = {"first": "crank 1", "maybe-later": "crank 1 or never", "later": "a later crank"}
SUSPENSION = "the first crank may end here"


def register(server: VatdataServer) -> None:
    """Add the handlers of lenses and inlay hints, and their refresh when findings change."""
    session = server.session
    seen: dict[str, str] = {}

    def heard(changed: frozenset[str]) -> None:
        now = {path: file.result_id for path, file in session.findings.items()}
        if now == seen:
            return
        seen.clear()
        seen.update(now)
        if session.client.refreshes_lenses:
            server.workspace_code_lens_refresh(None)
        if session.client.refreshes_hints:
            server.workspace_inlay_hint_refresh(None)

    session.listeners.append(heard)

    @server.feature(t.TEXT_DOCUMENT_CODE_LENS)
    async def code_lens(params: t.CodeLensParams) -> list[t.CodeLens]:
        document = session.documents.get(params.text_document.uri)
        if document is None or document.path is None or not session.settings_of(document.path).code_lens:
            return []
        reply = await session.ask(Outline(document.path))
        if reply is None:
            return []
        lenses: list[t.CodeLens] = []
        for entry in reply.entries:
            start = server.converter().position(
                document.path, entry.location.line, entry.location.column, reply.lines
            )
            command = t.Command(
                title=first_crank_title(entry),
                command=SHOW_FIRST_CRANK,
                arguments=[document.uri, entry.name],
            )
            lenses.append(t.CodeLens(range=t.Range(start=start, end=start), command=command))
        return lenses

    @server.feature(t.TEXT_DOCUMENT_INLAY_HINT)
    async def inlay_hint(params: t.InlayHintParams) -> list[t.InlayHint]:
        document = session.documents.get(params.text_document.uri)
        if document is None or document.path is None or not session.settings_of(document.path).inlay_hints:
            return []
        reply = await session.ask(Outline(document.path))
        if reply is None:
            return []
        marks = [(call.location, CRANKS.get(call.crank, "crank unknown")) for call in reply.calls]
        marks += [
            (entry.suspends, SUSPENSION)
            for entry in reply.entries
            if entry.suspends is not None and entry.suspends.path == document.path
        ]
        hints: list[t.InlayHint] = []
        for place, label in sorted(marks):
            if params.range.start.line <= place.end_line - 1 <= params.range.end.line:
                end = server.converter().position(place.path, place.end_line, place.end_column, reply.lines)
                hints.append(t.InlayHint(position=end, label=label, padding_left=True))
        return hints
