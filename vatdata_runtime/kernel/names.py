"""How an object is named between vats: the vat that has it, and what that vat calls it.

A name needs no table to be understood, so sending a reference costs no look-up. Durable objects keep their name for
ever, and so does a vat's root. Names of heap and virtual objects carry the incarnation that they end with.
"""

from __future__ import annotations

from functools import lru_cache

from ..vat.identifiers import DURABLE, HEAP, IMPORT, PROMISE, Slot, base_of, decode_number, encode_number

__all__ = [
    "HOST",
    "ROOT",
    "global_name",
    "is_title",
    "kept_name",
    "promise_name",
    "promise_number",
    "split_global",
    "without_facet",
]

HOST = 0
"""Number of the vat whose objects are devices."""


ROOT = Slot(HEAP + encode_number(0))
"""What every vat calls its root. Heap objects are numbered from 1."""


# The same few names travel again and again: looked up, one costs a fifteenth of what it costs to take it apart.
_remembered = lru_cache(maxsize=4096)


@_remembered
def global_name(vat: int, incarnation: int, slot: Slot) -> Slot:
    """Name an object of a vat for other vats; the name is also its slot in them."""
    zone = slot[:1]
    if zone == DURABLE or slot == ROOT:
        return Slot(IMPORT + encode_number(vat) + slot)
    return Slot(IMPORT + encode_number(vat) + zone + encode_number(incarnation) + slot[1:])


@_remembered
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


@_remembered
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


@_remembered
def kept_name(name: Slot) -> Slot | None:
    """Return the name of the object that lives on while others hold *name*; None for what nobody needs to hold.

    Roots live as long as their vat, devices and the timer for ever.
    """
    vat, at = decode_number(name, 1)
    return None if vat == HOST or name[at:] == ROOT else without_facet(name)


def promise_name(number: int) -> bytes:
    """Name a promise that vats share."""
    return PROMISE + encode_number(number)


def promise_number(name: bytes) -> int:
    """Return the number that ``promise_name`` was given."""
    number, _ = decode_number(name, 1)
    return number


def is_title(name: object) -> bool:
    """Whether a vat or a device can be called so: a text of 1 to 200 bytes in UTF-8."""
    if type(name) is not str:
        return False
    try:
        return 0 < len(name.encode()) <= 200
    except UnicodeEncodeError:  # half of a surrogate pair is no text
        return False
