"""What each zone can keep."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.runtime.zones.conftest import Lives, ZoneLives, make_zone
from vatdata_runtime import Far, Zone, make_heap_zone, make_virtual_zone


def test_data_and_errors_can_live_in_every_zone(zones: ZoneLives):
    def script(zone: Zone) -> None:
        for value in (None, True, 1, 1.5, "text", b"bytes", [1, {"a": [2]}], ValueError("x")):
            assert zone.is_storable(value), value

    zones.run(script)


def test_what_is_no_data_can_live_in_no_zone_and_the_question_never_raises(zones: ZoneLives):
    endless: list[Any] = []
    endless.append(endless)

    def script(zone: Zone) -> None:
        for value in (lambda: 1, object(), zone, {1: 2}, "\ud800", endless, bytearray(b"a"), int):
            assert not zone.is_storable(value)

    zones.run(script)


@pytest.mark.parametrize(("sort", "answer"), [("heap", True), ("virtual", True), ("durable", False)])
def test_what_ends_with_the_incarnation_can_live_where_all_does(lives: Lives, sort: str, answer: bool):
    def setup(baggage: Any) -> dict[str, Any]:
        zone = make_zone(sort, baggage)
        for value in (
            Far("heap", {}),
            make_heap_zone().map_store("s"),
            make_virtual_zone().map_store("s"),
            make_virtual_zone().exo("a", None, {}),
            asyncio.get_running_loop().create_future(),
        ):
            assert zone.is_storable(value) is answer, value
            assert zone.is_storable([value]) is answer, value
        return {}

    lives.start(setup)


def test_durable_things_can_live_in_every_zone(lives: Lives):
    def setup(baggage: Any) -> dict[str, Any]:
        durable = make_zone("durable", baggage)
        kept = [
            baggage,
            durable.map_store("s"),
            durable.detached().set_store("s"),
            durable.exo("a", None, {}),
        ]
        for zone in (durable, make_heap_zone(), make_virtual_zone()):
            for value in kept:
                assert zone.is_storable(value)
        return {}

    lives.start(setup)


def test_the_question_writes_nothing(lives: Lives):
    lives.start(lambda baggage: {"zone": make_zone("durable", baggage)})
    before = lives.dump()
    with lives.crank() as here:
        here.zone.is_storable([Far("x", {}), 1])
    assert lives.dump() == before
