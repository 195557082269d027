"""What judging a module says, as plain data: defects, definitions, calls and entries."""

from __future__ import annotations

from dataclasses import dataclass, field

from vatdata_lint.facts.effects import Applied, Cause, KindInfo
from vatdata_lint.finding import Location, Step

__all__ = ["CallSite", "Candidate", "Definition", "Diagnosis", "EntryPoint", "Unit"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One defect, in the words of its rule.

    ``unless`` holds conditions on the whole program under which it is none: ``("pair", key, definition)``,
    ``("heap", function, parameter)`` and ``("called", function)``. ``is_unresolved`` says that what is called is a
    definer by its name alone.
    """

    category: str
    location: Location
    kind_name: str | None
    callee: str
    cause: Cause
    chain: tuple[Step, ...]
    function: str
    entry: str | None
    text: str = ""
    unless: tuple[tuple[str, ...], ...] = ()
    is_unresolved: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """A definer call written in a function that was judged."""

    name: str | None
    location: Location
    info: KindInfo
    function: str


@dataclass(frozen=True, slots=True)
class CallSite:
    """A call that defines kinds: where, in which function, what is called and which kinds come of it."""

    location: Location
    function: str
    function_location: Location
    callee: str
    callee_function: str | None
    kinds: tuple[str | None, ...]
    chain: tuple[Step, ...]
    late: bool


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A function that a vat starts with, how it was recognised, and what may end its first crank first."""

    name: str
    location: Location
    how: str
    function: str
    suspends: Location | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A function that defines kinds, for the question whether any entry reaches it."""

    location: Location
    qualname: str
    function: str
    uid: str
    kinds: tuple[str, ...]


@dataclass(slots=True)
class Unit:
    """Everything that judging one module said: plain data, so that it can be kept between runs."""

    diagnoses: list[Diagnosis] = field(default_factory=list[Diagnosis])
    definitions: list[Definition] = field(default_factory=list[Definition])
    sites: list[CallSite] = field(default_factory=list[CallSite])
    pairs: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])
    applied: set[Applied] = field(default_factory=set[Applied])
    entries: list[EntryPoint] = field(default_factory=list["EntryPoint"])
    candidates: list[Candidate] = field(default_factory=list["Candidate"])
    definers: set[str] = field(default_factory=set[str])
    exhausted: list[Location] = field(default_factory=list[Location])
    unresolved: list[tuple[Location, str]] = field(default_factory=list[tuple[Location, str]])
