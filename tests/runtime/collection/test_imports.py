"""Objects of other vats in a vat's stores: held without pins, recognised by name, consistent under verification."""

from __future__ import annotations

import contextlib

from vatdata_runtime import (
    Far,
    Kernel,
    prepare_exo_class,
    provide_durable_map_store,
    provide_durable_weak_map_store,
)
from vatdata_runtime.store import open_store
from vatdata_runtime.vat.verify import verify_vat


def owner(powers, parameters, baggage):
    make = prepare_exo_class(baggage, "Thing", None, lambda: {}, {"ping": lambda this: "pong"})
    return Far("owner", {"make": make})


def keeper(powers, parameters, baggage):
    strong = provide_durable_map_store(baggage, "strong")
    weak = provide_durable_weak_map_store(baggage, "weak")

    def keep(thing):
        strong.init("value", thing)
        strong.init(thing, 1)
        weak.init(thing, "weak")

    def look(thing):
        return strong.get("value") is thing, strong.get(thing), weak.get(thing)

    def drop():
        strong.clear()

    return Far("keeper", {"keep": keep, "look": look, "drop": drop})


def differences(path):
    store = open_store(path, readonly=True)
    with contextlib.closing(store):
        return [str(difference) for vat in (1, 2) for difference in verify_vat(store, vat)]


def test_imports_live_in_strong_and_weak_stores_over_a_restart(tmp_path):
    path = tmp_path / "world.db"
    sources = {"owner": owner, "keeper": keeper}
    with Kernel.open(path, sources=sources) as kernel:
        thing = kernel.call(kernel.create_vat("owner", owner).root, "make")
        kernel.call(kernel.create_vat("keeper", keeper).root, "keep", thing)
        kernel.collect()
        assert kernel.call(kernel.get_vat("keeper").root, "look", thing) == (True, 1, "weak")
    assert differences(path) == []
    with Kernel.open(path, sources=sources) as kernel:
        keeping = kernel.get_vat("keeper").root
        assert kernel.call(keeping, "look", thing) == (True, 1, "weak")
        assert kernel.call(thing, "ping") == "pong"
        kernel.collect()
        kernel.call(keeping, "drop")
        kernel.collect()
    assert differences(path) == []
