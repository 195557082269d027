"""Bounds the work of following functions: in proportion to what is written, and a fixed amount beyond that."""

from __future__ import annotations

__all__ = ["MAX_STEPS", "RECORD_STEPS", "RESERVE", "Effort"]

STEPS_PER_CHARACTER = 1
"""Granted once for each function: ordinary code has a step in every three characters, and is followed twice."""

SMALLEST = 300
"""Granted to a function however short it is."""

MAX_STEPS = 400_000
"""What one function may take beyond what it was granted, half a second."""

RESERVE = 1_600_000
"""What all functions together may take beyond what they were granted: a project takes two seconds more, not hours."""

RECORD_STEPS = 6
"""Of one kind at one call that defines it, beside the expression."""


class Effort:
    """Counts steps (an expression followed, a kind noted at a call) while one function after another is followed.

    A function that needs more than it may take is reported as not checked. What some functions take beyond what
    their length grants comes out of one reserve: when that is used up, each has what its length grants.

    Attributes:
        spent: steps of the function that is being followed.
        allowed: how many it may take.
    """

    __slots__ = ("_granted", "_reserve", "_seen", "allowed", "spent")

    def __init__(self) -> None:
        self.spent = 0
        self.allowed = SMALLEST + MAX_STEPS
        self._granted = SMALLEST
        self._reserve = RESERVE
        self._seen: set[object] = set()

    def begin(self, characters: int) -> None:
        """Begin to follow a function of so many characters, with a count of its own."""
        self._reserve -= min(self._reserve, max(0, self.spent - self._granted))
        self.spent = 0
        self._granted = SMALLEST + STEPS_PER_CHARACTER * characters
        self.allowed = self._granted + min(MAX_STEPS, self._reserve)

    def meet(self, what: object, characters: int) -> None:
        """Grant what the length of something gives that is followed on the way, the first time that it is met."""
        if what not in self._seen:
            self._seen.add(what)
            granted = SMALLEST + STEPS_PER_CHARACTER * characters
            self._granted += granted
            self.allowed += granted

    def spend(self, steps: int) -> None:
        """Note that so many steps were taken."""
        self.spent += steps

    @property
    def is_used_up(self) -> bool:
        """Whether the function may take no further step."""
        return self.spent > self.allowed
