"""A run with every awkward thing that an output has to carry."""

from __future__ import annotations

from pathlib import Path

from vatdata_lint.engine import Entry, Report
from vatdata_lint.finding import Edit, Finding, Fix, Location, Step
from vatdata_lint.output import Run
from vatdata_lint.source import SourceLines

SOURCE = """\
async def build_root_object(vat_powers, vat_parameters, baggage):
    await ready()
    😋 = prepare_exo(baggage, "Purse <&>", None, {})
\tother = prepare_exo(baggage, "Mint", None, {})
"""

ENTRY = Location("my vats/bank.py", 1, 0, 1, 40)
AWAIT = Location("my vats/bank.py", 2, 4, 2, 17)
LATE = Location("my vats/bank.py", 3, 8, 3, 52)
OTHER = Location("my vats/bank.py", 4, 9, 4, 48)

FINDING = Finding(
    code="VD103",
    name="prepare-after-await",
    message="'Purse <&>' is prepared after the await on line 2, which may end the first crank",
    help="move the prepare above line 2",
    location=LATE,
    chain=(Step(ENTRY, "build_root_object starts"), Step(AWAIT, "this may suspend: 100% of it, a:b,c")),
    kind_name="Purse <&>",
    fixes=(Fix("Move it", (Edit("my vats/bank.py", (3, 4), (3, 52), "pass"),), safe=True, kind="hoist"),),
    entry="bank:build_root_object",
)
PLAIN = Finding("VD901", "unused-suppression", "hides nothing\x07", "", OTHER, severity="warning")


def sample_run(findings: tuple[Finding, ...] = (FINDING, PLAIN), **changes: object) -> Run:
    entry = Entry("bank:build_root_object", ENTRY, "name")
    report = Report(findings, 3, 1, (entry,), (Step(AWAIT, "ready() was not found"),), {"parse": 0.01})
    sources = SourceLines(Path("/nowhere"), {"my vats/bank.py": SOURCE})
    return Run(findings=findings, report=report, sources=sources, version="1.2.3", **changes)  # type: ignore[arg-type]
