"""Completion inside suppression comments."""

from __future__ import annotations

from lsprotocol import types as t

from vatdata_lsp.server import VatdataServer
from vatdata_lsp.suppress import open_list, open_word
from vatdata_lsp.text import from_units

__all__ = ["register"]


def register(server: VatdataServer) -> None:
    """Add the handler of completion."""
    session = server.session

    @server.feature(t.TEXT_DOCUMENT_COMPLETION, t.CompletionOptions(trigger_characters=["[", ",", ":"]))
    async def completion(params: t.CompletionParams) -> list[t.CompletionItem]:
        document = session.documents.get(params.text_document.uri)
        if document is None:
            return []
        line = document.text.line(params.position.line)
        before = line[: from_units(line, params.position.character, session.client.encoding)]
        if open_word(before) is not None:
            return [
                t.CompletionItem(label=word, kind=t.CompletionItemKind.Keyword)
                for word in ("ignore", "ignore-file")
            ]
        typed = open_list(before)
        if typed is None:
            return []
        await session.current()
        file = session.findings.get(document.path or "")
        found = file.findings if file is not None else ()
        here = {item.code for item in found if abs(item.location.line - 1 - params.position.line) <= 1}
        present = {word.strip().upper() for word in typed.split(",")[:-1]}
        return [
            t.CompletionItem(
                label=rule.code,
                kind=t.CompletionItemKind.EnumMember,
                detail=rule.name,
                documentation=rule.summary,
                sort_text=f"{0 if rule.code in here else 1}{rule.code}",
                filter_text=f"{rule.code} {rule.name}",
                preselect=True if rule.code in here else None,
            )
            for rule in session.rules.values()
            if rule.suppressible and rule.code not in present
        ]
