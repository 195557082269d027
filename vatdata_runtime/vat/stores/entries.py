"""What a zone offers to a store: entries by encoded key, in order."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from ...passable import Remotable, encode_key

__all__ = ["ABSENT", "KEY_LIMIT_BYTES", "Entries", "StoreType"]

KEY_LIMIT_BYTES: Final = 480
"""Longest encoded key, in every zone: what LMDB takes, less what goes before it."""


class _Absent:
    def __repr__(self) -> str:
        return "<absent>"


ABSENT: Final = _Absent()
"""What a look-up gives for a key that is not there; None is a value."""


@dataclass(frozen=True, slots=True)
class StoreType:
    """Which of the four stores something is.

    Attributes:
        name: for messages.
        kind_number: its number among the library's own kinds.
        is_map: whether its keys have values.
        is_weak: whether its keys are recognised without being kept alive.
    """

    name: str
    kind_number: int
    is_map: bool
    is_weak: bool


class Entries(ABC):
    """The entries of one store, by encoded key.

    Attributes:
        store_type: which sort of store.
        label: its name for people.
        key_shape: pattern that every key matches, or None.
        value_shape: pattern that every value matches, or None.
        generation: rises whenever a key is added, and when a crank that changed the store is aborted; a running
            iteration compares it.
        zone: zone byte of the store.
    """

    def __init__(
        self, store_type: StoreType, label: str, key_shape: Any, value_shape: Any, zone: bytes
    ) -> None:
        self.store_type = store_type
        self.label = label
        self.key_shape = key_shape
        self.value_shape = value_shape
        self.zone = zone
        self.generation = 0

    # --- keys

    def find_key(self, key: Any) -> bytes | None:
        """Encode a frozen key for a look-up; None when it mentions a remotable that this store has no entry for."""
        if not isinstance(key, Remotable):
            return encode_key(key, _no_ordinal)
        return self.find_remotable(key)

    def new_key(self, key: Any) -> bytes:
        """Encode a frozen key for a new entry; a remotable takes the next ordinal."""
        if not isinstance(key, Remotable):
            return encode_key(key, _no_ordinal)
        return self.new_remotable(key)

    @abstractmethod
    def find_remotable(self, key: Remotable) -> bytes | None:
        """Encode a remotable key that has an entry; None when it has none."""

    @abstractmethod
    def new_remotable(self, key: Remotable) -> bytes:
        """Encode a remotable key behind all that were ever added."""

    @abstractmethod
    def decode(self, encoded: bytes) -> Any:
        """Return the key that was encoded."""

    # --- entries

    @abstractmethod
    def require_open(self) -> None:
        """Raise ``NoVatError`` unless a crank of the store's vat is running."""

    @abstractmethod
    def check(self, key: Any, value: Any) -> None:
        """Refuse a frozen key or value that this zone cannot keep, or that is too large. Never writes."""

    @abstractmethod
    def contains(self, encoded: bytes) -> bool:
        """Whether there is an entry. Its value is not decoded, so it may mention what cannot be read yet."""

    @abstractmethod
    def read(self, encoded: bytes) -> Any:
        """Return the value under an encoded key, or ``ABSENT``."""

    @abstractmethod
    def insert(self, encoded: bytes, key: Any, value: Any) -> None:
        """Add an entry that is not there."""

    @abstractmethod
    def replace(self, encoded: bytes, value: Any) -> None:
        """Set the value of an entry that is there."""

    @abstractmethod
    def remove(self, encoded: bytes) -> None:
        """Delete an entry that is there."""

    @abstractmethod
    def walk(self, start: bytes, stop: bytes) -> Iterator[tuple[bytes, Callable[[], Any]]]:
        """Walk encoded keys in order, each with a function that reads its value."""

    @property
    @abstractmethod
    def size(self) -> int:
        """How many entries there are."""

    @abstractmethod
    def crank_token(self) -> CrankToken:
        """Return the token of the crank that is running."""

    @abstractmethod
    def savepoint(self) -> Any:
        """A context that takes back what is written in it when it is left by an exception."""


class CrankToken:
    """Stands for one crank; says later whether it was aborted."""

    __slots__ = ("is_aborted",)

    def __init__(self) -> None:
        self.is_aborted = False


def _no_ordinal(_key: Remotable) -> int:
    raise AssertionError("a scalar key that is no remotable mentions none")
