"""Checks a project: which files it has, what their prepares do, and the findings that follow."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vatdata_lint.analysis import Analysis, State, analyse
from vatdata_lint.answers import (
    CallExplanation,
    Entry,
    FirstCrankCall,
    Graph,
    GraphEdge,
    GraphNode,
    KindDefinition,
    WhyReport,
    WhySkip,
)
from vatdata_lint.config import Config
from vatdata_lint.facts.module import ModuleFacts
from vatdata_lint.facts.parse import with_deep_stack
from vatdata_lint.finding import Finding, Step
from vatdata_lint.index.files import SourceFile, project_files
from vatdata_lint.index.knowledge import Knowledge
from vatdata_lint.listener import GivenUp, Listener
from vatdata_lint.persistence import load_analysis, load_knowledge, save_run
from vatdata_lint.questions import calls_around, explain, graph, why

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
    """A folder of sources, checked as a whole.

    Args:
        root: paths in findings are relative to it.
        config: the settings.
        cache_dir: where results are kept between runs, None to keep none.
        overlays: text of files as an editor holds it, by path relative to *root*.
        includes_excluded: whether an overlay also counts for a file that is there and is excluded, as one that is
            named counts for the command.
        jobs: how many processes may be used where that is faster.

    Attributes:
        listener: hears of findings while a check runs, and may end it; then `GivenUp` is raised.
    """

    def __init__(
        self,
        root: Path,
        config: Config,
        *,
        cache_dir: Path | None = None,
        overlays: Mapping[str, str] | None = None,
        includes_excluded: bool = True,
        jobs: int = 1,
    ) -> None:
        self.root = root
        self.config = config
        self.cache_dir = cache_dir
        self.includes_excluded = includes_excluded
        self.jobs = jobs
        self.listener: Listener | None = None
        self._overlays = {self._relative(path): text for path, text in (overlays or {}).items()}
        self._trees: dict[tuple[str, str], ModuleFacts] = {}
        self._analysis: Analysis | None = None
        self._known: Knowledge | None = None

    def _relative(self, path: str | Path) -> str:
        pure = Path(path)
        if pure.is_absolute():
            for root in (self.root, self.root.resolve()):
                try:
                    return pure.relative_to(root).as_posix()
                except ValueError:
                    continue
        return pure.as_posix()

    def _current(self) -> Analysis:
        """Give the analysis of what the files hold now; what did not change is not parsed again."""
        started = time.perf_counter()
        files = project_files(
            self.root, self.config, self._overlays, includes_excluded=self.includes_excluded
        )
        state = tuple((path, file.digest) for path, file in files.items())
        if self._analysis is not None and self._analysis.state == state:
            return self._analysis
        read = time.perf_counter()
        # Text that only an editor holds must not push what is on the disk out of the cache.
        folder = self.cache_dir if not self._overlays else None
        analysis = load_analysis(folder, self.config, state) if folder is not None else None
        if analysis is None:
            known = self._known
            if known is None:
                known = (
                    load_knowledge(self.cache_dir, self.config) if self.cache_dir is not None else Knowledge()
                )
            try:
                analysis, self._known = with_deep_stack(lambda: self._analyse(files, state, known))
            except GivenUp:
                self._known = known
                raise
            if folder is not None:
                save_run(folder, self.config, analysis, self._known)
        analysis.timings = {"read": read - started, "analyse": time.perf_counter() - read}
        self._analysis = analysis
        return analysis

    def _analyse(
        self, files: dict[str, SourceFile], state: State, known: Knowledge
    ) -> tuple[Analysis, Knowledge]:
        """Analyse, and let go of trees of older texts: on the deep stack, since freeing a tree is as deep as it is."""
        result = analyse(self.config, files, self._trees, state, known, self.jobs, self.listener)
        self._discard(self._trees.keys() - set(state))
        return result

    def _discard(self, keys: Iterable[tuple[str, str]]) -> None:
        for key in keys:
            self._trees.pop(key).discard()

    def close(self) -> None:
        """Let go of all trees at once, not when garbage is collected; nothing may be asked afterwards."""
        self._analysis = self._known = None
        with_deep_stack(lambda: self._discard([*self._trees]))

    def check(self, paths: Sequence[Path] | None = None) -> Report:
        """Give the findings of the selected *paths*, judged in the whole project.

        Args:
            paths: files or folders; everything under the root when None.
        """
        analysis = self._current()
        chosen = None if paths is None else [self._relative(path) for path in paths]
        selected = [path for path in analysis.paths if chosen is None or _is_under(path, chosen)]
        findings = [finding for path in selected for finding in analysis.findings.get(path, ())]
        return Report(
            findings=tuple(sorted(findings, key=lambda finding: finding.sort_key)),
            files_checked=len(selected),
            files_parsed=analysis.parsed,
            entries=analysis.entries,
            unresolved=analysis.unresolved,
            timings=analysis.timings,
        )

    def set_overlay(self, path: str | Path, text: str | None) -> None:
        """Take *text* as the content of *path* from now on, None to read the disk again."""
        relative = self._relative(path)
        if text is None:
            self._overlays.pop(relative, None)
        else:
            self._overlays[relative] = text

    def explain_call(self, path: str | Path, line: int, column: int) -> CallExplanation | None:
        """Say in which crank the call at a position runs and why; None where no kind is concerned."""
        return explain(self._current(), self._relative(path), line, column)

    def entries(self) -> tuple[Entry, ...]:
        """List the entry points."""
        return self._current().entries

    def files(self) -> tuple[str, ...]:
        """Return the paths of all files of the project, relative to the root."""
        return self._current().paths

    def kinds(self) -> tuple[KindDefinition, ...]:
        """List the places that define durable kinds."""
        return self._current().kinds

    def why(self, kind: str) -> WhyReport:
        """Say where *kind* is defined, how each entry reaches it, and which ways skip it."""
        return why(self._current(), kind)

    def graph(self) -> Graph:
        """Give the first-crank call graph."""
        return graph(self._current())

    def first_crank_calls(self, path: str | Path, line: int) -> tuple[FirstCrankCall, ...]:
        """Give the calls that the function around a line makes or receives in the first crank."""
        return calls_around(self._current(), self._relative(path), line)


def _is_under(path: str, chosen: list[str]) -> bool:
    return any(
        item in (".", "") or path == item or path.startswith(item.rstrip("/") + "/") for item in chosen
    )
