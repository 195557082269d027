"""Cranks from inside an asyncio program: in batches, with the program's other tasks in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from .host import SentCall

__all__ = ["Pump"]


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

    async def wait(self, call: SentCall) -> Any:
        """Run what there is, together with all others who wait, until *call* has settled; return its result."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        call.add_done_callback(lambda _: _wake(waiter))
        await self._wait(waiter)
        return call.result(timeout=0)

    async def serve(self) -> None:
        """Run what there is and what comes, until this is cancelled."""
        await self._wait(asyncio.get_running_loop().create_future())

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
                self._set_alarm(loop.call_later(delay, self.wake))

    def _set_alarm(self, alarm: asyncio.TimerHandle | None) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = alarm


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
