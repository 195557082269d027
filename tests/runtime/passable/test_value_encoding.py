"""Values as bytes: what goes in comes back equal, equal values have equal bytes, nothing else is accepted."""

from __future__ import annotations

import asyncio
import datetime as dt
import enum
import json
import os
import struct
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.msgpack import Ext

from vatdata_runtime.errors import NotPassableError
from vatdata_runtime.passable import (
    MAX_DEPTH,
    CopyBag,
    CopyMap,
    CopySet,
    DecodeError,
    EnumRegistry,
    ExtCode,
    Record,
    Tagged,
    UnknownEnumError,
    ValueCodec,
    current_enums,
    freeze,
    make_tagged,
    pass_style_of,
    register_tag,
    same,
)

from .strategies import REMOTABLES, values

GOLDEN = Path(__file__).with_name("golden_values.json")
pack = msgspec.msgpack.encode


def slot_of(thing: Any) -> bytes:
    return b"r%d" % REMOTABLES.index(thing)


def object_at(slot: bytes) -> Any:
    return REMOTABLES[int(slot[1:] or b"0") % len(REMOTABLES) if slot[1:].isdigit() else 0]


codec = ValueCodec(slot_of, object_at)


@given(values)
def test_a_value_comes_back_equal_and_of_its_kind(value):
    again = codec.decode(codec.encode(value))
    assert same(again, value)
    assert pass_style_of(again) == pass_style_of(value)
    assert same(freeze(again), again)


@given(values)
def test_what_comes_back_has_the_same_bytes(value):
    data = codec.encode(value)
    assert codec.encode(codec.decode(data)) == data


@given(st.lists(values, max_size=5))
def test_a_row_comes_back_as_the_list_of_its_fields(row):
    data = codec.encode_row(row)
    assert same(tuple(codec.decode_row(data)), tuple(row))
    assert data == codec.encode(tuple(row))


@given(st.dictionaries(st.text(max_size=3), st.integers(), max_size=5), st.randoms())
def test_bytes_of_a_record_do_not_depend_on_the_order_in_which_its_fields_came(fields, random):
    shuffled = list(fields.items())
    random.shuffle(shuffled)
    assert codec.encode(Record(shuffled)) == codec.encode(Record(fields))


@given(st.permutations([1, 1.0, True, "a", (REMOTABLES[0], 2), (REMOTABLES[1], 1), REMOTABLES[2]]))
def test_bytes_of_a_set_do_not_depend_on_the_order_in_which_its_members_came(members):
    assert codec.encode(CopySet(members)) == codec.encode(CopySet(members[::-1]))


def test_decimals_keep_their_trailing_zeros():
    assert str(codec.decode(codec.encode(Decimal("1.50")))) == "1.50"


def test_a_plain_value_is_plain_messagepack_that_any_reader_understands():
    value = freeze(
        {"name": "alice", "tags": ["a", "b"], "age": 5, "ratio": 0.5, "key": b"k", "x": None, "y": True}
    )
    assert msgspec.msgpack.decode(codec.encode(value)) == {
        "age": 5, "key": b"k", "name": "alice", "ratio": 0.5, "tags": ["a", "b"], "x": None, "y": True,
    }  # fmt: skip


def test_a_reference_is_its_slot_and_comes_back_as_the_same_object():
    value = freeze([REMOTABLES[2], {"again": REMOTABLES[2]}])
    assert codec.encode(REMOTABLES[2]) == pack(Ext(ExtCode.REFERENCE, b"r2"))
    assert codec.decode(codec.encode(value))[1]["again"] is REMOTABLES[2]


def test_a_promise_is_a_reference():
    async def round_trip():
        promise = asyncio.get_running_loop().create_future()
        alone = ValueCodec(lambda thing: b"p1", lambda slot: {b"p1": promise}[slot])
        assert alone.decode(alone.encode((promise,)))[0] is promise

    asyncio.run(round_trip())


def test_what_the_callbacks_raise_comes_through():
    class ForeignError(Exception):
        pass

    def refuse(_: Any) -> Any:
        raise ForeignError

    refusing = ValueCodec(refuse, refuse)
    with pytest.raises(ForeignError):
        refusing.encode((REMOTABLES[0],))
    with pytest.raises(ForeignError):
        refusing.decode_row(codec.encode_row([REMOTABLES[0]]))


@pytest.mark.parametrize("value", [[1], {"a": 1}, {1}, object(), (1, [2]), freeze])
def test_what_is_not_frozen_is_refused(value):
    with pytest.raises((NotPassableError, TypeError)):
        codec.encode(value)


# --- references in a value -------------------------------------------------------------------------------------


def test_slots_come_distinct_in_order_of_first_mention_without_a_callback():
    a, b, c, d = REMOTABLES
    row = [5, d, freeze({"x": [a, b], "y": make_tagged("t", {"z": a})}), CopyMap({c: b}), "r9"]
    data = codec.encode_row(row)
    silent = ValueCodec(lambda thing: pytest.fail("called"), lambda slot: pytest.fail("called"))
    assert silent.slots_in(data) == [b"r3", b"r0", b"r1", b"r2"]


@given(values)
def test_slots_are_those_that_decoding_asks_for(value):
    asked: list[bytes] = []

    def ask(slot: bytes) -> Any:
        asked.append(slot)
        return object_at(slot)

    data = codec.encode(value)
    ValueCodec(slot_of, ask).decode(data)
    assert codec.slots_in(data) == list(dict.fromkeys(asked))


# --- enums and tags --------------------------------------------------------------------------------------------


class Color(enum.Enum):
    RED = 1
    GREEN = 2


class Access(enum.Flag):
    READ = enum.auto()
    WRITE = enum.auto()


@pytest.fixture
def enums():
    registry = EnumRegistry()
    registry.register(Color)
    registry.register(Access, "Rights")
    token = current_enums.set(registry)
    yield registry
    current_enums.reset(token)


@pytest.mark.parametrize("member", [Color.RED, Access.READ, Access.READ | Access.WRITE, Access(0)])
def test_an_enum_member_is_stored_by_name_and_comes_back_itself(enums, member):
    data = codec.encode(freeze((member,)))
    assert codec.decode(data)[0] is member


def test_an_enum_is_stored_under_the_name_that_it_was_registered_with(enums):
    assert codec.encode(Access.WRITE) == pack(Ext(ExtCode.ENUM, pack(["Rights", "WRITE"])))


def test_a_member_of_an_enum_that_is_registered_no_more_says_what_to_do(enums):
    data = codec.encode(Color.GREEN)
    token = current_enums.set(EnumRegistry())
    with pytest.raises(UnknownEnumError, match="register_enum"):
        codec.decode(data)
    current_enums.reset(token)


def test_a_registered_tag_comes_back_as_its_own_class():
    class Money(Tagged):
        __slots__ = ()

    register_tag("test-money:", lambda tag, payload: Money(tag, payload))
    again = codec.decode(codec.encode(make_tagged("test-money:eur", 5)))
    assert type(again) is Money
    assert again == make_tagged("test-money:eur", 5)


def test_a_payload_that_a_registered_tag_refuses_is_refused():
    def even(tag: str, payload: Any) -> Tagged:
        if payload % 2:
            raise ValueError("odd")
        return Tagged(tag, payload)

    register_tag("test-even:", even)
    with pytest.raises(DecodeError, match="odd"):
        codec.decode(codec.encode(Tagged("test-even:", 3)))


# --- what is refused -------------------------------------------------------------------------------------------


def _set(*members: bytes) -> bytes:
    return pack(Ext(ExtCode.COPY_SET, bytes((0x90 + len(members),)) + b"".join(members)))


def _ext(code: int, *payload: Any) -> bytes:
    return pack(Ext(code, pack(list(payload))))


REFUSED = {
    "nothing": b"",
    "bytes after the end": b"\x01\x02",
    "a value that ends early": b"\x92\x01",
    "a byte without meaning": b"\xc1",
    "an int in a long form": b"\xcc\x05",
    "a text in a long form": b"\xd9\x01a",
    "an array in a long form": b"\xdc\x00\x01\x05",
    "a float of 32 bits": b"\xca\x3f\x80\x00\x00",
    "a text that is no UTF-8": b"\xa1\xff",
    "a text with a surrogate": b"\xa3\xed\xa0\x80",
    "a name of a record that is no text": b"\x81\x01\x01",
    "a name of a record that is an array": b"\x81\x91\x01\x01",
    "a name of a record that is a record": b"\x81\x80\x01",
    "a name twice": b"\x82\xa1a\x01\xa1a\x02",
    "names in another order": b"\x82\xa1b\x01\xa1a\x02",
    "a timestamp": b"\xd6\xff\x00\x00\x00\x01",
    "a timestamp as a name": b"\x81\xd6\xff\x00\x00\x00\x01\x01",
    "an unknown extension": pack(Ext(99, b"")),
    "a big int that is small": pack(Ext(ExtCode.BIG_INT, b"\x05")),
    "a big int with leading zeros": pack(Ext(ExtCode.BIG_INT, b"\x00\x00\x01" + b"\x00" * 8)),
    "a big int of no bytes": pack(Ext(ExtCode.BIG_INT, b"")),
    "a tag without payload": _ext(ExtCode.TAGGED, "t"),
    "a tag that is no text": _ext(ExtCode.TAGGED, 1, 1),
    "a tag that is empty": _ext(ExtCode.TAGGED, "", 1),
    "a set in another order": _set(b"\x02", b"\x01"),
    "a set with a member twice": _set(b"\x01", b"\x01"),
    "a set with two forms of one key": _set(*(codec.encode(Decimal(text)) for text in ("1.0", "1.00"))),
    "a set with a member that is no key": _set(_ext(ExtCode.TAGGED, "t", 1)),
    "a set in a long form": pack(Ext(ExtCode.COPY_SET, b"\xdc\x00\x01\x01")),
    "a set that is no array": pack(Ext(ExtCode.COPY_SET, b"\x01")),
    "a bag with a count of zero": _ext(ExtCode.COPY_BAG, "a", 0),
    "a bag that counts with a bool": _ext(ExtCode.COPY_BAG, "a", True),
    "a bag with half an entry": _ext(ExtCode.COPY_BAG, "a"),
    "a map in another order": _ext(ExtCode.COPY_MAP, "b", 1, "a", 1),
    "a map with half an entry": _ext(ExtCode.COPY_MAP, "a"),
    "an exception without fields": pack(Ext(ExtCode.EXCEPTION, b"")),
    "an exception with too few fields": _ext(ExtCode.EXCEPTION, "ValueError", [], ""),
    "an exception whose class is no text": _ext(ExtCode.EXCEPTION, 1, [], "", None, [], []),
    "an exception whose cause is none": _ext(ExtCode.EXCEPTION, "ValueError", [], "", 5, [], []),
    "an exception whose cause is a reference": _ext(
        ExtCode.EXCEPTION, "ValueError", [], "", Ext(ExtCode.REFERENCE, b"r1"), [], []
    ),
    "an exception whose member is none": _ext(ExtCode.EXCEPTION, "ExceptionGroup", [], "", None, [1], []),
    "an exception whose note is no text": _ext(ExtCode.EXCEPTION, "ValueError", [], "", None, [], [1]),
    "an instant of too few bytes": pack(Ext(ExtCode.INSTANT, b"\x00")),
    "an instant after the last": pack(Ext(ExtCode.INSTANT, b"\x7f" + b"\xff" * 7)),
    "a datetime before the first": pack(Ext(ExtCode.NAIVE_DATETIME, b"\x80" + b"\x00" * 7)),
    "a date before the first": pack(Ext(ExtCode.DATE, b"\x00" * 4)),
    "a date after the last": pack(Ext(ExtCode.DATE, b"\x7f" * 4)),
    "a time after midnight": pack(Ext(ExtCode.TIME, (86_400_000_000).to_bytes(5, "big"))),
    "a time a day from UTC": pack(Ext(ExtCode.TIME, bytes(5) + (86_400_000_000).to_bytes(5, "big"))),
    "a time with half a zone": pack(Ext(ExtCode.TIME, bytes(6))),
    "a timedelta longer than any": pack(Ext(ExtCode.TIMEDELTA, b"\x7f" * 16)),
    "a timedelta with leading zeros": pack(Ext(ExtCode.TIMEDELTA, b"\x00\x01")),
    "a decimal that is none": pack(Ext(ExtCode.DECIMAL, b"x")),
    "a decimal in other digits": pack(Ext(ExtCode.DECIMAL, "\u0661".encode())),
    "a decimal that is written otherwise": pack(Ext(ExtCode.DECIMAL, b"1_0")),
    "a decimal that is minus zero": pack(Ext(ExtCode.DECIMAL, b"-0")),
    "a decimal that signals": pack(Ext(ExtCode.DECIMAL, b"sNaN")),
    "a decimal that is a NaN with a payload": pack(Ext(ExtCode.DECIMAL, b"NaN1")),
    "a decimal with too large an exponent": pack(Ext(ExtCode.DECIMAL, b"1E+9999999999999999999999")),
    "a UUID of too few bytes": pack(Ext(ExtCode.UUID, b"\x00" * 15)),
    "an enum member without a name": _ext(ExtCode.ENUM, "Color"),
    "an enum that nobody registered": _ext(ExtCode.ENUM, "Color", "RED"),
    "arrays that never end": b"\x91" * 100_000,
    "an array with more items than bytes": b"\xdd\xff\xff\xff\xff",
    "a text longer than the data": b"\xdb\xff\xff\xff\xffabc",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_bytes_that_nothing_writes_are_refused(data):
    with pytest.raises(DecodeError):
        codec.decode(data)


def test_a_row_is_an_array_and_nothing_else():
    with pytest.raises(DecodeError, match="array"):
        codec.decode_row(codec.encode("a"))


def test_tags_nested_in_bytes_deeper_than_a_value_may_be_are_refused():
    data = pack(1)
    for _ in range(MAX_DEPTH + 1):
        data = pack(Ext(ExtCode.TAGGED, b"\x92\xa1t" + data))
    with pytest.raises(DecodeError, match="deeper"):
        codec.decode(data)
    with pytest.raises(DecodeError, match="deeper"):
        codec.slots_in(pack(Ext(ExtCode.COPY_SET, b"\x91" + data)))


messagepack = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=4)
    | st.binary(max_size=9),
    lambda parts: (
        st.lists(parts, max_size=6)
        | st.dictionaries(st.text(max_size=3) | st.integers(0, 300), parts, max_size=3)
        | st.builds(Ext, st.integers(-1, 17), st.binary(max_size=12) | parts.map(pack))
    ),
    max_leaves=12,
)


@given(st.binary(max_size=40) | messagepack.map(pack))
def test_random_bytes_are_refused_or_are_the_encoding_of_what_they_decode_to(data):
    _refuses_or_reproduces(data)


@given(values.map(codec.encode), st.data())
def test_a_flipped_bit_is_refused_or_makes_another_whole_value(data, draw):
    position = draw.draw(st.integers(0, 8 * len(data) - 1))
    flipped = bytearray(data)
    flipped[position // 8] ^= 1 << position % 8
    _refuses_or_reproduces(bytes(flipped))
    with pytest.raises(DecodeError):
        codec.decode(data[: position // 8])


def _refuses_or_reproduces(data: bytes) -> None:
    slots: dict[int, bytes] = {}

    def at(slot: bytes) -> Any:
        thing = type(REMOTABLES[0])("Numbered", {})
        slots[id(thing)] = slot
        alive.append(thing)
        return thing

    alive: list[Any] = []
    lenient = ValueCodec(lambda thing: slots[id(thing)], at)
    try:
        value = lenient.decode(data)
    except DecodeError:
        return
    again = lenient.decode(lenient.encode(freeze(value)))
    assert repr(again) == repr(freeze(value))


# --- stability -------------------------------------------------------------------------------------------------

GOLDEN_VALUES: dict[str, Any] = {
    "None": None,
    "True": True,
    "5": 5,
    "-33": -33,
    "2**64 - 1": 2**64 - 1,
    "2**64": 2**64,
    "-(2**63) - 1": -(2**63) - 1,
    "1.5": 1.5,
    "nan": float("nan"),
    "'alice'": "alice",
    "b'\\x00'": b"\x00",
    "(1, 'a')": (1, "a"),
    "Record({'a': 1, 'b': (True,)})": Record(b=[True], a=1),
    "remotable with slot b'r1'": REMOTABLES[1],
    "Tagged('t', 5)": Tagged("t", 5),
    "CopySet([1, 'a', True])": CopySet([1, "a", True]),
    "CopyBag([('a', 2), ('b', 1)])": CopyBag([("a", 2), ("b", 1)]),
    "CopyMap([(1, 'x'), (2, ())])": CopyMap([(1, "x"), (2, ())]),
    "ValueError('no')": ValueError("no"),
    "datetime(2024, 2, 29, 12, tzinfo=UTC)": dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC),
    "datetime(2024, 2, 29, 12)": dt.datetime(2024, 2, 29, 12),
    "date(2024, 2, 29)": dt.date(2024, 2, 29),
    "time(12, 30)": dt.time(12, 30),
    "time(12, 30, tzinfo=timezone(timedelta(hours=-1)))": dt.time(
        12, 30, tzinfo=dt.timezone(dt.timedelta(hours=-1))
    ),
    "timedelta(days=-1, microseconds=1)": dt.timedelta(days=-1, microseconds=1),
    "Decimal('-12.50')": Decimal("-12.50"),
    "UUID(int=1)": UUID(int=1),
}


def test_encoded_values_are_those_of_every_version_so_far():
    encoded = {name: codec.encode(freeze(value)).hex() for name, value in GOLDEN_VALUES.items()}
    if os.environ.get("VATDATA_REWRITE_GOLDEN"):
        GOLDEN.write_text(json.dumps(encoded, indent=1, ensure_ascii=True) + "\n")
    assert json.loads(GOLDEN.read_text()) == encoded


def test_floats_are_their_eight_bytes():
    assert codec.encode(1.5) == b"\xcb" + struct.pack(">d", 1.5)
