"""Cases with marks: how rules are tested, ours and those of a project that checks its own conventions.

A case is source text in which ``# finding`` at the end of a line says that the rule reports this line, and no
other. In a story, where several rules speak, the mark names the code: ``# finding: VD103``. A case of several
files begins each with a line ``# file: other.py``; what stands before the first such line is ``vat.py``.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from vatdata_lint.checking import check
from vatdata_lint.config import Config
from vatdata_lint.engine import Project
from vatdata_lint.finding import Finding
from vatdata_lint.manifest import LOCK_FILE, Manifest
from vatdata_lint.rules import Rule

__all__ = ["Case", "Mark", "cases_of", "compile_errors", "mismatches", "parse_case", "run_case", "silenced"]

MARK = re.compile(r"#\s*finding(?::\s*(?P<codes>VD\d{3}(?:\s*,\s*VD\d{3})*))?\s*$")
FILE = re.compile(r"^# file: (?P<path>\S+)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A line on which a code must be reported."""

    path: str
    line: int
    code: str


@dataclass(frozen=True, slots=True)
class Case:
    """Files of one case by relative path, and what must be found in them.

    Text keeps the marks: they are comments.
    """

    title: str
    files: Mapping[str, str]
    marks: frozenset[Mark]


def parse_case(title: str, source: str, code: str | None = None) -> Case:
    """Read a case.

    Args:
        title: What the case shows.
        source: Text, indented as a whole or not.
        code: Code that a bare ``# finding`` stands for; None where every mark must name its own.

    Raises:
        ValueError: A bare mark where none is allowed, or a path that leaves the case's folder.
    """
    text = textwrap.dedent(source).strip("\n") + "\n"
    pieces = FILE.split(text)
    named = zip(pieces[1::2], pieces[2::2], strict=True)
    files = {path: body.lstrip("\n") for path, body in [("vat.py", pieces[0]), *named] if body.strip()}
    marks: set[Mark] = set()
    for path, body in files.items():
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise ValueError(f"case {title!r}: {path!r} must lie inside the case")
        for number, line in enumerate(body.split("\n"), start=1):
            found = MARK.search(line)
            if found is None:
                continue
            codes = re.split(r"\s*,\s*", found["codes"]) if found["codes"] else [code]
            for item in codes:
                if item is None:
                    raise ValueError(f"case {title!r}: the mark in {path}:{number} names no code")
                marks.add(Mark(path, number, item))
    return Case(title, files, frozenset(marks))


def cases_of(rule: type[Rule]) -> Iterator[Case]:
    """Yield the valid, then the invalid cases of a rule.

    Raises:
        ValueError: A valid case has a mark, or an invalid one has none.
    """
    for expected, cases in ((False, rule.VALID), (True, rule.INVALID)):
        for title, source in cases.items():
            case = parse_case(title, source, rule.CODE)
            if bool(case.marks) != expected:
                raise ValueError(
                    f"{rule.CODE} {title!r}: {'needs a mark' if expected else 'must have no mark'}"
                )
            yield case


def run_case(case: Case, folder: Path, settings: Mapping[str, object]) -> tuple[Finding, ...]:
    """Write the files of a case into an empty folder and check them, against its ``kinds.lock`` where it has one.

    Args:
        case: What to check.
        folder: Becomes the project's root.
        settings: Configuration, keys as in the file.
    """
    for path, body in case.files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(body, encoding="utf-8")
    config = Config.from_mapping(settings, root=folder)
    lock = folder / LOCK_FILE
    manifests = (Manifest(LOCK_FILE, Manifest.read(lock).vats),) if lock.exists() else ()
    return check(Project(folder, config), None, manifests).findings


def mismatches(case: Case, findings: Iterable[Finding]) -> list[str]:
    """Return a line of text for each missed mark and each false alarm; empty when findings equal marks."""
    found = {Mark(item.location.path, item.location.line, item.code): item.message for item in findings}
    missed = sorted(case.marks - found.keys())
    false = sorted(found.keys() - case.marks)
    return [
        *(f"missed alarm: {mark.path}:{mark.line} {mark.code}" for mark in missed),
        *(f"false alarm: {mark.path}:{mark.line} {mark.code}: {found[mark]}" for mark in false),
    ]


def compile_errors(case: Case) -> list[str]:
    """Return what Python refuses in the files of a case."""
    problems: list[str] = []
    for path, body in case.files.items():
        if path.endswith(".py"):
            try:
                compile(body, path, "exec", dont_inherit=True)
            except SyntaxError as error:
                problems.append(f"{path}:{error.lineno}: {error.msg}")
    return problems


def silenced(case: Case) -> Case:
    """Return the case with a suppression in place of each mark, so that nothing may be found."""
    files: dict[str, str] = {}
    for path, body in case.files.items():
        lines = body.split("\n")
        for mark in case.marks:
            if mark.path == path:
                comment = f"# vatdata: ignore[{mark.code}] this is a case"
                lines[mark.line - 1] = MARK.sub(comment, lines[mark.line - 1])
        files[path] = "\n".join(lines)
    return Case(f"{case.title}, silenced", files, frozenset())
