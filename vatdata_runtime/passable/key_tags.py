"""The first byte of an encoded key for each kind, which puts the kinds in their order."""

from __future__ import annotations

from typing import Final

__all__ = ["KeyTag", "key_range_of_kind"]


class KeyTag:
    """First bytes of encoded keys, in the order of the kinds; ``END`` is below every one of them.

    Bytes that no kind uses are left for kinds to come; from ``ABOVE_KEYS`` on a byte never starts a key, so a
    store may use it for rows of its own.
    """

    END: Final = 0x00
    NAME: Final = 0x01
    ERROR: Final = 0x10  # never written: errors and promises have a place in the order, but are no keys
    RECORD: Final = 0x14
    COPY_BAG: Final = 0x18
    COPY_MAP: Final = 0x19
    COPY_SET: Final = 0x1A
    PROMISE: Final = 0x20
    TUPLE: Final = 0x24
    BYTES: Final = 0x28
    FALSE: Final = 0x2C
    TRUE: Final = 0x2D
    FLOAT: Final = 0x30
    INT_LONG_NEGATIVE: Final = 0x40
    INT_ZERO: Final = 0x49  # 0x41-0x48: negative, of 8 to 1 bytes; 0x4A-0x51: positive, of 1 to 8 bytes
    INT_LONG_POSITIVE: Final = 0x52
    REMOTABLE: Final = 0x58
    STR: Final = 0x60
    NONE: Final = 0x68
    DATE: Final = 0x70
    DATETIME: Final = 0x74
    DECIMAL: Final = 0x78
    UUID: Final = 0x7C
    ABOVE_KEYS: Final = 0x80


def _range(first: int, last: int) -> tuple[bytes, bytes]:
    return bytes((first,)), bytes((last + 1,))


_NO_KEYS = (b"", b"")
_RANGES: Final[dict[str, tuple[bytes, bytes]]] = {
    "record": _range(KeyTag.RECORD, KeyTag.RECORD),
    "copy_bag": _range(KeyTag.COPY_BAG, KeyTag.COPY_BAG),
    "copy_map": _range(KeyTag.COPY_MAP, KeyTag.COPY_MAP),
    "copy_set": _range(KeyTag.COPY_SET, KeyTag.COPY_SET),
    "tuple": _range(KeyTag.TUPLE, KeyTag.TUPLE),
    "bytes": _range(KeyTag.BYTES, KeyTag.BYTES),
    "bool": _range(KeyTag.FALSE, KeyTag.TRUE),
    "float": _range(KeyTag.FLOAT, KeyTag.FLOAT),
    "int": _range(KeyTag.INT_LONG_NEGATIVE, KeyTag.INT_LONG_POSITIVE),
    "remotable": _range(KeyTag.REMOTABLE, KeyTag.REMOTABLE),
    "str": _range(KeyTag.STR, KeyTag.STR),
    "none": _range(KeyTag.NONE, KeyTag.NONE),
    "date": _range(KeyTag.DATE, KeyTag.DATE),
    "datetime": _range(KeyTag.DATETIME, KeyTag.DATETIME),
    "decimal": _range(KeyTag.DECIMAL, KeyTag.DECIMAL),
    "uuid": _range(KeyTag.UUID, KeyTag.UUID),
    "error": _NO_KEYS,
    "tagged": _NO_KEYS,
    "promise": _NO_KEYS,
    "time": _NO_KEYS,
    "timedelta": _NO_KEYS,
    "enum": _NO_KEYS,
}


def key_range_of_kind(kind: str) -> tuple[bytes, bytes]:
    """Return the range of encoded keys that holds every key of *kind* and no other.

    Args:
        kind: a kind name as ``pass_style_of`` gives it.

    Returns:
        ``(start, stop)``, start included and stop excluded; two empty strings for a kind without keys.

    Raises:
        KeyError: there is no such kind.
    """
    return _RANGES[kind]
