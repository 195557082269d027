"""The closing lines of the formats for people: counts, fixes, baseline, statistics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from vatdata_lint.output import Run
from vatdata_lint.output.style import Style

__all__ = ["plural", "summary_lines"]


def plural(count: int, noun: str, many: str | None = None) -> str:
    """Return a count with its noun: ``1 file``, ``2 files``, ``3 entries``."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def summary_lines(run: Run, style: Style) -> Iterator[str]:
    """Yield what a person wants to know at the end; the first line says whether all is well."""
    if run.statistics:
        yield from _statistics(run, style)
    if run.quiet:
        return
    report = run.report
    entries = plural(len(report.entries), "entry point")
    looked = f"{plural(report.files_checked, 'file')}, in a project with {entries}"
    if run.findings:
        counts = Counter(finding.severity for finding in run.findings)
        parts = [plural(counts[key], key) for key in ("error", "warning") if counts[key]]
        parts += [f"{counts['info']} info"] if counts["info"] else []
        files = len({finding.location.path for finding in run.findings})
        found = style.error(f"Found {plural(len(run.findings), 'finding')}")
        yield f"{found} ({', '.join(parts)}) in {plural(files, 'file')}; looked at {looked}."
    else:
        yield f"{style.good('No findings')}; looked at {looked}."
    safe = sum(any(fix.safe for fix in finding.fixes) for finding in run.findings)
    unsafe = sum(
        bool(finding.fixes) and not any(fix.safe for fix in finding.fixes) for finding in run.findings
    )
    if safe or unsafe:
        offers = [f"{safe} fixable with --fix"] if safe else []
        offers += [f"{unsafe} more with --unsafe-fixes"] if unsafe else []
        yield f"{', '.join(offers)}."
    if run.accepted:
        yield f"{plural(run.accepted, 'finding')} accepted by the baseline."
    if run.stale:
        entries = plural(run.stale, "baseline entry", "baseline entries")
        yield f"{entries} no longer occur; --write-baseline removes them."


def _statistics(run: Run, style: Style) -> Iterator[str]:
    by_rule = Counter((finding.code, finding.name) for finding in run.findings)
    for (code, name), count in sorted(by_rule.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:6,}  {style.bold(code)}  {name}"
    report = run.report
    yield f"{report.files_checked:6,}  files checked, {report.files_parsed:,} of them parsed"
    yield f"{len(report.entries):6,}  entry points"
    yield f"{len(report.unresolved):6,}  calls that could not be followed"
    for step in report.unresolved:
        yield f"        {style.dim(f'{step.location.path}:{step.location.line}')}  {step.message}"
    for phase, seconds in report.timings.items():
        yield f"{seconds:6.2f}  s {phase}"
