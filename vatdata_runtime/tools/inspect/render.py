"""Tables and trees of ``vatdata inspect`` for people."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from ..reading import StoreReader
from .listings import Column, Listing, Row

__all__ = ["show_answer", "show_listing", "show_mentions", "show_object", "show_overview"]

Json = dict[str, Any]


def _table(columns: tuple[Column, ...], title: str | None = None) -> Table:
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for column in columns:
        justify: Any = "right" if column.is_number else "left"
        table.add_column(column.heading, justify=justify, overflow="fold", no_wrap=column.is_number)
    return table


def show_overview(console: Console, form: Json) -> None:
    """Show a store as a tree: its file, its vats, their kinds."""
    file = form["file"]
    tree = Tree(
        f"[bold]{escape(form['store'])}[/]  {_size(file['size_bytes'])}, {file['entries']:,} entries, "
        f"made by vatdata {escape(file['created_by'])}"
    )
    for name, vat in form["vats"].items():
        tree.add(_vat_tree(name, vat))
    for name, reason in form["terminated"].items():
        tree.add(f"vat [bold]{escape(name)}[/] was terminated: {escape(reason)}")
    between = (
        f"{form['queue']:,} messages in the queue, {form['promises']:,} promises, {form['timers']:,} timers"
    )
    tree.add(between + (f", devices {escape(', '.join(form['devices']))}" if form["devices"] else ""))
    console.print(tree)


def _vat_tree(name: str, vat: Json) -> Tree:
    life = "never started" if vat["incarnation"] is None else f"incarnation {vat['incarnation']}"
    source = "" if vat["source"] is None else f", from {escape(vat['source'])}"
    tree = Tree(f"vat [bold]{escape(name)}[/], {life}{source}")
    table = _table((Column("kind"), Column("zone"), Column("instances", True), Column("bytes, about", True)))
    for tag, kind in vat["kinds"].items():
        mean = kind["mean_record_bytes"]
        size = "" if mean is None else _size(int(mean * kind["instances"]))
        table.add_row(escape(tag), kind["zone"], f"{kind['instances']:,}", size)
    if vat["kinds"]:
        tree.add(table)
    rest = [f"{vat['collections']:,} collections", f"{vat['exports']:,} exports"]
    for what, text in (
        ("watches", "watched promises"),
        ("unmentioned", "objects that no stored data mentions"),
        ("being_deleted", "objects being deleted"),
    ):
        if vat[what]:
            rest.append(f"{vat[what]:,} {text}")
    tree.add(", ".join(rest))
    return tree


def show_listing(console: Console, listing: Listing, rows: list[Row], following: str | None) -> None:
    """Show one page of a listing."""
    if not rows:
        console.print("nothing")
        return
    table = _table(listing.columns)
    for row in rows:
        table.add_row(*map(escape, row.cells))
    console.print(table)
    _show_next(console, following)


def _show_next(console: Console, following: str | None) -> None:
    if following is not None:
        console.print(f"more follow: --after {following}", style="dim")


def show_object(console: Console, form: Json) -> None:
    """Show one object with its state or entries, and who refers to it."""
    tag = form.get("kind") if form["sort"] == "instance" else form.get("label", form.get("tag"))
    console.print(f"[bold]{escape(form['vat'])}:{escape(form['ref'])}[/]  {form['sort']} {escape(str(tag))}")
    if form["sort"] == "instance":
        console.print(f"version {form['version']}, {form['size_bytes']} bytes" + _facets(form))
        table = _table((Column("field"), Column("value")))
        for name, value in form["state"].items():
            table.add_row(escape(name), escape(_compact(value)))
        if form["state"]:
            console.print(table)
    elif form["sort"] == "collection":
        console.print(f"{form['type']}, {form['size']:,} entries")
        show_entries(console, form["entries"], form["next"])
    counted = f"mentioned at {form['mentions']:,} places of its vat"
    if form["mentions_by_other_vats"]:
        counted += f", under {form['mentions_by_other_vats']} names by other vats"
    console.print(counted + (", being deleted" if form["being_deleted"] else ""))
    if "referrers" in form:
        show_mentions(console, form["referrers"])


def _facets(form: Json) -> str:
    return "" if form["facets"] is None else f", facets {escape(', '.join(form['facets']))}"


def show_entries(console: Console, entries: list[Json], following: str | None) -> None:
    """Show entries of a collection."""
    has_values = any("value" in entry for entry in entries)
    table = _table((Column("key"), Column("value")) if has_values else (Column("member"),))
    for entry in entries:
        table.add_row(*(escape(_compact(part)) for part in entry.values()))
    if entries:
        console.print(table)
    _show_next(console, following)


def show_mentions(console: Console, mentions: list[Json]) -> None:
    """Show who refers to an object."""
    if not mentions:
        console.print("no stored data refers to it")
        return
    table = _table((Column("referred to by"), Column("what"), Column("where")))
    for mention in mentions:
        weak = " (weakly)" if mention["weak"] else ""
        holder = mention["holder"] or mention["sort"]
        table.add_row(escape(holder), escape(mention["kind"] or ""), escape(mention["detail"]) + weak)
    console.print(table)


def show_answer(console: Console, reader: StoreReader, form: Json) -> None:
    """Show why an object is alive, as the way to it."""
    console.print(f"[bold]{escape(form['ref'])}[/]: {escape(form['text'])}")
    if not form["steps"]:
        return
    tree = node = Tree(escape(form["root"]))
    for step in form["steps"]:
        through = f"[dim]{escape(step['through'])}[/] → " if step["through"] else ""
        node = node.add(f"{through}{escape(step['ref'])}  {escape(step['kind'] or '')}")
    console.print(tree)


def _compact(value: Any) -> str:
    if isinstance(value, dict) and list(value) == ["#ref"]:  # pyright: ignore[reportUnknownArgumentType]  # JSON
        return str(value["#ref"])  # pyright: ignore[reportUnknownArgumentType]  # JSON
    return json.dumps(value, ensure_ascii=False)


def _size(size_bytes: int) -> str:
    size = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
