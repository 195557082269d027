"""Stored data decoded without the code that wrote it: stand-ins for the objects and enum members that it mentions."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Any, cast

from ..passable import DecodeError, EnumRegistry, KeyTag, Remotable, ValueCodec, current_enums, decode_key
from .identifiers import DURABLE, HEAP, PROMISE, VIRTUAL, Slot, format_vref
from .stores.entries import encode_ordinal

__all__ = ["StandIn", "StandInCodec", "any_enum", "member_stand_in"]

_REMOTABLE_HEAD = len(encode_ordinal(0))
_KEPT_STAND_INS = 10_000


class StandIn(Remotable):
    """Stands for the object of a slot. A codec makes one for each slot, so that equal means identical here too."""

    __slots__ = ("slot",)

    slot: Slot

    def __new__(cls, slot: Slot) -> StandIn:
        self = super().__new__(cls)
        object.__setattr__(self, "slot", slot)
        return self

    def _interface_name(self) -> str:
        return format_vref(self.slot) if self.slot[:1] in _NAMED else self.slot.hex()

    def __repr__(self) -> str:
        return f"<{self._interface_name()}>"


_NAMED = frozenset((DURABLE, VIRTUAL, HEAP, PROMISE))


class _StandInEnums(EnumRegistry):
    """Makes a member for every name that stored data mentions."""

    __slots__ = ("_members",)

    def __init__(self) -> None:
        super().__init__()
        self._members: dict[tuple[str, str], Enum] = {}

    def check(self, member: Enum) -> None:
        """Accept every member: this registry has made them all."""

    def names_of(self, member: Enum) -> tuple[str, str]:
        return type(member).__name__, member.name

    def member_of(self, class_name: str, name: str) -> Enum:
        names = (class_name, name)
        if names not in self._members:
            made = cast("type[Enum]", Enum(class_name, {name: name}))
            self._members[names] = made[name]
        return self._members[names]


_enums = _StandInEnums()


def member_stand_in(class_name: str, name: str) -> Enum:
    """Return what stands for a member of an enum."""
    return _enums.member_of(class_name, name)


@contextmanager
def any_enum() -> Generator[None]:
    """Have every enum member decoded as a stand-in of its own, and encoded back, inside the block."""
    token = current_enums.set(_enums)
    try:
        yield
    finally:
        current_enums.reset(token)


class StandInCodec:
    """Decodes and encodes what a vat has stored while none of its code runs.

    References come out as ``StandIn``, enum members as members of enums of the same names. What was decoded and is
    encoded again has the bytes that it had, but for sets and maps whose members' order depends on references.

    Args:
        is_bounded: forget stand-ins after so many, for walks over whole stores. Two equal references in values that
            were decoded far from each other may then be two stand-ins; those of one value are one.
    """

    __slots__ = ("_codec", "_is_bounded", "_stand_ins")

    def __init__(self, *, is_bounded: bool = False) -> None:
        self._stand_ins: dict[bytes, StandIn] = {}
        self._is_bounded = is_bounded
        self._codec = ValueCodec(lambda stand_in: stand_in.slot, self.stand_in)

    def stand_in(self, slot: bytes) -> StandIn:
        """Return what stands for the object of *slot*."""
        found = self._stand_ins.get(slot)
        if found is None:
            found = self._stand_ins[slot] = StandIn(Slot(slot))
        return found

    def decode(self, data: bytes) -> Any:
        """Decode one value.

        Raises:
            DecodeError: *data* is not the encoding of a value.
        """
        self._forget()
        with any_enum():
            return self._codec.decode(data)

    def decode_row(self, data: bytes) -> list[Any]:
        """Decode the fields of a record; raises as ``decode``."""
        self._forget()
        with any_enum():
            return self._codec.decode_row(data)

    def decode_key(self, encoded: bytes) -> Any:
        """Decode the key of an entry, as it follows the number of its collection; raises as ``decode``."""
        self._forget()
        with any_enum():
            if encoded[:1] == _REMOTABLE and len(encoded) > _REMOTABLE_HEAD:
                return self.stand_in(encoded[_REMOTABLE_HEAD:])
            return decode_key(encoded, _no_remotable)

    def encode(self, value: Any) -> bytes:
        """Encode one value."""
        self._forget()
        with any_enum():
            return self._codec.encode(value)

    def encode_row(self, values: Sequence[Any]) -> bytes:
        """Encode the fields of a record."""
        self._forget()
        with any_enum():
            return self._codec.encode_row(values)

    def slots_in(self, data: bytes) -> list[bytes]:
        """Return the slots that an encoded value or row mentions, each once; raises as ``decode``."""
        return self._codec.slots_in(data)

    def _forget(self) -> None:
        if self._is_bounded and len(self._stand_ins) > _KEPT_STAND_INS:
            self._stand_ins.clear()


_REMOTABLE = bytes((KeyTag.REMOTABLE,))


def _no_remotable(ordinal: int) -> Remotable:
    raise DecodeError(f"a key mentions the object with ordinal {ordinal}, and does not say which it is")
