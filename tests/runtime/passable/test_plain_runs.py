"""Runs of entries decoded at once give what decoding them one by one gives, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatdata_runtime.passable import (
    DecodeError,
    Remotable,
    ValueCodec,
    decode_key,
    encode_key,
    parsed_values,
    plain_keys,
    plain_values,
    same,
)

HEADS = st.binary(min_size=4, max_size=8)
TEXTS = st.text(max_size=6) | st.text("\x01\x02e`", max_size=6)
INTS = st.integers(0, 2**64 - 1) | st.integers(0, 300) | st.integers(-300, 2**70)
KEYS = (
    st.lists(TEXTS, min_size=1)
    | st.lists(INTS, min_size=1)
    | st.lists(TEXTS | INTS | st.binary(), min_size=1)
)
PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text()
VALUES = st.lists(PLAIN, max_size=40) | st.lists(PLAIN | st.binary() | st.tuples(PLAIN), max_size=8)


def no_slot(_: Any) -> bytes:
    raise AssertionError("no value here mentions an object")


def no_ordinal(_: Remotable) -> int:
    raise AssertionError("no key here is an object")


CODEC = ValueCodec(no_slot, no_slot)


def no_object(_: int) -> Remotable:
    raise AssertionError("no key here is an object")


def equal(found: list[Any], expected: list[Any]) -> bool:
    return len(found) == len(expected) and all(map(same, found, expected))


@given(keys=KEYS, head=HEADS)
def test_keys_of_a_run_are_those_that_were_encoded(keys: list[Any], head: bytes) -> None:
    encoded = sorted(head + encode_key(key, no_ordinal) for key in keys)
    expected = [decode_key(key[len(head) :], no_object) for key in encoded]
    found = plain_keys(encoded, len(head))
    assert found is None or equal(found, expected)


@pytest.mark.parametrize(
    "keys",
    [
        ["a", "b\u00e9", "c\0"],
        ["\x02\x01e\x02`", "x"],
        [1, 2, 255],
        [256, 300],
        [70_000, 2**24 - 1],
        [2**40],
        [2**63],
    ],
)
@pytest.mark.parametrize("head", [b"\x02\x01e\x02", b"\x02\xf1\x00e\x99"])
def test_texts_and_ints_have_a_short_way(keys: list[Any], head: bytes) -> None:
    assert plain_keys([head + encode_key(key, no_ordinal) for key in keys], len(head)) == keys


@given(
    keys=st.lists(st.binary(min_size=1, max_size=12), min_size=1, max_size=5)
    | st.lists(st.binary(min_size=1, max_size=9).map(lambda rest: b"\x4b" + rest), min_size=1, max_size=5)
    | st.lists(st.binary(max_size=9).map(lambda rest: b"\x60" + rest), min_size=1, max_size=5)
)
def test_a_run_with_a_key_that_cannot_be_decoded_has_no_short_way(keys: list[bytes]) -> None:
    head = b"\x02\x01e\x02"
    expected: list[Any] | None
    try:
        expected = [decode_key(key, no_object) for key in keys]
    except (DecodeError, AssertionError):
        expected = None
    found = plain_keys([head + key for key in keys], len(head))
    assert found is None or (expected is not None and equal(found, expected))


@given(VALUES)
def test_values_of_a_run_are_those_that_were_encoded(values: list[Any]) -> None:
    parts = [CODEC.encode(value) for value in values]
    found = plain_values(parts)
    assert found is None or equal(found, values)
    parsed = parsed_values(parts)
    assert parsed is not None
    assert equal([CODEC.lift(raw) for raw in parsed], values)


def test_plain_values_have_a_short_way() -> None:
    values = [None, True, 1, -1, 2**64 - 1, 0.5, "text", *range(600)]
    assert plain_values([CODEC.encode(value) for value in values]) == values


@pytest.mark.parametrize(
    "part",
    [
        b"", b"\xc1", b"\xcc\x01", b"\xd9\x01a", b"\xca\x00\x00\x00\x00", b"\x01\x02", b"\xa1\xff", b"\xa2a",
    ],
)  # fmt: skip
def test_a_run_with_a_value_that_cannot_be_decoded_has_no_short_way(part: bytes) -> None:
    assert plain_values([b"\x01", part, b"\x02"]) is None
    assert parsed_values([b"\x01", part, b"\x02"]) is None


def test_a_timestamp_is_refused_by_itself() -> None:
    parsed = parsed_values([b"\x01", b"\xd6\xff\x00\x00\x00\x00"])
    assert parsed is not None
    with pytest.raises(DecodeError, match="timestamp"):
        CODEC.lift(parsed[1])
