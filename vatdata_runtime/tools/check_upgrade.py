"""``vatdata check-upgrade``: whether new code could go on with what a vat has stored."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..kernel.rehearsing import rehearse_vat
from ..vat.rehearsal import Misfit, Rehearsal
from .reading import StoreReader

__all__ = ["FORMAT", "VERSION", "Report", "check_upgrade"]

FORMAT = "vatdata-check-upgrade"
VERSION = 1

Progress = Callable[[int, int], None]
Json = dict[str, Any]

_EXAMPLES = 5
_REPORT_EVERY = 500


@dataclass(slots=True)
class Report:
    """What a rehearsed upgrade came upon.

    Attributes:
        vat: name of the vat.
        source: the new code.
        incarnation: number that the next incarnation will have.
        rehearsal: the first crank.
        records: how many records were checked, because the shape or version of their kind has changed.
        misfits: how many of them the new code cannot load, by kind.
        examples: the first of these, a few for each kind.
    """

    vat: str
    source: str
    incarnation: int
    rehearsal: Rehearsal
    records: int = 0
    misfits: Counter[str] = field(default_factory=Counter[str])
    examples: list[Misfit] = field(default_factory=list[Misfit])

    @property
    def is_good(self) -> bool:
        """Whether the upgrade would start, and every record could be loaded then."""
        return not self.rehearsal.is_refused and not self.misfits

    def form(self) -> Json:
        """Return the report for machines; ``docs/inspect-schema.md`` describes it."""
        found = self.rehearsal
        error = found.error
        return {
            "format": FORMAT,
            "version": VERSION,
            "vat": self.vat,
            "source": self.source,
            "incarnation": self.incarnation,
            "ok": self.is_good,
            "missing": list(found.missing),
            "incompatible": [{"kind": one.name, "reasons": list(one.reasons)} for one in found.incompatible],
            "late": [{"kind": one.name, "function": one.what} for one in found.late],
            "error": None if error is None else {"type": type(error).__name__, "text": _error_text(error)},
            "removed_methods": {kind: list(names) for kind, names in found.removed_methods.items()},
            "records": {
                "checked": self.records,
                "misfits": dict(self.misfits),
                "examples": [
                    {
                        "kind": one.kind,
                        "ref": one.reference,
                        "error": f"{type(one.error).__name__}: {one.error}",
                    }
                    for one in self.examples
                ],
            },
        }

    def lines(self) -> list[str]:
        """Return the report for people: a verdict, then each finding with what to do."""
        found = self.rehearsal
        verdict = "can be upgraded" if self.is_good else "cannot be upgraded"
        if not found.is_refused and self.misfits:
            verdict = "would start, but not all of its records could be used"
        lines = [f"vat {self.vat!r} {verdict} to {self.source} (incarnation {self.incarnation})"]
        lines += [
            f"  missing: kind {name!r} is stored and not prepared. Prepare it in the first crank, or retire it"
            for name in found.missing
        ]
        for one in found.incompatible:
            lines.append(f"  incompatible: kind {one.name!r}: {'; '.join(one.reasons)}")
        lines += [
            f"  late: {one.what} of kind {one.name!r} comes after the first crank's window. Move it before the first "
            f"await of the build function"
            for one in found.late
        ]
        if found.error is not None:
            lines.append(f"  raised: {type(found.error).__name__}: {_error_text(found.error)}")
            if found.missing:
                lines.append("  (kinds that are prepared behind that point count as missing)")
        for kind, count in self.misfits.items():
            lines.append(f"  records: {count:,} of kind {kind!r} could not be loaded:")
            lines += [
                f"    {one.reference}: {type(one.error).__name__}: {one.error}"
                for one in self.examples
                if one.kind == kind
            ]
        for kind, names in found.removed_methods.items():
            lines.append(f"  note: kind {kind!r} loses {', '.join(names)}; whoever calls them gets an error")
        if self.records:
            lines.append(f"  {self.records:,} records were checked")
        return lines


def _error_text(error: BaseException) -> str:
    return "\n    ".join((str(error), *getattr(error, "__notes__", ())))


def check_upgrade(
    reader: StoreReader,
    vat: str,
    source: str,
    *,
    parameters: str | None = None,
    progress: Progress | None = None,
) -> Report:
    """Run the first crank of new code over a snapshot, and check every record whose kind has changed. Never writes.

    Args:
        reader: the store.
        vat: name of the vat.
        source: a ``.py`` file, ``package.module`` or ``package.module:function``.
        parameters: JSON to give in place of what the store keeps.
        progress: called with records checked and about how many there are.

    Raises:
        NoSuchVatError: the store has no such vat.
        ValueError: *parameters* is no JSON.

    Cost: the first crank; one read, check and migration for each record of a kind whose shape or version has changed.
    """
    found = reader.vat(vat)
    stored = None if found.setup is None or parameters is not None else found.setup.parameters
    rehearsal = rehearse_vat(
        reader.snapshot,
        number=found.number,
        name=vat,
        path=reader.path,
        source=source,
        stored_parameters=stored,
        parameters=None if parameters is None else json.loads(parameters),
    )
    report = Report(vat, source, rehearsal.incarnation.number, rehearsal)
    for misfit in rehearsal.check_records():
        report.records += 1
        if misfit is not None:
            report.misfits[misfit.kind] += 1
            if report.misfits[misfit.kind] <= _EXAMPLES:
                report.examples.append(misfit)
        if progress is not None and report.records % _REPORT_EVERY == 0:
            progress(report.records, max(rehearsal.to_check, report.records))
    return report
