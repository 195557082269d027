"""Keeps analyses between runs: the last one whole for when nothing changed, and its parts for when little did."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vatdata_lint.analysis import Analysis, State
from vatdata_lint.answers import Entry, KindDefinition
from vatdata_lint.config import Config
from vatdata_lint.facts.diagnosis import CallSite
from vatdata_lint.finding import Finding, Location, Step
from vatdata_lint.index import cache
from vatdata_lint.index.knowledge import Knowledge

__all__ = ["load_analysis", "load_knowledge", "save_run"]

_MALFORMED = (KeyError, TypeError, ValueError, IndexError, AttributeError)


def load_analysis(folder: Path, config: Config, state: State) -> Analysis | None:
    """Give the last run's analysis if the files are what they were then."""
    data = cache.load(folder, config, "report")
    if data is None or data.get("state") != _state_key(state):
        return None
    try:
        return _analysis_from_json(data, state)
    except _MALFORMED:
        return None


def load_knowledge(folder: Path, config: Config) -> Knowledge:
    """Give what the last run knew; nothing when that cannot be read."""
    data = cache.load(folder, config, "modules")
    if data is None:
        return Knowledge()
    try:
        return Knowledge.from_json(data)
    except _MALFORMED:
        return Knowledge()


def save_run(folder: Path, config: Config, analysis: Analysis, known: Knowledge) -> None:
    """Keep a run for the next one."""
    cache.save(folder, config, "modules", known.to_json())
    cache.save(folder, config, "report", _analysis_to_json(analysis))


def _state_key(state: State) -> str:
    text = "\0".join(f"{path}\0{digest}" for path, digest in state)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _analysis_to_json(analysis: Analysis) -> dict[str, Any]:
    return {
        "state": _state_key(analysis.state),
        "findings": {
            path: [finding.to_json() for finding in findings] for path, findings in analysis.findings.items()
        },
        "entries": [
            [item.qualified_name, item.location.to_json(), item.how, _place_to_json(item.suspends)]
            for item in analysis.entries
        ],
        "kinds": [
            [
                item.name,
                item.location.to_json(),
                item.definer,
                item.form,
                item.function,
                item.entries,
                item.facets,
                item.fields,
                item.version,
            ]
            for item in analysis.kinds
        ],
        "sites": [
            [
                item.location.to_json(),
                item.function,
                item.function_location.to_json(),
                item.callee,
                item.callee_function,
                item.kinds,
                [step.to_json() for step in item.chain],
                item.late,
            ]
            for item in analysis.sites
        ],
        "unresolved": [step.to_json() for step in analysis.unresolved],
    }


def _analysis_from_json(data: Mapping[str, Any], state: State) -> Analysis:
    place = Location.from_json
    return Analysis(
        state,
        tuple(path for path, _ in state),
        {path: tuple(Finding.from_json(item) for item in items) for path, items in data["findings"].items()},
        tuple(
            Entry(name, place(where), how, place(suspends) if suspends else None)
            for name, where, how, suspends in data["entries"]
        ),
        tuple(_kind(item) for item in data["kinds"]),
        tuple(
            CallSite(
                place(where),
                function,
                place(function_where),
                callee,
                callee_function,
                tuple(kinds),
                tuple(Step.from_json(step) for step in chain),
                late,
            )
            for where, function, function_where, callee, callee_function, kinds, chain, late in data["sites"]
        ),
        tuple(Step.from_json(item) for item in data["unresolved"]),
        0,
    )


def _place_to_json(place: Location | None) -> Any:
    return place.to_json() if place is not None else None


def _kind(item: Sequence[Any]) -> KindDefinition:
    name, where, definer, form, function, entries, facets, fields, version = item
    return KindDefinition(
        name,
        Location.from_json(where),
        definer,
        form,
        function,
        tuple(entries),
        tuple(facets) if facets is not None else None,
        tuple(fields) if fields is not None else None,
        version,
    )
