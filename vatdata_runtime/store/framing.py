"""The trailer that ties a stored value to its key.

A stored value is the caller's bytes followed by four more: the CRC-32 of key and value. LMDB 0.9 keeps no
checksums of its own, so without the trailer a flipped bit on the disk would come back as another value.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from functools import cache
from operator import add
from zlib import crc32

__all__ = ["RESIDUE", "TRAILER_BYTES", "all_intact", "frame", "frame_all", "is_intact", "unframe"]

TRAILER_BYTES = 4

# The CRC-32 of anything followed by its own CRC-32, low byte first, is this constant. A check is therefore one
# pass and one comparison; the trailer never has to be cut out and decoded.
RESIDUE = 0x2144DF1C

_pack_trailer = struct.Struct("<I").pack


def frame(key: bytes, value: bytes) -> bytes:
    """Append the trailer of *value* under *key*.

    The key's length starts the sum, so that a boundary moved between key and value is noticed as well.
    Cost: about 0.2 us and 1.5 ns a byte.
    """
    return value + _pack_trailer(crc32(value, crc32(key, len(key))))


def frame_all(keys: Sequence[bytes], values: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Pair each of *keys* with its framed value, lazily and in order."""
    # Whole iterators instead of a loop: 10,000 entries pass without one instruction of Python between them.
    sums = map(crc32, values, map(crc32, keys, map(len, keys)))
    return zip(keys, map(add, values, map(_pack_trailer, sums)), strict=True)


def is_intact(key: bytes, framed: bytes) -> bool:
    """Say whether *framed* is exactly what ``frame`` made for *key*, as far as 32 bits can tell."""
    return crc32(framed, crc32(key, len(key))) == RESIDUE and len(framed) >= TRAILER_BYTES


def all_intact(keys: Sequence[bytes], framed: Sequence[bytes]) -> bool:
    """Say whether each of *framed* is what ``frame`` made for the key beside it, as far as 32 bits can tell.

    All entries pass through one sum. After an intact one it is ``RESIDUE``; four bytes put between two entries turn
    that into the length of the next key, which the sum of an entry begins with. A wrong sum stays wrong to the end,
    since each further byte turns different sums into different ones.

    Args:
        keys: at least one.
        framed: as many.

    Cost: 40 ns an entry of 50 bytes, where ``is_intact`` takes 150.
    """
    count = len(keys)
    lengths = list(map(len, keys))
    pieces = [_bridge(lengths[0])] * (3 * count)
    if lengths.count(lengths[0]) < count:
        pieces[::3] = map(_bridge, lengths)
    pieces[1::3] = keys
    pieces[2::3] = framed
    return crc32(b"".join(pieces), RESIDUE) == RESIDUE


@cache
def _bridge(length: int) -> bytes:
    """Return the four bytes that turn the sum ``RESIDUE`` into *length*."""
    # The register of a CRC-32 is the sum with all bits flipped. Four bytes act on it as their difference from it does,
    # followed by 32 steps of the shift register: so take those steps back from where it has to arrive.
    register = length ^ 0xFFFFFFFF
    for _ in range(32):
        register = ((register ^ _POLYNOMIAL) << 1 | 1) if register >> 31 else register << 1
    return (register ^ RESIDUE ^ 0xFFFFFFFF).to_bytes(4, "little")


_POLYNOMIAL = 0xEDB88320
"""Of CRC-32, lowest power first."""


def unframe(key: bytes, framed: bytes) -> bytes | None:
    """Return the value of *framed*, or None when its trailer does not fit *key* and value."""
    return framed[:-TRAILER_BYTES] if is_intact(key, framed) else None
