"""Hover: in which crank a call runs and why, who calls a function in the first crank, what a code means."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types as t

from vatdata_lint import Location
from vatdata_lsp.documents import Document
from vatdata_lsp.server import VatdataServer
from vatdata_lsp.suppress import comment_word
from vatdata_lsp.text import from_units
from vatdata_lsp.worker.messages import Explain, FirstCrankCalls

__all__ = ["register"]

CRANKS = {
    "first": "Runs in the first crank",
    "maybe-later": "May run after the first crank, or not at all",
    "later": "Runs after the first crank",
    "unknown": "It is not known in which crank this runs",
}
_DEF = re.compile(r"\s*(?:async\s+)?def\s+(?P<name>\w+)")


def register(server: VatdataServer) -> None:
    """Add the handler of hover."""
    session = server.session

    @server.feature(t.TEXT_DOCUMENT_HOVER)
    async def hover(params: t.HoverParams) -> t.Hover | None:
        document = session.documents.get(params.text_document.uri)
        if document is None or document.path is None:
            return None
        line = document.text.line(params.position.line)
        column = from_units(line, params.position.character, session.client.encoding)
        return (
            await _rule(line, column)
            or await _call(document.path, params.position.line + 1, column)
            or await _function(document, params.position.line, column)
        )

    async def _rule(line: str, column: int) -> t.Hover | None:
        found = comment_word(line, column)
        if found is None:
            return None
        await session.current()
        for rule in session.rules.values():
            if found.word.upper() == rule.code or found.word.lower() == rule.name:
                return t.Hover(contents=_content([f"{rule.name} ({rule.code}): {rule.summary}"], rule.page))
        return None

    async def _call(path: str, line: int, column: int) -> t.Hover | None:
        said = await session.ask(Explain(path, line, column))
        if said is None:
            return None
        found = said.explanation
        head = CRANKS.get(found.crank, CRANKS["unknown"])
        kinds = ", ".join(f"'{kind}'" if kind else "a kind of unknown name" for kind in found.kinds)
        lines = [f"{head}: {found.reason}", f"Defines {kinds}"]
        lines += [f"- {_place(step.location)} {step.message}" for step in found.chain]
        return t.Hover(contents=_content(lines), range=server.converter().range(found.location, said.lines))

    async def _function(document: Document, line: int, column: int) -> t.Hover | None:
        found = _DEF.match(document.text.line(line))
        if found is None or not found.start("name") <= column <= found.end("name"):
            return None
        reply = await session.ask(FirstCrankCalls(document.path or "", line + 1))
        if reply is None or not reply.calls:
            return None
        nodes = [node for call in reply.calls for node in (call.caller, call.callee)]
        mine = next(
            (n for n in nodes if n.location.path == document.path and n.location.line == line + 1), None
        )
        if mine is None:
            return None
        role = "The first crank starts here" if mine.role == "entry" else "Defines kinds in its caller's turn"
        lines = [role]
        lines += [
            f"- called by {c.caller.label} {_place(c.location)}" for c in reply.calls if c.callee == mine
        ]
        lines += [
            f"- leads to {c.callee.label} {_place(c.location)}" for c in reply.calls if c.caller == mine
        ]
        return t.Hover(contents=_content(lines))

    def _place(location: Location) -> str:
        name = f"{location.path.rpartition('/')[2]}:{location.line}"
        if not session.client.markdown:
            return f"({name})"
        return f"([{name}]({server.converter().uri(location.path)}#L{location.line}))"

    def _content(lines: Sequence[str], page: str | None = None) -> t.MarkupContent:
        if session.client.markdown:
            head = f"**{lines[0]}**\n\n" + "\n".join(lines[1:])
            return t.MarkupContent(kind=t.MarkupKind.Markdown, value=page or head)
        return t.MarkupContent(kind=t.MarkupKind.PlainText, value="\n".join(lines))
