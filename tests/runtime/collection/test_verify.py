"""Whatever is changed in a store behind its back, verification says where, and what it means."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.runtime.collection.world import World
from vatdata_runtime import (
    Far,
    M,
    make_scalar_big_map_store,
    make_scalar_big_set_store,
    make_scalar_big_weak_map_store,
)
from vatdata_runtime.passable import ValueCodec
from vatdata_runtime.vat.identifiers import encode_number
from vatdata_runtime.vat.vat_record import VatRecord
from vatdata_runtime.vat.verify import verify_vat


class Records:
    """A view of records in memory, which a test may change."""

    def __init__(self, records):
        self.records = dict(records)

    def get(self, key):
        return self.records.get(key)

    def scan(self, start, stop, *, reverse=False):
        yield from sorted((k, v) for k, v in self.records.items() if start <= k < stop)


@pytest.fixture
def store(tmp_path):
    """The records of a vat that has everything, with the bases of what is in it."""
    world = World(tmp_path / "vat.db")
    slot_of = world.incarnation.marshal.stored_slot
    with world.crank():
        node, kit = world.make["durable", "node"](), world.make["durable", "kit"]()
        m = make_scalar_big_map_store("m", durable=True, key_shape=M.or_(M.string(), M.remotable()))
        s = make_scalar_big_set_store("s", durable=True)
        w = make_scalar_big_weak_map_store("w", durable=True)
        m.add_all([("a", node), (node, 1)])
        s.add_all([node, "x"])
        w.init(kit.left, "weak")
        world.baggage.add_all({"m": m, "s": s, "w": w, "kit": kit.right, "node": node})
        virtual = make_scalar_big_map_store("v")
        virtual.init("node", node)
        loose = world.make["durable", "node"]()
        slots = {
            name: slot_of(obj) for name, obj in locals().items() if name in ("node", "m", "s", "w", "loose")
        }
        slots["kit"] = slot_of(kit.left)[:-1]
    space = world.incarnation.durable
    view = Records(world.view.scan(b"", b"\xff"))
    assert not list(verify_vat(view, 1))
    yield SimpleNamespace(view=view, space=space, virtual=world.incarnation.virtual, **slots)
    world.close()


def found(store):
    """What verification reports, as text."""
    return [str(difference) for difference in verify_vat(store.view, 1)]


def number_of(slot):
    return slot[2:]


def test_a_count_that_is_too_low_endangers_the_object(store):
    key = store.space.count + store.node
    assert store.view.records[key] == encode_number(4)
    store.view.records[key] = encode_number(3)
    (difference,) = verify_vat(store.view, 1)
    assert (difference.key, difference.subject) == (key, "o+d16/1")
    assert (difference.found, difference.expected, difference.is_derivable) == ("3", "4", True)
    assert "may be deleted while it is in use" in str(difference)


def test_a_count_that_is_too_high_keeps_the_object_for_ever(store):
    store.view.records[store.space.count + store.node] = encode_number(9)
    assert "will never be deleted" in found(store)[0]


def test_mentions_in_virtual_data_are_counted_apart(store):
    del store.view.records[store.virtual.count + store.node]
    assert len(found(store)) == 1


def test_a_lost_zero_mark_and_a_wrong_one_are_found(store):
    del store.view.records[store.space.zero + store.loose]
    store.view.records[store.space.zero + store.m] = b""
    assert len(found(store)) == 2
    assert any("o+d2/2" in line and "in use" in line for line in found(store))


def test_marks_and_counts_of_what_does_not_exist_are_found(store):
    store.view.records[store.space.zero + b"d\x10\x63"] = b""
    store.view.records[store.space.count + b"d\x10\x64"] = encode_number(2)
    assert len(found(store)) == 2


def test_a_mention_of_what_was_deleted_is_found(store):
    del store.view.records[store.space.record + store.kit[1:]]
    lines = found(store)
    assert any("is mentioned, and there is no such object" in line for line in lines)
    assert any("has an entry for o+d17/1:0, which was deleted" in line for line in lines)


def test_a_wrong_size_is_found(store):
    store.view.records[store.space.head + number_of(store.m)] = encode_number(7) + encode_number(1)
    (line,) = found(store)
    assert "has another size than entries (found 7, expected 2)" in line


def test_an_ordinal_that_would_be_taken_again_is_found(store):
    store.view.records[store.space.head + number_of(store.m)] = encode_number(2) + encode_number(0)
    assert "the next remotable key would get an ordinal that is taken" in found(store)[0]


def test_ordinals_and_entries_that_lack_each_other_are_found(store):
    del store.view.records[store.space.ordinal + number_of(store.m) + store.node]
    store.view.records[store.space.ordinal + number_of(store.s) + store.loose] = encode_number(0)
    lines = found(store)
    assert len(lines) == 2
    assert any("cannot be found" in line for line in lines)
    assert any("and no entry" in line for line in lines)


def test_recognition_and_weak_entries_that_lack_each_other_are_found(store):
    del store.view.records[store.space.recognizer + store.kit + store.w]
    store.view.records[store.space.recognizer + store.node + store.w] = b""
    lines = found(store)
    assert len(lines) == 2
    assert any("will outlive it" in line for line in lines)
    assert any("has no entry for it" in line for line in lines)


def test_entries_of_a_store_that_does_not_exist_are_found(store):
    del store.view.records[store.space.collection + number_of(store.s)]
    lines = found(store)
    for what in ("entries", "ordinals", "a head"):
        assert any(f"there is none, and {what} of it are left" in line for line in lines)


def test_keys_and_values_that_cannot_be_or_do_not_match_are_found(store):
    entry = store.space.entry + number_of(store.m)
    number = b"\x4a\x07"
    store.view.records[entry + number] = b"\xc1"
    lines = found(store)
    assert any("a key does not match the key shape" in line for line in lines)
    assert any("cannot be read" in line for line in lines)


def test_records_that_do_not_fit_their_kind_are_found(store):
    record = store.space.record + store.loose[1:]
    for data, what in (
        (b"\x91\x05", "no layout"),
        (b"\x92\x00\xc0", "number of fields"),
        (b"\xc1", "cannot be"),
    ):
        store.view.records[record] = data
        assert any(what in line for line in found(store))


def test_a_facet_that_the_kind_has_not_is_found(store):
    codec = ValueCodec(lambda _: store.kit + b"\x05", lambda _: None)
    store.view.records[store.space.record + store.loose[1:]] = codec.encode_row((0, None, Far("kit", {})))
    assert any("a facet that kind 'Kit' has not" in line for line in found(store))


def test_numbers_that_would_be_taken_again_are_found(store):
    store.view.records[store.space.counter + b"\x10"] = encode_number(1)
    record = VatRecord.decode(store.view.records[store.space.meta], "")
    record.next_kind, record.next_collection = 16, 2
    store.view.records[store.space.meta] = record.encode()
    lines = found(store)
    for what in ("instance", "collection", "kind"):
        assert any(f"the next {what} would get a number that is taken" in line for line in lines)


def test_virtual_data_that_nothing_will_delete_and_unknown_records_are_found(store):
    store.view.records[b"\x03\x01\x07o\x10\x01"] = b"\x91\x00"
    store.view.records[store.space.prefix + b"Z"] = b""
    lines = found(store)
    assert any("left virtual data that nothing will delete" in line for line in lines)
    assert any("is none that this version writes" in line for line in lines)


def test_a_vat_that_never_started_is_reported():
    assert "never started" in str(next(verify_vat(Records({}), 1)))
