"""``gitlab``: a Code Quality report, which GitLab compares between a branch and its target."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from vatdata_lint.output import Run

__all__ = ["render"]

SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}


def render(run: Run) -> Iterator[str]:
    """Yield a JSON array with one issue a finding.

    Fingerprints come from content, so that an issue is the same after lines moved; equal ones are numbered.
    """
    seen: Counter[str] = Counter()
    issues: list[dict[str, object]] = []
    for finding in run.findings:
        where = finding.location
        fingerprint = finding.fingerprint(run.sources.line(where.path, where.line))
        seen[fingerprint] += 1
        again = f"-{seen[fingerprint]}" if seen[fingerprint] > 1 else ""
        issues.append(
            {
                "description": f"{finding.code}: {finding.message}",
                "check_name": finding.name,
                "fingerprint": fingerprint + again,
                "severity": SEVERITIES[finding.severity],
                "location": {"path": where.path, "lines": {"begin": where.line, "end": where.end_line}},
            }
        )
    yield json.dumps(issues, indent=2, ensure_ascii=False) + "\n"
