"""How people name an object of a store: ``o+d16/2`` in its vat, ``bank:o+d16/2`` from anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ...errors import VatDataError
from ...kernel.names import global_name, split_global
from ...vat.identifiers import (
    DURABLE,
    HEAP,
    IMPORT,
    PROMISE,
    VIRTUAL,
    Base,
    Slot,
    base_of,
    format_vref,
    split_vref,
)

__all__ = [
    "NoSuchObjectError",
    "NoSuchVatError",
    "Reference",
    "parse_reference",
    "read_slot",
    "reference_at",
    "write_slot",
]


class NoSuchObjectError(VatDataError, LookupError):
    """Nothing in the store has this name.

    Attributes:
        reference: the name that was asked for.
        reason: what is not there.
    """

    def __init__(self, reference: str, reason: str) -> None:
        super().__init__(reference, reason)
        self.reference = reference
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.reference}: {self.reason}. 'vatdata inspect objects' lists what there is"


class NoSuchVatError(VatDataError, LookupError):
    """A store has no vat of this name. Fields: ``name``, ``known`` (the names that there are)."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name, known)
        self.name = name
        self.known = known

    def __str__(self) -> str:
        there = ", ".join(map(repr, self.known)) or "none at all"
        return f"the store has no vat {self.name!r}. There is {there}"


@dataclass(frozen=True, slots=True)
class Reference:
    """One object of a store, as its vat or another one names it.

    Attributes:
        vat: number of the object's vat; 0 for a promise that vats share.
        slot: what its vat calls it, facet number included.
        incarnation: the incarnation that it ends with, where a name that crosses vats says so; else None.
    """

    vat: int
    slot: Slot
    incarnation: int | None = None

    @property
    def base(self) -> Base:
        """The object without the facet."""
        return base_of(self.slot)

    @property
    def is_stored(self) -> bool:
        """Whether the object has stored data: not so for heap objects and promises."""
        return self.slot[:1] in (DURABLE, VIRTUAL)

    @property
    def vref(self) -> str:
        """The object as its own vat's messages write it."""
        return format_vref(self.slot)


def reference_at(slot: bytes, vat: int) -> Reference:
    """Read a slot that the data of vat number *vat* mentions.

    Raises:
        ValueError: the bytes are no slot.
    """
    zone = slot[:1]
    if zone == IMPORT:
        owner, incarnation, own = split_global(slot)
        return Reference(owner, own, incarnation)
    if zone not in (DURABLE, VIRTUAL, HEAP, PROMISE):
        raise ValueError(f"not a slot: {slot!r}")
    return Reference(vat, Slot(slot))


def parse_reference(text: str, default_vat: int | None, number_of: Callable[[str], int]) -> Reference:
    """Read what a person wrote: ``o+d16/2``, ``o+d16/2:0`` or ``bank:o+d16/2``.

    Args:
        text: the name.
        default_vat: number of the vat that is meant where the text names none.
        number_of: gives the number of a vat by its name, or raises ``NoSuchVatError``.

    Raises:
        NoSuchObjectError: it is malformed, or names no vat where it must.
        NoSuchVatError: it names a vat that there is not.
    """
    # A vat's name may itself hold a colon, a vref holds one before its facet only.
    at = max(text.rfind(":o+"), text.rfind(":p+"))
    name, vref = (text[:at], text[at + 1 :]) if at >= 0 else (None, text)
    try:
        vat = default_vat if name is None else number_of(name)
        slot = split_vref(vref)
    except ValueError as error:
        raise NoSuchObjectError(text, "is no reference; write it like o+d16/2 or bank:o+d16/2") from error
    if vat is None:
        raise NoSuchObjectError(text, "the store has several vats, so say which, as in bank:o+d16/2")
    return Reference(vat, slot)


def write_slot(slot: bytes) -> str:
    """Write a slot so that ``read_slot`` gives it back: as a vref, or ``vat 2:o+d16/1`` for another vat's object."""
    if slot[:1] != IMPORT:
        return format_vref(slot)
    vat, incarnation, own = split_global(slot)
    ends = "" if incarnation is None else f", incarnation {incarnation}"
    return f"vat {vat}{ends}:{format_vref(own)}"


_FOREIGN = re.compile(r"vat (\d+)(?:, incarnation (\d+))?:(o\+.*)")


def read_slot(text: str) -> Slot:
    """Read what ``write_slot`` writes.

    Raises:
        ValueError: *text* is malformed.
    """
    foreign = _FOREIGN.fullmatch(text)
    if foreign is None:
        return split_vref(text)
    vat, incarnation, own = foreign.groups()
    return global_name(int(vat), int(incarnation or 0), split_vref(own))
