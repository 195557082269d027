"""Durable watches of promises that others settle: heard once, in whichever incarnation lives."""

from __future__ import annotations

import pytest

from vatdata_runtime import (
    DisconnectedError,
    E,
    Far,
    make_promise_kit,
    prepare_exo_class,
    provide,
    provide_durable_map_store,
    provide_kind_handle,
    provide_promise_watcher,
    watch_promise,
)
from vatdata_runtime.kernel.verify import verify_kernel


def build_decider(_powers, _parameters, _baggage):
    """A vat that promises an answer and gives it when it is told to."""
    kits = {}

    def promise(name):
        kits[name] = make_promise_kit()
        return kits[name].promise

    return Far(
        "Decider",
        {
            "promise": promise,
            "resolve": lambda name, value: kits.pop(name).resolve(value),
            "reject": lambda name: kits.pop(name).reject(ValueError("no")),
        },
    )


def build_watcher(_powers, _parameters, baggage):
    log = provide_durable_map_store(baggage, "log")

    def note(what, name):
        log.init(log.get_size(), (name, what))

    watcher = provide_promise_watcher(
        provide_kind_handle(baggage, "Watcher"),
        lambda value, name: note(value, name),
        lambda reason, name: note(f"{type(reason).__name__}", name),
    )

    def watch(decider, name):
        watch_promise(E(decider).promise(name), watcher, name)

    def watch_twice(decider, name):
        promise = E(decider).promise(name)
        watch_promise(promise, watcher, name)
        watch_promise(promise, watcher, f"{name} again")

    def watch_own(name):
        watch_promise(make_promise_kit().promise, watcher, name)

    return Far(
        "Watcher",
        {
            "watch": watch,
            "watch_twice": watch_twice,
            "watch_own": watch_own,
            "log": lambda: list(log.values()),
        },
    )


@pytest.fixture
def decider(world):
    return world.build("decider", build_decider)


@pytest.fixture
def watcher(world):
    return world.build("watcher", build_watcher)


def heard(world):
    world.kernel.run()
    log = world.kernel.call(world.kernel.get_vat("watcher").root, "log")
    assert list(map(str, verify_kernel(world.kernel._board.store))) == []
    return log


def test_a_watcher_hears_the_result_after_its_own_upgrade(world, decider, watcher):
    world.kernel.call(watcher.root, "watch", decider.root, "a")
    world.kernel.run()
    watcher.upgrade()
    assert heard(world) == ()
    world.kernel.call(decider.root, "resolve", "a", 7)
    assert heard(world) == (("a", 7),)
    watcher.upgrade()
    world.reopen()
    assert heard(world) == (("a", 7),)
    assert len(world.kernel._board.promises) == 0


def test_a_rejection_is_heard_after_an_upgrade(world, decider, watcher):
    world.kernel.call(watcher.root, "watch", decider.root, "a")
    world.kernel.run()
    watcher.upgrade()
    world.kernel.call(decider.root, "reject", "a")
    assert heard(world) == (("a", "ValueError"),)


def test_what_settled_while_no_incarnation_ran_is_heard_by_the_next(world, decider, watcher):
    world.kernel.call(watcher.root, "watch", decider.root, "a")
    world.kernel.run()
    good = world.sources["watcher"]
    watcher_name = "watcher"
    world.sources[watcher_name] = lambda *_: 1 / 0
    decider_promise_is_lost = world.reopen()
    assert list(decider_promise_is_lost.failed_vats) == [watcher_name]
    world.kernel.run()
    world.sources[watcher_name] = good
    world.kernel.get_vat(watcher_name).upgrade(good)
    assert heard(world) == (("a", "DisconnectedError"),)


def test_the_end_of_the_decider_is_heard_as_such(world, decider, watcher):
    world.kernel.call(watcher.root, "watch", decider.root, "a")
    world.kernel.run()
    decider.upgrade()
    assert heard(world) == (("a", "DisconnectedError"),)


@pytest.mark.parametrize("first", ["watcher", "decider"])
def test_both_upgrades_in_either_order_are_heard_once(world, decider, watcher, first):
    world.kernel.call(watcher.root, "watch", decider.root, "a")
    world.kernel.run()
    for vat in (watcher, decider) if first == "watcher" else (decider, watcher):
        vat.upgrade()
    assert heard(world) == (("a", "DisconnectedError"),)


def test_a_restart_of_all_is_heard_once(world, decider, watcher):
    world.kernel.call(watcher.root, "watch_twice", decider.root, "a")
    world.kernel.run()
    world.crash()
    assert heard(world) == (("a", "DisconnectedError"), ("a again", "DisconnectedError"))
    world.crash()
    assert len(heard(world)) == 2
    assert len(world.kernel._board.promises) == 0


def test_a_promise_of_the_watchers_own_incarnation_ends_with_it(world, watcher):
    world.kernel.call(watcher.root, "watch_own", "mine")
    watcher.upgrade()
    assert heard(world) == (("mine", "DisconnectedError"),)


def test_a_call_that_is_still_on_its_way_is_answered_to_the_next_incarnation(world, decider, watcher):
    world.kernel.send(watcher.root, "watch", decider.root, "a")
    world.kernel.step()
    watcher.upgrade()
    world.kernel.run()
    world.kernel.call(decider.root, "resolve", "a", 1)
    assert heard(world) == (("a", 1),)


def test_a_terminated_vat_keeps_no_promise(world, decider, watcher):
    world.kernel.call(watcher.root, "watch", decider.root, "a")
    world.kernel.run()
    watcher.terminate()
    world.kernel.call(decider.root, "resolve", "a", 1)
    world.reopen()
    assert len(world.kernel._board.promises) == 0
    assert list(map(str, verify_kernel(world.kernel._board.store))) == []


def test_a_watch_that_was_taken_back_keeps_no_promise(world, decider):
    def build(_powers, _parameters, baggage):
        watcher = prepare_exo_class(baggage, "W", None, lambda: {}, {"on_fulfilled": lambda this, _v: None})
        kept = provide(baggage, "watcher", lambda _: watcher())
        target = []

        def finish(context):
            watch_promise(E(target[0]).promise("x"), kept)
            raise ValueError("the making fails")

        make = prepare_exo_class(baggage, "Failing", None, lambda: {}, {}, finish=finish)

        def attempt(decider):
            target.append(decider)
            try:
                make()
            except ValueError as error:
                return str(error)

        return Far("Root", {"attempt": attempt})

    vat = world.build("failing", build)
    assert world.kernel.call(vat.root, "attempt", decider.root) == "the making fails"
    world.kernel.run()
    assert list(map(str, verify_kernel(world.kernel._board.store))) == []
    world.kernel.call(decider.root, "resolve", "x", 1)
    world.kernel.run()
    assert len(world.kernel._board.promises) == 0


def test_disconnection_names_the_incarnation_of_the_decider(world, decider):
    def build(_powers, _parameters, baggage):
        log = provide_durable_map_store(baggage, "log")
        watcher = provide_promise_watcher(
            provide_kind_handle(baggage, "Watcher"), None, lambda reason: log.init(1, reason)
        )
        return Far(
            "Root",
            {"watch": lambda d: watch_promise(E(d).promise("a"), watcher), "log": lambda: log.get(1)},
        )

    vat = world.build("vat", build)
    decider.upgrade()
    world.kernel.call(vat.root, "watch", decider.root)
    world.kernel.run()
    world.reopen()
    world.kernel.run()
    reason = world.kernel.call(vat.root, "log")
    assert reason == DisconnectedError(1)


def build_watcher_that_dies(_powers, _parameters, baggage):
    provide(baggage, "told", lambda _: 0)

    def die(*_):
        baggage.set("told", baggage.get("told") + 1)
        raise SystemExit("no crank of this watcher can be kept")

    watcher = provide_promise_watcher(provide_kind_handle(baggage, "Watcher"), die, die)

    def watch(decider, name):
        watch_promise(E(decider).promise(name), watcher)

    return Far("Watcher", {"watch": watch, "told": lambda: baggage.get("told")})


def test_a_watcher_that_cannot_be_told_is_given_up_and_not_told_by_one_incarnation_after_the_other(
    world, decider
):
    watcher = world.build("watcher", build_watcher_that_dies)
    world.kernel.call(watcher.root, "watch", decider.root, "a")
    world.kernel.call(decider.root, "resolve", "a", 1)
    assert world.kernel.run().waiting == 0
    assert watcher.incarnation == 1, "the incarnation whose crank could not be kept has ended"
    assert world.kernel.call(watcher.root, "told") == 0
    assert list(verify_kernel(world.kernel._board.store)) == []
    assert len(world.kernel._board.promises) == 0
