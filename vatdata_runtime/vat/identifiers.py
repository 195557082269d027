"""Numbers, slots and store keys: how everything in a vat is named in bytes.

A *slot* is the name of one object as stored data holds it: a zone byte, the kind number, the instance number and,
for a facet of a kit, the facet number. Without the facet number it is a *base*, the unit of storage and collection.
Numbers are written so that byte order is number order, so instances made one after another lie side by side in the
store's tree.
"""

from __future__ import annotations

from typing import NewType

__all__ = [
    "DURABLE",
    "FIRST_USER_KIND",
    "HANDLE_KIND",
    "HEAP",
    "IMPORT",
    "PROMISE",
    "VIRTUAL",
    "Base",
    "Slot",
    "Space",
    "base_of",
    "behind",
    "decode_number",
    "encode_number",
    "format_vref",
    "is_number",
    "join_slot",
    "split_slot",
    "split_vref",
]

Slot = NewType("Slot", bytes)
"""Zone byte, kind number, instance number and, for facets, facet number."""

Base = NewType("Base", bytes)
"""A slot without facet number."""

DURABLE = b"d"
VIRTUAL = b"v"
HEAP = b"h"
IMPORT = b"i"
PROMISE = b"p"

HANDLE_KIND = 1
"""Kind number of kind handles; the instance number is the number of the kind that the handle stands for."""

FIRST_USER_KIND = 16
"""Kind numbers below are the library's own: 1 handles, 2 to 5 map, set, weak map, weak set."""

_ONE_BYTE = tuple(bytes((n,)) for n in range(0xF0))
_STORED_ZONES = frozenset(DURABLE + VIRTUAL)
_LONG = 0xEF  # first byte of an n-byte number is _LONG + n


def encode_number(n: int) -> bytes:
    """Write a number from 0 to 2**64 - 1 so that bytes order as numbers: one byte below 240, else length first."""
    if n < 0xF0:
        return _ONE_BYTE[n]
    if 0xFF < n < 0x10000:
        return (0xF10000 | n).to_bytes(3, "big")  # as below, in fewer steps
    size = (n.bit_length() + 7) >> 3
    return ((_LONG + size) << (8 * size) | n).to_bytes(size + 1, "big")


def decode_number(data: bytes, at: int) -> tuple[int, int]:
    """Read a number at offset *at*; returns it with the offset behind it.

    Raises:
        ValueError: the bytes end early or are not what ``encode_number`` writes.
    """
    if at >= len(data):
        raise ValueError(f"number missing at offset {at}")
    first = data[at]
    if first < 0xF0:
        return first, at + 1
    size = first - _LONG
    end = at + 1 + size
    n = int.from_bytes(data[at + 1 : end], "big")
    if size > 8 or end > len(data) or n < 0xF0 or (n.bit_length() + 7) >> 3 != size:
        raise ValueError(f"malformed number at offset {at}")
    return n, end


def is_number(data: bytes, at: int) -> bool:
    """Say whether the bytes from offset *at* on are one number as ``encode_number`` writes it."""
    size = len(data) - at - 1  # of what the first byte counts
    if size > 1:
        return data[at] == _LONG + size and data[at + 1] != 0 and size <= 8
    return data[at] == _LONG + 1 and data[at + 1] >= 0xF0 if size == 1 else size == 0 and data[at] < 0xF0


def join_slot(zone: bytes, kind: int, instance: int, facet: int | None = None) -> Slot:
    """Build a slot from its parts."""
    slot = zone + encode_number(kind) + encode_number(instance)
    return Slot(slot if facet is None else slot + encode_number(facet))


def split_slot(slot: bytes) -> tuple[bytes, int, int, int | None]:
    """Take a stored object's slot apart: zone byte, kind, instance, facet or None.

    Raises:
        ValueError: the bytes are no slot of a durable or virtual object.
    """
    zone = slot[:1]
    if zone not in (DURABLE, VIRTUAL):
        raise ValueError(f"not the slot of a stored object: {slot!r}")
    kind, at = decode_number(slot, 1)
    instance, at = decode_number(slot, at)
    if at == len(slot):
        return zone, kind, instance, None
    facet, at = decode_number(slot, at)
    if at != len(slot):
        raise ValueError(f"bytes behind the facet number: {slot!r}")
    return zone, kind, instance, facet


def base_of(slot: bytes) -> Base:
    """Cut the facet number off. Heap objects, imports and promises have none and come back unchanged."""
    # A NewType is called, and this runs for every reference that a crank stores: hence the ignored types.
    if slot[0] not in _STORED_ZONES:
        return slot  # type: ignore[return-value]
    # Not decoded, only measured.
    first, size = slot[1], len(slot)
    if first < 0xF0 and (size == 3 or slot[2] - size == _LONG - 3):
        return slot  # type: ignore[return-value]  # nothing is behind the instance's number, as most often
    at = 2 if first < 0xF0 else first - _LONG + 2
    first = slot[at]
    at += 1 if first < 0xF0 else first - _LONG + 1
    return Base(slot if at == len(slot) else slot[:at])


def format_vref(slot: bytes) -> str:
    """Write a slot for people: ``o+d11/2:0`` durable, ``o+v11/2`` virtual, ``o+3`` heap, ``o-4`` import, ``p+5``.

    What is no slot is written in hexadecimal digits, since this serves messages about damage too.
    """
    try:
        return _format_vref(slot)
    except (ValueError, KeyError):
        return f"0x{slot.hex()}"


def _format_vref(slot: bytes) -> str:
    zone = slot[:1]
    if zone in (DURABLE, VIRTUAL):
        _, kind, instance, facet = split_slot(slot)
        tail = "" if facet is None else f":{facet}"
        return f"o+{zone.decode()}{kind}/{instance}{tail}"
    number, _ = decode_number(slot, 1)
    return {HEAP: f"o+{number}", IMPORT: f"o-{number}", PROMISE: f"p+{number}"}[zone]


def split_vref(vref: str) -> Slot:
    """Read what ``format_vref`` writes.

    Raises:
        ValueError: *vref* is malformed.
    """
    try:
        sort, rest = vref[:2], vref[2:]
        if sort == "o+" and rest[:1] in ("d", "v"):
            kind, _, instance = rest[1:].partition("/")
            number, _, facet = instance.partition(":")
            return join_slot(rest[0].encode(), int(kind), int(number), int(facet) if facet else None)
        zone = {"o+": HEAP, "o-": IMPORT, "p+": PROMISE}[sort]
        return Slot(zone + encode_number(int(rest)))
    except (KeyError, ValueError):
        raise ValueError(
            f"{vref!r} is not an object reference; write it like 'o+d11/2' or 'o+d11/2:0'"
        ) from None


def behind(prefix: bytes) -> bytes:
    """Return the first key behind all that begin with *prefix*, those that no sound program writes included."""
    kept = prefix.rstrip(b"\xff")
    return kept[:-1] + bytes((kept[-1] + 1,))


class Space:
    """Where one vat keeps what in the store: the key prefix of each sort of record.

    Durable data of a vat lies under its number, virtual data under its number and incarnation, so that the virtual
    data of an ended incarnation is one range to delete. ``STORAGE.md`` describes every record.
    """

    __slots__ = (
        "collection",
        "count",
        "counter",
        "doomed",
        "end",
        "entry",
        "head",
        "kind",
        "meta",
        "ordinal",
        "prefix",
        "provided",
        "recognizer",
        "record",
        "watch",
        "zero",
    )

    def __init__(self, prefix: bytes) -> None:
        self.prefix = prefix
        self.end = prefix + b"\xff"
        self.count = prefix + b"c"
        self.counter = prefix + b"n"
        self.doomed = prefix + b"x"
        self.collection = prefix + b"s"
        self.entry = prefix + b"e"
        self.head = prefix + b"h"
        self.kind = prefix + b"k"
        self.meta = prefix + b"m"
        self.ordinal = prefix + b"q"
        self.record = prefix + b"o"
        self.provided = prefix + b"f"
        self.recognizer = prefix + b"w"
        self.watch = prefix + b"p"
        self.zero = prefix + b"z"

    @classmethod
    def durable(cls, vat: int) -> Space:
        """The durable space of vat number *vat*."""
        return cls(b"\x02" + encode_number(vat))

    @classmethod
    def virtual(cls, vat: int, incarnation: int) -> Space:
        """The virtual space of one incarnation of vat number *vat*."""
        return cls(b"\x03" + encode_number(vat) + encode_number(incarnation))
