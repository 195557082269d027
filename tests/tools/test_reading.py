"""The reading layer: what a store tells about its vats while none of their code runs."""

from __future__ import annotations

import pytest

from tests.tools.worlds import BANK
from vatdata_runtime import Kernel
from vatdata_runtime.errors import StoreError
from vatdata_runtime.tools.reading import NoSuchObjectError, NoSuchVatError, open_reader


def test_vats_tell_their_names_incarnations_and_sources(world):
    with open_reader(world) as reader:
        assert [(vat.name, vat.number, vat.incarnation) for vat in reader.vats.values()] == [
            ("bank", 1, 0),
            ("customer", 2, 0),
        ]
        assert reader.vat("bank").source == BANK


def test_kinds_tell_form_fields_patterns_methods_and_exact_counts(world):
    with open_reader(world) as reader:
        bank = reader.vat("bank")
        purse, counter = bank.durable.kinds()
        assert (purse.tag, purse.instances, purse.facets) == ("Purse", 3, None)
        assert purse.shape == {"owner": "M.string()", "balance": "M.int()", "peer": "M.any()"}
        assert purse.fields == ("balance", "owner", "peer")
        assert purse.methods == (("balance", "deposit", "link"),)
        assert (counter.tag, counter.instances, counter.facets) == ("Counter", 1, ("reader", "up"))
        assert bank.kind_named("Purse") == purse
        assert bank.kind_named("Nothing") is None


def test_virtual_instances_of_the_last_incarnation_are_counted_and_read(world):
    with open_reader(world) as reader:
        (note,) = reader.vat("bank").virtual.kinds()
        assert note.instances == 1
        (instance,) = reader.vat("bank").virtual.instances(note.number)
        assert list(instance.state.values()) == ["first"]


def test_instances_are_walked_in_order_with_decoded_state(world):
    with open_reader(world) as reader:
        bank = reader.vat("bank")
        purse = bank.kind_named("Purse")
        states = [instance.state for instance in bank.durable.instances(purse.number)]
        assert states[0] == {"owner": "alice", "balance": 10, "peer": None}
        assert [state["owner"] for state in states] == ["alice", "bob", "carol"]
        later = bank.durable.instances(purse.number, start=2)
        assert [instance.state["owner"] for instance in later] == ["bob", "carol"]


def test_collections_are_read_page_by_page(world):
    with open_reader(world) as reader:
        bank = reader.vat("bank")
        purses = next(found for found in bank.collections() if found.label == "purses")
        assert purses.size == 3
        first = bank.durable.page(purses, 2)
        assert [entry.key for entry in first.items] == ["alice", "bob"]
        second = bank.durable.page(purses, 2, first.next)
        assert [entry.key for entry in second.items] == ["carol"]
        assert second.next is None
        assert repr(second.items[0].value) == "<o+d16/3>"


def test_baggage_is_a_collection_like_any_other(world):
    with open_reader(world) as reader:
        bank = reader.vat("bank")
        baggage = bank.baggage
        keys = [entry.key for _, entry in bank.durable.entries(baggage)]
        assert keys == sorted(keys)
        assert {"purses", "flagged", "counter", "Purse_kindHandle"} <= set(keys)
        assert baggage.size == len(keys)


def test_sets_of_objects_give_the_objects_as_keys(world):
    with open_reader(world) as reader:
        bank = reader.vat("bank")
        flagged = next(found for found in bank.collections() if found.label == "flagged")
        assert [repr(entry.key) for _, entry in bank.durable.entries(flagged)] == ["<o+d16/2>"]


def test_exports_name_what_other_vats_keep(world):
    with open_reader(world) as reader:
        exports = list(reader.vat("bank").exports())
        assert [(reader.write(found.reference), found.mentions) for found in exports] == [("bank:o+d16/1", 1)]


def fails(_powers):
    raise RuntimeError("not today")


def test_messages_and_promises_that_wait_are_told_with_their_arguments(world):
    with Kernel.open(world, sources={"bank": fails}) as kernel:
        kernel.send(kernel.get_vat("bank").root, "open_purse", "dora", balance=4)
        kernel.run()
    with open_reader(world) as reader:
        (message,) = reader.messages()
        assert message.method == "open_purse"
        assert (message.arguments, message.keywords) == (("dora",), {"balance": 4})
        assert reader.write(message.target) == "bank:root"


def test_a_reference_is_read_with_and_without_its_vat(world):
    with open_reader(world) as reader:
        assert reader.parse("bank:o+d16/2") == reader.parse("o+d16/2", "bank")
        assert reader.write(reader.parse("bank:o+d17/1:0")) == "bank:o+d17/1:0"
        with pytest.raises(NoSuchObjectError, match="has several vats, so say which"):
            reader.parse("o+d16/2")
        with pytest.raises(NoSuchVatError, match=r"no vat 'shop'\. There is 'bank', 'customer'"):
            reader.parse("shop:o+d16/2")
        with pytest.raises(NoSuchObjectError, match="is no reference"):
            reader.parse("purse 2", "bank")
        with pytest.raises(NoSuchObjectError, match="there is no such object in vat 'bank'"):
            reader.require(reader.parse("bank:o+d16/99"))


def test_a_reader_stays_at_its_commit_while_a_kernel_goes_on(world):
    with Kernel.open(world) as kernel, open_reader(world) as reader:
        kernel.call(kernel.vats["bank"].root, "open_purse", "dora")
        assert reader.vat("bank").kind_named("Purse").instances == 3
        with open_reader(world) as later:
            assert later.vat("bank").kind_named("Purse").instances == 4


def test_reading_a_store_that_is_not_there_makes_none(tmp_path):
    with pytest.raises(StoreError, match="does not exist"), open_reader(tmp_path / "nowhere"):
        pass
    assert list(tmp_path.iterdir()) == []
