"""Values of as many levels as there may be go through everything, also from a caller that is deep itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vatdata_runtime.errors import NotPassableError
from vatdata_runtime.passable import (
    MAX_DEPTH,
    CopyBag,
    CopyMap,
    CopySet,
    DecodeError,
    Far,
    Record,
    ValueCodec,
    compare_keys,
    decode_key,
    encode_key,
    find_references,
    freeze,
    key_eq,
    make_tagged,
    same,
)

THING = Far("Thing", {})
codec = ValueCodec(lambda thing: b"t", lambda slot: THING)

WRAPPERS: dict[str, Callable[[Any], Any]] = {
    "list": lambda x: [x],
    "tuple": lambda x: (x,),
    "dict": lambda x: {"a": x},
    "record": lambda x: Record(a=x),
    "copy set": lambda x: CopySet([x]),
    "copy bag": lambda x: CopyBag([(x, 2)]),
    "copy map value": lambda x: CopyMap([(1, x)]),
    "copy map key": lambda x: CopyMap([(x, 1)]),
}


def nested(wrap: Callable[[Any], Any], levels: int) -> Any:
    value: Any = THING
    for _ in range(levels):
        value = wrap(value)
    return value


def from_deep_down(frames: int, call: Callable[[], None]) -> None:
    if frames:
        from_deep_down(frames - 1, call)
    else:
        call()


@pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS.keys())
def test_the_deepest_key_that_is_let_in_goes_through_everything(wrap):
    value = freeze(nested(wrap, MAX_DEPTH))
    twin = freeze(nested(wrap, MAX_DEPTH))

    def go_through() -> None:
        assert same(value, twin)
        assert key_eq(value, twin)
        assert compare_keys(value, twin) == 0
        assert len(list(find_references(value))) == 1
        assert same(codec.decode(codec.encode(value)), value)
        assert codec.slots_in(codec.encode_row([value])) == [b"t"]
        assert same(codec.decode_row(codec.encode_row([value]))[0], value)
        assert same(decode_key(encode_key(value, lambda thing: 1), lambda ordinal: THING), value)

    from_deep_down(150, go_through)


def test_the_deepest_tag_that_is_let_in_goes_through_everything():
    value = nested(lambda x: make_tagged("t", x), MAX_DEPTH)
    assert same(codec.decode(codec.encode(value)), value)
    assert codec.slots_in(codec.encode(value)) == [b"t"]


@pytest.mark.parametrize(
    "wrap", [*WRAPPERS.values(), lambda x: make_tagged("t", x)], ids=[*WRAPPERS, "tagged"]
)
def test_one_level_more_is_refused(wrap):
    with pytest.raises(NotPassableError, match="deeper than 200 levels"):
        freeze(nested(wrap, MAX_DEPTH + 1))


def test_a_caller_that_is_too_deep_already_hears_so_and_not_that_the_bytes_are_bad():
    data = codec.encode(freeze(nested(lambda x: [x], MAX_DEPTH)))

    def recurse() -> None:
        codec.decode(data)
        recurse()

    with pytest.raises(RecursionError):
        recurse()
    with pytest.raises(DecodeError):
        codec.decode(b"\x91" * 5_000)


def test_the_deepest_part_counts_and_not_the_last():
    value = freeze({"a": nested(lambda x: [x], MAX_DEPTH - 2), "b": [1]})
    freeze([value])
    with pytest.raises(NotPassableError):
        freeze([[value]])
