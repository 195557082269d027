"""What the analyser reports: places, chains of places, edits and findings, all plain data."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Edit", "Finding", "Fix", "Location", "Severity", "Step"]

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A range of source text.

    Lines count from 1, columns from 0 in code points; the end is exclusive. ``path`` uses
    forward slashes and is relative to the project's root where the file lies under it.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    def is_inside(self, other: Location) -> bool:
        """Say whether this range lies within *other*, or is the same."""
        return (
            self.path == other.path
            and (other.line, other.column) <= (self.line, self.column)
            and (self.end_line, self.end_column) <= (other.end_line, other.end_column)
        )

    def to_json(self) -> list[Any]:
        """Give the five fields in order, for the cache and for worker processes."""
        return [self.path, self.line, self.column, self.end_line, self.end_column]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> Location:
        """Read what :meth:`to_json` gave.

        Raises:
            ValueError: *data* is not a path followed by four integers.
        """
        if len(data) != 5 or not isinstance(data[0], str) or not all(isinstance(x, int) for x in data[1:]):
            raise ValueError(f"not a location: {data!r}")
        path, line, column, end_line, end_column = data
        return cls(path, line, column, end_line, end_column)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way that leads to a finding: the entry, a call, an await or branch, the definition."""

    location: Location
    message: str

    def to_json(self) -> list[Any]:
        """Give the location and the message."""
        return [self.location.to_json(), self.message]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> Step:
        """Read what :meth:`to_json` gave; raises ValueError for anything else."""
        location, message = data
        return cls(Location.from_json(location), str(message))


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text from ``start`` to ``end``, each a (line, column) pair counted as in :class:`Location`."""

    path: str
    start: tuple[int, int]
    end: tuple[int, int]
    text: str

    def to_json(self) -> list[Any]:
        """Give the four fields in order."""
        return [self.path, list(self.start), list(self.end), self.text]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> Edit:
        """Read what :meth:`to_json` gave; raises ValueError for anything else."""
        path, (line, column), (end_line, end_column), text = data
        return cls(str(path), (int(line), int(column)), (int(end_line), int(end_column)), str(text))


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that removes a finding.

    ``safe`` means that the meaning of the program stays the same apart from the defect. ``kind`` is
    the family of the change (``"hoist"``, ``"unwrap"``, ``"suppress"``, ...), for editors' filters.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool
    kind: str

    def to_json(self) -> list[Any]:
        """Give the four fields in order."""
        return [self.title, [edit.to_json() for edit in self.edits], self.safe, self.kind]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> Fix:
        """Read what :meth:`to_json` gave; raises ValueError for anything else."""
        title, edits, safe, kind = data
        return cls(str(title), tuple(Edit.from_json(edit) for edit in edits), bool(safe), str(kind))


@dataclass(frozen=True, slots=True)
class Finding:
    """One report: what is wrong, which kind it concerns, what makes it so and what to do.

    Attributes:
        code: ``VD101`` and so on.
        name: the rule's name, ``conditional-prepare``.
        message: what happens to which kind, and the line that makes it so.
        help: what to do about it; empty when there is nothing to add.
        location: the outermost place that causes it; starts where the call expression starts.
        chain: the way from the entry to the definition, in order, with the await or branch in its place.
        kind_name: the durable kind concerned, None when it is not known.
        severity: how much it matters.
        fixes: changes that remove it, best first.
        entry: qualified name of the entry that leads here, None when the finding belongs to no entry.
    """

    code: str
    name: str
    message: str
    help: str
    location: Location
    chain: tuple[Step, ...] = ()
    kind_name: str | None = None
    severity: Severity = "error"
    fixes: tuple[Fix, ...] = ()
    entry: str | None = None

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Order of every output: path, line, column, code, then the message."""
        where = self.location
        return (where.path, where.line, where.column, self.code, self.message)

    def fingerprint(self, source_line: str) -> str:
        """Identify this finding by content, so that it survives edits elsewhere in the file.

        Args:
            source_line: text of the line where the finding starts; surrounding white space is ignored.

        Returns:
            32 hexadecimal digits made of code, path, kind and the line's text, never of line numbers.
        """
        parts = (self.code, self.location.path, self.kind_name or "", source_line.strip())
        return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Give all fields as JSON values, for the cache and for worker processes."""
        return {
            "code": self.code,
            "name": self.name,
            "message": self.message,
            "help": self.help,
            "location": self.location.to_json(),
            "chain": [step.to_json() for step in self.chain],
            "kind_name": self.kind_name,
            "severity": self.severity,
            "fixes": [fix.to_json() for fix in self.fixes],
            "entry": self.entry,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """Read what :meth:`to_json` gave.

        Raises:
            KeyError, TypeError, ValueError: *data* was not made by :meth:`to_json`.
        """
        severity: object = data["severity"]
        if severity not in ("error", "warning", "info"):
            raise ValueError(f"unknown severity {severity!r}")
        return cls(
            code=str(data["code"]),
            name=str(data["name"]),
            message=str(data["message"]),
            help=str(data["help"]),
            location=Location.from_json(data["location"]),
            chain=tuple(Step.from_json(step) for step in data["chain"]),
            kind_name=data["kind_name"],
            severity=severity,
            fixes=tuple(Fix.from_json(fix) for fix in data["fixes"]),
            entry=data["entry"],
        )
