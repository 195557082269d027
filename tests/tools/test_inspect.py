"""``vatdata inspect``, run as a user runs it."""

from __future__ import annotations

import json

import pytest

from tests.tools.command import run_vatdata, vatdata, vatdata_json
from vatdata_runtime import Kernel, open_vat
from vatdata_runtime.tools.commands.inspect import LISTING_HELP
from vatdata_runtime.tools.inspect.listings import LISTINGS

from .worlds import build_bank


def test_the_overview_counts_instances_of_each_kind_of_each_vat(world):
    form = vatdata_json("inspect", "--store", world)
    assert (form["format"], form["version"], form["what"]) == ("vatdata-inspect", 1, "store")
    assert form["vats"]["bank"]["kinds"]["Purse"]["instances"] == 3
    assert form["vats"]["bank"]["kinds"]["Counter"]["form"] == "kit"
    assert form["vats"]["customer"]["collections"] == 2
    assert form["vats"]["bank"]["exports"] == 1
    assert form["file"]["format"] == 1


def test_the_overview_for_people_is_a_tree_of_vats_and_kinds(world):
    shown = vatdata("inspect", "--store", world).stdout
    assert "vat bank, incarnation 0, from tests.tools.worlds:build_bank" in shown
    assert "Purse" in shown


def test_inspect_answers_beside_a_live_kernel(world):
    with Kernel.open(world) as kernel:
        kernel.call(kernel.get_vat("bank").root, "open_purse", "dora")
        done = run_vatdata("inspect", "--store", world, "--json")
        assert done.returncode == 0, done.stderr
        assert '"instances": 4' in done.stdout


def test_the_listings_page_through_all_their_rows_without_loss(world):
    for name in ("kinds", "objects", "collections"):
        whole = vatdata_json("inspect", name, "--store", world, "--limit", 0)["items"]
        assert len(whole) > 2
        pages, after = [], None
        while True:
            more = () if after is None else ("--after", after)
            page = vatdata_json("inspect", name, "--store", world, "--limit", 2, *more)
            pages += page["items"]
            after = page["next"]
            if after is None:
                break
        assert pages == whole, name


def test_objects_of_one_kind_are_listed_with_their_state(world):
    items = vatdata_json("inspect", "objects", "--store", world, "--kind", "Purse")["items"]
    assert items[0] == {
        "vat": "bank",
        "ref": "o+d16/1",
        "kind": "Purse",
        "version": 1,
        "state": {"balance": 10, "owner": "alice", "peer": None},
        "size_bytes": 10,
    }
    assert len(items) == 3


def test_one_object_is_shown_with_state_and_referrers(world):
    form = vatdata_json("inspect", "object", "bank:o+d16/2", "--store", world)
    assert form["state"]["owner"] == "bob"
    assert form["mentions"] == 2
    assert [(found["kind"], found["detail"]) for found in form["referrers"]] == [
        ("MapStore purses", "value of 'bob'"),
        ("SetStore flagged", "as key"),
    ]
    shown = vatdata("inspect", "object", "o+d16/2", "--vat", "bank", "--store", world).stdout
    assert "MapStore purses" in shown


def test_a_facet_names_its_instance(world):
    form = vatdata_json("inspect", "object", "bank:o+d17/1:1", "--store", world)
    assert form["facets"] == ["reader", "up"]


def test_an_object_without_referrers_is_found_without_reading_the_store(world):
    form = vatdata_json("inspect", "object", "bank:o+d16/2", "--store", world, "--no-referrers")
    assert "referrers" not in form


def test_why_alive_shows_the_way_from_a_root(world):
    form = vatdata_json("inspect", "why-alive", "bank:o+d16/1", "--store", world)
    assert form["root"] == "baggage of vat 'bank'"
    assert [step["kind"] for step in form["steps"]] == ["MapStore baggage", "MapStore purses", "Purse"]
    shown = vatdata("inspect", "why-alive", "bank:o+d16/1", "--store", world).stdout
    assert "value of 'alice' → bank:o+d16/1" in shown


def test_a_collection_is_found_by_label_and_by_reference(world):
    by_label = vatdata_json("inspect", "collection", "purses", "--store", world)
    by_reference = vatdata_json("inspect", "collection", "bank:o+d2/2", "--store", world)
    assert by_label == by_reference
    assert by_label["items"][0] == {"key": "alice", "value": {"#ref": "o+d16/1"}}


def test_the_baggage_of_a_vat_is_shown(world):
    form = vatdata_json("inspect", "baggage", "--vat", "customer", "--store", world)
    assert [item["key"] for item in form["items"]] == ["mine"]
    assert "say which vat" in vatdata("inspect", "baggage", "--store", world, code=2).stderr


def test_exports_and_queue_and_promises_are_listed(world):
    assert vatdata_json("inspect", "exports", "--store", world)["items"] == [
        {"ref": "bank:o+d16/1", "kind": "Purse", "mentions": 1}
    ]
    with Kernel.open(world, sources={"bank": lambda: 1 / 0}) as kernel:
        kernel.send(kernel.get_vat("bank").root, "open_purse", "dora", balance=4)
        kernel.run()
    (message,) = vatdata_json("inspect", "queue", "--store", world)["items"]
    assert (message["target"], message["method"]) == ("bank:root", "open_purse")
    assert (message["arguments"], message["keywords"]) == (["dora"], {"balance": 4})
    assert "open_purse('dora', balance=4)" in vatdata("inspect", "queue", "--store", world).stdout
    assert vatdata("inspect", "promises", "--store", world).stdout


def test_the_store_may_be_given_before_the_subcommand(world):
    assert vatdata_json("inspect", "--store", world, "kinds")["items"]
    assert "say which store" in vatdata("inspect", "kinds", code=2).stderr


@pytest.mark.parametrize(
    "words",
    [("kinds",), ("object", "bank:o+d16/1"), ("why-alive", "bank:o+d16/1"), ("baggage", "--vat", "bank")],
)
def test_json_may_be_asked_for_before_the_subcommand(world, words):
    before = vatdata("inspect", "--json", "--store", world, *words).stdout
    assert json.loads(before) == vatdata_json("inspect", *words, "--store", world)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("object", "bank:o+d16/99"), "no such object in vat 'bank'"),
        (("object", "o+d16/1"), "say which"),
        (("object", "purse"), "is no reference"),
        (("object", "shop:o+d16/1"), "no vat 'shop'"),
        (("collection", "nothing"), "is no reference"),
        (("collection", "bank:o+d16/1"), "is no collection"),
        (("kinds", "--vat", "shop"), "no vat 'shop'"),
        (("objects", "--after", "x"), "continues no page"),
        (("collection", "purses", "--after", "x"), "continues no page"),
    ],
)
def test_what_is_not_there_is_said_in_one_line_with_exit_code_2(world, words, said):
    done = vatdata("inspect", *words, "--store", world, code=2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_store_that_is_not_there_is_not_made(tmp_path):
    done = vatdata("inspect", "--store", tmp_path / "nowhere", code=2)
    assert "does not exist" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written(world):
    before = world.read_bytes()
    for words in ((), ("objects",), ("why-alive", "bank:o+d16/1"), ("baggage", "--vat", "bank")):
        vatdata("inspect", *words, "--store", world)
    assert world.read_bytes() == before


def test_no_colour_is_written_where_nobody_looks_or_no_color_is_set(world):
    assert "\x1b[" not in run_vatdata("inspect", "--store", world, NO_COLOR="1").stdout


def test_text_that_looks_like_markup_is_shown_as_it_is(tmp_path):
    with open_vat(tmp_path / "s", build_bank) as vat:
        vat.call("open_purse", "[bold]alice[/bold]")
    assert "[bold]alice[/bold]" in vatdata("inspect", "objects", "--store", tmp_path / "s").stdout


def test_every_listing_has_a_command_with_its_help():
    assert {listing.name: listing.help for listing in LISTINGS} == LISTING_HELP
