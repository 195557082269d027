"""Call hierarchy along the edges of the first crank: how a definition is reached, what else a function leads to."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from lsprotocol import types as t

from vatdata_lint import FirstCrankCall, GraphNode
from vatdata_lsp.server import VatdataServer
from vatdata_lsp.worker.messages import FirstCrankCalls, FirstCrankReply, Lines

__all__ = ["register"]


def register(server: VatdataServer) -> None:
    """Add the handlers of call hierarchy."""
    session = server.session

    @server.feature(t.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY)
    async def prepare(params: t.CallHierarchyPrepareParams) -> list[t.CallHierarchyItem] | None:
        document = session.documents.get(params.text_document.uri)
        if document is None or document.path is None:
            return None
        line = params.position.line + 1
        reply = await session.ask(FirstCrankCalls(document.path, line))
        around = [
            node
            for call in (reply.calls if reply is not None else ())
            for node in (call.caller, call.callee)
            if node.role != "kind"
            and node.location.path == document.path
            and node.location.line <= line <= node.location.end_line
        ]
        if reply is None or not around:
            return None
        return [_item(max(around, key=lambda node: node.location.line), reply.lines)]

    @server.feature(t.CALL_HIERARCHY_INCOMING_CALLS)
    async def incoming(params: t.CallHierarchyIncomingCallsParams) -> list[t.CallHierarchyIncomingCall]:
        reply, groups = await _edges(params.item, lambda call: (call.callee, call.caller))
        return [
            t.CallHierarchyIncomingCall(
                from_=_item(node, reply.lines), from_ranges=_ranges(calls, reply.lines)
            )
            for node, calls in groups.items()
        ]

    @server.feature(t.CALL_HIERARCHY_OUTGOING_CALLS)
    async def outgoing(params: t.CallHierarchyOutgoingCallsParams) -> list[t.CallHierarchyOutgoingCall]:
        reply, groups = await _edges(params.item, lambda call: (call.caller, call.callee))
        return [
            t.CallHierarchyOutgoingCall(to=_item(node, reply.lines), from_ranges=_ranges(calls, reply.lines))
            for node, calls in groups.items()
        ]

    async def _edges(
        item: t.CallHierarchyItem, ends: Callable[[FirstCrankCall], tuple[GraphNode, GraphNode]]
    ) -> tuple[FirstCrankReply, dict[GraphNode, list[FirstCrankCall]]]:
        """Group the edges of an item by the function at their other end."""
        path, line, name = cast("tuple[str, int, str]", item.data)
        reply = await session.ask(FirstCrankCalls(path, line)) or FirstCrankReply((), {})
        groups: dict[GraphNode, list[FirstCrankCall]] = {}
        for call in reply.calls:
            mine, other = ends(call)
            if mine.id == name:
                groups.setdefault(other, []).append(call)
        return reply, groups

    def _item(node: GraphNode, lines: Lines) -> t.CallHierarchyItem:
        converter = server.converter()
        whole = converter.range(node.location, lines)
        kind = t.SymbolKind.Class if node.role == "kind" else t.SymbolKind.Function
        return t.CallHierarchyItem(
            name=node.label.rpartition(".")[2] or node.label,
            detail="entry point" if node.role == "entry" else node.label,
            kind=kind,
            uri=converter.uri(node.location.path),
            range=whole,
            selection_range=t.Range(start=whole.start, end=whole.start),
            data=[node.location.path, node.location.line, node.id],
        )

    def _ranges(calls: list[FirstCrankCall], lines: Lines) -> list[t.Range]:
        converter = server.converter()
        return [converter.range(call.location, lines) for call in calls]
