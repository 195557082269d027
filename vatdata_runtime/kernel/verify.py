"""Checks what the kernel itself has stored against what the vats' data says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..vat.crank_buffer import ReadView
from ..vat.difference import Difference
from ..vat.identifiers import IMPORT, Slot, Space, decode_number, encode_number, format_vref
from .holds import STORED_HOLDS
from .names import split_global, without_facet
from .vat_records import numbers_with_data

__all__ = ["verify_kernel"]


def verify_kernel(view: ReadView) -> Iterator[Difference]:
    """Report each object whose count of mentions in other vats' durable data is wrong. Never writes.

    Cost: reads the counts of other vats' objects in every vat; memory of one small entry for each such object.
    """
    expected: Counter[Slot] = Counter()
    for vat in numbers_with_data(view):
        space = Space.durable(vat)
        start = space.count + IMPORT
        for key, _ in view.scan(start, start + b"\xff"):
            expected[without_facet(Slot(key[len(space.count) :]))] += 1
    for key, data in view.scan(STORED_HOLDS, STORED_HOLDS + b"\xff"):
        name = Slot(IMPORT + key[len(STORED_HOLDS) :])
        found, wanted = decode_number(data, 0)[0], expected.pop(name, 0)
        if found != wanted:
            yield _difference(name, found, wanted)
    for name, wanted in sorted(expected.items()):
        yield _difference(name, 0, wanted)


def _difference(name: Slot, found: int, expected: int) -> Difference:
    vat, _, slot = split_global(name)
    key = STORED_HOLDS + name[1:]
    if expected > found:
        meaning = "is held by more vats than it is counted for, and may be deleted while they use it"
    else:
        meaning = "is counted for more vats than hold it, and will never be deleted"
    right = (key, encode_number(expected) if expected else None)
    return Difference(key, f"{format_vref(slot)} of vat {vat}", meaning, str(found), str(expected), (right,))
