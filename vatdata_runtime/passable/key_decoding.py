"""Keys from their bytes; whatever ``encode_key`` does not write is refused."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isnan, nan
from typing import Any, Final, TypeVar
from uuid import UUID

from vatdata_runtime.errors import CopyDataError
from vatdata_runtime.passable.copybags import CopyBag
from vatdata_runtime.passable.copymaps import CopyMap
from vatdata_runtime.passable.copysets import CopySet
from vatdata_runtime.passable.decode_error import DecodeError
from vatdata_runtime.passable.freeze import MAX_DEPTH
from vatdata_runtime.passable.key_encoding import DECIMAL_EXPONENT_BIAS, EPOCH, INSTANT_BIAS, flip_bits
from vatdata_runtime.passable.key_tags import KeyTag
from vatdata_runtime.passable.record import Record, record_of
from vatdata_runtime.passable.remotable import Remotable

__all__ = ["RemotableAt", "decode_key"]

RemotableAt = Callable[[int], Remotable]
"""Gives the remotable that has an ordinal."""

_STR: Final = KeyTag.STR
_REMOTABLE: Final = KeyTag.REMOTABLE
_INT_ZERO: Final = KeyTag.INT_ZERO
_FLOAT: Final = struct.Struct(">d")
_NAN: Final = b"\xff\xf8\x00\x00\x00\x00\x00\x00"
_NEGATIVE_ZERO: Final = b"\x7f\xff\xff\xff\xff\xff\xff\xff"

_Collection = TypeVar("_Collection", CopySet, CopyBag, CopyMap)


def decode_key(data: bytes, remotable_at: RemotableAt) -> Any:
    """Return the frozen key that ``encode_key`` encodes as *data*.

    Args:
        data: a whole encoded key.
        remotable_at: gives the remotable with an ordinal; what it raises is raised.

    Raises:
        DecodeError: *data* is not the one encoding of a key.

    Cost: about 0.3 us for a text, an int or a remotable.
    """
    if not data:
        raise DecodeError("an encoded key has at least one byte")
    tag = data[0]
    if tag == _STR:
        return _text(data[1:])
    if tag == _REMOTABLE and len(data) == 9:
        return remotable_at(int.from_bytes(data[1:], "big"))
    size = tag - _INT_ZERO
    if 0 < size <= 8 and len(data) == size + 1 and data[1]:
        return int.from_bytes(data[1:], "big")
    if tag == KeyTag.BYTES:
        return data[1:]
    reader = _Reader(data, remotable_at)
    key = reader.read_part(MAX_DEPTH)
    if reader.at != len(data):
        raise DecodeError(f"{len(data) - reader.at} bytes follow the end of the key")
    return key


class _Reader:
    """A place in an encoded key, from which parts are read one after the other."""

    __slots__ = ("at", "data", "remotable_at")

    def __init__(self, data: bytes, remotable_at: RemotableAt) -> None:
        self.data = data
        self.at = 0
        self.remotable_at = remotable_at

    def take(self, size: int) -> bytes:
        end = self.at + size
        if end > len(self.data):
            raise DecodeError(f"the key ends {end - len(self.data)} bytes too early")
        taken = self.data[self.at : end]
        self.at = end
        return taken

    def take_number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def take_byte(self) -> int:
        return self.take(1)[0]

    def take_escaped(self) -> bytes:
        """Read up to the zero that no FF follows, and undo the marks."""
        start = end = self.at
        while True:
            end = self.data.find(b"\x00", end)
            if end < 0:
                raise DecodeError("a text inside the key has no end")
            if self.data[end + 1 : end + 2] != b"\xff":
                break
            end += 2
        self.at = end + 1
        return self.data[start:end].replace(b"\x00\xff", b"\x00")

    def at_end_mark(self) -> bool:
        """Say whether the next byte ends a container, and step over it if so."""
        if self.at >= len(self.data):
            raise DecodeError("a container inside the key has no end")
        if self.data[self.at] != KeyTag.END:
            return False
        self.at += 1
        return True

    def read_part(self, room: int) -> Any:
        """Read a part that may have *room* levels of containers."""
        tag = self.take_byte()
        if KeyTag.INT_LONG_NEGATIVE <= tag <= KeyTag.INT_LONG_POSITIVE:
            return self.read_int(tag)
        read = _SCALARS.get(tag)
        if read is not None:
            return read(self)
        read_container = _CONTAINERS.get(tag)
        if read_container is None:
            raise DecodeError(f"no kind of key has tag {tag:#04x}")
        if room == 0:
            raise DecodeError(f"the key is nested deeper than {MAX_DEPTH} levels")
        return read_container(self, room - 1)

    def read_int(self, tag: int) -> int:
        size = tag - KeyTag.INT_ZERO
        if abs(size) <= 8:
            data = self.take(abs(size))
            magnitude = int.from_bytes(data if size >= 0 else flip_bits(data), "big")
        else:
            length = self.take_number(8)
            length = length if size > 0 else 2**64 - 1 - length
            if length <= 8:
                raise DecodeError("a short int is written in the long form")
            data = self.take(length)
            magnitude = int.from_bytes(data if size > 0 else flip_bits(data), "big")
        if (magnitude.bit_length() + 7) >> 3 != len(data):
            raise DecodeError("an int has leading zeros")
        return magnitude if size >= 0 else -magnitude

    def read_none(self) -> None:
        return None

    def read_false(self) -> bool:
        return False

    def read_true(self) -> bool:
        return True

    def read_float(self) -> float:
        data = self.take(8)
        if data == _NAN:
            return nan
        if data == _NEGATIVE_ZERO:
            raise DecodeError("a float is minus zero")
        bits = bytes((data[0] & 0x7F,)) + data[1:] if data[0] & 0x80 else flip_bits(data)
        number: float = _FLOAT.unpack(bits)[0]
        if isnan(number):
            raise DecodeError("a NaN is not the one that keys have")
        return number

    def read_str(self) -> str:
        return _text(self.take_escaped())

    def read_bytes(self) -> bytes:
        return self.take_escaped()

    def read_remotable(self) -> Remotable:
        return self.remotable_at(self.take_number(8))

    def read_date(self) -> date:
        ordinal = self.take_number(4)
        if not 1 <= ordinal <= date.max.toordinal():
            raise DecodeError(f"no date has ordinal {ordinal}")
        return date.fromordinal(ordinal)

    def read_datetime(self) -> datetime:
        microseconds = self.take_number(8) - INSTANT_BIAS
        try:
            return EPOCH + timedelta(microseconds=microseconds)
        except OverflowError:
            raise DecodeError("a datetime lies outside the years 1 to 9999") from None

    def read_decimal(self) -> Decimal:
        sort = self.take_byte()
        special = _SPECIAL_DECIMALS.get(sort)
        if special is not None:
            return special
        if sort not in (1, 3):
            raise DecodeError(f"no decimal begins with byte {sort:#04x}")
        mask = 0xFF if sort == 1 else 0
        exponent = (self.take_number(8) ^ (2**64 - 1 if mask else 0)) - DECIMAL_EXPONENT_BIAS
        pairs: list[int] = []
        while pair := self.take_byte() ^ mask:
            if pair > 100:
                raise DecodeError("a decimal has a byte that is no pair of digits")
            pairs.append(pair - 1)
        if not pairs or pairs[0] < 10 or pairs[-1] == 0:
            raise DecodeError("a decimal has leading or trailing zeros")
        digits = "".join(f"{pair:02}" for pair in pairs)
        digits = digits[:-1] if digits[-1] == "0" else digits
        number = (sort == 1, tuple(map(int, digits)), exponent - len(digits) + 1)
        try:
            decimal = Decimal(number)
        except (ValueError, ArithmeticError, OverflowError):
            raise DecodeError("a decimal has an exponent that no decimal has") from None
        if decimal.adjusted() != exponent or not decimal.is_finite():
            raise DecodeError("a decimal has an exponent that no decimal has")
        return decimal

    def read_uuid(self) -> UUID:
        return UUID(bytes=self.take(16))

    def read_tuple(self, room: int) -> tuple[Any, ...]:
        items: list[Any] = []
        while not self.at_end_mark():
            items.append(self.read_part(room))
        return tuple(items)

    def read_record(self, room: int) -> Record:
        names: list[str] = []
        while not self.at_end_mark():
            if self.take_byte() != KeyTag.NAME:
                raise DecodeError("a record has something else among its names")
            name = _text(self.take_escaped())
            if names and name >= names[-1]:
                raise DecodeError("the names of a record are not in descending order")
            names.append(name)
        fields = {name: self.read_part(room) for name in names}
        return record_of(dict(reversed(fields.items())))

    def read_set(self, room: int) -> CopySet:
        return _build(CopySet, self.read_members(1, room))

    def read_bag(self, room: int) -> CopyBag:
        parts = self.read_members(2, room)
        return _build(CopyBag, zip(parts[::2], parts[1::2], strict=True))

    def read_map(self, room: int) -> CopyMap:
        parts = self.read_members(2, room)
        return _build(CopyMap, zip(parts[::2], parts[1::2], strict=True))

    def read_members(self, width: int, room: int) -> list[Any]:
        """Read the members of a collection, of *width* parts each, which stand in descending order."""
        parts: list[Any] = []
        before: bytes | None = None
        while not self.at_end_mark():
            start = self.at
            for _ in range(width):
                parts.append(self.read_part(room))
            here = self.data[start : self.at]
            if before is not None and here >= before:
                raise DecodeError("the members of a collection are not in descending order")
            before = here
        return parts


def _build(collection: Callable[[Iterable[Any]], _Collection], members: Iterable[Any]) -> _Collection:
    try:
        return collection(members)
    except CopyDataError as error:
        raise DecodeError(str(error)) from None


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise DecodeError("a text is no UTF-8") from None


_SCALARS: Final[dict[int, Callable[[_Reader], Any]]] = {
    KeyTag.BYTES: _Reader.read_bytes,
    KeyTag.FALSE: _Reader.read_false,
    KeyTag.TRUE: _Reader.read_true,
    KeyTag.FLOAT: _Reader.read_float,
    KeyTag.REMOTABLE: _Reader.read_remotable,
    KeyTag.STR: _Reader.read_str,
    KeyTag.NONE: _Reader.read_none,
    KeyTag.DATE: _Reader.read_date,
    KeyTag.DATETIME: _Reader.read_datetime,
    KeyTag.DECIMAL: _Reader.read_decimal,
    KeyTag.UUID: _Reader.read_uuid,
}
_CONTAINERS: Final[dict[int, Callable[[_Reader, int], Any]]] = {
    KeyTag.RECORD: _Reader.read_record,
    KeyTag.COPY_BAG: _Reader.read_bag,
    KeyTag.COPY_MAP: _Reader.read_map,
    KeyTag.COPY_SET: _Reader.read_set,
    KeyTag.TUPLE: _Reader.read_tuple,
}
_SPECIAL_DECIMALS: Final = {
    0: Decimal("-Infinity"),
    2: Decimal(0),
    4: Decimal("Infinity"),
    5: Decimal("NaN"),
}
