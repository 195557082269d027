"""``vatdata migrate``."""

from __future__ import annotations

import sys

import click

from .shared import (
    ToolCommand,
    json_option,
    parse_sources,
    print_json,
    progress_bar,
    report,
    source_option,
    store_option,
)

__all__ = ["command"]


@click.command(
    "migrate",
    cls=ToolCommand,
    epilog="Exit codes: 0 all is up to date, 1 a record could not be migrated or a vat could not start,\n"
    "2 nothing was done, 130 interrupted: what was migrated stays so, and the next run goes on.\n"
    "Example: vatdata migrate --store bank.db --vat bank --kind Purse",
)
@store_option
@click.option("--vat", default=None, help="Only this vat.")
@click.option("--kind", default=None, help="Only instances of this kind, by its tag.")
@source_option
@json_option
def command(store: str, vat: str | None, kind: str | None, sources: tuple[str, ...], as_json: bool) -> None:
    """Bring stored records of older versions up to date now, in place of when each is loaded first.

    Starts the vats from their code, or from what --source gives for this time, and migrates in cranks of bounded size,
    each committed by itself. No program may have the store open.
    """
    from ..opening import start_vats
    from ..reading import NoSuchVatError

    migrated: dict[str, int] = {}
    failed: dict[str, BaseException] = {}
    with progress_bar("records") as progress, start_vats(store, parse_sources(sources)) as running:
        known = {**running.vats, **running.failed}
        if vat is not None and vat not in known:
            raise NoSuchVatError(vat, tuple(known))
        failed.update((name, why) for name, why in running.failed.items() if vat in (None, name))
        for name, one in running.vats.items():
            if vat in (None, name):
                try:
                    migrated[name] = one.migrate(kind, progress=progress)
                except Exception as error:
                    failed[name] = error
    for name, failure in failed.items():
        click.echo(f"vat {name!r}:", err=True)
        report(failure)
    if as_json:
        failures = {name: f"{type(why).__name__}: {why}" for name, why in failed.items()}
        form = {"format": "vatdata-migrate", "version": 1, "migrated": migrated, "failed_vats": failures}
        print_json(form)
    else:
        for name, count in migrated.items():
            click.echo(f"vat {name!r}: {count:,} records migrated")
    sys.exit(1 if failed else 0)
