"""``CopySet``, ``CopyBag`` and ``CopyMap``: immutable collections that tell their members apart as keys."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, Set, ValuesView
from typing import Any, ClassVar, Self, cast

from vatdata_runtime.errors import CopyDataError, NotAKeyError, NotPassableError
from vatdata_runtime.passable.equality import same
from vatdata_runtime.passable.freeze import (
    MAX_DEPTH,
    depth_of,
    freeze,
    freeze_part,
    keep,
    raise_too_deep,
    register_freezer,
    under,
)
from vatdata_runtime.passable.immutable import CopyData
from vatdata_runtime.passable.key_encoding import OrdinalOf, encode_key_part
from vatdata_runtime.passable.key_tags import KeyTag
from vatdata_runtime.passable.serials import hash_key, key_index

__all__ = ["CopyBag", "CopyMap", "CopySet", "make_copy_bag", "make_copy_map", "make_copy_set"]


class CopySet(CopyData, Set[Any]):
    """A set of keys, iterated in ascending order: what a ``set`` or ``frozenset`` becomes on its way in.

    ``1``, ``1.0`` and ``True`` are three members. ``| & - ^``, the comparisons and ``isdisjoint`` work as for Python's
    sets, with a copy set or a Python set on the other side; ``==`` is true for copy sets only.

    Args:
        members: keys, each once.

    Raises:
        CopyDataError: a member is there twice.
        NotPassableError: a member is outside the data model, or is no key.
    """

    __slots__ = ("_members",)

    pass_style: ClassVar[str] = "copy_set"
    _members: dict[bytes, Any]

    def __new__(cls, members: Iterable[Any] = ()) -> Self:
        return cast(Self, _set_of(_index_once(_frozen_keys(members, MAX_DEPTH), "set")))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._members.values())

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, key: object) -> bool:
        return _index_or_none(key) in self._members

    def __eq__(self, other: object) -> bool:
        if type(other) is not CopySet:
            return NotImplemented
        return self._members.keys() == other._members.keys()

    def __hash__(self) -> int:
        return hash_key(self)

    def __le__(self, other: Set[Any]) -> bool:
        right = _as_set(other)
        return NotImplemented if right is None else self._members.keys() <= right._members.keys()

    def __lt__(self, other: Set[Any]) -> bool:
        right = _as_set(other)
        return NotImplemented if right is None else self._members.keys() < right._members.keys()

    def __ge__(self, other: Set[Any]) -> bool:
        right = _as_set(other)
        return NotImplemented if right is None else self._members.keys() >= right._members.keys()

    def __gt__(self, other: Set[Any]) -> bool:
        right = _as_set(other)
        return NotImplemented if right is None else self._members.keys() > right._members.keys()

    def __or__(self, other: Set[Any]) -> CopySet:
        right = _as_set(other)
        return NotImplemented if right is None else _set_of({**self._members, **right._members})

    def __and__(self, other: Set[Any]) -> CopySet:
        right = _as_set(other)
        if right is None:
            return NotImplemented
        return _set_of({index: key for index, key in self._members.items() if index in right._members})

    def __sub__(self, other: Set[Any]) -> CopySet:
        right = _as_set(other)
        if right is None:
            return NotImplemented
        return _set_of({index: key for index, key in self._members.items() if index not in right._members})

    def __xor__(self, other: Set[Any]) -> CopySet:
        right = _as_set(other)
        return NotImplemented if right is None else (self - right) | (right - self)

    __ror__ = __or__
    __rand__ = __and__
    __rxor__ = __xor__

    def __rsub__(self, other: Set[Any]) -> CopySet:
        left = _as_set(other)
        return NotImplemented if left is None else left - self

    def isdisjoint(self, other: Iterable[Any]) -> bool:
        """Say whether no member is in *other* too."""
        right = other if isinstance(other, CopySet) else CopySet(other)
        return self._members.keys().isdisjoint(right._members.keys())

    def disjoint_union(self, other: CopySet) -> CopySet:
        """Return the members of both; raise ``CopyDataError`` where one is in both."""
        for index, key in self._members.items():
            if index in other._members:
                raise CopyDataError(f"{key!r} is in both sets, which should have no member in common")
        return self | other

    def disjoint_difference(self, other: CopySet) -> CopySet:
        """Return the members without those of *other*; raise ``CopyDataError`` where *other* has one more."""
        for index, key in other._members.items():
            if index not in self._members:
                raise CopyDataError(f"{key!r} should be taken away and is not in the set")
        return self - other

    def __repr__(self) -> str:
        return f"CopySet({list(self)!r})"

    def __reduce__(self) -> tuple[type[CopySet], tuple[list[Any]]]:
        return CopySet, (list(self),)

    def encode_as_key(self, ordinal_of: OrdinalOf) -> bytes:
        return _encode_sorted(KeyTag.COPY_SET, [encode_key_part(key, ordinal_of) for key in self])


class CopyBag(CopyData):
    """A multiset: keys with how often each is there, iterated over the distinct keys in ascending order.

    Args:
        counts: ``(key, count)`` pairs, or a mapping from key to count. Each key once, each count an int of at least 1.

    Raises:
        CopyDataError: a key is there twice, or a count is no int of at least 1.
        NotPassableError: a key is outside the data model, or is no key.
    """

    __slots__ = ("_counts", "_members")

    pass_style: ClassVar[str] = "copy_bag"
    _members: dict[bytes, Any]
    _counts: dict[bytes, int]

    def __new__(cls, counts: Mapping[Any, int] | Iterable[tuple[Any, int]] = ()) -> Self:
        keys, numbers = _frozen_pairs(counts, MAX_DEPTH)
        for number in numbers:
            if type(number) is not int or number < 1:
                raise CopyDataError(f"a bag counts its members with ints of at least 1, not {number!r}")
        members = _index_once(keys, "bag")
        return cast(Self, _bag_of(members, dict(zip(members, numbers, strict=True))))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._members.values())

    def __len__(self) -> int:
        """Return the number of distinct keys; ``total()`` counts every copy."""
        return len(self._members)

    def __contains__(self, key: object) -> bool:
        return _index_or_none(key) in self._members

    def __getitem__(self, key: object) -> int:
        """Return how often *key* is there, 0 where it is not."""
        return self.count(key)

    def count(self, key: object) -> int:
        """Return how often *key* is there, 0 where it is not."""
        index = _index_or_none(key)
        return 0 if index is None else self._counts.get(index, 0)

    def total(self) -> int:
        """Return the number of members, every copy counted."""
        return sum(self._counts.values())

    def items(self) -> Iterable[tuple[Any, int]]:
        """Return ``(key, count)`` pairs in ascending order of the keys."""
        return tuple(zip(self._members.values(), self._counts.values(), strict=True))

    def elements(self) -> Iterator[Any]:
        """Iterate over the members in ascending order, every copy once."""
        for key, count in self.items():
            for _ in range(count):
                yield key

    def __eq__(self, other: object) -> bool:
        return NotImplemented if type(other) is not CopyBag else self._counts == other._counts

    def __hash__(self) -> int:
        return hash_key(self)

    def __le__(self, other: CopyBag) -> bool:
        if not isinstance(other, CopyBag):
            return NotImplemented
        return all(count <= other._counts.get(index, 0) for index, count in self._counts.items())

    def __lt__(self, other: CopyBag) -> bool:
        return NotImplemented if not isinstance(other, CopyBag) else self <= other and self != other

    def __ge__(self, other: CopyBag) -> bool:
        return NotImplemented if not isinstance(other, CopyBag) else other <= self

    def __gt__(self, other: CopyBag) -> bool:
        return NotImplemented if not isinstance(other, CopyBag) else other < self

    def isdisjoint(self, other: CopyBag) -> bool:
        """Say whether no key is in both bags."""
        return self._counts.keys().isdisjoint(other._counts.keys())

    def sum(self, other: CopyBag) -> CopyBag:
        """Return the members of both bags: counts are added. Also ``self + other``."""
        return self._merge(other, lambda mine, theirs: mine + theirs)

    def union(self, other: CopyBag) -> CopyBag:
        """Return the smallest bag that has both in it: the larger count. Also ``self | other``."""
        return self._merge(other, max)

    def intersection(self, other: CopyBag) -> CopyBag:
        """Return the largest bag that is in both: the smaller count. Also ``self & other``."""
        return self._merge(other, min)

    def difference(self, other: CopyBag) -> CopyBag:
        """Return the members that are left when those of *other* are taken away. Also ``self - other``."""
        return self._merge(other, lambda mine, theirs: max(mine - theirs, 0))

    def disjoint_difference(self, other: CopyBag) -> CopyBag:
        """Return ``difference``; raise ``CopyDataError`` where *other* has more of a key than is there."""
        for key, count in other.items():
            if count > self.count(key):
                raise CopyDataError(
                    f"{key!r} should be taken away {count} times and is there {self.count(key)} times"
                )
        return self.difference(other)

    def __add__(self, other: CopyBag) -> CopyBag:
        return NotImplemented if not isinstance(other, CopyBag) else self.sum(other)

    def __or__(self, other: CopyBag) -> CopyBag:
        return NotImplemented if not isinstance(other, CopyBag) else self.union(other)

    def __and__(self, other: CopyBag) -> CopyBag:
        return NotImplemented if not isinstance(other, CopyBag) else self.intersection(other)

    def __sub__(self, other: CopyBag) -> CopyBag:
        return NotImplemented if not isinstance(other, CopyBag) else self.difference(other)

    def _merge(self, other: CopyBag, combine: Callable[[int, int], int]) -> CopyBag:
        counts = {
            index: count
            for index in self._counts.keys() | other._counts.keys()
            if (count := combine(self._counts.get(index, 0), other._counts.get(index, 0)))
        }
        members = {**self._members, **other._members}
        return _bag_of({index: members[index] for index in counts}, counts)

    def __repr__(self) -> str:
        return f"CopyBag({list(self.items())!r})"

    def __reduce__(self) -> tuple[type[CopyBag], tuple[list[tuple[Any, int]]]]:
        return CopyBag, (list(self.items()),)

    def encode_as_key(self, ordinal_of: OrdinalOf) -> bytes:
        return _encode_sorted(
            KeyTag.COPY_BAG,
            [
                encode_key_part(key, ordinal_of) + encode_key_part(count, ordinal_of)
                for key, count in self.items()
            ],
        )


class CopyMap(CopyData, Mapping[Any, Any]):
    """A mapping from keys to data, in ascending order of the keys. It is a key itself where its values are.

    Args:
        entries: ``(key, value)`` pairs, or a mapping. Each key once.

    Raises:
        CopyDataError: a key is there twice.
        NotPassableError: a key or value is outside the data model, or a key is no key.
    """

    __slots__ = ("_keys", "_values")

    pass_style: ClassVar[str] = "copy_map"
    _keys: dict[bytes, Any]
    _values: dict[bytes, Any]

    def __new__(cls, entries: Mapping[Any, Any] | Iterable[tuple[Any, Any]] = ()) -> Self:
        keys, values = _frozen_pairs(entries, MAX_DEPTH)
        members = _index_once(keys, "map")
        return cast(Self, _map_of(members, dict(zip(members, values, strict=True))))

    def __getitem__(self, key: object) -> Any:
        index = _index_or_none(key)
        if index is None or index not in self._values:
            raise KeyError(key)
        return self._values[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._keys.values())

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: object) -> bool:
        return _index_or_none(key) in self._keys

    def values(self) -> ValuesView[Any]:
        return self._values.values()

    def items(self) -> ItemsView[Any, Any]:
        return _Items(self)

    def __eq__(self, other: object) -> bool:
        if type(other) is not CopyMap:
            return NotImplemented
        mine, theirs = self._values, other._values
        return mine.keys() == theirs.keys() and all(
            same(value, theirs[index]) for index, value in mine.items()
        )

    def __hash__(self) -> int:
        return hash_key(self)

    def __repr__(self) -> str:
        return f"CopyMap({list(self.items())!r})"

    def __reduce__(self) -> tuple[type[CopyMap], tuple[list[tuple[Any, Any]]]]:
        return CopyMap, (list(self.items()),)

    def encode_as_key(self, ordinal_of: OrdinalOf) -> bytes:
        return _encode_sorted(
            KeyTag.COPY_MAP,
            [
                encode_key_part(key, ordinal_of) + encode_key_part(value, ordinal_of)
                for key, value in self.items()
            ],
        )


class _Items(ItemsView[Any, Any]):
    """Entries of a copy map, walked along both of its tables at once."""

    _mapping: CopyMap

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return zip(self._mapping._keys.values(), self._mapping._values.values(), strict=True)


def make_copy_set(members: Iterable[Any] = ()) -> CopySet:
    """Make a set of keys; see ``CopySet``, which this calls. A member that is there twice is a ``CopyDataError``."""
    return CopySet(members)


def make_copy_bag(counts: Mapping[Any, int] | Iterable[tuple[Any, int]] = ()) -> CopyBag:
    """Make a multiset from ``(key, count)`` pairs; see ``CopyBag``, which this calls."""
    return CopyBag(counts)


def make_copy_map(entries: Mapping[Any, Any] | Iterable[tuple[Any, Any]] = ()) -> CopyMap:
    """Make a mapping from ``(key, value)`` pairs; see ``CopyMap``, which this calls."""
    return CopyMap(entries)


def _ordered(table: dict[bytes, Any]) -> dict[bytes, Any]:
    return {index: table[index] for index in sorted(table)}


def _set_of(members: dict[bytes, Any]) -> CopySet:
    self = object.__new__(CopySet)
    object.__setattr__(self, "_members", _ordered(members))
    object.__setattr__(self, "depth", 1 + depth_of(members.values()))
    return self


def _bag_of(members: dict[bytes, Any], counts: dict[bytes, int]) -> CopyBag:
    self = object.__new__(CopyBag)
    object.__setattr__(self, "_members", _ordered(members))
    object.__setattr__(self, "_counts", _ordered(counts))
    object.__setattr__(self, "depth", 1 + depth_of(members.values()))
    return self


def _map_of(keys: dict[bytes, Any], values: dict[bytes, Any]) -> CopyMap:
    self = object.__new__(CopyMap)
    object.__setattr__(self, "_keys", _ordered(keys))
    object.__setattr__(self, "_values", _ordered(values))
    object.__setattr__(self, "depth", 1 + max(depth_of(keys.values()), depth_of(values.values())))
    return self


def _index(key: Any) -> bytes:
    """Return the index of a frozen key; a member that is no key makes the collection not passable."""
    try:
        return key_index(key)
    except NotAKeyError as error:
        raise NotPassableError(f"members of copy collections are keys, and {error.reason}") from None


def _index_or_none(key: object) -> bytes | None:
    try:
        return key_index(freeze(key))
    except (NotPassableError, NotAKeyError):
        return None


def _index_once(keys: list[Any], what: str) -> dict[bytes, Any]:
    table: dict[bytes, Any] = {}
    for number, key in enumerate(keys):
        try:
            index = _index(key)
        except NotPassableError as error:
            raise under(f"key {number}", error) from None
        if index in table:
            raise CopyDataError(f"{key!r} is in the copy {what} twice")
        table[index] = key
    return table


def _refuse_text(members: object) -> None:
    if isinstance(members, str | bytes):
        raise TypeError(f"{members!r} is one value, not several. Put it in a list")


def _frozen_keys(members: Iterable[Any], room: int) -> list[Any]:
    _refuse_text(members)
    keys: list[Any] = []
    for member in members:
        try:
            keys.append(freeze_part(member, room - 1))
        except NotPassableError as error:
            raise under(f"key {len(keys)}", error) from None
    return keys


def _frozen_pairs(
    entries: Mapping[Any, Any] | CopyBag | Iterable[tuple[Any, Any]], room: int
) -> tuple[list[Any], list[Any]]:
    _refuse_text(entries)
    pairs = [
        (key, value)
        for key, value in (entries.items() if isinstance(entries, Mapping | CopyBag) else entries)
    ]
    keys = _frozen_keys([key for key, _value in pairs], room)
    values: list[Any] = []
    for _key, value in pairs:
        try:
            values.append(freeze_part(value, room - 1))
        except NotPassableError as error:
            raise under(f"value {len(values)}", error) from None
    return keys, values


def _as_set(other: object) -> CopySet | None:
    if isinstance(other, CopySet):
        return other
    if isinstance(other, set | frozenset):
        return _freeze_set(cast(Set[Any], other), MAX_DEPTH)
    return None


def _freeze_set(source: Set[Any], room: int) -> CopySet:
    if room == 0:
        raise_too_deep()
    # What is different to Python may be one key here, two NaNs for instance; a set has it once.
    return _set_of({_index(key): key for key in _frozen_keys(source, room)})


register_freezer(set, _freeze_set)
register_freezer(frozenset, _freeze_set)
for _kind in (CopySet, CopyBag, CopyMap):
    register_freezer(_kind, keep)


def _encode_sorted(tag: int, parts: list[bytes]) -> bytes:
    # Descending, so that of two sets the one with the smaller largest member comes first, and a subset before it.
    parts.sort(reverse=True)
    return b"".join((bytes((tag,)), *parts, bytes((KeyTag.END,))))
