"""``concise``: one line a finding, as compilers write it, for editors and grep."""

from __future__ import annotations

from collections.abc import Iterator

from vatdata_lint.output import Run
from vatdata_lint.output.style import Style
from vatdata_lint.output.summary import summary_lines

__all__ = ["render"]


def render(run: Run) -> Iterator[str]:
    """Yield ``path:line:column: code message`` (both counted from 1), then the summary."""
    style = Style(color=run.color)
    for finding in run.findings:
        where = finding.location
        place = f"{style.bold(run.shown(where.path))}:{where.line}:{where.column + 1}"
        yield f"{place}: {style.severity(finding.code, finding.severity)} {finding.message}\n"
    for line in summary_lines(run, style):
        yield f"{line}\n"
