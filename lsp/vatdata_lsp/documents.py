"""The documents that the editor has open, each in its newest version."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

from lsprotocol import types as t

from vatdata_lsp.text import PositionEncoding, Text

__all__ = ["Document", "Documents", "path_of", "uri_of"]


@dataclass(frozen=True, slots=True)
class Document:
    """One version of an open document; ``path`` is None for one that is no file."""

    uri: str
    path: str | None
    version: int
    text: Text


def path_of(uri: str) -> str | None:
    """Return the absolute path of a ``file:`` address, None for any other.

    Clients escape more or fewer characters of the same path, so only paths can be compared.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file" or not parts.path.startswith("/"):
        return None
    path = os.fsdecode(unquote_to_bytes(parts.path))  # pygls decodes twice: a folder may be called "100%25"
    return path if parts.netloc in ("", "localhost") else f"//{parts.netloc}{path}"


def uri_of(path: str) -> str:
    """Return the address of an absolute path."""
    return "file://" + quote_from_bytes(os.fsencode(path))


class Documents:
    """Open documents by the address that the editor uses for them."""

    def __init__(self, encoding: PositionEncoding) -> None:
        self.encoding = encoding
        self._by_uri: dict[str, Document] = {}
        self._by_path: dict[str, Document] = {}

    def __iter__(self) -> Iterator[Document]:
        return iter(self._by_uri.values())

    def get(self, uri: str) -> Document | None:
        """Return an open document by its address."""
        return self._by_uri.get(uri)

    def at(self, path: str) -> Document | None:
        """Return an open document by its path."""
        return self._by_path.get(path)

    def texts(self) -> dict[str, Text]:
        """Return the newest text of each open file by path."""
        return {path: document.text for path, document in self._by_path.items()}

    def open(self, item: t.TextDocumentItem) -> Document:
        """Take a document's first text."""
        document = Document(item.uri, path_of(item.uri), item.version, Text(item.text))
        self._keep(document)
        return document

    def change(self, params: t.DidChangeTextDocumentParams) -> Document | None:
        """Make the edits of one message, in order; None when the document is not open."""
        known = self._by_uri.get(params.text_document.uri)
        if known is None:
            return None
        text = self._edited(known.text, params.content_changes)
        document = Document(known.uri, known.path, params.text_document.version, text)
        self._keep(document)
        return document

    def close(self, uri: str) -> Document | None:
        """Forget a document; the disk counts again."""
        document = self._by_uri.pop(uri, None)
        if document is not None and document.path is not None and self._by_path[document.path] is document:
            del self._by_path[document.path]
            for other in self._by_uri.values():
                if other.path == document.path:
                    self._by_path[document.path] = other  # open under two spellings of its address
        return document

    def _keep(self, document: Document) -> None:
        self._by_uri[document.uri] = document
        if document.path is not None:
            self._by_path[document.path] = document

    def _edited(self, text: Text, changes: Sequence[t.TextDocumentContentChangeEvent]) -> Text:
        for change in changes:
            if isinstance(change, t.TextDocumentContentChangePartial):
                start, end = change.range.start, change.range.end
                text = text.replace(
                    (start.line, start.character), (end.line, end.character), change.text, self.encoding
                )
            else:
                text = Text(change.text)
        return text
