"""Accepted findings: a file of content fingerprints, so that old findings stay quiet while new ones speak."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from vatdata_lint.finding import Finding
from vatdata_lint.source import SourceLines

__all__ = ["Baseline", "BaselineError", "Compared", "baseline_text"]

FORMAT = "vatdata-lint-baseline"
VERSION = 1


class BaselineError(Exception):
    """A baseline file cannot be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Findings that the baseline does not know, how many it accepted, and how many of its own are gone."""

    new: tuple[Finding, ...]
    accepted: int
    stale: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """How often each fingerprint was accepted.

    A fingerprint is made of code, path, kind and the text of the line, never of a line number, so a finding
    stays accepted while the file around it changes. One occurrence more than accepted is reported.
    """

    counts: Counter[str]

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """Read a baseline file.

        Raises:
            BaselineError: It is missing, unreadable, no baseline, or of an unknown version.
        """
        advice = "write it with `vatdata-lint --write-baseline`"
        try:
            content: object = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise BaselineError(f"{path}: there is no such baseline; {advice}") from None
        except OSError as error:
            raise BaselineError(f"{path}: cannot be read: {error.strerror or error}") from None
        except (ValueError, RecursionError):
            raise BaselineError(f"{path}: is not JSON; {advice}") from None
        if not isinstance(content, dict) or cast("dict[str, Any]", content).get("format") != FORMAT:
            raise BaselineError(f"{path}: is not a baseline of vatdata-lint; {advice}")
        document = cast("dict[str, Any]", content)
        if document.get("version") != VERSION:
            found = document.get("version")
            raise BaselineError(f"{path}: has version {found!r}, this release reads {VERSION}; {advice}")
        try:
            counts = Counter({str(item["fingerprint"]): int(item["count"]) for item in document["findings"]})
        except (KeyError, TypeError, ValueError):
            raise BaselineError(f"{path}: has an entry without fingerprint or count; {advice}") from None
        return cls(counts)

    def compare(self, findings: Iterable[Finding], sources: SourceLines) -> Compared:
        """Take away what was accepted, the first occurrences first."""
        left = Counter(self.counts)
        new: list[Finding] = []
        accepted = 0
        for finding in findings:
            fingerprint = _fingerprint(finding, sources)
            if left[fingerprint] > 0:
                left[fingerprint] -= 1
                accepted += 1
            else:
                new.append(finding)
        return Compared(tuple(new), accepted, sum(count > 0 for count in left.values()))


def baseline_text(findings: Iterable[Finding], sources: SourceLines) -> str:
    """Return the file that accepts these findings: sorted, one entry a line, made for small diffs."""
    grouped: dict[tuple[str, str, str], Counter[str]] = {}
    for finding in findings:
        key = (finding.location.path, finding.code, _fingerprint(finding, sources))
        grouped.setdefault(key, Counter())[finding.message] += 1
    entries = [
        json.dumps(
            {
                "path": path,
                "code": code,
                "fingerprint": fingerprint,
                "count": messages.total(),
                "message": min(messages),
            },
            ensure_ascii=False,
        )
        for (path, code, fingerprint), messages in sorted(grouped.items())
    ]
    listed = ",\n    ".join(entries)
    body = f"[\n    {listed}\n  ]" if entries else "[]"
    return f'{{\n  "format": "{FORMAT}",\n  "version": {VERSION},\n  "findings": {body}\n}}\n'


def _fingerprint(finding: Finding, sources: SourceLines) -> str:
    return finding.fingerprint(sources.line(finding.location.path, finding.location.line))
