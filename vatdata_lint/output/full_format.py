"""``full``: each finding with its source line, the way that leads to it and what to do, for people."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

from vatdata_lint.finding import Finding, Location
from vatdata_lint.output import Run
from vatdata_lint.output.style import Style
from vatdata_lint.output.summary import summary_lines
from vatdata_lint.source import SourceLines

__all__ = ["explain_finding", "render"]

MAX_WIDTH = 160
"""Longer source lines are cut around the caret: a generated line of 300 kB must not fill the screen."""


def render(run: Run) -> Iterator[str]:
    """Yield one block a finding, then the summary."""
    style = Style(color=run.color)
    for finding in run.findings:
        yield from explain_finding(finding, run.sources, style, run.shown)
        yield "\n"
    for line in summary_lines(run, style):
        yield f"{line}\n"
    if run.findings and not run.quiet:
        # Whoever meets a rule for the first time learns there what a crank is.
        yield f"Why that matters: vatdata-lint explain {run.findings[0].code}\n"


def explain_finding(
    finding: Finding, sources: SourceLines, style: Style, shown: Callable[[str], str] = str
) -> Iterator[str]:
    """Yield the lines of one finding, each with its end; *shown* gives the paths that the reader sees."""
    where = finding.location
    rule = style.severity(f"{finding.severity} {finding.code}", finding.severity)
    place = style.bold(f"{shown(where.path)}:{where.line}:{where.column + 1}")
    yield f"{place}: {rule} {style.dim(finding.name)}: {style.bold(finding.message)}\n"
    margin = len(str(max([where.line, *(step.location.line for step in finding.chain)])))
    yield from _snippet(where, sources, style, margin, finding.severity)
    if finding.chain:
        yield f"{' ' * margin} {style.dim('=')} {style.info('how it comes to that')}:\n"
        places = [f"{shown(step.location.path)}:{step.location.line}" for step in finding.chain]
        width = max(map(len, places))
        for number, (step, step_place) in enumerate(zip(finding.chain, places, strict=True), start=1):
            yield f"{' ' * margin}   {number}. {style.dim(step_place.ljust(width))}  {step.message}\n"
    if finding.help:
        yield f"{' ' * margin} {style.dim('=')} {style.good('help')}: {finding.help}\n"


def _snippet(
    where: Location, sources: SourceLines, style: Style, margin: int, severity: str
) -> Iterator[str]:
    text = sources.line(where.path, where.line)
    if not text.strip():
        return
    end = where.end_column if where.end_line == where.line else len(text)
    start = min(where.column, len(text))
    end = max(start + 1, min(end, len(text)))
    offset = 0
    if len(text) > MAX_WIDTH:
        offset = max(0, start - MAX_WIDTH // 4)
        text = text[offset : offset + MAX_WIDTH]
        start, end = start - offset, min(end - offset, MAX_WIDTH)
    shown = _printable(text)
    before = _width(_printable(text[:start]))
    caret = style.severity("^" * max(1, _width(_printable(text[start:end]))), severity)
    bar = style.dim("|")
    yield f"{' ' * margin} {bar}\n"
    yield f"{style.dim(str(where.line).rjust(margin))} {bar} {'…' if offset else ''}{shown}\n"
    yield f"{' ' * margin} {bar} {' ' * (before + bool(offset))}{caret}\n"


def _printable(text: str) -> str:
    """Make a source line safe for a terminal: tabs as four spaces, control characters as ``�``."""
    return "".join(
        "    " if char == "\t" else char if char.isprintable() or char == " " else "�" for char in text
    )


def _width(text: str) -> int:
    """Return how many cells a text takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
