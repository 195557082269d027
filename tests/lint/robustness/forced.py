"""Has every function of every file followed as if it defined kinds, and looks at what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from vatdata_lint import Config, Finding, Project
from vatdata_lint import analysis as analysis_module
from vatdata_lint.index.candidates import Interest, Traits
from vatdata_lint.source import decode, split_lines

__all__ = ["assert_sound", "check_forced"]

FAILED = "please report it"
"""What a finding says where the analyser itself failed on a file."""


def check_forced(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Finding, ...]:
    """Check a folder without a cache; each file counts as vat code, each function as one that speaks of definers."""
    with monkeypatch.context() as patch:
        patch.setattr(analysis_module, "traits_of", lambda data: Traits(True, True, True, True))
        patch.setattr(Interest, "touches", lambda self, node: True)
        return Project(folder, Config.from_mapping({"select": ["ALL"]}, root=folder)).check().findings


def assert_sound(folder: Path, findings: tuple[Finding, ...]) -> None:
    """Fail where the analyser failed, or where a finding, step or fix lies outside of its file."""
    lines: dict[str, list[str]] = {}

    def inside(path: str, line: int, column: int) -> bool:
        if path not in lines:
            try:
                lines[path] = split_lines(decode((folder / path).read_bytes()))
            except (SyntaxError, UnicodeDecodeError):
                lines[path] = []
        text = lines[path]
        return not text or (1 <= line <= len(text) and 0 <= column <= len(text[line - 1]))

    for finding in findings:
        assert FAILED not in finding.message, finding
        if finding.code == "VD900":
            continue  # a parser's word on where it gave up may be the end of the file, or beyond
        for where in (finding.location, *(step.location for step in finding.chain)):
            assert inside(where.path, where.line, where.column), finding
            assert inside(where.path, where.end_line, where.end_column), finding
            assert (where.line, where.column) <= (where.end_line, where.end_column), finding
        for fix in finding.fixes:
            for edit in fix.edits:
                assert inside(edit.path, *edit.start), finding
                assert inside(edit.path, *edit.end), finding
