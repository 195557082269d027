"""Methods guarded by ``M.call_when``: they answer with a promise, and never raise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.runtime.patterns.wrapping import Receiver, guarded
from vatdata_runtime.errors import GuardError, NotPassableError
from vatdata_runtime.patterns import M

Script = Callable[[Receiver, Callable[..., Any]], Coroutine[Any, Any, None]]


def play(function: Callable[..., Any], guard: Any, script: Script) -> None:
    """Run *script* with a receiver and *function* as its guarded method."""

    async def main() -> None:
        method = guarded(function, guard, spawn=asyncio.get_running_loop().create_task)
        await script(Receiver(), method)

    asyncio.run(main())


def promise_of(value: Any) -> asyncio.Future[Any]:
    promise = asyncio.get_running_loop().create_future()
    if isinstance(value, Exception):
        promise.set_exception(value)
    else:
        promise.set_result(value)
    return promise


def record(this: Receiver, *arguments: Any, **named: Any) -> Any:
    this.log.append((arguments, named))
    return arguments[0] if arguments else None


def test_the_body_gets_what_an_awaited_argument_settles_to() -> None:
    async def script(me: Receiver, method: Callable[..., Any]) -> None:
        assert await method(me, promise_of(5), promise_of("b")) == 5
        assert await method(me, 6, "c") == 6
        assert me.log == [((5, "b"), {}), ((6, "c"), {})]

    play(record, M.call_when(M.await_(M.int()), M.await_(M.string())).returns(M.int()), script)


def test_the_body_never_runs_before_the_call_returns() -> None:
    async def script(me: Receiver, method: Callable[..., Any]) -> None:
        promise = method(me, 5)
        assert me.log == []
        await promise
        assert me.log == [((5,), {})]

    play(record, M.call_when(M.int()).returns(M.int()), script)


@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "text"),
    [
        (("x",), {}, GuardError, r"argument 0 .* expected M.int\(\), found 'x'"),
        ((), {}, GuardError, "expected 1 argument, found 0"),
        ((1, 2), {}, GuardError, "expected 1 argument, found 2"),
        ((1,), {"z": 1}, GuardError, "no argument of this name"),
        ((object(),), {}, NotPassableError, "object"),
        ((1,), {"self": 1}, GuardError, "no argument of this name"),
    ],
)
def test_every_failure_is_a_rejection(arguments: Any, keywords: Any, error: Any, text: str) -> None:
    async def script(me: Receiver, method: Callable[..., Any]) -> None:
        promise = method(me, *arguments, **keywords)
        with pytest.raises(error, match=text):
            await promise
        assert me.log == []

    play(record, M.call_when(M.int()).returns(M.any()), script)
    play(record, M.call_when(M.await_(M.int())).returns(M.any()), script)


def test_a_promise_that_settles_to_what_does_not_fit_rejects_without_running_the_body() -> None:
    async def script(me: Receiver, method: Callable[..., Any]) -> None:
        with pytest.raises(GuardError, match=r"argument 0 .* expected M.int\(\), found 'x'"):
            await method(me, promise_of("x"))
        assert me.log == []

    play(record, M.call_when(M.await_(M.int())), script)


def test_a_promise_that_rejects_rejects_with_its_reason_without_running_the_body() -> None:
    async def script(me: Receiver, method: Callable[..., Any]) -> None:
        never: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        with pytest.raises(LookupError, match="why"):
            await method(me, never, promise_of(LookupError("why")))
        assert me.log == []

    play(record, M.call_when(M.await_(M.int()), M.await_(M.int())), script)


def test_an_argument_that_is_not_marked_is_not_waited_for() -> None:
    async def script(me: Receiver, method: Callable[..., Any]) -> None:
        with pytest.raises(GuardError, match="found <Future"):
            await method(me, promise_of(5))

    play(record, M.call_when(M.int()), script)


def test_an_awaited_argument_may_be_optional_or_come_by_keyword() -> None:
    async def script(me: Receiver, method: Callable[..., Any]) -> None:
        await method(me, k=promise_of(1))
        await method(me, promise_of(2), k=3, o=promise_of(4))
        await method(me, promise_of(None), k=3)
        assert me.log == [((), {"k": 1}), ((2,), {"k": 3, "o": 4}), ((), {"k": 3})]
        with pytest.raises(GuardError) as raised:
            await method(me, k=promise_of("x"))
        assert raised.value.position == "k"
        with pytest.raises(GuardError, match="has to be given"):
            await method(me)

    guard = M.call_when(k=M.await_(M.int())).optional(M.await_(M.int()), o=M.await_(M.int())).returns(M.any())
    play(record, guard, script)


def test_the_receiver_is_looked_up_after_the_waiting() -> None:
    async def script(me: Receiver, method: Callable[..., Any]) -> None:
        argument: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        promise = method(me, argument)
        me.is_gone = True
        argument.set_result(5)
        with pytest.raises(TypeError, match="wrong receiver"):
            await promise
        with pytest.raises(TypeError, match="wrong receiver"):
            await method(None, 5)

    play(record, M.call_when(M.await_(M.int())), script)


def test_a_promise_as_result_is_waited_for_and_then_checked() -> None:
    async def script(me: Receiver, method: Callable[..., Any]) -> None:
        assert await method(me, 5) == 5
        with pytest.raises(GuardError, match=r"result of Thing.act: expected M.int\(\), found 'x'") as raised:
            await method(me, "x")
        assert raised.value.position == "result"

    play(lambda this, value: promise_of(value), M.call_when(M.any()).returns(M.int()), script)

    async def act(this: Any, value: Any) -> Any:
        return await promise_of(value)

    play(act, M.call_when(M.any()).returns(M.int()), script)


def test_without_returns_the_promise_has_to_settle_to_none() -> None:
    async def script(me: Receiver, method: Callable[..., Any]) -> None:
        with pytest.raises(GuardError, match=r"result of Thing\.act: expected None, found 5"):
            await method(me, 5)

    play(record, M.call_when(M.int()), script)


def test_what_the_caller_does_to_a_list_while_the_method_waits_does_not_show() -> None:
    async def script(me: Receiver, method: Callable[..., Any]) -> None:
        mine = [1]
        promise = method(me, mine, promise_of(2), mine)
        mine.append(9)
        await promise
        assert me.log == [(((1,), 2, (1,)), {})]

    guard = M.call_when(M.array(), M.await_(M.int())).rest(M.any()).returns(M.any())
    play(record, guard, script)


def test_an_exception_of_the_body_rejects_the_promise() -> None:
    async def act(this: Any) -> None:
        raise LookupError("mine")

    async def script(me: Receiver, method: Callable[..., Any]) -> None:
        with pytest.raises(LookupError, match="mine"):
            await method(me)

    play(act, M.call_when(), script)
