"""Follows the start and the end of a ``with``."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from vatdata_lint.facts import calls, classes, deferred, operations
from vatdata_lint.facts.arguments import Keywords
from vatdata_lint.facts.effects import Path
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.module import FunctionInfo
from vatdata_lint.facts.values import (
    UNKNOWN,
    Ext,
    FuncV,
    IteratorV,
    ObjectV,
    Sym,
    Value,
)
from vatdata_lint.finding import Location

__all__ = ["enter_context", "exit_context", "is_made_by", "stack_method"]


def enter_context(
    frame: Frame, manager: Value, node: ast.AST, path: Path, *, is_async: bool
) -> tuple[Value, bool]:
    """Follow the start of a ``with``; give what ``as`` binds and whether the end may swallow exceptions."""
    if isinstance(manager, IteratorV):
        value = deferred.consume(frame, manager, node, path)
        outcome = frame.last_outcome
        fn = manager.target.fn if isinstance(manager.target, FuncV) else None
        suspends = outcome.suspends if outcome is not None else None
        waits_at_end = fn is not None and suspends is not None and _is_after_yield(fn, suspends.location)
        manager.ticket.extra["waits_at_end"] = waits_at_end
        if is_async and (frame.interpreter.strict or (suspends is not None and not waits_at_end)):
            frame.suspend(
                path, frame.location(node), f"the 'async with' on line {getattr(node, 'lineno', 0)}"
            )
        items = operations.exact_items(value)
        return (items[0] if items else UNKNOWN), fn is not None and _generator_swallows(fn)
    if isinstance(manager, ObjectV):
        return _enter_object(frame, manager, node, path, is_async)
    if is_async:
        frame.suspend(path, frame.location(node), f"the 'async with' on line {getattr(node, 'lineno', 0)}")
    swallows = isinstance(manager, Sym) and manager.op == "suppress"
    if isinstance(manager, Sym) and manager.op == "nullcontext":
        return manager.args[0], False
    return Sym("call", manager, "__enter__") if isinstance(manager, Sym) else UNKNOWN, swallows


def stack_method(
    frame: Frame, path: Path, base: Value, name: str, args: Sequence[Value], keywords: Keywords, node: ast.AST
) -> Value | None:
    """Follow what an ``ExitStack`` enters, as a ``with`` does, and what it calls at its end: both in this turn.

    Returns:
        What the method gives; None where *base* is no such stack or the method is another.
    """
    if not args or not is_made_by(base, "ExitStack", "AsyncExitStack"):
        return None
    if name in ("enter_context", "enter_async_context"):
        value, _ = enter_context(frame, args[0], node, path, is_async=name == "enter_async_context")
        exit_context(frame, args[0], node, path, is_async=False)
        return value
    if name == "callback":
        calls.invoke(frame, path, args[0], args[1:], keywords, node)
        return args[0]
    return None


def is_made_by(value: Value, *makers: str) -> bool:
    """Say whether a value is what a function or class of another library makes, or comes of that."""
    while isinstance(value, Sym) and value.op == "call" and value.args:
        value = value.args[0]
    return isinstance(value, Ext) and value.last in makers


def _enter_object(
    frame: Frame, manager: ObjectV, node: ast.AST, path: Path, is_async: bool
) -> tuple[Value, bool]:
    prefix = "__a" if is_async else "__"
    enter = classes.find_member(frame, manager.cls, f"{prefix}enter__")
    value: Value = manager
    if isinstance(enter, FuncV):
        value = calls.apply(frame, path, FuncV(enter.fn, enter.scope, manager), [], [], node)
        if is_async:
            value = deferred.await_value(frame, value, node, path)
    elif is_async:
        frame.suspend(path, frame.location(node), f"the 'async with' on line {getattr(node, 'lineno', 0)}")
    leave = classes.find_member(frame, manager.cls, f"{prefix}exit__")
    swallows = False
    if isinstance(leave, FuncV):
        swallows = any(
            isinstance(item, ast.Return) and item.value is not None and _may_be_true(item.value)
            for item in ast.walk(leave.fn.node)
        )
    return value, swallows


def _may_be_true(value: ast.expr) -> bool:
    """Say whether what ``__exit__`` returns may swallow an exception; what it hands on is taken not to."""
    if isinstance(value, ast.Constant):
        return bool(value.value)
    call = value.value if isinstance(value, ast.Await) else value
    return not (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in ("__exit__", "__aexit__")
    )


def _is_after_yield(fn: FunctionInfo, location: Location) -> bool:
    """Say whether a place in a context manager made from a generator is reached at the end of the block only."""
    yields = [fn.module.location(item) for item in ast.walk(fn.node) if isinstance(item, ast.Yield)]
    return len(yields) == 1 and (location.line, location.column) > (yields[0].end_line, yields[0].end_column)


def _generator_swallows(fn: FunctionInfo) -> bool:
    """Say whether a context manager made from a generator goes on after an exception at its ``yield``."""
    for item in ast.walk(fn.node):
        if isinstance(item, ast.Try) and any(
            isinstance(part, ast.Yield) for body in item.body for part in ast.walk(body)
        ):
            for handler in item.handlers:
                if not any(isinstance(part, ast.Raise) for part in ast.walk(handler)):
                    return True
        if isinstance(item, ast.With):
            names = ast.dump(item.items[0].context_expr)
            if "'suppress'" in names and any(isinstance(part, ast.Yield) for part in ast.walk(item)):
                return True
    return False


def exit_context(frame: Frame, manager: Value, node: ast.AST, path: Path, *, is_async: bool) -> None:
    """Follow the end of a ``with``."""
    if isinstance(manager, ObjectV):
        leave = classes.find_member(frame, manager.cls, "__aexit__" if is_async else "__exit__")
        if isinstance(leave, FuncV):
            value = calls.apply(
                frame, path, FuncV(leave.fn, leave.scope, manager), [UNKNOWN, UNKNOWN, UNKNOWN], [], node
            )
            if is_async:
                deferred.await_value(frame, value, node, path)
            return
    if is_async and (not isinstance(manager, IteratorV) or manager.ticket.extra.get("waits_at_end")):
        frame.suspend(
            path, frame.location(node), f"the end of the 'async with' on line {getattr(node, 'lineno', 0)}"
        )
