"""``sarif``: SARIF 2.1.0 with code flows, fixes and content fingerprints."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from vatdata_lint.finding import Edit, Finding, Fix, Location, Step
from vatdata_lint.output import Run
from vatdata_lint.rules import Rule, all_rules

__all__ = ["render"]

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "info": "note"}
SOURCE_ROOT = "%SRCROOT%"


def render(run: Run) -> Iterator[str]:
    """Yield one log with one run.

    All rules are listed, also those without results, so that a viewer knows what was looked for. Paths are
    relative to ``%SRCROOT%``, the project's root, so that the log is the same on every machine.
    """
    rules = all_rules()
    index = {rule.CODE: number for number, rule in enumerate(rules)}
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "vatdata-lint",
                        "version": run.version,
                        "rules": [_rule(rule) for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, run, index) for finding in run.findings],
            }
        ],
    }
    yield json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: type[Rule]) -> dict[str, Any]:
    body = rule.page_body()
    return {
        "id": rule.CODE,
        "name": "".join(word.capitalize() for word in rule.NAME.split("-")),
        "shortDescription": {"text": f"{rule.SUMMARY}."},
        "fullDescription": {"text": body.split("\n\n")[0].replace("\n", " ")},
        "help": {"text": body, "markdown": body},
        "defaultConfiguration": {"enabled": rule.DEFAULT_ON, "level": LEVELS[rule.SEVERITY]},
        "properties": {"category": rule.CATEGORY, "tags": [rule.CATEGORY.lower()]},
    }


def _result(finding: Finding, run: Run, index: dict[str, int]) -> dict[str, Any]:
    where = finding.location
    text = (
        f"{finding.message}. {finding.help[:1].upper()}{finding.help[1:]}."
        if finding.help
        else finding.message
    )
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": _physical(where)}],
        "partialFingerprints": {
            "vatdataLint/v1": finding.fingerprint(run.sources.line(where.path, where.line))
        },
    }
    if finding.code in index:
        result["ruleIndex"] = index[finding.code]
    if finding.chain:
        result["relatedLocations"] = [
            {"id": number, **_step_location(step)} for number, step in enumerate(finding.chain)
        ]
        result["codeFlows"] = [
            {"threadFlows": [{"locations": [{"location": _step_location(step)} for step in finding.chain]}]}
        ]
    if finding.fixes:
        result["fixes"] = [_fix(fix) for fix in finding.fixes]
    properties = {"kind": finding.kind_name, "entry": finding.entry}
    known = {key: value for key, value in properties.items() if value is not None}
    if known:
        result["properties"] = known
    return result


def _step_location(step: Step) -> dict[str, Any]:
    return {"physicalLocation": _physical(step.location), "message": {"text": step.message}}


def _physical(location: Location) -> dict[str, Any]:
    return {
        "artifactLocation": _artifact(location.path),
        "region": _region(location.line, location.column, location.end_line, location.end_column),
    }


def _artifact(path: str) -> dict[str, Any]:
    if PurePath(path).is_absolute():
        return {"uri": f"file://{quote(os.fsencode(path))}"}
    return {"uri": quote(os.fsencode(path)), "uriBaseId": SOURCE_ROOT}


def _region(line: int, column: int, end_line: int, end_column: int) -> dict[str, int]:
    return {
        "startLine": line,
        "startColumn": column + 1,
        "endLine": max(end_line, line),
        "endColumn": end_column + 1,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    by_path: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        by_path.setdefault(edit.path, []).append(edit)
    return {
        "description": {"text": fix.title},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(path),
                "replacements": [
                    {
                        "deletedRegion": _region(*edit.start, *edit.end),
                        "insertedContent": {"text": edit.text},
                    }
                    for edit in edits
                ],
            }
            for path, edits in by_path.items()
        ],
    }
