"""``kinds.lock``: the static manifest of every entry, and the changes that it accepts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from vatdata_lint.engine import Entry
from vatdata_lint.manifest.code import CodeKind
from vatdata_lint.manifest.compare import entry_of, incompatibilities
from vatdata_lint.manifest.intents import Intents
from vatdata_lint.manifest.records import KindRecord, Manifest, VatRecord

__all__ = ["Locked", "lock"]


@dataclass(frozen=True, slots=True)
class Locked:
    """The new lock, why it may not be written (empty when it may), and kinds that it cannot name."""

    manifest: Manifest
    refusals: tuple[str, ...]
    unnamed: tuple[CodeKind, ...]


def lock(
    entries: Sequence[Entry],
    kinds: Sequence[CodeKind],
    said: Intents,
    before: Manifest | None,
    *,
    retire: Sequence[str] = (),
    rename: Mapping[str, str] | None = None,
) -> Locked:
    """Make the lock of the code as it is.

    What an earlier lock has and the code lacks is refused unless it is retired or renamed, here, in the code or in
    the earlier lock; so is a definition that the earlier one's instances do not fit. Intents are kept, since
    stores that are older than this lock still need them.

    Args:
        entries: Entry points; each becomes a vat of the manifest.
        kinds: All definitions.
        said: What the code itself retires and renames.
        before: The lock that is replaced.
        retire: Names that may go.
        rename: Old to new names.
    """
    old_by_entry: dict[str, VatRecord] = {}
    orphans: list[VatRecord] = []
    for vat in before.vats if before is not None else ():
        entry = entry_of(vat, entries)
        if entry is None:
            orphans.append(vat)
        else:
            old_by_entry[entry.qualified_name] = vat
    refusals = [
        f"the entry point {vat.name} is gone with its kinds; delete it from the lock if no store was made by it"
        for vat in orphans
    ]
    vats: list[VatRecord] = []
    unnamed: dict[CodeKind, None] = {}
    used: set[str] = set()
    for entry in entries:
        reached = [kind for kind in kinds if entry.qualified_name in kind.entries]
        unnamed.update((kind, None) for kind in reached if not kind.record.name)
        named = [kind for kind in reached if kind.record.name]
        old = old_by_entry.get(entry.qualified_name, VatRecord(entry.qualified_name))
        vat, problems, used_here = _lock_vat(entry, named, old, said, retire, rename or {})
        vats.append(vat)
        refusals += problems
        used |= used_here
    unknown = [name for name in (*retire, *(rename or {})) if name not in used]
    refusals += [f"no kind {name!r} is missing, so there is nothing to retire or rename" for name in unknown]
    return Locked(Manifest("kinds.lock", tuple(vats)), tuple(refusals), tuple(unnamed))


def _lock_vat(
    entry: Entry,
    kinds: Sequence[CodeKind],
    old: VatRecord,
    said: Intents,
    retire: Sequence[str],
    rename: Mapping[str, str],
) -> tuple[VatRecord, list[str], set[str]]:
    defined = {kind.record.name for kind in kinds}
    retired = {*old.retired, *said.retired} - defined
    renamed = {**dict(old.renamed), **said.renamed}
    refusals: list[str] = []
    # What the code, or the lock already, says may be said again.
    used = {name for name in retire if name in retired}
    used |= {name for name, new in rename.items() if renamed.get(name) == new}
    for kind in old.kinds:
        name = kind.name
        if name in defined or name in retired or renamed.get(name) in defined:
            continue
        if name in retire:
            retired.add(name)
            used.add(name)
        elif name in rename and rename[name] in defined:
            renamed[name] = rename[name]
            used.add(name)
        elif name in rename:
            refusals.append(
                f"{name!r} cannot be renamed to {rename[name]!r}, which {old.name} does not define"
            )
            used.add(name)
        else:
            advice = f"--retire {name}, or --rename {name}=NEW"
            refusals.append(
                f"{name!r} of {old.name} is no longer defined; restore it, or record why: {advice}"
            )
    stored = {kind.name: kind for kind in old.kinds}
    for before_name, after_name in renamed.items():
        if before_name in stored:
            stored.setdefault(after_name, replace(stored[before_name], name=after_name))
    for item in kinds:
        known = stored.get(item.record.name)
        reasons = list(incompatibilities(known, item)) if known is not None else []
        refusals += [
            f"{item.record.name!r} ({item.location.path}:{item.location.line}): {reason}; raise version= and give "
            "a migrate="
            for reason in reasons
        ]
    source = f"{entry.location.path}:{entry.qualified_name.rpartition('.')[2].rpartition(':')[2]}"
    vat = VatRecord(
        entry.qualified_name,
        source,
        tuple(sorted(_merged(kinds).values(), key=lambda kind: kind.name)),
        tuple(sorted(retired)),
        tuple(sorted(renamed.items())),
    )
    return vat, refusals, used


def _merged(kinds: Sequence[CodeKind]) -> dict[str, KindRecord]:
    """Return one record a name; where branches define a kind differently, only what they agree on."""
    records: dict[str, KindRecord] = {}
    for kind in kinds:
        record = kind.record
        known = records.get(record.name)
        if known is not None and known != record:
            record = KindRecord(
                record.name,
                record.form if record.form == known.form else "unknown",
                record.version if record.version == known.version else None,
                record.facets if record.facets == known.facets else None,
                record.fields if record.fields == known.fields else None,
            )
        records[record.name] = record
    return records
