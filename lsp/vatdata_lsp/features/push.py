"""Diagnostics for clients that wait to be told."""

from __future__ import annotations

from lsprotocol import types as t

from vatdata_lsp.convert import Converter
from vatdata_lsp.server import VatdataServer

__all__ = ["register"]


def register(server: VatdataServer) -> None:
    """Publish after each check, with the version that was checked; unopened files too where they are wanted."""
    session = server.session
    published: set[str] = set()

    def publish(changed: frozenset[str]) -> None:
        converter = server.converter()
        for path in sorted(changed):
            _publish(path, converter)

    def _publish(path: str, converter: Converter) -> None:
        document = session.documents.at(path)
        shown = document is not None or session.settings_of(path).workspace
        diagnostics = converter.diagnostics(session.findings.get(path)) if shown else []
        uri = converter.uri(path)
        if not diagnostics and document is None and uri not in published:
            return  # clean before and after: nothing to say about a file that nobody looks at
        published.add(uri)
        if not diagnostics and document is None:
            published.discard(uri)
        server.text_document_publish_diagnostics(
            t.PublishDiagnosticsParams(
                uri=uri,
                diagnostics=diagnostics,
                version=document.version if document and session.client.diagnostic_version else None,
            )
        )

    session.listeners.append(publish)
