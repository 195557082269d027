"""What is fuzzed by itself: each target takes bytes and returns, or raises what its reader promises to raise.

A target fails by any other exception, and by an assertion: what was read must be what the same bytes are written from.
"""

from __future__ import annotations

import datetime as dt
import json
import warnings
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from vatdata_lint.facts.parse import NotUnderstoodError, parse_source, with_deep_stack
from vatdata_lint.manifest import Manifest, ManifestError
from vatdata_lint.module_check import check_module
from vatdata_lint.rules import ModuleRule, all_rules
from vatdata_lint.suppression import parse as parse_suppressions
from vatdata_lint.testing import cases_of
from vatdata_runtime.passable import (
    DecodeError,
    Far,
    ValueCodec,
    decode_key,
    encode_key,
    freeze,
    make_copy_bag,
    make_copy_map,
    make_copy_set,
    make_tagged,
)
from vatdata_runtime.vat.identifiers import decode_number, encode_number, join_slot, split_slot

__all__ = ["TARGETS", "Target", "trouble_with"]


class Target(NamedTuple):
    """A reader of bytes, and inputs that it takes, from which others are made."""

    read: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]


_REMOTABLES: dict[bytes, Any] = {b"h\x01": Far("One", {}), b"d\x10\x02": Far("Two", {})}


def _object_at(slot: bytes) -> Any:
    return _REMOTABLES.setdefault(bytes(slot), Far("Found", {}))


def _slot_of(thing: Any) -> bytes:
    return next(slot for slot, known in _REMOTABLES.items() if known is thing)


_codec = ValueCodec(_slot_of, _object_at)


def _values() -> list[Any]:
    one, two = _REMOTABLES[b"h\x01"], _REMOTABLES[b"d\x10\x02"]
    return [
        None,
        True,
        -1,
        2**64,
        -(2**200),
        1.5,
        float("nan"),
        "text \U0001f60b",
        b"bytes\x00",
        [1, [2, [3, ()]]],
        {"a": 1, "b": {"c": [one, two, one]}},
        make_copy_set([1, 2, "three"]),
        make_copy_bag([("a", 2), (b"b", 1)]),
        make_copy_map([(1, one), ("two", None)]),
        make_tagged("note", {"x": 1}),
        ValueError("a", 1),
        KeyError("missing"),
        dt.datetime(2025, 1, 2, 3, 4, 5, 6, dt.UTC),
        dt.date(2025, 1, 2),
        dt.time(1, 2, 3),
        dt.timedelta(days=-1, microseconds=5),
        Decimal("-12.340"),
        UUID(int=5),
    ]


def read_value(data: bytes) -> object:
    """Decode a value; it must be the same after another journey."""
    try:
        value = _codec.decode(data)
    except DecodeError:
        return None
    again = _codec.encode(value)
    assert _codec.encode(_codec.decode(again)) == again, f"{value!r} changes on its way"
    return (value,)


def read_row(data: bytes) -> object:
    try:
        row = _codec.decode_row(data)
    except DecodeError:
        return None
    again = _codec.encode_row(row)
    assert _codec.encode_row(_codec.decode_row(again)) == again
    return (row,)


def read_slots(data: bytes) -> object:
    try:
        return _codec.slots_in(data)
    except DecodeError:
        return None


def read_key(data: bytes) -> object:
    """Decode a key; keys have one encoding each, or order would not be order."""
    ordinals: dict[int, int] = {}
    things: dict[int, Any] = {}

    def remotable_at(ordinal: int) -> Any:
        thing = things.setdefault(ordinal, Far("Found", {}))
        ordinals[id(thing)] = ordinal
        return thing

    try:
        key = decode_key(data, remotable_at)
    except DecodeError:
        return None
    assert encode_key(key, lambda thing: ordinals[id(thing)]) == data, f"{key!r} has another encoding"
    return (key,)


def _no_ordinal(_thing: Any) -> Any:
    raise AssertionError("these keys hold no remotables")


def read_number(data: bytes) -> object:
    try:
        number, end = decode_number(data, 0)
    except ValueError:
        return None
    assert encode_number(number) == data[:end]
    return number


def read_slot(data: bytes) -> object:
    try:
        zone, kind, instance, facet = split_slot(data)
    except ValueError:
        return None
    assert join_slot(zone, kind, instance, facet) == data
    return kind


def read_manifest(data: bytes) -> object:
    try:
        manifest = Manifest.parse(data.decode("utf-8"), "fuzzed")
    except (ManifestError, UnicodeDecodeError):
        return None
    text = manifest.to_text()
    assert Manifest.parse(text, "fuzzed").to_text() == text
    return manifest


def read_source(data: bytes) -> object:
    """Parse a module, look for suppressions, and run every rule of one module over it, with the linter's own stack."""
    return with_deep_stack(partial(_read_source, data))


def _read_source(data: bytes) -> object:
    try:
        tree, text = parse_source(data)
    except NotUnderstoodError:
        return None
    parse_suppressions(text)
    return check_module("vat.py", "vat", text, tree, _RULES)


_RULES = [rule for rule in all_rules() if issubclass(rule, ModuleRule)]
_MODULE = b"""# coding: utf-8
from vatdata_runtime import Exo, Far, M, prepare_exo_class, prepare_exo_class_kit, provide

class Purse(Exo, name="Purse"):
    balance: int = 0
    def deposit(self, amount: int) -> int:
        self.balance += amount  # vatdata: ignore[VD101]
        return self.balance

async def build_root_object(vat_powers, vat_parameters, baggage):
    guard = M.interface("P", {"a": M.call(M.int()).optional(M.any()).returns(M.nat())})
    make = prepare_exo_class(baggage, "P", guard, lambda a, b=1: {"a": a, "b": b}, {"a": lambda this, x: this.state.a})
    await load()
    if make:
        for name in ("x", "y"):
            prepare_exo_class_kit(baggage, name, None, lambda: {}, {"l": {}, "r": {}})
    try:
        provide(baggage, "k", lambda k: [x for x in (yield)])
    finally:
        match make:
            case {"a": [1, *rest]} if rest:
                pass
    return Far("Root", {"make": make, **{f"{n!r:>{5}}": n for n in ()}})
"""


def _modules() -> list[bytes]:
    """A module of everything, and the cases of the rules, which say what each of them looks for."""
    cases = [case for rule in all_rules() if rule.CASES_COMPILE for case in cases_of(rule)]
    return [
        _MODULE,
        *(source.encode() for case in cases for path, source in case.files.items() if path.endswith(".py")),
    ]


def _manifest() -> bytes:
    kind = {
        "name": "Purse",
        "form": "kit",
        "version": 2,
        "facets": [{"name": "a", "methods": ["m"]}, {"name": "b", "methods": None}],
        "fields": [{"name": "x", "pattern": "M.int()"}],
    }
    vat = {"name": "bank", "source": "bank.py", "kinds": [kind], "retired": ["Old"], "renamed": {"A": "B"}}
    return json.dumps({"format": "vatdata-kind-manifest", "version": 1, "vats": [vat]}).encode()


def _encoded() -> list[bytes]:
    return [_codec.encode(freeze(value)) for value in _values()]


def _keys() -> list[bytes]:
    scalars = [
        None,
        True,
        -1,
        2**70,
        1.5,
        "text\x00",
        b"\x00\x01",
        dt.date(2025, 1, 2),
        Decimal("1.5"),
        UUID(int=3),
    ]
    return [encode_key(freeze(key), _no_ordinal) for key in [*scalars, ("a", 1), make_copy_set(["a", "b"])]]


TARGETS = {
    "value": Target(read_value, _encoded),
    "row": Target(
        read_row, lambda: [_codec.encode_row([freeze(v) for v in _values()[:n]]) for n in range(9)]
    ),
    "slots": Target(read_slots, _encoded),
    "key": Target(read_key, _keys),
    "number": Target(read_number, lambda: [encode_number(n) for n in (0, 239, 240, 65536, 2**64 - 1)]),
    "slot": Target(read_slot, lambda: [join_slot(b"d", 16, 2), join_slot(b"v", 300, 2, 1)]),
    "manifest": Target(read_manifest, lambda: [_manifest()]),
    "source": Target(read_source, _modules),
}


def trouble_with(target: str, data: bytes) -> BaseException | None:
    """Let a target read *data*; return what it did wrong."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the code that is read
            TARGETS[target].read(data)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return error
    return None
