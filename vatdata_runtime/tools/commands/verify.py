"""``vatdata verify``."""

from __future__ import annotations

import sys

import click

from .shared import ToolCommand, json_option, progress_bar, store_option

__all__ = ["command"]


@click.command(
    "verify",
    cls=ToolCommand,
    epilog="Exit codes: 0 sound, 1 broken, 2 it could not be checked.\nExample: vatdata verify --store bank.db",
)
@store_option
@json_option
@click.option("--repair", "repairs", is_flag=True, help="Write what is right where it follows from the data.")
def command(store: str, as_json: bool, repairs: bool) -> None:
    """Check every page, entry and invariant of a store, beside a vat that has it open.

    Recomputes reference counts, sizes, ordinals, recognition, layouts, facets and numbers from the data, and says of
    each difference what it means. With --json each finding is a line.
    """
    import json

    from .. import verify as tool

    with progress_bar("pages") as progress:
        findings = list(tool.verify(store, progress=progress))
        if repairs and any(finding.can_be_repaired for finding in findings):
            click.echo(f"{tool.repair(store)} repaired", err=True)
            findings = list(tool.verify(store))
    for finding in findings:
        if as_json:
            line = {"vat": finding.vat, "text": finding.text, "can_be_repaired": finding.can_be_repaired}
            click.echo(json.dumps(line, ensure_ascii=False))
        else:
            where = "" if finding.vat is None else f"vat {finding.vat!r}: "
            click.echo(f"{where}{finding.text}" + (" (can be repaired)" if finding.can_be_repaired else ""))
    click.echo(f"{store}: {'sound' if not findings else f'{len(findings)} findings'}", err=True)
    sys.exit(1 if findings else 0)
