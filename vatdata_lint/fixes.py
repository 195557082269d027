"""Edits of findings applied to source text, and files written back as they were encoded."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vatdata_lint.finding import Edit, Finding, Fix
from vatdata_lint.source import encoding_of

__all__ = ["Chosen", "apply_edits", "choose", "unified_diff", "write_source"]

LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Edits that can be made together, by path, and the findings that they remove."""

    edits: Mapping[str, tuple[Edit, ...]]
    findings: tuple[Finding, ...]


def choose(findings: Iterable[Finding], *, unsafe: bool) -> Chosen:
    """Choose the best fix of each finding, leaving out one that touches what an earlier one changes.

    Args:
        findings: In order; the first of two that clash wins, the other is for the next pass.
        unsafe: Whether fixes that may change what the program does are allowed.
    """
    taken: dict[str, list[Edit]] = {}
    done: list[Finding] = []
    for finding in findings:
        fix = _best(finding, unsafe=unsafe)
        if fix is None or any(_clashes(edit, taken.get(edit.path, ())) for edit in fix.edits):
            continue
        for edit in fix.edits:
            known = taken.setdefault(edit.path, [])
            if edit not in known:
                known.append(edit)
        done.append(finding)
    ordered = {
        path: tuple(sorted(edits, key=lambda edit: edit.start)) for path, edits in sorted(taken.items())
    }
    return Chosen(ordered, tuple(done))


def _best(finding: Finding, *, unsafe: bool) -> Fix | None:
    allowed = [fix for fix in finding.fixes if (fix.safe or unsafe) and fix.kind != "suppress"]
    return allowed[0] if allowed else None


def _clashes(edit: Edit, others: Sequence[Edit]) -> bool:
    """Say whether an edit overlaps one that is not the same; two insertions at one place clash too."""
    return any(
        edit != other
        and (edit.start < other.end or edit.start == other.start)
        and (other.start < edit.end or edit.start == other.start)
        for other in others
    )


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """Return the text with edits made, new lines ended as the text's own.

    Args:
        text: The whole file; its line ends may be mixed.
        edits: Of this file, not overlapping, in any order; positions are those of the unchanged text.

    Raises:
        ValueError: A position lies outside the text.
    """
    ends = [found.span() for found in LINE_END.finditer(text)]
    starts = [0, *(end for _, end in ends)]
    widths = [begin for begin, _ in ends] + [len(text)]
    eol = max(("\n", "\r\n", "\r"), key=[text[a:b] for a, b in ends].count)

    def offset(position: tuple[int, int]) -> int:
        line, column = position
        if not 1 <= line <= len(starts) or starts[line - 1] + column > widths[line - 1]:
            raise ValueError(f"no position {line}:{column} in a text of {len(starts)} lines")
        return starts[line - 1] + column

    for edit in sorted(edits, key=lambda item: item.start, reverse=True):
        inserted = edit.text.replace("\r\n", "\n").replace("\n", eol)
        text = text[: offset(edit.start)] + inserted + text[offset(edit.end) :]
    return text


def unified_diff(path: str, before: str, after: str) -> Iterator[str]:
    """Yield a unified diff of one file, lines with their ends."""
    for line in difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    ):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def write_source(path: Path, text: str) -> None:
    """Replace a source file's text, keeping encoding, byte order mark and permissions.

    The new content replaces the old at once, so a reader never sees half a file.

    Args:
        path: An existing file; a link stays a link.
        text: With the line ends that the file shall have.

    Raises:
        OSError: The file cannot be read or replaced.
        SyntaxError: Its encoding comment cannot be used.
        UnicodeEncodeError: The text cannot be written in the file's encoding.
    """
    target = path.resolve()
    changed = text.encode(encoding_of(target.read_bytes()))
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(changed)
        os.chmod(temporary, target.stat().st_mode & 0o7777)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
