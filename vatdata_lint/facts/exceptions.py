"""Follows exceptions: try, and the with statements that may swallow them."""

from __future__ import annotations

import ast

from vatdata_lint.facts import assignment, context_managers
from vatdata_lint.facts.dispatch import evaluate, follows, run_block
from vatdata_lint.facts.effects import Control, Path, merge_paths
from vatdata_lint.facts.frame import Frame, LoopContext
from vatdata_lint.facts.values import (
    UNKNOWN,
    Const,
    Value,
)
from vatdata_lint.finding import Location

__all__ = []


@follows(ast.Try, ast.TryStar)
def _try(frame: Frame, node: ast.Try, path: Path) -> list[Path]:
    control = Control("try", frame.location(node), "", active=False)
    outer_returns, outer_loops = frame.returns, frame.loops
    if node.finalbody:
        frame.returns = []
        frame.loops = [LoopContext() for _ in outer_loops]
    raised: list[Path] = [path.copy()] if _can_raise(node.body) else []
    frame.collectors.append(raised)
    frame.controls.append(control)
    normal = run_block(frame, node.body, [path])
    frame.collectors.pop()
    in_else = run_block(frame, node.orelse, normal) if node.orelse else normal
    frame.controls.pop()
    for point in raised:
        _spread(point, normal)
    outside = [point.copy() for point in raised]
    handled: list[Path] = []
    for handler in node.handlers:
        branch = Control("branch", frame.location(handler), f"the 'except' on line {handler.lineno}")
        frame.controls.append(branch)
        starts = merge_paths([point.copy() for point in raised])
        for start in starts:
            frame.enter(start)
            if handler.type is not None:
                evaluate(frame, handler.type, start)
            if handler.name:
                start.env[handler.name] = UNKNOWN
        before = frame.ways_out()
        done = run_block(frame, handler.body, starts)
        frame.controls.pop()
        if done or frame.ways_out() > before:
            control.active = True
            control.text = control.text or f"the 'except' on line {handler.lineno}, which goes on"
        handled += done
    for point in outside:
        frame.may_raise(point)
    result = merge_paths(in_else + handled)
    if node.finalbody:
        result = _finally(frame, node, control, result, outside, outer_returns, outer_loops)
    return result


def _finally(
    frame: Frame,
    node: ast.Try,
    control: Control,
    normal: list[Path],
    raised: list[Path],
    outer_returns: list[tuple[Path, Value, Location]],
    outer_loops: list[LoopContext],
) -> list[Path]:
    """Run the last clause on every way out of a ``try``: the end, jumps, and the exceptions that it may swallow."""
    inner_returns, inner_loops = frame.returns, frame.loops
    frame.returns, frame.loops = outer_returns, outer_loops
    result = run_block(frame, node.finalbody, normal)
    for way, value, location in inner_returns:
        for end in run_block(frame, node.finalbody, [way]):
            frame.returns.append((end, value, location))
    for inner, outer in zip(inner_loops, outer_loops, strict=True):
        for way in inner.breaks:
            outer.breaks += run_block(frame, node.finalbody, [way])
        for way in inner.continues:
            outer.continues += run_block(frame, node.finalbody, [way])
    if (normal or inner_returns) and not _jumps(node.finalbody):
        # The way of an exception ends with it. To follow it too would double the work with every 'finally' inside.
        return result
    before = frame.ways_out()
    run_block(frame, node.finalbody, merge_paths([point.copy() for point in raised]))
    if frame.ways_out() > before:
        control.active = True
        control.text = f"the jump in 'finally' on line {node.finalbody[0].lineno}, which swallows exceptions"
    return result


def _spread(point: Path, ends: list[Path]) -> None:
    """Let a handler see that a variable may have been changed before the exception.

    What was a literal where an exception may come from still is: a flag tells how far the block went.
    """
    for end in ends:
        for name, value in end.env.items():
            known = point.env.get(name)
            if known is None:
                point.env[name] = value
            elif known is not value and known != value and not isinstance(known, Const):
                point.env[name] = UNKNOWN


def _jumps(body: list[ast.stmt]) -> bool:
    """Say whether a block may go on elsewhere than at its end, jumps of functions and loops in it included."""
    return any(
        isinstance(part, ast.Return | ast.Break | ast.Continue) for node in body for part in ast.walk(node)
    )


def _can_raise(body: list[ast.stmt]) -> bool:
    return not all(isinstance(node, ast.Pass | ast.Global | ast.Nonlocal) for node in body)


@follows(ast.With, ast.AsyncWith)
def _with(frame: Frame, node: ast.With | ast.AsyncWith, path: Path) -> list[Path]:
    swallowing: Control | None = None
    exits: list[tuple[Value, ast.withitem]] = []
    is_async = isinstance(node, ast.AsyncWith)
    before: Path | None = None
    for item in node.items:
        manager = evaluate(frame, item.context_expr, path)
        value, swallows = context_managers.enter_context(
            frame, manager, item.context_expr, path, is_async=is_async
        )
        if item.optional_vars is not None:
            assignment.assign(frame, item.optional_vars, value, path)
        exits.append((manager, item))
        if swallows and swallowing is None:
            text = f"the 'with' on line {node.lineno}, which swallows exceptions"
            swallowing = Control("try", frame.location(node), text)
            before = path.copy()
    if swallowing is None:
        ends = run_block(frame, node.body, [path])
    else:
        raised: list[Path] = [before] if before is not None else []
        frame.collectors.append(raised)
        frame.controls.append(swallowing)
        ends = run_block(frame, node.body, [path])
        frame.controls.pop()
        frame.collectors.pop()
        for point in raised:
            _spread(point, ends)
        ends = merge_paths(ends + raised)
    for end in ends:
        frame.enter(end)
        for manager, item in reversed(exits):
            context_managers.exit_context(frame, manager, item.context_expr, end, is_async=is_async)
    return ends
