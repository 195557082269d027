"""Matching values against patterns, for callers who have a pattern at hand and no compiled test."""

from __future__ import annotations

from typing import Any, TypeVar

from vatdata_runtime.errors import NotPassableError, PatternMismatchError
from vatdata_runtime.passable import CopyBag, CopySet, freeze
from vatdata_runtime.patterns.compile import compile_pattern
from vatdata_runtime.patterns.explain import explain_mismatch
from vatdata_runtime.patterns.matchers import Pattern, check_pattern, make_matcher

__all__ = ["container_has_split", "matches", "must_match"]

Container = TypeVar("Container", tuple[Any, ...], CopySet, CopyBag)


def matches(x: object, pattern: Pattern) -> bool:
    """Say whether *x* matches *pattern*. What is outside the data model matches nothing.

    Raises:
        NotAPatternError: *pattern* is no pattern.

    Source: ``matches`` of @endo/patterns, which raises for such an *x* and says false for such a *pattern*.
    """
    frozen_pattern = check_pattern(pattern)
    try:
        frozen = freeze(x)
    except NotPassableError:
        return False
    return compile_pattern(frozen_pattern)(frozen)


def must_match(x: object, pattern: Pattern, label: str | None = None) -> None:
    """Check that *x* matches *pattern*.

    Args:
        x: any value; it is not changed.
        pattern: a pattern.
        label: what *x* is, for the message.

    Raises:
        PatternMismatchError: it does not; ``path``, ``expected`` and ``value`` say where and why.
        NotPassableError: *x* is outside the data model.
        NotAPatternError: *pattern* is no pattern.
    """
    frozen_pattern = check_pattern(pattern)
    mismatch = explain_mismatch(freeze(x), frozen_pattern)
    if mismatch is not None:
        raise PatternMismatchError(mismatch.path, label, mismatch.expected, mismatch.value)


def container_has_split(
    container: Container, pattern: Pattern, at_least: int = 1, *, label: str | None = None
) -> tuple[Container, Container]:
    """Take from a container the first members that match, as many as wanted.

    Args:
        container: a tuple or list, ``CopySet`` or ``CopyBag``.
        pattern: what to take.
        at_least: how many to take, at least 1; each copy in a bag counts, and an entry of a bag may be split.
        label: what *container* is, for the message.

    Returns:
        The members taken and those left, as two containers of the same kind: the first *at_least* matches
        by index or in ascending order of keys, and everything else.

    Raises:
        PatternMismatchError: fewer match; the text says how many.
        NotPassableError: *container* is outside the data model.
        NotAPatternError, PatternDefinitionError: *pattern* or *at_least* makes no sense.

    Source: ``containerHasSplit`` of @endo/patterns.
    """
    must_match(container, make_matcher("container_has", (pattern, at_least)), label)
    is_wanted = compile_pattern(check_pattern(pattern))
    frozen = freeze(container)
    wanted: list[tuple[Any, int]] = []
    rest: list[tuple[Any, int]] = []
    missing = at_least
    counted = frozen.items() if isinstance(frozen, CopyBag) else ((member, 1) for member in frozen)
    for member, count in counted:
        taken = min(count, missing) if missing and is_wanted(member) else 0
        missing -= taken
        if taken:
            wanted.append((member, taken))
        if count > taken:
            rest.append((member, count - taken))
    return _rebuild(frozen, wanted), _rebuild(frozen, rest)


def _rebuild(like: object, counted: list[tuple[Any, int]]) -> Any:
    if isinstance(like, CopyBag):
        return CopyBag(counted)
    members = [member for member, _count in counted]
    return CopySet(members) if isinstance(like, CopySet) else tuple(members)
