"""The few numbers that a vat carries from one incarnation to the next, in one record."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ..errors import StoreCorruptError
from .identifiers import FIRST_USER_KIND

__all__ = ["VatRecord"]

_decode: Callable[[bytes], tuple[int, int, int, list[int], int]] = msgspec.msgpack.Decoder(
    tuple[int, int, int, list[int], int]
).decode
_encode: Callable[[object], bytes] = msgspec.msgpack.Encoder().encode


class VatRecord:
    """Numbers of a vat that never repeat over the life of its store.

    Attributes:
        incarnation: number of the current or last incarnation; -1 before the first.
        next_kind: number of the next kind, durable or virtual.
        next_collection: number of the next collection, of any type.
        to_wipe: ended incarnations whose virtual data is still in the store.
        next_watch: number of the next durable watch of a promise.
        is_changed: whether this crank changed it.
    """

    __slots__ = (
        "_kept",
        "incarnation",
        "is_changed",
        "next_collection",
        "next_kind",
        "next_watch",
        "to_wipe",
    )

    def __init__(
        self,
        incarnation: int,
        next_kind: int,
        next_collection: int,
        to_wipe: tuple[int, ...],
        next_watch: int,
    ) -> None:
        self.incarnation: int = incarnation
        self.next_kind: int = next_kind
        self.next_collection: int = next_collection
        self.to_wipe: tuple[int, ...] = to_wipe
        self.next_watch: int = next_watch
        self.is_changed = False
        self.keep()

    @classmethod
    def new(cls) -> VatRecord:
        """The record of a vat that has never started."""
        return cls(-1, FIRST_USER_KIND, 1, (), 1)

    @classmethod
    def decode(cls, data: bytes, path: str) -> VatRecord:
        """Read what ``encode`` wrote.

        Raises:
            StoreCorruptError: the bytes are no vat record.
        """
        try:
            incarnation, next_kind, next_collection, to_wipe, next_watch = _decode(data)
        except msgspec.DecodeError as error:
            raise StoreCorruptError(path, f"a vat's record cannot be read: {error}") from error
        return cls(incarnation, next_kind, next_collection, tuple(to_wipe), next_watch)

    def encode(self) -> bytes:
        """Write the record; ``STORAGE.md`` lists its fields."""
        return _encode(
            (self.incarnation, self.next_kind, self.next_collection, self.to_wipe, self.next_watch)
        )

    def next_life(self) -> VatRecord:
        """Return the record that the next incarnation begins with: one number up, this one's virtual data to wipe."""
        to_wipe = self.to_wipe if self.incarnation < 0 else (*self.to_wipe, self.incarnation)
        record = VatRecord(
            self.incarnation + 1, self.next_kind, self.next_collection, to_wipe, self.next_watch
        )
        record.is_changed = True
        return record

    def take_kind_number(self) -> int:
        """Return a kind number that was never used."""
        number = self.next_kind
        self.next_kind = number + 1
        self.is_changed = True
        return number

    def take_collection_number(self) -> int:
        """Return a collection number that was never used."""
        number = self.next_collection
        self.next_collection = number + 1
        self.is_changed = True
        return number

    def take_watch_number(self) -> int:
        """Return a number for a watched promise that was never used."""
        number = self.next_watch
        self.next_watch = number + 1
        self.is_changed = True
        return number

    def note_wiped(self, incarnation: int) -> None:
        """Note that nothing of an ended incarnation's virtual data is left."""
        self.to_wipe = tuple(number for number in self.to_wipe if number != incarnation)
        self.is_changed = True

    def keep(self) -> None:
        """Note that this crank's changes stay."""
        self._kept = (self.next_kind, self.next_collection, self.to_wipe, self.next_watch)
        self.is_changed = False

    def roll_back(self) -> None:
        """Take back this crank's changes."""
        self.next_kind, self.next_collection, self.to_wipe, self.next_watch = self._kept
        self.is_changed = False
