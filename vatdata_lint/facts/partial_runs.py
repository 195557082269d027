"""Generators of which ``next`` or ``islice`` runs a part: what stands behind the last ``yield`` reached is left."""

from __future__ import annotations

import ast

from vatdata_lint.facts import deferred
from vatdata_lint.facts.effects import UNFINISHED, Cause, Path
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.module import FunctionInfo
from vatdata_lint.facts.values import FuncV, IteratorV, Ticket, Value

__all__ = ["advance", "finish", "leave_rest"]

_STEPS = "steps"
_PLACE = "place"


def advance(frame: Frame, value: IteratorV, count: int, node: ast.AST, path: Path) -> Value | None:
    """Run a lazy iterator up to its next *count* members.

    Its body is followed as a whole by the first to ask; :func:`leave_rest` takes back what nobody has reached.

    Returns:
        All members of it; None where an earlier call has given them.
    """
    ticket = value.ticket
    if ticket.used:
        if _STEPS in ticket.extra:
            ticket.extra[_STEPS] += count
        return None
    members = deferred.consume(frame, value, node, path)
    if ticket.frame is frame and value.by_function and not frame.loops:
        ticket.extra[_STEPS] = count
        ticket.extra[_PLACE] = ticket.site
    return members


def finish(ticket: Ticket) -> None:
    """Note that somebody runs an iterator to its end after all."""
    ticket.extra.pop(_STEPS, None)


def leave_rest(frame: Frame, ticket: Ticket) -> None:
    """Let what stands behind the last ``yield`` that was reached be left to whoever asks for more."""
    steps: int | None = ticket.extra.get(_STEPS)
    value: object = ticket.extra.get("value")
    event = frame.events.get(ticket.extra.get(_PLACE, ticket.site))
    if steps is None or event is None:
        return
    if not isinstance(value, IteratorV) or not isinstance(value.target, FuncV):
        return
    fn = value.target.fn
    yields = _yields_in_line(fn)
    if not 0 < steps <= len(yields):
        return
    reached = fn.module.location(yields[steps - 1])
    cause = Cause("NESTED", event.location, UNFINISHED)
    for record in event.records.values():
        inner = record.effect.chain.rest
        if len(record.effect.chain) < 2 or inner.first.location.path != reached.path:
            continue
        place = inner.first.location
        if (place.line, place.column) > (reached.end_line, reached.end_column):
            record.started = cause


def _yields_in_line(fn: FunctionInfo) -> list[ast.Yield]:
    """Give the ``yield``s of a generator that reaches each of them once; none where that is not sure."""
    if not isinstance(fn.node, ast.FunctionDef):
        return []
    found: list[ast.Yield] = []
    for statement in fn.node.body:
        inside = [part for part in ast.walk(statement) if isinstance(part, ast.Yield | ast.YieldFrom)]
        is_plain = isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign)
        if inside and not (is_plain and all(isinstance(part, ast.Yield) for part in inside)):
            return []
        found += [part for part in inside if isinstance(part, ast.Yield)]
    return found
