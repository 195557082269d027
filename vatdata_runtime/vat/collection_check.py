"""The check of one collection: its entries, head, ordinals and recognition records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from ..passable import DecodeError, KeyTag, Remotable, UnknownEnumError, ValueCodec, decode_key
from ..patterns import compile_pattern
from .crank_buffer import ReadView
from .difference import Difference
from .identifiers import (
    DURABLE,
    VIRTUAL,
    Base,
    Space,
    base_of,
    behind,
    decode_number,
    encode_number,
    format_vref,
    join_slot,
    split_slot,
)
from .stores.entries import StoreType, encode_ordinal
from .stores.open import type_numbered

__all__ = ["CollectionCheck", "Mentioned", "SpaceOfCollection", "split_recognizer"]

_REMOTABLE = bytes((KeyTag.REMOTABLE,))
_ORDINAL_END = len(encode_ordinal(0))


class Mentioned(Remotable):
    """What a reference in a checked record is decoded as. Each is another one, as the members of a set must be."""

    __slots__ = ()


class SpaceOfCollection(Protocol):
    """What the check of a collection needs of the check of its space.

    Attributes:
        view: what is committed.
        codec: decodes values, references as ``Mentioned``.
        space: where the collection's records are.
        zone: zone byte of the space.
    """

    view: ReadView
    codec: ValueCodec
    space: Space
    zone: bytes

    def mention(self, data: bytes, key: bytes, subject: str) -> Iterator[Difference]:
        """Count what the record *data* under *key* mentions."""
        ...

    def mention_slot(self, slot: bytes, key: bytes, subject: str) -> Iterator[Difference]:
        """Count one mention."""
        ...

    def exists(self, base: Base) -> bool:
        """Whether a stored object is there, or its deletion has begun."""
        ...


class CollectionCheck:
    """The check of one collection: its entries, head, ordinals and recognition records."""

    def __init__(self, owner: SpaceOfCollection, number: int, store_type: StoreType, subject: str) -> None:
        self._owner = owner
        self._view = owner.view
        self._space = owner.space
        self._number = number
        self._type = store_type
        self._subject = subject
        self._slot = join_slot(owner.zone, store_type.kind_number, number)
        suffix = encode_number(number)
        self._entries = self._space.entry + suffix
        self._ordinals = self._space.ordinal + suffix
        self._head = self._space.head + suffix
        self._size = 0
        self._last_ordinal = -1

    def check(self, key_shape: Any, value_shape: Any) -> Iterator[Difference]:
        """Check a collection that has its descriptor."""
        yield from self.check_entries(key_shape, value_shape)
        yield from self._check_ordinals()
        data = self._view.get(self._head)
        size, following = 0, 0
        if data is not None:
            size, at = decode_number(data, 0)
            following, _ = decode_number(data, at)
        next_ordinal = max(following, self._last_ordinal + 1)
        right = ((self._head, encode_number(self._size) + encode_number(next_ordinal)),)
        if size != self._size:
            yield Difference(
                self._head, self._subject, "has another size than entries", str(size), str(self._size), right
            )
        if following <= self._last_ordinal:
            yield Difference(
                self._head,
                self._subject,
                "the next remotable key would get an ordinal that is taken",
                str(following),
                f"more than {self._last_ordinal}",
                right,
            )

    def check_entries(self, key_shape: Any, value_shape: Any) -> Iterator[Difference]:
        """Check the entries, and count what they mention."""
        accepts_key = None if key_shape is None else compile_pattern(key_shape)
        accepts_value = None if value_shape is None else compile_pattern(value_shape)
        codec = self._owner.codec
        for key, data in self._view.scan(self._entries, behind(self._entries)):
            self._size += 1
            encoded = key[len(self._entries) :]
            if encoded[:1] == _REMOTABLE:
                yield from self._check_remotable(key, encoded)
            else:
                try:
                    found = decode_key(encoded, lambda _: Mentioned())
                except DecodeError as error:
                    yield Difference(key, self._subject, f"a key cannot be read: {error}")
                    continue
                if accepts_key is not None and not accepts_key(found):
                    yield Difference(
                        key, self._subject, "a key does not match the key shape", repr(found), repr(key_shape)
                    )
            if not self._type.is_map:
                if data:
                    yield Difference(key, self._subject, "a member has a value")
                continue
            yield from self._owner.mention(data, key, self._subject)
            try:
                value = codec.decode(data)
            except UnknownEnumError:
                continue
            except (DecodeError, ValueError) as error:
                yield Difference(key, self._subject, f"a value cannot be read: {error}")
                continue
            if accepts_value is not None and not codec.slots_in(data) and not accepts_value(value):
                yield Difference(
                    key,
                    self._subject,
                    "a value does not match the value shape",
                    repr(value),
                    repr(value_shape),
                )

    def _check_remotable(self, key: bytes, encoded: bytes) -> Iterator[Difference]:
        ordinal = int.from_bytes(encoded[1:_ORDINAL_END], "big")
        slot = encoded[_ORDINAL_END:]
        self._last_ordinal = max(ordinal, self._last_ordinal)
        if self._view.get(self._ordinals + slot) != encode_number(ordinal):
            yield Difference(
                self._ordinals + slot,
                self._subject,
                f"key {format_vref(slot)} cannot be found",
                repair=((self._ordinals + slot, encode_number(ordinal)),),
            )
        if not self._type.is_weak:
            yield from self._owner.mention_slot(slot, key, self._subject)
            return
        base = base_of(slot)
        if base[:1] in (DURABLE, VIRTUAL) and not self._owner.exists(base):
            yield Difference(key, self._subject, f"has an entry for {format_vref(slot)}, which was deleted")
        mark = self._space.recognizer + base + self._slot
        if self._view.get(mark) is None:
            yield Difference(
                mark,
                self._subject,
                f"the entry for {format_vref(slot)} will outlive it",
                repair=((mark, b""),),
            )

    def _check_ordinals(self) -> Iterator[Difference]:
        for key, data in self._view.scan(self._ordinals, behind(self._ordinals)):
            slot = key[len(self._ordinals) :]
            encoded = encode_ordinal(decode_number(data, 0)[0]) + slot
            if self._view.get(self._entries + encoded) is None:
                yield Difference(
                    key,
                    self._subject,
                    f"has an ordinal for {format_vref(slot)}, and no entry",
                    repair=((key, None),),
                )


def split_recognizer(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Take the base of a weak key and the number of the weak store apart.

    Yields:
        Each way to read them: names of other vats' objects do not show where they end.
    """
    for at in range(2, len(data)):
        try:
            _, kind, number, facet = split_slot(data[at:])
        except ValueError:
            continue
        store_type = type_numbered(kind)
        if facet is None and store_type is not None and store_type.is_weak:
            yield data[:at], number
