"""Records: what dicts become."""

from __future__ import annotations

import pickle
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatdata_runtime.errors import NotPassableError
from vatdata_runtime.passable import CopySet, Far, Record, freeze, make_tagged, same

from .strategies import values


def test_a_record_is_a_mapping_from_names_in_ascending_order():
    record = Record({"b": 1, "a": [2]}, c=3)
    assert isinstance(record, Mapping)
    assert list(record) == list(record.keys()) == ["a", "b", "c"]
    assert list(record.items()) == [("a", (2,)), ("b", 1), ("c", 3)]
    assert record["a"] == (2,)
    assert record.get("x", 5) == 5
    assert len(record) == 3
    assert "a" in record
    assert 1 not in record


def test_a_record_is_built_like_a_dict():
    assert Record([("a", 1)]) == Record(a=1) == Record({"a": 1}) == freeze({"a": 1})
    assert Record({**Record(a=1), "b": 2}) == Record(a=1, b=2)
    assert Record() == Record({})


def test_an_absent_field_is_a_key_error():
    with pytest.raises(KeyError, match="balance"):
        Record()["balance"]


@pytest.mark.parametrize(
    "change", [lambda r: r.__setitem__("a", 1), lambda r: r.pop("a"), lambda r: r.update(a=1)]
)
def test_a_record_has_no_method_that_changes_it(change):
    with pytest.raises(AttributeError):
        change(Record(a=1))


def test_calling_the_constructor_again_changes_nothing():
    record = Record(a=1)
    record.__init__({"a": 2})
    assert record["a"] == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Record(a=1), Record(a=1.0)),
        (Record(a=1), Record(a=True)),
        (Record(a=0), Record(a=False)),
        (Record(a=(1,)), Record(a=(1.0,))),
        (Record(a=None), Record()),
        (Record(a="1"), Record(a=b"1")),
        (Record(a=1), {"a": 1}),
        (Record(a=Record(b=1)), Record(a=Record(b=True))),
        (Record(a=Far("F", {})), Record(a=Far("F", {}))),
    ],
)
def test_records_that_differ_in_kind_or_identity_are_not_equal(one, other):
    assert one != other
    assert not one == other  # noqa: SIM201  # both operators are under test


def test_equality_ignores_the_order_in_which_fields_came():
    assert Record(a=1, b=2) == Record(b=2, a=1)
    assert hash(Record(a=1, b=2)) == hash(Record(b=2, a=1))


def test_nan_in_a_record_equals_nan():
    assert Record(a=float("nan")) == Record(a=-float("nan"))


def test_a_record_with_nested_remotables_equals_one_with_the_same():
    thing, other = Far("F", {}), Far("F", {})
    assert Record(a=(thing, {"b": 1})) == Record(a=(thing, {"b": 1}))
    assert Record(a=(thing, {"b": 1})) != Record(a=(other, {"b": 1}))


@given(values, values)
def test_records_are_equal_exactly_when_their_fields_are(a, b):
    assert (Record(x=a) == Record(x=b)) == same(a, b)
    assert Record(x=a) == Record(x=a)


def test_records_that_are_keys_work_in_sets_and_dicts():
    table = {Record(a=1): "one", Record(a=1.0): "float", Record(a=True): "true"}
    assert len(table) == 3
    assert table[Record(a=1)] == "one"
    thing = Far("F", {})
    assert {Record(a=thing), Record(a=thing)} == {Record(a=thing)}


def test_a_record_that_is_no_key_has_no_hash():
    with pytest.raises(TypeError):
        hash(Record(a=ValueError()))
    with pytest.raises(TypeError):
        hash(Record(a=make_tagged("t", 1)))


def test_a_record_shows_how_to_make_it():
    record = Record(a=(1, "x"), b={"c": {2}})
    assert repr(record) == "Record({'a': (1, 'x'), 'b': Record({'c': CopySet([2])})})"
    assert eval(repr(record), {"Record": Record, "CopySet": CopySet}) == record


def test_a_record_of_plain_data_can_be_pickled():
    record = freeze({"a": [1, {"b": 2.5}], "s": {1, "x"}})
    assert pickle.loads(pickle.dumps(record)) == record


@pytest.mark.parametrize("name", ["__class__", "__proto__", "#tag", "", "keys", "é", "a b"])
def test_any_text_is_a_name(name):
    assert Record({name: 1})[name] == 1


def test_a_name_that_is_no_text_is_refused():
    with pytest.raises(NotPassableError, match="no text"):
        Record({1: 2})


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers()))
def test_a_record_has_the_fields_of_its_dict(fields):
    assert dict(Record(fields)) == fields
