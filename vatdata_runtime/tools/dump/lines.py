"""One record of a store as one JSON object, and back; ``docs/dump-format.md`` describes the forms.

A record that would not come back byte for byte, or that this version does not know, is written as bytes. So a dump
loses nothing, whatever later versions or the vats' data bring.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ...passable import KeyTag, encode_key
from ...passable.messagepack import pack, parse
from ...vat.identifiers import DURABLE, VIRTUAL, Space, decode_number, encode_number
from ...vat.stand_ins import StandIn, StandInCodec
from ...vat.stores.entries import encode_ordinal
from ..reading import JsonForm, read_slot, write_slot

__all__ = ["Lines"]

Json = dict[str, Any]
Fields = tuple[str, ...]

_KERNEL = b"\x01"
_DURABLE_SPACES = b"\x02"
_VIRTUAL_SPACES = b"\x03"
_REMOTABLE = bytes((KeyTag.REMOTABLE,))
_REMOTABLE_HEAD = len(encode_ordinal(0))
_NAME = b"v"

# Sorts of records that are a reference and a number, a number and numbers, or a number and a row: the name of the line,
# and the names of its parts.
_COUNTED: Final = {b"c": "count"}
_MARKED: Final = {b"z": "unmentioned"}
_NUMBERED: Final[dict[bytes, tuple[str, Fields]]] = {
    b"h": ("head", ("size", "next_ordinal")),
    b"n": ("counter", ("next_instance",)),
}
_ROWS: Final[dict[bytes, tuple[str, Fields]]] = {
    b"k": ("kind", ("tag", "defined", "facets", "shape", "layouts", "version", "methods")),
    b"s": ("collection", ("type", "label", "key_shape", "value_shape", "role")),
    b"p": ("watch", ("incarnation", "watcher", "arguments")),
}


class Lines:
    """Turns entries into lines and lines into entries.

    Instances are written with the names of their fields, so the kinds of a vat must pass before its instances: they do,
    in key order.
    """

    def __init__(self) -> None:
        self._codec = StandInCodec(is_bounded=True)
        self._json = JsonForm(self._codec, write_slot, read_slot)
        self._layouts: dict[tuple[int, int], list[list[str]]] = {}

    # --- writing

    def write(self, key: bytes, value: bytes) -> Json:
        """Return the line of an entry."""
        line = self._try_write(key, value)
        if line is not None:
            try:
                if self.read(line) == (key, value):
                    return line
            except (ValueError, TypeError, KeyError, IndexError, AttributeError):
                pass  # whatever the form could not hold is written as bytes below
        return {"key": key.hex(), "value": value.hex()}

    def _try_write(self, key: bytes, value: bytes) -> Json | None:
        try:
            space = key[:1]
            if space == _KERNEL:
                return self._write_kernel(key, value)
            if space not in (_DURABLE_SPACES, _VIRTUAL_SPACES):
                return None
            vat, at = decode_number(key, 1)
            head: Json = {"vat": vat}
            if space == _VIRTUAL_SPACES:
                head["incarnation"], at = decode_number(key, at)
            body = self._write_record(vat, space, key[at : at + 1], key[at + 1 :], value)
            return None if body is None else {**head, **body}
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            return None  # no record that this version writes; its bytes go into the dump as they are

    def _write_kernel(self, key: bytes, value: bytes) -> Json | None:
        sort = key[1:2]
        if sort == _NAME:
            return {"vat_name": key[2:].decode(), "number": decode_number(value, 0)[0]}
        if sort == b"q":
            target, method, arguments, result = parse(value)
            positional, keywords = self._codec.decode(arguments)
            return {
                "message": decode_number(key, 2)[0],
                "target": write_slot(target),
                "method": method,
                "arguments": self._json.write(positional),
                "keywords": self._json.write(keywords),
                "result": result,
            }
        if sort == b"s":
            name, source, parameters, terminated = parse(value)
            return {
                "setup": decode_number(key, 2)[0],
                "name": name,
                "source": source,
                "parameters": self._json.write(self._codec.decode(parameters)),
                "terminated": terminated,
            }
        return None

    def _write_record(self, vat: int, space: bytes, sort: bytes, rest: bytes, value: bytes) -> Json | None:
        if sort == b"o":
            return self._write_instance(vat, space, rest, value)
        if sort == b"e":
            return self._write_entry(rest, value)
        if sort in _ROWS:
            name, fields = _ROWS[sort]
            row = [self._json.write(part) for part in self._codec.decode_row(value)]
            if sort == b"k" and len(row) == len(fields):
                self._note_layouts(vat, decode_number(rest, 0)[0], row[4])
            return {name: decode_number(rest, 0)[0], **dict(zip(fields, row, strict=True))}
        if sort in _NUMBERED:
            name, parts = _NUMBERED[sort]
            return {name: decode_number(rest, 0)[0], **dict(zip(parts, _numbers(value), strict=True))}
        if sort in _COUNTED:
            return {_COUNTED[sort]: write_slot(rest), "mentions": decode_number(value, 0)[0]}
        if sort in _MARKED:
            return {_MARKED[sort]: write_slot(rest)}
        if sort == b"q":
            collection, at = decode_number(rest, 0)
            ordinal = decode_number(value, 0)[0]
            return {"ordinal_of": write_slot(rest[at:]), "collection": collection, "ordinal": ordinal}
        if sort == b"m":
            return {"life": parse(value)}
        if sort == b"f":
            return {
                "watcher_of": decode_number(rest, 0)[0],
                "value": self._json.write(self._codec.decode(value)),
            }
        return None

    def _write_instance(self, vat: int, space: bytes, rest: bytes, value: bytes) -> Json:
        kind, _ = decode_number(rest, 0)
        number, *values = self._codec.decode_row(value)
        line: Json = {"instance": write_slot(_zone(space) + rest), "layout": number}
        written = [self._json.write(part) for part in values]
        names = self._names(vat, kind, number) if space == _DURABLE_SPACES else None
        if names is None or len(names) != len(written) or len(set(names)) != len(names):
            line["row"] = written
        else:
            line["state"] = dict(zip(names, written, strict=True))
        return line

    def _write_entry(self, rest: bytes, value: bytes) -> Json:
        collection, at = decode_number(rest, 0)
        encoded = rest[at:]
        line: Json = {"entry_of": collection, "key": self._json.write(self._codec.decode_key(encoded))}
        if encoded[:1] == _REMOTABLE:
            line["ordinal"] = int.from_bytes(encoded[1:_REMOTABLE_HEAD], "big")
        if value:
            line["value"] = self._json.write(self._codec.decode(value))
        return line

    # --- reading

    def read(self, line: Json) -> tuple[bytes, bytes]:
        """Return the entry of a line.

        Raises:
            ValueError, TypeError, KeyError, IndexError, AttributeError: it is no line of a dump.
        """
        if "key" in line and "value" in line and len(line) == 2:
            return bytes.fromhex(line["key"]), bytes.fromhex(line["value"])
        if "vat" not in line:
            return self._read_kernel(line)
        vat: int = line["vat"]
        space = Space.durable(vat) if "incarnation" not in line else Space.virtual(vat, line["incarnation"])
        name = next(part for part in line if part not in ("vat", "incarnation"))
        return self._read_record(name, vat, space, line)

    def _read_kernel(self, line: Json) -> tuple[bytes, bytes]:
        if "vat_name" in line:
            return b"\x01v" + line["vat_name"].encode(), encode_number(line["number"])
        if "message" in line:
            arguments = (self._json.read(line["arguments"]), self._json.read(line["keywords"]))
            row = (read_slot(line["target"]), line["method"], self._codec.encode(arguments), line["result"])
            return b"\x01q" + encode_number(line["message"]), pack(row)
        parameters = self._codec.encode(self._json.read(line["parameters"]))
        row_of_setup = (line["name"], line["source"], parameters, line["terminated"])
        return b"\x01s" + encode_number(line["setup"]), pack(row_of_setup)

    def _read_record(self, name: str, vat: int, space: Space, line: Json) -> tuple[bytes, bytes]:
        if name == "instance":
            slot = read_slot(line["instance"])
            return space.record + slot[1:], self._read_instance(vat, slot, line)
        if name == "entry_of":
            return self._read_entry(space, line)
        if name in _SORT_OF_ROW:
            sort = _SORT_OF_ROW[name]
            fields = _ROWS[sort][1]
            row = [self._json.read(line[field]) for field in fields]
            if sort == b"k":
                self._note_layouts(vat, line[name], line["layouts"])
            return space.prefix + sort + encode_number(line[name]), self._codec.encode_row(row)
        if name in _SORT_OF_NUMBERED:
            sort = _SORT_OF_NUMBERED[name]
            numbers = b"".join(encode_number(line[part]) for part in _NUMBERED[sort][1])
            return space.prefix + sort + encode_number(line[name]), numbers
        return _READERS[name](self, space, line)

    def _read_instance(self, vat: int, slot: bytes, line: Json) -> bytes:
        number = line["layout"]
        if "row" in line:
            values = line["row"]
        else:
            names = self._names(vat, decode_number(slot, 1)[0], number)
            state: Json = line["state"]
            if names is None or sorted(names) != sorted(state):
                raise ValueError(f"its fields are not those of layout {number} of its kind")
            values = [state[name] for name in names]
        return self._codec.encode_row([number, *(self._json.read(part) for part in values)])

    def _read_entry(self, space: Space, line: Json) -> tuple[bytes, bytes]:
        key = self._json.read(line["key"])
        if "ordinal" in line:
            if not isinstance(key, StandIn):
                raise ValueError("only the key of an object has an ordinal")
            encoded = encode_ordinal(line["ordinal"]) + key.slot
        else:
            encoded = encode_key(key, _no_ordinal)
        value = self._codec.encode(self._json.read(line["value"])) if "value" in line else b""
        return space.entry + encode_number(line["entry_of"]) + encoded, value

    def read_watcher(self, space: Space, line: Json) -> tuple[bytes, bytes]:
        """Return the entry of a provided watcher."""
        value = self._codec.encode(self._json.read(line["value"]))
        return space.provided + encode_number(line["watcher_of"]), value

    # --- layouts

    def _note_layouts(self, vat: int, kind: int, layouts: list[list[Any]]) -> None:
        self._layouts[vat, kind] = [list(fields) for _, fields, _ in layouts]

    def _names(self, vat: int, kind: int, number: Any) -> list[str] | None:
        layouts = self._layouts.get((vat, kind), [])
        return layouts[number] if type(number) is int and 0 <= number < len(layouts) else None


def _zone(space: bytes) -> bytes:
    return DURABLE if space == _DURABLE_SPACES else VIRTUAL


def _numbers(data: bytes) -> list[int]:
    found: list[int] = []
    at = 0
    while at < len(data):
        number, at = decode_number(data, at)
        found.append(number)
    return found


def _no_ordinal(_key: object) -> int:
    raise ValueError("a key that holds an object has no form of its own")


_SORT_OF_ROW: Final = {name: sort for sort, (name, _) in _ROWS.items()}
_SORT_OF_NUMBERED: Final = {name: sort for sort, (name, _) in _NUMBERED.items()}

_Reader = Callable[[Lines, Space, Json], tuple[bytes, bytes]]
_READERS: Final[dict[str, _Reader]] = {
    "count": lambda _, space, line: (space.count + read_slot(line["count"]), encode_number(line["mentions"])),
    "unmentioned": lambda _, space, line: (space.zero + read_slot(line["unmentioned"]), b""),
    "ordinal_of": lambda _, space, line: (
        space.ordinal + encode_number(line["collection"]) + read_slot(line["ordinal_of"]),
        encode_number(line["ordinal"]),
    ),
    "life": lambda _, space, line: (space.meta, pack(line["life"])),
    "watcher_of": Lines.read_watcher,
}
