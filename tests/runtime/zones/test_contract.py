"""Every zone runs the same scripts, in two incarnations and across the crank."""

from __future__ import annotations

import pytest

from tests.runtime.zones.conftest import ZoneLives
from tests.runtime.zones.contract import first_incarnation, prepare_kinds, second_incarnation
from vatdata_runtime import NoVatError, Zone

METHODS = [
    "exo",
    "exo_class",
    "exo_class_kit",
    "map_store",
    "set_store",
    "weak_map_store",
    "weak_set_store",
    "sub_zone",
    "make_once",
    "detached",
    "is_storable",
    "watch_promise",
    "prepare",
]


def test_the_same_scripts_run_in_every_zone(zones: ZoneLives):
    zones.run(first_incarnation)
    zones.run(lambda zone: second_incarnation(zone, survives=zones.sort == "durable"))


def test_every_zone_has_the_same_methods(zones: ZoneLives):
    def script(zone: Zone) -> None:
        assert [name for name in METHODS if not callable(getattr(zone, name, None))] == []

    zones.run(script)


def test_state_that_a_crank_changed_is_there_in_the_next_crank(zones: ZoneLives):
    zones.start(lambda zone: {"make": prepare_kinds(zone)[1], "kept": zone.map_store("kept")})
    with zones.crank() as here:
        here.kept.init("alice", here.make("Alice"))
    with zones.crank() as here:
        here.kept.get("alice").rename("Alicia")
    with zones.crank() as here:
        assert here.kept.get("alice").nick() == "Alicia"


def test_a_zone_works_inside_cranks_only(zones: ZoneLives):
    held: list[Zone] = []
    zones.run(held.append)
    (zone,) = held
    for use in (
        lambda: zone.map_store("s"),
        lambda: zone.exo("a", None, {}),
        lambda: zone.make_once("k", lambda _: 1),
        lambda: zone.is_storable(1),
        lambda: zone.detached(),
        lambda: zone.sub_zone("sub"),
        lambda: zone.watch_promise(None, None),
    ):
        with pytest.raises(NoVatError):
            use()


def test_stores_can_be_made_in_any_crank(zones: ZoneLives):
    zones.start(lambda zone: {"zone": zone})
    with zones.crank() as here:
        here.zone.map_store("late").init(1, 2)
    with zones.crank() as here, pytest.raises(RuntimeError, match="late"):
        here.zone.map_store("late")
