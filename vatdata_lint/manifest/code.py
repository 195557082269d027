"""The kinds that a project's code defines, as records of a manifest."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from vatdata_lint.behavior.definitions import Behavior, behaviors
from vatdata_lint.behavior.loader import ViewLoader
from vatdata_lint.behavior.state import state_fields
from vatdata_lint.engine import KindDefinition, Project
from vatdata_lint.finding import Location
from vatdata_lint.manifest.records import FacetRecord, FieldRecord, Form, KindRecord

__all__ = ["CodeKind", "code_kinds"]

FORMS: Mapping[str, Form] = {"exo": "single", "class": "single", "single": "single", "kit": "kit"}
ANNOTATIONS = {
    "int": "M.int()",
    "str": "M.string()",
    "bool": "M.boolean()",
    "float": "M.float()",
    "bytes": "M.bytes()",
}


@dataclass(frozen=True, slots=True)
class CodeKind:
    """A kind as one place of the code defines it.

    Attributes:
        record: What the source tells of it; the name is empty where the source does not fix it.
        location: The place.
        entries: Entry points that reach it.
        migrates: Whether a ``migrate`` is given.
        defaults: Fields that have a default, so that records without them can be read.
    """

    record: KindRecord
    location: Location
    entries: tuple[str, ...]
    migrates: bool = False
    defaults: frozenset[str] = frozenset()


def code_kinds(project: Project, loader: ViewLoader) -> tuple[CodeKind, ...]:
    """Return all definitions of durable kinds in the project, in the order of `Project.kinds`."""
    return tuple(_code_kind(kind, loader) for kind in project.kinds())


def _code_kind(kind: KindDefinition, loader: ViewLoader) -> CodeKind:
    behavior = _behavior_at(kind.location, loader)
    form: Form = FORMS.get(kind.form, "unknown")
    fields = None if kind.fields is None else tuple(FieldRecord(name) for name in kind.fields)
    facets = None if kind.facets is None else tuple(FacetRecord(name) for name in kind.facets)
    version = kind.version
    migrates = False
    defaults: frozenset[str] = frozenset()
    if behavior is not None:
        form = "kit" if behavior.is_kit else "single"
        facets = _facets(behavior) or facets
        declared = state_fields(behavior)
        if declared.is_complete:
            fields = tuple(
                FieldRecord(item.name, _pattern(item.pattern, item.annotation))
                for item in declared.fields.values()
            )
        if behavior.is_declarative:
            defaults = frozenset(item.name for item in declared.fields.values() if item.values)
        migrates = "migrate" in behavior.arguments
        version = _version(behavior, version)
    return CodeKind(
        KindRecord(kind.name or "", form, version, facets, fields),
        kind.location,
        kind.entries,
        migrates,
        defaults,
    )


def _behavior_at(location: Location, loader: ViewLoader) -> Behavior | None:
    module = loader.by_path(location.path)
    if module is None:
        return None
    for behavior in behaviors(module):
        place = module.location(behavior.site)
        if (place.line, place.column) == (location.line, location.column):
            return behavior
    return None


def _facets(behavior: Behavior) -> tuple[FacetRecord, ...] | None:
    if not behavior.tables or not behavior.all_tables:
        return None
    return tuple(
        FacetRecord(table.name, tuple(sorted(table.methods)) if table.is_complete else None)
        for table in behavior.tables
    )


def _version(behavior: Behavior, known: int | None) -> int | None:
    given = behavior.arguments.get("version")
    if given is None:
        # The call that prepares a declarative class may not be in sight.
        is_open = behavior.is_declarative and not isinstance(behavior.site, ast.Call)
        return 1 if known is None and not is_open else known
    found = behavior.module.definition(given)
    value = found.node if found is not None else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, int) else known


def _pattern(pattern: ast.expr | None, annotation: ast.expr | None) -> str | None:
    """Return a pattern as text; for an annotation its plain equivalent, None where there is none."""
    if pattern is not None:
        return ast.unparse(pattern)
    if annotation is None:
        return None
    text = ast.unparse(annotation)
    if text in ANNOTATIONS:
        return ANNOTATIONS[text]
    parts = [part.strip() for part in text.split("|")]
    if len(parts) == 2 and "None" in parts:
        other = parts[1] if parts[0] == "None" else parts[0]
        return f"M.or_(None, {ANNOTATIONS[other]})" if other in ANNOTATIONS else None
    return None
