"""Runs a kernel's cranks, in rounds: what is due, the queue, a commit, and then the devices that the cranks called."""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from ..errors import UnsettledError
from .devices import Devices
from .switchboard import Switchboard
from .timer import Timer
from .turn_guard import TurnGuard
from .vat_lives import VatLives

if TYPE_CHECKING:
    from .host_calls import SentCall

__all__ = ["RunSummary", "Runner"]

_BATCH_SECONDS = 0.01
"""How long a batch keeps the program's loop waiting, besides the commit that follows."""


class RunSummary(NamedTuple):
    """What ``run`` or ``step`` has done.

    Attributes:
        cranks: how many cranks were run and kept.
        waiting: deliveries that are still in the queue and can be run.
    """

    cranks: int
    waiting: int


class Runner:
    """Drives one kernel.

    Nothing here may be called by a method of a device: ``RuntimeError`` says so.
    """

    def __init__(
        self, board: Switchboard, lives: VatLives, guard: TurnGuard, devices: Devices, timer: Timer
    ) -> None:
        self._board = board
        self._lives = lives
        self._guard = guard
        self._devices = devices
        self._timer = timer

    def run(self) -> RunSummary:
        """Run until the queue is empty and no device is at work, and commit."""
        self.require_no_device()
        before = self._board.cranks
        begin = self._timer.now
        goes_on = True
        while goes_on:
            self._run_round(None, None, begin)
            goes_on = self._let_devices_work() or self._timer.is_due(begin)
        return RunSummary(self._board.cranks - before, 0)

    def step(self) -> RunSummary:
        """Take up the oldest delivery, and commit."""
        self.require_no_device()
        before = self._board.cranks
        with self._guard.running():
            self._begin_round(self._timer.now)
            self._board.step()
            self.finish()
        self._devices.start_due()
        return RunSummary(self._board.cranks - before, len(self._board.queue.ready))

    def run_batch(self) -> bool:
        """Run for a short time and commit. Returns whether there is more to run now."""
        self._run_round(None, monotonic() + _BATCH_SECONDS, self._timer.now)
        self._devices.start_due(monotonic() + _BATCH_SECONDS)
        return bool(self._board.queue.ready) or self._devices.has_finished or self._devices.has_due

    def run_until(self, call: SentCall) -> None:
        """Run until a call has settled, and commit.

        Raises:
            UnsettledError: nothing left to run, and no device at work, settles it.
        """
        self.require_no_device()
        begin = self._timer.now
        self._run_round(call, None, begin)
        while not call.is_settled:
            if not (self._let_devices_work() or self._timer.is_due(begin)):
                raise UnsettledError(call.what, self._what_is_missing())
            self._run_round(call, None, begin)

    def _what_is_missing(self) -> str:
        """Say what of the program a result may wait for."""
        missing, when = self._devices.missing, self._timer.next_time
        if self._devices.outstanding:
            return (
                "An async method of a device is at work in a loop of this program, which cannot go on meanwhile: "
                "await acall() there"
            )
        if missing:
            return f"Calls wait for devices that are not registered: {', '.join(map(repr, missing))}"
        if when is None:
            return ""
        try:
            time = datetime.fromtimestamp(when, UTC).isoformat()
        except (OverflowError, ValueError):
            time = f"{when} s"
        return f"The timer wakes an object next at {time}: call run() then, or await acall()"

    def require_no_device(self) -> None:
        """Refuse what a method of a device may not do."""
        if self._devices.is_calling:
            raise RuntimeError(
                f"a method of a device is running, and cannot run the kernel on {self._guard.path!r}; send() instead, "
                f"or make the method async and await acall()"
            )

    def _run_round(self, call: SentCall | None, end: float | None, begin: float) -> None:
        """Run cranks until the queue is empty, the call has settled or the time *end* has come; then commit."""
        board = self._board
        with self._guard.running():
            self._begin_round(begin)
            while (call is None or not call.is_settled) and board.step():
                if end is not None and monotonic() > end:
                    break
            self.finish()

    def _begin_round(self, begin: float) -> None:
        self._devices.settle_finished()
        self._timer.fire_due(begin)

    def finish(self) -> None:
        """Delete a piece of what terminated vats have left, and commit."""
        self._lives.delete_some()
        self._board.commit()

    def _let_devices_work(self) -> bool:
        """Make the calls that are due, and wait until one has ended. Returns whether one has."""
        self._devices.start_due()
        return self._devices.wait() or bool(self._board.queue.ready)
