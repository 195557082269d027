"""Diagnostics for clients that ask: document by document, and for the whole workspace with a held answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

from lsprotocol import types as t

from vatdata_lsp.convert import SOURCE
from vatdata_lsp.server import VatdataServer

__all__ = ["BATCH", "register"]

BATCH = 64
"""Files a partial result holds."""
CLEAN = "clean"
"""Result id of a file without findings."""

Report = t.WorkspaceFullDocumentDiagnosticReport | t.WorkspaceUnchangedDocumentDiagnosticReport


def register(server: VatdataServer) -> None:
    """Add the handlers of pulled diagnostics."""
    session = server.session
    answered: dict[str, str] = {}
    news = asyncio.Event()
    parked: list[asyncio.Event] = []

    def result_id(path: str | None) -> str:
        found = session.findings.get(path) if path is not None else None
        return found.result_id if found is not None else CLEAN

    def heard(changed: frozenset[str]) -> None:
        """Wake the held request, and make the client ask again for open files that an edit elsewhere changed."""
        news.set()
        if not session.client.refreshes:
            return
        for document in session.documents:
            known = answered.get(document.uri)
            if document.path in changed and known is not None and known != result_id(document.path):
                answered.pop(document.uri)
                server.workspace_diagnostic_refresh(None)
                return

    session.listeners.append(heard)

    @server.feature(
        t.TEXT_DOCUMENT_DIAGNOSTIC,
        t.DiagnosticOptions(identifier=SOURCE, inter_file_dependencies=True, workspace_diagnostics=True),
    )
    async def document_diagnostic(params: t.DocumentDiagnosticParams) -> t.DocumentDiagnosticReport:
        uri = params.text_document.uri
        answered.pop(uri, None)
        await session.current()
        document = session.documents.get(uri)
        path = document.path if document is not None else None
        found = session.findings.get(path) if path is not None else None
        now = result_id(path)
        answered[uri] = now
        if params.previous_result_id == now:
            return t.RelatedUnchangedDocumentDiagnosticReport(result_id=now)
        return t.RelatedFullDocumentDiagnosticReport(
            items=server.converter().diagnostics(found), result_id=now
        )

    def reports(previous: Mapping[str, str]) -> Iterator[Report]:
        """Yield what the client does not know yet; open files first."""
        converter = server.converter()
        paths = {converter.uri(path): path for path in session.findings}
        wanted = {uri: path for uri, path in paths.items() if session.settings_of(path).workspace}
        order = sorted(wanted, key=lambda uri: (session.documents.get(uri) is None, uri))
        for uri in order:
            path = wanted[uri]
            now = result_id(path)
            if previous.get(uri) != now:
                document = session.documents.get(uri)
                yield t.WorkspaceFullDocumentDiagnosticReport(
                    uri=uri,
                    version=document.version if document is not None else None,
                    items=converter.diagnostics(session.findings[path]),
                    result_id=now,
                )
        for uri in previous.keys() - wanted.keys():
            if previous[uri] != CLEAN:
                document = session.documents.get(uri)
                yield t.WorkspaceFullDocumentDiagnosticReport(
                    uri=uri,
                    version=document.version if document is not None else None,
                    items=[],
                    result_id=CLEAN,
                )

    @server.feature(t.WORKSPACE_DIAGNOSTIC)
    async def workspace_diagnostic(params: t.WorkspaceDiagnosticParams) -> t.WorkspaceDiagnosticReport:
        for other in parked:
            other.set()  # a client holds one such request; the older one is answered with nothing
        parked.clear()
        previous = {item.uri: item.value for item in params.previous_result_ids}
        superseded = asyncio.Event()
        parked.append(superseded)
        while not superseded.is_set():
            news.clear()
            await session.current()
            found = list(reports(previous))
            if found:
                return _answer(found, params.partial_result_token)
            await _first(news, superseded)
        return t.WorkspaceDiagnosticReport(items=[])

    def _answer(found: list[Report], token: t.ProgressToken | None) -> t.WorkspaceDiagnosticReport:
        if token is None:
            return t.WorkspaceDiagnosticReport(items=found)
        for start in range(0, len(found), BATCH):
            part = t.WorkspaceDiagnosticReportPartialResult(items=found[start : start + BATCH])
            server.progress(t.ProgressParams(token=token, value=part))
        return t.WorkspaceDiagnosticReport(items=[])


async def _first(*events: asyncio.Event) -> None:
    """Wait for the first of several events."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
