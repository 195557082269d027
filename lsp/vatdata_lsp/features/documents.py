"""Open, change, save, close: the texts that the editor holds."""

from __future__ import annotations

from lsprotocol import types as t

from vatdata_lsp.server import VatdataServer

__all__ = ["register"]


def register(server: VatdataServer) -> None:
    """Add the handlers of document synchronisation."""

    @server.feature(t.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: t.DidOpenTextDocumentParams) -> None:
        session = server.session
        document = session.documents.open(params.text_document)
        session.touch(document.path)

    @server.feature(t.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: t.DidChangeTextDocumentParams) -> None:
        session = server.session
        document = session.documents.change(params)
        if document is not None:
            session.touch(document.path)

    @server.feature(t.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: t.DidSaveTextDocumentParams) -> None:
        # A check looks at every file again, so that it also finds what changed beside the editor where the
        # client cannot watch files; and Flymake waits for a report after each save, even an equal one.
        document = server.session.documents.get(params.text_document.uri)
        server.session.touch(document.path if document is not None else None)

    @server.feature(t.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: t.DidCloseTextDocumentParams) -> None:
        session = server.session
        document = session.documents.close(params.text_document.uri)
        if document is not None:
            session.touch(document.path)
