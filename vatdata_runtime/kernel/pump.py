"""Cranks from inside an asyncio program: in batches, with the program's other tasks in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .host_calls import SentCall

__all__ = ["Pump"]

_LONGEST_SLEEP = 60.0
"""Seconds after which the time is looked at again: the loop's clock knows nothing of a suspended or set clock."""


class Pump:
    """Runs a kernel in a task of the running loop for as long as there is something to run.

    Args:
        run_batch: runs and commits some cranks; returns whether more can be run.
        delay: returns in how many seconds the timer has something to wake, or None.
    """

    def __init__(self, run_batch: Callable[[], bool], delay: Callable[[], float | None]) -> None:
        self._run_batch = run_batch
        self._delay = delay
        self._task: asyncio.Task[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._waiters: set[asyncio.Future[None]] = set()
        self._servers: set[asyncio.Future[None]] = set()  # those of them that wait for nothing in particular

    async def wait(self, call: SentCall) -> Any:
        """Run what there is, together with all others who wait, until *call* has settled; return its result."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        call.add_done_callback(lambda _: _wake(waiter))
        await self._wait(waiter)
        return call.result(timeout=0)

    async def serve(self) -> None:
        """Run what there is and what comes, until this is cancelled or the kernel is closed."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._servers.add(waiter)
        try:
            await self._wait(waiter)
        finally:
            self._servers.discard(waiter)

    async def _wait(self, waiter: asyncio.Future[None]) -> None:
        self._waiters.add(waiter)
        self.wake()
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)
            if not self._waiters:
                self._set_alarm(None)

    def wake(self) -> None:
        """Run as soon as the program's loop gets to it. Called in that loop."""
        loop = asyncio.get_running_loop()
        if self._waiters and (self._task is None or self._task.done() or self._task.get_loop() is not loop):
            self._task = loop.create_task(self._run(loop))

    def nudge(self) -> None:
        """Run soon if anyone waits in the loop that runs now. Called whenever there may be something new to run."""
        if self._waiters and next(iter(self._waiters)).get_loop() is asyncio._get_running_loop():
            self.wake()

    def end(self, error: Exception) -> None:
        """Let all who wait for a result fail with *error*: nothing will run any more."""
        self._set_alarm(None)
        for waiter in self._waiters:
            if waiter.get_loop().is_closed():
                continue
            if waiter in self._servers:
                _wake(waiter)
            elif not waiter.done():
                waiter.set_exception(error)

    async def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        self._set_alarm(None)
        try:
            # First let every task that is ready send what it has: one commit then serves them all.
            await asyncio.sleep(0)
            while self._run_batch():  # noqa: ASYNC110  # this is the work itself, not a wait for it
                await asyncio.sleep(0)
            delay = self._delay() if self._waiters else None
        except Exception as error:
            for waiter in self._waiters:
                if not waiter.done():
                    waiter.set_exception(error)
        else:
            if delay is not None:
                self._set_alarm(loop.call_later(min(delay, _LONGEST_SLEEP), self.wake))

    def _set_alarm(self, alarm: asyncio.TimerHandle | None) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = alarm


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
