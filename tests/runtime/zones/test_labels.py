"""Labels are used once in an incarnation, and only by what succeeds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runtime.zones.conftest import Lives, ZoneLives
from vatdata_runtime import (
    GuardDefinitionError,
    KeyTooLargeError,
    LabelInUseError,
    M,
    NotAPatternError,
    NotStorableError,
    Zone,
    make_durable_zone,
    make_heap_zone,
)

ANY = M.interface("Any", {"get": M.call().returns(M.any())})
GET = {"get": lambda this: None}


def test_a_value_is_made_once_and_its_maker_gets_the_key(zones: ZoneLives):
    zones.run(lambda zone: _is(zone.make_once("a", lambda key: f"made for {key}"), "made for a"))


def test_make_once_twice_raises_although_there_is_a_value(zones: ZoneLives):
    def script(zone: Zone) -> None:
        zone.make_once("a", lambda _: 1)
        with pytest.raises(LabelInUseError, match="'a'") as caught:
            zone.make_once("a", lambda _: 1)
        assert caught.value.label == "a"

    zones.run(script)


@pytest.mark.parametrize("value", [lambda: 1, object(), [1, {2: 3}]], ids=["function", "object", "part"])
def test_what_cannot_live_in_the_zone_is_refused_and_the_label_stays_free(zones: ZoneLives, value: Any):
    def script(zone: Zone) -> None:
        with pytest.raises(NotStorableError):
            zone.make_once("a", lambda _: value)
        assert zone.make_once("a", lambda _: 2) == 2

    zones.run(script)


def test_an_async_maker_is_refused(zones: ZoneLives):
    async def maker(_key: str) -> int:
        return 1

    def script(zone: Zone) -> None:
        with pytest.raises(NotStorableError):
            zone.make_once("a", maker)

    zones.run(script)


def test_a_maker_that_raises_leaves_the_label_free(zones: ZoneLives):
    def script(zone: Zone) -> None:
        with pytest.raises(ZeroDivisionError):
            zone.make_once("a", lambda _: 1 / 0)
        assert zone.make_once("a", lambda _: 2) == 2

    zones.run(script)


def test_a_label_is_in_use_while_its_maker_runs(zones: ZoneLives):
    def script(zone: Zone) -> None:
        with pytest.raises(LabelInUseError):
            zone.make_once("a", lambda key: zone.make_once(key, lambda _: 1))
        assert zone.make_once("a", lambda _: 2) == 2

    zones.run(script)


def test_what_a_failed_maker_has_used_is_free_again(zones: ZoneLives):
    def fail(zone: Zone) -> None:
        zone.map_store("inner").init(1, 1)
        raise ZeroDivisionError

    def script(zone: Zone) -> None:
        with pytest.raises(ZeroDivisionError):
            zone.make_once("outer", lambda _: fail(zone))
        assert len(zone.map_store("inner")) == 0

    zones.run(script)


@pytest.mark.parametrize("label", [None, 5, b"a", "", ["a"]])
def test_a_label_is_text_that_is_not_empty(zones: ZoneLives, label: Any):
    def script(zone: Zone) -> None:
        for use in (
            lambda: zone.make_once(label, lambda _: 1),
            lambda: zone.map_store(label),
            lambda: zone.exo(label, None, {}),
            lambda: zone.exo_class_kit(label, None, None, {"a": {}, "b": {}}),
            lambda: zone.sub_zone(label),
        ):
            with pytest.raises(TypeError):
                use()

    zones.run(script)


def test_a_label_that_no_baggage_could_keep_is_refused_in_every_zone(zones: ZoneLives):
    def script(zone: Zone) -> None:
        with pytest.raises(KeyTooLargeError):
            zone.exo_class("x" * 600, None, None, {})

    zones.run(script)


def test_an_exo_reserves_its_derived_names_and_not_its_label(zones: ZoneLives):
    def script(zone: Zone) -> None:
        zone.exo("a", ANY, GET)
        zone.map_store("a")
        for use in (
            lambda: zone.make_once("the_a", lambda _: 1),
            lambda: zone.make_once("a_kindHandle", lambda _: 1),
            lambda: zone.exo_class("a", ANY, None, GET),
            lambda: zone.set_store("a"),
        ):
            with pytest.raises(LabelInUseError):
                use()

    zones.run(script)


def test_names_are_used_all_or_none(zones: ZoneLives):
    def script(zone: Zone) -> None:
        zone.make_once("a_kindHandle", lambda _: 1)
        with pytest.raises(LabelInUseError, match="a_kindHandle"):
            zone.exo("a", ANY, GET)
        assert zone.make_once("the_a", lambda _: 2) == 2

    zones.run(script)


def test_a_definition_that_fails_leaves_its_label_free(zones: ZoneLives):
    def script(zone: Zone) -> None:
        with pytest.raises(GuardDefinitionError):
            zone.exo("a", ANY, {})
        with pytest.raises(TypeError):
            zone.exo_class("c", ANY, None, GET, no_such_option=1)  # type: ignore[call-arg]  # what is tested
        with pytest.raises(GuardDefinitionError):
            zone.exo_class_kit("k", None, None, {"only": GET})
        zone.exo("a", ANY, GET)
        zone.exo_class("c", ANY, None, GET)
        zone.exo_class_kit("k", None, None, {"one": GET, "two": GET})

    zones.run(script)


def test_an_exo_whose_finish_fails_leaves_its_label_free(zones: ZoneLives):
    def fail(_context: Any) -> None:
        raise ZeroDivisionError

    def script(zone: Zone) -> None:
        with pytest.raises(ZeroDivisionError):
            zone.exo("a", ANY, GET, finish=fail)
        assert zone.exo("a", ANY, GET).get() is None

    zones.run(script)


def test_a_stored_kind_whose_singleton_fails_can_be_defined_again(durable: ZoneLives):
    def fail(_context: Any) -> None:
        raise ZeroDivisionError

    durable.run(lambda zone: zone.exo_class("a", ANY, None, GET))

    def script(zone: Zone) -> None:
        with pytest.raises(ZeroDivisionError):
            zone.exo("a", ANY, GET, finish=fail)
        assert zone.exo("a", ANY, GET).get() is None

    durable.run(script)


def test_a_store_that_is_refused_leaves_its_label_free(zones: ZoneLives):
    def script(zone: Zone) -> None:
        with pytest.raises(NotAPatternError):
            zone.map_store("s", key_shape=ValueError("no pattern"))
        with pytest.raises(TypeError):
            zone.map_store("s", no_such_option=True)  # type: ignore[call-arg]  # what is tested
        zone.map_store("s").init(1, 1)

    zones.run(script)


def test_labels_of_an_aborted_crank_are_free_again(zones: ZoneLives):
    zones.start(lambda zone: {"zone": zone})
    with pytest.raises(ZeroDivisionError), zones.crank() as here:
        here.zone.map_store("s").init(1, 1)
        raise ZeroDivisionError
    with zones.crank() as here:
        assert len(here.zone.map_store("s")) == 0


def test_a_sub_zone_has_labels_of_its_own(zones: ZoneLives):
    def script(zone: Zone) -> None:
        zone.map_store("s").init(1, "of the zone")
        sub = zone.sub_zone("sub")
        assert len(sub.map_store("s")) == 0
        zone.map_store("sub.other")
        sub.map_store("other")

    zones.run(script)


def test_detached_stores_use_no_label_and_are_distinct(zones: ZoneLives):
    def script(zone: Zone) -> None:
        stores = zone.detached()
        one, other = stores.map_store("s"), stores.map_store("s")
        one.init(1, 1)
        assert len(other) == 0
        stores.set_store("s").add(1)
        stores.weak_map_store("s")
        stores.weak_set_store("s")
        zone.map_store("s")

    zones.run(script)


def test_another_heap_zone_remembers_nothing(lives: Lives):
    def setup(_baggage: Any) -> dict[str, Any]:
        assert make_heap_zone().make_once("a", lambda _: 1) == 1
        assert make_heap_zone().make_once("a", lambda _: 2) == 2
        return {}

    lives.start(setup)


def test_durable_zones_over_one_baggage_share_their_labels(lives: Lives):
    def setup(baggage: Any) -> dict[str, Any]:
        one, other = make_durable_zone(baggage), make_durable_zone(baggage, "other")
        one.map_store("s")
        with pytest.raises(LabelInUseError):
            other.map_store("s")
        with pytest.raises(LabelInUseError):
            other.sub_zone("s")
        other.sub_zone("sub").map_store("s")
        return {}

    lives.start(setup)
    lives.restart()


def _is(value: Any, expected: Any) -> None:
    assert value == expected
