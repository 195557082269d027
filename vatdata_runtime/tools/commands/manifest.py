"""``vatdata manifest``."""

from __future__ import annotations

import click

from .shared import ToolCommand, store_option

__all__ = ["command"]


@click.command(
    "manifest",
    cls=ToolCommand,
    epilog="Exit codes: 0 written, 2 the store cannot be read.\n"
    "Example: vatdata manifest --store bank.db --output kinds.json && vatdata-lint --manifest kinds.json src",
)
@store_option
@click.option("--vat", default=None, help="Only this vat.")
@click.option(
    "--output", default=None, type=click.Path(dir_okay=False), help="A file in place of standard output."
)
def command(store: str, vat: str | None, output: str | None) -> None:
    """Write which durable kinds the vats of a store hold, as JSON that vatdata-lint compares code with.

    The schema is in docs/manifest.md. Works beside a program that has the store open.
    """
    import json

    from ..manifest import kind_manifest
    from ..reading import open_reader

    with open_reader(store) as reader:
        text = json.dumps(kind_manifest(reader, vat), ensure_ascii=False, indent=2)
    if output is None:
        click.echo(text)
    else:
        with open(output, "w", encoding="utf-8") as file:
            file.write(f"{text}\n")
