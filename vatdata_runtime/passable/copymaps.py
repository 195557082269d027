"""``CopyMap``, the immutable mapping from keys to data."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, Mapping, ValuesView
from typing import Any, ClassVar, Self, cast

from vatdata_runtime.passable.equality import register_comparison, same_parts
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

__all__ = ["CopyMap", "make_copy_map"]


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
        keys, values = freeze_entries(entries)
        members = index_once(keys, "map")
        return cast(Self, _map_of(members, dict(zip(members, values, strict=True))))

    def __getitem__(self, key: object) -> Any:
        index = index_or_none(key)
        if index is None or index not in self._values:
            raise KeyError(key)
        return self._values[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._keys.values())

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: object) -> bool:
        return index_or_none(key) in self._keys

    def values(self) -> ValuesView[Any]:
        return self._values.values()

    def items(self) -> ItemsView[Any, Any]:
        return _Items(self)

    def __eq__(self, other: object) -> bool:
        return _same_maps(self, other) if type(other) is CopyMap else NotImplemented

    def __hash__(self) -> int:
        return hash_key(self)

    def __repr__(self) -> str:
        return f"CopyMap({list(self.items())!r})"

    def __reduce__(self) -> tuple[type[CopyMap], tuple[list[tuple[Any, Any]]]]:
        return CopyMap, (list(self.items()),)

    def encode_as_key(self, ordinal_of: OrdinalOf) -> bytes:
        return encode_descending(
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


def make_copy_map(entries: Mapping[Any, Any] | Iterable[tuple[Any, Any]] = ()) -> CopyMap:
    """Make a mapping from ``(key, value)`` pairs or another mapping; see ``CopyMap``."""
    return CopyMap(entries)


def _map_of(keys: dict[bytes, Any], values: dict[bytes, Any]) -> CopyMap:
    self = object.__new__(CopyMap)
    object.__setattr__(self, "_keys", ordered(keys))
    object.__setattr__(self, "_values", ordered(values))
    object.__setattr__(self, "depth", 1 + max(depth_of(keys.values()), depth_of(values.values())))
    return self


def _same_maps(a: CopyMap, b: CopyMap) -> bool:
    # Both tables are in the order of their indexes, which are equal exactly when the keys are.
    return tuple(a._keys) == tuple(b._keys) and same_parts(a._values.values(), b._values.values())


register_comparison(CopyMap, _same_maps)
register_freezer(CopyMap, keep)
