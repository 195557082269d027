"""Findings as the protocol has them; no state, no input or output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lsprotocol import types as t

from vatdata_lint import Edit, Finding, Location
from vatdata_lsp.client import Client
from vatdata_lsp.documents import uri_of
from vatdata_lsp.text import PositionEncoding, to_units
from vatdata_lsp.worker.messages import FileFindings, Lines, RuleInfo

__all__ = ["SOURCE", "Converter"]

SOURCE = "vatdata-lint"
UNNECESSARY_CODES = frozenset({"VD901"})
SEVERITIES = {
    "error": t.DiagnosticSeverity.Error,
    "warning": t.DiagnosticSeverity.Warning,
    "info": t.DiagnosticSeverity.Information,
}


class Converter:
    """Converts for one client.

    Args:
        client: What it can do.
        rules: The rules by code, for links to their pages.
        uris: Address of an open file by path, where the client spells it otherwise than we would.
    """

    def __init__(self, client: Client, rules: Mapping[str, RuleInfo], uris: Mapping[str, str]) -> None:
        self._client = client
        self._rules = rules
        self._uris = uris

    def uri(self, path: str) -> str:
        """Return the address of a file."""
        return self._uris.get(path) or uri_of(path)

    def position(self, path: str, line: int, column: int, lines: Lines) -> t.Position:
        """Return a position: line from 1 and column in code points become what the client counts."""
        units = column
        wide = lines.get((path, line))
        if wide is not None and self._client.encoding is not PositionEncoding.UTF32:
            units = to_units(wide, column, self._client.encoding)
        return t.Position(line=line - 1, character=units)

    def range(self, location: Location, lines: Lines) -> t.Range:
        """Return a range."""
        return t.Range(
            start=self.position(location.path, location.line, location.column, lines),
            end=self.position(location.path, location.end_line, location.end_column, lines),
        )

    def location(self, location: Location, lines: Lines) -> t.Location:
        """Return a location with its address."""
        return t.Location(uri=self.uri(location.path), range=self.range(location, lines))

    def _beginning(self, location: Location, lines: Lines) -> t.Location:
        """Return a location, of one that spans lines only where it begins: Kate underlines the whole of it."""
        found = self.location(location, lines)
        if found.range.start.line != found.range.end.line:
            found.range.end = found.range.start
        return found

    def edit(self, edit: Edit, lines: Lines) -> t.TextEdit:
        """Return an edit of one file."""
        return t.TextEdit(
            range=t.Range(
                start=self.position(edit.path, *edit.start, lines),
                end=self.position(edit.path, *edit.end, lines),
            ),
            new_text=edit.text,
        )

    def diagnostics(self, file: FileFindings | None) -> list[t.Diagnostic]:
        """Return the diagnostics of one file in order, none for a file without findings."""
        if file is None:
            return []
        return [self.diagnostic(finding, file.lines) for finding in file.findings]

    def diagnostic(self, finding: Finding, lines: Lines) -> t.Diagnostic:
        """Return a diagnostic; the way that leads to it stands in the text where the client cannot show it."""
        client = self._client
        rule = self._rules.get(finding.code)
        return t.Diagnostic(
            range=self.range(finding.location, lines),
            message=self._message(finding),
            severity=SEVERITIES[finding.severity],
            code=finding.code,
            code_description=(
                t.CodeDescription(href=rule.uri) if client.code_description and rule and rule.uri else None
            ),
            source=SOURCE,
            tags=(
                [t.DiagnosticTag.Unnecessary]
                if client.unnecessary_tag and finding.code in UNNECESSARY_CODES
                else None
            ),
            related_information=(
                [
                    t.DiagnosticRelatedInformation(
                        location=self._beginning(step.location, lines), message=step.message
                    )
                    for step in finding.chain
                ]
                if client.related_information and finding.chain
                else None
            ),
            data=self._data(finding) if client.diagnostic_data else None,
        )

    def _message(self, finding: Finding) -> str:
        parts = [finding.message]
        if finding.help:
            parts.append(f"help: {finding.help}")
        if not self._client.related_information:
            parts += [
                f"{_name(step.location.path)}:{step.location.line}: {step.message}" for step in finding.chain
            ]
        return "\n".join(parts)

    def _data(self, finding: Finding) -> dict[str, Any]:
        return {
            "name": finding.name,
            "kind": finding.kind_name,
            "entry": finding.entry,
            "path": [
                [self.uri(step.location.path), step.location.line, step.message] for step in finding.chain
            ],
        }


def _name(path: str) -> str:
    return path.rpartition("/")[2]
