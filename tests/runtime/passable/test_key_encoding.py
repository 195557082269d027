"""Keys as bytes: equal exactly when the keys are, in their order, and refused when nothing writes them."""

from __future__ import annotations

import datetime as dt
import functools
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatdata_runtime.errors import NotAKeyError
from vatdata_runtime.passable import (
    CopyBag,
    CopyMap,
    CopySet,
    DecodeError,
    KeyTag,
    Record,
    Remotable,
    compare_keys,
    decode_key,
    encode_key,
    freeze,
    key_range_of_kind,
    make_tagged,
    pass_style_of,
    same,
)

from . import order_model
from .strategies import (
    BOUNDARY_DECIMALS,
    BOUNDARY_FLOATS,
    BOUNDARY_INTS,
    BOUNDARY_TEXTS,
    REMOTABLES,
    keys,
    scalar_keys,
)

GOLDEN = Path(__file__).with_name("golden_keys.json")
near_pairs = st.tuples(keys, keys) | scalar_keys.flatmap(lambda key: st.tuples(st.just(key), _near(key)))


def _near(key: Any) -> st.SearchStrategy[Any]:
    """Keys that are easily mistaken for *key*."""
    near: list[Any] = [key, (key,), (key, None), (key, (key,)), None, ()]
    if isinstance(key, str):
        near += [key + "\0", key + "\x01", key + "a", "\0" + key, key.encode(), (key + "\0",), (key, "")]
    if isinstance(key, bytes):
        near += [key + b"\0", key + b"\xff", key + b"\0\xff", (key + b"\0",)]
    if isinstance(key, int):
        near += [int(key), int(key) + 1, int(key) - 1, -int(key), bool(key), str(key)]
        if abs(key) < 2**1000:
            near += [float(key), Decimal(key)]
    return st.sampled_from(near)


def encode(key: Any) -> bytes:
    return encode_key(key, REMOTABLES.index)


def remotable_at(ordinal: int) -> Remotable:
    return REMOTABLES[ordinal % len(REMOTABLES)]


def decode(data: bytes) -> Any:
    return decode_key(data, remotable_at)


@given(keys)
def test_a_key_comes_back_equal_and_of_its_kind(key):
    again = decode(encode(key))
    assert same(again, key)
    assert pass_style_of(again) == pass_style_of(key)


@given(near_pairs)
def test_bytes_are_equal_exactly_when_keys_are(pair):
    a, b = pair
    assert (encode(a) == encode(b)) == same(a, b)


@given(near_pairs)
def test_bytes_compare_as_the_specified_order_does(pair):
    a, b = map(encode, pair)
    assert (a > b) - (a < b) == order_model.rank(*pair)


@given(st.lists(keys, max_size=8))
def test_sorting_by_bytes_is_sorting_by_the_specified_order(some):
    by_model = sorted(some, key=functools.cmp_to_key(order_model.rank))
    assert [encode(key) for key in by_model] == sorted(map(encode, some))


@given(near_pairs)
def test_a_smaller_key_comes_earlier_and_an_equal_one_at_the_same_place(pair):
    order = compare_keys(*pair)
    if order is not None:
        assert order == order_model.rank(*pair)


@pytest.mark.parametrize("scalars", [BOUNDARY_INTS, BOUNDARY_FLOATS, BOUNDARY_TEXTS, BOUNDARY_DECIMALS])
def test_keys_at_the_boundaries_of_their_encoding_keep_order_and_value(scalars):
    ordered = sorted(scalars, key=functools.cmp_to_key(order_model.rank))
    encoded = [encode(freeze(key)) for key in ordered]
    assert encoded == sorted(encoded)
    for key, data in zip(ordered, encoded, strict=True):
        assert same(decode(data), freeze(key))


def test_a_prefix_comes_right_before_what_it_is_a_prefix_of():
    for text in BOUNDARY_TEXTS:
        for more in ("\0", "\x01", "a", "\U0010ffff"):
            assert encode(text) < encode(text + more)
            assert encode((text,)) < encode((text, more)) < encode((text + more,))
            assert encode(((text,), 1)) < encode(((text, more), 0))


def test_kinds_that_python_mixes_up_are_different_keys():
    different = [True, 1, 1.0, Decimal(1), "1", b"1", False, 0, 0.0, None, "", b"", (), freeze({})]
    assert len({encode(key) for key in different}) == len(different)


def test_zero_has_one_encoding_and_so_has_nan():
    assert encode(0.0) == encode(-0.0)
    assert encode(float("nan")) == encode(-float("nan"))
    assert encode(Decimal("0.00")) == encode(Decimal("-0"))


def test_decimals_that_differ_in_trailing_zeros_are_one_key():
    assert encode(Decimal("1.50")) == encode(Decimal("1.5"))
    assert decode(encode(Decimal("100"))) == Decimal(100)


def test_one_instant_is_one_key_in_every_zone_and_comes_back_in_utc():
    noon = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
    elsewhere = noon.astimezone(dt.timezone(dt.timedelta(hours=-7)))
    assert encode(noon) == encode(elsewhere)
    assert decode(encode(elsewhere)).tzinfo is dt.UTC


def test_every_key_lies_in_the_range_of_its_kind_and_in_no_other():
    samples = [
        None, True, False, 0, -1, 2**80, -(2**80), 1.5, float("nan"), float("-inf"), "", "\U0010ffff" * 9, b"",
        b"\xff" * 9, REMOTABLES[0], (), ("a",), freeze({}), freeze({"a": 1}), CopySet(), CopySet(["a"]),
        CopyBag({"a": 1}), CopyMap({"a": 1}), dt.date.min, dt.date.max, dt.datetime(9999, 12, 31, tzinfo=dt.UTC),
        Decimal("-Infinity"), Decimal("NaN"), UUID(int=0), UUID(int=2**128 - 1),
    ]  # fmt: skip
    kinds = {pass_style_of(key) for key in samples}
    for key in samples:
        inside = {kind for kind in kinds if (r := key_range_of_kind(kind))[0] <= encode(key) < r[1]}
        assert inside == {pass_style_of(key)}


@pytest.mark.parametrize("kind", ["error", "promise", "tagged", "time", "timedelta", "enum"])
def test_a_kind_without_keys_has_an_empty_range(kind):
    start, stop = key_range_of_kind(kind)
    assert start == stop


def test_float_and_int_are_neighbours_so_that_numbers_are_one_range():
    assert key_range_of_kind("float")[1] <= encode(-(2**99))
    between = [key_range_of_kind(kind)[0] for kind in ("none", "bool", "bytes", "str", "remotable", "tuple")]
    assert not [
        start for start in between if key_range_of_kind("float")[0] < start < key_range_of_kind("int")[1]
    ]


@pytest.mark.parametrize(
    "key", [None, 5, -5, 2**90, 1.5, "text", b"data", REMOTABLES[1], dt.date(2024, 1, 1)]
)
def test_no_key_starts_with_a_byte_that_stores_use_for_their_own_rows(key):
    assert encode(key)[0] < KeyTag.ABOVE_KEYS


@pytest.mark.parametrize(
    "no_key",
    [make_tagged("t", 1), dt.datetime(2024, 1, 1), dt.time(1), ValueError(), (1, dt.timedelta(1)), [1]],
)
def test_what_is_no_key_is_not_encoded(no_key):
    with pytest.raises(NotAKeyError):
        encode(no_key)


def test_common_keys_are_short():
    assert len(encode(0)) == 1
    assert len(encode(200)) == 2
    assert len(encode(10**12)) == 6
    assert len(encode("alice")) == 6
    assert len(encode(REMOTABLES[0])) == 9


REFUSED = {
    "nothing": b"",
    "an unknown tag": b"\x77",
    "a tag that is reserved": bytes((KeyTag.ERROR,)),
    "bytes after the end": b"\x68\x00",
    "an int with a leading zero": b"\x4b\x00\x05",
    "a negative int with a leading zero": b"\x47\xff\xfa",
    "a short int in the long form": b"\x52" + (8).to_bytes(8, "big") + b"\xff" * 8,
    "a long int with a leading zero": b"\x52" + (9).to_bytes(8, "big") + b"\x00" + b"\xff" * 8,
    "a long int that ends early": b"\x52" + b"\xff" * 8,
    "an int that ends early": b"\x4c\x01",
    "minus zero": b"\x30\x7f" + b"\xff" * 7,
    "another NaN": b"\x30\xff\xf8\x00\x00\x00\x00\x00\x01",
    "a NaN with a sign": b"\x30\x00\x07" + b"\xff" * 6,
    "a text that is no UTF-8": b"\x60\xff",
    "a text with a surrogate": b"\x60\xed\xa0\x80",
    "an overlong text": b"\x60\xc0\x80",
    "a text without an end": b"\x24\x60ab",
    "a tuple without an end": b"\x24\x49",
    "a record with a value for no name": b"\x14\x00\x49",
    "a record in ascending order": b"\x14\x01a\x00\x01b\x00\x00\x49\x49",
    "a record with a name twice": b"\x14\x01a\x00\x01a\x00\x00\x49\x49",
    "a record whose name has no mark": b"\x14a\x00\x00\x49",
    "a set in ascending order": b"\x1a\x49\x4a\x01\x00",
    "a set with a member twice": b"\x1a\x49\x49\x00",
    "a bag with a count of zero": b"\x18\x49\x49\x00",
    "a bag that counts with a bool": b"\x18\x49\x2d\x00",
    "a map with a key twice": b"\x19\x49\x4a\x02\x49\x4a\x01\x00",
    "a date before the first": b"\x70\x00\x00\x00\x00",
    "a date after the last": b"\x70\xff\xff\xff\xff",
    "a datetime after the last": b"\x74" + b"\xff" * 8,
    "a decimal of another sort": b"\x78\x09",
    "a decimal without digits": b"\x78\x03\x80" + b"\x00" * 7 + b"\x00",
    "a decimal with a leading zero": b"\x78\x03\x80" + b"\x00" * 7 + b"\x06\x00",
    "a decimal with trailing zeros": b"\x78\x03\x80" + b"\x00" * 7 + b"\x0b\x01\x00",
    "a decimal with a byte that is no digits": b"\x78\x03\x80" + b"\x00" * 7 + b"\x66\x00",
    "a decimal with too large an exponent": b"\x78\x03" + b"\xff" * 8 + b"\x0b\x00",
    "a decimal with too small an exponent": b"\x78\x03" + b"\x00" * 8 + b"\x0b\x00",
    "a UUID that ends early": b"\x7c" + b"\x00" * 15,
    "a remotable that is too long": b"\x58" + b"\x00" * 9,
    "a tuple that never ends": b"\x24" * 100_000,
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_bytes_that_nothing_writes_are_refused(data):
    with pytest.raises(DecodeError):
        decode(data)


@given(
    st.binary(max_size=24)
    | st.builds(lambda tag, rest: bytes((tag,)) + rest, st.integers(0, 128), st.binary())
)
def test_random_bytes_are_refused_or_are_the_encoding_of_what_they_decode_to(data):
    _refuses_or_reproduces(data)


@given(keys.map(encode), st.data())
def test_a_flipped_bit_is_refused_or_makes_another_whole_key(data, draw):
    position = draw.draw(st.integers(0, 8 * len(data) - 1))
    flipped = bytearray(data)
    flipped[position // 8] ^= 1 << position % 8
    _refuses_or_reproduces(bytes(flipped))
    _refuses_or_reproduces(data[: position // 8])


def _refuses_or_reproduces(data: bytes) -> None:
    ordinals: dict[int, int] = {}

    class Numbered(Remotable):
        __slots__ = ("ordinal",)

    def numbered(ordinal: int) -> Remotable:
        thing = Numbered()
        ordinals[id(thing)] = ordinal
        alive.append(thing)
        return thing

    alive: list[Remotable] = []
    try:
        key = decode_key(data, numbered)
    except DecodeError:
        return
    assert encode_key(key, lambda thing: ordinals[id(thing)]) == data


GOLDEN_KEYS: dict[str, Any] = {
    "None": None,
    "False": False,
    "True": True,
    "0": 0,
    "1": 1,
    "-1": -1,
    "255": 255,
    "256": 256,
    "-256": -256,
    "2**64 - 1": 2**64 - 1,
    "2**64": 2**64,
    "-(2**64)": -(2**64),
    "0.0": 0.0,
    "1.5": 1.5,
    "-1.5": -1.5,
    "inf": float("inf"),
    "-inf": float("-inf"),
    "nan": float("nan"),
    "''": "",
    "'alice'": "alice",
    "'a\\0b'": "a\0b",
    "'\\U0001f600'": "\U0001f600",
    "b''": b"",
    "b'\\0\\xff'": b"\0\xff",
    "remotable with ordinal 2": REMOTABLES[2],
    "()": (),
    "('a', 1)": ("a", 1),
    "('a\\0', (b'\\0',))": ("a\0", (b"\0",)),
    "Record({})": Record(),
    "Record({'a': 1, 'b': 'x'})": Record(a=1, b="x"),
    "CopySet([])": CopySet(),
    "CopySet([1, 'a', True])": CopySet([1, "a", True]),
    "CopyBag([('a', 2), ('b', 1)])": CopyBag([("a", 2), ("b", 1)]),
    "CopyMap([(1, 'x'), (2, 'y')])": CopyMap([(1, "x"), (2, "y")]),
    "date(2024, 2, 29)": dt.date(2024, 2, 29),
    "datetime(1970, 1, 1, tzinfo=UTC)": dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
    "datetime(2024, 2, 29, 12, tzinfo=UTC)": dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC),
    "Decimal('0')": Decimal(0),
    "Decimal('12.5')": Decimal("12.5"),
    "Decimal('-12.5')": Decimal("-12.5"),
    "Decimal('Infinity')": Decimal("Infinity"),
    "Decimal('NaN')": Decimal("NaN"),
    "UUID(int=1)": UUID(int=1),
}


def test_encoded_keys_are_those_of_every_version_so_far():
    encoded = {name: encode(key).hex() for name, key in GOLDEN_KEYS.items()}
    if os.environ.get("VATDATA_REWRITE_GOLDEN"):
        GOLDEN.write_text(json.dumps(encoded, indent=1, ensure_ascii=True) + "\n")
    assert json.loads(GOLDEN.read_text()) == encoded
