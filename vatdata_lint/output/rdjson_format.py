"""``rdjson``: Reviewdog Diagnostic Format, for review comments; its columns count UTF-8 bytes from 1."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from vatdata_lint.finding import Finding, Location
from vatdata_lint.output import Run
from vatdata_lint.source import SourceLines

__all__ = ["render"]

SEVERITIES = {"error": "ERROR", "warning": "WARNING", "info": "INFO"}


def render(run: Run) -> Iterator[str]:
    """Yield the document; edits of a finding's first fix become suggestions if they are in its file."""
    document = {
        "source": {"name": "vatdata-lint"},
        "diagnostics": [_diagnostic(finding, run.sources) for finding in run.findings],
    }
    yield json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _diagnostic(finding: Finding, sources: SourceLines) -> dict[str, Any]:
    message = f"{finding.message}\nhelp: {finding.help}" if finding.help else finding.message
    record: dict[str, Any] = {
        "message": message,
        "location": _location(finding.location, sources),
        "severity": SEVERITIES[finding.severity],
        "code": {"value": finding.code},
    }
    if finding.chain:
        record["relatedLocations"] = [
            {"message": step.message, "location": _location(step.location, sources)} for step in finding.chain
        ]
    edits = finding.fixes[0].edits if finding.fixes else ()
    if edits and all(edit.path == finding.location.path for edit in edits):
        record["suggestions"] = [
            {
                "range": _range(Location(edit.path, *edit.start, *edit.end), sources),
                "text": edit.text,
            }
            for edit in edits
        ]
    return record


def _location(location: Location, sources: SourceLines) -> dict[str, Any]:
    return {"path": location.path, "range": _range(location, sources)}


def _range(location: Location, sources: SourceLines) -> dict[str, Any]:
    def column(line: int, column: int) -> int:
        return len(sources.line(location.path, line)[:column].encode(errors="replace")) + 1

    return {
        "start": {"line": location.line, "column": column(location.line, location.column)},
        "end": {"line": location.end_line, "column": column(location.end_line, location.end_column)},
    }
