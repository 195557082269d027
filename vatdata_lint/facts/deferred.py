"""Coroutines and lazy iterators: made by one call, run by whoever awaits or iterates them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from vatdata_lint.facts import calls, classes, partial_runs
from vatdata_lint.facts.alternatives import follow_each
from vatdata_lint.facts.effects import UNAWAITED, UNFINISHED, Cause, Control, Path, join_into_one
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.parameters import parameter_names
from vatdata_lint.facts.values import (
    ClassV,
    Const,
    CoroutineV,
    Ext,
    FuncV,
    IteratorV,
    ObjectV,
    SequenceV,
    Sym,
    Ticket,
    UnionV,
    Value,
    children,
)
from vatdata_lint.vocabulary import AWAIT_FREE, snake_case

__all__ = [
    "async_iteration",
    "await_value",
    "consume",
    "handed_on",
    "lazy_calls",
    "rebound",
    "run_iterator",
    "settle_tickets",
    "make_ticket",
]


def make_ticket(frame: Frame, node: ast.AST, path: Path) -> Ticket:
    ticket = Ticket(node, frame=frame)
    ticket.extra = {"controls": tuple(frame.controls), "late": path.late}
    frame.tickets.append(ticket)
    return ticket


def lazy_calls(
    frame: Frame,
    path: Path,
    target: Value,
    rows: tuple[tuple[Value, ...], ...],
    node: ast.AST,
    *,
    looped: bool,
) -> IteratorV:
    """Give what ``map`` and ``starmap`` give: a run of a function over rows of arguments that waits for somebody."""
    ticket = Ticket(node, frame=frame)
    frame.tickets.append(ticket)
    if isinstance(target, FuncV) and rows:
        # Unless somebody runs it, the function waits inside the lazy iterator.
        first = (target.bound, *rows[0]) if target.bound is not None else rows[0]
        ticket.extra.update(
            value=IteratorV(target, (first,), (), ticket), controls=tuple(frame.controls), late=path.late
        )
    return IteratorV(target, rows, (), ticket, looped=looped)


def rebound(target: FuncV, order: Sequence[Value]) -> dict[str, Value]:
    return {name: value for (name, _), value in zip(parameter_names(target.fn), order, strict=False)}


def handed_on(frame: Frame, path: Path, value: Value, node: ast.AST) -> Value:
    """Give what a call returned; a coroutine or lazy iterator in it is this frame's business from now on."""
    if isinstance(value, CoroutineV):
        ticket = make_ticket(frame, node, path)
        waiting = CoroutineV(value.target, value.args, value.keywords, ticket)
        ticket.extra["value"] = waiting
        return waiting
    if isinstance(value, IteratorV) and isinstance(value.target, FuncV) and value.target.fn.is_generator:
        ticket = make_ticket(frame, node, path)
        lazy = IteratorV(
            value.target, value.calls, value.keywords, ticket, value.looped, by_function=value.by_function
        )
        ticket.extra["value"] = lazy
        return lazy
    return value


def await_value(frame: Frame, value: Value, node: ast.AST, path: Path) -> Value:
    """Follow an ``await``: run a coroutine of the project, else note that the crank may end."""
    line = getattr(node, "lineno", 0)
    text = f"the await on line {line}"
    interpreter = frame.interpreter
    frame.may_raise(path)
    if isinstance(value, UnionV):
        return follow_each(
            frame,
            path,
            value.members,
            node,
            "what is awaited on line {line}",
            lambda way, member: await_value(frame, member, node, way),
        )
    if isinstance(value, CoroutineV):
        value.ticket.used = True
        # Where an await came between call and await, the await is what makes it late.
        is_whole = value.ticket.frame is frame and (value.ticket.extra["late"] is None) == (path.late is None)
        place = value.ticket.site if is_whole else node
        result = calls.run_now(frame, path, value.target, rebound(value.target, value.args), place)
        outcome = frame.last_outcome
        is_prompt = outcome is not None and outcome.suspends is None
        if interpreter.strict or not (
            is_prompt or interpreter.program.is_prompt(value.target.fn, interpreter)
        ):
            frame.suspend(path, frame.location(node), text)
        return result
    if interpreter.strict or not _is_prompt(frame, value):
        frame.suspend(path, frame.location(node), text)
    return Sym("call", value, "await")


def _is_prompt(frame: Frame, value: Value) -> bool:
    if isinstance(value, Const):
        return True
    if isinstance(value, Sym) and value.op == "call" and value.args:
        callee = value.args[0]
        if isinstance(callee, Ext):
            return (
                snake_case(callee.last) in AWAIT_FREE
                or callee.name in frame.interpreter.config.prompt_awaitables
            )
        if len(value.args) > 1 and isinstance(value.args[1], str):
            return snake_case(value.args[1]) in AWAIT_FREE
    if isinstance(value, Sym) and value.op == "maker":
        return True
    return isinstance(value, Sym) and value.op == "stored"


def consume(frame: Frame, value: Value, node: ast.AST, path: Path) -> Value:
    """Run a lazy iterator to its end, if *value* is one, and give its members."""
    if isinstance(value, IteratorV):
        partial_runs.finish(value.ticket)
        if not value.ticket.used:
            value.ticket.used = True
            return run_iterator(frame, value, node, path)
    if isinstance(value, ClassV) and classes.is_enum(value):
        members = [classes.enum_member(frame, value, name) for name in value.cls.assigned]
        return SequenceV("list", tuple(member for member in members if member is not None))
    if isinstance(value, ObjectV):
        begin = classes.find_member(frame, value.cls, "__iter__")
        if isinstance(begin, FuncV):
            made = calls.apply(frame, path, FuncV(begin.fn, begin.scope, value), [], [], node)
            return made if isinstance(made, ObjectV) else consume(frame, made, node, path)
    return value


def run_iterator(frame: Frame, value: IteratorV, node: ast.AST, path: Path) -> Value:
    """Follow the body of a lazy iterator here."""
    place = value.ticket.site if value.ticket.frame is frame and value.by_function else node
    if (
        isinstance(value.target, FuncV)
        and (value.by_function or value.target.fn.is_inline)
        and value.target.fn.is_generator
    ):
        return calls.run_now(frame, path, value.target, rebound(value.target, value.calls[0]), place)
    results: list[Value] = []
    before = path.copy()
    if value.looped:
        frame.loop_count += 1
        frame.controls.append(
            Control("loop", frame.location(node), f"the iteration on line {getattr(node, 'lineno', 0)}")
        )
    for args in value.calls:
        results.append(calls.invoke(frame, path, value.target, args, value.keywords, node))
    if value.looped:
        frame.controls.pop()
        joined = join_into_one([before, path.copy()])
        path.must, path.may, path.late = joined.must, joined.may, joined.late
        return Sym("open", *results[:2])
    return SequenceV("list", tuple(results))


def async_iteration(frame: Frame, value: Value, node: ast.AST, path: Path) -> None:
    """Follow the start of an ``async for``."""
    if isinstance(value, IteratorV) and isinstance(value.target, FuncV):
        value.ticket.used = True
        place = value.ticket.site if value.ticket.frame is frame else node
        calls.run_now(frame, path, value.target, rebound(value.target, value.calls[0]), place)
        outcome = frame.last_outcome
        if not frame.interpreter.strict and outcome is not None and outcome.suspends is None:
            return
    frame.suspend(path, frame.location(node), f"the 'async for' on line {getattr(node, 'lineno', 0)}")


def settle_tickets(frame: Frame) -> None:
    """Report coroutines that nobody awaited and lazy iterators that nobody ran to their end."""
    returned: set[Ticket] = set()
    for value in (*frame.returned_values, *frame.yielded):
        returned |= set(_tickets_in(value))
    inline = frame.fn is not None and frame.fn.is_inline
    for ticket in frame.tickets:
        if ticket.used or ticket in returned or inline:
            if ticket not in returned:
                partial_runs.leave_rest(frame, ticket)
            continue
        ticket.used = True  # whoever runs it later runs what is reported here
        waiting: object = ticket.extra.get("value")
        if not isinstance(waiting, CoroutineV | IteratorV) or not isinstance(waiting.target, FuncV):
            continue
        is_coroutine = isinstance(waiting, CoroutineV)
        order = waiting.args if isinstance(waiting, CoroutineV) else waiting.calls[0]
        text = UNAWAITED if is_coroutine else UNFINISHED
        cause = Cause("ASYNC" if is_coroutine else "NESTED", frame.location(ticket.site), text)
        saved, frame.controls = frame.controls, list(ticket.extra.get("controls", ()))
        path = Path({})
        calls.run_now(frame, path, waiting.target, rebound(waiting.target, order), ticket.site, started=cause)
        frame.controls = saved


def _tickets_in(value: Value, depth: int = 0) -> Iterable[Ticket]:
    if isinstance(value, CoroutineV | IteratorV):
        yield value.ticket
    elif depth < 4:
        for child in children(value):
            yield from _tickets_in(child, depth + 1)
