"""Entries of virtual and durable stores: one LMDB key each, in key order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ...errors import StoreCorruptError, ValueTooLargeError
from ...passable import DecodeError, KeyTag, Remotable, decode_key, encode_key
from ..identifiers import Base, Slot, base_of, decode_number, encode_number, join_slot
from .entries import ABSENT, CrankToken, Entries, StoreType

if TYPE_CHECKING:
    from ..incarnation import Incarnation

__all__ = ["StoredEntries"]

_REMOTABLE_HEAD = (
    9  # kind tag and ordinal; the slot follows, so that an entry says by itself which object it is for
)


class StoredEntries(Entries):
    """The entries of one stored collection; one object for each collection in an incarnation.

    A remotable key is its ordinal followed by its slot; a side record leads from the slot to the ordinal. So order is
    the order of adding, and an entry can be decoded by itself.
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
    ) -> None:
        super().__init__(store_type, label, key_shape, value_shape, zone)
        self.incarnation = incarnation
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
        self._before: tuple[int, int] | None = None

    # --- life

    def write_descriptor(self) -> None:
        """Write the record that lets the store be opened again: the last step of its making."""
        incarnation = self.incarnation
        incarnation.mentioned_reset()
        data = incarnation.codec.encode_row(
            (self.store_type.kind_number, self.label, self.key_shape, self.value_shape)
        )
        incarnation.counts.change(list(incarnation.mentioned), 1, self.zone)
        incarnation.buffer.put(self._descriptor_key, data)
        self._size = 0
        self._next_ordinal = 0

    def write_head(self) -> None:
        """Write size and next ordinal: once a crank, at its end."""
        if self._size is not None:
            self.incarnation.buffer.put(
                self._head_key, encode_number(self._size) + encode_number(self._next_ordinal)
            )

    def keep_changes(self) -> None:
        """Note that the crank that changed this store is kept."""
        self._before = None

    def forget_changes(self) -> None:
        """Go back to the size before the crank that is being aborted."""
        if self._before is not None:
            self._size, self._next_ordinal = self._before
            self._before = None
        self.generation += 1

    def _touch(self) -> None:
        """Load the head before its first change in a crank."""
        if self._before is None:
            self._before = (self.size, self._next_ordinal)
        self.incarnation.changed_collections.add(self)

    def _change_size(self, by: int) -> None:
        self._touch()
        assert self._size is not None  # touch has loaded it
        self._size += by
        undo = self.incarnation.undo.entries
        if undo is not None:
            undo.append(lambda: self._take_back_size(by))

    def _take_back_size(self, by: int) -> None:
        assert self._size is not None  # it was changed
        self._size -= by

    @property
    def size(self) -> int:
        if self._size is None:
            data = self.incarnation.buffer.get(self._head_key)
            if data is None:
                self._size, self._next_ordinal = 0, 0
            else:
                self._size, at = decode_number(data, 0)
                self._next_ordinal, _ = decode_number(data, at)
        return self._size

    # --- keys

    def find_remotable(self, key: Remotable) -> bytes | None:
        slot = self.incarnation.slot_of(key)
        ordinal = self.incarnation.buffer.get(self._ordinals + slot)
        if ordinal is None:
            return None
        n, _ = decode_number(ordinal, 0)
        return encode_key(key, lambda _: n) + slot

    def new_remotable(self, key: Remotable) -> bytes:
        self._touch()
        ordinal = self._next_ordinal
        self._next_ordinal += 1
        slot = self.incarnation.slot_of(key)
        self.incarnation.buffer.put(self._ordinals + slot, encode_number(ordinal))
        return encode_key(key, lambda _: ordinal) + slot

    def decode(self, encoded: bytes) -> Any:
        slot = self._slot_of_key(encoded)
        if slot is not None:
            return self.incarnation.object_at(slot)
        try:
            return decode_key(encoded, _no_remotable)
        except DecodeError as error:
            raise StoreCorruptError(
                self.incarnation.path, f"a key of store {self.label!r} cannot be read: {error}"
            ) from error

    @staticmethod
    def _slot_of_key(encoded: bytes) -> Slot | None:
        return Slot(encoded[_REMOTABLE_HEAD:]) if encoded[0] == KeyTag.REMOTABLE else None

    # --- entries

    def require_open(self) -> None:
        self.incarnation.require_open(self.label)

    def check(self, key: Any, value: Any) -> None:
        incarnation = self.incarnation
        incarnation.check_keepable(value, self.zone, ("value",))
        incarnation.check_keepable(key, self.zone, ("key",))

    def _encode_value(self, value: Any) -> bytes:
        incarnation = self.incarnation
        data = incarnation.encode(value)
        if len(data) > incarnation.value_limit_bytes:
            raise ValueTooLargeError(len(data), incarnation.value_limit_bytes, f"store {self.label!r}")
        return data

    def contains(self, encoded: bytes) -> bool:
        return self.incarnation.buffer.get(self._prefix + encoded) is not None

    def read(self, encoded: bytes) -> Any:
        data = self.incarnation.buffer.get(self._prefix + encoded)
        return ABSENT if data is None else self._decode_value(data)

    def _decode_value(self, data: bytes) -> Any:
        if not self.store_type.is_map:
            return None
        try:
            return self.incarnation.codec.decode(data)
        except DecodeError as error:
            raise StoreCorruptError(
                self.incarnation.path, f"a value of store {self.label!r} cannot be read: {error}"
            ) from error

    def insert(self, encoded: bytes, key: Any, value: Any) -> None:
        incarnation = self.incarnation
        data = b""
        if self.store_type.is_map:
            data = self._encode_value(value)
            if incarnation.mentioned:
                incarnation.counts.change(incarnation.mentioned, 1, self.zone)
        slot = self._slot_of_key(encoded)
        if slot is not None:
            if self.store_type.is_weak:
                incarnation.buffer.put(self._recognizer + base_of(slot) + self.slot, b"")
            else:
                incarnation.counts.change((slot,), 1, self.zone)
        incarnation.buffer.put(self._prefix + encoded, data)
        self._change_size(1)
        self.generation += 1

    def replace(self, encoded: bytes, value: Any) -> None:
        incarnation = self.incarnation
        key = self._prefix + encoded
        old = set(incarnation.slots_in(incarnation.buffer.get(key) or b"\xc0"))
        data = self._encode_value(value)
        new = set(incarnation.mentioned)
        if new != old:
            incarnation.counts.change(sorted(new - old), 1, self.zone)
            incarnation.counts.change(sorted(old - new), -1, self.zone)
        incarnation.buffer.put(key, data)

    def remove(self, encoded: bytes) -> None:
        incarnation = self.incarnation
        key = self._prefix + encoded
        if self.store_type.is_map:
            held = incarnation.slots_in(incarnation.buffer.get(key) or b"\xc0")
            if held:
                incarnation.counts.change(held, -1, self.zone)
        slot = self._slot_of_key(encoded)
        if slot is not None:
            incarnation.buffer.delete(self._ordinals + slot)
            if self.store_type.is_weak:
                incarnation.buffer.delete(self._recognizer + base_of(slot) + self.slot)
            else:
                incarnation.counts.change((slot,), -1, self.zone)
        incarnation.buffer.delete(key)
        self._change_size(-1)

    def move(self, old: bytes, new: bytes) -> None:
        """Give the entry of one scalar key to another, as bytes: what it mentions stays counted once."""
        buffer = self.incarnation.buffer
        data = buffer.get(self._prefix + old)
        if data is not None:
            buffer.delete(self._prefix + old)
            buffer.put(self._prefix + new, data)
            self.generation += 1

    def walk(self, start: bytes, stop: bytes) -> Iterator[tuple[bytes, Callable[[], Any]]]:
        incarnation = self.incarnation
        prefix = self._prefix
        position, end = prefix + start, prefix + stop
        skip = len(prefix)
        while True:
            token = incarnation.token
            for key, data in incarnation.buffer.scan(position, end):
                position = key + b"\0"
                yield key[skip:], lambda data=data: self._decode_value(data)
                if incarnation.token is not token:
                    break  # another crank runs now: go on from here in its view
            else:
                return

    def crank_token(self) -> CrankToken:
        return self.incarnation.token

    def savepoint(self) -> Any:
        return self.incarnation.undo.savepoint()

    def recognized_keys(self, base: Base) -> list[bytes]:
        """Return the encoded keys that a weak store has for an instance's slots."""
        found: list[bytes] = []
        ordinals = self._ordinals + base
        for key, data in self.incarnation.buffer.scan(ordinals, ordinals + b"\xff"):
            ordinal, _ = decode_number(data, 0)
            slot = Slot(key[len(self._ordinals) :])
            found.append(bytes((KeyTag.REMOTABLE,)) + ordinal.to_bytes(_REMOTABLE_HEAD - 1, "big") + slot)
        return found


def _no_remotable(ordinal: int) -> Remotable:
    raise DecodeError(f"a remotable with ordinal {ordinal} stands where none can be")
