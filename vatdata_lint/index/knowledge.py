"""What one run hands to the next: the bytes' traits, the judged modules, and the findings of module rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vatdata_lint.facts.diagnosis import CallSite, Candidate, Definition, Diagnosis, EntryPoint, Unit
from vatdata_lint.facts.effects import Cause, KindInfo
from vatdata_lint.facts.parse import NotUnderstoodError
from vatdata_lint.finding import Finding, Location, Step
from vatdata_lint.index.candidates import Traits
from vatdata_lint.index.solution import ModuleRecord

__all__ = ["Knowledge", "RuleRecord"]


@dataclass(slots=True)
class RuleRecord:
    """Findings of the module rules in one file, and the modules on whose content they depend (None: absent)."""

    digest: str
    imported: dict[str, str | None]
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class Knowledge:
    """Everything that is worth keeping; each part says by content keys whether it still holds.

    ``problems`` and ``parsed`` say of contents why they do not parse or that they do, whoever asked.
    """

    paths_key: str = ""
    traits: dict[str, tuple[str, Traits]] = field(default_factory=dict[str, tuple[str, Traits]])
    records: dict[str, ModuleRecord] = field(default_factory=dict[str, ModuleRecord])
    problems: dict[str, tuple[str, NotUnderstoodError]] = field(
        default_factory=dict[str, tuple[str, NotUnderstoodError]]
    )
    parsed: set[str] = field(default_factory=set[str])
    rules: dict[str, RuleRecord] = field(default_factory=dict[str, RuleRecord])

    def to_json(self) -> dict[str, Any]:
        """Give everything as JSON values."""
        return {
            "paths_key": self.paths_key,
            "traits": {
                path: [
                    digest,
                    traits.is_primitive,
                    traits.is_vat_code,
                    traits.names_sources,
                    traits.has_marker,
                    traits.imports,
                ]
                for path, (digest, traits) in self.traits.items()
            },
            "records": {
                path: _record_to_json(record)
                for path, record in self.records.items()
                if not record.failures  # what an internal error left half done is tried again
            },
            "problems": {
                path: [digest, problem.reason, problem.line, problem.column]
                for path, (digest, problem) in self.problems.items()
            },
            "parsed": sorted(self.parsed),
            "rules": {
                path: [record.digest, record.imported, [item.to_json() for item in record.findings]]
                for path, record in self.rules.items()
            },
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Knowledge:
        """Read what :meth:`to_json` gave; raises KeyError, TypeError, ValueError, IndexError or AttributeError."""
        known = cls(paths_key=str(data["paths_key"]))
        for path, (digest, primitive, vat_code, sources, marker, imports) in data["traits"].items():
            known.traits[path] = (
                digest,
                Traits(primitive, vat_code, sources, marker, None if imports is None else tuple(imports)),
            )
        for path, record in data["records"].items():
            known.records[path] = _record_from_json(record)
        for path, (digest, reason, line, column) in data["problems"].items():
            known.problems[path] = (digest, NotUnderstoodError(reason, line, column))
        known.parsed = set(map(str, data["parsed"]))
        for path, (digest, imported, findings) in data["rules"].items():
            known.rules[path] = RuleRecord(
                digest, imported, tuple(Finding.from_json(item) for item in findings)
            )
        return known


def _record_to_json(record: ModuleRecord) -> list[Any]:
    unit = record.unit
    return [
        sorted(record.words),
        record.depends,
        [
            [_diagnosis(item) for item in unit.diagnoses],
            [
                [item.name, item.location.to_json(), _info(item.info), item.function]
                for item in unit.definitions
            ],
            [_site(item) for item in unit.sites],
            sorted(unit.pairs),
            sorted(unit.applied),
            [
                [
                    item.name,
                    item.location.to_json(),
                    item.how,
                    item.function,
                    item.suspends.to_json() if item.suspends is not None else None,
                ]
                for item in unit.entries
            ],
            [
                [item.location.to_json(), item.qualname, item.function, item.uid, item.kinds]
                for item in unit.candidates
            ],
            sorted(unit.definers),
            [item.to_json() for item in unit.exhausted],
            [[location.to_json(), name] for location, name in unit.unresolved],
        ],
    ]


def _diagnosis(item: Diagnosis) -> list[Any]:
    cause = item.cause
    return [
        item.category,
        item.location.to_json(),
        item.kind_name,
        item.callee,
        [cause.category, cause.location.to_json(), cause.text],
        [step.to_json() for step in item.chain],
        item.function,
        item.entry,
        item.text,
        item.unless,
        item.is_unresolved,
    ]


def _site(item: CallSite) -> list[Any]:
    return [
        item.location.to_json(),
        item.function,
        item.function_location.to_json(),
        item.callee,
        item.callee_function,
        item.kinds,
        [step.to_json() for step in item.chain],
        item.late,
    ]


def _info(item: KindInfo) -> list[Any]:
    return [item.definer, item.form, item.facets, item.fields, item.version]


def _record_from_json(data: Sequence[Any]) -> ModuleRecord:
    words, depends, parts = data
    diagnoses, definitions, sites, pairs, applied, entries, candidates, definers, exhausted, unresolved = (
        parts
    )
    place: Callable[[Sequence[Any]], Location] = Location.from_json
    unit = Unit()
    for category, location, kind, callee, cause, chain, function, entry, text, unless, by_name in diagnoses:
        unit.diagnoses.append(
            Diagnosis(
                category,
                place(location),
                kind,
                callee,
                Cause(cause[0], place(cause[1]), cause[2]),
                tuple(Step.from_json(step) for step in chain),
                function,
                entry,
                text,
                tuple(tuple(condition) for condition in unless),
                by_name,
            )
        )
    for name, location, (definer, form, facets, fields, version), function in definitions:
        info = KindInfo(definer, form, _maybe_tuple(facets), _maybe_tuple(fields), version)
        unit.definitions.append(Definition(name, place(location), info, function))
    for location, function, function_location, callee, callee_function, kinds, chain, late in sites:
        steps = tuple(Step.from_json(step) for step in chain)
        unit.sites.append(
            CallSite(
                place(location),
                function,
                place(function_location),
                callee,
                callee_function,
                tuple(kinds),
                steps,
                late,
            )
        )
    unit.pairs = {(how, key, definition) for how, key, definition in pairs}
    unit.applied = {(uid, parameter, zone) for uid, parameter, zone in applied}
    unit.entries = [
        EntryPoint(name, place(where), how, function, place(suspends) if suspends else None)
        for name, where, how, function, suspends in entries
    ]
    unit.candidates = [
        Candidate(place(where), qualname, function, uid, tuple(kinds))
        for where, qualname, function, uid, kinds in candidates
    ]
    unit.definers = set(definers)
    unit.exhausted = [place(item) for item in exhausted]
    unit.unresolved = [(place(where), name) for where, name in unresolved]
    return ModuleRecord(frozenset(words), dict(depends), unit)


def _maybe_tuple(value: Sequence[str] | None) -> tuple[str, ...] | None:
    return tuple(value) if value is not None else None
