"""What ``itertools`` makes of collections whose members the source fixes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from vatdata_lint.facts import operations
from vatdata_lint.facts.values import Const, SequenceV, Value

__all__ = ["combined"]

_MAX_ROWS = 2_000
"""Combinations that are told one by one, as many as members of a literal."""


def combined(word: str, args: Sequence[Value]) -> Value | None:
    """Give the members of a combination of *args*.

    Args:
        word: the last name of what is called.
        args: its positional arguments.

    Returns:
        A list of tuples; None where *word* is another, members are not fixed, or they make too many.
    """
    lists = [operations.exact_items(arg) for arg in args]
    first, size = (lists[0] if lists else None), _number(args[1]) if len(args) == 2 else None
    if word == "permutations" and len(args) == 1 and first is not None:
        size = len(first)
    rows: Iterable[tuple[Value, ...]]
    if word == "pairwise" and len(args) == 1 and first is not None:
        rows = itertools.pairwise(first)
    elif word == "combinations" and size is not None and first is not None:
        rows = itertools.combinations(first, size)
    elif word == "permutations" and size is not None and first is not None:
        rows = itertools.permutations(first, size)
    elif word == "product":
        known = [items for items in lists if items is not None]
        if len(known) < len(lists):
            return None
        rows = itertools.product(*known)
    else:
        return None
    made = tuple(SequenceV("tuple", row) for row in itertools.islice(rows, _MAX_ROWS + 1))
    return SequenceV("list", made) if len(made) <= _MAX_ROWS else None


def _number(value: Value) -> int | None:
    return (
        value.value
        if isinstance(value, Const) and isinstance(value.value, int) and value.value >= 0
        else None
    )
