"""State shapes as the store remembers them: comparable before the objects and enums that they mention can be read."""

from __future__ import annotations

from typing import cast

from ..passable import Record, ValueCodec
from .descriptors import KindDescriptor, decode_descriptor, encode_descriptor
from .stand_ins import StandInCodec

__all__ = ["StoredShapes"]


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
        self._codec = StandInCodec()

    def stored_form(self, shape: Record | None) -> Record | None:
        """Return a shape of this incarnation's code with stand-ins in place of what it mentions."""
        if shape is None:
            return None
        return cast(Record, self._codec.decode(self._live.encode(shape)))

    def decode(self, number: int, data: bytes) -> KindDescriptor:
        """Read a descriptor; see ``decode_descriptor``."""
        return decode_descriptor(number, data, self._codec, self._path)

    def encode(self, descriptor: KindDescriptor) -> bytes:
        """Write a descriptor whose shape is in stored form."""
        return encode_descriptor(descriptor, self._codec)
