"""Files that the user named: looked at whether or not the project's walk would have come by."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence

from vatdata_lint.config import Config
from vatdata_lint.engine import Report
from vatdata_lint.facts.parse import NotUnderstoodError, parse_source, with_deep_stack
from vatdata_lint.finding import Finding
from vatdata_lint.index.files import SUFFIXES, walk
from vatdata_lint.rules.syntax_error import UnreadableFile
from vatdata_lint.source import decode

__all__ = ["left_out", "unreadable"]


def left_out(config: Config, paths: Sequence[str], report: Report) -> dict[str, str]:
    """Return path to text of named Python files that the walk leaves out (``exclude``, ``.gitignore``, elsewhere).

    They are given to the project as overlays, since who names a file wants it checked.

    Args:
        config: The settings of the walk.
        paths: Named files, relative to the root where they lie under it.
        report: Of a check of these paths; when it has looked at all of them, nothing is searched.
    """
    python = [path for path in paths if path.endswith(SUFFIXES)]
    if report.files_checked >= len(python):
        return {}
    known = set(walk(config.root, config))
    texts: dict[str, str] = {}
    for path in python:
        if path not in known:
            try:
                texts[path] = decode((config.root / path).read_bytes())
            except (OSError, SyntaxError, UnicodeDecodeError):
                continue  # `unreadable` says so
    return texts


def unreadable(
    config: Config, paths: Sequence[str], texts: Mapping[str, str], findings: Sequence[Finding]
) -> Iterator[Finding]:
    """Yield a finding for each named file that is no module, and that nothing else has called unreadable yet.

    The project's own check parses only files that may matter to a vat; a file that the user names is always parsed.

    Args:
        config: Its root is what paths are relative to.
        paths: Named files.
        texts: Texts that stand in for files on disk.
        findings: What the check has found.
    """
    said = {finding.location.path for finding in findings if finding.code == UnreadableFile.CODE}
    for path in paths:
        if path in said:
            continue
        if path.endswith(".ipynb"):
            yield UnreadableFile.of(
                path, "it is a notebook, and vats are modules: export its code to a .py file"
            )
        elif not path.endswith(SUFFIXES):
            yield UnreadableFile.of(path, "its name does not end in .py")
        else:
            try:
                source = texts[path] if path in texts else (config.root / path).read_bytes()
                with_deep_stack(functools.partial(parse_source, source))
            except OSError as error:
                yield UnreadableFile.of(path, f"it cannot be read: {error.strerror or error}")
            except NotUnderstoodError as error:
                yield UnreadableFile.of(path, error.reason, line=error.line, column=error.column)
