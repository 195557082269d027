"""Diagnostics of a document for clients that ask, and the word to ask again."""

from __future__ import annotations

from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

from vatdata_lsp.convert import SOURCE
from vatdata_lsp.documents import path_of
from vatdata_lsp.features import workspace_pull
from vatdata_lsp.server import VatdataServer

__all__ = ["register"]

SERVER_CANCELLED = -32802


def register(server: VatdataServer) -> None:
    """Add the handlers of pulled diagnostics."""
    session = server.session
    answered: dict[str, str] = {}

    def result_id(path: str | None) -> str:
        found = session.findings.get(path) if path is not None else None
        return found.result_id if found is not None else workspace_pull.CLEAN

    def heard(changed: frozenset[str]) -> None:
        """Make the client ask again for open files that an edit elsewhere changed."""
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
            raise cancelled()
        path = path_of(uri)
        found = session.findings.get(path) if path is not None else None
        now = result_id(path)
        answered[uri] = now
        if params.previous_result_id == now:
            return t.RelatedUnchangedDocumentDiagnosticReport(result_id=now)
        return t.RelatedFullDocumentDiagnosticReport(
            items=server.converter().diagnostics(found), result_id=now
        )

    requests = workspace_pull.Requests(server)

    @server.feature(t.WORKSPACE_DIAGNOSTIC)
    async def workspace_diagnostic(params: t.WorkspaceDiagnosticParams) -> t.WorkspaceDiagnosticReport:
        report = await requests.answer(params)
        if report is None:
            raise cancelled()
        return report


def cancelled() -> JsonRpcException:
    """Return the error of a request whose check came to no end; the client need not ask again by itself."""
    return JsonRpcException(
        "the check of this text was cancelled, or failed; the next edit brings another one",
        code=SERVER_CANCELLED,
        data={"retriggerRequest": False},
    )
