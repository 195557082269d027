"""Values as bytes and back, by MessagePack; ``docs/encoding.md`` describes every byte."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Final, TypeVar

import msgspec
from msgspec.msgpack import Ext

from vatdata_runtime.errors import CopyDataError, NotPassableError
from vatdata_runtime.passable.classes import PLAIN_CLASSES, class_of
from vatdata_runtime.passable.copybags import CopyBag
from vatdata_runtime.passable.copymaps import CopyMap
from vatdata_runtime.passable.copysets import CopySet
from vatdata_runtime.passable.decode_error import DecodeError
from vatdata_runtime.passable.enums import current_enums
from vatdata_runtime.passable.exceptions import exception_fields, make_exception
from vatdata_runtime.passable.extensions import LIFT_SCALAR, LOWER_SCALAR, ExtCode
from vatdata_runtime.passable.freeze import MAX_DEPTH
from vatdata_runtime.passable.messagepack import pack, pack_parts, parse, parse_entries, refuse_depth
from vatdata_runtime.passable.promises import is_promise
from vatdata_runtime.passable.record import Record, record_of
from vatdata_runtime.passable.remotable import Remotable
from vatdata_runtime.passable.tagged import Tagged, make_tagged

__all__ = ["LIFTED", "ExtCode", "ValueCodec", "parse_row"]

_Built = TypeVar("_Built", CopySet, CopyBag, CopyMap)

# What MessagePack encodes as it is; an int only where 64 bits hold it, or it raises OverflowError.
_PLAIN_OR_INT: Final = PLAIN_CLASSES
_PLAIN: Final = PLAIN_CLASSES - {int}

LIFTED: Final[frozenset[type]] = frozenset({Ext, list, dict, datetime})
"""Classes of what ``parse_row`` gives that is not the value itself yet."""

_REFERENCE: Final = ExtCode.REFERENCE
# What MessagePack puts before an extension of so many bytes.
_REFERENCE_HEADS: Final = tuple(pack(Ext(_REFERENCE, bytes(size)))[: -size or None] for size in range(32))
_HEAD_SIZES: Final = {head[0]: len(head) for head in _REFERENCE_HEADS}
_LONGEST_HEAD: Final = len(_REFERENCE_HEADS) - 1
_MOST_LONE: Final = 1000
_WITH_PARTS: Final = frozenset({ExtCode.TAGGED, ExtCode.COPY_SET, ExtCode.COPY_BAG, ExtCode.COPY_MAP})


class ValueCodec:
    """Encodes frozen values and rows of values, and decodes them again.

    Equal values have equal bytes, but for decimals: those that differ in trailing zeros alone are equal and
    keep the zeros, and so bytes of their own.

    Args:
        slot_of: gives the slot, the bytes that stand for a remotable or promise; what it raises is raised.
        object_at: gives the remotable or promise that a slot stands for; what it raises is raised.
    """

    __slots__ = ("_flat", "_lone", "_object_at", "_pack_flat", "_slot_of")

    def __init__(self, slot_of: Callable[[Any], bytes], object_at: Callable[[bytes], Any]) -> None:
        self._slot_of = slot_of
        self._object_at = object_at
        self._flat: set[type] = set(_PLAIN_OR_INT)
        self._lone: dict[bytes, tuple[bytes, ...]] = {}
        # MessagePack asks for what it does not know, which among the flat classes are references.
        self._pack_flat = msgspec.msgpack.Encoder(
            enc_hook=lambda value: Ext(_REFERENCE, slot_of(value))
        ).encode

    def note_class(self, cls: type[Remotable]) -> None:
        """Encode rows that mention instances of *cls* itself faster. What it is can be told by its class alone."""
        self._flat.add(cls)

    def encode(self, value: Any) -> bytes:
        """Encode one frozen value.

        Raises:
            NotPassableError: *value* is not frozen.

        Cost: about 0.1 us for a scalar; 0.1 to 0.3 us more for each part that is no plain scalar.
        """
        try:
            return pack(self._lower(value, _PLAIN_OR_INT))
        except OverflowError:  # an int of more than 64 bits is somewhere in it, which is rare
            return pack(self._lower(value, _PLAIN))

    @staticmethod
    def encode_reference(slot: bytes) -> bytes:
        """Encode a remotable, given its slot, as ``encode`` does."""
        return (
            _REFERENCE_HEADS[len(slot)] + slot
            if len(slot) < len(_REFERENCE_HEADS)
            else pack(Ext(_REFERENCE, slot))
        )

    def decode(self, data: bytes) -> Any:
        """Return the frozen value that ``encode`` encodes as *data*.

        Raises:
            DecodeError: *data* is not the encoding of a value.
        """
        raw = parse(data)
        return raw if class_of(raw) in _PLAIN_OR_INT else self._lift(raw, MAX_DEPTH)

    def lift(self, raw: Any) -> Any:
        """Return the frozen value that encodes as the bytes which ``parse`` made *raw* of.

        Args:
            raw: what it holds is used up.

        Raises:
            DecodeError: as ``decode``.
        """
        return raw if class_of(raw) in _PLAIN_OR_INT else self._lift(raw, MAX_DEPTH)

    def encode_row(self, values: Sequence[Any]) -> bytes:
        """Encode frozen values, given as list or tuple, as one array of fields; see ``encode``."""
        try:
            if self._flat.issuperset(map(class_of, values)):
                return self._pack_flat(values)
            return pack([self._lower(value, _PLAIN_OR_INT) for value in values])
        except OverflowError:  # as above
            return pack([self._lower(value, _PLAIN) for value in values])

    @staticmethod
    def decode_reference(data: bytes) -> bytes | None:
        """Return the slot where *data* encodes a remotable and nothing else, None for any other value."""
        size = _HEAD_SIZES.get(data[0])
        if size is None or len(data) > _LONGEST_HEAD or data[:size] != _REFERENCE_HEADS[len(data) - size]:
            return None
        return data[size:]

    def decode_row(self, data: bytes) -> list[Any]:
        """Return the fields that ``encode_row`` encodes as *data*; see ``decode``."""
        row = parse_row(data)
        if not _PLAIN_OR_INT.issuperset(map(class_of, row)):
            for position, raw in enumerate(row):
                if class_of(raw) not in _PLAIN_OR_INT:
                    row[position] = self._lift(raw, MAX_DEPTH)
        return row

    def lift_field(self, raw: Any, slots: tuple[bytes, ...]) -> tuple[Any, tuple[bytes, ...]]:
        """Turn a field of a class in ``LIFTED``, of a row that ``parse_row`` has read, into the value it stands for.

        Args:
            slots: the distinct slots that the fields before it mention.

        Returns:
            The value, and the distinct slots including those that it mentions.
        """
        if class_of(raw) is Ext and raw.code == _REFERENCE:
            slot: bytes = raw.data
            if not slots:
                return self._object_at(slot), self._lone.get(slot) or self._keep_lone(slot)
            return self._object_at(slot), slots if slot in slots else (*slots, slot)
        seen = dict.fromkeys(slots)
        _collect_slots((raw,), seen, MAX_DEPTH)
        return self._lift(raw, MAX_DEPTH), tuple(seen)

    def _keep_lone(self, slot: bytes) -> tuple[bytes, ...]:
        """Return the tuple of one slot, one and the same for many records that mention the same few objects."""
        if len(self._lone) >= _MOST_LONE:
            self._lone.clear()
        return self._lone.setdefault(slot, (slot,))

    def slots_in(self, data: bytes) -> list[bytes]:
        """Return the slots that an encoded value or row mentions, each once, by first mention. No calls.

        Raises:
            DecodeError: *data* is no encoding; not all that ``decode`` refuses is refused.
        """
        slots: dict[bytes, None] = {}
        raw = parse(data)
        _collect_slots(raw if class_of(raw) is list else (raw,), slots, MAX_DEPTH)
        return list(slots)

    # Each level of a value takes two frames here at most: MAX_DEPTH counts on it.

    def _lower(self, value: Any, plain: frozenset[type]) -> Any:
        """Turn *value* into what MessagePack encodes as it is, taking it that it does so with classes in *plain*."""
        kind = class_of(value)
        if kind in plain:
            return value
        if kind is tuple:
            if plain.issuperset(map(class_of, value)):
                return value
            items: list[Any] = []
            for item in value:
                items.append(item if class_of(item) in plain else self._lower(item, plain))
            return items
        if kind is Record:
            fields: dict[str, Any] = value._fields
            if plain.issuperset(map(class_of, fields.values())):
                return fields
            lowered: dict[str, Any] = {}
            for name, part in fields.items():
                lowered[name] = part if class_of(part) in plain else self._lower(part, plain)
            return lowered
        lower = LOWER_SCALAR.get(kind)
        if lower is not None:
            return lower(value)
        if isinstance(value, Remotable) or is_promise(value):
            return Ext(ExtCode.REFERENCE, self._slot_of(value))
        if kind is CopySet:
            members: list[bytes] = []
            for member in value:
                members.append(pack(self._lower(member, plain)))
            return Ext(ExtCode.COPY_SET, pack_parts(sorted(members)))
        if kind is CopyBag:
            return Ext(ExtCode.COPY_BAG, self._encode_entries(value.items(), plain))
        if kind is CopyMap:
            return Ext(ExtCode.COPY_MAP, self._encode_entries(value.items(), plain))
        if isinstance(value, Tagged):
            return Ext(ExtCode.TAGGED, pack((value.tag, self._lower(value.payload, plain))))
        if isinstance(value, Enum):
            return Ext(ExtCode.ENUM, pack(current_enums.get().names_of(value)))
        if isinstance(value, BaseException):
            return Ext(ExtCode.EXCEPTION, pack(self._lower(exception_fields(value), plain)))
        raise NotPassableError(f"a {kind.__name__} must be frozen before it is encoded")

    def _encode_entries(self, entries: Iterable[tuple[Any, Any]], plain: frozenset[type]) -> bytes:
        pairs: list[tuple[bytes, bytes]] = []
        for key, value in entries:
            pairs.append((pack(self._lower(key, plain)), pack(self._lower(value, plain))))
        return pack_parts([part for pair in sorted(pairs) for part in pair])

    def _lift(self, raw: Any, room: int) -> Any:
        """Turn what MessagePack decodes into the frozen value that it stands for, with *room* levels."""
        kind = class_of(raw)
        if kind in _PLAIN_OR_INT:
            return raw
        if kind is Ext:
            code: int = raw.code
            if code == ExtCode.REFERENCE:
                return self._object_at(raw.data)
            lift = LIFT_SCALAR.get(code)
            if lift is not None:
                return lift(raw.data)
            if code == ExtCode.ENUM:
                return _lift_enum(raw.data)
            if room == 0:
                refuse_depth()
            lift_container = _LIFT_CONTAINER.get(code)
            if lift_container is None:
                raise DecodeError(f"there is no extension {code}")
            return lift_container(self, raw.data, room - 1)
        if room == 0:
            refuse_depth()
        if kind is list:
            for position, item in enumerate(raw):
                if class_of(item) not in _PLAIN_OR_INT:
                    raw[position] = self._lift(item, room - 1)
            return tuple(raw)
        if kind is dict:
            _check_names(raw)
            for name, part in raw.items():
                if class_of(part) not in _PLAIN_OR_INT:
                    raw[name] = self._lift(part, room - 1)
            return record_of(raw)
        raise DecodeError("a MessagePack timestamp is in the value")

    def _lift_parts(self, data: bytes, width: int, room: int) -> list[Any]:
        parts: list[Any] = []
        for part in parse_entries(data, width):
            parts.append(self._lift(parse(part), room))
        return parts

    def _lift_set(self, data: bytes, room: int) -> CopySet:
        return _build(CopySet, self._lift_parts(data, 1, room))

    def _lift_bag(self, data: bytes, room: int) -> CopyBag:
        parts = self._lift_parts(data, 2, room)
        return _build(CopyBag, zip(parts[::2], parts[1::2], strict=True))

    def _lift_map(self, data: bytes, room: int) -> CopyMap:
        parts = self._lift_parts(data, 2, room)
        return _build(CopyMap, zip(parts[::2], parts[1::2], strict=True))

    def _lift_tagged(self, data: bytes, room: int) -> Tagged:
        parts = parse(data)
        if class_of(parts) is not list or len(parts) != 2 or class_of(parts[0]) is not str:
            raise DecodeError("a tagged value is no pair of tag and payload")
        payload = self._lift(parts[1], room)
        try:
            return make_tagged(parts[0], payload)
        except (ValueError, TypeError) as error:
            raise DecodeError(f"tag {parts[0]!r} does not take this payload: {error}") from None

    def _lift_exception(self, data: bytes, room: int) -> Exception:
        fields = parse(data)
        if (
            class_of(fields) is not list
            or [class_of(field) for field in fields[:3]] != [str, list, str]
            or len(fields) != 6
        ):
            raise DecodeError("an exception does not have its six fields")
        for position, field in enumerate(fields):
            if class_of(field) is list:
                for index, part in enumerate(field):
                    field[index] = self._lift(part, room)
                fields[position] = tuple(field)
            elif class_of(field) is Ext:
                fields[position] = self._lift(field, room)
        class_name, arguments, message, cause, members, notes = fields
        if not (
            (cause is None or isinstance(cause, Exception))
            and class_of(members) is tuple
            and all(isinstance(member, Exception) for member in members)
            and class_of(notes) is tuple
            and all(class_of(note) is str for note in notes)
        ):
            raise DecodeError("a field of an exception is of another kind")
        return make_exception(class_name, arguments, message, cause, members, notes)


def parse_row(data: bytes) -> list[Any]:
    """Decode a row into its fields as MessagePack has them; those of classes in ``LIFTED`` are to be lifted.

    Raises:
        DecodeError: *data* is not the encoding of a row.
    """
    row: list[Any] = parse(data)
    if class_of(row) is not list:
        raise DecodeError(f"a row is an array, not a {type(row).__name__}")
    return row


def _lift_enum(data: bytes) -> Enum:
    names = parse(data)
    if class_of(names) is not list or [class_of(name) for name in names] != [str, str]:
        raise DecodeError("an enum member is no pair of names")
    return current_enums.get().member_of(names[0], names[1])


def _check_names(fields: dict[Any, Any]) -> None:
    before = None
    for name in fields:
        if class_of(name) is not str:
            raise DecodeError("a name of a record is no text")
        if before is not None and name <= before:
            raise DecodeError("the names of a record are not in ascending order")
        before = name


def _collect_slots(parts: Iterable[Any], slots: dict[bytes, None], room: int) -> None:
    """Add the slots that *parts*, decoded MessagePack of *room* levels at most, mention."""
    if room < 0:
        refuse_depth()
    for part in parts:
        kind = class_of(part)
        if kind in _PLAIN_OR_INT:
            continue
        if kind is Ext:
            if part.code == _REFERENCE:
                slots[part.data] = None
            elif part.code in _WITH_PARTS:
                inside = parse(part.data)
                if class_of(inside) is not list:
                    raise DecodeError("the payload of a collection is no array")
                _collect_slots(inside, slots, room - 1)
        elif kind is list:
            _collect_slots(part, slots, room - 1)
        elif kind is dict:
            _collect_slots(part.values(), slots, room - 1)


def _build(collection: Callable[[Iterable[Any]], _Built], members: Iterable[Any]) -> _Built:
    try:
        return collection(members)
    except (CopyDataError, NotPassableError) as error:
        raise DecodeError(str(error)) from None


_LIFT_CONTAINER: Final[dict[int, Callable[[ValueCodec, bytes, int], Any]]] = {
    ExtCode.TAGGED: ValueCodec._lift_tagged,
    ExtCode.COPY_SET: ValueCodec._lift_set,
    ExtCode.COPY_BAG: ValueCodec._lift_bag,
    ExtCode.COPY_MAP: ValueCodec._lift_map,
    ExtCode.EXCEPTION: ValueCodec._lift_exception,
}
