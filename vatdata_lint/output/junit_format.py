"""``junit``: an XML test report, one suite a file, one failed case a finding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from vatdata_lint.finding import Finding
from vatdata_lint.output import Run

__all__ = ["render"]

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped."""


def render(run: Run) -> Iterator[str]:
    """Yield the document; without findings it holds one case that passed, so that readers see that we ran."""
    count = len(run.findings)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="vatdata-lint" tests="{max(count, 1)}" failures="{count}" errors="0">\n'
    if not count:
        yield '  <testsuite name="vatdata-lint" tests="1" failures="0" errors="0">\n'
        yield '    <testcase name="no findings" classname="vatdata-lint"/>\n'
        yield "  </testsuite>\n"
    for path, group in groupby(run.findings, key=lambda finding: finding.location.path):
        findings = list(group)
        counts = f'tests="{len(findings)}" failures="{len(findings)}" errors="0"'
        yield f"  <testsuite name={_attribute(path)} {counts}>\n"
        for finding in findings:
            yield from _case(finding)
        yield "  </testsuite>\n"
    yield "</testsuites>\n"


def _case(finding: Finding) -> Iterator[str]:
    where = finding.location
    steps = [f"{step.location.path}:{step.location.line}: {step.message}" for step in finding.chain]
    help_line = [f"help: {finding.help}"] if finding.help else []
    text = "\n".join([f"{where.path}:{where.line}:{where.column + 1}", *steps, *help_line])
    name = f"{finding.code} {finding.name} {where.line}:{where.column + 1}"
    place = f'file={_attribute(where.path)} line="{where.line}"'
    yield f"    <testcase name={_attribute(name)} classname={_attribute(where.path)} {place}>\n"
    kind = _attribute(finding.code)
    yield f"      <failure type={kind} message={_attribute(finding.message)}>{_text(text)}</failure>\n"
    yield "    </testcase>\n"


def _attribute(text: str) -> str:
    return quoteattr(NOT_XML.sub("�", text))


def _text(text: str) -> str:
    return escape(NOT_XML.sub("�", text))
