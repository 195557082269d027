"""What a commit writes for the messages of its batch: those that are still on their way, and nothing for the others."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from vatdata_runtime import DisconnectedError, E, Far, Kernel, make_promise_kit, provide

QUEUE, PROMISES = (b"\x01q", b"\x01r"), (b"\x01p", b"\x01q")


def build_counter(_powers: Any, _parameters: Any, baggage: Any) -> Any:
    provide(baggage, "count", lambda _: 0)
    kits: list[Any] = []

    def bump() -> Any:
        baggage.set("count", baggage.get("count") + 1)
        return baggage.get("count")

    def stop() -> None:
        bump()
        raise KeyboardInterrupt

    def wait() -> Any:
        kits.append(make_promise_kit())
        return kits[-1].promise

    return Far(
        "Counter",
        {
            "bump": bump,
            "count": lambda: baggage.get("count"),
            "stop": stop,
            "wait": wait,
            "go": lambda: kits.pop().resolve(7),
        },
    )


def build_unstoppable(powers: Any, parameters: Any, baggage: Any) -> Any:
    root = build_counter(powers, parameters, baggage)
    return Far("Counter", {"bump": root.bump, "stop": root.bump, "count": root.count})


def build_teller(_powers: Any, _parameters: Any, baggage: Any) -> Any:
    provide(baggage, "told", lambda _: 0)

    def tell(other: Any, *methods: str) -> None:
        baggage.set("told", baggage.get("told") + len(methods))
        for method in methods:
            getattr(E.send_only(other), method)()

    async def ask(other: Any, count: int) -> Any:
        return [await promise for promise in [E(other).bump() for _ in range(count)]]

    return Far("Teller", {"tell": tell, "ask": ask, "told": lambda: baggage.get("told")})


@pytest.fixture
def pair(world: Any) -> tuple[Any, Any]:
    return world.build("teller", build_teller), world.build("counter", build_counter)


def rows(kernel: Kernel, span: tuple[bytes, bytes]) -> list[bytes]:
    return [key for key, _ in kernel._board.store.scan(*span)]


def changes(kernel: Kernel) -> int:
    return kernel.counters.writes + kernel.counters.deletes


def test_a_message_that_is_sent_and_carried_out_in_one_batch_writes_nothing_itself(world, pair):
    teller, counter = pair
    kernel = world.kernel
    kernel.call(teller.root, "tell", counter.root, "bump")
    written = []
    for count in (1, 1, 50):
        before = changes(kernel)
        kernel.send(teller.root, "tell", counter.root, *["bump"] * count)
        kernel.run()
        written.append(changes(kernel) - before)
    assert written[1] == written[2], "what is written does not depend on how many messages there were"


def test_awaited_answers_within_a_batch_write_nothing_either(world, pair):
    teller, counter = pair
    kernel = world.kernel
    kernel.call(teller.root, "ask", counter.root, 1)
    written = []
    for count in (1, 50):
        before = changes(kernel)
        kernel.call(teller.root, "ask", counter.root, count)
        written.append(changes(kernel) - before)
    assert written[0] == written[1]
    assert rows(kernel, PROMISES) == []


def test_a_crank_that_changes_nothing_causes_no_commit(world, pair):
    _, counter = pair
    kernel = world.kernel
    kernel.call(counter.root, "count")
    before = kernel.counters.commits
    for _ in range(10):
        kernel.call(counter.root, "count")
    assert kernel.counters.commits == before


def test_what_is_still_on_its_way_at_a_commit_is_stored_and_carried_out_after_a_crash(world, pair):
    teller, counter = pair
    world.kernel.send(teller.root, "tell", counter.root, "bump", "bump", "bump")
    world.kernel.step()
    assert len(rows(world.kernel, QUEUE)) == 3
    world.kernel.step()
    assert len(rows(world.kernel, QUEUE)) == 2
    kernel = world.crash()
    kernel.run()
    assert rows(kernel, QUEUE) == []
    assert kernel.call(kernel.get_vat("counter").root, "count") == 3


def test_a_crank_that_fails_within_a_batch_takes_back_neither_those_before_nor_their_messages(world, pair):
    teller, counter = pair
    kernel = world.kernel
    kernel.send(teller.root, "tell", counter.root, "bump", "stop", "bump")
    with pytest.raises(KeyboardInterrupt):
        kernel.run()
    assert kernel.get_vat("counter").incarnation == 1, "its heap may be torn"
    with pytest.raises(KeyboardInterrupt):
        kernel.run()  # the message is still there, and first
    counter.upgrade(build_unstoppable)
    kernel.run()
    assert kernel.call(teller.root, "told") == 3
    assert kernel.call(counter.root, "count") == 3


def test_a_promise_that_is_pending_at_a_commit_has_a_row_until_it_settles(world, pair):
    _, counter = pair
    kernel = world.kernel
    answer = kernel.send(counter.root, "wait")
    kernel.run()
    assert len(rows(kernel, PROMISES)) == 1
    kernel.send(counter.root, "go")
    assert answer.result() == 7
    assert rows(kernel, PROMISES) == []


def test_a_pending_promise_of_a_batch_is_rejected_after_a_crash(world, pair):
    _, counter = pair
    world.kernel.send(counter.root, "wait")
    world.kernel.run()
    kernel = world.crash()
    assert rows(kernel, PROMISES) == []
    answer = kernel.send(kernel.get_vat("counter").root, "wait")
    kernel.run()
    kernel.get_vat("counter").upgrade()
    with pytest.raises(DisconnectedError):
        answer.result()


def test_a_future_that_is_kept_holds_no_object(world):
    made = world.vat("maker", make=lambda: Far("Thing", {"name": lambda: "thing"}))
    thing = world.kernel.call(made.root, "make")
    answer = world.kernel.send(thing, "name")
    assert answer.what == "<Ref Thing o+1 in vat 'maker'>.name()"
    assert answer.result() == "thing"
    name = world.kernel._host.name_of(thing)
    del thing
    gc.collect()
    world.kernel.collect()
    assert name not in world.kernel._board.holds._travelling


def test_opening_leaves_the_garbage_collector_as_the_program_has_set_it(world, pair):
    before = gc.get_threshold()
    gc.set_threshold(500, 5, 7)
    try:
        world.reopen()
        assert gc.get_threshold() == (500, 5, 7)
    finally:
        gc.set_threshold(*before)
