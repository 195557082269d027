"""MessagePack in its one shortest form, and nothing but that."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from types import FrameType
from typing import Any, Final, NoReturn

import msgspec
from msgspec import Raw

from vatdata_runtime.passable.decode_error import DecodeError
from vatdata_runtime.passable.freeze import MAX_DEPTH

__all__ = ["array_of_parts", "pack", "pack_parts", "parse", "parse_entries", "refuse_depth"]

pack: Final = msgspec.msgpack.Encoder().encode
_unpack: Final[Callable[[bytes], Any]] = msgspec.msgpack.Decoder().decode
_unpack_parts: Final = msgspec.msgpack.Decoder(list[Raw]).decode


def parse(data: bytes) -> Any:
    """Decode into lists, dicts, scalars and ``Ext``.

    Raises:
        DecodeError: *data* is not MessagePack in its shortest form, or names a field of a map twice.
    """
    try:
        raw = _unpack(data)
        # Encoding again costs half of decoding, and refuses long forms, fields named twice and timestamps.
        if pack(raw) == data:
            return raw
    except (msgspec.MsgspecError, UnicodeDecodeError, TypeError) as error:
        raise DecodeError(f"no MessagePack that is written here: {error}") from None
    except RecursionError:
        _blame_for_depth()
    raise DecodeError("the bytes are not the shortest form of what they say, or name a field twice")


def array_of_parts(parts: Sequence[bytes]) -> bytes:
    """Return the bytes of an array of parts that are encoded already, 65,535 at most."""
    count = len(parts)
    head = bytes((0x90 | count,)) if count < 16 else b"\xdc" + count.to_bytes(2, "big")
    return head + b"".join(parts)


def pack_parts(parts: list[bytes]) -> bytes:
    """Encode an array of parts that are encoded already."""
    return pack([Raw(part) for part in parts])


def parse_entries(data: bytes, width: int) -> list[bytes]:
    """Split what ``pack_parts`` encodes into its parts, where each *width* of them are an entry.

    Raises:
        DecodeError: *data* is no array of whole entries, or they are not in ascending order of their first
            parts.
    """
    try:
        raw = _unpack_parts(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DecodeError(f"no MessagePack that is written here: {error}") from None
    except RecursionError:
        _blame_for_depth()
    if pack(raw) != data or len(raw) % width:
        raise DecodeError("the payload of a collection is not an array of whole entries in its shortest form")
    parts = [bytes(part) for part in raw]
    if any(left >= right for left, right in pairwise(parts[::width])):
        raise DecodeError("the entries of a collection are not in ascending order of their bytes")
    return parts


def refuse_depth() -> NoReturn:
    """Refuse bytes with more levels of containers than a value may have."""
    raise DecodeError(f"the value is nested deeper than {MAX_DEPTH} levels")


def _blame_for_depth() -> NoReturn:
    """Refuse the bytes, or let the ``RecursionError`` go on where the caller was too deep already."""
    frames = 0
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        frames += 1
        frame = frame.f_back
    if sys.getrecursionlimit() - frames < 2 * MAX_DEPTH:
        raise  # noqa: PLE0704  # this function is called from except clauses only
    refuse_depth()
