"""Edits as the protocol has them, of open files with their versions, and of files on the disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lsprotocol import types as t

from vatdata_lint import Edit
from vatdata_lsp.server import VatdataServer
from vatdata_lsp.text import Text
from vatdata_lsp.worker.messages import Change

__all__ = ["difference", "edit_of_changes", "workspace_edit"]


def edit_of_changes(server: VatdataServer, changes: Sequence[Change]) -> t.WorkspaceEdit:
    """Return the edit that makes whole new texts from old ones."""
    old = {change.path: Text(change.old) for change in changes}
    edits = [difference(change.path, old[change.path], change.new) for change in changes]
    return workspace_edit(server, edits, old)


def workspace_edit(
    server: VatdataServer, edits: Sequence[Edit], texts: Mapping[str, Text] | None = None
) -> t.WorkspaceEdit:
    """Return edits in the form that the client takes.

    Args:
        server: With a session.
        edits: With lines from 1 and columns in code points.
        texts: By path, the texts that edits of files that are not open were made for; without one, what a
            finding knows of its lines has to do.
    """
    session = server.session
    converter = server.converter()
    by_path: dict[str, list[t.TextEdit]] = {}
    for edit in sorted(edits, key=lambda item: (item.path, item.start)):
        document = session.documents.at(edit.path)
        text = document.text if document is not None else (texts or {}).get(edit.path)
        if text is not None:
            lines = {(edit.path, line): text.line(line - 1) for line in (edit.start[0], edit.end[0])}
        else:
            known = session.findings.get(edit.path)
            lines = dict(known.lines) if known is not None else {}
        converted = converter.edit(edit, lines)
        if text is not None and "\r\n" in text.content:
            converted.new_text = converted.new_text.replace("\r\n", "\n").replace("\n", "\r\n")
        by_path.setdefault(edit.path, []).append(converted)
    if not session.client.document_changes:
        return t.WorkspaceEdit(changes={converter.uri(path): made for path, made in by_path.items()})
    documents = {path: session.documents.at(path) for path in by_path}
    return t.WorkspaceEdit(
        document_changes=[
            t.TextDocumentEdit(
                text_document=t.OptionalVersionedTextDocumentIdentifier(
                    uri=converter.uri(path), version=document.version if document is not None else None
                ),
                edits=list(by_path[path]),
            )
            for path, document in documents.items()
        ]
    )


def difference(path: str, old: Text, new: str) -> Edit:
    """Return the one edit between what two texts have in common at both ends."""
    before = old.content
    shortest = min(len(before), len(new))
    head = next((n for n in range(shortest) if before[n] != new[n]), shortest)
    room = shortest - head
    tail = next((n for n in range(room) if before[-1 - n] != new[-1 - n]), room)
    start, end = old.position(head), old.position(len(before) - tail)
    return Edit(path, (start[0] + 1, start[1]), (end[0] + 1, end[1]), new[head : len(new) - tail])
