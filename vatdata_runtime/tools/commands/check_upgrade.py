"""``vatdata check-upgrade``."""

from __future__ import annotations

import sys

import click

from .shared import ToolCommand, json_option, print_json, progress_bar, store_option, vat_or_only_one

__all__ = ["command"]


@click.command(
    "check-upgrade",
    cls=ToolCommand,
    epilog="Exit codes: 0 the upgrade would work, 1 it would not, 2 it could not be tried.\n"
    "Example: vatdata check-upgrade --store bank.db --vat bank bank_v2.py",
)
@click.argument("source")
@store_option
@click.option("--vat", default=None, help="The vat's name; not needed where there is only one.")
@click.option(
    "--parameters", default=None, help="JSON for the build function, in place of what the store keeps."
)
@json_option
def command(source: str, store: str, vat: str | None, parameters: str | None, as_json: bool) -> None:
    """Try an upgrade of a vat to SOURCE on a snapshot of the store, and report everything that would stop it.

    Runs the first crank of the new code and finds kinds that are missing, incompatible or late, methods that are gone,
    and records that do not fit a changed shape or that a migration fails for. Nothing is written, and a program may
    have the store open meanwhile.
    """
    import json

    from ...vat.source import require_source
    from ..check_upgrade import check_upgrade
    from ..reading import open_reader

    with open_reader(store) as reader:
        vat = vat_or_only_one(vat, reader.vats)
        require_source(source, vat)  # a mistyped path is no upgrade that loses kinds
        with progress_bar("records") as progress:
            try:
                report = check_upgrade(reader, vat, source, parameters=parameters, progress=progress)
            except json.JSONDecodeError as error:
                raise click.BadParameter(f"--parameters is not JSON: {error}") from error
    if as_json:
        print_json(report.form())
    else:
        click.echo("\n".join(report.lines()))
    sys.exit(0 if report.is_good else 1)
