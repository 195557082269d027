"""Calls of the host program: sent as messages, and answered once their results are committed."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import Future
from typing import Any

from ..vat.identifiers import Slot
from .host import HostReferences
from .messages import NO_ARGUMENTS, Mention, Message, Settlement
from .names import split_global
from .pump import Pump
from .references import Ref
from .runner import Runner
from .switchboard import Switchboard
from .turn_guard import TurnGuard

__all__ = ["HostCalls", "SentCall"]


class SentCall(Future[Any]):
    """The result of ``Kernel.send``: an ordinary future that settles once the result is committed.

    ``result()`` and ``exception()`` without a timeout run the kernel as far as needed. Inside an asyncio program it can
    be awaited, and the kernel runs in batches between the program's other tasks.

    Attributes:
        is_settled: whether the result is there, though it may not be committed yet.
    """

    def __init__(self, target: Slot, method: str, calls: HostCalls) -> None:
        super().__init__()
        self.is_settled = False
        self._target = target  # its name: a future that is kept holds no object
        self._method = method
        self._calls = calls

    @property
    def what(self) -> str:
        """The call, for messages."""
        return f"{self._calls.describe(self._target)}.{self._method}()"

    def result(self, timeout: float | None = None) -> Any:
        """Return the result, or raise what the method raised.

        Raises:
            UnsettledError: nothing left to run settles it.
            TimeoutError: *timeout* is given, in seconds, and has passed.
        """
        if timeout is None and not self.done():
            self._calls.run_until(self)
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Return what the method raised, None if it has returned; see ``result``."""
        if timeout is None and not self.done():
            self._calls.run_until(self)
        return super().exception(timeout)

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._calls.wait_for(self).__await__()


class HostCalls:
    """The calls of one kernel's host program.

    Args:
        board: where messages go.
        host: translates values at the program's border.
        guard: says when the kernel may be used.
        runner, pump: run what a call waits for, in a plain and in an asyncio program.
    """

    def __init__(
        self, board: Switchboard, host: HostReferences, guard: TurnGuard, runner: Runner, pump: Pump
    ) -> None:
        self._board = board
        self._host = host
        self._guard = guard
        self._runner = runner
        self._pump = pump
        self._settled: list[tuple[SentCall, Any, bool]] = []

    def send(self, target: Ref, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> SentCall:
        """Put a message in the queue; raises as ``Kernel.send``."""
        name = self._host.name_of(target)
        board = self._board
        mentions: tuple[Mention, ...] = ()
        arguments = NO_ARGUMENTS
        if args or kwargs:
            with board.enums_of(split_global(name)[0]):
                arguments, mentions = self._host.encode((args, kwargs))
        call = SentCall(name, method, self)
        if board.spans is not None:
            board.spans.take_up_host()
        result = board.numbers.take()
        board.awaited[result] = lambda settlement: self._note_settled(call, settlement)
        board.send(Message(name, method, arguments, result), (*mentions, name))
        self._pump.nudge()
        return call

    def describe(self, name: Slot) -> str:
        """Say for people what the target of a call is."""
        return self._host.describe(name)

    def run_until(self, call: SentCall) -> None:
        """Run until a call has settled, and commit."""
        self._guard.require_idle(writes=True)
        self._runner.run_until(call)

    async def wait_for(self, call: SentCall) -> Any:
        """Run together with the program's other tasks until a call has settled; return its result."""
        return await self._pump.wait(call)

    def _note_settled(self, call: SentCall, settlement: Settlement) -> None:
        # Decoded now, while the vat's enums are at hand; told once it is committed.
        call.is_settled = True
        try:
            value = self._host.outward(settlement.data)
        except Exception as error:
            value, is_rejected = error, True
        else:
            is_rejected = settlement.is_rejected
        self._settled.append((call, value, is_rejected))

    def tell(self) -> None:
        """Settle the futures whose results the last commit holds."""
        settled, self._settled = self._settled, []
        for call, value, is_rejected in settled:
            if not call.set_running_or_notify_cancel():
                continue
            if is_rejected:
                call.set_exception(value)
            else:
                call.set_result(value)
        self._pump.nudge()
