"""What a durable zone keeps in its baggage, the exchange with the vat-data functions, and labels reopened differently."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.runtime.zones.conftest import Lives, ZoneLives
from tests.runtime.zones.contract import Greeter, GreeterI, check_greeter
from vatdata_runtime import (
    FirstCrankError,
    IncompatibleKindError,
    LabelInUseError,
    M,
    NotDurableError,
    Zone,
    make_durable_zone,
    make_scalar_big_map_store,
    make_scalar_map_store,
    prepare_exo,
    prepare_exo_class,
    prepare_exo_class_kit,
    provide,
    provide_durable_map_store,
    provide_durable_set_store,
)

ONE = M.interface("One", {"get": M.call().returns(M.int())})
GET = {"get": lambda this: 1}


def init(nick: str) -> dict[str, str]:
    return {"nick": nick}


def test_the_keys_in_the_baggage_are_those_of_the_original(lives: Lives):
    def setup(baggage: Any) -> dict[str, Any]:
        zone = make_durable_zone(baggage)
        zone.exo("single", ONE, GET)
        zone.exo_class("Class", ONE, None, GET)
        zone.exo_class_kit("Kit", None, None, {"a": GET, "b": GET})
        zone.map_store("map")
        zone.set_store("set")
        zone.sub_zone("sub").map_store("inside")
        zone.make_once("value", lambda _: 1)
        assert list(baggage) == sorted(
            [
                "single_kindHandle",
                "the_single",
                "Class_kindHandle",
                "Kit_kindHandle",
                "map",
                "set",
                "sub",
                "value",
            ]
        )
        assert list(baggage.get("sub")) == ["inside"]
        return {}

    lives.start(setup)


def by_functions(baggage: Any) -> dict[str, Any]:
    sub = provide_durable_map_store(baggage, "sub")
    return {
        "single": prepare_exo(baggage, "single", ONE, GET),
        "make": prepare_exo_class(baggage, "Greeter", GreeterI, init, Greeter),
        "kit": prepare_exo_class_kit(baggage, "Kit", None, init, {"a": Greeter, "b": {}}),
        "store": provide_durable_map_store(baggage, "store", key_shape=M.string()),
        "members": provide_durable_set_store(baggage, "members"),
        "value": provide(baggage, "value", lambda _: 1),
        "inner": prepare_exo(sub, "inner", ONE, GET),
    }


def by_zone(baggage: Any) -> dict[str, Any]:
    zone = make_durable_zone(baggage)
    return {
        "single": zone.exo("single", ONE, GET),
        "make": zone.exo_class("Greeter", GreeterI, init, Greeter),
        "kit": zone.exo_class_kit("Kit", None, init, {"a": Greeter, "b": {}}),
        "store": zone.map_store("store", key_shape=M.string()),
        "members": zone.set_store("members"),
        "value": zone.make_once("value", lambda _: 2),
        "inner": zone.sub_zone("sub").exo("inner", ONE, GET),
    }


@pytest.mark.parametrize(("first", "second"), [(by_functions, by_zone), (by_zone, by_functions)])
def test_functions_and_zones_open_what_the_other_form_made(
    lives: Lives, first: Callable[..., Any], second: Callable[..., Any]
):
    lives.start(first)
    with lives.crank() as here:
        here.store.init("alice", here.make("Alice"))
        here.store.init("kit", here.kit("Bob").a)
        here.store.init("single", here.single)
        here.members.add(here.inner)
        value = here.value
    lives.start(second)
    with lives.crank() as here:
        check_greeter(here.store.get("alice"), "Alice")
        assert here.store.get("kit").nick() == "Bob"
        assert here.store.get("single") is here.single
        assert here.inner in here.members
        assert here.value == value


def use_map(zone: Zone) -> Any:
    return zone.map_store("x")


def use_shaped_map(zone: Zone) -> Any:
    return zone.map_store("x", key_shape=M.string())


def use_valued_map(zone: Zone) -> Any:
    return zone.map_store("x", value_shape=M.int())


def use_set(zone: Zone) -> Any:
    return zone.set_store("x")


def use_weak_map(zone: Zone) -> Any:
    return zone.weak_map_store("x")


def use_weak_set(zone: Zone) -> Any:
    return zone.weak_set_store("x")


def use_sub_zone(zone: Zone) -> Any:
    return zone.sub_zone("x")


def use_value(zone: Zone) -> Any:
    return zone.make_once("x", lambda _: 5)


USES = [
    use_map,
    use_shaped_map,
    use_valued_map,
    use_set,
    use_weak_map,
    use_weak_set,
    use_sub_zone,
    use_value,
]


@pytest.mark.parametrize("first", USES)
@pytest.mark.parametrize("second", USES)
def test_a_label_is_reopened_as_what_it_was_made_or_not_at_all(
    durable: ZoneLives, first: Callable[..., Any], second: Callable[..., Any]
):
    durable.run(lambda zone: first(zone))

    def script(zone: Zone) -> None:
        if first is second:
            second(zone)
            return
        with pytest.raises(LabelInUseError, match="'x'"):
            second(zone)
        first(zone)

    durable.run(script)


def test_the_refusal_names_both_types_and_both_options(durable: ZoneLives):
    durable.run(lambda zone: [zone.map_store("x", key_shape=M.string()), zone.sub_zone("sub")])

    def script(zone: Zone) -> None:
        with pytest.raises(LabelInUseError, match=r"M\.string.*M\.int"):
            zone.map_store("x", key_shape=M.int())
        with pytest.raises(LabelInUseError, match=r"MapStore.*SetStore"):
            zone.set_store("x")
        with pytest.raises(LabelInUseError, match=r"sub-zone.*store"):
            zone.map_store("sub")

    durable.run(script)


def test_a_class_cannot_become_a_kit(durable: ZoneLives):
    durable.run(lambda zone: zone.exo_class("x", None, None, GET))

    def script(zone: Zone) -> None:
        with pytest.raises(IncompatibleKindError):
            zone.exo_class_kit("x", None, None, {"a": GET, "b": GET})
        zone.exo_class("x", None, None, GET)

    durable.run(script)


def test_a_value_under_the_name_of_a_singleton_is_not_taken_for_it(durable: ZoneLives):
    durable.run(lambda zone: zone.make_once("the_x", lambda _: 5))

    def script(zone: Zone) -> None:
        with pytest.raises(LabelInUseError, match="the_x"):
            zone.exo("x", ONE, GET)
        assert zone.make_once("the_x", lambda _: 6) == 5

    durable.run(script)


def test_the_maker_of_a_stored_value_is_not_called_again(durable: ZoneLives):
    durable.run(lambda zone: zone.make_once("none", lambda _: None))
    durable.run(lambda zone: zone.make_once("none", lambda _: pytest.fail("called again")))


def test_a_durable_zone_is_made_on_a_durable_map_store_only(lives: Lives):
    def setup(baggage: Any) -> dict[str, Any]:
        for wrong in (None, {}, "baggage", provide_durable_set_store(baggage, "set")):
            with pytest.raises(TypeError):
                make_durable_zone(wrong)  # type: ignore[arg-type]  # what is tested
        for short_lived in (make_scalar_map_store("heap"), make_scalar_big_map_store("virtual")):
            with pytest.raises(NotDurableError):
                make_durable_zone(short_lived)
        make_durable_zone(make_scalar_big_map_store("any", durable=True)).exo_class("Kind", None, None, GET)
        baggage.init("any", baggage.get("set"))
        return {}

    lives.start(setup)


def test_durable_stores_have_no_option_to_be_less(durable: ZoneLives):
    def script(zone: Zone) -> None:
        with pytest.raises(TypeError):
            zone.map_store("s", durable=False)  # type: ignore[call-arg]  # what is tested

    durable.run(script)


def test_durable_kinds_are_defined_in_the_first_crank_only(durable: ZoneLives):
    durable.start(lambda zone: {"zone": zone})
    with durable.crank() as here:
        for use in (
            lambda: here.zone.exo("a", ONE, GET),
            lambda: here.zone.exo_class("b", ONE, None, GET),
            lambda: here.zone.exo_class_kit("c", None, None, {"a": GET, "b": GET}),
        ):
            with pytest.raises(FirstCrankError):
                use()


def test_a_detached_durable_store_lives_as_long_as_it_is_kept(lives: Lives):
    def setup(baggage: Any) -> dict[str, Any]:
        zone = make_durable_zone(baggage)
        return {"kept": zone.map_store("kept"), "detached": zone.detached()}

    lives.start(setup)
    with lives.crank() as here:
        here.kept.init("a", here.detached.map_store("a"))
        here.kept.get("a").init(1, 2)
        here.detached.map_store("b")
    lives.restart()
    with lives.crank() as here:
        assert here.kept.get("a").get(1) == 2
