"""The timer: wakes objects at times, once each, over restarts too."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

import pytest

from vatdata_runtime import E, Far, prepare_exo_class, provide, provide_durable_map_store


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
