"""One vat and a crank around each test; ``zone`` makes the four stores in a heap, virtual or durable zone."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.runtime.collection.world import World
from vatdata_runtime import (
    Far,
    make_scalar_big_map_store,
    make_scalar_big_set_store,
    make_scalar_big_weak_map_store,
    make_scalar_big_weak_set_store,
    make_scalar_map_store,
    make_scalar_set_store,
    make_scalar_weak_map_store,
    make_scalar_weak_set_store,
)

VALUE_LIMIT = 100_000

HEAP = {
    "map": make_scalar_map_store,
    "set": make_scalar_set_store,
    "weak_map": make_scalar_weak_map_store,
    "weak_set": make_scalar_weak_set_store,
}
STORED = {
    "map": make_scalar_big_map_store,
    "set": make_scalar_big_set_store,
    "weak_map": make_scalar_big_weak_map_store,
    "weak_set": make_scalar_big_weak_set_store,
}


def makers(world, name):
    """Store makers of a zone, by type, and ``thing``, which makes an object that the zone can keep."""
    if name == "heap":
        made = {sort: lambda make=make, **shapes: make("label", **shapes) for sort, make in HEAP.items()}
    else:
        durable = name == "durable"
        made = {
            sort: lambda make=make, **shapes: make("label", durable=durable, **shapes)
            for sort, make in STORED.items()
        }

    def thing():
        return Far("thing", {}) if name == "heap" else world.make[name, "node"]()

    return SimpleNamespace(name=name, world=world, thing=thing, **made)


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path / "vat.db", value_limit=VALUE_LIMIT)
    yield world
    world.close()


@pytest.fixture(params=["heap", "virtual", "durable"])
def zone(request, world):
    """A zone, inside a crank."""
    with world.crank():
        yield makers(world, request.param)


@pytest.fixture(params=["virtual", "durable"])
def stored(request, world):
    """A zone whose data is stored, outside cranks."""
    return makers(world, request.param)
