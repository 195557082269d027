"""The timer: wakes objects at times, once each, over restarts too."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

import pytest

from vatdata_runtime import (
    E,
    Far,
    StoreError,
    make_promise_kit,
    prepare_exo_class,
    provide,
    provide_durable_map_store,
)


class Clock:
    """A clock that tests set."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def build_sleeper(powers, _parameters, baggage):
    log = provide_durable_map_store(baggage, "log")
    make = prepare_exo_class(
        baggage,
        "Handler",
        None,
        lambda name: {"name": name},
        {"wake": lambda this, when: log.init(log.get_size(), (this.state.name, when))},
    )
    handler = provide(baggage, "handler", lambda _: make("handler"))
    timer = powers.timer

    async def wake_at(when, token=None):
        return await E(timer).wake_at(when, handler, token)

    async def repeat(first, interval, token=None):
        return await E(timer).repeat(first, interval, handler, token)

    async def ask(method, *args):
        return await getattr(E(powers.timer), method)(*args)

    async def wake_new(when):
        await E(timer).wake_at(when, make("new"))

    async def wake_heap(when):
        await E(timer).wake_at(when, Far("Heap", {"wake": lambda at: log.init(log.get_size(), ("heap", at))}))

    return Far(
        "Sleeper",
        {
            "wake_at": wake_at,
            "repeat": repeat,
            "ask": ask,
            "wake_new": wake_new,
            "wake_heap": wake_heap,
            "log": lambda: list(log.values()),
            "token": lambda: handler,
        },
    )


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def kernel(world, clock):
    world.build("sleeper", build_sleeper)
    return world.reopen(clock=clock)


def root(kernel):
    return kernel.get_vat("sleeper").root


def run_at(kernel, clock, now):
    clock.now = now
    kernel.run()
    return kernel.call(root(kernel), "log")


def test_a_handler_is_woken_with_the_scheduled_time(kernel, clock):
    assert kernel.call(root(kernel), "wake_at", 1010) == 1010.0
    assert kernel.next_timer == 1010.0
    assert run_at(kernel, clock, 1009.9) == ()
    assert run_at(kernel, clock, 1012) == (("handler", 1010.0),)
    assert kernel.next_timer is None
    assert run_at(kernel, clock, 5000) == (("handler", 1010.0),)


def test_a_time_that_has_passed_is_due_at_once(kernel):
    kernel.call(root(kernel), "wake_at", 5)
    kernel.run()
    assert kernel.call(root(kernel), "log") == (("handler", 5.0),)


def test_a_datetime_with_a_zone_is_a_time(kernel):
    assert kernel.call(root(kernel), "wake_at", datetime(1970, 1, 1, 0, 20, tzinfo=UTC)) == 1200.0


def test_wakings_come_in_order_of_their_times(kernel, clock):
    for when in (1030, 1010, 1020):
        kernel.call(root(kernel), "wake_at", when)
    assert [when for _, when in run_at(kernel, clock, 2000)] == [1010.0, 1020.0, 1030.0]


def test_a_waking_set_before_a_crash_comes_once_after_it(world, kernel, clock):
    kernel.call(root(kernel), "wake_at", 1010)
    clock.now = 1020
    world.crash()
    kernel = world.reopen(clock=clock)
    kernel.run()
    assert kernel.call(root(kernel), "log") == (("handler", 1010.0),)
    kernel = world.reopen(clock=clock)
    assert run_at(kernel, clock, 3000) == (("handler", 1010.0),)


def test_a_repeater_ticks_until_it_is_cancelled_and_missed_ticks_come_once(world, kernel, clock):
    assert kernel.call(root(kernel), "repeat", 1010, 10, "every ten") == 1010.0
    assert run_at(kernel, clock, 1010) == (("handler", 1010.0),)
    assert run_at(kernel, clock, 1045)[1:] == (("handler", 1040.0),), "of three ticks the last one comes"
    kernel = world.reopen(clock=clock)
    assert run_at(kernel, clock, 1050)[2:] == (("handler", 1050.0),)
    assert kernel.call(root(kernel), "ask", "cancel", "every ten") == (1060.0,)
    assert len(run_at(kernel, clock, 9000)) == 3
    assert kernel.next_timer is None


def test_cancelling_names_the_times_that_will_not_come(kernel, clock):
    token = kernel.call(root(kernel), "token")
    for when, by in ((1030, token), (1010, token), (1020, "other"), (1040, None)):
        kernel.call(root(kernel), "wake_at", when, by)
    assert kernel.call(root(kernel), "ask", "cancel", token) == (1010.0, 1030.0)
    assert kernel.call(root(kernel), "ask", "cancel", token) == ()
    assert [when for _, when in run_at(kernel, clock, 2000)] == [1020.0, 1040.0]


def test_the_timer_tells_the_time(kernel, clock):
    clock.now = 1234.5
    assert kernel.call(root(kernel), "ask", "now") == 1234.5


def test_a_handler_that_only_the_timer_knows_is_kept_until_it_was_woken(kernel, clock):
    kernel.call(root(kernel), "wake_new", 1010)
    assert kernel.collect() == 0
    assert kernel.collect_cycles() == 0
    assert run_at(kernel, clock, 1010) == (("new", 1010.0),)
    assert kernel.collect() == 1


def test_a_heap_handler_is_woken_while_its_incarnation_lives(world, kernel, clock):
    kernel.call(root(kernel), "wake_heap", 1010)
    assert run_at(kernel, clock, 1010) == (("heap", 1010.0),)
    kernel.call(root(kernel), "wake_heap", 1020)
    kernel.get_vat("sleeper").upgrade()
    assert len(run_at(kernel, clock, 1030)) == 1
    assert kernel.next_timer is None


def test_a_repeater_ends_with_the_vat_of_its_handler(kernel, clock):
    kernel.call(root(kernel), "repeat", 1010, 10)
    kernel.get_vat("sleeper").terminate()
    clock.now = 1100
    kernel.run()
    assert kernel.next_timer is None


@pytest.mark.parametrize(
    ("method", "args", "message"),
    [
        ("wake_at", (), "missing 2 required"),
        ("wake_at", (float("inf"), None), "when is a finite number of seconds"),
        ("wake_at", ("soon", None), "when is a number of seconds or a datetime with a zone, not 'soon'"),
        ("wake_at", (True, None), "when is a number of seconds"),
        ("wake_at", (1, "handler"), r"a handler is an object with a method wake\(time\), not 'handler'"),
        ("repeat", (1, 0, None), "the interval of a repeater is a number of seconds above 0, not 0"),
        ("cancel", (7,), "a cancel token is text or an object, not 7"),
        ("wake_at", (10**400, None), "when is a finite number of seconds"),
        ("stop", (), "the timer has no method 'stop'; it has cancel, now, repeat, wake_at"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(kernel, method, args, message):
    with pytest.raises(Exception, match=message):
        kernel.call(root(kernel), "ask", method, *args)
    assert kernel.next_timer is None


def test_an_asyncio_program_is_woken_when_a_time_has_come(world):
    world.build("sleeper", build_sleeper)
    kernel = world.kernel

    def build_waiter(powers, _parameters, _baggage):
        import asyncio as futures

        async def wait(seconds):
            done = futures.get_running_loop().create_future()
            now = await E(powers.timer).now()
            await E(powers.timer).wake_at(now + seconds, Far("H", {"wake": done.set_result}))
            return await done

        return Far("Waiter", {"wait": wait})

    waiter = world.build("waiter", build_waiter)

    async def program():
        begin = time.time()
        tick = await asyncio.wait_for(kernel.acall(waiter.root, "wait", 0.05), 20)
        return begin, tick

    begin, tick = asyncio.run(program())
    assert begin + 0.05 <= tick <= time.time()


def test_a_program_that_serves_wakes_what_is_due(world):
    woken = []
    world.build("sleeper", build_sleeper)
    kernel = world.kernel
    told = world.vat("told", wake=woken.append)

    async def program():
        served = asyncio.create_task(kernel.serve())
        kernel.call(root(kernel), "ask", "wake_at", time.time() + 0.05, told.root)
        while not woken:  # noqa: ASYNC110  # what is waited for happens in the kernel
            await asyncio.sleep(0.01)
        served.cancel()

    asyncio.run(asyncio.wait_for(program(), 20))
    assert len(woken) == 1


@pytest.mark.parametrize("place", ["handler", "token", "inside"])
def test_the_timer_takes_no_promise_and_goes_on(world, kernel, clock, place):
    def build(powers, _parameters, _baggage):
        async def ask():
            promise, handler = make_promise_kit().promise, Far("H", {"wake": lambda when: None})
            if place == "handler":
                return await E(powers.timer).wake_at(1, promise)
            return await E(powers.timer).wake_at(1, handler, promise if place == "token" else [promise])

        return Far("Root", {"ask": ask})

    vat = world.build("promising", build)
    with pytest.raises(TypeError, match="the timer takes no promise"):
        kernel.call(vat.root, "ask")
    assert kernel.next_timer is None
    kernel.call(root(kernel), "wake_at", 1010)
    assert run_at(kernel, clock, 1010) == (("handler", 1010.0),)


@pytest.mark.parametrize("interval", [5e-324, 1e-12])
@pytest.mark.parametrize("first", [0, -1e308])
def test_a_repeater_whose_ticks_no_number_can_tell_apart_ticks_once_a_round(kernel, clock, first, interval):
    kernel.call(root(kernel), "repeat", first, interval, "fast")
    assert run_at(kernel, clock, 1001)
    assert kernel.next_timer > 1001
    assert kernel.call(root(kernel), "ask", "cancel", "fast")


def test_ticks_for_a_vat_that_cannot_start_come_once_when_it_is_repaired(world, kernel, clock):
    kernel.call(root(kernel), "repeat", 1010, 10)
    kernel.call(root(kernel), "wake_at", 1015)
    world.sources["sleeper"] = lambda *_: 1 / 0
    kernel = world.reopen(clock=clock)
    for now in range(1010, 1100, 10):
        clock.now = now
        kernel.run()
    assert kernel.stats().held_back == 0
    assert kernel.next_timer is None, "nothing can be woken"
    world.sources["sleeper"] = build_sleeper
    kernel.get_vat("sleeper").upgrade(build_sleeper)
    assert sorted(run_at(kernel, clock, 1099)) == [("handler", 1015.0), ("handler", 1090.0)]


def test_what_is_set_and_cancelled_again_leaves_nothing_behind(kernel):
    for n in range(500):
        kernel.send(root(kernel), "wake_at", 10**9 + n, f"token {n}")
        kernel.send(root(kernel), "ask", "cancel", f"token {n}")
        if n % 50 == 0:
            kernel.run()
    kernel.run()
    assert kernel.next_timer is None
    assert len(kernel._timer) == 0
    assert len(kernel._timer._order) <= 200
    assert kernel._timer._by_token == {}


def test_a_result_that_waits_for_the_timer_says_when(world, kernel):
    def build(powers, _parameters, _baggage):
        async def wait():
            kit = make_promise_kit()
            await E(powers.timer).wake_at(2000, Far("H", {"wake": kit.resolve}))
            return await kit.promise

        return Far("Root", {"wait": wait})

    vat = world.build("waiter", build)
    with pytest.raises(RuntimeError, match=r"The timer wakes an object next at 1970-01-01T00:33:20\+00:00"):
        kernel.call(vat.root, "wait")


def test_a_device_may_be_woken(world, kernel, clock):
    woken = []
    kernel.register_device("bell", Far("Bell", {"wake": woken.append}))

    def build(powers, _parameters, _baggage):
        return Far("Root", {"set": lambda: E.send_only(powers.timer).wake_at(1010, powers.devices["bell"])})

    kernel.call(world.build("ringer", build).root, "set")
    run_at(kernel, clock, 1020)
    assert woken == [1010.0]


def test_a_request_that_nobody_waits_for_is_logged_when_it_is_refused(world, kernel, caplog):
    def build(powers, _parameters, _baggage):
        return Far("Root", {"set": lambda: E.send_only(powers.timer).wake_at("soon", None)})

    kernel.call(world.build("sloppy", build).root, "set")
    kernel.run()
    assert "the timer has refused a request, and nobody waits for its answer" in caplog.text


def test_a_program_that_serves_runs_what_is_sent_and_set_in_the_meantime(world):
    woken = []
    kernel = world.kernel
    world.build("sleeper", build_sleeper)
    told = world.vat("told", wake=woken.append, echo=lambda x: x)

    async def program():
        serving = asyncio.create_task(kernel.serve())
        while kernel._pump._task is None or not kernel._pump._task.done():  # noqa: ASYNC110  # as below
            await asyncio.sleep(0)  # until it sleeps
        sent = kernel.send(told.root, "echo", 1)
        while not sent.done():  # noqa: ASYNC110  # what is waited for happens in the kernel
            await asyncio.sleep(0)
        while not kernel._pump._task.done():  # noqa: ASYNC110  # until it sleeps
            await asyncio.sleep(0)
        kernel.call(root(kernel), "ask", "wake_at", time.time() + 0.02, told.root)
        while not woken:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0)
        serving.cancel()

    asyncio.run(asyncio.wait_for(program(), 20))
    assert len(woken) == 1


def test_closing_ends_serving_and_fails_what_is_awaited(world):
    kits = []

    def hang():
        kits.append(make_promise_kit())
        return kits[-1].promise

    vat = world.vat("vat", hang=hang)
    kernel = world.kernel

    async def program():
        serving = asyncio.create_task(kernel.serve())
        waiting = asyncio.create_task(kernel.acall(vat.root, "hang"))
        while not kits:  # noqa: ASYNC110  # what is waited for happens in the kernel
            await asyncio.sleep(0)
        kernel.close()
        assert await serving is None
        with pytest.raises(StoreError, match="is closed"):
            await waiting

    asyncio.run(asyncio.wait_for(program(), 20))


def test_a_time_that_has_passed_when_it_is_set_comes_in_the_same_run(kernel):
    kernel.send(root(kernel), "wake_at", 5)
    kernel.run()
    assert kernel.next_timer is None
