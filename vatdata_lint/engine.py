"""Checks a project: which files it has, what their prepares do, and the findings that follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vatdata_lint.finding import Finding, Location, Step

if TYPE_CHECKING:
    from vatdata_lint.config import Config

__all__ = [
    "CallExplanation",
    "Entry",
    "FirstCrankCall",
    "Graph",
    "GraphEdge",
    "GraphNode",
    "KindDefinition",
    "Project",
    "Report",
    "WhyReport",
    "WhySkip",
]


@dataclass(frozen=True, slots=True)
class Entry:
    """A function that runs in the first crank of a vat.

    ``how`` is ``"name"`` (``build_root_object``, ``start``), ``"config"`` or ``"source"`` (given to
    ``create_vat``, ``provide_vat`` or ``open_vat``).
    """

    qualified_name: str
    location: Location
    how: str


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


@dataclass(frozen=True, slots=True)
class Report:
    """What one check said.

    Attributes:
        findings: in order of path, line, column and code; suppressed ones are left out.
        files_checked: how many files were looked at.
        files_parsed: how many of them needed a tree; the others were known from the cache or hold no vat code.
        entries: the recognised entry points.
        unresolved: calls that could not be followed although they may define kinds.
        timings: seconds of wall clock by phase.
    """

    findings: tuple[Finding, ...]
    files_checked: int
    files_parsed: int
    entries: tuple[Entry, ...]
    unresolved: tuple[Step, ...]
    timings: Mapping[str, float] = field(default_factory=dict[str, float])


class Project:
    """A folder of sources, checked as a whole."""

    def __init__(
        self,
        root: Path,
        config: Config,
        *,
        cache_dir: Path | None = None,
        overlays: Mapping[str, str] | None = None,
    ) -> None:
        self.root = root
        self.config = config
        self.cache_dir = cache_dir
        self._overlays = dict(overlays or {})

    def check(self, paths: Sequence[Path] | None = None) -> Report:
        """Give the findings of the selected *paths* (files or folders; all when None), judged in the whole project."""
        raise NotImplementedError

    def set_overlay(self, path: str | Path, text: str | None) -> None:
        """Take *text* as the content of *path* from now on, None to read the disk again."""
        raise NotImplementedError

    def check_file(self, path: str | Path) -> tuple[Finding, ...]:
        """Give the findings of one file, judged in the whole project."""
        raise NotImplementedError

    def explain_call(self, path: str | Path, line: int, column: int) -> CallExplanation | None:
        """Say in which crank the call at a position runs and why; None where no kind is concerned."""
        raise NotImplementedError

    def entries(self) -> tuple[Entry, ...]:
        """List the entry points."""
        raise NotImplementedError

    def kinds(self) -> tuple[KindDefinition, ...]:
        """List the places that define durable kinds."""
        raise NotImplementedError

    def why(self, kind: str) -> WhyReport:
        """Say where *kind* is defined, how each entry reaches it, and which ways skip it."""
        raise NotImplementedError

    def graph(self) -> Graph:
        """Give the first-crank call graph."""
        raise NotImplementedError

    def first_crank_calls(self, path: str | Path, line: int) -> tuple[FirstCrankCall, ...]:
        """Give the calls that the function around a line makes or receives in the first crank."""
        raise NotImplementedError
