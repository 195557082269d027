"""Properties of matching that hold for every pattern and every value."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings

from tests.runtime.passable.strategies import REMOTABLES, keys
from tests.runtime.patterns.naive import naive_match
from tests.runtime.patterns.strategies import any_values, patterns
from vatdata_runtime.passable import (
    CopyBag,
    CopyMap,
    CopySet,
    Far,
    Record,
    ValueCodec,
    find_references,
    is_key,
    key_eq,
    make_tagged,
)
from vatdata_runtime.patterns import M, check_pattern, compile_pattern, explain_mismatch, is_pattern, matches


@given(any_values, patterns)
@settings(max_examples=400)
def test_a_compiled_test_agrees_with_the_plain_reading_of_the_pattern(value: Any, pattern: Any) -> None:
    assert compile_pattern(pattern)(value) is naive_match(value, pattern)


@given(any_values, patterns)
def test_a_mismatch_is_explained_exactly_where_there_is_one(value: Any, pattern: Any) -> None:
    assert (explain_mismatch(value, pattern) is None) is naive_match(value, pattern)


@given(any_values, patterns)
def test_the_path_of_a_mismatch_leads_to_its_culprit(value: Any, pattern: Any) -> None:
    mismatch = explain_mismatch(value, pattern)
    if mismatch is None or not mismatch.path:
        return
    part = value
    for step in mismatch.path:
        if isinstance(part, tuple | Record) and (isinstance(step, int) or step in part):
            part = part[step]
        else:  # members of copy collections and parts of tagged data have steps in words
            return
    names_are_at_fault = mismatch.expected.startswith("a name")
    assert names_are_at_fault or repr(part) == repr(mismatch.value)


@given(keys, any_values | keys)
def test_a_key_is_the_pattern_of_itself_alone(key: Any, value: Any) -> None:
    assert matches(key, key)
    assert matches(value, key) is (is_key(value) and key_eq(value, key))


@given(patterns)
def test_the_repr_of_a_pattern_evaluates_to_an_equal_pattern(pattern: Any) -> None:
    import datetime
    from decimal import Decimal
    from uuid import UUID

    if next(find_references(pattern), None) is not None:
        return  # a remotable has no expression
    text = repr(pattern)
    if "nan" in text or "inf" in text:
        return  # floats inside of keys that are containers print as Python prints them
    names = {
        "M": M, "CopySet": CopySet, "CopyBag": CopyBag, "CopyMap": CopyMap, "Record": Record, "UUID": UUID,
        "Decimal": Decimal, "datetime": datetime, "make_tagged": make_tagged,
    }  # fmt: skip
    assert repr(check_pattern(eval(text, names))) == text
    assert make_tagged("t", eval(text, names)) == make_tagged("t", pattern)


@given(patterns)
def test_a_pattern_that_was_stored_is_the_same_pattern(pattern: Any) -> None:
    codec = ValueCodec(
        slot_of=lambda remotable: bytes([REMOTABLES.index(remotable)]),
        object_at=lambda slot: REMOTABLES[slot[0]],
    )
    read = codec.decode(codec.encode(pattern))
    assert make_tagged("t", read) == make_tagged("t", pattern)
    assert is_pattern(read)
    assert codec.encode(read) == codec.encode(pattern)


def test_a_matcher_never_raises_for_a_value_of_another_kind() -> None:
    for value in (None, True, 1, 1.0, "a", b"", (), Record(), CopySet(), CopyBag(), CopyMap(), Far("X", {})):
        for pattern in (
            M.lt(1),
            M.gte("a"),
            M.array_of(M.int()),
            M.record(),
            M.set(),
            M.map(),
            M.container_has(),
        ):
            assert matches(value, pattern) in (True, False)
