"""Code actions: fixes and suppressions that were tried on the project before they are offered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

from vatdata_lint import Edit, Finding
from vatdata_lsp import suppress
from vatdata_lsp.documents import Document
from vatdata_lsp.server import VatdataServer
from vatdata_lsp.text import Text
from vatdata_lsp.worker.messages import FileFindings, FixAll, ProveFix

__all__ = ["FIX_ALL", "register"]

FIX_ALL = "source.fixAll.vatdata"
CONTENT_MODIFIED = -32801
KEPT_PROOFS = 512


@dataclass(frozen=True, slots=True)
class Offer:
    """A change that may be offered for a finding."""

    title: str
    finding: Finding
    edits: tuple[Edit, ...]
    preferred: bool


def register(server: VatdataServer) -> None:
    """Add the handlers of code actions, where the client can take more than commands."""
    session = server.session
    if not session.client.action_literals:
        return
    proofs: dict[tuple[int, Finding, tuple[Edit, ...]], bool] = {}

    @server.feature(
        t.TEXT_DOCUMENT_CODE_ACTION,
        t.CodeActionOptions(
            code_action_kinds=[t.CodeActionKind.QuickFix, FIX_ALL],
            resolve_provider=session.client.resolves_edits,
        ),
    )
    async def code_action(params: t.CodeActionParams) -> list[t.CodeAction]:
        if not await session.current():
            return []
        document = session.documents.get(params.text_document.uri)
        file = session.findings.get(document.path) if document is not None and document.path else None
        if document is None or file is None:
            return []
        actions: list[t.CodeAction] = []
        if _wanted(t.CodeActionKind.QuickFix.value, params.context.only):
            for finding, shown in _under(file, params.range):
                for offer in _offers(finding, document):
                    if await proved(offer):
                        actions.append(_quick_fix(offer, shown, document))
        if _wanted(FIX_ALL, params.context.only) and any(
            fix.safe for finding in file.findings for fix in finding.fixes
        ):
            actions.append(await _all_fixes(document))
        return actions

    async def proved(offer: Offer) -> bool:
        key = (session.revision, offer.finding, offer.edits)
        if key not in proofs:
            if len(proofs) >= KEPT_PROOFS:
                proofs.clear()
            proofs[key] = bool(await session.ask(ProveFix(offer.finding, offer.edits)))
        return proofs[key]

    def _under(file: FileFindings, wanted: t.Range) -> Iterator[tuple[Finding, t.Diagnostic]]:
        converter = server.converter()
        for finding in file.findings:
            shown = converter.diagnostic(finding, file.lines)
            if _touches(shown.range, wanted):
                yield finding, shown

    def _offers(finding: Finding, document: Document) -> Iterator[Offer]:
        for fix in finding.fixes:
            yield Offer(fix.title, finding, fix.edits, preferred=fix.safe and fix is finding.fixes[0])
        rule = session.rules.get(finding.code)
        if rule is not None and rule.suppressible and document.path is not None:
            path, code, text = document.path, finding.code, document.text
            line = finding.location.line
            yield Offer(
                f"Suppress {code} on this line",
                finding,
                (suppress.line_edit(path, text, line, code),),
                preferred=False,
            )
            yield Offer(
                f"Suppress {code} in this file",
                finding,
                (suppress.file_edit(path, text, code),),
                preferred=False,
            )

    def _quick_fix(offer: Offer, shown: t.Diagnostic, document: Document) -> t.CodeAction:
        action = t.CodeAction(
            title=offer.title,
            kind=t.CodeActionKind.QuickFix,
            diagnostics=[shown],
            is_preferred=offer.preferred or None,
        )
        if session.client.resolves_edits:
            action.data = {
                "uri": document.uri,
                "version": document.version,
                "edits": [edit.to_json() for edit in offer.edits],
            }
        else:
            action.edit = _workspace_edit(offer.edits)
        return action

    async def _all_fixes(document: Document) -> t.CodeAction:
        action = t.CodeAction(title="Fix all that vatdata can fix safely", kind=FIX_ALL)
        if session.client.resolves_edits:
            action.data = {"uri": document.uri, "version": document.version}
        else:
            action.edit = await _fix_all_edit(document)
        return action

    @server.feature(t.CODE_ACTION_RESOLVE)
    async def resolve(action: t.CodeAction) -> t.CodeAction:
        data = cast("Mapping[str, Any]", action.data or {})
        document = session.documents.get(str(data.get("uri")))
        if document is None or document.version != data.get("version"):
            raise JsonRpcException("the document changed since this was offered", code=CONTENT_MODIFIED)
        if "edits" in data:
            action.edit = _workspace_edit([Edit.from_json(edit) for edit in data["edits"]])
        else:
            action.edit = await _fix_all_edit(document)
        return action

    async def _fix_all_edit(document: Document) -> t.WorkspaceEdit:
        texts = await session.ask(FixAll(document.path or "")) or {}
        edits: list[Edit] = []
        for path, text in texts.items():
            known = session.documents.at(path)
            if known is not None:  # fixes of other files are made when those are open
                edits.append(_difference(path, known.text, text))
        return _workspace_edit(edits)

    def _workspace_edit(edits: Sequence[Edit]) -> t.WorkspaceEdit:
        converter = server.converter()
        by_path: dict[str, list[t.TextEdit]] = {}
        for edit in sorted(edits, key=lambda item: (item.path, item.start)):
            document = session.documents.at(edit.path)
            if document is not None:
                lines = {
                    (edit.path, line): document.text.line(line - 1) for line in (edit.start[0], edit.end[0])
                }
            else:
                known = session.findings.get(edit.path)
                lines = dict(known.lines) if known is not None else {}
            converted = converter.edit(edit, lines)
            if document is not None and "\r\n" in document.text.content:
                converted.new_text = converted.new_text.replace("\r\n", "\n").replace("\n", "\r\n")
            by_path.setdefault(edit.path, []).append(converted)
        if not session.client.document_changes:
            return t.WorkspaceEdit(changes={converter.uri(path): made for path, made in by_path.items()})
        return t.WorkspaceEdit(
            document_changes=[
                t.TextDocumentEdit(
                    text_document=t.OptionalVersionedTextDocumentIdentifier(
                        uri=converter.uri(path), version=_version(session.documents.at(path))
                    ),
                    edits=list(made),
                )
                for path, made in by_path.items()
            ]
        )


def _version(document: Document | None) -> int | None:
    return document.version if document is not None else None


def _wanted(kind: str, only: Sequence[t.CodeActionKind | str] | None) -> bool:
    """Say whether a client that restricts kinds wants this one: a kind stands for those below it."""
    if only is None:
        return not kind.startswith("source")
    words = [item.value if isinstance(item, t.CodeActionKind) else item for item in only]
    return any(word in ("", kind) or kind.startswith(word + ".") for word in words)


def _touches(one: t.Range, other: t.Range) -> bool:
    return _key(one.start) <= _key(other.end) and _key(other.start) <= _key(one.end)


def _key(position: t.Position) -> tuple[int, int]:
    return position.line, position.character


def _difference(path: str, old: Text, new: str) -> Edit:
    """Return the one edit between what two texts have in common at both ends."""
    before = old.content
    shortest = min(len(before), len(new))
    head = next((n for n in range(shortest) if before[n] != new[n]), shortest)
    room = shortest - head
    tail = next((n for n in range(room) if before[-1 - n] != new[-1 - n]), room)
    start, end = old.position(head), old.position(len(before) - tail)
    return Edit(path, (start[0] + 1, start[1]), (end[0] + 1, end[1]), new[head : len(new) - tail])
