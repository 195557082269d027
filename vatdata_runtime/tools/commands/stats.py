"""``vatdata stats``."""

from __future__ import annotations

from typing import Any

import click

from .shared import ToolCommand, console, json_option, print_json, store_option

__all__ = ["command"]


@click.command(
    "stats",
    cls=ToolCommand,
    epilog="Exit codes: 0 shown, 2 the store cannot be read.\nExample: vatdata stats --store bank.db --json",
)
@store_option
@json_option
@click.option("--sizes", is_flag=True, help="Add up all records, in place of an estimate of their sizes.")
def command(store: str, as_json: bool, sizes: bool) -> None:
    """Show figures: objects of each vat and kind, live and stored, their sizes, and the file.

    Stored is what is in the store, live what stored data or another vat mentions: the rest is held by memory of a
    running program, or is to be collected. Works beside a program that has the store open.
    """
    from ..reading import open_reader
    from ..stats import store_stats

    with open_reader(store) as reader:
        form = store_stats(reader, exact_sizes=sizes)
    if as_json:
        print_json(form)
    else:
        _show(form)


def _show(form: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(show_edge=False, pad_edge=False)
    for heading in ("vat", "kind", "zone"):
        table.add_column(heading, overflow="fold")
    for heading in ("stored", "live", "bytes"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, vat in form["vats"].items():
        for tag, kind in vat["kinds"].items():
            about = "" if kind["bytes_are_exact"] else "about "
            counts = (f"{kind['stored']:,}", f"{kind['live']:,}", f"{about}{kind['bytes']:,}")
            table.add_row(escape(name), escape(tag), kind["zone"], *counts)
        rest = f"{vat['collections']:,} collections with {vat['entries']:,} entries"
        table.add_row(escape(name), rest, "", "", "", "")
    out = console()
    out.print(table)
    lmdb, kernel = form["lmdb"], form["kernel"]
    out.print(
        f"file: {lmdb['file_bytes']:,} bytes, {lmdb['used_bytes']:,} used, {lmdb['free_bytes']:,} free for reuse; "
        f"{lmdb['entries']:,} entries, {lmdb['commits']:,} commits"
    )
    out.print(f"between vats: {form['messages']:,} messages, {form['promises']:,} promises")
    if kernel["cranks"]:
        mean_ms = 1000 * kernel["commit_seconds"] / max(kernel["commits"], 1)
        out.print(
            f"kernels so far: {kernel['cranks']:,} cranks in {kernel['commits']:,} commits, {mean_ms:.2f} ms each"
        )
