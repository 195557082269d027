"""``github``: workflow commands, which GitHub Actions shows beside the changed lines."""

from __future__ import annotations

from collections.abc import Iterator

from vatdata_lint.output import Run

__all__ = ["render"]

COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def render(run: Run) -> Iterator[str]:
    """Yield one workflow command a finding; it has one place only, so the chain is part of its text."""
    for finding in run.findings:
        where = finding.location
        properties = {
            "file": where.path,
            "line": str(where.line),
            "endLine": str(where.end_line),
            "title": f"{finding.code} {finding.name}",
        }
        if where.end_line == where.line:  # GitHub refuses columns over several lines
            properties |= {"col": str(where.column + 1), "endColumn": str(where.end_column + 1)}
        steps = [f"{step.location.path}:{step.location.line}: {step.message}" for step in finding.chain]
        text = "\n".join([finding.message, *steps, *([f"help: {finding.help}"] if finding.help else [])])
        head = ",".join(f"{key}={_escape_property(value)}" for key, value in properties.items())
        yield f"::{COMMANDS[finding.severity]} {head}::{_escape(text)}\n"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
