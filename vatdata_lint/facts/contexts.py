"""Notes with which arguments a cause that a function shows by itself holds, so that the callers can clear it.

A helper that loops over its parameter, or tests it, is judged as if anybody could call it with anything. Where
the project's own calls give it a literal, nothing is left to report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vatdata_lint.facts.effects import Applied, Outcome
from vatdata_lint.facts.escapes import functions_in
from vatdata_lint.facts.module import FunctionInfo
from vatdata_lint.facts.values import Sym, Value, children
from vatdata_lint.finding import Location

__all__ = ["HOLDS", "IS_CLEARED", "OPEN", "cause_key", "escape_key", "verdicts"]

HOLDS = "holds"
IS_CLEARED = "cleared"
OPEN = "open "
"""Begins the note of a call whose arguments only the callers of the calling function know; its uid follows."""

_SETTLED_BY_CALLERS = frozenset({"CONDITIONAL", "LOOP"})


def cause_key(category: str, definition: Location) -> str:
    """Give what a cause inside a function is noted under."""
    return f"{category} {definition.path}:{definition.line}:{definition.column}"


def escape_key(fn: FunctionInfo) -> str:
    """Give what it is noted under that a function hands *fn* on to somebody unknown."""
    return f"ESCAPE {fn.uid}"


def verdicts(
    caller: FunctionInfo | None,
    fn: FunctionInfo,
    arguments: Iterable[Value],
    alone: Outcome,
    outcome: Outcome,
    entries: set[str],
) -> Iterator[Applied]:
    """Say for each cause that *fn* shows by itself whether it holds in one call.

    Args:
        caller: the function that calls.
        fn: the function that is called.
        arguments: what it is given.
        alone: what comes of it with parameters that stand for themselves.
        outcome: what came of this call.
        entries: uids of the functions that nobody in the project calls.
    """
    causes = set(_causes(alone))
    if not causes:
        return
    present = set(_causes(outcome))
    holds = HOLDS
    if present & causes and caller is not None and any(_is_open(value, entries) for value in arguments):
        holds = OPEN + caller.uid
    for cause in causes:
        yield fn.uid, cause, holds if cause in present else IS_CLEARED


def _causes(outcome: Outcome) -> Iterator[str]:
    for effect in outcome.effects:
        for flag in effect.flags:
            if flag.category in _SETTLED_BY_CALLERS:
                yield cause_key(flag.category, effect.definition)
    for escape in outcome.escapes:
        if escape.how != "source":
            yield from map(escape_key, functions_in(escape.value))


def _is_open(value: Value, entries: set[str], depth: int = 0) -> bool:
    """Say whether a value hangs on a parameter of a function that has callers of its own."""
    if isinstance(value, Sym):
        if value.op == "param":
            return value.args[0] not in entries
        parts: Iterable[object] = value.args
    else:
        parts = children(value)
    return depth < 6 and any(_is_open(part, entries, depth + 1) for part in parts if isinstance(part, Value))
