"""Objects that a vat comes by again and again are not made anew in each crank."""

from __future__ import annotations

import weakref
from typing import Any

from vatdata_runtime import prepare_exo_class, provide_durable_map_store
from vatdata_runtime.vat.slot_table import RECENT

from .conftest import Lives


def build(baggage: Any) -> dict[str, Any]:
    make = prepare_exo_class(
        baggage, "Node", None, lambda: {"count": 0}, {"count": lambda this: this.state.count}
    )
    return {"make": make, "nodes": provide_durable_map_store(baggage, "nodes")}


def stored(lives: Lives, count: int) -> None:
    lives.start(build)
    with lives.crank() as names:
        for n in range(count):
            names.nodes.init(n, names.make())
    lives.restart()


def seen(lives: Lives, number: int) -> weakref.ref[Any]:
    with lives.crank() as names:
        return weakref.ref(names.nodes.get(number))


def test_the_next_crank_finds_the_object_that_the_last_one_came_by(lives: Lives) -> None:
    stored(lives, 1)
    node = seen(lives, 0)
    with lives.crank() as names:
        assert names.nodes.get(0) is node() is not None


def test_no_more_than_a_few_objects_are_kept_for_that(lives: Lives) -> None:
    stored(lives, 3 * RECENT)
    nodes = [seen(lives, n) for n in range(3 * RECENT)]
    assert [node() is None for node in nodes] == [True] * 2 * RECENT + [False] * RECENT


def test_a_collection_lets_go_of_them_and_so_deletes_what_nothing_else_keeps(lives: Lives) -> None:
    stored(lives, 2)
    node = seen(lives, 0)
    with lives.crank() as names:
        names.nodes.delete(0)
    assert node() is not None
    assert lives.vat.collect() == 1
    assert node() is None


def test_an_aborted_crank_lets_go_of_them(lives: Lives) -> None:
    stored(lives, 1)
    node = seen(lives, 0)
    try:
        with lives.crank():
            raise ValueError
    except ValueError:
        assert node() is None
