"""What stored objects mention: the edges of the graph of a store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...passable import KeyTag
from ...store import Snapshot
from ...vat.identifiers import (
    DURABLE,
    FIRST_USER_KIND,
    HANDLE_KIND,
    HEAP,
    IMPORT,
    PROMISE,
    VIRTUAL,
    Base,
    base_of,
    encode_number,
    join_slot,
    split_slot,
)
from ...vat.stores.entries import encode_ordinal
from ...vat.stores.open import BAGGAGE_COLLECTION, MAP, type_numbered
from .names import reference_at
from .space_reader import SpaceReader
from .store_reader import StoreReader
from .vat_reader import VatReader

__all__ = ["Edges", "Node", "Root", "node_of"]

_END = b"\xff"
_REMOTABLE = bytes((KeyTag.REMOTABLE,))
_BEHIND_KEYS = bytes((KeyTag.ABOVE_KEYS,))
_REMOTABLE_HEAD = len(encode_ordinal(0))


class Node(NamedTuple):
    """A stored object: number of its vat, and its name there."""

    vat: int
    base: Base


class Root(NamedTuple):
    """Something that keeps objects and is no object itself.

    Attributes:
        text: what it is, for people.
        is_memory: whether it is only said to be possible: memory is not in the store.
    """

    text: str
    is_memory: bool = False


def node_of(slot: bytes, vat: int) -> Node | None:
    """Return the stored object that a slot in the data of a vat means; None for promises and heap objects."""
    reference = reference_at(slot, vat)
    if reference.slot[:1] not in (DURABLE, VIRTUAL):
        return None
    return Node(reference.vat, reference.base)


class Edges:
    """Follows the mentions of one store, as far as stored data alone tells."""

    def __init__(self, reader: StoreReader) -> None:
        self._reader = reader
        self._snapshot: Snapshot = reader.snapshot
        self._codec = reader.codec

    # --- roots

    def roots(self) -> Iterator[tuple[Root, Node]]:
        """Walk what is kept by something else than an object, the surest first."""
        reader = self._reader
        for vat in reader.vats.values():
            if vat.record is not None:
                slot = join_slot(DURABLE, MAP.kind_number, BAGGAGE_COLLECTION)
                yield Root(f"baggage of vat {vat.name!r}"), Node(vat.number, Base(slot))
        for vat in reader.vats.values():
            yield from self._roots_of(vat)
        for message in reader.messages():
            for mention in (message.target, *message.mentions):
                if mention.is_stored:
                    yield (
                        Root(f"message {message.number}, {message.method!r}"),
                        Node(mention.vat, mention.base),
                    )
        for promise in reader.promises():
            for mention in promise.mentions:
                if mention.is_stored:
                    yield Root(f"promise {promise.number}"), Node(mention.vat, mention.base)
        for timer in reader.timers():
            for mention in timer.mentions:
                if mention.is_stored:
                    yield Root(f"timer entry {timer.number}"), Node(mention.vat, mention.base)

    def _roots_of(self, vat: VatReader) -> Iterator[tuple[Root, Node]]:
        space = vat.durable.space
        for prefix, what in (
            (space.kind, "the state shape of a kind"),
            (space.watch, "a watched promise"),
            (space.provided, "a provided watcher"),
        ):
            for _, data in self._snapshot.scan(prefix, prefix + _END):
                yield from self._mentions(Root(f"{what} of vat {vat.name!r}"), vat, data)
        if vat.setup is not None and vat.setup.parameters:
            yield from self._mentions(Root(f"parameters of vat {vat.name!r}"), vat, vat.setup.parameters)

    def _mentions(self, root: Root, vat: VatReader, data: bytes) -> Iterator[tuple[Root, Node]]:
        for slot in self._codec.slots_in(data):
            node = node_of(slot, vat.number)
            if node is not None:
                yield root, node

    def memory_roots(self) -> Iterator[tuple[Root, Node]]:
        """Walk the objects that no stored data mentions: memory of the vat, or nothing, holds them."""
        for vat in self._reader.vats.values():
            root = Root(f"memory of incarnation {vat.incarnation} of vat {vat.name!r}", is_memory=True)
            for space in (vat.virtual, vat.durable):
                for base in space.unmentioned():
                    yield root, Node(vat.number, base)

    # --- edges

    def out(self, node: Node) -> Iterator[Node]:
        """Walk the objects that one object's data mentions and keeps. Weak stores are in ``weak_out``."""
        for slot in self._slots_out(node):
            child = node_of(slot, node.vat)
            if child is not None:
                yield child

    def weak_out(self, node: Node) -> Iterator[tuple[Node, Node]]:
        """Walk pairs of key and mentioned object for a weak map: a value is kept while its key is."""
        space, number, instance = self._place(node)
        store_type = type_numbered(number)
        if space is None or store_type is None or not store_type.is_weak or not store_type.is_map:
            return
        for encoded, data in self._entries(space, instance):
            if encoded[:1] != _REMOTABLE:
                continue
            key = node_of(encoded[_REMOTABLE_HEAD:], node.vat)
            for slot in self._codec.slots_in(data):
                child = node_of(slot, node.vat)
                if key is not None and child is not None:
                    yield key, child

    def _slots_out(self, node: Node) -> Iterator[bytes]:
        space, number, instance = self._place(node)
        if space is None:
            return
        records = space.space
        if number >= FIRST_USER_KIND:
            # What a kind's handle is: an instance keeps it, as its kind is not retired meanwhile.
            yield from self._slots_at(records.record + node.base[1:])
            return
        if number == HANDLE_KIND:
            yield from self._slots_at(records.kind + encode_number(instance))
            return
        yield from self._slots_at(records.collection + encode_number(instance))
        store_type = type_numbered(number)
        if store_type is None:
            return
        for encoded, data in self._entries(space, instance):
            is_object = encoded[:1] == _REMOTABLE
            if is_object and not store_type.is_weak:
                yield encoded[_REMOTABLE_HEAD:]
            if store_type.is_map and data and not (store_type.is_weak and is_object):
                yield from self._codec.slots_in(data)

    def _place(self, node: Node) -> tuple[SpaceReader | None, int, int]:
        vat = self._reader.vat_numbered(node.vat)
        zone, number, instance, _ = split_slot(node.base)
        return (None if vat is None else vat.space(zone)), number, instance

    def _slots_at(self, key: bytes) -> list[bytes]:
        data = self._snapshot.get(key)
        return [] if data is None else self._codec.slots_in(data)

    def _entries(self, space: SpaceReader, number: int) -> Iterator[tuple[bytes, bytes]]:
        prefix = space.space.entry + encode_number(number)
        for key, data in self._snapshot.scan(prefix, prefix + _BEHIND_KEYS):
            yield key[len(prefix) :], data


def forms_of(node: Node, incarnation: int, vat: int) -> bytes:
    """Return how the data of a vat begins the name of an object: the bytes to look for."""
    if node.vat == vat:
        return node.base
    zone = node.base[:1]
    if zone == DURABLE:
        return IMPORT + encode_number(node.vat) + node.base
    return IMPORT + encode_number(node.vat) + zone + encode_number(incarnation) + node.base[1:]


def is_mention(slot: bytes, node: Node, vat: int) -> bool:
    """Whether a slot in the data of a vat means an object, or a facet of it."""
    zone = slot[:1]
    if zone in (HEAP, PROMISE) or (zone != IMPORT and node.vat != vat):
        return False
    if zone != IMPORT:
        return base_of(slot) == node.base
    return node_of(slot, vat) == node
