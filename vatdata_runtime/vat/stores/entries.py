"""What a zone offers to a store: entries by encoded key, in order."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from ...errors import ValueTooLargeError
from ...passable import KeyTag, Remotable, ValueCodec, encode_key

if TYPE_CHECKING:
    from ..incarnation import Incarnation
    from .runs import Run

__all__ = [
    "ABSENT",
    "KEY_LIMIT_BYTES",
    "PLAIN_KEYS",
    "CrankToken",
    "Entries",
    "StoreType",
    "check_size",
    "encode_ordinal",
    "next_generation",
    "no_ordinal",
]

KEY_LIMIT_BYTES: Final = 480
"""Longest encoded key, in every zone: what LMDB takes, less what goes before it."""


PLAIN_KEYS: Final = frozenset({str, int})
"""Classes of the most frequent keys, which are frozen as they are and mention no object."""


class _Absent:
    def __repr__(self) -> str:
        return "<absent>"


ABSENT: Final = _Absent()
"""What a look-up gives for a key that is not there; None is a value."""


_generations = count(1)


def next_generation() -> int:
    """Return a generation that no store has had: one that is taken back is never met again."""
    return next(_generations)


class StoreType(Struct, frozen=True):
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
        incarnation: whose store.
        store_type: which sort of store.
        label: its name for people.
        key_shape: pattern that every key matches, or None.
        value_shape: pattern that every value matches, or None.
        generation: changes whenever a key is added, and when a crank that changed the store is aborted; a running
            iteration compares it. An addition that is taken back takes its generation back too.
        zone: zone byte of the store.
        is_gone: whether its making was taken back.
    """

    def __init__(
        self,
        incarnation: Incarnation,
        store_type: StoreType,
        label: str,
        key_shape: Any,
        value_shape: Any,
        zone: bytes,
    ) -> None:
        self.incarnation = incarnation
        self.store_type = store_type
        self.label = label
        self.key_shape = key_shape
        self.value_shape = value_shape
        self.zone = zone
        self.is_gone = False
        self.generation = next_generation()

    # --- keys

    def find_key(self, key: Any) -> bytes | None:
        """Encode a frozen key for a look-up; None when it mentions a remotable that this store has no entry for."""
        if not isinstance(key, Remotable):
            return encode_key(key, no_ordinal)
        return self.find_remotable(key)

    def new_key(self, key: Any) -> bytes:
        """Encode a frozen key for a new entry; a remotable takes the next ordinal."""
        if not isinstance(key, Remotable):
            return encode_key(key, no_ordinal)
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
        """Raise ``NoVatError`` unless a crank of the store's vat is running, or what else keeps it from being used."""

    @abstractmethod
    def prepare(self, key: Any, value: Any) -> Any:
        """Return a frozen value in the form that ``insert`` and ``replace`` take. Never writes.

        Raises:
            ValueTooLargeError: the value is larger than the vat allows.
            NotDurableError: value or key is nothing that this zone can keep.
        """

    @abstractmethod
    def contains(self, encoded: bytes) -> bool:
        """Whether there is an entry. Its value is not decoded, so it may mention what cannot be read yet."""

    @abstractmethod
    def read(self, encoded: bytes) -> Any:
        """Return the value under an encoded key, or ``ABSENT``."""

    def insert_object(self, encoded: bytes, value: Any) -> bool:
        """Add an entry that is not there, if *value* is one for which there is a short way; say whether it was.

        Args:
            encoded: the key, which is no remotable.
            value: as it was given, not frozen.
        """
        return False

    @abstractmethod
    def insert(self, encoded: bytes, key: Any, prepared: Any) -> None:
        """Add an entry that is not there."""

    @abstractmethod
    def replace(self, encoded: bytes, prepared: Any) -> None:
        """Set the value of an entry that is there."""

    @abstractmethod
    def remove(self, encoded: bytes) -> None:
        """Delete an entry that is there."""

    @abstractmethod
    def read_run(self, start: bytes, stop: bytes, limit: int) -> Run:
        """Read up to *limit* entries whose encoded keys are not below *start*, and below *stop*.

        A run without entries may have a rest.
        """

    def begin_run(self, start: bytes, stop: bytes, limit: int) -> Run:
        """Read a run, as ``read_run`` does, that is cut when what is ahead of it changes, or when the crank ends.

        Whoever reads it ends it with ``end_run``.
        """
        run = self.read_run(start, stop, limit)
        self.incarnation.runs.append(run)
        undo = self.incarnation.undo.entries
        if undo is not None:
            undo.append(run.cut)  # it has seen what may be taken back
        return run

    def end_run(self, run: Run) -> None:
        """Forget a run that is over."""
        runs = self.incarnation.runs
        if run in runs:
            runs.remove(run)

    @property
    @abstractmethod
    def size(self) -> int:
        """How many entries there are."""

    def crank_token(self) -> CrankToken:
        """Return the token of the crank that is running."""
        return self.incarnation.token

    def savepoint(self) -> AbstractContextManager[None]:
        """A context that takes back what is written in it when it is left by an exception."""
        return self.incarnation.undo.savepoint()


class CrankToken:
    """Stands for one crank; says later whether it was aborted."""

    __slots__ = ("is_aborted",)

    def __init__(self) -> None:
        self.is_aborted = False


def encode_ordinal(ordinal: int) -> bytes:
    """Encode a remotable key by its place in the order of adding."""
    return _REMOTABLE + ordinal.to_bytes(8, "big")


_REMOTABLE: Final = bytes((KeyTag.REMOTABLE,))
_TEXT_HEAD: Final = 5
"""Bytes before a long text; a code point takes up to four."""

_SMALL: Final = frozenset({type(None), bool, float})
_SLOT: Final = b"d" + bytes(8)
_measure: Final = ValueCodec(lambda _: _SLOT, lambda slot: slot).encode


def check_size(value: Any, limit_bytes: int, label: str) -> None:
    """Refuse a frozen value that is too large, without giving anything that it mentions an identity.

    Raises:
        ValueTooLargeError: its encoding would be larger than *limit_bytes*.

    Cost: nothing for what is small by its type, else that of encoding it.
    """
    if type(value) in _SMALL or isinstance(value, Remotable):
        return
    if type(value) is str and 4 * len(value) + _TEXT_HEAD <= limit_bytes:
        return
    size = len(_measure(value))
    if size > limit_bytes:
        raise ValueTooLargeError(size, limit_bytes, f"store {label!r}")


def no_ordinal(_key: Remotable) -> int:
    """Stand where ordinals would be asked for, if a scalar key could mention a remotable."""
    raise AssertionError("a scalar key that is no remotable mentions none")
