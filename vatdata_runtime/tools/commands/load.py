"""``vatdata load``."""

from __future__ import annotations

import sys
from typing import BinaryIO

import click

from .shared import FAILED, ToolCommand, progress_bar, store_option

__all__ = ["command"]


@click.command(
    "load",
    cls=ToolCommand,
    epilog="Exit codes: 0 done, 2 it could not be done, 130 interrupted; then no store is left.\n"
    "Example: vatdata load bank.jsonl --store copy.db",
)
@click.argument("dump", type=click.File("rb"))
@store_option
@click.option(
    "--verify/--no-verify", "is_verified", default=True, help="Check every invariant of the new store."
)
def command(dump: BinaryIO, store: str, is_verified: bool) -> None:
    """Make a new store from DUMP, lines of JSON that 'vatdata dump' has written; - reads standard input.

    The store appears under its name when it is whole. It never replaces a file.
    """
    from ..dump.reading import load
    from ..verify import verify

    with progress_bar("records") as progress:
        records = load(dump, store, progress=progress)
    click.echo(f"{store}: {records:,} records", err=True)
    if not is_verified:
        return
    with progress_bar("pages") as progress:
        findings = [finding.text for finding in verify(store, progress=progress)]
    for text in findings[:10]:
        click.echo(text, err=True)
    if findings:
        click.echo(f"{len(findings)} findings: the dump was of a store that is not sound", err=True)
        sys.exit(FAILED)
    click.echo("sound", err=True)
