"""Collection: deletes what no holder keeps, at explicit points only, in bounded pieces.

An object with stored data lives while any of three holders exists: an object in memory, a counted mention in stored
data, or a hold from outside. Losing one only *suspects* the object; here all three are looked at, so a suspicion may be stale.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING

from .identifiers import (
    DURABLE,
    FIRST_USER_KIND,
    HANDLE_KIND,
    VIRTUAL,
    Base,
    Slot,
    Space,
    decode_number,
)
from .stores.open import read_entries

if TYPE_CHECKING:
    from .incarnation import Incarnation

__all__ = ["Collector"]

PIECE = 1000
"""Records that one crank deletes at most as background work."""


class Collector:
    """Finds and deletes the unreachable of one vat.

    Args:
        incarnation: whose data.
        is_held: says whether the outside holds an object.
    """

    def __init__(self, incarnation: Incarnation, is_held: Callable[[Base], bool]) -> None:
        self._incarnation = incarnation
        self._is_held = is_held
        self._leftover: bytes | None = incarnation.durable.zero

    @property
    def has_work(self) -> bool:
        """Whether work of an earlier incarnation, or a started deletion, is left."""
        return bool(self._incarnation.record.to_wipe) or self._leftover is not None

    def suspect_memory(self) -> None:
        """Suspect what has died in memory since the last time, cyclic garbage included."""
        gc.collect()
        incarnation = self._incarnation
        incarnation.counts.suspects |= incarnation.table.died
        incarnation.table.died.clear()

    def run_piece(self, limit: int = PIECE) -> int:
        """Do at most *limit* deletions in the crank that is running; returns how many it did.

        First what memory alone had held when the last incarnation ended, then the suspects of this one, in order of
        their slots so that the same deliveries give the same deletions.
        """
        done = self._wipe(limit)
        if done < limit:
            self._take_leftovers(limit - done)
        suspects = self._incarnation.counts.suspects
        while done < limit and suspects:
            for base in sorted(suspects)[: limit - done]:
                suspects.discard(base)  # first: what it mentions may bring it back
                if self._is_garbage(base):
                    self._delete(base)
                    done += 1
            self._incarnation.counts.settle()
        return done

    def _is_garbage(self, base: Base) -> bool:
        incarnation = self._incarnation
        if base[:1] not in (DURABLE, VIRTUAL):
            return False
        number, _ = decode_number(base, 1)
        if number == HANDLE_KIND:
            return False  # a kind is retired explicitly
        kind = incarnation.kinds.by_number.get(number)
        facets = len(kind.classes) if kind is not None and kind.is_kit else 0
        if incarnation.table.is_alive(base, facets) or self._is_held(base):
            return False
        return incarnation.counts.count(base) == 0 and incarnation.exists(base)

    def _delete(self, base: Base) -> None:
        """Delete an object with all its records, and take back the mentions that it held."""
        incarnation = self._incarnation
        buffer, counts = incarnation.buffer, incarnation.counts
        zone = base[:1]
        space = incarnation.space_of(zone)
        number, at = decode_number(base, 1)
        if number >= FIRST_USER_KIND:
            key = space.record + base[1:]
            data = buffer.get(key) or b"\x90"
            counts.change(incarnation.slots_in(data), -1, zone)
            buffer.delete(key)
            incarnation.cache.evict(base)
        else:
            self._delete_collection(base, space, base[at:])
        self._forget_recognized(base)
        counts.forget(base)

    def _delete_collection(self, base: Base, space: Space, suffix: bytes) -> None:
        incarnation = self._incarnation
        entries = read_entries(incarnation, Slot(base))
        for encoded, _ in list(entries.walk(b"", b"\x80")):
            entries.remove(encoded)
        incarnation.changed_collections.discard(entries)
        held = incarnation.buffer.get(space.collection + suffix) or b"\x90"
        incarnation.counts.change(incarnation.slots_in(held), -1, base[:1])
        incarnation.buffer.delete(space.collection + suffix)
        incarnation.buffer.delete(space.head + suffix)
        incarnation.collections.pop(Slot(base), None)

    def _forget_recognized(self, base: Base) -> None:
        """Remove the entries of weak stores, stored and heap, whose key was an instance that is gone."""
        incarnation = self._incarnation
        incarnation.recognizers.forget(base)
        for space in (incarnation.durable, incarnation.virtual):
            prefix = space.recognizer + base
            for key, _ in list(incarnation.buffer.scan(prefix, prefix + b"\xff")):
                slot = Slot(key[len(prefix) :])
                entries = incarnation.collections.get(slot) or read_entries(incarnation, slot)
                for encoded in entries.recognized_keys(base):
                    entries.remove(encoded)

    def _wipe(self, limit: int) -> int:
        """Delete virtual data of ended incarnations. Counts held by it lie in the same range and go with it."""
        incarnation = self._incarnation
        done = 0
        vat = incarnation.vat_number
        for ended in incarnation.record.to_wipe:
            space = Space.virtual(vat, ended)
            for key, _ in incarnation.buffer.scan(space.prefix, space.end):
                if done >= limit:
                    return done
                incarnation.buffer.delete(key)
                done += 1
            incarnation.record.note_wiped(ended)
        return done

    def _take_leftovers(self, limit: int) -> None:
        """Suspect durable objects that only memory had held when an earlier incarnation ended."""
        incarnation = self._incarnation
        if self._leftover is None:
            return
        space = incarnation.durable
        end = space.zero + b"\xff"
        for key, _ in incarnation.buffer.scan(self._leftover, end):
            if limit <= 0:
                self._leftover = key
                return
            incarnation.counts.suspects.add(Base(key[len(space.zero) :]))
            limit -= 1
        self._leftover = None
