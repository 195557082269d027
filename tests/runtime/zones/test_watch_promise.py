"""Watchers hear of a settlement in a later turn."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from tests.runtime.zones.conftest import Lives, ZoneLives, make_zone
from vatdata_runtime import Far, NotDurableError, NotPassableError, Zone


def prepare(zone: Zone) -> dict[str, Any]:
    log = zone.map_store("log")

    def note(what: str) -> Any:
        return lambda this, *args: log.init(len(log), (what, *args))

    return {
        "zone": zone,
        "log": log,
        "both": zone.exo("both", None, {"on_fulfilled": note("yes"), "on_rejected": note("no")}),
        "only_yes": zone.exo("only_yes", None, {"on_fulfilled": note("yes")}),
        "only_no": zone.exo("only_no", None, {"on_rejected": note("no")}),
        "failing": zone.exo("failing", None, {"on_fulfilled": lambda this, value: 1 / 0}),
        "promise": lambda: asyncio.get_running_loop().create_future(),
    }


def heard(zones: ZoneLives) -> list[Any]:
    with zones.crank() as here:
        return list(here.log.values())


def test_a_handler_is_called_with_the_value_and_the_extra_arguments_in_a_later_turn(zones: ZoneLives):
    zones.start(prepare)
    with zones.crank() as here:
        promise = here.promise()
        here.zone.watch_promise(promise, here.both, "a", ["b"])
        promise.set_result(5)
        assert len(here.log) == 0
    assert heard(zones) == [("yes", 5, "a", ("b",))]


def test_a_promise_may_have_settled_before(zones: ZoneLives):
    zones.start(prepare)
    with zones.crank() as here:
        promise = here.promise()
        promise.set_result(5)
        here.zone.watch_promise(promise, here.both)
        assert len(here.log) == 0
    assert heard(zones) == [("yes", 5)]


def test_a_promise_may_settle_in_a_later_crank(zones: ZoneLives):
    zones.start(prepare)
    with zones.crank() as here:
        promise = here.promise()
        here.zone.watch_promise(promise, here.both)
    assert heard(zones) == []
    with zones.crank():
        promise.set_result(5)
    assert heard(zones) == [("yes", 5)]


def test_a_rejection_is_handed_to_on_rejected(zones: ZoneLives):
    zones.start(prepare)
    with zones.crank() as here:
        promise = here.promise()
        here.zone.watch_promise(promise, here.both, "a")
        promise.set_exception(ValueError("why"))
    ((what, reason, extra),) = heard(zones)
    assert (what, extra) == ("no", "a")
    assert isinstance(reason, ValueError)
    assert reason.args == ("why",)


def test_every_watch_is_called_once_in_the_order_of_registration(zones: ZoneLives):
    zones.start(prepare)
    with zones.crank() as here:
        promise = here.promise()
        for number in range(3):
            here.zone.watch_promise(promise, here.both, number)
        here.zone.watch_promise(promise, here.both, 2)
        promise.set_result(None)
    assert [extra for _, _, extra in heard(zones)] == [0, 1, 2, 2]


def test_a_fulfilment_without_handler_is_ignored(zones: ZoneLives, caplog: pytest.LogCaptureFixture):
    zones.start(prepare)
    with zones.crank() as here:
        promise = here.promise()
        here.zone.watch_promise(promise, here.only_no)
        promise.set_result(5)
    assert heard(zones) == []
    assert not caplog.records


def test_a_rejection_without_handler_is_reported_as_unhandled(
    zones: ZoneLives, caplog: pytest.LogCaptureFixture
):
    zones.start(prepare)
    with caplog.at_level(logging.ERROR), zones.crank() as here:
        promise = here.promise()
        here.zone.watch_promise(promise, here.only_yes)
        promise.set_exception(ValueError("nobody asked"))
    assert heard(zones) == []
    assert any("nobody asked" in str(record.exc_info) for record in caplog.records)


def test_a_handler_that_raises_is_reported_and_the_others_run(
    zones: ZoneLives, caplog: pytest.LogCaptureFixture
):
    zones.start(prepare)
    with caplog.at_level(logging.ERROR), zones.crank() as here:
        promise = here.promise()
        here.zone.watch_promise(promise, here.failing)
        here.zone.watch_promise(promise, here.both)
        promise.set_result(5)
    assert heard(zones) == [("yes", 5)]
    assert any("ZeroDivisionError" in str(record.exc_info) for record in caplog.records)


def test_misuse_is_refused_at_once(zones: ZoneLives):
    zones.start(prepare)
    with zones.crank() as here:
        promise = here.promise()
        for no_promise in (5, None, "p", here.both):
            with pytest.raises(TypeError, match="promise"):
                here.zone.watch_promise(no_promise, here.both)
        for no_watcher in (5, None, here.log, zones):
            with pytest.raises(TypeError):
                here.zone.watch_promise(promise, no_watcher)
        with pytest.raises(NotPassableError):
            here.zone.watch_promise(promise, here.both, object())
        promise.set_result(5)
    assert heard(zones) == []


def test_a_watch_of_an_aborted_crank_is_gone(zones: ZoneLives):
    zones.start(prepare)
    with zones.crank() as here:
        promise = here.promise()
    with pytest.raises(ZeroDivisionError), zones.crank() as here:
        here.zone.watch_promise(promise, here.both)
        raise ZeroDivisionError
    with zones.crank():
        promise.set_result(5)
    assert heard(zones) == []


def test_a_durable_watch_takes_durable_watchers_and_arguments_only(lives: Lives):
    lives.start(lambda baggage: prepare(make_zone("durable", baggage)))
    with lives.crank() as here:
        promise = here.promise()
        for watcher in (
            Far("w", {"on_fulfilled": print}),
            make_zone("virtual", None).exo("w", None, {"on_fulfilled": lambda this, value: None}),
        ):
            with pytest.raises(NotDurableError) as caught:
                here.zone.watch_promise(promise, watcher)
            assert caught.value.path == ("watcher",)
        with pytest.raises(NotDurableError) as caught:
            here.zone.watch_promise(promise, here.both, 1, promise)
        assert caught.value.path == ("args", 1)
