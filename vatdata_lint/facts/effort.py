"""Bounds the work of following functions: in proportion to what is written, and a fixed amount beyond that."""

from __future__ import annotations

__all__ = ["CALL_STEPS", "MAX_STEPS", "RECORD_STEPS", "RESERVE", "Effort"]

CHARACTERS_PER_STEP = 2
"""Every function is granted a step for so many of its characters; one function in a thousand needs more."""

SMALLEST = 300
"""Granted to a function however short it is."""

MAX_STEPS = 200_000
"""What one function may take beyond what it was granted, a quarter of a second."""

RESERVE = 800_000
"""What all functions together may take beyond what they were granted: a project takes a second more, not hours."""

CALL_STEPS = 20
"""Of a call that is followed, beside what is done in it."""

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
        self._granted = SMALLEST + characters // CHARACTERS_PER_STEP
        self.allowed = self._granted + min(MAX_STEPS, self._reserve)

    def meet(self, what: object, characters: int) -> None:
        """Grant what the length of something gives that is followed on the way, the first time that it is met."""
        if what not in self._seen:
            self._seen.add(what)
            granted = SMALLEST + characters // CHARACTERS_PER_STEP
            self._granted += granted
            self.allowed += granted

    def spend(self, steps: int) -> None:
        """Note that so many steps were taken."""
        self.spent += steps

    def affords(self, steps: int) -> bool:
        """Say whether the function may take so many further steps."""
        return self.spent + steps <= self.allowed

    @property
    def is_used_up(self) -> bool:
        """Whether the function may take no further step."""
        return self.spent > self.allowed
