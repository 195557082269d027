"""``vatdata inspect`` and its subcommands."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from .shared import ToolCommand, ToolGroup, console, json_option, print_json, progress_bar, vat_option

if TYPE_CHECKING:
    from ..inspect.listings import Scope
    from ..reading import StoreReader, VatReader

__all__ = ["command"]

_EXIT_CODES = "Exit codes: 0 shown, 2 not there or not readable, 130 interrupted."

# The listings, by name with their help: kept here so that --help imports no table. A test compares it with LISTINGS.
LISTING_HELP = {
    "kinds": "List kinds with their counts, facets and fields.",
    "objects": "List stored instances with their state.",
    "collections": "List stored maps and sets.",
    "queue": "List the messages that were not delivered yet, oldest first.",
    "promises": "List the promises that vats share.",
    "exports": "List the objects that durable data of other vats mentions.",
    "watches": "List the promises that durable watchers wait for.",
    "timers": "List the entries of the durable timer.",
    "devices": "List the devices that vats or the program have named.",
}

store_option = click.option(
    "--store", default=None, type=click.Path(dir_okay=False), help="The store's file."
)
limit_option = click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(min=0), help="Rows of a page; 0 for all."
)
after_option = click.option("--after", default=None, help="Continue behind a page: what it said at its end.")


@contextmanager
def _reader(store: str | None) -> Generator[StoreReader]:
    """Open the store of a subcommand, which may have been given to ``inspect`` itself."""
    from ..reading import open_reader

    context = click.get_current_context()
    parent = context.parent.params.get("store") if context.parent is not None else None
    path = store or parent
    if path is None:
        raise click.UsageError("say which store: --store FILE")
    with open_reader(path) as reader:
        yield reader


def _vats(reader: StoreReader, vat: str | None) -> tuple[VatReader, ...]:
    return tuple(reader.vats.values()) if vat is None else (reader.vat(vat),)


@click.group(
    "inspect",
    cls=ToolGroup,
    invoke_without_command=True,
    short_help="Look into a store.",
    epilog=f"{_EXIT_CODES}\nExamples: vatdata inspect --store bank.db\n"
    "          vatdata inspect objects --store bank.db --kind Purse\n"
    "          vatdata inspect why-alive o+d16/2 --store bank.db",
)
@store_option
@json_option
@click.option(
    "--web", is_flag=True, help="Serve pages to browse the store, on this machine only, until Ctrl-C."
)
@click.option(
    "--port", default=0, type=click.IntRange(0, 65535), help="Port for --web; any free one if not given."
)
@click.pass_context
def command(context: click.Context, store: str | None, as_json: bool, web: bool, port: int) -> None:
    """Look into a store, beside a program that has it open: vats, kinds, objects, and what leads to them.

    Without a subcommand it shows the vats with their kinds. Nothing is written, and none of the vats' code runs.
    The JSON follows docs/inspect-schema.md.
    """
    if context.invoked_subcommand is not None:
        if as_json:  # as --store, it may be given before the subcommand
            context.default_map = {context.invoked_subcommand: {"as_json": True}}
        return
    if web:
        _serve(store, port)
        return
    from ..inspect.render import show_overview
    from ..inspect.schema import describe_store

    with _reader(store) as reader:
        form = describe_store(reader)
        if as_json:
            print_json(form)
        else:
            show_overview(console(), form)


def _serve(store: str | None, port: int) -> None:
    from ..web.server import InspectorServer

    if store is None:
        raise click.UsageError("say which store: --store FILE")
    with InspectorServer(store, port) as server:
        click.echo(server.address)
        click.echo("Open it in a browser on this machine. Ctrl-C stops.", err=True)
        server.serve_forever(poll_interval=0.2)


def _listing_command(name: str, help_text: str) -> click.Command:
    @click.command(
        name,
        cls=ToolCommand,
        help=help_text,
        epilog=f"{_EXIT_CODES}\nExample: vatdata inspect {name} --store bank.db --limit 20",
    )
    @store_option
    @json_option
    @vat_option
    @limit_option
    @after_option
    def listing_command(
        store: str | None,
        as_json: bool,
        vat: str | None,
        limit: int,
        after: str | None,
        kind: str | None = None,
    ) -> None:
        from ..inspect.listings import Scope

        with _reader(store) as reader:
            scope = Scope(reader, _vats(reader, vat), kind, after, None if as_json else 60)
            _show(scope, name, limit or None, as_json)

    if name in ("kinds", "objects"):
        click.option("--kind", default=None, help="Only this kind, by its tag.")(listing_command)
    return listing_command


def _show(scope: Scope, name: str, limit: int | None, as_json: bool) -> None:
    from ..inspect.listings import LISTINGS, page_of
    from ..inspect.render import show_listing
    from ..inspect.schema import stamped

    listing = next(found for found in LISTINGS if found.name == name)
    rows, following = page_of(listing, scope, limit)
    if as_json:
        print_json(stamped(scope.reader, name, {"items": [row.form for row in rows], "next": following}))
    else:
        show_listing(console(), listing, rows, following)


for _name, _help in LISTING_HELP.items():
    command.add_command(_listing_command(_name, _help))


def _reference_options(function: Callable[..., None]) -> Callable[..., None]:
    for option in (click.argument("ref"), store_option, json_option, vat_option):
        function = option(function)
    return function


@command.command(
    "object", epilog=f"{_EXIT_CODES}\nExample: vatdata inspect object bank:o+d16/2 --store bank.db"
)
@_reference_options
@click.option(
    "--referrers/--no-referrers", default=True, help="Look for who refers to it; reads the whole store."
)
def object_command(ref: str, store: str | None, as_json: bool, vat: str | None, referrers: bool) -> None:
    """Show one object: its state or entries, and who refers to it.

    REF is written as 'inspect objects' writes it: o+d16/2, or bank:o+d16/2 where there are several vats.
    """
    from ..inspect.one_object import describe_object
    from ..inspect.render import show_object
    from ..inspect.schema import stamped

    with _reader(store) as reader:
        reference = reader.parse(ref, vat)
        with progress_bar("records") as progress:
            form = describe_object(
                reader, reference, referrers=(None if as_json else 20) if referrers else 0, progress=progress
            )
        if as_json:
            print_json(stamped(reader, "object", form))
        else:
            show_object(console(), form)


@command.command(
    "why-alive",
    short_help="Show what keeps an object.",
    epilog=f"{_EXIT_CODES}\nExample: vatdata inspect why-alive o+d16/2 --store bank.db",
)
@_reference_options
def why_alive_command(ref: str, store: str | None, as_json: bool, vat: str | None) -> None:
    """Show why an object is alive: the shortest way to it from what is kept.

    What is kept: baggage, watched promises, messages and promises on their way, parameters; then, as no more than a
    possibility, memory of the vat.
    """
    from ..inspect.one_object import answer_form
    from ..inspect.render import show_answer
    from ..inspect.schema import stamped
    from ..reading import why_alive

    with _reader(store) as reader:
        reference = reader.parse(ref, vat)
        with progress_bar("objects") as progress:
            form = answer_form(reader, reference, why_alive(reader, reference, progress=progress))
        if as_json:
            print_json(stamped(reader, "why-alive", form))
        else:
            show_answer(console(), reader, form)


def _show_entries(
    reader: StoreReader, found: tuple[Any, Any], limit: int, after: str | None, as_json: bool
) -> None:
    from ..inspect.one_object import entries_page
    from ..inspect.render import show_entries
    from ..inspect.schema import collection_form, stamped

    vat, collection = found
    try:
        items, following = entries_page(reader, vat, collection, limit or collection.size + 1, after)
    except ValueError as error:
        raise click.BadParameter(f"--after {after!r} continues no page of this collection") from error
    if as_json:
        form = {"vat": vat.name, **collection_form(vat, collection), "items": items, "next": following}
        print_json(stamped(reader, "entries", form))
    else:
        show_entries(console(), items, following)


@command.command(
    "collection", epilog=f"{_EXIT_CODES}\nExample: vatdata inspect collection purses --store bank.db"
)
@_reference_options
@limit_option
@after_option
def collection_command(
    ref: str, store: str | None, as_json: bool, vat: str | None, limit: int, after: str | None
) -> None:
    """Show the entries of one map or set, in order of keys. REF is its reference or its label."""
    from ..inspect.one_object import find_collection

    with _reader(store) as reader:
        _show_entries(reader, find_collection(reader, _vats(reader, vat), ref), limit, after, as_json)


@command.command(
    "baggage",
    short_help="Show a vat's baggage.",
    epilog=f"{_EXIT_CODES}\nExample: vatdata inspect baggage --store bank.db --vat bank",
)
@store_option
@json_option
@vat_option
@limit_option
@after_option
def baggage_command(store: str | None, as_json: bool, vat: str | None, limit: int, after: str | None) -> None:
    """Show a vat's baggage: the durable map that all its incarnations begin with."""
    with _reader(store) as reader:
        found = _vats(reader, vat)
        if len(found) != 1:
            names = ", ".join(reader.vats) or "none"
            raise click.UsageError(f"say which vat: --vat NAME. There is {names}")
        baggage = found[0].baggage
        if baggage is None:
            click.echo(f"vat {found[0].name!r} has never started", err=True)
            return
        _show_entries(reader, (found[0], baggage), limit, after, as_json)
