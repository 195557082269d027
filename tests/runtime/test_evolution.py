"""Kinds over versions of the code: renamed, retired, migrated, given a shape."""

from __future__ import annotations

import pytest

from vatdata_runtime import (
    EvolutionError,
    Far,
    IncompatibleKindError,
    KindsNotPreparedError,
    M,
    PatternMismatchError,
    open_vat,
    prepare_exo,
    prepare_exo_class,
    provide_durable_map_store,
    rename_kind,
    retire_kind,
)
from vatdata_runtime.store import open_store


class Item:
    def value(this):
        return this.state.value

    def set(this, value):
        this.state.value = value


def root_of(items, **methods):
    return Far("Root", {"value": lambda name: items.get(name).value(), **methods})


def first_version(_powers, _parameters, baggage):
    make = prepare_exo_class(baggage, "Item", None, lambda value: {"value": value}, Item)
    single = prepare_exo(baggage, "Single", None, {"greet": lambda this: "hello"})
    items = provide_durable_map_store(baggage, "items")
    if not items.has("one"):
        items.init("one", make(1))

    def spare():
        make(2)  # nothing keeps it

    return root_of(items, greet=lambda: single.greet(), spare=spare, drop=lambda: items.delete("one"))


def all_entries(path):
    store = open_store(path, readonly=True)
    try:
        return dict(store.scan(b"\x01", b"\xff"))
    finally:
        store.close()


@pytest.fixture
def path(tmp_path):
    with open_vat(tmp_path / "store", first_version) as vat:
        assert vat.call("value", "one") == 1
    return tmp_path / "store"


def renamed(_powers, _parameters, baggage):
    rename_kind(baggage, "Item", "Thing")
    rename_kind(baggage, "Single", "Only")
    prepare_exo_class(baggage, "Thing", None, lambda value: {"value": value}, Item)
    only = prepare_exo(baggage, "Only", None, {"greet": lambda this: "hello again"})
    return root_of(baggage.get("items"), greet=lambda: only.greet())


def test_renamed_kinds_keep_their_instances_and_the_rename_may_stay_in_the_code(path):
    for _ in range(2):
        with open_vat(path, renamed) as vat:
            assert vat.call("value", "one") == 1
            assert vat.call("greet") == "hello again"


def test_missing_kinds_are_named_by_their_new_name_after_a_rename(path):
    with open_vat(path, renamed):
        pass
    with pytest.raises(KindsNotPreparedError) as caught:
        open_vat(path, lambda powers, parameters, baggage: Far("Root", {}))
    assert caught.value.missing == ("Thing", "Only")


def test_rename_to_a_name_that_is_stored_is_refused(path):
    def build(_powers, _parameters, baggage):
        rename_kind(baggage, "Item", "Single")

    with pytest.raises(EvolutionError, match="'Single', which is stored already"):
        open_vat(path, build)


def retired(_powers, _parameters, baggage):
    retire_kind(baggage, "Item")
    prepare_exo(baggage, "Single", None, {"greet": lambda this: "hello"})
    return Far("Root", {})


def test_retiring_a_kind_is_refused_while_stored_data_refers_to_an_instance(path):
    before = all_entries(path)
    with pytest.raises(EvolutionError, match=r"still refers to its instance o\+d16/1"):
        open_vat(path, retired)
    assert all_entries(path) == before


def test_retiring_a_kind_deletes_its_records_once_nothing_refers_to_them(path):
    with open_vat(path, first_version) as vat:
        vat.call("drop")
    with open_vat(path, retired):
        pass
    with open_vat(path, retired) as vat:
        assert vat.incarnation == 3
    left = [
        key for key in all_entries(path) if key[:2] == b"\x02\x01" and key[2:3] in b"okn" and key[3] == 16
    ]
    assert left == []


def test_retiring_a_singleton_gives_up_its_instance(path):
    def build(_powers, _parameters, baggage):
        prepare_exo_class(baggage, "Item", None, lambda value: {"value": value}, Item)
        retire_kind(baggage, "Single")
        return Far("Root", {"names": lambda: tuple(baggage.keys())})

    with open_vat(path, build) as vat:
        assert vat.call("names") == ("Item_kindHandle", "items")


def version(number, migrate=None, shape=None, fields=lambda value: {"value": value}):
    def build(_powers, _parameters, baggage):
        options = {} if number == 1 else {"version": number}
        if migrate is not None:
            options["migrate"] = migrate
        if shape is not None:
            options["state_shape"] = shape
        prepare_exo_class(baggage, "Item", None, fields, Item, **options)
        prepare_exo(baggage, "Single", None, {"greet": lambda this: "hello"})
        return root_of(baggage.get("items"))

    return build


def test_a_migrated_record_is_written_back_in_the_crank_that_loads_it(path):
    calls = []

    def migrate(old, from_version):
        calls.append((dict(old), from_version))
        return {"value": old["value"] * 10}

    for _ in range(2):
        with open_vat(path, version(2, migrate)) as vat:
            assert vat.call("value", "one") == 10
    assert calls == [({"value": 1}, 1)]


def test_an_aborted_crank_leaves_the_record_to_be_migrated_again(path):
    calls = []

    def migrate(old, from_version):
        calls.append(from_version)
        return {"value": old["value"] + 1}

    with open_vat(path, version(2, migrate)) as vat:
        with pytest.raises(ZeroDivisionError), vat.crank() as root:
            assert root.value("one") == 2
            raise ZeroDivisionError
        assert vat.call("value", "one") == 2
    assert calls == [1, 1]


def test_a_version_lower_than_stored_is_refused(path):
    with open_vat(path, version(3, lambda old, _version: old)):
        pass
    with pytest.raises(
        IncompatibleKindError, match="its version is 2, and the store already holds version 3"
    ):
        open_vat(path, version(2, lambda old, _version: old))


def test_a_shape_that_is_added_checks_old_records_when_they_are_loaded(path):
    with open_vat(path, version(1, shape={"value": M.int()})) as vat:
        assert vat.call("value", "one") == 1
    fresh = path.with_name("other")
    with open_vat(fresh, first_version):
        pass
    for _ in range(2):  # also in the incarnation after the one that added it
        with open_vat(fresh, version(1, shape={"value": M.string()})) as vat:
            with pytest.raises(PatternMismatchError, match="'value' of kind 'Item'"):
                vat.call("value", "one")


def test_a_shape_may_be_widened_and_not_narrowed(path):
    with open_vat(path, version(1, shape={"value": M.int()})):
        pass
    with open_vat(path, version(1, shape={"value": M.or_(M.int(), M.string())})):
        pass
    with pytest.raises(IncompatibleKindError, match="value"):
        open_vat(path, version(1, shape={"value": M.int()}))
