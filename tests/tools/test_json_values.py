"""Stored values as JSON: nothing is lost."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.passable.strategies import values
from vatdata_runtime import Record, make_copy_map, make_copy_set
from vatdata_runtime.passable import ValueCodec, same
from vatdata_runtime.tools.reading import JsonForm, read_slot, write_slot
from vatdata_runtime.vat.identifiers import HEAP, encode_number
from vatdata_runtime.vat.stand_ins import StandInCodec, member_stand_in

codec = StandInCodec()
form = JsonForm(codec, write_slot, read_slot)


def through_json(value):
    return form.read(json.loads(json.dumps(form.write(value))))


def stand_in_form(value):
    """Put a stand-in in place of each reference, as a store that is read does."""
    numbers: dict[int, int] = {}
    slot_of = lambda obj: HEAP + encode_number(numbers.setdefault(id(obj), len(numbers) + 1))  # noqa: E731
    return codec.decode(ValueCodec(slot_of, codec.stand_in).encode(value))


@given(values)
def test_any_value_comes_back_from_json_as_it_was(original):
    value = stand_in_form(original)
    assert codec.encode(through_json(value)) == codec.encode(value)


def test_plain_data_is_plain_json():
    value = Record({"owner": "alice", "balance": 5, "tags": ("a", None, True)})
    assert form.write(value) == {"owner": "alice", "balance": 5, "tags": ["a", None, True]}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1 << 60, {"#int": "1152921504606846976"}),
        (float("inf"), {"#float": "inf"}),
        (b"\x00\xff", {"#bytes": "AP8="}),
        (Record({"#x": 1}), {"#record": {"#x": 1}}),
        (make_copy_set(["b", "a"]), {"#set": ["a", "b"]}),
        (make_copy_map([("k", 1)]), {"#map": [["k", 1]]}),
        (member_stand_in("Color", "RED"), {"#enum": ["Color", "RED"]}),
    ],
)
def test_what_json_lacks_is_an_object_with_a_marked_name(value, written):
    assert form.write(value) == written
    assert same(through_json(value), value)


@pytest.mark.parametrize(
    "slot", ["o+d16/2", "o+v300/70000:1", "vat 2:o+d16/1:0", "vat 2, incarnation 3:o+v17/1"]
)
def test_a_reference_is_written_so_that_it_is_read_again(slot):
    assert write_slot(read_slot(slot)) == slot
    stand_in = codec.stand_in(read_slot(slot))
    assert form.write(stand_in) == {"#ref": slot}
    assert through_json(stand_in) is stand_in


@given(
    st.sampled_from([{"#nothing": 1}, {"#int": "x"}, {"#ref": "o-", "#int": "1"}, {"#ref": "?"}, {"#set": 3}])
)
def test_a_form_that_nothing_is_written_as_is_refused(wrong):
    with pytest.raises(ValueError, match=r".+"):
        form.read(wrong)
