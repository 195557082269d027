"""Which weak heap stores have entries for which stored instances, so that entries go when an instance is deleted."""

from __future__ import annotations

import weakref
from collections import defaultdict
from typing import TYPE_CHECKING

from ..identifiers import Base, Slot, base_of

if TYPE_CHECKING:
    from .heap import HeapEntries

__all__ = ["HeapRecognizers", "Recognizer"]


class Recognizer(weakref.ref["HeapEntries"]):
    """One weak heap store, as the table knows it, with the instances that it has entries for."""

    __slots__ = ("bases",)

    bases: set[Base]


class HeapRecognizers:
    """From a stored instance to the weak heap stores that recognise it. Keeps neither of them alive."""

    __slots__ = ("_forget_store", "_slots")

    def __init__(self) -> None:
        slots: defaultdict[Base, dict[Recognizer, set[Slot]]] = defaultdict(dict)

        def forget_store(store: weakref.ref[HeapEntries]) -> None:
            if isinstance(store, Recognizer):
                for base in store.bases:
                    _discard(slots, base, store)

        self._slots = slots
        self._forget_store = forget_store

    def __len__(self) -> int:
        return len(self._slots)

    def register(self, entries: HeapEntries) -> Recognizer:
        """Return what stands for a weak heap store here; the store keeps it."""
        store = Recognizer(entries, self._forget_store)
        store.bases = set()
        return store

    def add(self, slot: Slot, store: Recognizer) -> None:
        """Note that *store* has an entry for *slot*."""
        base = base_of(slot)
        store.bases.add(base)
        self._slots[base].setdefault(store, set()).add(slot)

    def remove(self, slot: Slot, store: Recognizer) -> None:
        """Note that *store* has no longer an entry for *slot*."""
        base = base_of(slot)
        slots = self._slots[base].get(store, set())
        slots.discard(slot)
        if not slots:
            store.bases.discard(base)
            _discard(self._slots, base, store)

    def forget(self, base: Base) -> None:
        """Remove the entries for an instance, all its facets included, that is being deleted."""
        for store, slots in self._slots.pop(base, {}).items():
            store.bases.discard(base)
            entries = store()
            if entries is not None:
                for slot in slots:
                    entries.forget_identity(slot)


def _discard(slots: dict[Base, dict[Recognizer, set[Slot]]], base: Base, store: Recognizer) -> None:
    stores = slots.get(base, {})
    stores.pop(store, None)
    if not stores:
        slots.pop(base, None)
