"""A kernel inside an asyncio program."""

from __future__ import annotations

import asyncio

import pytest

from vatdata_runtime import Kernel, StoreError, make_promise_kit
from vatdata_runtime.kernel import runner


def test_acall_returns_the_result_and_raises_what_the_method_raises(world):
    vat = world.vat("vat", add=lambda a, b: a + b, fail=lambda: 1 / 0)

    async def program():
        assert await world.kernel.acall(vat.root, "add", 1, b=2) == 3
        with pytest.raises(ZeroDivisionError):
            await world.kernel.acall(vat.root, "fail")

    asyncio.run(program())
    asyncio.run(program())  # another loop


def test_calls_in_flight_share_one_commit(world, monkeypatch):
    monkeypatch.setattr(runner, "_BATCH_SECONDS", 60.0)  # one batch, however slow the machine is
    vat = world.vat("vat", add=lambda a, b: a + b)
    kernel = world.kernel

    async def program():
        before = kernel.counters.commits
        sums = await asyncio.gather(*(kernel.acall(vat.root, "add", n, 1) for n in range(50)))
        assert sums == list(range(1, 51))
        assert kernel.counters.commits == before + 1

    asyncio.run(program())


def test_a_sent_call_can_be_awaited(world):
    vat = world.vat("vat", get=lambda: 7)

    async def program():
        call = world.kernel.send(vat.root, "get")
        assert await call == 7
        assert await call == 7

    asyncio.run(program())


def test_one_task_may_settle_what_another_waits_for(world):
    kits = []

    def hang():
        kits.append(make_promise_kit())
        return kits[-1].promise

    vat = world.vat("vat", hang=hang, free=lambda value: kits[-1].resolve(value))

    async def program():
        waiting = asyncio.create_task(world.kernel.acall(vat.root, "hang"))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        await world.kernel.acall(vat.root, "free", 5)
        assert await waiting == 5

    asyncio.run(program())


def test_the_programs_other_tasks_go_on_while_many_cranks_run(world):
    vat = world.vat("vat", work=lambda: sum(range(20_000)))
    turns = 0

    async def tick():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def program():
        ticking = asyncio.create_task(tick())
        await asyncio.gather(*(world.kernel.acall(vat.root, "work") for _ in range(200)))
        ticking.cancel()

    asyncio.run(program())
    assert turns > 5


def test_a_call_that_is_cancelled_runs_nonetheless_and_harms_no_other(world):
    notes = []
    vat = world.vat("vat", note=notes.append)

    async def program():
        first = asyncio.create_task(world.kernel.acall(vat.root, "note", 1))
        await asyncio.sleep(0)
        first.cancel()
        await world.kernel.acall(vat.root, "note", 2)

    asyncio.run(program())
    assert notes == [1, 2]


def test_a_future_that_is_cancelled_is_left_alone(world):
    vat = world.vat("vat", get=lambda: 1)
    call = world.kernel.send(vat.root, "get")
    assert call.cancel()
    assert world.kernel.run().cranks == 1
    assert call.cancelled()


def test_a_store_that_fails_fails_who_waits(tmp_path):
    failing = []

    def on_step(name):
        if failing and name == "begin":
            raise OSError("no disk")

    kernel = Kernel.open(tmp_path / "s.db", on_step=on_step)
    vat = kernel.create_vat("vat", "tests.runtime.kernel.crash_child:build_player", {"total": 0})
    failing.append(1)

    async def program():
        with pytest.raises(OSError, match="no disk"):
            await kernel.acall(vat.root, "play", 0)
        with pytest.raises(StoreError):
            await kernel.acall(vat.root, "count")

    asyncio.run(program())
    kernel.close()
