"""Answers questions about calls, kinds and entries from an analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vatdata_lint.analysis import Analysis
from vatdata_lint.answers import (
    CallExplanation,
    FirstCrankCall,
    Graph,
    GraphEdge,
    GraphNode,
    WhyReport,
    WhySkip,
)
from vatdata_lint.facts.diagnosis import CallSite
from vatdata_lint.finding import Finding, Location, Step
from vatdata_lint.index.ways import calls_by_function

__all__ = ["calls_around", "explain", "graph", "why"]


def explain(analysis: Analysis, path: str, line: int, column: int) -> CallExplanation | None:
    """Say in which crank the innermost kind-defining call around a position runs."""
    around = [
        site
        for site in analysis.sites
        if site.location.path == path
        and (site.location.line, site.location.column) <= (line, column)
        and (line, column) < (site.location.end_line, site.location.end_column)
    ]
    if not around:
        return None
    site = max(around, key=lambda item: (item.location.line, item.location.column))
    findings = tuple(f for f in analysis.findings.get(path, ()) if f.location == site.location)
    crank, reason = _verdict(site, findings)
    return CallExplanation(
        callee=site.callee,
        location=site.location,
        kinds=tuple(kind or "" for kind in site.kinds),
        crank=crank,
        reason=reason,
        chain=findings[0].chain if findings else site.chain,
        findings=findings,
    )


def _verdict(site: CallSite, findings: tuple[Finding, ...]) -> tuple[str, str]:
    for finding in findings:
        if finding.code in ("VD104", "VD105", "VD106"):
            return "later", finding.message
        if finding.code in ("VD101", "VD102", "VD103"):
            return "maybe-later", finding.message
    if site.late:
        return "maybe-later", "the crank may be over before this call"
    return "first", f"runs in the turn of '{site.function}', on every way, before anything can end the crank"


def why(analysis: Analysis, kind: str) -> WhyReport:
    """Collect what is known of one kind."""
    definitions = tuple(item for item in analysis.kinds if item.name == kind)
    findings = tuple(
        finding
        for path in analysis.paths
        for finding in analysis.findings.get(path, ())
        if finding.kind_name == kind
    )
    entries = {entry.location: entry.qualified_name for entry in analysis.entries}
    calls = calls_by_function(analysis.sites)
    chains = tuple(
        dict.fromkeys(
            _chain_to(kind, site, calls, frozenset())
            for site in analysis.sites
            if kind in site.kinds and site.function_location in entries
        )
    )
    skips = tuple(
        WhySkip(finding.entry or "", (*finding.chain, Step(finding.location, finding.message)))
        for finding in findings
        if finding.code in ("VD101", "VD102", "VD103", "VD104", "VD105", "VD106")
    )
    return WhyReport(kind, definitions, chains, skips, findings)


def _chain_to(
    kind: str, site: CallSite, calls: Mapping[str, Sequence[CallSite]], seen: frozenset[str]
) -> tuple[Step, ...]:
    """Tell the way from a call to a kind that it defines. The call's own chain leads to the first of its kinds."""
    if site.kinds[0] != kind and site.callee_function is not None and site.function not in seen:
        for inner in calls.get(site.callee_function, ()):
            if kind in inner.kinds:
                rest = _chain_to(kind, inner, calls, seen | {site.function})
                return (site.chain[0], Step(site.location, f"calls '{site.callee}'"), *rest[1:])
    return site.chain


def graph(analysis: Analysis) -> Graph:
    """Draw which function defines which kinds through which calls."""
    entries = {entry.location: entry for entry in analysis.entries}
    nodes: dict[str, GraphNode] = {}
    edges: dict[tuple[str, str, Location], GraphEdge] = {}
    codes: dict[Location, list[str]] = {}
    for path in analysis.paths:
        for finding in analysis.findings.get(path, ()):
            codes.setdefault(finding.location, []).append(finding.code)
    for site in analysis.sites:
        role = "entry" if site.function_location in entries else "function"
        nodes.setdefault(site.function, GraphNode(site.function, site.function, site.function_location, role))
    for site in analysis.sites:
        callee = site.callee_function
        targets = (
            [callee]
            if callee is not None and callee in nodes
            else [
                f"kind:{kind}" if kind else f"kind:{site.location.path}:{site.location.line}"
                for kind in site.kinds
            ]
        )
        for target in targets:
            if target not in nodes:
                label = target.removeprefix("kind:")
                nodes[target] = GraphNode(target, label, site.chain[-1].location, "kind")
            key = (site.function, target, site.location)
            edges.setdefault(
                key, GraphEdge(site.function, target, site.location, tuple(codes.get(site.location, ())))
            )
    return Graph(
        tuple(sorted(nodes.values(), key=lambda node: (node.role != "entry", node.role == "kind", node.id))),
        tuple(sorted(edges.values(), key=lambda edge: (edge.source, edge.location, edge.target))),
    )


def calls_around(analysis: Analysis, path: str, line: int) -> tuple[FirstCrankCall, ...]:
    """Give the edges from and to the function that holds a line."""
    drawn = graph(analysis)
    nodes = {node.id: node for node in drawn.nodes}
    here = [
        node
        for node in drawn.nodes
        if node.role != "kind"
        and node.location.path == path
        and node.location.line <= line <= node.location.end_line
    ]
    if not here:
        return ()
    chosen = max(here, key=lambda node: node.location.line)
    return tuple(
        FirstCrankCall(nodes[edge.source], nodes[edge.target], edge.location)
        for edge in drawn.edges
        if chosen.id in (edge.source, edge.target)
    )
