"""Members of copy collections: frozen, told apart by their bytes as keys, and put in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from vatdata_runtime.errors import CopyDataError, NotAKeyError, NotPassableError
from vatdata_runtime.passable.classes import class_of
from vatdata_runtime.passable.freeze import MAX_DEPTH, freeze, freeze_part, under
from vatdata_runtime.passable.key_tags import KeyTag
from vatdata_runtime.passable.serials import key_index

__all__ = [
    "encode_descending",
    "freeze_entries",
    "freeze_members",
    "index_member",
    "index_once",
    "index_or_none",
    "ordered",
]


def index_member(key: Any) -> bytes:
    """Return the index of a frozen member; one that is no key makes the collection not passable."""
    try:
        return key_index(key)
    except NotAKeyError as error:
        raise NotPassableError(f"members of copy collections are keys, and {error.reason}") from None


def index_or_none(key: object) -> bytes | None:
    """Return the index of anything that is or becomes a key, None for what does not."""
    try:
        return key_index(freeze(key))
    except (NotPassableError, NotAKeyError):
        return None


def index_once(keys: list[Any], what: str) -> dict[bytes, Any]:
    """Return a table of frozen *keys* by index; raise ``CopyDataError`` for one that is there twice."""
    table: dict[bytes, Any] = {}
    for number, key in enumerate(keys):
        try:
            index = index_member(key)
        except NotPassableError as error:
            raise under(f"key {number}", error) from None
        if index in table:
            raise CopyDataError(f"{key!r} is in the copy {what} twice")
        table[index] = key
    return table


def ordered(table: dict[bytes, Any]) -> dict[bytes, Any]:
    """Return *table* in ascending order of the keys that its indexes stand for."""
    return {index: table[index] for index in sorted(table)}


def freeze_members(members: Iterable[Any], room: int = MAX_DEPTH) -> list[Any]:
    """Freeze each of *members*, which is no text, in a collection that may have *room* levels."""
    if isinstance(members, str | bytes):
        raise TypeError(f"{members!r} is one value, not several. Put it in a list")
    keys: list[Any] = []
    for member in members:
        try:
            keys.append(freeze_part(member, room - 1))
        except NotPassableError as error:
            raise under(f"key {len(keys)}", error) from None
    return keys


def freeze_entries(entries: Mapping[Any, Any] | Iterable[tuple[Any, Any]]) -> tuple[list[Any], list[Any]]:
    """Freeze keys and values of *entries*, a mapping or pairs."""
    if isinstance(entries, str | bytes):
        raise TypeError(f"{entries!r} has no entries. Pass a mapping or pairs")
    pairs = list(_pairs(entries))
    keys = freeze_members([key for key, _value in pairs])
    values: list[Any] = []
    for _key, value in pairs:
        try:
            values.append(freeze_part(value, MAX_DEPTH - 1))
        except NotPassableError as error:
            raise under(f"value {len(values)}", error) from None
    return keys, values


def _pairs(entries: Mapping[Any, Any] | Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    for entry in cast(Iterable[Any], entries.items() if isinstance(entries, Mapping) else entries):
        if class_of(entry) not in (tuple, list) or len(entry) != 2:
            raise TypeError(f"an entry is a pair of key and value, not {entry!r}")
        yield entry[0], entry[1]


def encode_descending(tag: int, parts: list[bytes]) -> bytes:
    """Encode a collection as part of a key from its encoded entries.

    They stand in descending order: of two sets the one with the smaller largest member comes first, and a
    subset comes before the set.
    """
    parts.sort(reverse=True)
    return b"".join((bytes((tag,)), *parts, bytes((KeyTag.END,))))
