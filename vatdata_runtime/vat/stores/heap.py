"""Entries of heap stores: in memory, with the checks and the order of the stored ones."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from sortedcontainers import SortedDict

from ...passable import Remotable, encode_key
from ..identifiers import HEAP
from .entries import ABSENT, CrankToken, Entries, StoreType

if TYPE_CHECKING:
    from ..incarnation import Incarnation

__all__ = ["HeapEntries"]


class HeapEntries(Entries):
    """The entries of one heap store. Lost when the vat stops; an aborted crank does not undo them.

    Weak keys are recognised by slot where the key is a stored instance, so that an instance which was paged out and came
    back is found again; the entry goes when the instance is deleted.
    """

    def __init__(
        self, incarnation: Incarnation, store_type: StoreType, label: str, key_shape: Any, value_shape: Any
    ) -> None:
        super().__init__(store_type, label, key_shape, value_shape, HEAP)
        self.incarnation = incarnation
        self._values: SortedDict[bytes, tuple[Any, Any, object]] = SortedDict()
        self._next_ordinal = 0
        self._ordinals: dict[object, int] = {}

    def _identity(self, key: Remotable) -> object:
        slot = self.incarnation.stored_slot(key)
        return id(key) if slot is None else slot

    def find_remotable(self, key: Remotable) -> bytes | None:
        ordinal = self._ordinals.get(self._identity(key))
        return None if ordinal is None else encode_key(key, lambda _: ordinal)

    def new_remotable(self, key: Remotable) -> bytes:
        ordinal = self._next_ordinal
        self._next_ordinal += 1
        self._ordinals[self._identity(key)] = ordinal
        return encode_key(key, lambda _: ordinal)

    def decode(self, encoded: bytes) -> Any:
        return self._values[encoded][0]

    def require_open(self) -> None:
        self.incarnation.require_open(self.label)

    def check(self, key: Any, value: Any) -> None:
        """Heap entries hold whatever is passable."""

    def contains(self, encoded: bytes) -> bool:
        return encoded in self._values

    def read(self, encoded: bytes) -> Any:
        entry = self._values.get(encoded)
        return ABSENT if entry is None else entry[1]

    def insert(self, encoded: bytes, key: Any, value: Any) -> None:
        identity = self._identity(key) if isinstance(key, Remotable) else None
        kept: Any = key
        if self.store_type.is_weak and identity is not None:
            kept = self._recognize(encoded, key, identity)
        self._values[encoded] = (kept, value, identity)
        self.generation += 1
        self._log(lambda: self.forget_key(encoded, identity))

    def _recognize(self, encoded: bytes, key: Remotable, identity: object) -> object:
        """Keep no hold on a weak key; have its entry removed when the object, or the stored instance, is gone."""
        if isinstance(identity, bytes):
            self.incarnation.recognize(identity, self, encoded)
            return None
        owner = weakref.ref(self)

        def forget(_: object) -> None:
            entries = owner()
            if entries is not None:
                entries.forget_key(encoded, identity)

        return weakref.ref(key, forget)

    def forget_key(self, encoded: bytes, identity: object) -> None:
        """Remove the entry of a key that is gone, or that was added in what is being taken back."""
        self._values.pop(encoded, None)
        self._ordinals.pop(identity, None)

    def replace(self, encoded: bytes, value: Any) -> None:
        old = self._values[encoded]
        self._values[encoded] = (old[0], value, old[2])
        self._log(lambda: self._values.__setitem__(encoded, old))

    def remove(self, encoded: bytes) -> None:
        old = self._values.pop(encoded)
        identity = old[2]
        ordinal = self._ordinals.pop(identity, None)

        def undo() -> None:
            self._values[encoded] = old
            if ordinal is not None:
                self._ordinals[identity] = ordinal

        self._log(undo)

    def _log(self, undo: Callable[[], None]) -> None:
        entries = self.incarnation.undo.entries
        if entries is not None:
            entries.append(undo)

    def walk(self, start: bytes, stop: bytes) -> Iterator[tuple[bytes, Callable[[], Any]]]:
        position = start
        while True:
            at = self._values.bisect_left(position)
            if at >= len(self._values):
                return
            encoded: bytes = self._values.keys()[at]
            if encoded >= stop:
                return
            position = encoded + b"\0"
            value = self._values[encoded][1]
            yield encoded, lambda value=value: value

    @property
    def size(self) -> int:
        return len(self._values)

    def crank_token(self) -> CrankToken:
        return self.incarnation.token

    def savepoint(self) -> Any:
        return self.incarnation.undo.savepoint()
