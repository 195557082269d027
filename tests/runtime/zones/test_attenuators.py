"""Forwarders offer some methods, and can be cut off."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runtime.zones.conftest import Lives, ZoneLives
from vatdata_runtime import (
    Far,
    GuardError,
    M,
    NotDurableError,
    PatternMismatchError,
    RevokedError,
    WrongReceiverError,
    Zone,
    attenuate_one,
    make_durable_zone,
    prepare_attenuator_maker,
    prepare_revocable_maker_kit,
)

CounterI = M.interface(
    "Counter", {"incr": M.call(M.int()).returns(M.int()), "decr": M.call(M.int()).returns(M.int())}
)


def change(this: Any, by: int) -> int:
    this.state.count += by
    return this.state.count


def prepare_counter(zone: Zone) -> Any:
    return zone.exo_class(
        "Counter",
        CounterI,
        lambda: {"count": 0},
        {"incr": change, "decr": lambda this, by: change(this, -by)},
    )


def self_revoke(this: Any) -> bool:
    this.state.underlying = None
    return True


def revoke_by_facet(this: Any) -> bool:
    return bool(this.facets.revoker.revoke())


def test_an_attenuator_forwards_the_named_methods_only(zones: ZoneLives):
    def script(zone: Zone) -> None:
        counter = prepare_counter(zone)()
        incrementer = prepare_attenuator_maker(zone, "Incrementer", ["incr"])(counter)
        assert incrementer.incr(3) == 3
        assert incrementer.incr(by=4) == 7
        assert counter.decr(2) == 5
        assert not hasattr(incrementer, "decr")

    zones.run(script)


def test_the_guard_of_the_object_behind_holds_and_there_is_no_other(zones: ZoneLives):
    def script(zone: Zone) -> None:
        incrementer = prepare_attenuator_maker(zone, "Incrementer", ["incr"])(prepare_counter(zone)())
        with pytest.raises(GuardError, match=r"Counter\.incr"):
            incrementer.incr("x")

    zones.run(script)


def test_arguments_and_results_go_through_as_they_are(lives: Lives):
    def setup(_baggage: Any) -> dict[str, Any]:
        mutable = object()
        box = attenuate_one(Far("Box", {"echo": lambda x: x, "other": lambda: 1}), ["echo"])
        assert box.echo(mutable) is mutable
        assert not hasattr(box, "other")
        return {}

    lives.start(setup)


def test_an_extra_method_may_cut_the_attenuator_off(zones: ZoneLives):
    def script(zone: Zone) -> None:
        counter = prepare_counter(zone)()
        make = prepare_attenuator_maker(
            zone,
            "Incrementer",
            ["incr"],
            extra_methods={"self_revoke": self_revoke},
            extra_method_guards={"self_revoke": M.call().returns(M.boolean())},
        )
        incrementer, other = make(counter), make(counter)
        assert incrementer.incr(1) == 1
        assert incrementer.self_revoke() is True
        with pytest.raises(RevokedError, match="Incrementer"):
            incrementer.incr(1)
        assert other.incr(1) == 2

    zones.run(script)


def test_a_revoked_forwarder_is_cut_off_and_the_object_behind_goes_on(zones: ZoneLives):
    def script(zone: Zone) -> None:
        counter = prepare_counter(zone)()
        revocables = prepare_revocable_maker_kit(zone, "RevocableCounter", ["incr"])
        forwarder = revocables.make_revocable(counter)
        assert forwarder.incr(1) == 1
        assert revocables.revoke(forwarder) is True
        with pytest.raises(RevokedError, match="RevocableCounter"):
            forwarder.incr(1)
        assert revocables.revoke(forwarder) is False
        assert counter.incr(1) == 2

    zones.run(script)


def test_the_kit_has_the_forwarder_and_its_revoker(zones: ZoneLives):
    def script(zone: Zone) -> None:
        revocables = prepare_revocable_maker_kit(
            zone, "RevocableCounter", ["incr"], extra_methods={"self_revoke": revoke_by_facet}
        )
        one = revocables.make_revocable_kit(prepare_counter(zone)())
        assert one.revocable.incr(1) == 1
        assert one.revoker.revoke() is True
        with pytest.raises(RevokedError):
            one.revocable.incr(1)
        other = revocables.make_revocable(zone.exo("x", None, {"incr": lambda this: 1}))
        assert other.incr() == 1
        assert other.self_revoke() is True
        with pytest.raises(RevokedError):
            other.incr()

    zones.run(script)


def test_what_was_not_made_here_cannot_be_revoked(zones: ZoneLives):
    def script(zone: Zone) -> None:
        revocables = prepare_revocable_maker_kit(zone, "RevocableCounter", ["incr"])
        for foreign in (prepare_counter(zone)(), None, "x"):
            with pytest.raises(WrongReceiverError):
                revocables.revoke(foreign)

    zones.run(script)


@pytest.mark.parametrize("underlying", [None, 5, "x", {"incr": 1}])
def test_what_is_no_remotable_cannot_be_forwarded_to(zones: ZoneLives, underlying: Any):
    def script(zone: Zone) -> None:
        make = prepare_attenuator_maker(zone, "A", ["incr"])
        revocables = prepare_revocable_maker_kit(zone, "R", ["incr"])
        for made in (make, revocables.make_revocable):
            with pytest.raises(PatternMismatchError):
                made(underlying)

    zones.run(script)


def test_a_durable_forwarder_forwards_to_durable_objects_only(lives: Lives):
    def setup(baggage: Any) -> dict[str, Any]:
        make = prepare_attenuator_maker(make_durable_zone(baggage), "A", ["incr"])
        with pytest.raises(NotDurableError):
            make(Far("Counter", {"incr": lambda: 1}))
        return {}

    lives.start(setup)


def test_a_durable_forwarder_and_its_revocation_survive(lives: Lives):
    def setup(baggage: Any) -> dict[str, Any]:
        zone = make_durable_zone(baggage)
        return {
            "make_counter": prepare_counter(zone),
            "revocables": prepare_revocable_maker_kit(zone, "R", ["incr"]),
            "kept": zone.map_store("kept"),
        }

    lives.start(setup)
    with lives.crank() as here:
        for name in ("used", "revoked"):
            here.kept.init(name, here.revocables.make_revocable(here.make_counter()))
        here.revocables.revoke(here.kept.get("revoked"))
    lives.restart()
    with lives.crank() as here:
        assert here.kept.get("used").incr(1) == 1
        with pytest.raises(RevokedError):
            here.kept.get("revoked").incr(1)
        assert here.revocables.revoke(here.kept.get("used")) is True


def test_methods_are_named_once(zones: ZoneLives):
    def script(zone: Zone) -> None:
        with pytest.raises(ValueError, match="'incr'"):
            prepare_attenuator_maker(zone, "A", ["incr", "incr"])
        with pytest.raises(ValueError, match="'incr'"):
            prepare_revocable_maker_kit(zone, "A", ["incr"], extra_methods={"incr": self_revoke})
        with pytest.raises(TypeError, match="iterable"):
            prepare_attenuator_maker(zone, "A", "incr")
        prepare_attenuator_maker(zone, "A", ["incr"])

    zones.run(script)
