"""What the host program holds of a kernel's objects, and the translation of values at that border."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from ..errors import NotPassableError
from ..passable import ValueCodec, freeze
from ..vat.identifiers import PROMISE, Slot
from .holds import Holds
from .names import ROOT, global_name, split_global
from .references import Ref

__all__ = ["HostReferences"]


class HostReferences:
    """The references that the host program holds, and the translation of values at that border.

    Args:
        store: the store's path; references into different stores are never equal.
        vat_name: gives the name of a vat by number.
        interface: says for people what a name means, without the vat.
        holds: told which objects the host program holds.
    """

    def __init__(
        self, store: str, vat_name: Callable[[int], str], interface: Callable[[Slot], str], holds: Holds
    ) -> None:
        self._store = store
        self._holds = holds
        self._mentioned: list[Slot] = []
        self._vat_name = vat_name
        self._interface = interface
        self._living: dict[Slot, weakref.ref[Ref]] = {}
        self._codec = ValueCodec(self._note_mentioned, self._ref_at)

    def outward(self, data: bytes) -> Any:
        """Decode a value for the host: objects become references.

        Raises:
            NotPassableError: a promise is inside.
        """
        return self._codec.decode(data)

    def encode(self, value: Any) -> tuple[bytes, tuple[Slot, ...]]:
        """Encode a value of the host: references become names.

        Returns:
            The bytes, and the names in them.

        Raises:
            NotPassableError: *value* is outside the data model, or a reference is one into another store.
        """
        self._mentioned.clear()
        data = self._codec.encode(freeze(value))
        return data, tuple(self._mentioned)

    def names_in(self, data: bytes) -> list[Slot]:
        """Return the names in what ``encode`` has written."""
        return [Slot(name) for name in self._codec.slots_in(data)]

    def _note_mentioned(self, obj: object) -> Slot:
        name = self.name_of(obj)
        self._mentioned.append(name)
        return name

    def name_of(self, ref: object) -> Slot:
        """Return the name of the object that a reference means.

        Raises:
            NotPassableError: it is one into another store, or of a vat opened by itself, or no reference.
        """
        if type(ref) is Ref and ref._store == self._store and ref._number is not None:
            return global_name(ref._number, ref._incarnation or 0, ref._slot)
        raise NotPassableError(f"{ref!r} is no reference of the kernel on {self._store!r}")

    def root(self, vat: int) -> Ref:
        """Return the reference to a vat's root, the same in each of its incarnations."""
        return self._ref_at(global_name(vat, 0, ROOT))

    def describe(self, name: Slot) -> str:
        """Say for people what a name means."""
        vat, incarnation, slot = split_global(name)
        return repr(Ref(self._store, self._vat_name(vat), incarnation, slot, self._interface(name), vat))

    def _ref_at(self, name: bytes) -> Ref:
        if name[:1] == PROMISE:
            raise NotPassableError(
                "a promise cannot leave its vat as data; return it by itself, and it is awaited"
            )
        name = Slot(bytes(name))
        known = self._living.get(name)
        ref = None if known is None else known()
        if ref is None:
            vat, incarnation, slot = split_global(name)
            ref = Ref(self._store, self._vat_name(vat), incarnation, slot, self._interface(name), vat)
            self._living[name] = weakref.ref(ref, lambda dead: self._release(name, dead))
            self._holds.hold(name)
        return ref

    def _release(self, name: Slot, dead: weakref.ref[Ref]) -> None:
        # Runs wherever the last hold is let go of: note it, and touch nothing that is stored.
        if self._living.get(name) is dead:
            del self._living[name]
        self._holds.release_later(name)
