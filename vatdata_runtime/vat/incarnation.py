"""One life of a vat's code: what is in memory while it runs, and the beginning and end of its cranks.

The incarnation turns deliveries into deltas. It never writes to the store: at the end of a crank it hands out the
delta, and whoever drives it (the kernel) has it committed.
"""

from __future__ import annotations

import logging
import weakref
from asyncio.events import _get_running_loop, _set_running_loop
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ..errors import (
    FirstCrankError,
    NoVatError,
    ValueTooLargeError,
)
from ..passable import EnumRegistry, current_enums
from .border import Border
from .crank_buffer import CrankBuffer, ReadView
from .crank_loop import CrankLoop
from .identifiers import (
    DURABLE,
    FIRST_USER_KIND,
    HANDLE_KIND,
    IMPORT,
    Base,
    Slot,
    Space,
    decode_number,
)
from .kind_registry import KindRegistry
from .kinds import Kind
from .marshal import Marshal
from .record_cache import SMALL_BYTES, RecordCache
from .reference_counts import ReferenceCounts
from .slot_table import SlotTable
from .state import Layout, State, get_base, get_references, set_references
from .stores.entries import CrankToken
from .stores.recognizers import HeapRecognizers
from .stores.runs import Run, cut_all
from .undo import UndoLog
from .vat_record import VatRecord

if TYPE_CHECKING:
    from .stores.stored import StoredEntries

__all__ = ["Incarnation", "log"]

log = logging.getLogger("vatdata.vat")


_BEHIND_ZONE = slice(1, None)
"""Cuts the zone off a base, as ``base[1:]`` does, without building the slice each time."""


class _Opening:
    """The block in which an incarnation's objects can be used. Made once, entered for each crank."""

    __slots__ = ("_incarnation", "_outer_enums", "_outer_loop")
    _outer_enums: Any

    def __init__(self, incarnation: Incarnation) -> None:
        self._incarnation = incarnation

    def __enter__(self) -> None:
        incarnation = self._incarnation
        # All is looked up before anything is set, so that what an interrupt leaves half done can be taken back.
        self._outer_enums = current_enums.get()
        self._outer_loop = _get_running_loop()
        try:
            current_enums.set(incarnation.enums)
            _set_running_loop(incarnation.loop)
            incarnation.is_open = True
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        # Invariant: what Ctrl-C leaves of this is done by whoever keeps or aborts the crank. So every line may be run
        # again, and ``is_open`` falls when all the others are done.
        incarnation = self._incarnation
        if incarnation.runs:
            cut_all(incarnation.runs)
        _set_running_loop(self._outer_loop)
        current_enums.set(self._outer_enums)
        incarnation.is_open = False
        # What they were is no matter of this vat: the enums say whose they are.
        self._outer_enums = self._outer_loop = None


class Incarnation:
    """The memory of one life of a vat.

    Args:
        view: the store as committed, and as earlier cranks of the open batch have left it.
        vat_number: the vat's number in the store.
        name: the vat's name.
        path: the store's path, for messages.
        record: the vat's record as the last incarnation left it.
        cache_bytes: limit of the decoded records kept in memory.
        value_limit_bytes: largest encoded value.
        allows_ambient: whether its code may do I/O inside a crank.
        open_collection: makes the store object of a stored collection; the stores lie above this module.

    Attributes:
        opened: the context in which its objects can be used, as the ambient vat and running loop. One block at a time;
            those of different incarnations nest.
        is_open: whether a crank of this incarnation is running: its objects may be used.
        is_undecided: whether a crank has ended that was neither kept nor aborted.
        defines: whether the first crank's window for definitions is open.
        border: what connects it with other vats; None where there are none.
        late: definitions that the first crank tried behind that window; they fail the start.
        dirty: states changed in this crank, by base; what was made in it is in the cache only once it is written.
        created: states of the instances made in this crank.
        counters: number of the first instance of each kind that was made in this crank.
        layouts: layout and kind of each state class.
        marshal: gives objects their slots and slots their objects.
        runs: what running iterations over stores have read ahead.
    """

    def __init__(
        self,
        view: ReadView,
        vat_number: int,
        name: str,
        path: str,
        record: VatRecord,
        *,
        cache_bytes: int,
        value_limit_bytes: int,
        allows_ambient: bool,
        open_collection: Callable[[Incarnation, Slot], Any],
    ) -> None:
        self._open_collection = open_collection
        self.vat_number = vat_number
        self.name = name
        self.path = path
        self.record = record.next_life()
        self.number = self.record.incarnation
        self.value_limit_bytes = value_limit_bytes
        self.allows_ambient = allows_ambient
        self.durable = Space.durable(vat_number)
        self.virtual = Space.virtual(vat_number, self.number)
        self.undo = UndoLog()
        self.buffer = CrankBuffer(view, self.undo)
        unmentioned: set[Base] = set()
        self.table = SlotTable(unmentioned)
        self.layouts: dict[type[State], tuple[Layout, Kind]] = {}
        self.cache = RecordCache(cache_bytes, self.layouts)
        self.counts = ReferenceCounts(
            self.buffer, self.table, self.undo, self.durable, self.virtual, path, unmentioned
        )
        self.marshal = Marshal(self, self.table)
        self.codec = self.marshal.codec
        self.enums = EnumRegistry(self)
        self.loop = CrankLoop(self._note_unhandled)  # type: ignore[abstract]  # what it refuses is set in a loop
        self.is_open = self.is_undecided = False
        self.defines = False
        self.border: Border | None = None
        self.late: list[FirstCrankError] = []
        self.dirty: dict[Base, State] = {}
        self.changed_collections: set[StoredEntries] = set()
        self.unhandled: list[BaseException] = []
        self.created: list[State] = []
        self._created_slots: list[Slot] = []
        self.opened: AbstractContextManager[None] = _Opening(self)
        self._written: list[Base] = []
        self._written_collections: set[StoredEntries] = set()
        self.counters: dict[Kind, int] = {}
        self._layout_counts: dict[Kind, int] = {}
        self._aborts: list[Callable[[], None]] = []
        self._token: CrankToken | None = None
        self.recognizers = HeapRecognizers()
        self.runs: list[Run] = []
        self.collections: weakref.WeakValueDictionary[Slot, StoredEntries] = weakref.WeakValueDictionary()
        self.kinds = KindRegistry(self)
        counts = self.counts
        # What a crank may still have to write when its records are encoded.
        self._unwritten: tuple[Any, ...] = (
            self.counters,
            self._layout_counts,
            self.kinds.changed,
            counts.fresh,
            *counts.gains.values(),
            *counts.changes.values(),
        )
        # Emptied at the end of each crank; most of it is empty in most cranks.
        self._notes: tuple[Any, ...] = (
            self._written,
            self.marshal.seen,
            self.created,
            self._created_slots,
            self.counters,
            self._written_collections,
            self._layout_counts,
            self._aborts,
            self.late,
            self.unhandled,  # an exception keeps what its frames hold
        )

    # --- cranks

    def require_open(self, what: str) -> None:
        """Raise ``NoVatError`` unless a crank of this incarnation is running."""
        if not self.is_open:
            raise NoVatError(f"<{what}>", self.name)

    def require_window(self, what: str, name: str) -> None:
        """Raise ``FirstCrankError`` unless durable kinds can still be defined.

        Args:
            what: the function that was called.
            name: what it was to define.
        """
        if not self.defines:
            error = FirstCrankError(what, name, self.name, self.number)
            self.late.append(error)
            self.kinds.stop_for(error)

    @property
    def token(self) -> CrankToken:
        """Stands for the crank that is running."""
        if self._token is None:
            self._token = CrankToken()
        return self._token

    def end_crank(self) -> Mapping[bytes, bytes | None]:
        """Encode what this crank has changed and return its delta, each record at most once.

        The crank is not decided yet: call ``keep_crank`` once the delta is safe, ``abort_crank`` if it will never be,
        or if this raises.
        """
        if self.undo.broken is not None:
            raise self.undo.broken
        if self.dirty or self.changed_collections:
            self.settle_records()
        buffer = self.buffer
        if any(self._unwritten):
            if self.counters or self._layout_counts or self.kinds.changed:
                self.kinds.write_changes(self.counters, self._layout_counts)
            self.counts.settle()
        if self.record.is_changed:
            buffer.put(self.durable.meta, self.record.encode())
        self.is_undecided = True
        return buffer.take()

    def keep_crank(self) -> None:
        """Let memory go on from the crank that has ended: its delta is in the store. It may be run again."""
        if self.is_open:  # Ctrl-C has come where the block was left
            self.opened.__exit__(None, None, None)
        self._forget_crank()
        cache = self.cache
        if cache.used_bytes > cache.limit_bytes:
            cache.shrink(self.dirty)

    def settle_records(self) -> None:
        """Encode the changed records and collections, so that the counts say what the data says.

        After anything that it raises the crank must be aborted: some states stand as written then, and are not.
        """
        seen, layouts, limit, dirty = self.marshal.seen, self.layouts, self.value_limit_bytes, self.dirty
        encode_row = self.codec.encode_row
        records: dict[bytes, bytes] = {}
        large: dict[Base, int] = {}
        change_counts, gains, tail = self.counts.change, self.counts.gains, _BEHIND_ZONE
        in_savepoint = self.undo.entries is not None
        seen.clear()
        for base, state in dirty.items():
            layout, kind = layouts[type(state)]
            if layout.number is None:
                kind.layouts.give_number(layout)
            data = encode_row(layout.row(state))
            if len(data) > SMALL_BYTES:
                if len(data) > limit:
                    raise ValueTooLargeError(len(data), limit, f"the record of a {kind.tag!r}")
                large[base] = len(data)
            old = get_references(state)
            if seen or old:
                new = tuple(seen) if len(seen) == 1 else tuple(dict.fromkeys(seen))
                seen.clear()
                if new != old:
                    if old or in_savepoint:
                        change_counts([slot for slot in new if slot not in old], 1, kind.zone)
                        change_counts([slot for slot in old if slot not in new], -1, kind.zone)
                    else:
                        gains[kind.zone] += new
                    set_references(state, new)
            records[kind.record_prefix + base[tail]] = data
        self.buffer.put_all(records)
        # Else all of them are in the cache, as small as they were.
        if self.created or large or self.cache.large:
            self.cache.add_written(dirty, large)
        self._written.extend(dirty)
        dirty.clear()
        if self.changed_collections:
            for collection in self.changed_collections:
                collection.write_head()
            self._written_collections |= self.changed_collections
            self.changed_collections.clear()

    def exists(self, base: Base) -> bool:
        """Whether a stored object has its record. At most one read."""
        if self.loaded_state(base) is not None:
            return True
        return self.buffer.get(self.record_key(base)) is not None

    def record_key(self, base: Base) -> bytes:
        """Return the key of the record that a stored object lives and dies with."""
        space = self.space_of(base[:1])
        number, at = decode_number(base, 1)
        if number >= FIRST_USER_KIND:
            return space.record + base[1:]
        return (space.kind if number == HANDLE_KIND else space.collection) + base[at:]

    def abort_crank(self) -> None:
        """Make memory what it was before this crank: durable and virtual data as before, made instances gone."""
        if self.is_open:  # Ctrl-C has come where the block was left
            self.opened.__exit__(None, None, None)
        if self._token is not None:
            self._token.is_aborted = True
        self.undo.discard()
        self.buffer.take()
        self.table.recent.clear()
        for slot in self._created_slots:
            self.table.forget(slot)
        for state in self.created:
            base = get_base(state)
            if base:  # else a savepoint has taken it back
                self.table.forget(Slot(base))
                self.layouts[type(state)][1].disown(base, state)
        for base in (*self.dirty, *self._written):
            self.cache.evict(base)
        self.dirty.clear()
        for kind, number in self.counters.items():
            kind.next_instance = number
        for kind, count in self._layout_counts.items():
            kind.layouts.forget_from(count)
        for undo in reversed(self._aborts):
            undo()
        for collection in {*self.changed_collections, *self._written_collections}:
            collection.forget_changes()
        self.changed_collections.clear()
        self.kinds.forget_changes()
        self.counts.discard_changes()
        self.record.roll_back()
        self.loop.discard_ready()
        self._forget_crank()

    def _forget_crank(self) -> None:
        self._token = None
        for collection in self._written_collections:
            collection.keep_changes()
        for notes in filter(None, self._notes):
            notes.clear()
        counts = self.counts
        if counts.pins or counts.settled:
            counts.keep_changes()
        if self.record.is_changed:
            self.record.keep()
        table = self.table
        if table.mentioned or table.dead:
            table.release_mentions()
        self.is_undecided = False

    def on_abort(self, undo: Callable[[], None]) -> None:
        """Have *undo* called if this crank is aborted, later ones first."""
        self._aborts.append(undo)
        if self.undo.entries is not None:
            self.undo.entries.append(undo)

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine as a task of this vat; returns its promise."""
        return self.loop.create_task(coroutine)

    def _note_unhandled(self, where: str, error: BaseException | None) -> None:
        if error is not None:
            self.unhandled.append(error)
        log.error(
            "vat %r, incarnation %d: %s",
            self.name,
            self.number,
            where,
            exc_info=error,
            extra={"vat": self.name, "incarnation": self.number, "event": "unhandled"},
        )

    # --- notes of a crank

    def note_counter(self, kind: Kind, base: Base, state: State, number: int) -> None:
        """Note the number of a new instance that is its kind's first in this crank, or made in a savepoint."""
        is_first = kind not in self.counters
        if is_first:
            self.counters[kind] = number
        if self.undo.entries is not None:

            def undo() -> None:
                del self.dirty[base]
                kind.disown(base, state)
                self.table.forget(Slot(base))
                self.counts.fresh.discard(base)
                kind.next_instance = number
                if is_first:
                    del self.counters[kind]

            self.undo.entries.append(undo)

    def note_created_slot(self, slot: Slot) -> None:
        """Note the slot of a new facet or collection."""
        self._created_slots.append(slot)
        if self.undo.entries is not None:
            self.undo.entries.append(lambda: self.table.forget(slot))

    def loaded_state(self, base: Base) -> State | None:
        """Return the loaded state of a record, None if none is loaded. Never reads."""
        return self.cache.get(base) or self.dirty.get(base)

    def note_layout(self, kind: Kind) -> None:
        """Note that *kind* is about to gain a layout in this crank."""
        self._layout_counts.setdefault(kind, len(kind.layouts.stored))

    def take_migrated(self, base: Base, state: State, references: tuple[bytes, ...]) -> None:
        """Keep the state that a migration made in place of a stored record; it is written in this crank."""
        set_references(state, references)
        self.dirty[base] = state
        self.cache.add(base, state, SMALL_BYTES)  # until it is written
        if self.undo.entries is not None:

            def undo() -> None:
                del self.dirty[base]
                self.cache.evict(base)

            self.undo.entries.append(undo)

    # --- the store, and what lies outside

    def space_of(self, zone: bytes) -> Space:
        """Return the key space of a zone; heap objects have none and get the virtual one, which they never use."""
        return self.durable if zone == DURABLE else self.virtual

    def note_recognized(self, slot: Slot) -> None:
        """Note that a weak store has an entry for a slot: another vat's object ends without this vat's doing."""
        if slot[:1] == IMPORT and self.border is not None:
            self.border.note_recognized(slot)

    def open_collection(self, slot: Slot) -> Any:
        """Return the collection of a slot of which no representative lives. One read."""
        return self._open_collection(self, slot)
