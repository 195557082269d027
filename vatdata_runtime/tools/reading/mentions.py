"""Who mentions an object: one walk over the stored data of all vats."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...passable import KeyTag
from ...vat.identifiers import (
    Base,
    Slot,
    decode_number,
    encode_number,
)
from ...vat.stores.entries import encode_ordinal
from .edges import Node, forms_of, is_mention
from .model import CollectionInfo, Mention
from .names import Reference
from .space_reader import SpaceReader
from .store_reader import StoreReader
from .text_form import value_text
from .vat_reader import VatReader

__all__ = ["mentions_in", "mentions_of"]

_END = b"\xff"
_REMOTABLE = bytes((KeyTag.REMOTABLE,))
_REMOTABLE_HEAD = len(encode_ordinal(0))
_REPORT_EVERY = 10_000

Progress = Callable[[int, int], None]


def mentions_of(
    reader: StoreReader, target: Reference, *, progress: Progress | None = None
) -> Iterator[Mention]:
    """Find every stored place that mentions an object or a facet of it. Streams.

    Args:
        reader: the store.
        target: the object.
        progress: called with records seen and how many there are.

    Cost: reads all data of all vats once, about 1 us a record.
    """
    yield from _Search(reader, target, progress).run()


def mentions_in(reader: StoreReader, holder: Reference, target: Reference) -> Iterator[Mention]:
    """Find where the data of one object mentions another. Reads that object, or the entries of that collection."""
    yield from _Search(reader, target, None).run_in(holder)


class _Search:
    def __init__(self, reader: StoreReader, target: Reference, progress: Progress | None) -> None:
        self._reader = reader
        self._codec = reader.codec
        self._node = Node(target.vat, target.base)
        owner = reader.vat_numbered(target.vat)
        self._incarnation = 0 if owner is None else owner.incarnation
        self._progress = progress
        self._seen = 0

    def run(self) -> Iterator[Mention]:
        for vat in self._reader.vats.values():
            sought = forms_of(self._node, self._incarnation, vat.number)
            for space in (vat.durable, vat.virtual):
                yield from self._instances(vat, space, sought)
                for collection in space.collections():
                    yield from self._collection(vat, space, collection, sought)
            yield from self._rest_of(vat, sought)
        yield from self._between_vats()

    def run_in(self, holder: Reference) -> Iterator[Mention]:
        vat = self._reader.vat_numbered(holder.vat)
        if vat is None or not holder.is_stored:
            return
        sought = forms_of(self._node, self._incarnation, vat.number)
        space = vat.space(holder.slot[:1])
        found = vat.find(holder.base)
        if isinstance(found, CollectionInfo):
            yield from self._collection(vat, space, found, sought)
        elif found is not None:
            key = space.space.record + holder.base[1:]
            data = self._reader.snapshot.get(key)
            if data is not None:
                yield from self._instance(vat, space, key, data, sought)

    def _mentions(self, data: bytes, vat: VatReader, sought: bytes) -> bool:
        # Most records do not even hold the bytes, and looking for them costs a tenth of parsing.
        self._count()
        if sought not in data:
            return False
        return any(is_mention(slot, self._node, vat.number) for slot in self._codec.slots_in(data))

    def _count(self) -> None:
        self._seen += 1
        if self._progress is not None and self._seen % _REPORT_EVERY == 0:
            self._progress(self._seen, max(self._reader.measures.entries, self._seen))

    def _instances(self, vat: VatReader, space: SpaceReader, sought: bytes) -> Iterator[Mention]:
        prefix = space.space.record
        for key, data in self._reader.snapshot.scan(prefix, prefix + _END):
            yield from self._instance(vat, space, key, data, sought)

    def _instance(
        self, vat: VatReader, space: SpaceReader, key: bytes, data: bytes, sought: bytes
    ) -> Iterator[Mention]:
        if not self._mentions(data, vat, sought):
            return
        base = Base(space.zone + key[len(space.space.record) :])
        holder = Reference(vat.number, Slot(base))
        instance = space.instance(base)
        if instance is None:
            return
        for name, value in instance.state.items():
            slots = self._codec.slots_in(self._codec.encode(value))
            if any(is_mention(slot, self._node, vat.number) for slot in slots):
                yield Mention(holder, "instance", name)

    def _collection(
        self, vat: VatReader, space: SpaceReader, collection: CollectionInfo, sought: bytes
    ) -> Iterator[Mention]:
        holder = Reference(vat.number, Slot(space.base_of_collection(collection)))
        number = encode_number(collection.number)
        data = self._reader.snapshot.get(space.space.collection + number)
        if data is not None and self._mentions(data, vat, sought):
            yield Mention(holder, "collection", "key or value shape")
        prefix = space.space.entry + number
        for key, stored in self._reader.snapshot.scan(prefix, prefix + bytes((KeyTag.ABOVE_KEYS,))):
            encoded = key[len(prefix) :]
            if encoded[:1] == _REMOTABLE and is_mention(encoded[_REMOTABLE_HEAD:], self._node, vat.number):
                yield Mention(holder, "entry", "as key", is_weak=collection.store_type.is_weak)
            if stored and self._mentions(stored, vat, sought):
                text = value_text(self._codec.decode_key(encoded), self._write(vat), limit=60)
                yield Mention(holder, "entry", f"value of {text}")

    def _write(self, vat: VatReader) -> Callable[[bytes], str]:
        return lambda slot: self._reader.write_slot(slot, vat.number)

    def _rest_of(self, vat: VatReader, sought: bytes) -> Iterator[Mention]:
        space = vat.durable.space
        for prefix, sort in ((space.kind, "kind"), (space.watch, "watch"), (space.provided, "watcher")):
            for key, data in self._reader.snapshot.scan(prefix, prefix + _END):
                if self._mentions(data, vat, sought):
                    number, _ = decode_number(key, len(prefix))
                    kind = None if sort == "watch" else vat.durable.kind(number)
                    yield Mention(None, sort, f"{number}" if kind is None else kind.tag)
        if vat.setup is not None and self._mentions(vat.setup.parameters, vat, sought):
            yield Mention(None, "parameters", f"of vat {vat.name!r}")

    def _between_vats(self) -> Iterator[Mention]:
        for message in self._reader.messages():
            self._count()
            if self._is_among((message.target, *message.mentions)):
                yield Mention(None, "message", f"{message.number}, {message.method!r}")
        for promise in self._reader.promises():
            self._count()
            if self._is_among(promise.mentions):
                yield Mention(None, "promise", f"{promise.number}")
        for timer in self._reader.timers():
            self._count()
            if self._is_among(timer.mentions):
                yield Mention(None, "timer", f"{timer.number}")

    def _is_among(self, references: tuple[Reference, ...]) -> bool:
        return any(found.vat == self._node.vat and found.base == self._node.base for found in references)
