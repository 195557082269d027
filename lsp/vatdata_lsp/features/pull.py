"""Diagnostics for clients that ask: document by document, and for the whole workspace with a held answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

from vatdata_lsp.convert import SOURCE
from vatdata_lsp.server import VatdataServer
from vatdata_lsp.worker.messages import FileFindings

__all__ = ["BATCH", "register"]

BATCH = 64
"""Files a partial result holds."""
CLEAN = "clean"
"""Result id of a file without findings."""

SERVER_CANCELLED = -32802

Report = t.WorkspaceFullDocumentDiagnosticReport | t.WorkspaceUnchangedDocumentDiagnosticReport


def register(server: VatdataServer) -> None:
    """Add the handlers of pulled diagnostics."""
    session = server.session
    answered: dict[str, str] = {}
    news = asyncio.Event()
    has_answered = False
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
        if not await session.current():
            raise _cancelled()
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

    def full(uri: str, items: list[t.Diagnostic], now: str) -> Report:
        document = session.documents.get(uri)
        return t.WorkspaceFullDocumentDiagnosticReport(
            uri=uri,
            version=document.version if document is not None else None,
            items=items,
            result_id=now,
        )

    def news_of(findings: Mapping[str, FileFindings], previous: Mapping[str, str]) -> Iterator[Report]:
        """Yield the files with findings that the client does not know yet; open files first."""
        converter = server.converter()
        wanted = {converter.uri(path): path for path in findings if session.settings_of(path).workspace}
        for uri in sorted(wanted, key=lambda uri: (session.documents.get(uri) is None, uri)):
            file = findings[wanted[uri]]
            if previous.get(uri) != file.result_id:
                yield full(uri, converter.diagnostics(file), file.result_id)

    def reports(previous: Mapping[str, str]) -> Iterator[Report]:
        """Yield all that the client does not know yet, also which files are clean now."""
        yield from news_of(session.findings, previous)
        converter = server.converter()
        shown = {converter.uri(path) for path in session.findings if session.settings_of(path).workspace}
        for uri in previous.keys() - shown:
            if previous[uri] != CLEAN:
                yield full(uri, [], CLEAN)

    def tell_early(previous: dict[str, str], token: t.ProgressToken) -> None:
        """Send what the running check is sure of, and note it as known."""
        found = list(news_of(session.early, previous))
        if found:
            _send(found, token)
            previous.update({report.uri: report.result_id or CLEAN for report in found})

    @server.feature(t.WORKSPACE_DIAGNOSTIC)
    async def workspace_diagnostic(params: t.WorkspaceDiagnosticParams) -> t.WorkspaceDiagnosticReport:
        nonlocal has_answered
        for other in parked:
            other.set()  # a client holds one such request; the older one is answered with nothing
        parked.clear()
        previous = {item.uri: item.value for item in params.previous_result_ids}
        token = params.partial_result_token
        superseded = asyncio.Event()
        parked.append(superseded)
        known = dict(previous)

        def early() -> None:
            if token is not None and not superseded.is_set():
                tell_early(known, token)

        session.early_listeners.append(early)
        try:
            early()
            while not superseded.is_set():
                news.clear()
                if not await session.current():
                    raise _cancelled()
                found = list(reports(known))
                if found and token is None:
                    return t.WorkspaceDiagnosticReport(items=found)
                # The first request is answered even with nothing: until then it looks like a check without an end.
                if found or known != previous or not has_answered:
                    _send(found, token or "")
                    break
                await _first(news, superseded)
        finally:
            has_answered = True
            session.early_listeners.remove(early)
        return t.WorkspaceDiagnosticReport(items=[])

    def _send(found: list[Report], token: t.ProgressToken) -> None:
        for start in range(0, len(found), BATCH):
            part = t.WorkspaceDiagnosticReportPartialResult(items=found[start : start + BATCH])
            server.progress(t.ProgressParams(token=token, value=part))


def _cancelled() -> JsonRpcException:
    """Return the error of a request whose check came to no end; the client need not ask again by itself."""
    return JsonRpcException(
        "the check of this text was cancelled, or failed; the next edit brings another one",
        code=SERVER_CANCELLED,
        data={"retriggerRequest": False},
    )


async def _first(*events: asyncio.Event) -> None:
    """Wait for the first of several events."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
