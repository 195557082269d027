"""What the engine answers to questions about entries, kinds and calls: plain data."""

from __future__ import annotations

from dataclasses import dataclass

from vatdata_lint.finding import Finding, Location, Step

__all__ = [
    "CallExplanation",
    "Entry",
    "FirstCrankCall",
    "Graph",
    "GraphEdge",
    "GraphNode",
    "KindDefinition",
    "WhyReport",
    "WhySkip",
]


@dataclass(frozen=True, slots=True)
class Entry:
    """A function that runs in the first crank of a vat.

    ``how`` is ``"name"`` (``build_root_object``, ``start``), ``"config"`` or ``"source"`` (given to
    ``create_vat``, ``provide_vat`` or ``open_vat``). ``suspends`` is the first place that may end the crank,
    None where nothing does.
    """

    qualified_name: str
    location: Location
    how: str
    suspends: Location | None = None


@dataclass(frozen=True, slots=True)
class KindDefinition:
    """A place that defines a durable kind.

    ``name`` is None when the source does not fix it; ``form`` is ``"exo"``, ``"class"``, ``"kit"`` or
    ``"unknown"``. ``facets`` and ``fields`` are None when they are not literal. ``entries`` are the
    qualified names of the entries that reach the place.
    """

    name: str | None
    location: Location
    definer: str
    form: str
    function: str
    entries: tuple[str, ...]
    facets: tuple[str, ...] | None = None
    fields: tuple[str, ...] | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class CallExplanation:
    """Why a call matters to the first crank, for hover texts.

    ``crank`` is ``"first"``, ``"maybe-later"``, ``"later"`` or ``"unknown"``; ``reason`` is a sentence;
    ``kinds`` are the names that the call defines ("" where unknown); ``chain`` leads from an entry to
    the definition; ``findings`` are those that start on the call.
    """

    callee: str
    location: Location
    kinds: tuple[str, ...]
    crank: str
    reason: str
    chain: tuple[Step, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class WhySkip:
    """One way through an entry that misses a kind: the entry and the steps that lead past it."""

    entry: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class WhyReport:
    """Where a kind is defined, the chain from each entry to it, and the ways that skip it."""

    kind_name: str
    definitions: tuple[KindDefinition, ...]
    chains: tuple[tuple[Step, ...], ...]
    skips: tuple[WhySkip, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A function of the first-crank call graph; ``role`` is ``"entry"``, ``"function"`` or ``"kind"``."""

    id: str
    label: str
    location: Location
    role: str


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """A call of *target* by *source*; ``codes`` are the findings on the call."""

    source: str
    target: str
    location: Location
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """Who defines which kinds through whom, in a fixed order."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]


@dataclass(frozen=True, slots=True)
class FirstCrankCall:
    """One edge of the call hierarchy: a call at *location* from *caller* to *callee*."""

    caller: GraphNode
    callee: GraphNode
    location: Location
