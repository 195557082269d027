"""``vatdata dump``."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import click

from .shared import ToolCommand, progress_bar, store_option

__all__ = ["command"]


@click.command(
    "dump",
    cls=ToolCommand,
    epilog="Exit codes: 0 done, 2 it could not be done, 130 interrupted; then no file is left.\n"
    "Example: vatdata dump --store bank.db --output bank.jsonl && diff yesterday.jsonl bank.jsonl",
)
@store_option
@click.option(
    "--output", default=None, type=click.Path(dir_okay=False), help="A file in place of standard output."
)
def command(store: str, output: str | None) -> None:
    """Write a store as lines of JSON: portable, in a stable order, the same bytes for the same data.

    Works beside a program that has the store open, on one commit. The form is described in docs/dump-format.md.
    """
    from ..dump.writing import dump
    from ..reading import open_reader

    with open_reader(store) as reader:
        if output is None:
            with progress_bar("records") as progress:
                dump(reader, sys.stdout.buffer, progress=progress)
            return
        unfinished = f"{output}-new"
        try:
            with open(unfinished, "wb") as file, progress_bar("records") as progress:
                records = dump(reader, file, progress=progress)
            os.replace(unfinished, output)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(unfinished)
    click.echo(f"{output}: {records:,} records", err=True)
