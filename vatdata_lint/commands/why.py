"""``vatdata-lint why``: where a kind is defined, how each entry reaches it, and which ways skip it."""

from __future__ import annotations

import dataclasses
import difflib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from vatdata_lint.commands.common import (
    cache_option,
    config_option,
    existing,
    load_config,
    open_project,
    output_style,
)
from vatdata_lint.commands.errors import CLEAN, FINDINGS
from vatdata_lint.engine import WhyReport
from vatdata_lint.finding import Step
from vatdata_lint.output.full_format import explain_finding
from vatdata_lint.output.json_format import location_record
from vatdata_lint.output.style import Style
from vatdata_lint.output.summary import plural
from vatdata_lint.progress import progress
from vatdata_lint.source import SourceLines

__all__ = ["command"]


@click.command("why")
@click.argument("kind")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@cache_option
@config_option
def command(kind: str, path: Path | None, as_json: bool, no_cache: bool, config_path: Path | None) -> int:
    """Show where KIND is defined in the project at PATH, the way from each entry, and the ways that skip it.

    The answer to the runtime's "no prepare ran for the stored kinds". Exit code: 0 when every entry that reaches
    the kind always defines it, 1 when it is not defined or some way skips it.
    """
    paths = existing([path] if path is not None else [])
    config = load_config(config_path, paths)
    project = open_project(config, no_cache=no_cache)
    with progress("following the first crank"):
        report = _about_the_first_crank(project.why(kind))
        known = sorted({item.name for item in project.kinds() if item.name}) if not report.definitions else []
    if as_json:
        click.echo(json.dumps(_record(report), indent=2, ensure_ascii=False))
    else:
        sources = SourceLines(config.root)
        for line in _text(report, known, sources, output_style()):
            click.echo(line)
    sound = report.definitions and not report.skips and not report.findings
    return CLEAN if sound else FINDINGS


def _about_the_first_crank(report: WhyReport) -> WhyReport:
    """Leave out findings about the kind that cannot be why its definition is missing."""
    first_crank = tuple(finding for finding in report.findings if finding.code.startswith("VD1"))
    return dataclasses.replace(report, findings=first_crank)


def _text(report: WhyReport, known: Sequence[str], sources: SourceLines, style: Style) -> Iterator[str]:
    name = repr(report.kind_name)
    if not report.definitions:
        yield style.error(f"{name} is not defined anywhere in this project.")
        nearest = difflib.get_close_matches(report.kind_name, known, n=3)
        if nearest:
            yield f"Similar names: {', '.join(nearest)}."
        yield (
            "A store that holds it cannot be started with this code. Define it again, or call retire_kind(baggage, "
            f"{name}) if it is gone, or rename_kind(baggage, {name}, new_name) if it has another name."
        )
        return
    yield style.bold(f"{name} is defined in {plural(len(report.definitions), 'place')}:")
    for definition in report.definitions:
        where = f"{definition.location.path}:{definition.location.line}"
        reached = ", ".join(definition.entries) or style.warning("no entry point reaches it")
        yield f"  {where}  {definition.definer} in {definition.function} (from {reached})"
    for chain in report.chains:
        yield ""
        yield style.bold("The way there:")
        yield from _steps(chain, style)
    for skip in report.skips:
        yield ""
        yield style.error(
            f"A way through {skip.entry} that skips it:" if skip.entry else "A way that skips it:"
        )
        yield from _steps(skip.steps, style)
    if not report.skips and report.chains:
        yield ""
        yield style.good("No way that completes normally skips it.")
    for finding in report.findings:
        yield ""
        yield "".join(explain_finding(finding, sources, style)).rstrip("\n")


def _steps(steps: Sequence[Step], style: Style) -> Iterator[str]:
    places = [f"{step.location.path}:{step.location.line}" for step in steps]
    width = max(map(len, places), default=0)
    for number, (place, step) in enumerate(zip(places, steps, strict=True), start=1):
        yield f"  {number}. {style.dim(place.ljust(width))}  {step.message}"


def _record(report: WhyReport) -> dict[str, Any]:
    def steps(items: Sequence[Step]) -> list[dict[str, Any]]:
        return [{"message": step.message, **location_record(step.location)} for step in items]

    return {
        "kind": report.kind_name,
        "definitions": [
            {
                "definer": item.definer,
                "form": item.form,
                "function": item.function,
                "entries": list(item.entries),
                **location_record(item.location),
            }
            for item in report.definitions
        ],
        "chains": [steps(chain) for chain in report.chains],
        "skips": [{"entry": skip.entry, "steps": steps(skip.steps)} for skip in report.skips],
        "findings": [
            {"code": item.code, "message": item.message, **location_record(item.location)}
            for item in report.findings
        ],
    }
