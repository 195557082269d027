"""Who keeps a vat's objects from outside: what is on its way, other vats, and the host program.

Holds of memory are counted in memory, because they end with the process: a mention in a message or settlement that is
on its way (read back from the queue at the next start), an incarnation that has met the object, a reference of the host
program. What durable data of another vat mentions is counted in the store.

A hold that ends decides nothing. It only makes the object one to look at, at its vat's next collection.

Weak stores hold nothing, but they have to hear when an object is no more: who recognises an object is stored with it,
and turned into a note for that vat when the object is deleted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final

from ..errors import StoreCorruptError
from ..vat.crank_buffer import CrankBuffer, ReadView
from ..vat.identifiers import DURABLE, HEAP, IMPORT, VIRTUAL, Base, Slot, decode_number, encode_number
from .names import ROOT, global_name, kept_name, without_facet

__all__ = ["STORED_HOLDS", "Holds", "stored_holds"]

STORED_HOLDS: Final = b"\x01e"
"""Prefix of the counts of names under which durable data of other vats mentions an object."""

_RECOGNIZERS = b"\x01r"
_RETIRED = b"\x01x"
_RETIRED_AT_ONCE = 100


def stored_holds(view: ReadView, vat: int, path: str) -> Iterator[tuple[Slot, int]]:
    """Read which objects of a vat the durable data of other vats mentions: by name, and under how many names.

    Raises:
        StoreCorruptError: a count cannot be read.
    """
    prefix = STORED_HOLDS + encode_number(vat)
    try:
        for key, data in view.scan(prefix, prefix + b"\xff"):
            yield Slot(IMPORT + key[len(STORED_HOLDS) :]), decode_number(data, 0)[0]
    except ValueError as error:
        raise StoreCorruptError(path, f"a count of exports cannot be read: {error}") from error


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
        # Whether there are rows, by vat, as far as known.
        self._owners_recognized: dict[int, bool] = {}
        self._vats_told: dict[int, bool] = {}

    # --- beginning and end

    def hold(self, name: Slot) -> None:
        """Note that a message, a settlement, a vat's parameters or the host program has come to mention an object."""
        base = kept_name(name)
        if base is not None:
            self._travelling[base] = self._travelling.get(base, 0) + 1

    def release(self, name: Slot) -> None:
        """Take ``hold`` back."""
        base = kept_name(name)
        if base is not None:
            self._lower(self._travelling, base)

    def release_later(self, name: Slot) -> None:
        """Take ``hold`` back before the next question. May be called at any time in any thread: it only notes."""
        self._dead.append(name)

    def hold_imported(self, name: Slot, met: dict[Slot, None]) -> None:
        """Note that a running incarnation has met an object.

        Args:
            met: what the incarnation has met in this way so far; the name is added.
        """
        base = kept_name(name)
        if base is None:
            met[name] = None
            return
        count = self._imported.get(base, 0) + 1
        # Invariant: both or neither, also on Ctrl-C: CPython looks for signals after calls, and here is none.
        self._imported[base] = count
        met[name] = None

    def release_imported(self, names: Iterable[Slot], met: dict[Slot, None]) -> None:
        """Take ``hold_imported`` back."""
        for name in names:
            base = kept_name(name)
            # Ctrl-C behind this line keeps an object until the kernel is closed; in the other order it would be let go
            # of twice.
            met.pop(name, None)
            if base is not None:
                self._lower(self._imported, base)

    def change_stored(self, name: Slot, by: int) -> None:
        """Note that durable data of one more (1) or one less (-1) vat mentions an object by this name.

        Raises:
            StoreCorruptError: fewer than none would.
        """
        base = without_facet(name)
        key = STORED_HOLDS + base[1:]
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

    # --- weak stores

    def note_recognized(self, name: Slot, vat: int) -> None:
        """Note that a weak store of a vat has an entry for an object. It stays noted until the object is no more."""
        owner, _ = decode_number(name, 1)
        self._buffer.put(_RECOGNIZERS + name[1:] + encode_number(vat), encode_number(vat))
        self._owners_recognized[owner] = True

    def has_recognizers(self, owner: int) -> bool:
        """Whether weak stores of other vats may have entries for objects of a vat. At most one read."""
        known = self._owners_recognized.get(owner)
        if known is None:
            known = next(self._recognizers(_owned_by(owner)), None) is not None
            self._owners_recognized[owner] = known
        return known

    def retire(self, base: Slot) -> None:
        """Note for every vat that recognises an object, or a facet of it, that it is no more."""
        self._retire(base, lambda _: True)

    def retire_ended(self, owner: int, incarnation: int) -> None:
        """Retire all objects that have ended with the incarnations before this one."""
        start = _owned_by(owner)
        root, at = start + ROOT, len(start) + 1

        def has_ended(name: Slot) -> bool:
            return name != root and decode_number(name, at)[0] < incarnation

        for zone in (HEAP, VIRTUAL):
            self._retire(Slot(start + zone), has_ended)

    def retire_all(self, owner: int) -> None:
        """Retire all objects of a vat that is no more."""
        self._retire(Slot(_owned_by(owner)), lambda _: True)

    def _retire(self, prefix: Slot, is_gone: Callable[[Slot], bool]) -> None:
        for name, key, vat in list(self._recognizers(prefix)):
            if is_gone(name):
                self._buffer.delete(key)
                self._buffer.put(_RETIRED + encode_number(vat) + name, b"")
                self._vats_told[vat] = True

    def _recognizers(self, prefix: bytes) -> Iterator[tuple[Slot, bytes, int]]:
        """Find whose weak stores know names that begin so, as names, keys and numbers of vats."""
        start = _RECOGNIZERS + prefix[1:]
        for key, data in self._buffer.scan(start, start + b"\xff"):
            yield Slot(IMPORT + key[len(_RECOGNIZERS) : -len(data)]), key, decode_number(data, 0)[0]

    def has_retired(self, vat: int) -> bool:
        """Whether ``retired_for`` has anything to tell. At most one read."""
        known = self._vats_told.get(vat)
        if known is None:
            known = self._vats_told[vat] = next(self._retired(vat), None) is not None
        return known

    def retired_for(self, vat: int) -> list[Slot]:
        """Return some of the names that a vat's weak stores have to forget, in order."""
        return list(islice(self._retired(vat), _RETIRED_AT_ONCE)) if self.has_retired(vat) else []

    def note_forgotten(self, name: Slot, vat: int) -> None:
        """Note that a vat's weak stores have forgotten what ``retired_for`` told."""
        self._buffer.delete(_RETIRED + encode_number(vat) + name)
        self._vats_told.pop(vat, None)

    def _retired(self, vat: int) -> Iterator[Slot]:
        start = _RETIRED + encode_number(vat)
        return (Slot(key[len(start) :]) for key, _ in self._buffer.scan(start, start + b"\xff"))

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
        data = self._buffer.get(STORED_HOLDS + base[1:])
        try:
            return 0 if data is None else decode_number(data, 0)[0]
        except ValueError as error:
            raise StoreCorruptError(self._path, f"a count of exports cannot be read: {error}") from error


def _owned_by(vat: int) -> bytes:
    """Return what the names of a vat's objects begin with."""
    return IMPORT + encode_number(vat)
