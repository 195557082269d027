"""The loop of a crank runs until nothing is ready, and waits for nothing."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import logging
import threading
import warnings
from typing import Any

import pytest

from vatdata_runtime import (
    AmbientAuthorityError,
    Far,
    UnsettledError,
    open_vat,
    prepare_exo_class,
    provide_durable_map_store,
)

from .conftest import Lives


class Counter:
    async def add_later(this: Any, by: int) -> int:
        await asyncio.sleep(0)
        this.state.count += by
        await asyncio.sleep(0)
        return this.state.count

    def count(this: Any) -> int:
        return this.state.count


def setup(baggage: Any) -> dict[str, Any]:
    make = prepare_exo_class(baggage, "Counter", None, lambda: {"count": 0}, Counter)
    store = provide_durable_map_store(baggage, "map")
    if not store.has("counter"):
        store.init("counter", make())
    return {"map": store, "make": make}


def run_in_crank(lives: Lives, coroutine: Any) -> Any:
    """Run a coroutine as the only work of a crank and return its result."""
    with lives.crank():
        task = asyncio.ensure_future(coroutine)
    assert task.done()
    return task.result()


def test_leaving_a_crank_runs_all_that_is_ready(lives: Lives) -> None:
    lives.start(setup)
    with lives.crank() as here:
        promise = here.map.get("counter").add_later(5)
        assert not promise.done()
        assert here.map.get("counter").count() == 0
    assert promise.result() == 5
    lives.restart()
    with lives.crank() as here:
        assert here.map.get("counter").count() == 5


def test_what_is_done_behind_an_await_is_part_of_the_crank(lives: Lives) -> None:
    lives.start(setup)
    before = lives.dump()
    with pytest.raises(ZeroDivisionError), lives.crank() as here:
        here.map.get("counter").add_later(5)
        raise ZeroDivisionError
    assert lives.dump() == before


def test_gather_tasks_futures_and_events_work(lives: Lives) -> None:
    lives.start(setup)

    async def story() -> list[Any]:
        loop = asyncio.get_running_loop()
        event, queue, lock = asyncio.Event(), asyncio.Queue[int](), asyncio.Lock()

        async def worker(n: int) -> int:
            await event.wait()
            async with lock:
                await asyncio.sleep(0)
                queue.put_nowait(n)
            return n

        tasks = [asyncio.create_task(worker(n)) for n in range(3)]
        loop.call_soon(event.set)
        results = list(await asyncio.gather(*tasks))
        async with asyncio.TaskGroup() as group:
            child = group.create_task(worker(7))
        results.append(child.result())
        future = loop.create_future()
        loop.call_soon(future.set_result, "future")
        results.append(await asyncio.shield(future))
        results.append(await asyncio.wait_for(asyncio.sleep(0, "slept"), None))
        return [results, [queue.get_nowait() for _ in range(4)]]

    assert run_in_crank(lives, story()) == [[0, 1, 2, 7, "future", "slept"], [0, 1, 2, 7]]


def test_callbacks_run_in_the_order_in_which_they_became_ready(lives: Lives) -> None:
    lives.start(setup)
    order: list[int] = []
    with lives.crank():
        loop = asyncio.get_running_loop()
        loop.call_soon(order.append, 1)
        loop.call_soon(lambda: (order.append(2), loop.call_soon(order.append, 4)))
        cancelled = loop.call_soon(order.append, 99)
        loop.call_soon(order.append, 3)
        cancelled.cancel()
    assert order == [1, 2, 3, 4]


def test_a_task_may_wait_over_several_cranks(lives: Lives) -> None:
    lives.start(setup)
    with lives.crank() as here:
        gate = asyncio.get_running_loop().create_future()

        async def waits() -> int:
            await gate
            return await here.map.get("counter").add_later(1)

        task = asyncio.ensure_future(waits())
    assert not task.done()
    with lives.crank():
        pass
    assert not task.done()
    with lives.crank():
        gate.set_result(None)
    assert task.result() == 1


def test_a_crank_inside_an_asyncio_program_leaves_its_loop_alone(lives: Lives) -> None:
    lives.start(setup)

    async def program() -> Any:
        outer = asyncio.get_running_loop()
        with lives.crank() as here:
            assert asyncio.get_running_loop() is not outer
            promise = here.map.get("counter").add_later(3)
        assert asyncio.get_running_loop() is outer
        await asyncio.sleep(0)
        return promise.result()

    assert asyncio.run(program()) == 3


def test_an_unhandled_exception_of_a_callback_is_logged_and_the_rest_runs(
    lives: Lives, caplog: pytest.LogCaptureFixture
) -> None:
    lives.start(setup)
    ran: list[int] = []
    with caplog.at_level(logging.ERROR, "vatdata"), lives.crank():
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)
        asyncio.get_running_loop().call_soon(ran.append, 1)
    assert ran == [1]
    assert "ZeroDivisionError" in caplog.text
    assert "'main'" in caplog.text


# --- what would wait for the world


async def _sleep() -> None:
    await asyncio.sleep(0.01)


async def _timeout() -> None:
    async with asyncio.timeout(1):
        await asyncio.sleep(0)


async def _wait_for() -> None:
    await asyncio.wait_for(asyncio.get_running_loop().create_future(), 1)


async def _to_thread() -> None:
    await asyncio.to_thread(print)


async def _executor() -> None:
    await asyncio.get_running_loop().run_in_executor(None, print)


async def _connect() -> None:
    await asyncio.open_connection("localhost", 1)


async def _serve() -> None:
    await asyncio.start_server(print, "localhost", 0)


async def _process() -> None:
    await asyncio.create_subprocess_exec("true")


async def _shell() -> None:
    await asyncio.create_subprocess_shell("true")


async def _call_later() -> None:
    asyncio.get_running_loop().call_later(1, print)


async def _call_at() -> None:
    asyncio.get_running_loop().call_at(1, print)


async def _time() -> None:
    asyncio.get_running_loop().time()


async def _threadsafe() -> None:
    asyncio.get_running_loop().call_soon_threadsafe(print)


async def _signal() -> None:
    asyncio.get_running_loop().add_signal_handler(15, print)


async def _reader() -> None:
    asyncio.get_running_loop().add_reader(0, print)


async def _nested() -> None:
    asyncio.get_running_loop().run_until_complete(asyncio.get_running_loop().create_future())


async def _forever() -> None:
    asyncio.get_running_loop().run_forever()


async def _names() -> None:
    await asyncio.get_running_loop().getaddrinfo("localhost", 1)


@pytest.mark.parametrize(
    ("use", "word"),
    [
        (_sleep, "call_later"), (_timeout, "time"), (_wait_for, "call_later"), (_to_thread, "run_in_executor"),
        (_executor, "run_in_executor"), (_connect, "create_connection|getaddrinfo"), (_serve, "create_server"),
        (_process, "subprocess_exec"), (_shell, "subprocess_shell"), (_call_later, "call_later"), (_call_at, "call_at"),
        (_time, "time"), (_threadsafe, "call_soon_threadsafe"), (_signal, "add_signal_handler"), (_reader, "add_reader"),
        (_nested, "run_until_complete"), (_forever, "run_forever"), (_names, "getaddrinfo"),
    ],
)  # fmt: skip
def test_what_waits_for_the_world_is_refused_by_name_with_what_to_do(
    lives: Lives, use: Any, word: str
) -> None:
    lives.start(setup)
    with pytest.raises(AmbientAuthorityError, match=word) as caught:
        run_in_crank(lives, use())
    assert isinstance(caught.value, PermissionError)
    assert caught.value.instead


def test_every_method_of_a_loop_works_or_is_refused_by_name(lives: Lives) -> None:
    lives.start(setup)
    with lives.crank():
        loop = asyncio.get_running_loop()
        for name in dir(asyncio.AbstractEventLoop):
            if not name.startswith("_"):
                assert getattr(type(loop), name) is not getattr(asyncio.AbstractEventLoop, name), name


def test_a_thread_is_refused(lives: Lives) -> None:
    lives.start(setup)
    with lives.crank(), pytest.raises(AmbientAuthorityError):
        threading.Thread(target=print).start()
    with lives.crank(), pytest.raises(AmbientAuthorityError), concurrent.futures.ThreadPoolExecutor() as pool:
        pool.submit(print)


def test_a_method_whose_promise_nothing_settles_is_unsettled_and_its_crank_is_kept(lives: Lives) -> None:
    async def hang() -> None:
        store.init("written", 1)
        await asyncio.get_running_loop().create_future()

    def with_hang(baggage: Any) -> dict[str, Any]:
        nonlocal store
        store = provide_durable_map_store(baggage, "map")
        return {"hang": hang, "written": lambda: store.has("written")}

    store: Any = None
    vat = lives.start(with_hang)
    with pytest.raises(UnsettledError, match="hang"):
        vat.call("hang")
    assert vat.call("written") is True


def test_a_forgotten_vat_that_is_freed_inside_anothers_crank_gives_its_store_back(lives: Lives) -> None:
    lives.start(setup)
    other = lives.path.with_name("other.db")

    def build() -> Any:
        return Far("Root", {"hi": lambda: "hi"})

    gc.disable()
    try:
        open_vat(other, build).call("hi")
        with lives.crank(), warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()
    finally:
        gc.enable()
    with open_vat(other, build) as again:
        assert again.incarnation == 1


def test_an_unhandled_exception_does_not_keep_alive_what_its_frames_hold(
    lives: Lives, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("vatdata.vat"), "disabled", True)  # a log record would keep it
    lives.start(setup)

    def fail(held: Any) -> None:
        raise ZeroDivisionError(repr(held))

    with lives.crank() as here:
        asyncio.get_running_loop().call_soon(fail, here.make())
    lives.vat.collect()
    assert sum(key.startswith(b"\x02\x01o") for key in lives.dump()) == 1
