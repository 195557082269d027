"""Keys as bytes whose order is the order of the keys; ``docs/encoding.md`` describes every byte."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import isnan
from typing import Any, Final
from uuid import UUID

from vatdata_runtime.errors import NotAKeyError
from vatdata_runtime.passable.classes import class_of
from vatdata_runtime.passable.immutable import CopyData
from vatdata_runtime.passable.key_tags import KeyTag
from vatdata_runtime.passable.remotable import Remotable

__all__ = [
    "DECIMAL_EXPONENT_BIAS",
    "EPOCH",
    "INSTANT_BIAS",
    "OrdinalOf",
    "encode_key",
    "encode_key_part",
    "encode_text_part",
    "flip_bits",
]

OrdinalOf = Callable[[Remotable], int]
"""Gives a remotable its number in the order, 0 to 2**64 - 1; never the same for two that can meet."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
INSTANT_BIAS: Final = 1 << 63
DECIMAL_EXPONENT_BIAS: Final = 1 << 63

_MICROSECOND: Final = timedelta(microseconds=1)
_FLOAT: Final = struct.Struct(">d")
_FLIPPED: Final = bytes(range(255, -1, -1))
_STR: Final = bytes((KeyTag.STR,))
_BYTES: Final = bytes((KeyTag.BYTES,))
_REMOTABLE: Final = bytes((KeyTag.REMOTABLE,))
_TUPLE: Final = bytes((KeyTag.TUPLE,))
_END: Final = bytes((KeyTag.END,))
_POSITIVE_INT: Final = tuple(bytes((KeyTag.INT_ZERO + size,)) for size in range(9))
_NEGATIVE_INT: Final = tuple(bytes((KeyTag.INT_ZERO - size,)) for size in range(9))


def encode_key(key: Any, ordinal_of: OrdinalOf) -> bytes:
    """Encode *key* so that bytes compare as the keys do.

    Equal keys, and only they, have equal bytes; ``encode_key(a) < encode_key(b)`` exactly when *a* comes
    first in the order of keys, with remotables ordered by their ordinal.

    Args:
        key: a frozen key.
        ordinal_of: gives each remotable in *key* its place; what it raises is raised.

    Raises:
        NotAKeyError: *key* is not frozen or no key, or a part of it is none.

    Cost: about 0.2 us for a text, an int or a remotable.
    Source: Appendix A of the store catalogue; the original's ``encodePassable`` writes text, this writes
    bytes.
    """
    kind = class_of(key)
    if kind is int:
        number: int = key
        size = (number.bit_length() + 7) >> 3
        if size > 8:
            return _encode_int(number)
        if number >= 0:
            return _POSITIVE_INT[size] + number.to_bytes(size, "big")
        return _NEGATIVE_INT[size] + (-number).to_bytes(size, "big").translate(_FLIPPED)
    if kind is str:
        text: str = key
        return _STR + text.encode()
    if isinstance(key, Remotable):
        return _REMOTABLE + ordinal_of(key).to_bytes(8, "big")
    if kind is bytes:
        data: bytes = key
        return _BYTES + data
    return encode_key_part(key, ordinal_of)


def encode_key_part(key: Any, ordinal_of: OrdinalOf) -> bytes:
    """Encode *key* as part of a larger key: as ``encode_key`` does, but so that the end shows."""
    kind = class_of(key)
    if kind is str:
        return _STR + encode_text_part(key)
    if kind is bytes:
        return _BYTES + _escape(key)
    if kind is tuple:
        return b"".join((_TUPLE, *[encode_key_part(item, ordinal_of) for item in key], _END))
    encode = _SCALARS.get(kind)
    if encode is not None:
        encoded: bytes = encode(key)
        return encoded
    if isinstance(key, Remotable):
        return _REMOTABLE + ordinal_of(key).to_bytes(8, "big")
    if isinstance(key, CopyData):
        return key.encode_as_key(ordinal_of)
    raise NotAKeyError(f"{key!r} is a {kind.__name__}")


def encode_text_part(text: str) -> bytes:
    """Encode *text*, in the order of code points, so that its end shows: UTF-8, zeros marked, and a zero."""
    return _escape(text.encode())


def flip_bits(data: bytes) -> bytes:
    """Turn the order of byte strings of one length round."""
    return data.translate(_FLIPPED)


def _escape(data: bytes) -> bytes:
    # A zero inside is followed by FF; the zero that ends the text is followed by the next part's tag or by
    # nothing, and no tag is FF. So the end sorts before every continuation, also before one that begins with
    # a zero.
    return data.replace(b"\x00", b"\x00\xff") + _END


def _encode_int(key: int) -> bytes:
    size = (key.bit_length() + 7) >> 3
    if key >= 0:
        if size <= 8:
            return _POSITIVE_INT[size] + key.to_bytes(size, "big")
        return bytes((KeyTag.INT_LONG_POSITIVE,)) + _counted(key, size)
    if size <= 8:
        return _NEGATIVE_INT[size] + flip_bits((-key).to_bytes(size, "big"))
    return bytes((KeyTag.INT_LONG_NEGATIVE,)) + flip_bits(_counted(-key, size))


def _counted(magnitude: int, size: int) -> bytes:
    return size.to_bytes(8, "big") + magnitude.to_bytes(size, "big")


def _encode_none(_key: None) -> bytes:
    return bytes((KeyTag.NONE,))


def _encode_bool(key: bool) -> bytes:
    return bytes((KeyTag.TRUE if key else KeyTag.FALSE,))


def _encode_float(key: float) -> bytes:
    if isnan(key):
        return bytes((KeyTag.FLOAT,)) + b"\xff\xf8\x00\x00\x00\x00\x00\x00"
    data = _FLOAT.pack(key + 0.0)  # adding zero makes -0.0 the other zero, and changes nothing else
    if data[0] & 0x80:
        return bytes((KeyTag.FLOAT,)) + flip_bits(data)
    return bytes((KeyTag.FLOAT, data[0] | 0x80)) + data[1:]


def _encode_date(key: date) -> bytes:
    return bytes((KeyTag.DATE,)) + key.toordinal().to_bytes(4, "big")


def _encode_datetime(key: datetime) -> bytes:
    if key.utcoffset() is None:
        raise NotAKeyError(
            f"{key!r} has no zone, so it is no point in time. Give it one, tzinfo=timezone.utc say"
        )
    return bytes((KeyTag.DATETIME,)) + ((key - EPOCH) // _MICROSECOND + INSTANT_BIAS).to_bytes(8, "big")


def _encode_decimal(key: Decimal) -> bytes:
    tag = bytes((KeyTag.DECIMAL,))
    if key.is_nan():
        return tag + b"\x05"
    if key.is_infinite():
        return tag + (b"\x00" if key < 0 else b"\x04")
    if key.is_zero():
        return tag + b"\x02"
    digits = "".join(map(str, key.as_tuple().digits)).rstrip("0")
    exponent = (key.adjusted() + DECIMAL_EXPONENT_BIAS).to_bytes(8, "big")
    padded = digits + "0" * (len(digits) % 2)
    pairs = bytes(int(padded[at : at + 2]) + 1 for at in range(0, len(padded), 2))
    body = exponent + pairs + _END
    return tag + (b"\x01" + flip_bits(body) if key < 0 else b"\x03" + body)


def _encode_uuid(key: UUID) -> bytes:
    return bytes((KeyTag.UUID,)) + key.bytes


_SCALARS: Final[dict[type, Callable[[Any], bytes]]] = {
    type(None): _encode_none,
    bool: _encode_bool,
    int: _encode_int,
    float: _encode_float,
    date: _encode_date,
    datetime: _encode_datetime,
    Decimal: _encode_decimal,
    UUID: _encode_uuid,
}
