"""What is known of a project once each of its modules was judged by itself, and what follows of it for the whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vatdata_lint.facts.diagnosis import Candidate, Diagnosis, EntryPoint, Unit
from vatdata_lint.facts.parse import NotUnderstoodError
from vatdata_lint.finding import Location
from vatdata_lint.index.ways import Ways, calls_by_function

__all__ = ["ModuleRecord", "Solution", "conclude", "internal_failure"]


@dataclass(slots=True)
class ModuleRecord:
    """What judging one module said, and on what it depends.

    ``words`` are the names of definers that it may use; ``depends`` maps each file that was looked into
    to its content key: the record holds as long as they are the same. ``failures`` maps a file to what went
    wrong inside the analyser when it was followed; such a record is not kept for another run.
    """

    words: frozenset[str]
    depends: dict[str, str]
    unit: Unit
    failures: dict[str, NotUnderstoodError] = field(default_factory=dict[str, NotUnderstoodError])


@dataclass(slots=True)
class Solution:
    """What is known of the project once everything is judged."""

    records: dict[str, ModuleRecord] = field(default_factory=dict[str, ModuleRecord])
    problems: dict[str, NotUnderstoodError] = field(default_factory=dict[str, NotUnderstoodError])
    diagnoses: list[Diagnosis] = field(default_factory=list[Diagnosis])
    entries: dict[str, EntryPoint] = field(default_factory=dict[str, EntryPoint])
    unreached: list[Candidate] = field(default_factory=list[Candidate])

    def units(self) -> Iterable[Unit]:
        """Give the units in order of path."""
        return [self.records[path].unit for path in sorted(self.records)]


def conclude(solution: Solution) -> None:
    """Choose what is reported: what another module excuses is not, nor one call twice for causes inside each other."""
    units = list(solution.units())
    pairs = {pair for unit in units for pair in unit.pairs}
    zones: dict[tuple[str, str], set[str]] = {}
    for unit in units:
        for uid, parameter, zone in unit.applied:
            zones.setdefault((uid, parameter), set()).add(zone)
        for entry in unit.entries:
            solution.entries.setdefault(f"{entry.name}|{entry.function}", entry)

    def is_excused(condition: tuple[str, ...]) -> bool:
        match condition:
            case ("pair", key, place):
                return ("written", key, place) in pairs
            case ("written", key, place):
                return ("guarded", key, place) in pairs or ("guarded", "*", place) in pairs
            case ("heap", uid, parameter):
                classes = zones.get((uid, parameter), set())
                return "heap" in classes and "durable" not in classes
            case ("called", uid):
                return (uid, "") in zones
            case _:
                return False

    chosen: dict[tuple[str, Location], Diagnosis] = {}
    for found in sorted((item for unit in units for item in unit.diagnoses), key=_order):
        if not any(is_excused(condition) for condition in found.unless):
            chosen.setdefault((found.category, found.location), found)
    kept = [found for found in chosen.values() if not _is_covered(found, chosen)]
    ways = Ways(solution.entries.values(), calls_by_function(site for unit in units for site in unit.sites))
    solution.diagnoses = [
        dataclasses.replace(found, chain=(*ways.to(found.function), *found.chain))
        if found.entry is None
        else found
        for found in kept
    ]
    if any(unit.exhausted for unit in units):
        return  # who is called from what was cut short is not known
    reached = {entry.function for entry in solution.entries.values()}
    solution.unreached = [
        item
        for unit in units
        for item in unit.candidates
        if item.function not in reached and (item.uid, "") not in zones
    ]


def _is_covered(found: Diagnosis, chosen: Mapping[tuple[str, Location], Diagnosis]) -> bool:
    """Say whether the same call is reported for a cause further out."""
    if found.category in ("HANDLER", "ASYNC"):
        return False
    outer = ("HANDLER",) if found.category == "NESTED" else ("HANDLER", "NESTED")
    return any((category, found.location) in chosen for category in outer)


def _order(found: Diagnosis) -> tuple[str, int, int, bool, str, str]:
    where = found.location
    return (where.path, where.line, where.column, found.entry is None, found.category, found.function)


def internal_failure(error: Exception, line: int = 1) -> NotUnderstoodError:
    """Say of a file that the analyser itself failed on it."""
    return NotUnderstoodError(
        f"following it failed with {type(error).__name__}: {error}; please report it", line
    )
