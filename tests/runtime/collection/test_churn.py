"""Making and dropping over and over leaves the store as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from vatdata_runtime import Far, Vat, open_vat, prepare_exo_class, provide_durable_map_store
from vatdata_runtime.store import open_store
from vatdata_runtime.vat.verify import verify_vat


def build(_powers, _parameters, baggage):
    make = prepare_exo_class(
        baggage, "Node", None, lambda n, other: {"n": n, "text": "x" * 40, "other": other}, {}
    )
    nodes = provide_durable_map_store(baggage, "nodes")

    def fill(count):
        other = None
        for n in range(count):
            other = make(n, other)
            nodes.init(n, other)

    def tree(count, width):
        """A tree of which only the root is registered."""
        inner = [make(n, None) for n in range(count)]
        while len(inner) > 1:
            inner = [make(n, tuple(inner[n : n + width])) for n in range(0, len(inner), width)]
        nodes.init("root", inner[0])

    return Far(
        "Root", {"fill": fill, "tree": tree, "drop": lambda: nodes.clear(), "size": lambda: len(nodes)}
    )


def keys_in(path: Path) -> int:
    store = open_store(path, readonly=True)
    try:
        assert list(verify_vat(store, 1, str(path))) == []
        return store.measure().entries
    finally:
        store.close()


def churn(vat: Vat, rounds: int, count: int) -> None:
    for _ in range(rounds):
        vat.call("fill", count)
        vat.call("drop")
        vat.collect()


def test_making_and_dropping_leaves_the_number_of_keys_constant(tmp_path):
    path = tmp_path / "s"
    with open_vat(path, build) as vat:
        churn(vat, 1, 500)
        before = keys_in(path)
        churn(vat, 5, 500)
    assert keys_in(path) == before


def test_dropping_a_tree_never_makes_one_crank_larger_than_a_piece(tmp_path):
    path = tmp_path / "s"
    with open_vat(path, build) as vat:
        vat.call("fill", 1)
        vat.call("drop")
        vat.collect()
        before = keys_in(path)
        vat.call("tree", 6_000, 8)
        vat.call("drop")
        commits, deletes = vat.counters.commits, vat.counters.deletes
        vat.collect()
        cranks, deleted = vat.counters.commits - commits, vat.counters.deletes - deletes
    assert deleted >= 6_000
    assert deleted / cranks < 3_000, "a piece deletes at most 1,000 objects, of two or three records each"
    assert keys_in(path) == before


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_two_hundred_rounds_of_ten_thousand_objects_keep_keys_and_file(tmp_path):
    path = tmp_path / "s"
    with open_vat(path, build) as vat:
        vat.call("fill", 10_000)
        live = path.stat().st_size
        vat.call("drop")
        vat.collect()
        before = keys_in(path)
        churn(vat, 200, 10_000)
    assert keys_in(path) == before
    assert path.stat().st_size <= 2 * live, f"{path.stat().st_size} bytes for {live} of live data"
