"""Values as bytes and back, by MessagePack; ``docs/encoding.md`` describes every byte."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any, Final, NoReturn
from uuid import UUID

import msgspec
from msgspec import Raw
from msgspec.msgpack import Ext

from vatdata_runtime.errors import CopyDataError, NotPassableError
from vatdata_runtime.passable.copysets import CopyBag, CopyMap, CopySet
from vatdata_runtime.passable.decode_error import DecodeError
from vatdata_runtime.passable.enums import current_enums
from vatdata_runtime.passable.exceptions import MAX_CHAIN, exception_fields, make_exception
from vatdata_runtime.passable.freeze import MAX_DEPTH
from vatdata_runtime.passable.promises import is_promise
from vatdata_runtime.passable.record import Record, record_of
from vatdata_runtime.passable.remotable import Remotable
from vatdata_runtime.passable.tagged import Tagged, make_tagged

__all__ = ["ExtCode", "ValueCodec"]


class ExtCode:
    """Codes of the MessagePack extensions that stand for kinds which MessagePack has no type for."""

    REFERENCE: Final = 1
    BIG_INT: Final = 2
    TAGGED: Final = 3
    COPY_SET: Final = 4
    COPY_BAG: Final = 5
    COPY_MAP: Final = 6
    EXCEPTION: Final = 7
    INSTANT: Final = 8
    NAIVE_DATETIME: Final = 9
    DATE: Final = 10
    TIME: Final = 11
    TIMEDELTA: Final = 12
    DECIMAL: Final = 13
    UUID: Final = 14
    ENUM: Final = 15


_pack = msgspec.msgpack.Encoder().encode
_unpack: Final[Callable[[bytes], Any]] = msgspec.msgpack.Decoder().decode
_unpack_parts = msgspec.msgpack.Decoder(list[Raw]).decode

_PLAIN: Final = frozenset({type(None), bool, float, str, bytes})
_PLAIN_OR_INT: Final = _PLAIN | {int}
_MIN_INT: Final = -(1 << 63)
_MAX_INT: Final = (1 << 64) - 1
_MICROSECOND: Final = timedelta(microseconds=1)
_EPOCH: Final = datetime(1970, 1, 1)
_MICROSECONDS_A_DAY: Final = 86_400_000_000
_EXCEPTION_ROOM: Final = MAX_DEPTH + 4 * MAX_CHAIN


class ValueCodec:
    """Encodes frozen values and rows of values, and decodes them again.

    The same value has the same bytes. Only decimals that are equal and have different numbers of trailing zeros keep
    bytes of their own, and the zeros with them.

    Args:
        slot_of: gives the slot, the bytes that stand for a remotable or promise; what it raises is raised.
        object_at: gives the remotable or promise that a slot stands for; what it raises is raised.
    """

    __slots__ = ("_object_at", "_slot_of")

    def __init__(self, slot_of: Callable[[Any], bytes], object_at: Callable[[bytes], Any]) -> None:
        self._slot_of = slot_of
        self._object_at = object_at

    def encode(self, value: Any) -> bytes:
        """Encode one frozen value.

        Raises:
            NotPassableError: *value* is not frozen.

        Cost: about 0.2 us for a scalar, 0.1 us more for each part that is neither plain nor a reference.
        """
        return _pack(self._lower(value))

    def decode(self, data: bytes) -> Any:
        """Return the frozen value that ``encode`` encodes as *data*.

        Raises:
            DecodeError: *data* is not the encoding of a value.
        """
        raw = _parse(data)
        return raw if type(raw) in _PLAIN_OR_INT else self._lift(raw, MAX_DEPTH)

    def encode_row(self, values: Sequence[Any]) -> bytes:
        """Encode frozen values, given as list or tuple, as one array; see ``encode``."""
        if _PLAIN_OR_INT.issuperset(map(type, values)):
            try:
                return _pack(values)
            except OverflowError:  # an int of more than 64 bits
                pass
        row: list[Any] = []
        for value in values:
            row.append(value if type(value) in _PLAIN else self._lower(value))
        return _pack(row)

    def decode_row(self, data: bytes) -> list[Any]:
        """Return the values that ``encode_row`` encodes as *data*; see ``decode``."""
        row = _parse(data)
        if type(row) is not list:
            raise DecodeError(f"a row is an array, not a {type(row).__name__}")
        if not _PLAIN_OR_INT.issuperset(map(type, row)):
            for position, raw in enumerate(row):
                if type(raw) not in _PLAIN_OR_INT:
                    row[position] = self._lift(raw, MAX_DEPTH)
        return row

    def slots_in(self, data: bytes) -> list[bytes]:
        """Return the slots that an encoded value or row mentions, each once, by first mention. Calls nothing back.

        Raises:
            DecodeError: *data* is no encoding; not all that ``decode`` refuses is refused.
        """
        slots: dict[bytes, None] = {}
        _collect_slots(_parse(data), slots, MAX_DEPTH + 1)
        return list(slots)

    def _lower(self, value: Any) -> Any:
        """Turn *value* into what MessagePack encodes as it is."""
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is int:
            return value if _MIN_INT <= value <= _MAX_INT else Ext(ExtCode.BIG_INT, _signed(value))
        if kind is tuple:
            if _PLAIN.issuperset(map(type, value)):
                return value
            items: list[Any] = []
            for item in value:
                items.append(item if type(item) in _PLAIN else self._lower(item))
            return items
        if kind is Record:
            plain: dict[str, Any] = value._fields
            if _PLAIN.issuperset(map(type, plain.values())):
                return plain
            fields: dict[str, Any] = {}
            for name, part in plain.items():
                fields[name] = part if type(part) in _PLAIN else self._lower(part)
            return fields
        if isinstance(value, Remotable):
            return Ext(ExtCode.REFERENCE, self._slot_of(value))
        lower = _LOWER_SCALAR.get(kind)
        if lower is not None:
            return lower(value)
        return self._lower_other(value)

    def _lower_other(self, value: Any) -> Ext:
        if isinstance(value, CopySet):
            members = sorted(map(self.encode, value))
            return Ext(ExtCode.COPY_SET, _pack([Raw(member) for member in members]))
        if isinstance(value, CopyBag):
            return Ext(ExtCode.COPY_BAG, self._encode_entries(value.items()))
        if isinstance(value, CopyMap):
            return Ext(ExtCode.COPY_MAP, self._encode_entries(value.items()))
        if isinstance(value, Tagged):
            return Ext(ExtCode.TAGGED, _pack((value.tag, self._lower(value.payload))))
        if is_promise(value):
            return Ext(ExtCode.REFERENCE, self._slot_of(value))
        if isinstance(value, Enum):
            return Ext(ExtCode.ENUM, _pack(current_enums.get().names_of(value)))
        if isinstance(value, BaseException):
            return Ext(ExtCode.EXCEPTION, self.encode(exception_fields(value)))
        raise NotPassableError(f"a {type(value).__name__} must be frozen before it is encoded")

    def _encode_entries(self, entries: Any) -> bytes:
        pairs = sorted((self.encode(key), self.encode(value)) for key, value in entries)
        return _pack([Raw(part) for pair in pairs for part in pair])

    def _lift(self, raw: Any, room: int) -> Any:
        """Turn what MessagePack decodes into the frozen value that it stands for."""
        kind = type(raw)
        if kind in _PLAIN_OR_INT:
            return raw
        if kind is Ext:
            lift = _LIFT.get(raw.code)
            if lift is None:
                raise DecodeError(f"there is no extension {raw.code}")
            return lift(self, raw.data, room)
        if room == 0:
            raise DecodeError(f"the value is nested deeper than {MAX_DEPTH} levels")
        if kind is list:
            for position, item in enumerate(raw):
                if type(item) not in _PLAIN_OR_INT:
                    raw[position] = self._lift(item, room - 1)
            return tuple(raw)
        if kind is dict:
            _check_names(raw)
            for name, part in raw.items():
                if type(part) not in _PLAIN_OR_INT:
                    raw[name] = self._lift(part, room - 1)
            return record_of(raw)
        raise DecodeError("a MessagePack timestamp is in the value")

    def _decode_part(self, data: bytes, room: int) -> Any:
        return self._lift(_parse(data), room)

    def _lift_reference(self, data: bytes, _room: int) -> Any:
        return self._object_at(data)

    def _lift_tagged(self, data: bytes, room: int) -> Tagged:
        parts = _parse(data)
        if room == 0 or type(parts) is not list or len(parts) != 2 or type(parts[0]) is not str:
            raise DecodeError("a tagged value is no pair of tag and payload, or nested too deeply")
        try:
            return make_tagged(parts[0], self._lift(parts[1], room - 1))
        except DecodeError:
            raise
        except (ValueError, TypeError) as error:
            raise DecodeError(f"tag {parts[0]!r} does not take this payload: {error}") from None

    def _lift_set(self, data: bytes, room: int) -> CopySet:
        return _build(
            CopySet, [self._decode_part(part, room - 1) for (part,) in _parse_members(data, 1, room)]
        )

    def _lift_bag(self, data: bytes, room: int) -> CopyBag:
        return _build(CopyBag, self._lift_entries(data, room))

    def _lift_map(self, data: bytes, room: int) -> CopyMap:
        return _build(CopyMap, self._lift_entries(data, room))

    def _lift_entries(self, data: bytes, room: int) -> list[tuple[Any, Any]]:
        return [
            (self._decode_part(key, room - 1), self._decode_part(value, room - 1))
            for key, value in _parse_members(data, 2, room)
        ]

    def _lift_exception(self, data: bytes, room: int) -> Exception:
        # Exceptions have levels of their own, which are bounded when they enter and not counted as levels of data.
        fields = self._decode_part(data, _EXCEPTION_ROOM if room <= MAX_DEPTH else room - 4)
        if type(fields) is not tuple or len(fields) != 6:
            raise DecodeError("an exception does not have its six fields")
        class_name, arguments, message, cause, members, notes = fields
        if not (
            type(class_name) is str
            and type(arguments) is tuple
            and type(message) is str
            and (cause is None or isinstance(cause, BaseException))
            and type(members) is tuple
            and all(isinstance(member, BaseException) for member in members)
            and type(notes) is tuple
            and all(type(note) is str for note in notes)
        ):
            raise DecodeError("a field of an exception is of another kind")
        return make_exception(class_name, arguments, message, cause, members, notes)

    def _lift_enum(self, data: bytes, _room: int) -> Enum:
        names = _parse(data)
        if type(names) is not list or len(names) != 2 or not all(type(name) is str for name in names):
            raise DecodeError("an enum member is no pair of names")
        return current_enums.get().member_of(names[0], names[1])


def _parse(data: bytes) -> Any:
    """Decode MessagePack in its one shortest form into lists, dicts, scalars and ``Ext``."""
    try:
        raw = _unpack(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DecodeError(f"no MessagePack: {error}") from None
    except RecursionError:
        _blame_for_depth()
    # Encoding again costs a third of decoding and refuses all at once: long forms, names given twice, timestamps.
    if _pack(raw) != data:
        raise DecodeError("the bytes are not the shortest form of what they say, or name a field twice")
    return raw


def _blame_for_depth() -> NoReturn:
    """Refuse the bytes, or let the ``RecursionError`` that is being handled go on where the caller is too deep."""
    frame = sys._getframe()
    frames = 0
    while frame is not None:
        frames += 1
        frame = frame.f_back
    if sys.getrecursionlimit() - frames > 2 * MAX_DEPTH:
        raise DecodeError(f"the value is nested deeper than {MAX_DEPTH} levels") from None
    raise  # noqa: PLE0704  # called from an except clause only


def _parse_members(data: bytes, width: int, room: int) -> list[tuple[bytes, ...]]:
    """Split the payload of a collection into entries of *width* parts each, which stand in ascending order."""
    if room == 0:
        raise DecodeError(f"the value is nested deeper than {MAX_DEPTH} levels")
    try:
        parts = _unpack_parts(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DecodeError(f"no MessagePack: {error}") from None
    except RecursionError:
        _blame_for_depth()
    if _pack(parts) != data or len(parts) % width:
        raise DecodeError("the payload of a collection is not an array of whole entries in its shortest form")
    flat = [bytes(part) for part in parts]
    keys = flat[::width]
    if any(left >= right for left, right in zip(keys, keys[1:], strict=False)):
        raise DecodeError("the members of a collection are not in ascending order of their bytes")
    return [tuple(flat[at : at + width]) for at in range(0, len(flat), width)]


def _check_names(fields: dict[Any, Any]) -> None:
    before = None
    for name in fields:
        if type(name) is not str:
            raise DecodeError("a name of a record is no text")
        if before is not None and name <= before:
            raise DecodeError("the names of a record are not in ascending order")
        before = name


_COLLECTIONS: Final = frozenset({ExtCode.COPY_SET, ExtCode.COPY_BAG, ExtCode.COPY_MAP, ExtCode.TAGGED})


def _collect_slots(raw: Any, slots: dict[bytes, None], room: int) -> None:
    kind = type(raw)
    if kind is Ext:
        if raw.code == ExtCode.REFERENCE:
            slots[raw.data] = None
            return
        if raw.code not in _COLLECTIONS:
            return
        parts = _parse(raw.data)
    elif kind is dict:
        parts = raw.values()
    elif kind is list:
        parts = raw
    else:
        return
    if room == 0:
        raise DecodeError(f"the value is nested deeper than {MAX_DEPTH} levels")
    for part in parts:
        if type(part) not in _PLAIN_OR_INT:
            _collect_slots(part, slots, room - 1)


def _build(collection: Callable[[Any], Any], members: list[Any]) -> Any:
    try:
        return collection(members)
    except (CopyDataError, NotPassableError) as error:
        raise DecodeError(str(error)) from None


def _signed(number: int) -> bytes:
    """Write *number* in two's complement, big-endian, in as few bytes as hold it."""
    return number.to_bytes((number if number >= 0 else ~number).bit_length() // 8 + 1, "big", signed=True)


def _parse_signed(data: bytes) -> int:
    number = int.from_bytes(data, "big", signed=True)
    if _signed(number) != data:
        raise DecodeError("a number is not written in as few bytes as hold it")
    return number


def _take_number(data: bytes, size: int) -> int:
    if len(data) != size:
        raise DecodeError(f"a number of {size} bytes has {len(data)}")
    return int.from_bytes(data, "big", signed=True)


def _lower_datetime(value: datetime) -> Ext:
    code = ExtCode.NAIVE_DATETIME if value.tzinfo is None else ExtCode.INSTANT
    microseconds = (value.replace(tzinfo=None) - _EPOCH) // _MICROSECOND
    return Ext(code, microseconds.to_bytes(8, "big", signed=True))


def _lift_naive_datetime(_codec: ValueCodec, data: bytes, _room: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=_take_number(data, 8))
    except OverflowError:
        raise DecodeError("a datetime lies outside the years 1 to 9999") from None


def _lift_instant(codec: ValueCodec, data: bytes, room: int) -> datetime:
    return _lift_naive_datetime(codec, data, room).replace(tzinfo=timezone.utc)


def _lower_date(value: date) -> Ext:
    return Ext(ExtCode.DATE, value.toordinal().to_bytes(4, "big"))


def _lift_date(_codec: ValueCodec, data: bytes, _room: int) -> date:
    try:
        return date.fromordinal(_take_number(data, 4))
    except (ValueError, OverflowError):
        raise DecodeError("a date lies outside the years 1 to 9999") from None


def _lower_time(value: time) -> Ext:
    moment = ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
    offset = value.utcoffset()
    zone = b"" if offset is None else (offset // _MICROSECOND).to_bytes(5, "big", signed=True)
    return Ext(ExtCode.TIME, moment.to_bytes(5, "big") + zone)


def _lift_time(_codec: ValueCodec, data: bytes, _room: int) -> time:
    moment = _take_number(data[:5], 5)
    zone = None
    if len(data) != 5:
        offset = _take_number(data[5:], 5)
        if abs(offset) >= _MICROSECONDS_A_DAY:
            raise DecodeError("a time is a day or more away from UTC")
        zone = timezone(timedelta(microseconds=offset))
    if not 0 <= moment < _MICROSECONDS_A_DAY:
        raise DecodeError("a time lies outside the day")
    return (_EPOCH + timedelta(microseconds=moment)).time().replace(tzinfo=zone)


def _lower_timedelta(value: timedelta) -> Ext:
    return Ext(ExtCode.TIMEDELTA, _signed(value // _MICROSECOND))


def _lift_timedelta(_codec: ValueCodec, data: bytes, _room: int) -> timedelta:
    try:
        days, microseconds = divmod(_parse_signed(data), _MICROSECONDS_A_DAY)
        return timedelta(days, 0, microseconds)
    except OverflowError:
        raise DecodeError("a timedelta is longer than any") from None


def _lower_decimal(value: Decimal) -> Ext:
    return Ext(ExtCode.DECIMAL, str(value).encode())


def _lift_decimal(_codec: ValueCodec, data: bytes, _room: int) -> Decimal:
    try:
        text = data.decode("ascii")
        value = Decimal(text)
    except (ValueError, ArithmeticError):
        raise DecodeError("a decimal is no decimal") from None
    special = value.is_snan() or (value.is_nan() and text != "NaN") or (value.is_zero() and value.is_signed())
    if special or str(value) != text:
        raise DecodeError("a decimal is not written as decimals are")
    return value


def _lower_uuid(value: UUID) -> Ext:
    return Ext(ExtCode.UUID, value.bytes)


def _lift_uuid(_codec: ValueCodec, data: bytes, _room: int) -> UUID:
    if len(data) != 16:
        raise DecodeError(f"a UUID has 16 bytes, not {len(data)}")
    return UUID(bytes=data)


def _lift_big_int(_codec: ValueCodec, data: bytes, _room: int) -> int:
    number = _parse_signed(data)
    if _MIN_INT <= number <= _MAX_INT:
        raise DecodeError("an int of 64 bits is written as a longer one")
    return number


_LOWER_SCALAR: Final[dict[type, Callable[[Any], Ext]]] = {
    datetime: _lower_datetime,
    date: _lower_date,
    time: _lower_time,
    timedelta: _lower_timedelta,
    Decimal: _lower_decimal,
    UUID: _lower_uuid,
}

_LIFT: Final[dict[int, Callable[[ValueCodec, bytes, int], Any]]] = {
    ExtCode.REFERENCE: ValueCodec._lift_reference,
    ExtCode.BIG_INT: _lift_big_int,
    ExtCode.TAGGED: ValueCodec._lift_tagged,
    ExtCode.COPY_SET: ValueCodec._lift_set,
    ExtCode.COPY_BAG: ValueCodec._lift_bag,
    ExtCode.COPY_MAP: ValueCodec._lift_map,
    ExtCode.EXCEPTION: ValueCodec._lift_exception,
    ExtCode.INSTANT: _lift_instant,
    ExtCode.NAIVE_DATETIME: _lift_naive_datetime,
    ExtCode.DATE: _lift_date,
    ExtCode.TIME: _lift_time,
    ExtCode.TIMEDELTA: _lift_timedelta,
    ExtCode.DECIMAL: _lift_decimal,
    ExtCode.UUID: _lift_uuid,
    ExtCode.ENUM: ValueCodec._lift_enum,
}
