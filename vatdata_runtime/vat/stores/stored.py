"""Entries of virtual and durable stores: one LMDB key each, in key order."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING, Any

from ...errors import AbandonedReferenceError, NotDurableError, StoreCorruptError, ValueTooLargeError
from ...passable import DecodeError, KeyTag, Remotable, decode_key, parsed_values, plain_keys, plain_values
from ..identifiers import DURABLE, HEAP, Base, Slot, base_of, decode_number, encode_number, join_slot
from .entries import ABSENT, PLAIN_KEYS, Entries, StoreType, check_size, encode_ordinal, next_generation
from .runs import Run, cut_all, cut_changed

if TYPE_CHECKING:
    from ..incarnation import Incarnation

__all__ = ["StoredEntries"]

_REMOTABLE = int(KeyTag.REMOTABLE)
_REMOTABLE_HEAD = len(encode_ordinal(0))
"""Bytes of a remotable key before its slot, which follows so that an entry says by itself which object it is for."""

_Prepared = tuple[bytes, Collection[Slot]]
"""An encoded value and the distinct slots that it mentions."""

_NEW_HEAD = (0, 0)
"""Size and next ordinal of a store that nothing was ever added to; has no record."""


class StoredEntries(Entries):
    """The entries of one stored collection; one object for each collection in an incarnation.

    A remotable key is its ordinal followed by its slot; a side record leads from the slot to the ordinal. So order is
    the order of adding, and an entry can be decoded by itself.

    Attributes:
        role: what a zone made it for under a label, so that the label is not reopened as something else; None for a
            store that no zone made.
    """

    def __init__(
        self,
        incarnation: Incarnation,
        number: int,
        zone: bytes,
        store_type: StoreType,
        label: str,
        key_shape: Any,
        value_shape: Any,
        role: str | None = None,
    ) -> None:
        super().__init__(incarnation, store_type, label, key_shape, value_shape, zone)
        self.role = role
        self.number = number
        self.slot = join_slot(zone, store_type.kind_number, number)
        space = incarnation.space_of(zone)
        suffix = encode_number(number)
        self._prefix = space.entry + suffix
        self._ordinals = space.ordinal + suffix
        self._head_key = space.head + suffix
        self._descriptor_key = space.collection + suffix
        self._recognizer = space.recognizer
        self._size: int | None = None
        self._next_ordinal = 0
        self._written_head = _NEW_HEAD  # what the store, or this crank's buffer, has
        self._head_before: tuple[int, int] | None = None  # set by the first change in a crank

    # --- life

    def write_descriptor(self) -> None:
        """Write the record that lets the store be opened again: the last step of its making."""
        incarnation = self.incarnation
        incarnation.marshal.mentioned_reset()
        data = incarnation.codec.encode_row(
            (self.store_type.kind_number, self.label, self.key_shape, self.value_shape, self.role)
        )
        incarnation.counts.change(list(incarnation.marshal.mentioned), 1, self.zone)
        incarnation.buffer.put(self._descriptor_key, data)
        self._size, self._next_ordinal = _NEW_HEAD

    def forget_store(self) -> None:
        """Make the store unusable: its making was taken back, and its number will be another store's."""
        self.is_gone = True

    def write_head(self) -> None:
        """Write size and next ordinal, if they have changed: at the end of a crank."""
        head = (self.size, self._next_ordinal)
        if head != self._written_head:
            self.incarnation.buffer.put(self._head_key, encode_number(head[0]) + encode_number(head[1]))
            self._written_head = head

    def keep_changes(self) -> None:
        """Note that the crank that changed this store is kept."""
        self._head_before = None

    def forget_changes(self) -> None:
        """Go back to the size before the crank that is being aborted."""
        if self._head_before is not None:
            self._size, self._next_ordinal = self._written_head = self._head_before
            self._head_before = None
        self.generation = next_generation()

    def _touch(self) -> None:
        """Load the head before its first change in a crank."""
        if self._head_before is None:
            self._head_before = (self.size, self._next_ordinal)
        self.incarnation.changed_collections.add(self)

    def _change_size(self, by: int) -> None:
        incarnation = self.incarnation
        if self._head_before is None:
            self._touch()
        incarnation.changed_collections.add(self)
        self._size += by  # type: ignore[operator]  # touch has loaded it
        if incarnation.undo.entries is not None:
            incarnation.undo.entries.append(lambda: self._take_back_size(by))

    def _take_back_size(self, by: int) -> None:
        assert self._size is not None  # it was changed
        self._size -= by

    @property
    def size(self) -> int:
        if self._size is None:
            data = self.incarnation.buffer.get(self._head_key)
            try:
                self._written_head = _NEW_HEAD if data is None else _decode_head(data)
            except ValueError as error:
                what = f"the size of store {self.label!r} cannot be read: {error}"
                raise StoreCorruptError(self.incarnation.path, what) from error
            self._size, self._next_ordinal = self._written_head
        return self._size

    # --- keys

    def find_remotable(self, key: Remotable) -> bytes | None:
        incarnation = self.incarnation
        if incarnation.marshal.zone_of(key) == HEAP and not incarnation.table.has_heap_slot(key):
            return None  # a look-up gives no identity
        slot = incarnation.marshal.slot_of(key)
        ordinal = incarnation.buffer.get(self._ordinals + slot)
        if ordinal is None:
            return None
        return encode_ordinal(decode_number(ordinal, 0)[0]) + slot

    def new_remotable(self, key: Remotable) -> bytes:
        self._touch()
        ordinal = self._next_ordinal
        self._next_ordinal = ordinal + 1
        slot = self.incarnation.marshal.slot_of(key)
        self.incarnation.buffer.put(self._ordinals + slot, encode_number(ordinal))
        undo = self.incarnation.undo.entries
        if undo is not None:
            undo.append(lambda: self._take_back_ordinal(ordinal))
        return encode_ordinal(ordinal) + slot

    def _take_back_ordinal(self, ordinal: int) -> None:
        self._next_ordinal = ordinal

    def decode(self, encoded: bytes) -> Any:
        slot = self._slot_of_key(encoded)
        if slot is not None:
            return self.incarnation.marshal.object_at(slot)
        try:
            return decode_key(encoded, _no_remotable)
        except DecodeError as error:
            raise StoreCorruptError(
                self.incarnation.path, f"a key of store {self.label!r} cannot be read: {error}"
            ) from error

    @staticmethod
    def _slot_of_key(encoded: bytes) -> Slot | None:
        return Slot(encoded[_REMOTABLE_HEAD:]) if encoded[0] == _REMOTABLE else None

    # --- entries

    def require_open(self) -> None:
        if not self.incarnation.is_open:
            self.incarnation.require_open(self.label)  # says so
        if self.is_gone:
            raise AbandonedReferenceError(f"<{self.store_type.name} {self.label!r}>")

    def prepare(self, key: Any, value: Any) -> _Prepared:
        incarnation = self.incarnation
        limit = incarnation.value_limit_bytes
        if type(key) in PLAIN_KEYS and type(value) in incarnation.marshal.classes:
            slot = self._instance_slot(value)
            if slot is not None:
                return incarnation.codec.encode_reference(slot), (slot,)
        try:
            incarnation.marshal.check_keepable(value, self.zone, ("value",))
            incarnation.marshal.check_keepable(key, self.zone, ("key",))
        except NotDurableError:
            check_size(value, limit, self.label)
            raise
        if not self.store_type.is_map:
            return b"", ()
        data = incarnation.marshal.encode(value)
        if len(data) > limit:
            raise ValueTooLargeError(len(data), limit, f"store {self.label!r}")
        return data, tuple(incarnation.marshal.mentioned)

    def _instance_slot(self, value: Any) -> Slot | None:
        """Return the slot of an instance of a kind, the most frequent value of registers, if it can be kept here."""
        slot = self.incarnation.marshal.stored_slot(value)
        return slot if slot is not None and (slot[:1] == DURABLE or slot[:1] == self.zone) else None

    def contains(self, encoded: bytes) -> bool:
        buffer, key = self.incarnation.buffer, self._prefix + encoded
        return (buffer.delta[key] if key in buffer.delta else buffer.read(key)) is not None

    def read(self, encoded: bytes) -> Any:
        incarnation = self.incarnation
        data = incarnation.buffer.get(self._prefix + encoded)
        if data is None:
            return ABSENT
        slot = incarnation.codec.decode_reference(data)
        return self.decode_value(data) if slot is None else incarnation.marshal.object_at(slot)

    def decode_value(self, data: bytes) -> Any:
        """Return the value of a map's entry that was encoded."""
        try:
            return self.incarnation.codec.decode(data)
        except DecodeError as error:
            raise self._damaged_value(error) from error

    def lift_value(self, raw: Any) -> Any:
        """Return the value that was parsed."""
        try:
            return self.incarnation.codec.lift(raw)
        except DecodeError as error:
            raise self._damaged_value(error) from error

    def _damaged_value(self, error: DecodeError) -> StoreCorruptError:
        what = f"a value of store {self.label!r} cannot be read: {error}"
        return StoreCorruptError(self.incarnation.path, what)

    def insert_object(self, encoded: bytes, value: Any) -> bool:
        incarnation = self.incarnation
        if type(value) not in incarnation.marshal.classes or incarnation.undo.entries is not None:
            return False
        slot = self._instance_slot(value)
        if slot is None:
            return False
        incarnation.counts.gains[self.zone].append(slot)
        incarnation.buffer.put(self._prefix + encoded, incarnation.codec.encode_reference(slot))
        if self._head_before is None:
            self._touch()
        incarnation.changed_collections.add(self)
        self._size += 1  # type: ignore[operator]  # touch has loaded it
        self.generation = next_generation()
        if incarnation.runs:
            cut_all(incarnation.runs, self)
        return True

    def insert(self, encoded: bytes, key: Any, prepared: _Prepared) -> None:
        incarnation = self.incarnation
        data, mentioned = prepared
        if mentioned:
            incarnation.counts.change(mentioned, 1, self.zone)
        if encoded[0] == _REMOTABLE:
            slot = Slot(encoded[_REMOTABLE_HEAD:])
            if self.store_type.is_weak:
                incarnation.buffer.put(self._recognizer + base_of(slot) + self.slot, b"")
                incarnation.note_recognized(slot)
            else:
                incarnation.counts.change((slot,), 1, self.zone)
        incarnation.buffer.put(self._prefix + encoded, data)
        if incarnation.undo.entries is not None:
            incarnation.undo.entries.append(partial(self._take_back_generation, self.generation))
        self._change_size(1)
        self.generation = next_generation()
        if incarnation.runs:
            cut_all(incarnation.runs, self)

    def _take_back_generation(self, generation: int) -> None:
        self.generation = generation

    def replace(self, encoded: bytes, prepared: _Prepared) -> None:
        incarnation = self.incarnation
        if incarnation.runs:
            cut_changed(incarnation.runs, self, encoded)
        key = self._prefix + encoded
        old = set(incarnation.marshal.slots_in(incarnation.buffer.get(key) or _NONE))
        data, mentioned = prepared
        new = set(mentioned)
        if new != old:
            incarnation.counts.change(sorted(new - old), 1, self.zone)
            incarnation.counts.change(sorted(old - new), -1, self.zone)
        incarnation.buffer.put(key, data)

    def remove(self, encoded: bytes) -> None:
        if self.incarnation.runs:
            cut_changed(self.incarnation.runs, self, encoded)
        self._erase(encoded, self.incarnation.buffer.get(self._prefix + encoded) or _NONE)
        self._change_size(-1)

    def _erase(self, encoded: bytes, data: bytes) -> None:
        """Delete the records of an entry and take back what it mentions."""
        incarnation = self.incarnation
        buffer = incarnation.buffer
        if self.store_type.is_map:
            held = incarnation.marshal.slots_in(data)
            if held:
                incarnation.counts.change(held, -1, self.zone)
        slot = self._slot_of_key(encoded)
        if slot is not None:
            buffer.delete(self._ordinals + slot)
            base = base_of(slot)
            if not self.store_type.is_weak:
                incarnation.counts.change((slot,), -1, self.zone)
            elif len(slot) == len(base) or not self.recognized_keys(base):
                buffer.delete(self._recognizer + base + self.slot)
        buffer.delete(self._prefix + encoded)

    def erase_some(self, limit: int) -> tuple[int, bool]:
        """Delete up to *limit* entries of a store that is being deleted, and after the last one the head.

        Returns:
            How many were deleted, and whether none is left.
        """
        self.incarnation.changed_collections.discard(self)
        done = 0
        for key, data in self.incarnation.buffer.scan(self._prefix, self._prefix + _BEHIND_ENTRIES):
            if done == limit:
                return done, False
            self._erase(key[len(self._prefix) :], data)
            done += 1
        if self._written_head != _NEW_HEAD or self.incarnation.buffer.get(self._head_key) is not None:
            self.incarnation.buffer.delete(self._head_key)
        return done, True

    def move(self, old: bytes, new: bytes) -> None:
        """Give the entry of one scalar key to another, as bytes: what it mentions stays counted once."""
        buffer = self.incarnation.buffer
        data = buffer.get(self._prefix + old)
        if data is not None:
            buffer.delete(self._prefix + old)
            buffer.put(self._prefix + new, data)
            self.generation = next_generation()
            cut_all(self.incarnation.runs, self)

    def read_run(self, start: bytes, stop: bytes, limit: int) -> StoredRun:
        prefix = self._prefix
        skip = len(prefix)
        keys, data, rest = self.incarnation.buffer.read_page(prefix + start, prefix + stop, limit)
        return StoredRun(self, start, keys, skip, data, None if rest is None else rest[skip:])

    def recognized_keys(self, base: Base) -> list[bytes]:
        """Return the encoded keys that a weak store has for an instance's slots."""
        found: list[bytes] = []
        ordinals = self._ordinals + base
        for key, data in self.incarnation.buffer.scan(ordinals, ordinals + b"\xff"):
            found.append(encode_ordinal(decode_number(data, 0)[0]) + key[len(self._ordinals) :])
        return found


class StoredRun(Run):
    """Entries of a stored collection: the keys and the data that the store has for them."""

    __slots__ = ("_data", "_owner", "_parsed")

    def __init__(
        self,
        owner: StoredEntries,
        start: bytes,
        keys: list[bytes],
        skip: int,
        data: list[bytes],
        rest: bytes | None,
    ) -> None:
        super().__init__(owner, start, keys, skip, rest)
        self._owner = owner
        self._data = data
        self._parsed: list[Any] | None = None

    def plain_keys(self) -> list[Any] | None:
        return plain_keys(self.keys, self.skip)

    def plain_values(self) -> list[Any] | None:
        return plain_values(self._data) if self._owner.store_type.is_map else [None] * len(self._data)

    def key_at(self, index: int) -> Any:
        return self._owner.decode(self.keys[index][self.skip :])

    def value_at(self, index: int) -> Any:
        owner = self._owner
        if not owner.store_type.is_map:
            return None
        if self._parsed is None:
            self._parsed = parsed_values(self._data)
        if self._parsed is None:
            return owner.decode_value(self._data[index])
        return owner.lift_value(self._parsed[index])


_NONE = b"\xc0"
"""None as it is encoded, for reading what an absent value mentions: nothing."""

_BEHIND_ENTRIES = bytes((KeyTag.ABOVE_KEYS,))


def _decode_head(data: bytes) -> tuple[int, int]:
    size, at = decode_number(data, 0)
    return size, decode_number(data, at)[0]


def _no_remotable(ordinal: int) -> Remotable:
    raise DecodeError(f"a remotable with ordinal {ordinal} stands where none can be")
