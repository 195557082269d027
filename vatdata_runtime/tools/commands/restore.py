"""``vatdata restore``."""

from __future__ import annotations

import click

from .shared import ToolCommand, progress_bar, store_option

__all__ = ["command"]


@click.command(
    "restore",
    cls=ToolCommand,
    epilog="Exit codes: 0 done, 2 it could not be done, 130 interrupted; then the store is as before.\n"
    "Example: vatdata restore bank-2025-01-31.db --store bank.db",
)
@click.argument("backup", type=click.Path(exists=True, dir_okay=False))
@store_option
@click.option(
    "--force", is_flag=True, help="Replace a store that is there; it is kept beside it as STORE-replaced."
)
def command(backup: str, store: str, force: bool) -> None:
    """Make the store from BACKUP, which is checked first.

    A store that is there is never overwritten; --force puts it aside.
    """
    from ..backup import restore

    with progress_bar("bytes") as progress:
        size_bytes, aside = restore(backup, store, replaces=force, progress=progress)
    click.echo(f"{store}: {size_bytes:,} bytes, sound", err=True)
    if aside is not None:
        click.echo(f"the store that was there is now {aside}", err=True)
