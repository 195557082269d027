"""What the server and its worker process say to each other: plain data, framed over two pipes."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from vatdata_lint import CallExplanation, Edit, Finding, FirstCrankCall, Location

__all__ = [
    "HEADER",
    "CallMark",
    "Change",
    "Check",
    "CheckReply",
    "Describe",
    "Doctor",
    "EarlyFindings",
    "EntrySummary",
    "Explain",
    "Explained",
    "Failed",
    "FileFindings",
    "FirstCrankCalls",
    "FirstCrankReply",
    "FixAll",
    "Folder",
    "KindLine",
    "Lines",
    "Outline",
    "OutlineReply",
    "ProveFix",
    "Request",
    "RuleInfo",
    "Supersede",
    "Superseded",
    "frame",
    "unframe",
]

R_co = TypeVar("R_co", covariant=True)

HEADER = struct.Struct(">I")
"""Length of the message that follows, in bytes."""

Lines = Mapping[tuple[str, int], str]
"""Lines that hold more than ASCII, by path and number from 1: what positions on them are converted with.

They travel with the findings, so that positions are converted with the very text that was analysed.
"""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the workspace and what its settings change in the configuration found there.

    Attributes:
        path: As the client spells it.
        enabled: Whether anything is reported.
        configuration: Configuration file to use in place of the one that is found, relative to *path*.
        select, extend_select, ignore: As on the command line.
        manifest: Kind manifest in place of the configured one, relative to *path*.
        store: Store whose kinds are compared too, relative to *path*.
    """

    path: str
    enabled: bool = True
    configuration: str | None = None
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    manifest: str | None = None
    store: str | None = None


class Request(Generic[R_co]):
    """A question whose answer has the type in brackets. Paths are absolute, as the client spells them."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class FileFindings:
    """All findings of one file, their paths absolute.

    ``result_id`` is equal for equal findings of one version of the rules.
    """

    path: str
    findings: tuple[Finding, ...]
    lines: Lines
    result_id: str


@dataclass(frozen=True, slots=True)
class CheckReply:
    """What changed since the last check.

    Attributes:
        files: Files whose findings changed; without findings they are clean now.
        complete: Whether files that are not among them are clean, whatever was said before.
        problems: What keeps a folder from being checked, one text each.
        inputs: Paths of the files besides sources that the findings depend on.
        files_checked: How many files were looked at.
        seconds: Wall clock.
    """

    files: tuple[FileFindings, ...]
    complete: bool
    problems: tuple[str, ...]
    inputs: tuple[str, ...]
    files_checked: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Check(Request["CheckReply | Superseded"]):
    """Check everything again where *texts* (None: read the disk again) replace what was said before."""

    folders: tuple[Folder, ...]
    texts: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class EarlyFindings:
    """What a check that is still running is sure of already; the only message besides the answer to a request."""

    files: tuple[FileFindings, ...]


@dataclass(frozen=True, slots=True)
class Supersede:
    """Sent while a check runs: its texts are old, nobody wants its answer. Has no answer of its own."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """The answer of a check that was given up; texts sent with it have arrived."""


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """A rule as texts for editors; ``page`` is Markdown, ``uri`` that of the page's file, "" without one."""

    code: str
    name: str
    summary: str
    suppressible: bool
    page: str
    uri: str


@dataclass(frozen=True, slots=True)
class Describe(Request[tuple[RuleInfo, ...]]):
    """List the rules."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a call matters, and the lines that its positions need."""

    explanation: CallExplanation
    lines: Lines


@dataclass(frozen=True, slots=True)
class Explain(Request["Explained | None"]):
    """Ask about the call at a position: line from 1, column from 0 in code points."""

    path: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class KindLine:
    """A kind that an entry defines: its name ("" where unknown), the definer, and the place."""

    name: str
    definer: str
    location: Location


@dataclass(frozen=True, slots=True)
class EntrySummary:
    """What the first crank of one entry point defines, and how many calls may come late or not at all.

    ``suspends`` is the first place that may end that crank, None where nothing does.
    """

    name: str
    location: Location
    kinds: tuple[KindLine, ...]
    conditional: int
    late: int
    suspends: Location | None


@dataclass(frozen=True, slots=True)
class CallMark:
    """A call that defines kinds, and its crank as in `CallExplanation`."""

    location: Location
    crank: str


@dataclass(frozen=True, slots=True)
class OutlineReply:
    """Entry points and kind-defining calls of one file, in order."""

    entries: tuple[EntrySummary, ...]
    calls: tuple[CallMark, ...]
    lines: Lines


@dataclass(frozen=True, slots=True)
class Outline(Request[OutlineReply]):
    """Ask what runs in the first crank of a file's entry points."""

    path: str


@dataclass(frozen=True, slots=True)
class FirstCrankReply:
    """Edges of the first-crank graph around a function."""

    calls: tuple[FirstCrankCall, ...]
    lines: Lines


@dataclass(frozen=True, slots=True)
class FirstCrankCalls(Request[FirstCrankReply]):
    """Ask for the edges from and to the function around a line (from 1)."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class ProveFix(Request[bool]):
    """Ask whether edits remove a finding and bring none; the edits are in the coordinates of the findings."""

    finding: Finding
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """The text of a file before and after fixes."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class FixAll(Request[tuple[Change, ...]]):
    """Ask what all safe fixes of one open file, or of the workspace where *path* is None, lead to; proved."""

    path: str | None


@dataclass(frozen=True, slots=True)
class Doctor(Request[tuple[str, ...]]):
    """Ask for lines that describe what the worker works with."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The worker could not answer; *trace* is for the log."""

    trace: str


def frame(message: object) -> bytes:
    """Return a message with its header."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return HEADER.pack(len(body)) + body


def unframe(body: bytes) -> object:
    """Read a message back.

    Pickle is safe here: the only writer at the other end of the pipe is a process of our own.
    """
    return pickle.loads(body)
