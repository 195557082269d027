"""What has happened, in the units in which the store takes it: the code of the vats notes it, storage steps divide it.

A crank runs, and only then its writes enter the open batch (step ``apply``), and only later the batch is committed
(``begin`` … ``committed``). So the events that were noted since the step ``apply`` before are one unit, and after a crash
exactly the units of whole commits may be there.
"""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Event", "Trace", "Unit", "interrupted", "note", "record_into", "undo"]


class Event(NamedTuple):
    """One thing that a vat, or the host program, has seen or done."""

    what: str
    vat: str
    details: tuple[Any, ...]


Unit = tuple[Event, ...]


class Trace:
    """The units of one life of the process.

    Attributes:
        units: what has entered the batch, in order.
        running: what the crank that runs has noted.
        committed: how many units are in the last commit.
        in_flight: how many units the commit on its way holds; None while none is.
        commits: how many commits this life has made.
    """

    def __init__(self) -> None:
        self.units: list[Unit] = []
        self.running: list[Event] = []
        self.committed = 0
        self.in_flight: int | None = None
        self.commits = 0

    def step(self, name: str) -> None:
        """Follow a storage step."""
        if name == "apply":
            if self.running:  # a unit in which nothing happened may have nothing to commit
                self.units.append(tuple(self.running))
                self.running.clear()
        elif name == "begin":
            self.in_flight = len(self.units)
        elif name == "committed":
            self.committed, self.in_flight = len(self.units), None
            self.commits += 1

    def drop_running(self) -> None:
        """Forget what the crank that runs has noted: it is undone."""
        self.running.clear()


_trace = Trace()
interrupted: set[int] = set()
"""Messages whose crank was interrupted once, as by Ctrl-C; the next time they are carried out."""


def record_into(trace: Trace) -> None:
    """Let ``note`` write to *trace* from now on."""
    global _trace
    _trace = trace


def note(what: str, vat: str, *details: Any) -> None:
    """Note an event of the crank that runs, or of the host program before it sends."""
    _trace.running.append(Event(what, vat, details))


def undo() -> None:
    """Forget the events of the crank that runs."""
    _trace.drop_running()
