"""Who keeps a vat's objects from outside: what is on its way, other vats, and the host program.

Holds of memory are counted in memory, because they end with the process: a mention in a message or settlement that is
on its way (read back from the queue at the next start), an incarnation that has met the object, a reference of the host
program. What durable data of another vat mentions is counted in the store.

A hold that ends decides nothing. It only makes the object one to look at, at its vat's next collection.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from ..errors import StoreCorruptError
from ..vat.crank_buffer import CrankBuffer
from ..vat.identifiers import DURABLE, Base, Slot, decode_number, encode_number
from .names import ROOT, global_name, without_facet

__all__ = ["Holds"]

_STORED = b"\x01e"


class Holds:
    """The holds on all objects of a kernel, by the name of the object; facets hold their object.

    Args:
        buffer: where the counts of mentions in durable data are kept.
        path: the store's path, for messages.
    """

    def __init__(self, buffer: CrankBuffer, path: str) -> None:
        self._buffer = buffer
        self._path = path
        self._travelling: dict[Slot, int] = {}
        self._imported: dict[Slot, int] = {}
        self._released: dict[int, set[Slot]] = {}
        self._dead: deque[Slot] = deque()

    # --- beginning and end

    def hold(self, name: Slot) -> None:
        """Note that a message, a settlement, a vat's parameters or the host program has come to mention an object."""
        base = without_facet(name)
        self._travelling[base] = self._travelling.get(base, 0) + 1

    def release(self, name: Slot) -> None:
        """Take ``hold`` back."""
        self._lower(self._travelling, without_facet(name))

    def release_later(self, name: Slot) -> None:
        """Take ``hold`` back before the next question. May be called at any time in any thread: it only notes."""
        self._dead.append(name)

    def hold_imported(self, name: Slot) -> None:
        """Note that a running incarnation has met an object."""
        base = without_facet(name)
        self._imported[base] = self._imported.get(base, 0) + 1

    def release_imported(self, names: Iterable[Slot]) -> None:
        """Take ``hold_imported`` back."""
        for name in names:
            self._lower(self._imported, without_facet(name))

    def change_stored(self, name: Slot, by: int) -> None:
        """Note that durable data of one more (1) or one less (-1) vat mentions an object by this name.

        Raises:
            StoreCorruptError: fewer than none would.
        """
        base = without_facet(name)
        key = _STORED + base[1:]
        count = self._stored(base) + by
        if count < 0:
            raise StoreCorruptError(
                self._path, f"{base!r} is held by {count} vats; run vatdata verify --repair"
            )
        if count:
            self._buffer.put(key, encode_number(count))
            return
        self._buffer.delete(key)
        self._note_released(base)

    def _lower(self, counts: dict[Slot, int], base: Slot) -> None:
        count = counts[base] - 1
        if count:
            counts[base] = count
        else:
            del counts[base]
            self._note_released(base)

    def _note_released(self, base: Slot) -> None:
        vat, _ = decode_number(base, 1)
        self._released.setdefault(vat, set()).add(base)

    # --- questions

    def is_held(self, vat: int, incarnation: int, base: Base) -> bool:
        """Whether anyone outside its vat keeps an object. At most one read."""
        name = global_name(vat, incarnation, Slot(base))
        self._settle_dead()
        return name in self._travelling or name in self._imported or self._stored(name) > 0

    def is_travelling(self, vat: int, incarnation: int, base: Base) -> bool:
        """Whether something else than another vat keeps an object: what is on its way, or the host program."""
        self._settle_dead()
        return global_name(vat, incarnation, Slot(base)) in self._travelling

    def has_released(self, vat: int) -> bool:
        """Whether ``take_released`` has anything to tell."""
        self._settle_dead()
        return vat in self._released

    def take_released(self, vat: int, incarnation: int) -> list[Base]:
        """Return the objects of an incarnation that lost a hold since the last time, in order of their names.

        They may have been taken up again since. What belonged to an ended incarnation is left out.
        """
        self._settle_dead()
        start = len(encode_number(vat)) + 1
        ephemeral = encode_number(incarnation)
        found: list[Base] = []
        for name in sorted(self._released.pop(vat, ())):
            own = name[start:]
            if own[:1] == DURABLE:
                found.append(Base(own))
            elif own != ROOT and own[1:].startswith(ephemeral):
                found.append(Base(own[:1] + own[1 + len(ephemeral) :]))
        return found

    def _settle_dead(self) -> None:
        while self._dead:
            self.release(self._dead.popleft())

    def _stored(self, base: Slot) -> int:
        data = self._buffer.get(_STORED + base[1:])
        try:
            return 0 if data is None else decode_number(data, 0)[0]
        except ValueError as error:
            raise StoreCorruptError(self._path, f"a count of exports cannot be read: {error}") from error
