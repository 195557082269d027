"""``vatdata backup``."""

from __future__ import annotations

import click

from .shared import ToolCommand, progress_bar, store_option

__all__ = ["command"]


@click.command(
    "backup",
    cls=ToolCommand,
    epilog="Exit codes: 0 done, 2 it could not be made, 130 interrupted; then nothing is left of it.\n"
    "Example: vatdata backup --store bank.db bank-2025-01-31.db",
)
@click.argument("target", type=click.Path(dir_okay=False))
@store_option
@click.option("--compact/--no-compact", default=True, help="Leave out free pages; slower, and smaller.")
def command(target: str, store: str, compact: bool) -> None:
    """Copy a store to the new file TARGET, while programs read and write it, and check every page of the copy.

    TARGET is a store itself, of the last commit at the moment of the copy. It never replaces a file.
    """
    from ..backup import back_up

    with progress_bar("bytes, then pages") as progress:
        size_bytes = back_up(store, target, compact=compact, progress=progress)
    click.echo(f"{target}: {size_bytes:,} bytes, checked", err=True)
