"""Cycles through several vats: found by following references over the borders, deleted vat by vat."""

from __future__ import annotations

from collections.abc import Mapping

from ..vat.identifiers import Slot
from ..vat.tracing import Tracing
from .collecting import collect_all
from .names import split_global
from .running_vat import RunningVat
from .switchboard import Switchboard

__all__ = ["collect_cycles"]


def collect_cycles(board: Switchboard, numbers: list[int]) -> int:
    """Collect in some vats, and delete also the stored objects there that nothing leads to, however they are counted.

    What a vat that is not among them has or knows counts as held, and so does everything while a vat does not run:
    nobody can say what it would reach.

    Returns:
        How many records were deleted.

    Cost: reads all that can be reached, before the first deletion; memory of one entry for each reachable object.
    """
    vats = {number: board.vats[number] for number in numbers if number in board.vats}
    before = sum(vat.deleted for vat in vats.values())
    collect_all(board)
    together = vats.keys() == board.vats.keys() and not board.failed
    tracings = {number: vat.trace(alone=not together) for number, vat in vats.items()}
    _follow(tracings, vats)
    for number, vat in vats.items():
        for result in vat.sweep(tracings[number]):
            board.keep(vat, result)
    collect_all(board)
    return sum(vat.deleted for vat in vats.values()) - before


def _follow(tracings: Mapping[int, Tracing], vats: Mapping[int, RunningVat]) -> None:
    """Let each tracing hear what the others reach, until none reaches more."""
    waiting = set(tracings)
    while waiting:
        for name in tracings[waiting.pop()].follow():
            number, incarnation, slot = split_global(name)
            if number in tracings and incarnation in (None, vats[number].incarnation):
                tracings[number].reach((Slot(slot),))
                waiting.add(number)
