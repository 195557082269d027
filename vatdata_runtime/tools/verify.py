"""``vatdata verify``: every page, every entry and every invariant of a store, and what can be put right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..kernel.vat_table import VatTable
from ..kernel.verify import verify_kernel
from ..store import Store, open_store, verify_store
from ..vat.difference import Difference
from ..vat.verify import verify_vat

__all__ = ["Finding", "repair", "verify"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        vat: name of the vat that it is in, None for the file itself and for what lies between vats.
        text: what, where, and what follows from it.
        difference: the difference that the text tells, None for the file itself.
    """

    vat: str | None
    text: str
    difference: Difference | None = None

    @property
    def can_be_repaired(self) -> bool:
        """Whether ``repair`` writes what is right."""
        return self.difference is not None and self.difference.is_derivable


def verify(path: str, *, progress: Progress | None = None) -> Iterator[Finding]:
    """Check a store beside whoever has it open, on one commit; never writes.

    The file comes first. Where it is damaged, what the vats hold is not looked at: LMDB may not survive reading it.

    Args:
        path: the store's file.
        progress: called with pages seen and pages of the file.

    Raises:
        StoreError, StoreFormatError: it cannot be read, or is no store.

    Cost: reads everything twice; memory of one small entry for each object.
    """
    damage = verify_store(path, progress=progress)
    yield from (Finding(None, clause) for clause in damage)
    if damage:
        return
    with open_store(path, readonly=True) as store, store.snapshot() as snapshot:
        for name, number in VatTable(snapshot, store.path).names().items():
            for difference in verify_vat(snapshot, number, store.path):
                yield Finding(name, str(difference), difference)
        for difference in verify_kernel(snapshot, store.path):
            yield Finding(None, str(difference), difference)


def repair(path: str) -> int:
    """Write what is right wherever it follows from the data, in one commit.

    Returns:
        How many differences were put right.

    Raises:
        StoreLockedError: a vat has the store open; stop it first.
        StoreError, StoreFormatError: the store cannot be written, or is no store.
    """
    with open_store(path) as store:
        repaired = [
            difference
            for name in VatTable(store, store.path).names().values()
            for difference in verify_vat(store, name, store.path)
            if difference.is_derivable
        ]
        _write(store, repaired)
        between_vats = list(verify_kernel(store, store.path))
        _write(store, between_vats)
    return len(repaired) + len(between_vats)


def _write(store: Store, differences: list[Difference]) -> None:
    if not differences:
        return
    store.apply({key: value for difference in differences for key, value in difference.repair})
    store.commit()
