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
from vatdata_lsp.edits import edit_of_changes, workspace_edit
from vatdata_lsp.server import VatdataServer
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
            action.edit = workspace_edit(server, offer.edits)
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
            action.edit = workspace_edit(server, [Edit.from_json(edit) for edit in data["edits"]])
        else:
            action.edit = await _fix_all_edit(document)
        return action

    async def _fix_all_edit(document: Document) -> t.WorkspaceEdit:
        changes = await session.ask(FixAll(document.path or "")) or ()
        return edit_of_changes(server, changes)


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
