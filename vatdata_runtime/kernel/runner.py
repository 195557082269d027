"""Runs a kernel's cranks, in rounds: what is due, the queue, a commit, and then the devices that the cranks called."""

from __future__ import annotations

from time import monotonic
from typing import NamedTuple

from ..errors import UnsettledError
from .devices import Devices
from .host import SentCall
from .switchboard import Switchboard
from .timer import Timer
from .turn_guard import TurnGuard
from .vat_lives import VatLives

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
        self._require_no_device()
        before = self._board.cranks
        goes_on = True
        while goes_on:
            self._run_round(None, None)
            goes_on = self._let_devices_work()
        return RunSummary(self._board.cranks - before, 0)

    def step(self) -> RunSummary:
        """Take up the oldest delivery, and commit."""
        self._require_no_device()
        before = self._board.cranks
        with self._guard.running():
            self._begin_round()
            self._board.step()
            self.finish()
        self._devices.start_due()
        return RunSummary(self._board.cranks - before, len(self._board.queue.ready))

    def run_batch(self) -> bool:
        """Run for a short time and commit. Returns whether there is more to run now."""
        self._run_round(None, monotonic() + _BATCH_SECONDS)
        self._devices.start_due()
        return bool(self._board.queue.ready) or self._devices.has_finished

    def run_until(self, call: SentCall) -> None:
        """Run until a call has settled, and commit.

        Raises:
            UnsettledError: nothing left to run, and no device at work, settles it.
        """
        self._require_no_device()
        self._run_round(call, None)
        while not call.is_settled:
            if not self._let_devices_work():
                raise UnsettledError(call.what)
            self._run_round(call, None)

    def _require_no_device(self) -> None:
        if self._devices.is_calling:
            raise RuntimeError(
                f"a method of a device is running, and cannot run the kernel on {self._guard.path!r}; send() instead, "
                f"or make the method async and await acall()"
            )

    def _run_round(self, call: SentCall | None, end: float | None) -> None:
        """Run cranks until the queue is empty, the call has settled or the time has come; then commit."""
        board = self._board
        with self._guard.running():
            self._begin_round()
            while (call is None or not call.is_settled) and board.step():
                if end is not None and monotonic() > end:
                    break
            self.finish()

    def _begin_round(self) -> None:
        self._devices.settle_finished()
        self._timer.fire_due()

    def finish(self) -> None:
        """Delete a piece of what terminated vats have left, and commit."""
        self._lives.delete_some()
        self._board.commit()

    def _let_devices_work(self) -> bool:
        """Make the calls that are due, and wait until one has ended. Returns whether one has."""
        self._devices.start_due()
        return self._devices.wait() or bool(self._board.queue.ready)
