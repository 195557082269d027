"""Scalars that MessagePack has no type for, as extensions; ``docs/encoding.md`` describes every byte."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from msgspec.msgpack import Ext

from vatdata_runtime.passable.decode_error import DecodeError

__all__ = ["LIFT_SCALAR", "LOWER_SCALAR", "ExtCode", "lower_int"]


class ExtCode:
    """Codes of the MessagePack extensions."""

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


_MIN_INT: Final = -(1 << 63)
_MAX_INT: Final = (1 << 64) - 1
_MICROSECOND: Final = timedelta(microseconds=1)
_MICROSECONDS_A_DAY: Final = 86_400_000_000
_EPOCH: Final = datetime(1970, 1, 1)


def lower_int(value: int) -> int | Ext:
    """Return *value* where MessagePack has room for it, an extension where it needs more than 64 bits."""
    return value if _MIN_INT <= value <= _MAX_INT else Ext(ExtCode.BIG_INT, _signed(value))


def _lift_big_int(data: bytes) -> int:
    number = _parse_signed(data)
    if _MIN_INT <= number <= _MAX_INT:
        raise DecodeError("an int of 64 bits is written as a longer one")
    return number


def _lower_datetime(value: datetime) -> Ext:
    code = ExtCode.NAIVE_DATETIME if value.tzinfo is None else ExtCode.INSTANT
    microseconds = (value.replace(tzinfo=None) - _EPOCH) // _MICROSECOND
    return Ext(code, microseconds.to_bytes(8, "big", signed=True))


def _lift_naive_datetime(data: bytes) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=_take_number(data, 8))
    except OverflowError:
        raise DecodeError("a datetime lies outside the years 1 to 9999") from None


def _lift_instant(data: bytes) -> datetime:
    return _lift_naive_datetime(data).replace(tzinfo=UTC)


def _lower_date(value: date) -> Ext:
    return Ext(ExtCode.DATE, value.toordinal().to_bytes(4, "big"))


def _lift_date(data: bytes) -> date:
    try:
        return date.fromordinal(_take_number(data, 4))
    except (ValueError, OverflowError):
        raise DecodeError("a date lies outside the years 1 to 9999") from None


def _lower_time(value: time) -> Ext:
    moment = ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
    offset = value.utcoffset()
    zone = b"" if offset is None else (offset // _MICROSECOND).to_bytes(5, "big", signed=True)
    return Ext(ExtCode.TIME, moment.to_bytes(5, "big") + zone)


def _lift_time(data: bytes) -> time:
    moment = _take_number(data[:5], 5)
    if not 0 <= moment < _MICROSECONDS_A_DAY:
        raise DecodeError("a time lies outside the day")
    zone = None
    if len(data) > 5:
        offset = _take_number(data[5:], 5)
        if abs(offset) >= _MICROSECONDS_A_DAY:
            raise DecodeError("the zone of a time is a day or more away from UTC")
        zone = timezone(timedelta(microseconds=offset))
    return (_EPOCH + timedelta(microseconds=moment)).time().replace(tzinfo=zone)


def _lower_timedelta(value: timedelta) -> Ext:
    return Ext(ExtCode.TIMEDELTA, _signed(value // _MICROSECOND))


def _lift_timedelta(data: bytes) -> timedelta:
    days, microseconds = divmod(_parse_signed(data), _MICROSECONDS_A_DAY)
    try:
        return timedelta(days, 0, microseconds)
    except OverflowError:
        raise DecodeError("a timedelta is longer than any") from None


def _lower_decimal(value: Decimal) -> Ext:
    return Ext(ExtCode.DECIMAL, str(value).encode())


def _lift_decimal(data: bytes) -> Decimal:
    try:
        text = data.decode("ascii")
        value = Decimal(text)
    except (ValueError, ArithmeticError):
        raise DecodeError("a decimal is no number") from None
    if value.is_nan():
        plain = text == "NaN"
    else:
        plain = str(value) == text and not (value.is_zero() and value.is_signed())
    if not plain:
        raise DecodeError("a decimal is not written as decimals are")
    return value


def _lower_uuid(value: UUID) -> Ext:
    return Ext(ExtCode.UUID, value.bytes)


def _lift_uuid(data: bytes) -> UUID:
    if len(data) != 16:
        raise DecodeError(f"a UUID has 16 bytes, not {len(data)}")
    return UUID(bytes=data)


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


LOWER_SCALAR: Final[dict[type, Callable[[Any], Any]]] = {
    int: lower_int,
    datetime: _lower_datetime,
    date: _lower_date,
    time: _lower_time,
    timedelta: _lower_timedelta,
    Decimal: _lower_decimal,
    UUID: _lower_uuid,
}
"""How frozen scalars that MessagePack cannot hold become what it can."""

LIFT_SCALAR: Final[dict[int, Callable[[bytes], Any]]] = {
    ExtCode.BIG_INT: _lift_big_int,
    ExtCode.INSTANT: _lift_instant,
    ExtCode.NAIVE_DATETIME: _lift_naive_datetime,
    ExtCode.DATE: _lift_date,
    ExtCode.TIME: _lift_time,
    ExtCode.TIMEDELTA: _lift_timedelta,
    ExtCode.DECIMAL: _lift_decimal,
    ExtCode.UUID: _lift_uuid,
}
"""How the payloads of scalar extensions become scalars; each raises ``DecodeError``."""
