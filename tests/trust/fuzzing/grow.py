"""A corpus that grows: an input is kept when it reaches what no other one does, and goes when others reach it too."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from .coverage import Arcs, arcs_of, fewest
from .mutate import mutated, smaller
from .targets import trouble_with

__all__ = ["Growth", "reach_of"]

_MOST_BYTES = 20_000
_TRIES = 400
"""Readings by which one input is made small."""


def _reading(target: str, data: bytes) -> tuple[Arcs, BaseException | None]:
    troubles: list[BaseException | None] = []
    reached = arcs_of(lambda: troubles.append(trouble_with(target, data)))
    return reached, troubles[0]


def reach_of(target: str, data: bytes) -> Arcs:
    """Tell what a target reaches whenever it reads *data*.

    It reads it twice, and what only one reading reaches does not count: code that remembers would credit it to whatever was
    read first.
    """
    return _reading(target, data)[0] & _reading(target, data)[0]


class Growth:
    """The inputs of one target and what each of them reaches.

    Args:
        inputs: what the pool begins with: seeds, and what is kept.
    """

    def __init__(self, target: str, inputs: Sequence[bytes]) -> None:
        self.target = target
        self.reached = {data: reach_of(target, data) for data in inputs}
        self._seen = set(Arcs().union(*self.reached.values()))

    def run(
        self,
        runs: int,
        seed: int,
        found: Callable[[bytes, BaseException], object],
        before: Callable[[bytes], object] = lambda _: None,
    ) -> int:
        """Read *runs* new inputs; call *found* for each that fails. Returns how many reached something new.

        Cost: some ten readings an input, and some hundred more for one that is kept.
        """
        dice = random.Random(f"{self.target} grows {seed}")
        pool = list(self.reached)
        known = len(pool)
        for _ in range(runs):
            data = mutated(dice.choice(pool), pool, dice)
            before(data)
            reached, trouble = _reading(self.target, data)
            if trouble is not None:
                found(data, trouble)
            elif not reached <= self._seen and len(data) <= _MOST_BYTES:
                new = reach_of(self.target, data) - self._seen
                if new:
                    pool.append(self._take(data, new))
        return len(pool) - known

    def _take(self, data: bytes, new: Arcs) -> bytes:
        data = smaller(data, lambda shorter: new <= reach_of(self.target, shorter), _TRIES)
        self.reached[data] = reach_of(self.target, data)
        self._seen |= self.reached[data]
        return data

    def fewest(self, beside: Sequence[bytes]) -> list[bytes]:
        """Choose the inputs that reach all that is reached beyond what the inputs *beside* reach, the telling ones first."""
        known = Arcs().union(*(self.reached.get(data) or reach_of(self.target, data) for data in beside))
        return fewest({data: arcs for data, arcs in self.reached.items() if data not in beside}, known)
