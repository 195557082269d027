"""The listings of ``vatdata inspect``: rows of plain data with columns, a page at a time.

A listing is one function from a ``Scope`` to rows. What the kernel comes to store besides gets a function here and a
line in ``LISTINGS``; command, table, paging and JSON follow from that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from ..reading import (
    InstanceInfo,
    JsonForm,
    KindInfo,
    MessageInfo,
    NoSuchObjectError,
    PromiseInfo,
    StoreReader,
    TimerInfo,
    VatReader,
    WatchInfo,
    value_text,
)
from .schema import collection_form, kind_form

__all__ = ["LISTINGS", "Column", "Listing", "Row", "Scope", "page_of"]

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a listing.

    Attributes:
        cells: what people see, by column.
        form: what machines get.
        cursor: where a page that ends with this row continues.
    """

    cells: tuple[str, ...]
    form: Json
    cursor: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and whether it holds numbers."""

    heading: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """What a listing is asked for.

    Attributes:
        reader: the store.
        vats: the vats that are asked about.
        kind: tag of the only kind that is asked about, or None.
        after: the cursor behind which the page begins, or None.
        width: characters of a cell with data, or None for all.
    """

    reader: StoreReader
    vats: tuple[VatReader, ...]
    kind: str | None = None
    after: str | None = None
    width: int | None = 60


@dataclass(frozen=True, slots=True)
class Listing:
    """A sort of things to list.

    Attributes:
        name: of the command.
        help: one sentence for the command's help.
        columns: of the table.
        rows: walks the rows behind ``scope.after``. Streams.
    """

    name: str
    help: str
    columns: tuple[Column, ...]
    rows: Callable[[Scope], Iterator[Row]]


def page_of(listing: Listing, scope: Scope, limit: int | None) -> tuple[list[Row], str | None]:
    """Return the rows of a page, and the cursor of the next one, None where nothing follows."""
    walk = listing.rows(scope)
    rows = list(islice(walk, limit))
    has_more = limit is not None and next(walk, None) is not None
    return rows, rows[-1].cursor if has_more and rows else None


# --- where pages continue


def _split(scope: Scope, count: int) -> tuple[int, ...]:
    """Read the numbers of a cursor; zeros where there is none.

    Raises:
        NoSuchObjectError: it is no cursor of this listing.
    """
    if scope.after is None:
        return (0,) * count
    try:
        parts = tuple(map(int, scope.after.split(".")))
    except ValueError:
        parts = ()
    if len(parts) != count:
        raise NoSuchObjectError(scope.after, "continues no page of this listing")
    return parts


def _vats_from(scope: Scope, number: int) -> Iterator[VatReader]:
    return (vat for vat in sorted(scope.vats, key=lambda vat: vat.number) if vat.number >= number)


# --- kinds


def _kinds(scope: Scope) -> Iterator[Row]:
    vat_number, done = _split(scope, 2)
    for vat in _vats_from(scope, vat_number):
        for kind in vat.kinds():
            if vat.number == vat_number and kind.number <= done:
                continue
            if scope.kind is None or scope.kind == kind.tag:
                yield _kind_row(vat, kind)


def _kind_row(vat: VatReader, kind: KindInfo) -> Row:
    fields = ", ".join(
        name if kind.shape is None or name not in kind.shape else f"{name}: {kind.shape[name]}"
        for name in kind.fields
    )
    facets = "" if kind.facets is None else ", ".join(kind.facets)
    zone = "durable" if kind.zone == b"d" else "virtual"
    cells = (
        vat.name,
        str(kind.number),
        kind.tag,
        zone,
        f"{kind.instances:,}",
        str(kind.version),
        facets,
        fields,
    )
    return Row(cells, {"vat": vat.name, "tag": kind.tag, **kind_form(kind)}, f"{vat.number}.{kind.number}")


# --- objects


def _objects(scope: Scope) -> Iterator[Row]:
    vat_number, kind_number, done = _split(scope, 3)
    for vat in _vats_from(scope, vat_number):
        same_vat = vat.number == vat_number
        for kind in vat.kinds():
            if same_vat and kind.number < kind_number:
                continue
            if scope.kind is not None and scope.kind not in (kind.tag, str(kind.number)):
                continue
            start = done + 1 if same_vat and kind.number == kind_number else 0
            for instance in vat.space(kind.zone).instances(kind.number, start):
                yield _object_row(scope, vat, instance)


def _object_row(scope: Scope, vat: VatReader, instance: InstanceInfo) -> Row:
    form = object_form(scope.reader, vat, instance)
    state = ", ".join(
        f"{name}={value_text(value, _writer(scope.reader, vat), scope.width)}"
        for name, value in instance.state.items()
    )
    cells = (vat.name, form["ref"], instance.kind.tag, state)
    number = form["ref"].partition("/")[2]
    return Row(cells, form, f"{vat.number}.{instance.kind.number}.{number}")


def _writer(reader: StoreReader, vat: VatReader) -> Callable[[bytes], str]:
    return lambda slot: reader.write_slot(slot, vat.number)


def json_form(reader: StoreReader, vat: VatReader | None) -> JsonForm:
    """Return what writes values that a vat has stored, or the kernel for ``None``."""
    number = 0 if vat is None else vat.number
    return JsonForm(reader.codec, lambda slot: reader.write_slot(slot, number))


def object_form(reader: StoreReader, vat: VatReader, instance: InstanceInfo) -> Json:
    """Describe an instance for machines."""
    write = json_form(reader, vat).write
    return {
        "vat": vat.name,
        "ref": instance.reference.vref,
        "kind": instance.kind.tag,
        "version": instance.version,
        "state": {name: write(value) for name, value in instance.state.items()},
        "size_bytes": instance.size_bytes,
    }


# --- collections


def _collections(scope: Scope) -> Iterator[Row]:
    vat_number, done = _split(scope, 2)
    for vat in _vats_from(scope, vat_number):
        start = done + 1 if vat.number == vat_number else 0
        for space in (vat.durable, vat.virtual):
            for found in space.collections(start):
                form = collection_form(vat, found)
                size = f"{found.size:,}"
                cells = (vat.name, form["ref"], found.store_type.name, found.label, form["zone"], size)
                yield Row(cells, {"vat": vat.name, **form}, f"{vat.number}.{found.number}")


# --- between vats


def _queue(scope: Scope) -> Iterator[Row]:
    (done,) = _split(scope, 1)
    return (_message_row(scope, message) for message in scope.reader.messages() if message.number > done)


def _message_row(scope: Scope, message: MessageInfo) -> Row:
    reader = scope.reader
    write = json_form(reader, None).write
    form: Json = {
        "number": message.number,
        "target": reader.write(message.target),
        "method": message.method,
        "arguments": [write(value) for value in message.arguments],
        "keywords": {name: write(value) for name, value in message.keywords.items()},
        "result": message.result,
    }
    texts = [_kernel_text(scope, value) for value in message.arguments]
    texts += [f"{name}={_kernel_text(scope, value)}" for name, value in message.keywords.items()]
    call = f"{message.method}({', '.join(texts)})"
    result = "" if message.result is None else f"promise {message.result}"
    return Row((str(message.number), form["target"], call, result), form, str(message.number))


def _kernel_text(scope: Scope, value: Any) -> str:
    return value_text(value, lambda slot: scope.reader.write_slot(slot, 0), scope.width)


def _promises(scope: Scope) -> Iterator[Row]:
    (done,) = _split(scope, 1)
    return (_promise_row(scope, found) for found in scope.reader.promises() if found.number > done)


def _promise_row(scope: Scope, found: PromiseInfo) -> Row:
    reader = scope.reader
    is_pending = found.status == "pending"
    decider = reader.vat_name(found.decider) if found.decider else None
    form: Json = {
        "number": found.number,
        "status": found.status,
        "decider": decider,
        "incarnation": found.incarnation if decider else None,
        "value": None if is_pending else json_form(reader, None).write(found.value),
    }
    waits_for = "" if not is_pending else "a message" if decider is None else f"vat {decider!r}"
    value = "" if is_pending else _kernel_text(scope, found.value)
    return Row((str(found.number), found.status, waits_for, value), form, str(found.number))


def _exports(scope: Scope) -> Iterator[Row]:
    # The names of exports are in order of bytes, not of numbers, so a page is found again by counting.
    (done,) = _split(scope, 1)
    position = 0
    for vat in _vats_from(scope, 0):
        for found in vat.exports():
            position += 1
            if position <= done:
                continue
            tag = vat.tag_at(found.reference) if found.reference.is_stored else None
            ref = scope.reader.write(found.reference)
            form: Json = {"ref": ref, "kind": tag, "mentions": found.mentions}
            yield Row((ref, tag or "", str(found.mentions)), form, str(position))


def _watches(scope: Scope) -> Iterator[Row]:
    vat_number, done = _split(scope, 2)
    for vat in _vats_from(scope, vat_number):
        for watch in vat.watches():
            if vat.number == vat_number and watch.number <= done:
                continue
            yield _watch_row(scope, vat, watch)


def _watch_row(scope: Scope, vat: VatReader, watch: WatchInfo) -> Row:
    write = json_form(scope.reader, vat).write
    form: Json = {
        "vat": vat.name,
        "number": watch.number,
        "incarnation": watch.incarnation,
        "watcher": write(watch.watcher),
        "arguments": [write(value) for value in watch.arguments],
    }
    texts = [
        value_text(value, _writer(scope.reader, vat), scope.width)
        for value in (watch.watcher, watch.arguments)
    ]
    cells = (vat.name, str(watch.number), str(watch.incarnation), *texts)
    return Row(cells, form, f"{vat.number}.{watch.number}")


def _timers(scope: Scope) -> Iterator[Row]:
    (done,) = _split(scope, 1)
    return (_timer_row(scope, timer) for timer in scope.reader.timers() if timer.number > done)


def _timer_row(scope: Scope, timer: TimerInfo) -> Row:
    when = datetime.fromtimestamp(timer.when, UTC).isoformat(timespec="milliseconds")
    handler = scope.reader.write(timer.handler)
    form: Json = {
        "number": timer.number,
        "when": timer.when,
        "when_utc": when,
        "interval": timer.interval,
        "handler": handler,
        "token": json_form(scope.reader, None).write(timer.token),
    }
    interval = "" if timer.interval is None else f"{timer.interval:g} s"
    token = "" if timer.token is None else _kernel_text(scope, timer.token)
    return Row((str(timer.number), when, interval, handler, token), form, str(timer.number))


def _devices(scope: Scope) -> Iterator[Row]:
    (done,) = _split(scope, 1)
    for name, number in sorted(scope.reader.devices().items(), key=lambda item: item[1]):
        if number > done:
            yield Row((str(number), name), {"number": number, "name": name}, str(number))


def _columns(*headings: str) -> tuple[Column, ...]:
    return tuple(Column(heading.removeprefix("#"), heading.startswith("#")) for heading in headings)


LISTINGS: tuple[Listing, ...] = (
    Listing(
        "kinds",
        "List kinds with their counts, facets and fields.",
        _columns("vat", "#number", "kind", "zone", "#instances", "#version", "facets", "fields"),
        _kinds,
    ),
    Listing(
        "objects",
        "List stored instances with their state.",
        _columns("vat", "ref", "kind", "state"),
        _objects,
    ),
    Listing(
        "collections",
        "List stored maps and sets.",
        _columns("vat", "ref", "type", "label", "zone", "#entries"),
        _collections,
    ),
    Listing(
        "queue",
        "List the messages that were not delivered yet, oldest first.",
        _columns("#number", "target", "message", "result"),
        _queue,
    ),
    Listing(
        "promises",
        "List the promises that vats share.",
        _columns("#number", "status", "waits for", "value"),
        _promises,
    ),
    Listing(
        "exports",
        "List the objects that durable data of other vats mentions.",
        _columns("ref", "kind", "#mentions"),
        _exports,
    ),
    Listing(
        "watches",
        "List the promises that durable watchers wait for.",
        _columns("vat", "#number", "#incarnation", "watcher", "arguments"),
        _watches,
    ),
    Listing(
        "timers",
        "List the entries of the durable timer.",
        _columns("#number", "next time", "every", "handler", "cancel token"),
        _timers,
    ),
    Listing(
        "devices",
        "List the devices that vats or the program have named.",
        _columns("#number", "name"),
        _devices,
    ),
)
