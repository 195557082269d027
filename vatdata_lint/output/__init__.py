"""Formats in which a check is told, one module each, loaded when asked for."""

from __future__ import annotations

import importlib
import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, cast

from vatdata_lint.engine import Report
from vatdata_lint.finding import Finding
from vatdata_lint.source import SourceLines

__all__ = ["FORMATS", "Run", "render"]

FORMATS = ("full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "rdjson")


@dataclass(frozen=True, slots=True)
class Run:
    """All that a format may tell.

    Attributes:
        findings: What is reported, in order; the report's own minus those that a baseline accepts.
        report: What the engine said.
        sources: For the lines that are shown.
        accepted: How many findings the baseline took away.
        stale: How many entries of the baseline no longer occur.
        color: Whether ANSI colours may be used.
        statistics: Whether counts by rule and timings follow.
        quiet: Whether the closing summary is left out.
        version: Of the tool.
        prefix: From the current folder to the project's root; people are shown paths that they can open.
    """

    findings: tuple[Finding, ...]
    report: Report
    sources: SourceLines
    accepted: int = 0
    stale: int = 0
    color: bool = False
    statistics: bool = False
    quiet: bool = False
    version: str = "0"
    prefix: str = ""

    def shown(self, path: str) -> str:
        """Return a finding's path as seen from the current folder."""
        return posixpath.normpath(posixpath.join(self.prefix, path)) if self.prefix else path


class _Format(Protocol):
    def render(self, run: Run) -> Iterable[str]: ...


def render(name: str, run: Run) -> Iterator[str]:
    """Yield the text of a run in one of `FORMATS`, in pieces that join without separators.

    Raises:
        KeyError: There is no such format.
    """
    if name not in FORMATS:
        raise KeyError(name)
    module = cast("_Format", importlib.import_module(f"{__name__}.{name}_format"))
    yield from module.render(run)
