"""Follows statements along every way through them."""

from __future__ import annotations

import ast

from vatdata_lint.facts import binding, conditions, escapes, module, once
from vatdata_lint.facts.dispatch import evaluate, follows, run_block
from vatdata_lint.facts.effects import Control, Path, join_into_one, merge_paths
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.values import (
    UNKNOWN,
    ClassV,
    Const,
    FuncV,
    Sym,
    Value,
    const,
)

_NONE = Const("NoneType", None)


@follows(ast.Expr)
def _expression(frame: Frame, node: ast.Expr, path: Path) -> list[Path]:
    evaluate(frame, node.value, path)
    return [path]


@follows(ast.FunctionDef, ast.AsyncFunctionDef)
def _definition(frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef, path: Path) -> list[Path]:
    decorators = [(item, evaluate(frame, item, path)) for item in node.decorator_list]
    defaults = binding.default_arguments(frame, node.args, path)
    value: Value = FuncV(frame.module.function(node, frame.fn, None), frame.scope, defaults=defaults)
    for item, decorator in reversed(decorators):
        value = escapes.decorate(frame, decorator, value, item, path)
    path.env[node.name] = value
    return [path]


@follows(ast.ClassDef)
def _class(frame: Frame, node: ast.ClassDef, path: Path) -> list[Path]:
    for base in node.bases:
        evaluate(frame, base, path)
    for keyword in node.keywords:
        evaluate(frame, keyword.value, path)
    info = frame.module.class_info(node, frame.fn)
    # The body runs here and now; its names stay inside it.
    inside = path.copy()
    ends = run_block(
        frame,
        [item for item in node.body if not isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)],
        [inside],
    )
    if ends:
        end = join_into_one(ends)
        path.must, path.may, path.late = end.must, end.may, end.late
    value: Value = ClassV(info, frame.scope)
    for item in reversed(node.decorator_list):
        value = escapes.decorate(frame, evaluate(frame, item, path), value, item, path)
    path.env[node.name] = value
    frame.enter(path)
    return [path]


@follows(ast.Return)
def _return(frame: Frame, node: ast.Return, path: Path) -> list[Path]:
    value = evaluate(frame, node.value, path) if node.value is not None else _NONE
    if not path.dead:
        frame.returns.append((path, value, frame.location(node)))
        frame.jump(node, path, "return")
    return []


@follows(ast.Raise)
def _raise(frame: Frame, node: ast.Raise, path: Path) -> list[Path]:
    if node.exc is not None:
        evaluate(frame, node.exc, path)
    if node.cause is not None:
        evaluate(frame, node.cause, path)
    frame.may_raise(path)
    return []


@follows(ast.Break)
def _break(frame: Frame, node: ast.Break, path: Path) -> list[Path]:
    if frame.loops:
        frame.loops[-1].breaks.append(path)
        frame.jump(node, path, "break")
    return []


@follows(ast.Continue)
def _continue(frame: Frame, node: ast.Continue, path: Path) -> list[Path]:
    if frame.loops:
        frame.loops[-1].continues.append(path)
        frame.jump(node, path, "continue")
    return []


@follows(ast.Import, ast.ImportFrom)
def _import(frame: Frame, node: ast.Import | ast.ImportFrom, path: Path) -> list[Path]:
    frame.may_raise(path)
    for name, bound in module.import_bindings(node):
        path.env[name] = frame.interpreter.program.import_value(frame.module, bound, frame.interpreter)
    return [path]


@follows(ast.Assert)
def _assert(frame: Frame, node: ast.Assert, path: Path) -> list[Path]:
    control = Control("branch", frame.location(node), f"the 'assert' on line {node.lineno}, which -O removes")
    outside = path.copy()
    frame.controls.append(control)
    evaluate(frame, node.test, path)
    if node.msg is not None:
        failing = path.copy()
        frame.enter(failing)
        evaluate(frame, node.msg, failing)
        frame.enter(path)
    frame.controls.pop()
    frame.may_raise(path)
    if path.must != outside.must:
        return merge_paths([join_into_one([path, outside])])
    return [path]


@follows(ast.If)
def _if(frame: Frame, node: ast.If, path: Path) -> list[Path]:
    # An elif chain is a list here, so that fifteen hundred of them are no deeper than one.
    done: list[Path] = []
    current: list[Path] = [path]
    levels: list[tuple[Control, Control, bool]] = []
    is_settled = False
    while True:
        outcomes: list[Path] = []
        rest: list[Path] = []
        made = once.makes_when_missing(frame.fn, node)
        control = frame.branch(node, f"the 'if' on line {node.lineno}")
        negated = frame.branch(node, f"the 'else' of the 'if' on line {node.lineno}")
        for item in current:
            frame.enter(item)
            truth, condition, positive = conditions.test(frame, node.test, item)
            if made is not None and truth is not (not made):
                truth = made
                item.assume[once.ONCE] = True
            control.is_key_test, negated.is_key_test = conditions.key_tests(condition, positive)
            is_settled = not levels and truth is None and conditions.is_settled(frame, condition)
            if truth is not False:
                yes = item.copy() if truth is None else item
                if truth is None and condition is not None:
                    yes.assume[condition] = positive
                outcomes.append(yes)
            if truth is not True:
                if truth is None and condition is not None:
                    item.assume[condition] = not positive
                rest.append(item)
        before = frame.ways_out()
        frame.controls.append(control)
        ends = run_block(frame, node.body, outcomes)
        frame.controls.pop()
        frame.controls.append(negated)
        levels.append((control, negated, bool(ends) or frame.ways_out() > before))
        done += ends
        current = merge_paths(rest)
        before = frame.ways_out()
        if not current or not node.orelse:
            break
        if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
            node = node.orelse[0]
            done = merge_paths(done)
            continue
        current = run_block(frame, node.orelse, current)
        break
    del frame.controls[len(frame.controls) - len(levels) :]
    goes_on = bool(current) or frame.ways_out() > before
    for control, negated, body_goes_on in reversed(levels):
        # A branch beside others that only raise is no reason for anything: whoever starts comes through it.
        control.active = control.active or goes_on
        negated.active = negated.active or body_goes_on
        goes_on = goes_on or body_goes_on
    if is_settled and len(levels) == 1:
        # Every incarnation takes the same way, so what the other one defines is never in the store.
        either = frozenset(key for item in done + current for key in item.must)
        for item in done + current:
            item.must = either
    return merge_paths(done + current)


@follows(ast.Match)
def _match(frame: Frame, node: ast.Match, path: Path) -> list[Path]:
    subject = evaluate(frame, node.subject, path)
    done: list[Path] = []
    current = path
    cases: list[tuple[Control, bool]] = []
    falls_through = True
    for case in node.cases:
        control = frame.branch(case.pattern, f"the 'case' on line {case.pattern.lineno}")
        frame.enter(current)
        inside = current.copy()
        for part in ast.walk(case.pattern):
            if isinstance(part, ast.MatchAs | ast.MatchStar) and part.name:
                inside.env[part.name] = Sym("item", subject, const(part.name))
            elif isinstance(part, ast.MatchMapping) and part.rest:
                inside.env[part.rest] = UNKNOWN
        frame.enter(inside)
        frame.controls.append(control)
        if case.guard is not None:
            evaluate(frame, case.guard, inside)
            after_guard = inside.copy()
        else:
            after_guard = None
        before = frame.ways_out()
        ends = run_block(frame, case.body, [inside])
        frame.controls.pop()
        cases.append((control, bool(ends) or frame.ways_out() > before))
        done += ends
        if after_guard is None and _is_irrefutable(case.pattern):
            falls_through = False
            break
        if after_guard is not None:
            current = join_into_one([current, after_guard])
    if falls_through:
        done.append(current)
    going_on = falls_through + sum(goes_on for _, goes_on in cases)
    for control, goes_on in cases:
        control.active = control.active or going_on > goes_on
    return merge_paths(done)


def _is_irrefutable(pattern: ast.pattern) -> bool:
    if isinstance(pattern, ast.MatchAs):
        return pattern.pattern is None or _is_irrefutable(pattern.pattern)
    if isinstance(pattern, ast.MatchOr):
        return any(_is_irrefutable(part) for part in pattern.patterns)
    return False


@follows(ast.Pass)
def _nothing(frame: Frame, node: ast.stmt, path: Path) -> list[Path]:
    return [path]
