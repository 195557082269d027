"""What of a manifest the code no longer defines, or defines incompatibly."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from vatdata_lint.behavior.loader import ViewLoader
from vatdata_lint.engine import Entry, Project
from vatdata_lint.finding import Finding, Location, Step
from vatdata_lint.manifest.code import CodeKind, code_kinds
from vatdata_lint.manifest.intents import Intents, intents
from vatdata_lint.manifest.patterns import admits_none, covers
from vatdata_lint.manifest.records import KindRecord, Manifest, VatRecord
from vatdata_lint.rules.kind_incompatible import KindIncompatible
from vatdata_lint.rules.kind_vanished import KindVanished
from vatdata_lint.selection import is_selected

__all__ = ["entry_of", "incompatibilities", "manifest_findings"]


def manifest_findings(
    project: Project, manifest: Manifest, overlays: Mapping[str, str] | None = None
) -> tuple[Finding, ...]:
    """Compare a manifest with the project's code.

    A vat of the manifest is compared with the entry that its name or source means, else with all entries
    together.

    Args:
        project: The code, whose configuration decides what is reported.
        manifest: A store's manifest or a lock.
        overlays: Texts that stand in for files on disk.

    Returns:
        Findings VD120 and VD121, in order.
    """
    loader = ViewLoader(project.root, project.config.source_roots, overlays)
    kinds = code_kinds(project, loader)
    entries = project.entries()
    said = intents(project, loader)
    found: set[Finding] = set()
    for vat in manifest.vats:
        entry = entry_of(vat, entries)
        reached = [
            kind for kind in kinds if kind.entries if entry is None or entry.qualified_name in kind.entries
        ]
        found.update(
            _vanished(vat, entry or (entries[0] if entries else None), reached, said, manifest.origin)
        )
        found.update(_incompatible(vat, reached, said))
    wanted = (item for item in found if is_selected(item.code, item.location.path, project.config))
    return tuple(sorted(wanted, key=lambda item: item.sort_key))


def entry_of(vat: VatRecord, entries: Sequence[Entry]) -> Entry | None:
    """Return the entry point that a vat of a manifest is started from, None when that is not certain."""
    for entry in entries:
        if vat.name == entry.qualified_name:
            return entry
    if vat.source is not None:
        matching = [entry for entry in entries if _is_source(vat.source, entry)]
        if len(matching) == 1:
            return matching[0]
    return entries[0] if len(entries) == 1 else None


def _is_source(source: str, entry: Entry) -> bool:
    if source.endswith(".py"):
        return PurePosixPath(entry.location.path).as_posix().endswith(PurePosixPath(source).name)
    module, _, function = source.partition(":")
    name = entry.qualified_name.replace(":", ".")
    return name == f"{module}.{function}" if function else name.rpartition(".")[0] == module


def _vanished(
    vat: VatRecord, entry: Entry | None, kinds: Sequence[CodeKind], said: Intents, origin: str
) -> Iterator[Finding]:
    defined = {kind.record.name for kind in kinds}
    renamed = {**dict(vat.renamed), **said.renamed}
    gone = said.retired.union(vat.retired)
    unnamed = [kind for kind in kinds if not kind.record.name]
    where = entry.location if entry is not None else Location(origin, 1, 0, 1, 1)
    for kind in vat.kinds:
        if kind.name in defined or kind.name in gone or renamed.get(kind.name) in defined:
            continue
        message = f"{kind.name!r} of {vat.name} is known to {origin}, but no way through here defines it"
        steps = tuple(
            Step(item.location, "the name of this one is computed, so it may be the missing kind")
            for item in unnamed
        )
        finding = KindVanished.finding(
            where,
            message,
            help=f"prepare {kind.name!r} again, or record what became of it: vatdata-lint lock --retire "
            f"{kind.name}, or --rename {kind.name}=NEW",
            chain=steps,
            kind_name=kind.name,
            entry=entry.qualified_name if entry is not None else None,
        )
        yield dataclasses.replace(finding, severity="warning") if unnamed else finding


def _incompatible(vat: VatRecord, kinds: Sequence[CodeKind], said: Intents) -> Iterator[Finding]:
    stored = {kind.name: kind for kind in vat.kinds}
    for old_name, new_name in {**dict(vat.renamed), **said.renamed}.items():
        if old_name in stored:
            stored.setdefault(new_name, stored[old_name])
    for kind in kinds:
        before = stored.get(kind.record.name)
        for reason in incompatibilities(before, kind) if before is not None else ():
            yield KindIncompatible.finding(
                kind.location,
                f"{kind.record.name!r} does not fit what {vat.name} has stored: {reason}",
                help="keep what is stored readable, or raise version= and give a migrate=",
                kind_name=kind.record.name,
            )


def incompatibilities(before: KindRecord, after: CodeKind) -> Iterator[str]:
    """Yield the reasons for which stored instances of a kind could not live under its new definition."""
    now = after.record
    known = {"single", "kit"}
    if before.form in known and now.form in known and before.form != now.form:
        yield f"it was a {before.form} and is a {now.form} now"
        return
    if before.facets is not None and now.facets is not None:
        have = {facet.name for facet in now.facets}
        for facet in before.facets:
            if facet.name not in have and facet.name is not None:
                yield f"the facet {facet.name!r} is gone"
    if before.version is not None and now.version is not None:
        if now.version < before.version:
            yield f"its version is {now.version}, the stored one is {before.version}"
            return
        if now.version > before.version and after.migrates:
            return
    yield from _field_reasons(before, after)


def _field_reasons(before: KindRecord, after: CodeKind) -> Iterator[str]:
    if before.fields is None or after.record.fields is None:
        return
    now = {field.name: field for field in after.record.fields}
    for field in before.fields:
        new = now.get(field.name)
        if new is None:
            yield f"the field {field.name!r} is gone"
        elif (
            field.pattern is not None
            and new.pattern is not None
            and covers(new.pattern, field.pattern) is False
        ):
            yield f"the field {field.name!r} was {field.pattern} and admits only {new.pattern} now"
    old_names = {field.name for field in before.fields}
    for name, field in now.items():
        if name not in old_names and name not in after.defaults and field.pattern is not None:
            if admits_none(field.pattern) is False:
                yield f"the new field {name!r} admits no None ({field.pattern}), and stored instances have none"
