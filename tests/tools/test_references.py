"""Who mentions an object, and why it is alive."""

from __future__ import annotations

import pytest

from tests.tools.worlds import BANK, build_bank
from vatdata_runtime import Kernel, open_vat
from vatdata_runtime.tools.reading import NoSuchObjectError, mentions_of, open_reader, why_alive


def holders(reader, text):
    found = mentions_of(reader, reader.parse(text))
    return [
        (mention.sort, mention.detail, mention.holder and reader.write(mention.holder)) for mention in found
    ]


def label_of(reader, text):
    return reader.vat(text.partition(":")[0]).tag_at(reader.parse(text))


def test_every_place_that_mentions_an_object_is_found_in_all_vats(world):
    with open_reader(world) as reader:
        assert [(sort, detail) for sort, detail, _ in holders(reader, "bank:o+d16/1")] == [
            ("entry", "value of 'alice'"),
            ("entry", "value of 'alice'"),
        ]
        assert [label_of(reader, holder) for *_, holder in holders(reader, "bank:o+d16/1")] == [
            "MapStore purses",
            "MapStore mine",
        ]


def test_a_member_of_a_set_is_mentioned_as_key(world):
    with open_reader(world) as reader:
        assert [(sort, detail) for sort, detail, _ in holders(reader, "bank:o+d16/2")] == [
            ("entry", "value of 'bob'"),
            ("entry", "as key"),
        ]


def test_a_facet_is_a_mention_of_its_instance(world):
    with open_reader(world) as reader:
        sorts = [detail for _, detail, _ in holders(reader, "bank:o+d17/1")]
        assert sorts == ["value of 'counter'"]


def test_a_field_that_mentions_an_object_is_named(tmp_path):
    with open_vat(tmp_path / "s", build_bank) as vat:
        vat.call("open_purse", "alice")
        with vat.crank() as bank:
            bank.purse("alice").link(bank.open_purse("bob"))
    with open_reader(tmp_path / "s") as reader:
        assert ("instance", "peer", "main:o+d16/1") in holders(reader, "o+d16/2")


def test_why_alive_tells_the_shortest_way_from_what_is_kept(world):
    with open_reader(world) as reader:
        answer = why_alive(reader, reader.parse("bank:o+d16/1"))
        assert answer.root == "baggage of vat 'bank'"
        assert answer.is_certain
        assert [step.through for step in answer.steps] == ["", "value of 'purses'", "value of 'alice'"]
        assert reader.write(answer.steps[-1].reference) == "bank:o+d16/1"


def test_what_only_another_vat_keeps_is_alive_through_that_vat(world):
    with Kernel.open(world) as kernel:
        kernel.call(kernel.get_vat("bank").root, "close_purse", "alice")
    with open_reader(world) as reader:
        answer = why_alive(reader, reader.parse("bank:o+d16/1"))
        assert answer.root == "baggage of vat 'customer'"
        assert answer.steps[-1].through == "value of 'alice'"


def test_what_no_stored_data_mentions_may_be_held_by_memory(world):
    with Kernel.open(world, collect_every=None) as kernel:
        kernel.call(kernel.get_vat("bank").root, "note", 2, "second")
        with open_reader(world) as reader:
            (kind,) = reader.vat("bank").virtual.kinds()
            answer = why_alive(reader, reader.parse(f"bank:o+v{kind.number}/1"))
            assert not answer.is_certain
            assert answer.root == f"memory of incarnation {reader.vat('bank').incarnation} of vat 'bank'"
            assert "may hold it" in answer.text


def test_a_cycle_that_nothing_reaches_is_said_to_be_one(tmp_path):
    with open_vat(tmp_path / "s", build_bank) as vat:
        vat.call("cycle")
    with open_reader(tmp_path / "s") as reader:
        answer = why_alive(reader, reader.parse("o+d16/1"))
        assert answer.root is None
        assert "collect --cycles" in answer.text


def test_a_kind_handle_is_alive_through_baggage(world):
    with open_reader(world) as reader:
        answer = why_alive(reader, reader.parse("bank:o+d1/16"))
        assert answer.steps[-1].through == "value of 'Purse_kindHandle'"


def test_why_alive_refuses_what_is_not_there(world):
    with open_reader(world) as reader, pytest.raises(NoSuchObjectError, match="no such object"):
        why_alive(reader, reader.parse("bank:o+d16/77"))


def test_the_source_of_a_vat_is_the_text_that_finds_it_again(world):
    with open_reader(world) as reader:
        assert reader.vat("bank").source == BANK
