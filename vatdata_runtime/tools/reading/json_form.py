"""Stored values as JSON and back, without loss; ``docs/json-values.md`` describes the form."""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, cast
from uuid import UUID

from ...passable import (
    CopyBag,
    CopyMap,
    CopySet,
    Record,
    Tagged,
    make_copy_bag,
    make_copy_map,
    make_copy_set,
    make_tagged,
)
from ...passable.classes import class_of
from ...vat.stand_ins import StandIn, StandInCodec, member_stand_in

__all__ = ["JsonForm"]

_SAFE_INT: Final = 1 << 53
_PLAIN: Final = frozenset({type(None), bool, str})


class JsonForm:
    """Writes frozen values as JSON data, and reads them back.

    Plain data is itself. Everything that JSON lacks is an object with one member whose name begins with ``#``.

    Args:
        codec: makes the stand-ins that references are read as.
        write_slot: how a reference is written.
        read_slot: its reverse; None where nothing is read back.
    """

    def __init__(
        self,
        codec: StandInCodec,
        write_slot: Callable[[bytes], str],
        read_slot: Callable[[str], bytes] | None = None,
    ) -> None:
        self._codec = codec
        self._write_slot = write_slot
        self._read_slot = read_slot

    def write(self, value: Any) -> Any:
        """Return a value as what ``json`` takes. Numbers that JSON readers may round are written as text."""
        kind = class_of(value)
        if kind in _PLAIN:
            return value
        if kind is int:
            return value if -_SAFE_INT < value < _SAFE_INT else {"#int": str(value)}
        if kind is float:
            return value if math.isfinite(value) else {"#float": str(value)}
        if kind is tuple or kind is list:
            return [self.write(item) for item in value]
        if kind is Record:
            fields = {name: self.write(part) for name, part in value.items()}
            return {"#record": fields} if any(name.startswith("#") for name in fields) else fields
        if kind is StandIn:
            return {"#ref": self._write_slot(value.slot)}
        writer = _WRITERS.get(kind)
        if writer is not None:
            name, write = writer
            return {name: write(value)}
        if kind is CopySet:
            return {"#set": [self.write(member) for member in value]}
        if kind is CopyBag:
            return {"#bag": [[self.write(member), count] for member, count in value.items()]}
        if kind is CopyMap:
            return {"#map": [[self.write(key), self.write(part)] for key, part in value.items()]}
        if isinstance(value, Tagged):
            return {"#tagged": [value.tag, self.write(value.payload)]}
        if isinstance(value, Enum):
            return {"#enum": [kind.__name__, value.name]}
        if isinstance(value, BaseException):
            encoded = b64encode(self._codec.encode(value)).decode()
            return {"#error": f"{type(value).__name__}: {value}", "#encoded": encoded}
        return {"#encoded": b64encode(self._codec.encode(value)).decode()}

    def read(self, form: Any) -> Any:
        """Return the value that was written as *form*.

        Raises:
            ValueError: it is no such form.
        """
        kind = class_of(form)
        if kind in _PLAIN or kind is int or kind is float:
            return form
        if kind is list:
            return tuple(self.read(item) for item in form)
        if kind is not dict:
            raise ValueError(f"no value is written as {form!r}")
        members = cast("dict[str, Any]", form)
        if any(name.startswith("#") for name in members):
            return self._read_special(members)
        return Record({name: self.read(part) for name, part in members.items()})

    def _read_special(self, form: Mapping[str, Any]) -> Any:
        if "#encoded" in form:
            return self._codec.decode(b64decode(form["#encoded"]))
        try:
            ((name, part),) = form.items()
            if name == "#ref":
                if self._read_slot is None:
                    raise ValueError("references are not read here")
                return self._codec.stand_in(self._read_slot(part))
            if name == "#record":
                return Record({field: self.read(value) for field, value in part.items()})
            if name == "#set":
                return make_copy_set([self.read(member) for member in part])
            if name == "#bag":
                return make_copy_bag([(self.read(member), count) for member, count in part])
            if name == "#map":
                return make_copy_map([(self.read(key), self.read(value)) for key, value in part])
            if name == "#tagged":
                return make_tagged(part[0], self.read(part[1]))
            return _READERS[name](part)
        except (ArithmeticError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise ValueError(f"no value is written as {form!r}") from error


_WRITERS: Final[dict[type, tuple[str, Callable[[Any], Any]]]] = {
    bytes: ("#bytes", lambda value: b64encode(value).decode()),
    datetime: ("#datetime", datetime.isoformat),
    date: ("#date", date.isoformat),
    time: ("#time", time.isoformat),
    timedelta: ("#timedelta", lambda value: [value.days, value.seconds, value.microseconds]),
    Decimal: ("#decimal", str),
    UUID: ("#uuid", str),
}

_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "#int": int,
    "#float": float,
    "#bytes": b64decode,
    "#datetime": datetime.fromisoformat,
    "#date": date.fromisoformat,
    "#time": time.fromisoformat,
    "#timedelta": lambda part: timedelta(*part),
    "#decimal": Decimal,
    "#uuid": UUID,
    "#enum": lambda part: member_stand_in(*part),
}
