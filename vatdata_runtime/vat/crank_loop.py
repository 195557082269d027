"""The event loop of one vat: runs what is ready until nothing is, and refuses to wait for the outside world.

It is an ``asyncio`` event loop, so futures, tasks, ``gather`` and plain ``async def`` work. A crank must end by itself
and must be repeatable from its delivery alone, so everything that would wait for a clock, a socket, a thread or another
process raises ``AmbientAuthorityError`` with the name of the call and what to use in its place.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from inspect import CORO_CREATED
from typing import Any, NoReturn, TypeVar, cast

from ..errors import AmbientAuthorityError

__all__ = ["CrankLoop"]

T = TypeVar("T")

_TIMER = "Use the vat's timer device (vat_powers.timer), which also survives a restart."
_DEVICE = "Give the vat a device (register_device) that does it after the crank is committed."
_THREAD = "Do the work in the host program and send its result to the vat."

_REFUSED = {
    "call_later": ("waiting for a clock (loop.call_later, asyncio.sleep, a timeout)", _TIMER),
    "call_at": ("waiting for a clock (loop.call_at, asyncio.timeout)", _TIMER),
    "call_soon_threadsafe": ("scheduling from another thread (loop.call_soon_threadsafe)", _THREAD),
    "run_in_executor": ("running in a thread (loop.run_in_executor, asyncio.to_thread)", _THREAD),
    "set_default_executor": ("setting an executor (loop.set_default_executor)", _THREAD),
    "run_forever": ("running the loop (loop.run_forever)", "A vat's loop runs by itself; await instead."),
    "run_until_complete": (
        "running the loop (loop.run_until_complete)",
        "A vat's loop runs by itself; await instead.",
    ),
    "stop": ("stopping the loop (loop.stop)", "A crank ends by itself, when nothing is ready."),
    "set_task_factory": (
        "replacing how tasks are made (loop.set_task_factory)",
        "Turns must depend on nothing but the delivery.",
    ),
    "set_exception_handler": (
        "handling what nobody handled (loop.set_exception_handler)",
        "Such exceptions are logged as 'vatdata.vat'; handle them where they are raised.",
    ),
    "getaddrinfo": ("looking up a name (loop.getaddrinfo)", _DEVICE),
    "getnameinfo": ("looking up a name (loop.getnameinfo)", _DEVICE),
    "create_connection": ("opening a socket (loop.create_connection)", _DEVICE),
    "create_server": ("listening on a socket (loop.create_server)", _DEVICE),
    "create_unix_connection": ("opening a socket (loop.create_unix_connection)", _DEVICE),
    "create_unix_server": ("listening on a socket (loop.create_unix_server)", _DEVICE),
    "create_datagram_endpoint": ("opening a socket (loop.create_datagram_endpoint)", _DEVICE),
    "connect_accepted_socket": ("using a socket (loop.connect_accepted_socket)", _DEVICE),
    "start_tls": ("using a socket (loop.start_tls)", _DEVICE),
    "sendfile": ("using a socket (loop.sendfile)", _DEVICE),
    "sock_recv": ("using a socket (loop.sock_recv)", _DEVICE),
    "sock_recv_into": ("using a socket (loop.sock_recv_into)", _DEVICE),
    "sock_recvfrom": ("using a socket (loop.sock_recvfrom)", _DEVICE),
    "sock_recvfrom_into": ("using a socket (loop.sock_recvfrom_into)", _DEVICE),
    "sock_sendall": ("using a socket (loop.sock_sendall)", _DEVICE),
    "sock_sendto": ("using a socket (loop.sock_sendto)", _DEVICE),
    "sock_sendfile": ("using a socket (loop.sock_sendfile)", _DEVICE),
    "sock_connect": ("opening a socket (loop.sock_connect)", _DEVICE),
    "sock_accept": ("using a socket (loop.sock_accept)", _DEVICE),
    "add_reader": ("watching a file descriptor (loop.add_reader)", _DEVICE),
    "remove_reader": ("watching a file descriptor (loop.remove_reader)", _DEVICE),
    "add_writer": ("watching a file descriptor (loop.add_writer)", _DEVICE),
    "remove_writer": ("watching a file descriptor (loop.remove_writer)", _DEVICE),
    "connect_read_pipe": ("using a pipe (loop.connect_read_pipe)", _DEVICE),
    "connect_write_pipe": ("using a pipe (loop.connect_write_pipe)", _DEVICE),
    "subprocess_exec": ("starting a process (loop.subprocess_exec)", _DEVICE),
    "subprocess_shell": ("starting a process (loop.subprocess_shell)", _DEVICE),
    "add_signal_handler": ("handling a signal (loop.add_signal_handler)", _DEVICE),
    "remove_signal_handler": ("handling a signal (loop.remove_signal_handler)", _DEVICE),
}


class _Ready:
    """One callback that is ready to run. A tenth of the cost of ``asyncio.Handle``."""

    __slots__ = ("args", "callback", "context", "is_cancelled")

    def __init__(
        self, callback: Callable[..., object], args: tuple[Any, ...], context: contextvars.Context
    ) -> None:
        self.callback = callback
        self.args = args
        self.context = context
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True

    def cancelled(self) -> bool:
        return self.is_cancelled


class CrankLoop(asyncio.AbstractEventLoop):
    """Runs ready callbacks in the order in which they became ready; nothing else can wake it.

    Args:
        on_unhandled: called with an exception that nobody handled, and a sentence that says where it came from.
    """

    def __init__(self, on_unhandled: Callable[[str, BaseException | None], None]) -> None:
        self._ready: deque[_Ready] = deque()
        self._on_unhandled = on_unhandled
        self._is_closed = False

    # --- scheduling

    def call_soon(  # type: ignore[override]  # a lighter handle than asyncio.Handle, same two methods
        self, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> _Ready:
        """Put a callback behind those that are ready."""
        ready = _Ready(callback, args, contextvars.copy_context() if context is None else context)
        self._ready.append(ready)
        return ready

    def run_until_idle(self) -> None:
        """Run turns until none is ready: the rest of the crank.

        An exception of a callback goes to ``on_unhandled`` and the next callback runs; ``KeyboardInterrupt`` and other
        exceptions outside ``Exception`` leave at once.
        """
        ready = self._ready
        if not ready:
            return  # as in most cranks
        popleft = ready.popleft
        while ready:
            turn = popleft()
            if turn.is_cancelled:
                continue
            try:
                turn.context.run(turn.callback, *turn.args)
            except Exception as error:
                self._on_unhandled(f"a callback {turn.callback!r} failed", error)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is ready."""
        return not self._ready

    def discard_ready(self) -> None:
        """Forget everything that is ready: its crank was aborted. Tasks among it never go on, and without complaint."""
        while self._ready:
            owner = getattr(self._ready.popleft().callback, "__self__", None)
            if isinstance(owner, asyncio.Task):  # of any result
                owner._log_destroy_pending = False  # type: ignore[attr-defined]  # as asyncio.gather does
                task = cast("asyncio.Task[Any]", owner)  # type: ignore[redundant-cast]  # not for pyright
                coroutine = task.get_coro()
                if inspect.iscoroutine(coroutine) and inspect.getcoroutinestate(coroutine) == CORO_CREATED:
                    coroutine.close()  # it has not begun, so this runs none of its code

    # --- what asyncio asks of a loop

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(
        self, coro: Coroutine[Any, Any, T] | Generator[Any, None, T], **options: Any
    ) -> asyncio.Task[T]:
        return asyncio.Task(coro, loop=self, **options)

    def get_debug(self) -> bool:
        return False

    def set_debug(self, enabled: bool) -> None:
        if enabled:
            raise ValueError("a vat's loop has no debug mode: its turns must not depend on one")

    def is_running(self) -> bool:
        return events._get_running_loop() is self

    def is_closed(self) -> bool:
        return self._is_closed

    def close(self) -> None:
        """Forget what is ready. Futures of a closed loop stay pending for ever."""
        self._ready.clear()
        self._is_closed = True

    def time(self) -> float:
        _refuse("time")

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if self._is_closed:
            return  # what still waited when the incarnation ended can only be let go of
        self._on_unhandled(str(context.get("message", "unhandled exception")), context.get("exception"))

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        self.call_exception_handler(context)

    def get_exception_handler(self) -> None:
        return None

    def get_task_factory(self) -> None:
        return None

    async def shutdown_asyncgens(self) -> None:
        """Nothing to do: a generator left suspended belongs to the crank that left it."""

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109  # asyncio's signature
        """Nothing to do: there is no executor."""


def _refuse(name: str) -> NoReturn:
    what, instead = _REFUSED.get(name, (f"loop.{name}", _DEVICE))
    raise AmbientAuthorityError(what, instead)


_REFUSED["time"] = ("reading a clock (loop.time)", _TIMER)


def _refusal(name: str) -> Callable[..., NoReturn]:
    def refused(self: CrankLoop, *args: object, **kwargs: object) -> NoReturn:
        _refuse(name)

    refused.__name__ = name
    refused.__doc__ = f"Refused: {_REFUSED[name][0]}."
    return refused


for _name in _REFUSED:
    if _name not in CrankLoop.__dict__:
        setattr(CrankLoop, _name, _refusal(_name))
