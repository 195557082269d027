"""Follows what is done with one of several values, whichever way was taken before."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from vatdata_lint.facts.effects import Control, Path, join_into_one
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.values import Value, join

__all__ = ["follow_each"]


def follow_each(
    frame: Frame,
    path: Path,
    members: Iterable[Value],
    node: ast.AST,
    what: str,
    act: Callable[[Path, Value], Value],
) -> Value:
    """Do *act* with each of *members* on a way of its own, join the ways into *path*, and give any of the results.

    Args:
        frame: the function that is followed.
        path: becomes what all ways have in common; a way that only raises is none.
        members: the values; where there are none, nothing happens.
        node: where it happens.
        what: what is chosen, with ``{line}`` for the line of *node*.
        act: follows one way and gives the result.
    """
    ways: list[Path] = []
    values: list[Value] = []
    text = f"the choice of {what.format(line=getattr(node, 'lineno', 0))}"
    frame.controls.append(Control("branch", frame.location(node), text, is_choice=True))
    for member in members:
        way = path.copy()
        frame.enter(way)
        values.append(act(way, member))
        ways.append(way)
    frame.controls.pop()
    if ways:
        joined = join_into_one([way for way in ways if not way.dead] or ways)
        path.must, path.may, path.late, path.dead = joined.must, joined.may, joined.late, joined.dead
        path.env.update(joined.env)
    frame.enter(path)
    return join(values)
