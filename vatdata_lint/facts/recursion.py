"""Parts of following recursion: what is running, what was found so far, and when two rounds agree."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from vatdata_lint.facts.call_keys import code_in
from vatdata_lint.facts.effects import Effect, Outcome
from vatdata_lint.facts.values import UNKNOWN, Scope, Value

__all__ = ["BOTTOM", "NOBODY", "Activation", "Followed", "cut", "either", "same"]

T = TypeVar("T")

NOBODY = 1 << 30
"""A place on the stack beyond every other."""

BOTTOM = Outcome((), UNKNOWN, None, True, None, (), frozenset())


@dataclass(eq=False, slots=True)
class Followed:
    """What following a function with certain arguments gave, for the next call like it.

    Attributes:
        outcome: what a caller has to know.
        modules: the files that were looked into, a bit for each.
        is_whole: whether it was followed to its end; who uses what was cut short was not followed to the end either.
        head: the place on the stack of the outermost function that it waits for, `NOBODY` if for none.
    """

    outcome: Outcome
    modules: int
    is_whole: bool
    head: int
    can_be_renamed: bool | None = None


@dataclass(eq=False, slots=True)
class Activation:
    """A function that is being followed: its place on the stack, what its approximation is kept under, its closure.

    ``begun`` is how many scopes there were when it began.
    """

    place: int
    name: object
    scope: Scope | None
    begun: int
    arguments: Mapping[str, Value]

    def repeats(self, arguments: Mapping[str, Value]) -> bool:
        """Say whether it was given the same functions as a call with these *arguments*."""
        return _code(self.arguments) == _code(arguments)


def _code(arguments: Mapping[str, Value]) -> set[str]:
    return {function for value in arguments.values() for function in code_in(value)}


def cut(table: dict[object, T], size: int) -> dict[object, T]:
    """Take what was added to *table* since it had *size* entries, and give it."""
    taken: list[tuple[object, T]] = []
    while len(table) > size:
        taken.append(table.popitem())
    return dict(reversed(taken))


def same(one: Outcome, other: Outcome) -> bool:
    return (
        {(e.definition, e.key) for e in one.effects} == {(e.definition, e.key) for e in other.effects}
        and (one.suspends is None) == (other.suspends is None)
        and one.completes == other.completes
    )


def either(before: Outcome, now: Outcome) -> Outcome:
    """Give what holds of either; of two ways to a definition the shorter one is told."""
    known = {(effect.key, effect.definition): effect for effect in before.effects}
    effects: list[Effect] = []
    for effect in now.effects:
        other = known.pop((effect.key, effect.definition), None)
        if other is not None and len(other.chain) < len(effect.chain):
            effect = dataclasses.replace(effect, chain=other.chain)
        effects.append(effect)
    return Outcome(
        effects=(*effects, *known.values()),
        value=now.value,
        suspends=before.suspends or now.suspends,
        completes=before.completes and now.completes,
        self_value=now.self_value,
        escapes=now.escapes,
        writes=before.writes | now.writes,
        calls=now.calls,
        changed=now.changed,
    )
