"""New inputs from old ones: bits flipped, pieces cut, repeated, exchanged, telling numbers put in; or only what is needed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

__all__ = ["mutated", "smaller"]

_TELLING = (
    b"\x00",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff\xff\xff\xff\xff",
    b"\xdd\xff\xff\xff\xff",  # an array of four thousand million
    b"\xc9\xff\xff\xff\xff\x01",  # an extension of as many bytes
    b"\x91" * 200,
    b"[" * 2000,
    b"1e999",
    b"\xed\xa0\x80",  # half a surrogate pair
    b"\xf0\x9f\x98\x8b",
    b"\r\n",
    b"\x0c",
)


def mutated(seed: bytes, others: Sequence[bytes], dice: random.Random) -> bytes:
    """Return *seed* with one to four changes.

    Args:
        others: inputs from which pieces are taken.
    """
    data = seed
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        change = dice.choice(_CHANGES)
        data = change(data, others, dice)
    return data


def _flip(data: bytes, _others: Sequence[bytes], dice: random.Random) -> bytes:
    if not data:
        return b"\x00"
    at = dice.randrange(len(data))
    return data[:at] + bytes((data[at] ^ 1 << dice.randrange(8),)) + data[at + 1 :]


def _cut(data: bytes, _others: Sequence[bytes], dice: random.Random) -> bytes:
    start, stop = _piece(data, dice)
    return data[:start] + data[stop:]


def _truncate(data: bytes, _others: Sequence[bytes], dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


def _repeat(data: bytes, _others: Sequence[bytes], dice: random.Random) -> bytes:
    start, stop = _piece(data, dice)
    return data[:stop] + data[start:stop] * dice.choice((1, 2, 50)) + data[stop:]


def _put(data: bytes, _others: Sequence[bytes], dice: random.Random) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + dice.choice(_TELLING) + data[at + dice.randrange(2) :]


def _splice(data: bytes, others: Sequence[bytes], dice: random.Random) -> bytes:
    other = dice.choice(others) if others else data
    start, stop = _piece(other, dice)
    at = dice.randrange(len(data) + 1)
    return data[:at] + other[start:stop] + data[at + dice.choice((0, stop - start)) :]


def _piece(data: bytes, dice: random.Random) -> tuple[int, int]:
    start = dice.randrange(len(data) + 1)
    return start, min(len(data), start + dice.choice((1, 1, 2, 4, 8, 30)))


_CHANGES: tuple[Callable[[bytes, Sequence[bytes], random.Random], bytes], ...] = (
    _flip,
    _flip,
    _cut,
    _truncate,
    _repeat,
    _put,
    _splice,
)


def smaller(data: bytes, is_still: Callable[[bytes], bool], tries: int = 10_000) -> bytes:
    """Leave out of an input what it does not need.

    Args:
        is_still: whether a shorter input is still what this one is; called at most *tries* times.
    """
    size = len(data) // 2
    while size:
        at = 0
        while at < len(data):
            if not tries:
                return data
            tries -= 1
            shorter = data[:at] + data[at + size :]
            if is_still(shorter):
                data = shorter
            else:
                at += size
        size //= 2
    return data
