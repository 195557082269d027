"""``Record``, the immutable mapping from names to data that a dict becomes."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, ClassVar, Self

from vatdata_runtime.errors import NotPassableError
from vatdata_runtime.passable.equality import register_comparison, same_parts
from vatdata_runtime.passable.freeze import (
    depth_of,
    freeze,
    freeze_part,
    freeze_text,
    keep,
    raise_too_deep,
    register_freezer,
    under,
)
from vatdata_runtime.passable.immutable import CopyData
from vatdata_runtime.passable.key_encoding import OrdinalOf, encode_key_part, encode_text_part
from vatdata_runtime.passable.key_tags import KeyTag
from vatdata_runtime.passable.serials import hash_key

__all__ = ["Record"]


class Record(CopyData, Mapping[str, Any]):
    """Named fields of data, in ascending order of names: what a ``dict`` with text keys becomes when frozen.

    Built like a dict, from a mapping, from pairs or from keywords; the parts are frozen. Equal to a record
    with equal fields and to nothing else; equality goes by kind, so ``Record(a=1) != Record(a=1.0)``.
    Hashable where it is a key, which is where every field is. To change a field make a new one:
    ``Record({**record, "balance": 5})``.

    Raises:
        NotPassableError: a name is no text, or a part is outside the data model.
    """

    __slots__ = ("_fields",)

    pass_style: ClassVar[str] = "record"
    _fields: dict[str, Any]

    def __new__(cls, fields: Mapping[str, Any] | Iterable[tuple[str, Any]] = (), /, **more: Any) -> Self:
        self: Self = freeze(dict(fields, **more))
        return self

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def keys(self) -> KeysView[str]:
        return self._fields.keys()

    def values(self) -> ValuesView[Any]:
        return self._fields.values()

    def items(self) -> ItemsView[str, Any]:
        return self._fields.items()

    def __eq__(self, other: object) -> bool:
        return _same_records(self, other) if type(other) is Record else NotImplemented

    def __hash__(self) -> int:
        return hash_key(self)

    def __repr__(self) -> str:
        return f"Record({self._fields!r})"

    def __reduce__(self) -> tuple[type[Record], tuple[dict[str, Any]]]:
        return Record, (self._fields,)

    def encode_as_key(self, ordinal_of: OrdinalOf) -> bytes:
        parts = [bytes((KeyTag.RECORD,))]
        # Descending, so that records whose names begin alike are neighbours, and fewer fields come first.
        names = sorted(self._fields, reverse=True)
        for name in names:
            parts.append(bytes((KeyTag.NAME,)) + encode_text_part(name))
        parts.append(bytes((KeyTag.END,)))
        for name in names:
            parts.append(encode_key_part(self._fields[name], ordinal_of))
        return b"".join(parts)


def record_of(fields: dict[str, Any]) -> Record:
    """Make a record of *fields*, which are frozen and in ascending order of names, and are not copied."""
    self = object.__new__(Record)
    object.__setattr__(self, "_fields", fields)
    object.__setattr__(self, "depth", 1 + depth_of(fields.values()))
    return self


def _freeze_dict(source: dict[Any, Any], room: int) -> Record:
    if room == 0:
        raise_too_deep()
    for name in source:
        if not isinstance(name, str):
            raise NotPassableError(
                f"the name {name!r} of a record is no text. Use text, or make_copy_map(x) for other keys"
            )
    fields: dict[str, Any] = {}
    for name in sorted(source):
        try:
            fields[freeze_text(name)] = freeze_part(source[name], room - 1)
        except NotPassableError as error:
            raise under(name, error) from None
    return record_of(fields)


def _same_records(a: Record, b: Record) -> bool:
    mine, theirs = a._fields, b._fields
    return tuple(mine) == tuple(theirs) and same_parts(mine.values(), theirs.values())


register_comparison(Record, _same_records)
register_freezer(dict, _freeze_dict)
register_freezer(Record, keep)
