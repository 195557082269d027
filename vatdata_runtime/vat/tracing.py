"""Tracing: finds what cannot be reached although it is counted, the cycles that reference counts never free.

Marks from what is held: baggage, kinds, watches, objects in memory and references held outside. The value of a weak
entry is marked only when store and key both are, so a value that leads back to its own key does not keep it. What is
not marked is swept, in bounded pieces; no code of the vat runs in between.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from ..errors import StoreCorruptError
from ..passable import DecodeError, KeyTag
from ..passable.messagepack import parse
from .identifiers import (
    DURABLE,
    IMPORT,
    VIRTUAL,
    Base,
    Slot,
    Space,
    base_of,
    encode_number,
    format_vref,
    join_slot,
    split_slot,
)
from .stores.entries import StoreType, encode_ordinal
from .stores.open import BAGGAGE_COLLECTION, MAP, type_numbered

if TYPE_CHECKING:
    from .incarnation import Incarnation

__all__ = ["Tracing"]

_ORDINAL_END = len(encode_ordinal(0))
_BEHIND_KEYS = bytes((KeyTag.ABOVE_KEYS,))


class Tracing:
    """One search through a vat's stored objects for those that nothing leads to.

    Nothing but the deletion of what was found may happen in the vat between the making of it and its end.

    Args:
        incarnation: whose data; its changed records are encoded.
        is_held: says whether the outside holds an object, other than by mentions that ``reach`` is told of.

    Cost: reads everything that can be reached, and the keys of all objects twice; memory of one entry for each
    reachable object.
    """

    def __init__(self, incarnation: Incarnation, is_held: Callable[[Base], bool]) -> None:
        self._incarnation = incarnation
        # Loaded states hold the objects that they mention: what nothing else holds does not count as held in memory.
        incarnation.cache.evict_all()
        gc.collect()
        self._marker = _Marker(incarnation)
        self._marker.reach_roots()
        self._marker.reach_all(incarnation.table.living())
        self._marker.reach_all(base for base in _all_objects(incarnation) if is_held(base))

    def reach(self, slots: Iterable[bytes]) -> None:
        """Note objects as reached, for example from another vat."""
        self._marker.reach_all(slots)

    def follow(self) -> list[Slot]:
        """Follow what was reached; returns names of other vats' objects that were reached since the last time."""
        self._marker.follow_all()
        foreign, self._marker.foreign = self._marker.foreign, []
        return foreign

    def unreached(self, piece: int) -> Iterator[list[Base]]:
        """Find the stored objects that were not reached, *piece* at a time. Each step must run inside a crank."""
        marked = self._marker.marked
        found = (base for base in _all_objects(self._incarnation) if base not in marked)
        while batch := list(islice(found, piece)):
            yield batch


def _all_objects(incarnation: Incarnation) -> Iterator[Base]:
    """List the bases of all instances and collections."""
    for zone, space in ((DURABLE, incarnation.durable), (VIRTUAL, incarnation.virtual)):
        position = space.record
        for key in _keys(incarnation, position, space.record + b"\xff"):
            yield Base(zone + key[len(space.record) :])
        for key in _keys(incarnation, space.collection, space.collection + b"\xff"):
            data = incarnation.buffer.get(key)
            if data is not None:
                try:
                    type_number: int = parse(data)[0]
                except (DecodeError, TypeError, LookupError) as error:
                    what = f"the descriptor under {key!r} cannot be read: {error}"
                    raise StoreCorruptError(incarnation.path, what) from error
                yield Base(zone + encode_number(type_number) + key[len(space.collection) :])


def _keys(incarnation: Incarnation, start: bytes, stop: bytes) -> Iterator[bytes]:
    """Walk keys over any number of cranks."""
    while True:
        token = incarnation.token
        for key, _ in incarnation.buffer.scan(start, stop):
            start = key + b"\0"
            yield key
            if incarnation.token is not token:
                break
        else:
            return


class _Marker:
    """One marking; no recursion, so a chain of any length can be followed.

    Attributes:
        marked: bases of what was reached.
        foreign: names of other vats' objects that were reached.
    """

    def __init__(self, incarnation: Incarnation) -> None:
        self._incarnation = incarnation
        self.marked: set[Base] = set()
        self.foreign: list[Slot] = []
        self._known_foreign: set[bytes] = set()
        self._waiting: list[Base] = []
        self._waiting_slots: list[bytes] = []
        # Weak entries whose store is marked and whose key is not: what their values mention, by key.
        self._ephemerons: defaultdict[Base, list[bytes]] = defaultdict(list)

    def reach_all(self, slots: Iterable[bytes]) -> None:
        """Note objects as reached."""
        for slot in slots:
            self._reach(slot)

    def reach_roots(self) -> None:
        """Note what is always held as reached."""
        incarnation = self._incarnation
        space = incarnation.durable
        self._reach(join_slot(DURABLE, MAP.kind_number, BAGGAGE_COLLECTION))
        for prefix in (space.kind, space.watch, space.provided):
            for key, data in incarnation.buffer.scan(prefix, prefix + b"\xff"):
                with self._reading(repr(key)):
                    self.reach_all(incarnation.codec.slots_in(data))

    def follow_all(self) -> None:
        """Reach everything that what was reached leads to."""
        while self._waiting or self._waiting_slots:
            while self._waiting_slots:
                self._reach(self._waiting_slots.pop())
            if self._waiting:
                base = self._waiting.pop()
                with self._reading(format_vref(base)):
                    self._follow(base)

    @contextmanager
    def _reading(self, what: str) -> Generator[None]:
        """Turn what malformed records raise into the error that names the store."""
        try:
            yield
        except (ValueError, IndexError) as error:
            raise StoreCorruptError(self._incarnation.path, f"{what} cannot be read: {error}") from error

    def _reach(self, slot: bytes) -> None:
        if slot[:1] in (DURABLE, VIRTUAL):
            base = base_of(slot)
            if base not in self.marked:
                self.marked.add(base)
                self._waiting.append(base)
                self._waiting_slots.extend(self._ephemerons.pop(base, ()))
        elif slot[:1] == IMPORT and slot not in self._known_foreign:
            self._known_foreign.add(slot)
            self.foreign.append(Slot(slot))

    def _follow(self, base: Base) -> None:
        """Reach what an object mentions."""
        incarnation = self._incarnation
        data = incarnation.buffer.get(incarnation.record_key(base))
        if data is None:
            return
        self.reach_all(incarnation.codec.slots_in(data))
        zone, kind, number, _ = split_slot(base)
        store_type = type_numbered(kind)
        if store_type is not None:
            self._follow_entries(incarnation.space_of(zone), number, store_type)

    def _follow_entries(self, space: Space, number: int, store_type: StoreType) -> None:
        prefix = space.entry + encode_number(number)
        codec = self._incarnation.codec
        for key, data in self._incarnation.buffer.scan(prefix, prefix + _BEHIND_KEYS):
            encoded = key[len(prefix) :]
            mentioned = codec.slots_in(data) if store_type.is_map else []
            if encoded[0] == KeyTag.REMOTABLE:
                slot = encoded[_ORDINAL_END:]
                if store_type.is_weak:
                    key_base = base_of(slot)
                    if not self._is_reached(key_base):
                        if mentioned:
                            self._ephemerons[key_base].extend(mentioned)
                        continue
                else:
                    self._reach(slot)
            self.reach_all(mentioned)

    def _is_reached(self, base: Base) -> bool:
        if base[:1] in (DURABLE, VIRTUAL):
            return base in self.marked
        # Another vat's object may come back for as long as that vat has not said otherwise.
        return base[:1] == IMPORT or self._incarnation.table.get(base) is not None
