"""Looks arguments of a call up by position or name."""

from __future__ import annotations

from collections.abc import Sequence

from vatdata_lint.facts.values import Sym, Value

__all__ = ["Keywords", "argument", "keyword"]

Keywords = Sequence[tuple[str, Value]]


def keyword(keywords: Keywords, name: str) -> Value | None:
    """Give a named argument."""
    for key, value in keywords:
        if key == name:
            return value
    return None


def argument(args: Sequence[Value], keywords: Keywords, position: int, *names: str) -> Value | None:
    """Give an argument by its position or one of its names; None where it is not there or not known."""
    if position < len(args):
        value = args[position]
        if isinstance(value, Sym) and value.op == "star":
            return None
        return value
    for name in names:
        found = keyword(keywords, name)
        if found is not None:
            return found
    return None
