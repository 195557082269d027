"""The form of a vat's keys and counts, checked one by one: for stores that a walk cannot get through."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..passable import KeyTag
from .crank_buffer import ReadView
from .difference import Difference
from .identifiers import DURABLE, IMPORT, VIRTUAL, Space, decode_number, encode_number, split_slot
from .stores.entries import encode_ordinal

__all__ = ["malformed_records"]

_END = b"\xff"
_ORDINAL_END = len(encode_ordinal(0))


def malformed_records(view: ReadView, vat_number: int) -> Iterator[Difference]:
    """Find the keys of a vat, and the numbers stored under them, that have not the form described in ``STORAGE.md``.

    Args:
        view: what is committed.
        vat_number: the vat's number in the store.

    Cost: reads everything once.
    """
    durable = Space.durable(vat_number).prefix
    virtual = b"\x03" + encode_number(vat_number)
    for prefix, has_incarnation in ((durable, False), (virtual, True)):
        for key, data in view.scan(prefix, prefix + _END):
            try:
                at = decode_number(key, len(prefix))[1] if has_incarnation else len(prefix)
                if at == len(key):
                    raise ValueError("it ends where its sort should be")
                check = _CHECKS.get(key[at : at + 1])
                if check is not None:
                    check(key[at + 1 :], data)
            except (ValueError, IndexError) as error:
                yield Difference(key, "a record", f"has no form that it could have: {error}")


def _count(key: bytes, data: bytes) -> None:
    _slot(key)
    _numbers(data, 1)


def _entry(key: bytes, _data: bytes) -> None:
    _, at = decode_number(key, 0)
    if at == len(key):
        raise ValueError("the key of the entry is missing")
    if key[at] == KeyTag.REMOTABLE:
        _slot(key[at + _ORDINAL_END :])


def _head(key: bytes, data: bytes) -> None:
    _numbers(key, 1)
    _numbers(data, 2)


def _numbered(key: bytes, _data: bytes) -> None:
    _numbers(key, 1)


def _counter(key: bytes, data: bytes) -> None:
    _numbers(key, 1)
    _numbers(data, 1)


def _instance(key: bytes, _data: bytes) -> None:
    _numbers(key, 2)


def _ordinal(key: bytes, data: bytes) -> None:
    _, at = decode_number(key, 0)
    _slot(key[at:])
    _numbers(data, 1)


def _marked(key: bytes, _data: bytes) -> None:
    _slot(key)


_CHECKS: dict[bytes, Callable[[bytes, bytes], None]] = {
    b"c": _count,
    b"e": _entry,
    b"f": _numbered,
    b"h": _head,
    b"k": _numbered,
    b"n": _counter,
    b"o": _instance,
    b"p": _numbered,
    b"q": _ordinal,
    b"s": _numbered,
    b"x": _marked,
    b"z": _marked,
}


def _numbers(data: bytes, count: int) -> None:
    at = 0
    for _ in range(count):
        _, at = decode_number(data, at)
    if at != len(data):
        raise ValueError(f"{len(data) - at} bytes too many at offset {at}")


def _slot(data: bytes) -> None:
    zone = data[:1]
    if zone in (DURABLE, VIRTUAL):
        split_slot(data)
        return
    _, at = decode_number(data, 1)
    if zone == IMPORT:
        # The name of an object in another vat: its zone, and for what ends with its incarnation that number first.
        if at == len(data):
            raise ValueError("the name of an object is missing")
        decode_number(data, at + 1)
