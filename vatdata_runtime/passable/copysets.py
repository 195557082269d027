"""``CopySet``, the immutable set of keys that a set becomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from typing import Any, ClassVar, Self, cast

from vatdata_runtime.errors import CopyDataError
from vatdata_runtime.passable.freeze import MAX_DEPTH, depth_of, keep, raise_too_deep, register_freezer
from vatdata_runtime.passable.immutable import CopyData
from vatdata_runtime.passable.key_encoding import OrdinalOf, encode_key_part
from vatdata_runtime.passable.key_tags import KeyTag
from vatdata_runtime.passable.members import (
    encode_descending,
    freeze_members,
    index_member,
    index_once,
    index_or_none,
    ordered,
)
from vatdata_runtime.passable.serials import hash_key

__all__ = ["CopySet", "make_copy_set"]


class CopySet(CopyData, Set[Any]):
    """A set of keys, iterated in ascending order: what a ``set`` or ``frozenset`` becomes on its way in.

    ``1``, ``1.0`` and ``True`` are three members. ``| & - ^``, the comparisons and ``isdisjoint`` work as for
    Python's sets, with a copy set or a Python set on the other side; ``==`` is true for copy sets only.

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
        return cast(Self, _set_of(index_once(freeze_members(members), "set")))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._members.values())

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, key: object) -> bool:
        return index_or_none(key) in self._members

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
        return encode_descending(KeyTag.COPY_SET, [encode_key_part(key, ordinal_of) for key in self])


def make_copy_set(members: Iterable[Any] = ()) -> CopySet:
    """Make a set of keys; see ``CopySet``. A member that is there twice is a ``CopyDataError``."""
    return CopySet(members)


def _set_of(members: dict[bytes, Any]) -> CopySet:
    self = object.__new__(CopySet)
    object.__setattr__(self, "_members", ordered(members))
    object.__setattr__(self, "depth", 1 + depth_of(members.values()))
    return self


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
    return _set_of({index_member(key): key for key in freeze_members(source, room)})


register_freezer(set, _freeze_set)
register_freezer(frozenset, _freeze_set)
register_freezer(CopySet, keep)
