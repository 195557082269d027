"""State shapes as the store remembers them: comparable before the objects and enums that they mention can be read."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from enum import Enum
from typing import Any, cast

from ..passable import EnumRegistry, Record, Remotable, ValueCodec, current_enums
from .descriptors import KindDescriptor, decode_descriptor, encode_descriptor
from .identifiers import Slot, format_vref

__all__ = ["StoredShapes"]


class _StandIn(Remotable):
    """Stands for the object of a slot in a stored shape. One for each slot, so that equal means identical here too."""

    __slots__ = ("slot",)

    slot: Slot

    def __new__(cls, slot: Slot) -> _StandIn:
        self = super().__new__(cls)
        object.__setattr__(self, "slot", slot)
        return self

    def _interface_name(self) -> str:
        return format_vref(self.slot)


class _StandInEnums(EnumRegistry):
    """Makes a member for every name that a stored shape mentions."""

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


class StoredShapes:
    """Descriptors of one incarnation, with stand-ins in their shapes.

    When descriptors are read no kind is defined and no enum is registered, so nothing that a shape mentions could be
    made. A shape of this incarnation's code is brought into the same form before it is compared or written.

    Args:
        live: the codec that the incarnation stores values with.
        path: the store's path, for messages.
    """

    def __init__(self, live: ValueCodec, path: str) -> None:
        self._live = live
        self._path = path
        self._stand_ins: dict[bytes, _StandIn] = {}
        self._enums = _StandInEnums()
        self._codec = ValueCodec(lambda stand_in: stand_in.slot, self._stand_in)

    def _stand_in(self, slot: bytes) -> _StandIn:
        found = self._stand_ins.get(slot)
        if found is None:
            found = self._stand_ins[slot] = _StandIn(Slot(slot))
        return found

    @contextmanager
    def _any_enum(self) -> Generator[None]:
        token = current_enums.set(self._enums)
        try:
            yield
        finally:
            current_enums.reset(token)

    def stored_form(self, shape: Record | None) -> Record | None:
        """Return a shape of this incarnation's code with stand-ins in place of what it mentions."""
        if shape is None:
            return None
        data = self._live.encode(shape)
        with self._any_enum():
            form: Any = self._codec.decode(data)
        return cast(Record, form)

    def decode(self, number: int, data: bytes) -> KindDescriptor:
        """Read a descriptor; see ``decode_descriptor``."""
        with self._any_enum():
            return decode_descriptor(number, data, self._codec, self._path)

    def encode(self, descriptor: KindDescriptor) -> bytes:
        """Write a descriptor whose shape is in stored form."""
        with self._any_enum():
            return encode_descriptor(descriptor, self._codec)
