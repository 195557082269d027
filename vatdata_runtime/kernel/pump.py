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
    """

    def __init__(self, run_batch: Callable[[], bool]) -> None:
        self._run_batch = run_batch
        self._task: asyncio.Task[None] | None = None
        self._waiters: set[asyncio.Future[None]] = set()

    async def wait(self, call: SentCall) -> Any:
        """Run what there is, together with all others who wait, until *call* has settled; return its result."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiters.add(waiter)
        call.add_done_callback(lambda _: _wake(waiter))
        self._start(loop)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)
        return call.result(timeout=0)

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            self._task = loop.create_task(self._run())

    async def _run(self) -> None:
        try:
            # First let every task that is ready send what it has: one commit then serves them all.
            await asyncio.sleep(0)
            while self._run_batch():  # noqa: ASYNC110  # this is the work itself, not a wait for it
                await asyncio.sleep(0)
        except Exception as error:
            for waiter in self._waiters:
                if not waiter.done():
                    waiter.set_exception(error)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
