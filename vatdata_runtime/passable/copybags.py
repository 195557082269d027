"""``CopyBag``, the immutable multiset of keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Self, cast

from vatdata_runtime.errors import CopyDataError
from vatdata_runtime.passable.freeze import depth_of, keep, register_freezer
from vatdata_runtime.passable.immutable import CopyData
from vatdata_runtime.passable.key_encoding import OrdinalOf, encode_key_part
from vatdata_runtime.passable.key_tags import KeyTag
from vatdata_runtime.passable.members import (
    encode_descending,
    freeze_entries,
    index_once,
    index_or_none,
    ordered,
)
from vatdata_runtime.passable.serials import hash_key

__all__ = ["CopyBag", "make_copy_bag"]


class CopyBag(CopyData):
    """A multiset: keys with how often each is there, iterated over the distinct keys in ascending order.

    Args:
        counts: ``(key, count)`` pairs, or a mapping from key to count. Each key once, each count an int of at
            least 1.

    Raises:
        CopyDataError: a key is there twice, or a count is no int of at least 1.
        NotPassableError: a key is outside the data model, or is no key.
    """

    __slots__ = ("_counts", "_members")

    pass_style: ClassVar[str] = "copy_bag"
    _members: dict[bytes, Any]
    _counts: dict[bytes, int]

    def __new__(cls, counts: Mapping[Any, int] | Iterable[tuple[Any, int]] = ()) -> Self:
        keys, numbers = freeze_entries(counts)
        for number in numbers:
            if type(number) is not int or number < 1:
                raise CopyDataError(f"a bag counts its members with ints of at least 1, not {number!r}")
        members = index_once(keys, "bag")
        return cast(Self, _bag_of(members, dict(zip(members, numbers, strict=True))))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._members.values())

    def __len__(self) -> int:
        """Return the number of distinct keys; ``total()`` counts every copy."""
        return len(self._members)

    def __contains__(self, key: object) -> bool:
        return index_or_none(key) in self._members

    def __getitem__(self, key: object) -> int:
        """Return how often *key* is there, 0 where it is not."""
        return self.count(key)

    def count(self, key: object) -> int:
        """Return how often *key* is there, 0 where it is not."""
        index = index_or_none(key)
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

    def __le__(self, other: object) -> bool:
        if not isinstance(other, CopyBag):
            return NotImplemented
        return all(count <= other._counts.get(index, 0) for index, count in self._counts.items())

    def __lt__(self, other: object) -> bool:
        return NotImplemented if not isinstance(other, CopyBag) else self <= other and self != other

    def __ge__(self, other: object) -> bool:
        return NotImplemented if not isinstance(other, CopyBag) else other <= self

    def __gt__(self, other: object) -> bool:
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

    def __add__(self, other: object) -> CopyBag:
        return NotImplemented if not isinstance(other, CopyBag) else self.sum(other)

    def __or__(self, other: object) -> CopyBag:
        return NotImplemented if not isinstance(other, CopyBag) else self.union(other)

    def __and__(self, other: object) -> CopyBag:
        return NotImplemented if not isinstance(other, CopyBag) else self.intersection(other)

    def __sub__(self, other: object) -> CopyBag:
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
        return encode_descending(
            KeyTag.COPY_BAG,
            [
                encode_key_part(key, ordinal_of) + encode_key_part(count, ordinal_of)
                for key, count in self.items()
            ],
        )


def make_copy_bag(counts: Mapping[Any, int] | Iterable[tuple[Any, int]] = ()) -> CopyBag:
    """Make a multiset from ``(key, count)`` pairs or a mapping; see ``CopyBag``."""
    return CopyBag(counts)


def _bag_of(members: dict[bytes, Any], counts: dict[bytes, int]) -> CopyBag:
    self = object.__new__(CopyBag)
    object.__setattr__(self, "_members", ordered(members))
    object.__setattr__(self, "_counts", ordered(counts))
    object.__setattr__(self, "depth", 1 + depth_of(members.values()))
    return self


register_freezer(CopyBag, keep)
