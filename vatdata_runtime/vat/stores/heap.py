"""Entries of heap stores: in memory, with the checks and the order of the stored ones."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ...passable import Remotable
from ..identifiers import HEAP, Slot
from ..ordered_keys import OrderedKeys
from .entries import ABSENT, Entries, StoreType, check_size, encode_ordinal, next_generation
from .runs import Run, cut_all, cut_changed

if TYPE_CHECKING:
    from ..incarnation import Incarnation

__all__ = ["HeapEntries"]


class HeapEntries(Entries):
    """The entries of one heap store. Lost when the vat stops; an aborted crank does not undo them.

    Weak keys are recognised by slot where the key is a stored instance, so that an instance which was paged out and
    came back is found again; the entry goes when the instance is deleted.
    """

    def __init__(
        self, incarnation: Incarnation, store_type: StoreType, label: str, key_shape: Any, value_shape: Any
    ) -> None:
        super().__init__(incarnation, store_type, label, key_shape, value_shape, HEAP)
        self._values: dict[bytes, tuple[Any, Any, object]] = {}
        self._order = None if store_type.is_weak else OrderedKeys()
        self._next_ordinal = 0
        self._ordinals: dict[object, int] = {}
        self._recognizer = incarnation.recognizers.register(self) if store_type.is_weak else None

    def _identity(self, key: Remotable) -> object:
        slot = self.incarnation.marshal.stored_slot(key)
        return id(key) if slot is None else slot

    def find_remotable(self, key: Remotable) -> bytes | None:
        ordinal = self._ordinals.get(self._identity(key))
        return None if ordinal is None else encode_ordinal(ordinal)

    def new_remotable(self, key: Remotable) -> bytes:
        ordinal = self._next_ordinal
        self._next_ordinal += 1
        self._ordinals[self._identity(key)] = ordinal
        return encode_ordinal(ordinal)

    def decode(self, encoded: bytes) -> Any:
        return self._values[encoded][0]

    def require_open(self) -> None:
        self.incarnation.require_open(self.label)

    def prepare(self, key: Any, value: Any) -> Any:
        check_size(value, self.incarnation.value_limit_bytes, self.label)
        return value

    def contains(self, encoded: bytes) -> bool:
        return encoded in self._values

    def read(self, encoded: bytes) -> Any:
        entry = self._values.get(encoded)
        return ABSENT if entry is None else entry[1]

    def insert(self, encoded: bytes, key: Any, prepared: Any) -> None:
        identity = self._identity(key) if isinstance(key, Remotable) else None
        kept: Any = key
        if self.store_type.is_weak and identity is not None:
            kept = self._recognize(key, identity)
        self._keep(encoded, (kept, prepared, identity))
        generation = self.generation
        self.generation = next_generation()
        if self.incarnation.runs:
            cut_all(self.incarnation.runs, self)

        def undo() -> None:
            if encoded in self._values:  # else the weak key has died since
                self._drop(encoded)
            self.generation = generation

        self._log(undo)

    def _recognize(self, key: Remotable, identity: object) -> object:
        """Keep no hold on a weak key; have its entry removed when the object, or the stored instance, is gone."""
        if self._recognizer is not None and isinstance(identity, bytes):
            self.incarnation.recognizers.add(Slot(identity), self._recognizer)
            self.incarnation.note_recognized(Slot(identity))
            return None
        owner = weakref.ref(self)

        def forget(_: object) -> None:
            entries = owner()
            if entries is not None:
                entries.forget_identity(identity)

        return weakref.ref(key, forget)

    def forget_identity(self, identity: object) -> None:
        """Remove the entry of a weak key that is gone, by ``id`` of an object or by slot of an instance."""
        ordinal = self._ordinals.pop(identity, None)
        if ordinal is not None:
            self._values.pop(encode_ordinal(ordinal), None)

    def replace(self, encoded: bytes, prepared: Any) -> None:
        if self.incarnation.runs:
            cut_changed(self.incarnation.runs, self, encoded)
        old = self._values[encoded]
        self._values[encoded] = (old[0], prepared, old[2])
        self._log(partial(self._values.__setitem__, encoded, old))

    def remove(self, encoded: bytes) -> None:
        if self.incarnation.runs:
            cut_changed(self.incarnation.runs, self, encoded)
        old = self._values[encoded]
        identity = old[2]
        ordinal = self._ordinals.get(identity)
        self._drop(encoded)

        def undo() -> None:
            if isinstance(old[0], weakref.ref) and old[0]() is None:
                return  # the weak key has died since
            self._keep(encoded, old)
            if ordinal is not None:
                self._ordinals[identity] = ordinal
                if self._recognizer is not None and isinstance(identity, bytes):
                    self.incarnation.recognizers.add(Slot(identity), self._recognizer)

        self._log(undo)

    def _keep(self, encoded: bytes, entry: tuple[Any, Any, object]) -> None:
        self._values[encoded] = entry
        if self._order is not None:
            self._order.add(encoded)

    def _drop(self, encoded: bytes) -> None:
        identity = self._values.pop(encoded)[2]
        if self._order is not None:
            self._order.discard(encoded)
        if identity is not None:
            del self._ordinals[identity]
            if self._recognizer is not None and isinstance(identity, bytes):
                self.incarnation.recognizers.remove(Slot(identity), self._recognizer)

    def _log(self, undo: Callable[[], None]) -> None:
        entries = self.incarnation.undo.entries
        if entries is not None:
            entries.append(undo)

    def read_run(self, start: bytes, stop: bytes, limit: int) -> HeapRun:
        order = self._order
        if order is None:
            raise AssertionError("a weak store is never walked")
        encoded = order.between(start, stop, limit)
        rest = encoded[-1] + b"\0" if len(encoded) == limit else None
        kept = self._values
        return HeapRun(self, start, encoded, rest, [kept[key] for key in encoded])

    @property
    def size(self) -> int:
        return len(self._values)


class HeapRun(Run):
    """Entries of a heap store: key, value and identity of each."""

    __slots__ = ("_kept",)

    def __init__(
        self,
        entries: Entries,
        start: bytes,
        encoded: list[bytes],
        rest: bytes | None,
        kept: list[tuple[Any, Any, object]],
    ) -> None:
        super().__init__(entries, start, encoded, 0, rest)
        self._kept = kept

    def plain_keys(self) -> list[Any]:
        return [key for key, _, _ in self._kept]

    def plain_values(self) -> list[Any]:
        return [value for _, value, _ in self._kept]

    def key_at(self, index: int) -> Any:
        return self._kept[index][0]

    def value_at(self, index: int) -> Any:
        return self._kept[index][1]
