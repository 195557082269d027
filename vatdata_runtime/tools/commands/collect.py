"""``vatdata collect``."""

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
    "collect",
    cls=ToolCommand,
    epilog="Exit codes: 0 done, 1 a vat could not start, and may have kept something alive, 2 nothing was done,\n"
    "130 interrupted: what was deleted stays deleted, the store is sound.\n"
    "Example: vatdata collect --store bank.db --cycles",
)
@store_option
@click.option(
    "--cycles", is_flag=True, help="Also delete what is counted only by cycles that nothing reaches."
)
@source_option
@json_option
def command(store: str, cycles: bool, sources: tuple[str, ...], as_json: bool) -> None:
    """Delete every stored object that nothing keeps. No program may have the store open.

    Starts the vats from their code, runs cranks of bounded size, each committed by itself, and stops them again.
    """
    from ..opening import start_vats

    with progress_bar("cranks") as progress:
        cranks = 0

        def note_crank() -> None:
            nonlocal cranks
            cranks += 1
            if progress is not None:
                progress(cranks, 0)

        with start_vats(store, parse_sources(sources), on_crank=note_crank) as running:
            deleted = running.collect_cycles() if cycles else running.collect()
            failed = running.failed
    for name, error in failed.items():
        click.echo(f"vat {name!r} could not start:", err=True)
        report(error)
    if as_json:
        failures = {name: f"{type(error).__name__}: {error}" for name, error in failed.items()}
        print_json({"format": "vatdata-collect", "version": 1, "deleted": deleted, "failed_vats": failures})
    else:
        click.echo(f"{deleted:,} records deleted")
    sys.exit(1 if failed else 0)
