"""Reads what one vat keeps in one zone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from ...errors import StoreCorruptError
from ...passable import DecodeError, KeyTag, UnknownEnumError
from ...patterns.text import pattern_text
from ...store import Snapshot
from ...vat.descriptors import KindDescriptor, decode_descriptor
from ...vat.identifiers import (
    FIRST_USER_KIND,
    Base,
    Space,
    decode_number,
    encode_number,
    format_vref,
    join_slot,
    split_slot,
)
from ...vat.stand_ins import StandInCodec
from ...vat.stores.open import type_numbered
from .model import CollectionInfo, EntryInfo, InstanceInfo, KindInfo, LayoutInfo, Page

__all__ = ["SpaceReader"]

_END = b"\xff"
_BEHIND_KEYS = bytes((KeyTag.ABOVE_KEYS,))


class SpaceReader:
    """The durable data of a vat, or the virtual data of one of its incarnations.

    Args:
        snapshot: what is read.
        path: the store's path, for messages.
        vat: number of the vat.
        zone: ``b"d"`` or ``b"v"``.
        space: where its records are.
        codec: decodes values.
    """

    def __init__(
        self, snapshot: Snapshot, path: str, vat: int, zone: bytes, space: Space, codec: StandInCodec
    ) -> None:
        self._snapshot = snapshot
        self._path = path
        self._vat = vat
        self.zone = zone
        self.space = space
        self._codec = codec
        self._kinds: dict[int, KindInfo] = {}

    # --- kinds

    def kinds(self) -> Iterator[KindInfo]:
        """Walk the kinds by number: those with a descriptor, then those that only instances tell of.

        Cost: one read and one count for each kind.
        """
        known: set[int] = set()
        for key, _ in self._scan(self.space.kind):
            number, _at = decode_number(key, len(self.space.kind))
            known.add(number)
            yield self.kind(number)
        for number in self._numbers(self.space.record):
            if number not in known:
                yield self.kind(number)

    def kind(self, number: int) -> KindInfo:
        """Return one kind; one that the store does not describe has a tag that says so. Kept once read."""
        known = self._kinds.get(number)
        if known is not None:
            return known
        data = self._snapshot.get(self.space.kind + encode_number(number))
        if data is None:
            descriptor = KindDescriptor(number, f"(kind {number})")
        else:
            descriptor = decode_descriptor(number, data, self._codec, self._path)
        shape = None
        if descriptor.shape is not None:
            shape = {name: pattern_text(pattern) for name, pattern in descriptor.shape.items()}
        info = KindInfo(
            self._vat,
            self.zone,
            number,
            descriptor.tag,
            data is not None,
            descriptor.is_defined,
            descriptor.facets,
            descriptor.methods,
            shape,
            tuple(LayoutInfo(*layout) for layout in descriptor.layouts),
            descriptor.version,
            self._count_instances(number),
        )
        self._kinds[number] = info
        return info

    def _count_instances(self, number: int) -> int:
        prefix = self.space.record + encode_number(number)
        return self._snapshot.count(prefix, prefix + _END)

    def record_bytes(self, number: int, limit: int | None = None) -> tuple[int, int]:
        """Add up the records of a kind: how many were looked at, and their bytes, keys included.

        Args:
            limit: how many to look at; None for all.

        Cost: reads so many records.
        """
        prefix = self.space.record + encode_number(number)
        seen = size = 0
        for key, data in islice(self._scan(prefix), limit):
            seen += 1
            size += len(key) + len(data)
        return seen, size

    # --- instances

    def instances(self, number: int, start: int = 0) -> Iterator[InstanceInfo]:
        """Walk the instances of a kind by number, from instance *start* on. Streams."""
        kind = self.kind(number)
        prefix = self.space.record + encode_number(number)
        for key, data in self._snapshot.scan(prefix + encode_number(start), prefix + _END):
            yield self._instance(Base(self.zone + key[len(self.space.record) :]), kind, data)

    def instance(self, base: Base) -> InstanceInfo | None:
        """Return one instance, None where there is none. Two reads."""
        data = self._snapshot.get(self.space.record + base[1:])
        if data is None:
            return None
        return self._instance(base, self.kind(split_slot(base)[1]), data)

    def _instance(self, base: Base, kind: KindInfo, data: bytes) -> InstanceInfo:
        try:
            number, *values = self._codec.decode_row(data)
        except (DecodeError, UnknownEnumError, ValueError) as error:
            raise StoreCorruptError(
                self._path, f"the record of {format_vref(base)} cannot be read: {error}"
            ) from error
        version, names = 1, [f"field {position}" for position in range(len(values))]
        if type(number) is int and 0 <= number < len(kind.layouts):
            layout = kind.layouts[number]
            version = layout.version
            if len(layout.fields) == len(values):
                names = list(layout.fields)
        return InstanceInfo(self._vat, base, kind, version, dict(zip(names, values, strict=True)), len(data))

    # --- collections

    def collections(self, start: int = 0) -> Iterator[CollectionInfo]:
        """Walk the collections by number, from *start* on. Two reads each."""
        prefix = self.space.collection
        for key, data in self._snapshot.scan(prefix + encode_number(start), prefix + _END):
            number, _ = decode_number(key, len(prefix))
            yield self._collection(number, data)

    def collection(self, number: int) -> CollectionInfo | None:
        """Return one collection, None where there is none. Two reads."""
        data = self._snapshot.get(self.space.collection + encode_number(number))
        return None if data is None else self._collection(number, data)

    def count_collections(self) -> int:
        """Count the collections. Cost: 0.1 us each."""
        return self._snapshot.count(self.space.collection, self.space.collection + _END)

    def count_entries(self) -> int:
        """Count the entries of all collections together. Cost: 0.1 us each."""
        return self._snapshot.count(self.space.entry, self.space.entry + _END)

    def _collection(self, number: int, data: bytes) -> CollectionInfo:
        try:
            type_number, label, key_shape, value_shape, role = self._codec.decode_row(data)
            store_type = type_numbered(type_number)
            if store_type is None:
                raise ValueError(f"there is no type {type_number!r}")
            head = self._snapshot.get(self.space.head + encode_number(number))
            size = 0 if head is None else decode_number(head, 0)[0]
        except (DecodeError, ValueError) as error:
            raise StoreCorruptError(
                self._path, f"the descriptor of collection {number} cannot be read: {error}"
            ) from error
        return CollectionInfo(
            self._vat,
            self.zone,
            number,
            store_type,
            label,
            None if key_shape is None else pattern_text(key_shape),
            None if value_shape is None else pattern_text(value_shape),
            role,
            size,
        )

    def entries(self, collection: CollectionInfo, after: bytes = b"") -> Iterator[tuple[bytes, EntryInfo]]:
        """Walk a collection's entries in key order, each with its encoded key, behind the encoded key *after*."""
        prefix = self.space.entry + encode_number(collection.number)
        start = prefix if not after else prefix + after + b"\0"
        for key, data in self._snapshot.scan(start, prefix + _BEHIND_KEYS):
            encoded = key[len(prefix) :]
            try:
                value = self._codec.decode(data) if collection.store_type.is_map else None
                entry = EntryInfo(self._codec.decode_key(encoded), value, len(encoded) + len(data))
            except (DecodeError, ValueError) as error:
                raise StoreCorruptError(
                    self._path, f"an entry of collection {collection.label!r} cannot be read: {error}"
                ) from error
            yield encoded, entry

    def page(self, collection: CollectionInfo, limit: int, after: str | None = None) -> Page[EntryInfo]:
        """Return *limit* entries of a collection, from the start or behind another page.

        Args:
            after: ``next`` of the page before.

        Raises:
            ValueError: *after* is nothing that a page has given.
        """
        walk = self.entries(collection, bytes.fromhex(after) if after else b"")
        items: list[EntryInfo] = []
        last = b""
        for encoded, entry in walk:
            if len(items) == limit:
                return Page(tuple(items), last.hex())
            items.append(entry)
            last = encoded
        return Page(tuple(items), None)

    # --- holders

    def count_of(self, base: bytes) -> int:
        """Return how many places in this zone mention an object, as the store has counted. Two reads."""
        data = self._snapshot.get(self.space.count + base)
        if data is not None:
            return decode_number(data, 0)[0]
        if base[:1] != self.zone:
            return 0
        return 0 if self.is_unmentioned(base) else 1

    def is_unmentioned(self, base: bytes) -> bool:
        """Whether the object has a zero mark: no stored data mentions it. One read."""
        return self._snapshot.get(self.space.zero + base) is not None

    def is_doomed(self, base: bytes) -> bool:
        """Whether the object's deletion has begun. One read."""
        return self._snapshot.get(self.space.doomed + base) is not None

    def unmentioned(self) -> Iterator[Base]:
        """Walk the objects that no stored data mentions: held by memory or from outside, or to be collected."""
        for key, _ in self._scan(self.space.zero):
            yield Base(key[len(self.space.zero) :])

    def count_unmentioned(self, kind: int | None = None) -> int:
        """Count what ``unmentioned`` walks, of one kind or of all. Cost: 0.1 us each."""
        prefix = self.space.zero if kind is None else self.space.zero + self.zone + encode_number(kind)
        return self._snapshot.count(prefix, prefix + _END)

    def count_doomed(self) -> int:
        """Count the objects whose deletion has begun and is not finished."""
        return self._snapshot.count(self.space.doomed, self.space.doomed + _END)

    def has_object(self, base: Base) -> bool:
        """Whether there is an instance, collection or kind of this name. One read."""
        _, number, instance, _ = split_slot(base)
        if number >= FIRST_USER_KIND:
            key = self.space.record + base[1:]
        elif type_numbered(number) is not None:
            key = self.space.collection + encode_number(instance)
        else:
            key = self.space.kind + encode_number(instance)
        return self._snapshot.get(key) is not None

    def base_of_collection(self, collection: CollectionInfo) -> Base:
        """Return the name of a collection."""
        return Base(join_slot(self.zone, collection.store_type.kind_number, collection.number))

    # --- walks

    def _scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        return self._snapshot.scan(prefix, prefix + _END)

    def _numbers(self, prefix: bytes) -> Iterator[int]:
        """Find the distinct numbers that follow *prefix* in keys, skipping what lies between. One read each."""
        position = prefix
        while True:
            key: Any = next((key for key, _ in self._snapshot.scan(position, prefix + _END)), None)
            if key is None:
                return
            number, _ = decode_number(key, len(prefix))
            yield number
            position = prefix + encode_number(number) + _END
