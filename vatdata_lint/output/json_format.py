"""``json``: one document with all findings and a summary. Version 1; lines and columns count from 1."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from vatdata_lint.finding import Finding, Location
from vatdata_lint.output import Run
from vatdata_lint.rules import rule_by_code

__all__ = ["finding_record", "render"]

FORMAT_VERSION = 1


def render(run: Run) -> Iterator[str]:
    """Yield the document; equal sources give equal text, whatever the cache knew."""
    report = run.report
    document = {
        "format": "vatdata-lint-findings",
        "version": FORMAT_VERSION,
        "tool": {"name": "vatdata-lint", "version": run.version},
        "findings": [finding_record(finding, run) for finding in run.findings],
        "summary": {
            "findings": len(run.findings),
            "accepted_by_baseline": run.accepted,
            "files_checked": report.files_checked,
            "entry_points": [
                {"name": entry.qualified_name, "how": entry.how, **location_record(entry.location)}
                for entry in report.entries
            ],
            "unresolved": [
                {"message": step.message, **location_record(step.location)} for step in report.unresolved
            ],
        },
    }
    yield json.dumps(document, indent=2, ensure_ascii=False)
    yield "\n"


def location_record(location: Location) -> dict[str, Any]:
    """Return a location with columns counted from 1."""
    return {
        "path": location.path,
        "line": location.line,
        "column": location.column + 1,
        "end_line": location.end_line,
        "end_column": location.end_column + 1,
    }


def finding_record(finding: Finding, run: Run) -> dict[str, Any]:
    """Return what ``json`` and ``jsonl`` say about one finding."""
    rule = rule_by_code(finding.code)
    return {
        "code": finding.code,
        "name": finding.name,
        "category": rule.CATEGORY if rule is not None else None,
        "severity": finding.severity,
        **location_record(finding.location),
        "message": finding.message,
        "help": finding.help,
        "kind": finding.kind_name,
        "entry": finding.entry,
        "chain": [{"message": step.message, **location_record(step.location)} for step in finding.chain],
        "fingerprint": finding.fingerprint(run.sources.line(finding.location.path, finding.location.line)),
        "fixes": [
            {
                "title": fix.title,
                "safe": fix.safe,
                "kind": fix.kind,
                "edits": [
                    {
                        **location_record(Location(edit.path, *edit.start, *edit.end)),
                        "text": edit.text,
                    }
                    for edit in fix.edits
                ],
            }
            for fix in finding.fixes
        ],
    }
