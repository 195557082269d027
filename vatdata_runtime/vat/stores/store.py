"""The four stores as user code sees them: the same operations and the same checks, in the same order, in every zone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Never, NoReturn, cast

from ...errors import (
    AbandonedReferenceError,
    KeyExistsError,
    KeyNotFoundError,
    KeyTooLargeError,
    NotAKeyError,
    NotPassableError,
    PatternMismatchError,
)
from ...passable import (
    CopyBag,
    CopyMap,
    CopySet,
    Remotable,
    check_key,
    encode_key,
    freeze,
    is_scalar_key,
    make_copy_map,
    make_copy_set,
)
from ...passable.classes import class_of
from ...patterns import compile_pattern, explain_mismatch
from ..identifiers import Slot
from .entries import ABSENT, KEY_LIMIT_BYTES, PLAIN_KEYS, Entries, no_ordinal
from .stored import StoredEntries
from .view import ANY, TAKE_ENTRY, TAKE_KEY, TAKE_VALUE, StoreView, Take

__all__ = ["MapStore", "SetStore", "Store", "StoreView", "WeakMapStore", "WeakSetStore"]

_NOT_A_KEY_HERE = (
    NotPassableError,
    NotAKeyError,
    PatternMismatchError,
    KeyTooLargeError,
    AbandonedReferenceError,
)
"""Why ``has`` says no; anything else, a store that cannot be read for one, is raised."""


class Store(Remotable):
    """What the four stores share."""

    __slots__ = ("_accepts_key", "_accepts_value", "_entries", "_vatdata_slot", "_vatdata_zone")

    _entries: Entries
    _accepts_key: Callable[[Any], bool] | None
    _accepts_value: Callable[[Any], bool] | None
    _vatdata_slot: Slot | None
    _vatdata_zone: bytes

    def __new__(cls, entries: Entries, slot: Slot | None) -> Store:
        self = super().__new__(cls)
        put = object.__setattr__
        put(self, "_entries", entries)
        put(self, "_vatdata_slot", slot)
        put(self, "_vatdata_zone", entries.zone)
        put(self, "_accepts_key", None if entries.key_shape is None else compile_pattern(entries.key_shape))
        put(
            self,
            "_accepts_value",
            None if entries.value_shape is None else compile_pattern(entries.value_shape),
        )
        return self

    def _interface_name(self) -> str:
        return self._entries.store_type.name

    def __repr__(self) -> str:
        return f"<{self._entries.store_type.name} {self._entries.label!r}>"

    # --- checks, in the order that every operation keeps: key, existence, value, size, durability

    def _key(self, key: Any) -> Any:
        """Return a key frozen, or raise why it can be none of this store."""
        entries = self._entries
        if entries.is_gone or not entries.incarnation.is_open:
            entries.require_open()
        kind = class_of(key)
        if not (kind is int or (kind is str and key.isascii())):  # else it is frozen as it is, like most keys
            key = freeze(key)
            if not is_scalar_key(key):
                check_key(key)
                raise NotAKeyError(
                    f"a store takes scalar keys (None, bool, int, float, str, bytes, datetime with zone, date, "
                    f"Decimal, UUID, remotables), not {key!r}"
                )
        accepts = self._accepts_key
        if accepts is not None and not accepts(key):
            self._raise_mismatch("key", key, entries.key_shape)
        return key

    def _raise_mismatch(self, what: str, value: Any, shape: Any) -> NoReturn:
        path, expected, culprit = explain_mismatch(value, shape) or ((), repr(shape), value)
        raise PatternMismatchError(path, f"{what} of store {self._entries.label!r}", expected, culprit)

    def _limit(self, encoded: bytes) -> bytes:
        if len(encoded) > KEY_LIMIT_BYTES:
            raise KeyTooLargeError(len(encoded), KEY_LIMIT_BYTES, self._entries.label)
        return encoded

    def _find(self, key: Any) -> bytes | None:
        """Encode a frozen key for a look-up; None when it is a remotable that was never added."""
        if isinstance(key, Remotable):
            return self._entries.find_remotable(key)
        encoded = encode_key(key, no_ordinal)
        return encoded if len(encoded) <= KEY_LIMIT_BYTES else self._limit(encoded)

    def _look_up(self, key: Any) -> bytes | None:
        """Check and encode a key as ``_key`` and then ``_find`` do, with a short way for most."""
        kind = class_of(key)
        if (kind is int or (kind is str and key.isascii())) and self._accepts_key is None:
            entries = self._entries
            if entries.is_gone or not entries.incarnation.is_open:
                entries.require_open()
            encoded = encode_key(key, no_ordinal)
            return encoded if len(encoded) <= KEY_LIMIT_BYTES else self._limit(encoded)
        return self._find(self._key(key))

    def _present(self, key: Any) -> bytes:
        """Return the encoded form of a key that the store has.

        Raises:
            KeyNotFoundError: it has not.
        """
        encoded = self._find(key)
        if encoded is None or not self._entries.contains(encoded):
            raise KeyNotFoundError(key, self._entries.label)
        return encoded

    def has(self, key: Any) -> bool:
        """Say whether *key* is there. Anything that cannot be a key of this store is not; never raises for a key.

        Cost: one store read, two for a remotable.
        """
        self._entries.require_open()
        try:
            encoded = self._look_up(key)
        except _NOT_A_KEY_HERE:
            return False
        return encoded is not None and self._entries.contains(encoded)

    def __contains__(self, key: Any) -> bool:
        return self.has(key)

    def delete(self, key: Any) -> None:
        """Remove *key*.

        Raises:
            KeyNotFoundError: it is not there; nothing changes.
        """
        self._entries.remove(self._present(self._key(key)))

    def _value(self, value: Any) -> Any:
        if class_of(value) not in self._entries.incarnation.marshal.classes:  # whose instances are frozen
            value = freeze(value)
        accepts = self._accepts_value
        if accepts is not None and not accepts(value):
            self._raise_mismatch("value", value, self._entries.value_shape)
        return value

    def _insert(self, encoded: bytes | None, key: Any, value: Any) -> None:
        """Add an entry that is not there; *encoded* is what ``_find`` gave."""
        entries = self._entries
        prepared = entries.prepare(key, value)
        if encoded is None:
            encoded = entries.new_key(key)
        entries.insert(encoded, key, prepared)


class _MapMethods(Store):
    """Operations of maps, weak or not."""

    __slots__ = ()

    def init(self, key: Any, value: Any) -> None:
        """Add *key* with *value*.

        Raises:
            KeyExistsError: *key* is there already; its value stays.
            PatternMismatchError, NotAKeyError, NotPassableError, NotDurableError, KeyTooLargeError,
            ValueTooLargeError: key or value cannot be kept; nothing changes.

        Cost: one store read; one write at the end of the crank.
        """
        encoded, entries = self._look_up(key), self._entries
        if encoded is not None:
            if entries.contains(encoded):
                raise KeyExistsError(self._key(key), entries.label)
            if self._accepts_value is None and entries.insert_object(encoded, value):
                return
        if class_of(key) not in PLAIN_KEYS:
            key = self._key(key)
        self._insert(encoded, key, self._value(value))

    def get(self, key: Any) -> Any:
        """Return the value of *key*. One store read, two for a remotable.

        Raises:
            KeyNotFoundError: it is not there.
            PatternMismatchError: it does not fit the key shape.
        """
        encoded = self._look_up(key)
        value = ABSENT if encoded is None else self._entries.read(encoded)
        if value is ABSENT:
            raise KeyNotFoundError(self._key(key), self._entries.label)
        return value

    __getitem__ = get

    def set(self, key: Any, value: Any) -> None:
        """Replace the value of *key*, which must be there.

        Raises:
            KeyNotFoundError: it is not there; add it with ``init``.
        """
        encoded = self._present(key := self._key(key))
        entries = self._entries
        entries.replace(encoded, entries.prepare(key, self._value(value)))

    def _upsert(self, key: Any, value: Any) -> None:
        key = self._key(key)
        encoded = self._find(key)
        value = self._value(value)
        entries = self._entries
        if encoded is None or not entries.contains(encoded):
            self._insert(encoded, key, value)
        else:
            entries.replace(encoded, entries.prepare(key, value))

    def add_all(self, source: Mapping[Any, Any] | CopyMap | Iterable[tuple[Any, Any]]) -> None:
        """Set every pair of *source*, adding keys that are not there; all of them or, on any error, none.

        Args:
            source: a mapping, ``CopyMap``, map store, or iterable of pairs; the last pair of a key wins.
        """
        self._entries.require_open()
        pairs = _pairs_of(source)
        with self._entries.savepoint():
            for pair in pairs:
                self._upsert(*_pair_of(pair))

    def _move_entry(self, old: str, new: str) -> None:
        """Give the value of one text key to another, without reading it as an object."""
        entries = cast(StoredEntries, self._entries)
        entries.move(self._present_raw(old), self._limit(entries.new_key(new)))

    def _present_raw(self, key: str) -> bytes:
        return encode_key(key, no_ordinal)


class _SetMethods(Store):
    """Operations of sets, weak or not."""

    __slots__ = ()

    def add(self, key: Any) -> None:
        """Add a member; nothing happens if it is there."""
        key = self._key(key)
        encoded = self._find(key)
        if encoded is None or not self._entries.contains(encoded):
            self._insert(encoded, key, None)

    def add_all(self, source: CopySet | Iterable[Any]) -> None:
        """Add every member of *source*; all of them or, on any error, none."""
        self._entries.require_open()
        members = _members_of(source)
        with self._entries.savepoint():
            for member in members:
                self.add(member)


class _Ordered(Store):
    """What maps and sets that are not weak share: their entries have a number and an order."""

    __slots__ = ()

    def __len__(self) -> int:
        self._entries.require_open()
        return self._entries.size

    def __bool__(self) -> bool:
        return True  # a store is an object, also an empty one

    def __iter__(self) -> Iterator[Any]:
        return iter(self._view(ANY, ANY, TAKE_KEY))

    def _view(self, key_pattern: Any, value_pattern: Any, take: Take) -> StoreView:
        self._entries.require_open()
        return StoreView(self, self._entries, key_pattern, value_pattern, take)

    def _count(self, key_pattern: Any, value_pattern: Any) -> int:
        if key_pattern is ANY and value_pattern is ANY:
            return len(self)
        return sum(map(len, self._view(key_pattern, value_pattern, TAKE_KEY).matching()))

    def _clear(self, key_pattern: Any, value_pattern: Any) -> None:
        entries = self._entries
        found = list(chain.from_iterable(self._view(key_pattern, value_pattern, TAKE_KEY).matching()))
        with entries.savepoint():
            for encoded in found:
                entries.remove(encoded)


class MapStore(_Ordered, _MapMethods):
    """A map from scalar keys to values, in key order."""

    __slots__ = ()

    def keys(self, key_pattern: Any = ANY, value_pattern: Any = ANY) -> StoreView:
        """View the keys of the entries that match, in key order.

        Args:
            key_pattern, value_pattern: patterns; a plain key matches itself, so ``keys(None)`` asks for the key None.

        Returns:
            A view that can be iterated any number of times; each time it reads the store afresh, one entry at a time.

        Raises:
            NotAPatternError: at once, for something that is no pattern.
            StaleIteratorError: from a running iteration, once a key was added to the store.

        Cost: walks only the ranges of keys that can match.
        """
        return self._view(key_pattern, value_pattern, TAKE_KEY)

    def values(self, key_pattern: Any = ANY, value_pattern: Any = ANY) -> StoreView:
        """View the values of the entries that match, in key order; see ``keys``."""
        return self._view(key_pattern, value_pattern, TAKE_VALUE)

    def entries(self, key_pattern: Any = ANY, value_pattern: Any = ANY) -> StoreView:
        """View the pairs of key and value that match, in key order; see ``keys``."""
        return self._view(key_pattern, value_pattern, TAKE_ENTRY)

    def get_size(self, key_pattern: Any = ANY, value_pattern: Any = ANY) -> int:
        """Count the entries that match; without patterns at no cost, else by walking them."""
        return self._count(key_pattern, value_pattern)

    def clear(self, key_pattern: Any = ANY, value_pattern: Any = ANY) -> None:
        """Remove the entries that match; all of them or, on any error, none. Ordinals of remotables go on rising."""
        self._clear(key_pattern, value_pattern)

    def snapshot(self, key_pattern: Any = ANY, value_pattern: Any = ANY) -> CopyMap:
        """Return the entries that match as immutable data."""
        return make_copy_map(self.entries(key_pattern, value_pattern))


class SetStore(_Ordered, _SetMethods):
    """A set of scalar keys, in key order."""

    __slots__ = ()

    def keys(self, key_pattern: Any = ANY) -> StoreView:
        """View the members that match, in key order; see ``MapStore.keys``."""
        return self._view(key_pattern, ANY, TAKE_KEY)

    def values(self, key_pattern: Any = ANY) -> StoreView:
        """View the members that match: the same as ``keys``."""
        return self.keys(key_pattern)

    def get_size(self, key_pattern: Any = ANY) -> int:
        """Count the members that match; without pattern at no cost, else by walking them."""
        return self._count(key_pattern, ANY)

    def clear(self, key_pattern: Any = ANY) -> None:
        """Remove the members that match, all or none; see ``MapStore.clear``."""
        self._clear(key_pattern, ANY)

    def snapshot(self, key_pattern: Any = ANY) -> CopySet:
        """Return the members that match as immutable data."""
        return make_copy_set(self.keys(key_pattern))


class WeakMapStore(_MapMethods):
    """A map that does not keep its keys alive: an entry goes when the instance that is its key is deleted.

    It has no size, no iteration and no ``clear``, since these would show when something was collected.
    """

    __slots__ = ()

    def __iter__(self) -> Never:
        raise TypeError(f"{self!r} is weak and cannot be iterated")


class WeakSetStore(_SetMethods):
    """A set that does not keep its members alive; see ``WeakMapStore``."""

    __slots__ = ()

    def __iter__(self) -> Never:
        raise TypeError(f"{self!r} is weak and cannot be iterated")


_TEXTS = (str, bytes, bytearray, memoryview)
_NOT_MEMBERS = (*_TEXTS, CopyMap, CopyBag, Mapping, MapStore)
"""What can be iterated, and is still no collection of members."""
_NOT_PAIRS = (*_TEXTS, CopySet, CopyBag, SetStore)
"""What can be iterated, and is still no collection of pairs."""


def _members_of(source: object) -> Iterable[Any]:
    if isinstance(source, _NOT_MEMBERS) or not isinstance(source, Iterable):
        raise NotPassableError(f"add_all of a set takes a CopySet or an iterable of members, not {source!r}")
    members: Iterable[Any] = cast(Any, source)
    return members


def _pairs_of(source: object) -> Iterable[object]:
    if isinstance(source, MapStore):
        return source.entries()
    if isinstance(source, (CopyMap, Mapping)):
        pairs: Mapping[Any, Any] = cast(Any, source)
        return pairs.items()
    if isinstance(source, _NOT_PAIRS) or not isinstance(source, Iterable):
        raise NotPassableError(
            f"add_all of a map takes a mapping, a CopyMap or an iterable of pairs, not {source!r}"
        )
    return cast("Iterable[object]", source)


def _pair_of(pair: object) -> tuple[Any, Any]:
    if isinstance(pair, (tuple, list)) and len(cast("Sequence[Any]", pair)) == 2:
        key, value = cast("Sequence[Any]", pair)
        return key, value
    raise NotPassableError(f"add_all of a map takes pairs of key and value, not {pair!r}")
