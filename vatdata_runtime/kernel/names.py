"""How an object is named between vats: the vat that has it, and what that vat calls it.

A name needs no table to be understood, so sending a reference costs no look-up. Durable objects keep their name for
ever, and so does a vat's root. Names of heap and virtual objects carry the incarnation that they end with.
"""

from __future__ import annotations

from ..vat.identifiers import DURABLE, HEAP, IMPORT, PROMISE, Slot, base_of, decode_number, encode_number

__all__ = ["ROOT", "global_name", "promise_name", "promise_number", "split_global", "without_facet"]

ROOT = Slot(HEAP + encode_number(0))
"""What every vat calls its root. Heap objects are numbered from 1."""


def global_name(vat: int, incarnation: int, slot: Slot) -> Slot:
    """Name an object of a vat for other vats; the name is also its slot in them."""
    zone = slot[:1]
    if zone == DURABLE or slot == ROOT:
        return Slot(IMPORT + encode_number(vat) + slot)
    return Slot(IMPORT + encode_number(vat) + zone + encode_number(incarnation) + slot[1:])


def split_global(name: bytes) -> tuple[int, int | None, Slot]:
    """Take a name apart: the vat, the incarnation that the object ends with or None, and the slot in its vat.

    Raises:
        ValueError: the bytes are no name.
    """
    vat, at = decode_number(name, 1)
    own = name[at:]
    if own[:1] == DURABLE or own == ROOT:
        return vat, None, Slot(own)
    incarnation, at = decode_number(own, 1)
    return vat, incarnation, Slot(own[:1] + own[at:])


def without_facet(name: Slot) -> Slot:
    """Cut the facet number off the name of an object."""
    _, at = decode_number(name, 1)
    zone = name[at : at + 1]
    if zone == DURABLE:
        return Slot(name[: at + len(base_of(name[at:]))])
    if zone == HEAP:
        return name
    _, at = decode_number(name, at + 1)
    return Slot(name[: at - 1 + len(base_of(zone + name[at:]))])


def promise_name(number: int) -> bytes:
    """Name a promise that vats share."""
    return PROMISE + encode_number(number)


def promise_number(name: bytes) -> int:
    """Return the number that ``promise_name`` was given."""
    number, _ = decode_number(name, 1)
    return number
