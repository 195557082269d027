"""Diagnostics of the whole workspace for clients that ask: in parts, the answer held until there is news."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from lsprotocol import types as t

from vatdata_lsp.documents import path_of
from vatdata_lsp.server import VatdataServer
from vatdata_lsp.worker.messages import FileFindings

__all__ = ["BATCH", "CLEAN", "Requests"]

BATCH = 64
"""Files a partial result holds."""
CLEAN = "clean"
"""Result id of a file without findings."""

Report = t.WorkspaceFullDocumentDiagnosticReport | t.WorkspaceUnchangedDocumentDiagnosticReport


class Known:
    """What a client knows: result ids by path, and how it spells the addresses."""

    def __init__(self, previous: Sequence[t.PreviousResultId]) -> None:
        self.ids: dict[str, str] = {}
        self.uris: dict[str, str] = {}
        for item in previous:
            place = path_of(item.uri) or item.uri
            self.ids[place] = item.value
            self.uris[place] = item.uri


class Requests:
    """Answers `workspace/diagnostic`; of several requests the newest counts."""

    def __init__(self, server: VatdataServer) -> None:
        self._server = server
        self._session = server.session
        self._news = asyncio.Event()
        self._newest: asyncio.Event | None = None
        self._has_answered = False
        self._session.listeners.append(lambda changed: self._news.set())

    async def answer(self, params: t.WorkspaceDiagnosticParams) -> t.WorkspaceDiagnosticReport | None:
        """Return what the client does not know yet, None where the check came to no end.

        With a token, reports are sent as they come. The first request is answered also where nothing is found, since
        until then it looks like a check without an end; later ones are held until there is something to say.
        """
        if self._newest is not None:
            self._newest.set()  # a client holds one such request; the older one is answered with nothing
        superseded = self._newest = asyncio.Event()
        known, token = Known(params.previous_result_ids), params.partial_result_token
        has_sent = False

        def early() -> None:
            """Send what the running check is sure of, and note it as known."""
            nonlocal has_sent
            if token is not None and not superseded.is_set():
                has_sent |= self._send(list(self._news_of(self._session.early, known)), token, known)

        self._session.early_listeners.append(early)
        try:
            early()
            while not superseded.is_set():
                self._news.clear()
                if not await self._session.current():
                    return None
                found = [*self._news_of(self._session.findings, known), *self._clean_now(known)]
                if token is not None:
                    has_sent |= self._send(found, token, known)
                    found = []
                if found or has_sent or not self._has_answered:
                    return t.WorkspaceDiagnosticReport(items=found)
                await _first(self._news, superseded)
        finally:
            self._has_answered = True
            self._session.early_listeners.remove(early)
        return t.WorkspaceDiagnosticReport(items=[])

    def _news_of(self, findings: Mapping[str, FileFindings], known: Known) -> Iterator[Report]:
        """Yield the files with findings that the client does not know yet; open files first."""
        converter = self._server.converter()
        documents = self._session.documents
        wanted = [path for path in findings if self._is_shown(path)]
        for path in sorted(wanted, key=lambda path: (documents.at(path) is None, path)):
            file = findings[path]
            if known.ids.get(path) != file.result_id:
                yield self._full(path, known, converter.diagnostics(file), file.result_id)

    def _clean_now(self, known: Known) -> Iterator[Report]:
        """Yield the files that the client shows findings of although there are none any more."""
        for place, value in known.ids.items():
            if value != CLEAN and not (place in self._session.findings and self._is_shown(place)):
                yield self._full(place, known, [], CLEAN)

    def _is_shown(self, path: str) -> bool:
        is_open = self._session.documents.at(path) is not None
        return is_open or self._session.settings_of(path).workspace

    def _full(self, place: str, known: Known, items: list[t.Diagnostic], result_id: str) -> Report:
        document = self._session.documents.at(place)
        known_uri = known.uris.get(place)
        uri = document.uri if document is not None else known_uri or self._server.converter().uri(place)
        return t.WorkspaceFullDocumentDiagnosticReport(
            uri=uri,
            version=document.version if document is not None else None,
            items=items,
            result_id=result_id,
        )

    def _send(self, found: Sequence[Report], token: t.ProgressToken, known: Known) -> bool:
        """Send reports in parts, and note them as known; say whether there were any."""
        for start in range(0, len(found), BATCH):
            part = t.WorkspaceDiagnosticReportPartialResult(items=found[start : start + BATCH])
            self._server.progress(t.ProgressParams(token=token, value=part))
        for report in found:
            known.ids[path_of(report.uri) or report.uri] = report.result_id or CLEAN
        return bool(found)


async def _first(*events: asyncio.Event) -> None:
    """Wait for the first of several events."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
