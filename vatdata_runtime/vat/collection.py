"""Collection: deletes what no holder keeps, at explicit points only, in bounded pieces.

An object with stored data lives while any of three holders exists: an object in memory, a counted mention in stored
data, or a hold from outside. Losing one only *suspects* the object; here all three are looked at, so a suspicion may
be stale.

Deleting an object deletes its own record at once, and with it the object is gone for everyone. What may be long, the
entries of a store and those of weak stores that have the object as key, goes piece by piece; meanwhile a *doom mark*
says that it is not finished. Durable suspects have a zero mark. So what a restart interrupts is found again.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from .identifiers import (
    DURABLE,
    FIRST_USER_KIND,
    HANDLE_KIND,
    HEAP,
    IMPORT,
    VIRTUAL,
    Base,
    Slot,
    Space,
    decode_number,
)
from .stores.open import find_entries, remaining_entries
from .tracing import Tracing

if TYPE_CHECKING:
    from .incarnation import Incarnation

__all__ = ["PIECE", "Collector"]

PIECE = 1000
"""Objects that one crank looks at, and records that it deletes, at most as background work."""

UNCOUNTED, COUNTED = b"", b"\x01"
"""Values of doom marks. Of a cycle that is deleted piece by piece, what is still to be deleted counts what is gone."""


class Collector:
    """Finds and deletes the unreachable of one vat.

    Args:
        incarnation: whose data.
        is_held: says whether the outside holds an object.

    Attributes:
        deleted: how many records were deleted since the incarnation began, in cranks that were kept or not.
        has_work: whether work of an earlier incarnation, or what a piece has left, may be to be done.
    """

    def __init__(self, incarnation: Incarnation, is_held: Callable[[Base], bool]) -> None:
        self._incarnation = incarnation
        self._is_held = is_held
        self._queue: list[
            Base
        ] = []  # suspects in falling order: what this run of the collection has taken up
        self._taken: list[Base] = []  # those of them that this piece has decided about
        self._left = 0
        self.deleted = 0
        self.has_work = True
        # Where the search for what earlier incarnations left is to go on; None when it is over.
        self._next_zero: bytes | None = incarnation.durable.zero
        self._may_be_doomed = True

    def suspect_memory(self, *, is_thorough: bool) -> list[Slot]:
        """Suspect what has died in memory since the last time.

        Args:
            is_thorough: whether garbage that mentions itself is looked for first, by a full collection of Python's: its
                cost grows with all objects in memory. Otherwise such garbage is met once Python has found it.

        Returns:
            The names of other vats' objects among it, which are not this vat's to delete.
        """
        self._incarnation.table.recent.clear()
        if is_thorough:
            gc.collect()
        died = self._incarnation.table.take_died()
        foreign = sorted(Slot(base) for base in died if base[:1] == IMPORT)
        self.suspect(died.difference(foreign))
        return foreign

    def suspect(self, bases: Iterable[Base]) -> None:
        """Have objects looked at that may have lost a holder."""
        self._incarnation.counts.suspects.update(bases)

    # --- a piece of work

    def run_piece(self, limit: int = PIECE) -> None:
        """Look at *limit* suspects at most and delete as many records at most, in the crank that is running.

        First what memory alone had held when the last incarnation ended, then deletions that were begun, then the
        suspects, in order of their slots so that the same deliveries give the same deletions. All changed records of
        the crank must have been encoded before.
        """
        self._left = limit
        self._taken = []
        self._incarnation.on_abort(self._undo_of_piece(self._taken, self._next_zero))
        self._wipe()
        self._finish_deletions()
        while self._left > 0:
            base = self._next_suspect()
            if base is None:
                break
            self._taken.append(base)
            self._left -= 1
            if self._is_garbage(base):
                self._delete(base)
        self._incarnation.counts.settle()
        self.has_work = (
            bool(self._queue)
            or self._may_be_doomed
            or self._next_zero is not None
            or bool(self._incarnation.record.to_wipe)
        )

    def trace(self) -> Tracing:
        """Begin to look for what cannot be reached although it is counted. ``sweep`` deletes it."""
        return Tracing(self._incarnation, self._is_held)

    def sweep(self, tracing: Tracing) -> Iterator[None]:
        """Delete what *tracing* has not reached, a piece at each step.

        Each step must run inside a crank of its own whose changed records are encoded, with nothing in between.
        Objects that others still to be deleted mention keep their counts until those are gone too.
        """
        for bases in tracing.unreached(PIECE):
            self._left = PIECE
            for base in bases:
                self._delete(base)
            self._incarnation.counts.settle()
            yield

    def retire(self, name: Slot, limit: int = PIECE) -> bool:
        """Delete what weak stores have for an object of another vat that is no more, *limit* entries at most.

        Belongs into a crank whose changed records are encoded.

        Returns:
            Whether nothing is left.
        """
        self._left = limit
        self._incarnation.recognizers.forget(Base(name))
        return self._delete_rest(Base(name))

    def _undo_of_piece(self, taken: list[Base], next_zero: bytes | None) -> Callable[[], None]:
        def undo() -> None:
            self.suspect(taken)
            self._next_zero = next_zero
            self._may_be_doomed = self.has_work = True

        return undo

    def _next_suspect(self) -> Base | None:
        suspects = self._incarnation.counts.suspects
        if not self._queue:
            # Deletions have taken mentions from others: those that have none left become suspects here.
            self._incarnation.counts.settle()
            if not suspects:
                self._take_zero_marks()
            self._queue = sorted(suspects, reverse=True)
            suspects.clear()
        return self._queue.pop() if self._queue else None

    def _take_zero_marks(self) -> None:
        """Suspect durable objects that only memory had held when an earlier incarnation ended."""
        if self._next_zero is None:
            return
        space = self._incarnation.durable
        bases: list[Base] = []
        position, self._next_zero = self._next_zero, None
        for key, _ in self._incarnation.buffer.scan(position, space.zero + b"\xff"):
            if len(bases) >= self._left:
                self._next_zero = key
                break
            bases.append(Base(key[len(space.zero) :]))
        self.suspect(bases)

    def _is_garbage(self, base: Base) -> bool:
        incarnation = self._incarnation
        if base[:1] == HEAP:
            return incarnation.table.get(base) is None  # it may have been a weak key
        if base[:1] not in (DURABLE, VIRTUAL):
            return False
        number, _ = decode_number(base, 1)
        if number == HANDLE_KIND:
            return False  # a kind is retired explicitly
        kind = incarnation.kinds.by_number.get(number)
        facets = len(kind.classes) if kind is not None and kind.is_kit else 0
        if incarnation.table.is_alive(base, facets) or self._is_held(base):
            incarnation.counts.unmentioned.add(base)  # so that its death is noted
            return False
        # What was deleted as part of a cycle is still counted until the rest of the cycle is gone.
        return incarnation.counts.count(base) == 0

    # --- deletion

    def _delete(self, base: Base) -> None:
        """Delete an object that nothing keeps, or as much of it as this piece may."""
        incarnation = self._incarnation
        buffer, mark = incarnation.buffer, incarnation.space_of(base[:1]).doomed + base
        is_first, is_counted = False, False
        if base[:1] != HEAP:
            is_first = self._delete_record(base)
            is_counted = incarnation.counts.count(base) != 0
            if not is_counted:
                incarnation.counts.forget(base)
        incarnation.recognizers.forget(base)
        if incarnation.border is not None and (is_first or base[:1] == HEAP):
            incarnation.border.note_deleted(base)
        was_begun = not is_first and buffer.get(mark) is not None
        if not self._delete_rest(base) or is_counted:
            buffer.put(mark, COUNTED if is_counted else UNCOUNTED)
            self._may_be_doomed = self.has_work = True
        elif was_begun:
            buffer.delete(mark)

    def _delete_record(self, base: Base) -> bool:
        """Delete the record that an object lives and dies with, and take back what it mentions.

        Returns:
            Whether there was one.
        """
        incarnation = self._incarnation
        key = incarnation.record_key(base)
        data = incarnation.buffer.get(key)
        if data is None:
            return False
        incarnation.counts.change(incarnation.marshal.slots_in(data), -1, base[:1])
        incarnation.buffer.delete(key)
        incarnation.cache.evict(base)
        self.deleted += 1
        return True

    def _delete_rest(self, base: Base) -> bool:
        """Delete entries, the object's own and those that have it as weak key, as many as this piece may.

        Returns:
            Whether none is left.
        """
        incarnation = self._incarnation
        is_done = True
        if is_handle(base):
            is_done = self._delete_instances(base)
        elif is_collection(base):
            erased, is_done = remaining_entries(incarnation, Slot(base)).erase_some(max(self._left, 1))
            self._count(erased)
        for space in (incarnation.durable, incarnation.virtual):
            prefix = space.recognizer + base
            for key, _ in incarnation.buffer.scan(prefix, prefix + b"\xff"):
                entries = find_entries(incarnation, Slot(key[len(prefix) :]))
                if entries is None:
                    continue  # the weak store is being deleted itself, and takes its entries along
                if self._left < 0:
                    return False
                for encoded in entries.recognized_keys(base):
                    entries.remove(encoded)
                    self._count(1)
        return is_done

    def _delete_instances(self, handle: Base) -> bool:
        """Delete instances of a kind that was retired, as many as this piece may. Nothing mentions any of them.

        Returns:
            Whether none is left.
        """
        space = self._incarnation.durable
        prefix = space.record + handle[2:]
        for key, _ in self._incarnation.buffer.scan(prefix, prefix + b"\xff"):
            if self._left <= 0:
                return False
            self._left -= 1
            self._delete(Base(DURABLE + key[len(space.record) :]))
        return True

    def _count(self, deleted: int) -> None:
        self.deleted += deleted
        self._left -= deleted

    def _finish_deletions(self) -> None:
        """Go on with the deletions that earlier pieces, or an incarnation that has ended, have begun."""
        if not self._may_be_doomed:
            return
        incarnation = self._incarnation
        for space in (incarnation.durable, incarnation.virtual):
            for key, mark in incarnation.buffer.scan(space.doomed, space.doomed + b"\xff"):
                if self._left <= 0:
                    return
                is_done = self._delete_rest(Base(key[len(space.doomed) :]))
                if not is_done:
                    return
                if mark == UNCOUNTED:
                    incarnation.buffer.delete(key)
        self._may_be_doomed = False

    def _wipe(self) -> None:
        """Delete virtual data of ended incarnations. Counts held by it lie in the same range and go with it."""
        incarnation = self._incarnation
        vat = incarnation.vat_number
        for ended in incarnation.record.to_wipe:
            space = Space.virtual(vat, ended)
            for key, _ in incarnation.buffer.scan(space.prefix, space.end):
                if self._left <= 0:
                    return
                incarnation.buffer.delete(key)
                self._count(1)
            incarnation.record.note_wiped(ended)


def is_handle(base: Base) -> bool:
    """Whether *base* is that of a kind's handle."""
    return base[:1] == DURABLE and decode_number(base, 1)[0] == HANDLE_KIND


def is_collection(base: Base) -> bool:
    """Whether *base* is that of a stored collection."""
    if base[:1] not in (DURABLE, VIRTUAL):
        return False
    number, _ = decode_number(base, 1)
    return HANDLE_KIND < number < FIRST_USER_KIND
