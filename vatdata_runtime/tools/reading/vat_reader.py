"""Reads one vat: its two zones, its life, and what it waits for."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import StoreCorruptError
from ...kernel.holds import stored_holds
from ...kernel.vat_records import VatSetup
from ...passable import DecodeError
from ...store import Snapshot
from ...vat.identifiers import (
    DURABLE,
    FIRST_USER_KIND,
    VIRTUAL,
    Base,
    Space,
    decode_number,
    split_slot,
)
from ...vat.stand_ins import StandInCodec
from ...vat.stores.open import BAGGAGE_COLLECTION, type_numbered
from ...vat.vat_record import VatRecord
from .model import CollectionInfo, ExportInfo, InstanceInfo, KindInfo, WatchInfo
from .names import Reference, reference_at
from .space_reader import SpaceReader

__all__ = ["VatReader"]


class VatReader:
    """One vat of a store.

    Args:
        snapshot: what is read.
        path: the store's path, for messages.
        name: the vat's name.
        number: its number in the store.
        setup: how a kernel starts it; None where only ``open_vat`` has had it.
        codec: decodes values.

    Attributes:
        record: the numbers that it carries on; None for a vat that has never started.
        durable: its durable data.
        virtual: the virtual data of its last incarnation.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        path: str,
        name: str,
        number: int,
        setup: VatSetup | None,
        codec: StandInCodec,
    ) -> None:
        self._snapshot = snapshot
        self._path = path
        self._codec = codec
        self.name = name
        self.number = number
        self.setup = setup
        durable = Space.durable(number)
        data = snapshot.get(durable.meta)
        self.record = None if data is None else VatRecord.decode(data, path)
        self.durable = SpaceReader(snapshot, path, number, DURABLE, durable, codec)
        virtual = Space.virtual(number, self.incarnation)
        self.virtual = SpaceReader(snapshot, path, number, VIRTUAL, virtual, codec)

    @property
    def incarnation(self) -> int:
        """Number of the current or last incarnation; 0 for a vat that has never started."""
        return 0 if self.record is None else max(self.record.incarnation, 0)

    @property
    def source(self) -> str | None:
        """The text by which a kernel finds its code; None where it has none."""
        return None if self.setup is None else self.setup.source

    def space(self, zone: bytes) -> SpaceReader:
        """Return the data of a zone, ``b"d"`` or ``b"v"``."""
        return self.durable if zone == DURABLE else self.virtual

    # --- what there is

    def kinds(self) -> Iterator[KindInfo]:
        """Walk all kinds, durable ones first."""
        yield from self.durable.kinds()
        yield from self.virtual.kinds()

    def kind_named(self, name: str) -> KindInfo | None:
        """Find a kind by its tag, or by its number as text."""
        for kind in self.kinds():
            if kind.tag == name or str(kind.number) == name:
                return kind
        return None

    def collections(self) -> Iterator[CollectionInfo]:
        """Walk all collections, durable ones first."""
        yield from self.durable.collections()
        yield from self.virtual.collections()

    @property
    def baggage(self) -> CollectionInfo | None:
        """The durable map that an incarnation begins with; None for a vat that has never started."""
        return self.durable.collection(BAGGAGE_COLLECTION)

    def find(self, base: Base) -> InstanceInfo | CollectionInfo | KindInfo | None:
        """Return what a name means in this vat: an instance, a collection, or the kind of a handle."""
        zone, number, instance, _ = split_slot(base)
        space = self.space(zone)
        if not space.has_object(base):
            return None
        if number >= FIRST_USER_KIND:
            return space.instance(base)
        if type_numbered(number) is not None:
            return space.collection(instance)
        return space.kind(instance)

    # --- who holds

    def exports(self) -> Iterator[ExportInfo]:
        """Walk the objects that durable data of other vats mentions."""
        for name, mentions in stored_holds(self._snapshot, self.number, self._path):
            yield ExportInfo(reference_at(name, self.number), mentions)

    def count_of(self, base: Base) -> int:
        """Return how many stored places of this vat mention one of its objects. Four reads at most."""
        total = self.virtual.count_of(base)
        return total + self.durable.count_of(base) if base[:1] == DURABLE else total

    def watches(self) -> Iterator[WatchInfo]:
        """Walk the promises that durable watchers wait for."""
        prefix = self.durable.space.watch
        for key, data in self._snapshot.scan(prefix, prefix + b"\xff"):
            try:
                incarnation, watcher, arguments, _promise = self._codec.decode_row(data)
                number, _ = decode_number(key, len(prefix))
            except (DecodeError, ValueError) as error:
                raise StoreCorruptError(self._path, f"a watch cannot be read: {error}") from error
            yield WatchInfo(number, incarnation, watcher, arguments)

    def tag_at(self, reference: Reference) -> str | None:
        """Return the tag of a stored object's kind, or the label of a collection; None for what has neither."""
        zone, number, instance, _ = split_slot(reference.base)
        space = self.space(zone)
        if number >= FIRST_USER_KIND:
            return space.kind(number).tag
        store_type = type_numbered(number)
        if store_type is None:
            return f"handle of {space.kind(instance).tag}"
        collection = space.collection(instance)
        return None if collection is None else f"{store_type.name} {collection.label}"
