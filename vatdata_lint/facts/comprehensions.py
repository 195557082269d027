"""Follows comprehensions as the nested loops that they are; generator expressions wait until somebody runs them."""

from __future__ import annotations

import ast

from vatdata_lint.facts import assignment, conditions, deferred, members
from vatdata_lint.facts.dispatch import evaluate, evaluates
from vatdata_lint.facts.effects import Control, Path, join_into_one
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.values import (
    Const,
    CoroutineV,
    DictV,
    FuncV,
    IteratorV,
    SequenceV,
    Sym,
    Ticket,
    Value,
    is_durable_data,
)

__all__ = ["run_generator"]

_MAX_LITERALS = 200
"""Literals that a generator expression gives and that are kept: no loop over more is unrolled."""


def run_generator(frame: Frame, node: ast.GeneratorExp, path: Path) -> None:
    """Run a generator expression to its end."""
    made: list[Value] = []
    exact = _comprehend(frame, node, node.generators, [node.elt], path, made)
    # Coroutines are somebody's business later, and of literals names are made; every value would grow without end.
    if exact and (
        any(isinstance(value, CoroutineV) for value in made)
        or (len(made) <= _MAX_LITERALS and all(isinstance(value, Const) for value in made))
    ):
        frame.yielded += made


@evaluates(ast.GeneratorExp)
def _generator(frame: Frame, node: ast.GeneratorExp, path: Path) -> Value:
    evaluate(frame, node.generators[0].iter, path)
    ticket = Ticket(node, frame=frame)
    frame.tickets.append(ticket)
    target = FuncV(frame.module.function(node, frame.fn, None), frame.scope)
    lazy = IteratorV(target, ((),), (), ticket)
    ticket.extra.update(value=lazy, controls=tuple(frame.controls), late=path.late)
    return lazy


@evaluates(ast.ListComp, ast.SetComp)
def _list_comprehension(frame: Frame, node: ast.ListComp | ast.SetComp, path: Path) -> Value:
    collected: list[Value] = []
    exact = _comprehend(frame, node, node.generators, [node.elt], path, collected)
    form = "set" if isinstance(node, ast.SetComp) else "list"
    return SequenceV(form, tuple(collected)) if exact else Sym("open", *collected[:4])


@evaluates(ast.DictComp)
def _dict_comprehension(frame: Frame, node: ast.DictComp, path: Path) -> Value:
    collected: list[Value] = []
    exact = _comprehend(frame, node, node.generators, [node.key, node.value], path, collected)
    pairs = tuple(zip(collected[::2], collected[1::2], strict=True))
    return DictV(pairs, exact)


def _comprehend(
    frame: Frame,
    node: ast.expr,
    generators: list[ast.comprehension],
    results: list[ast.expr],
    path: Path,
    collected: list[Value],
) -> bool:
    """Follow a comprehension as the nested loops that it is; say whether its members are fixed."""

    saved = dict(path.env)
    exact = True

    def step(index: int) -> None:
        nonlocal exact
        if index == len(generators):
            collected.extend(evaluate(frame, part, path) for part in results)
            return
        generator = generators[index]
        value = evaluate(frame, generator.iter, path)
        if generator.is_async:
            deferred.async_iteration(frame, value, generator.iter, path)
            items = None
        else:
            value = deferred.consume(frame, value, generator.iter, path)
            items = members.unroll(value)
        if items is not None:
            each(items, generator, index)
            return
        exact = False
        lists = members.alternatives_of(value) if not generator.is_async else None
        if lists is not None:
            begin = path.copy()
            ways: list[Path] = []
            text = f"the choice of what the comprehension on line {node.lineno} goes over"
            frame.controls.append(Control("branch", frame.location(node), text))
            for alternative in lists:
                conditions.become(path, begin.copy())
                each(alternative, generator, index)
                ways.append(path.copy())
            frame.controls.pop()
            conditions.become(path, join_into_one(ways))
            return
        frame.loop_count += 1
        number = generator.iter.lineno * 1000 + generator.iter.col_offset
        durable = is_durable_data(value)
        kind = "durable-loop" if durable else "loop"
        before = path.copy()
        frame.controls.append(
            Control(kind, frame.location(node), f"the comprehension on line {node.lineno}", loop=number)
        )
        assignment.assign(frame, generator.target, members.member_of(value, number), path)
        filtered(generator, index)
        frame.controls.pop()
        if not durable:
            conditions.become(path, join_into_one([before, path.copy()]))

    def each(items: list[Value], generator: ast.comprehension, index: int) -> None:
        for item in items:
            assignment.assign(frame, generator.target, item, path)
            filtered(generator, index)

    def filtered(generator: ast.comprehension, index: int) -> None:
        nonlocal exact
        if not generator.ifs:
            step(index + 1)
            return
        evaluate(frame, generator.ifs[0], path)
        exact = False
        before = path.copy()
        text = f"the 'if' in the comprehension on line {generator.ifs[0].lineno}"
        frame.controls.append(Control("branch", frame.location(node), text))
        for condition in generator.ifs[1:]:
            evaluate(frame, condition, path)
        step(index + 1)
        frame.controls.pop()
        conditions.become(path, join_into_one([before, path.copy()]))

    step(0)
    for name in [name for name in path.env if name not in saved]:
        if any(
            isinstance(part, ast.Name) and part.id == name
            for item in generators
            for part in ast.walk(item.target)
        ):
            del path.env[name]
    for item in generators:
        for part in ast.walk(item.target):
            if isinstance(part, ast.Name) and part.id in saved:
                path.env[part.id] = saved[part.id]
    return exact
