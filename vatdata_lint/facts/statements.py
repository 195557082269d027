"""Follows statements along every way through them."""

from __future__ import annotations

import ast
from collections.abc import Callable

from vatdata_lint.facts import calls, expressions
from vatdata_lint.facts.effects import Control, Path, join_into_one, merge_paths
from vatdata_lint.facts.frame import Frame, LoopContext
from vatdata_lint.facts.values import (
    UNKNOWN,
    ClassV,
    Const,
    DictV,
    FuncV,
    ObjectV,
    SequenceV,
    Sym,
    Value,
    const,
    is_durable_data,
)
from vatdata_lint.finding import Location

__all__ = ["assign", "run_block", "unroll"]

_NONE = Const("NoneType", None)


MAX_REPEATED_LOOPS = 7
"""Loops in each other of which a further round is followed; each one more would double the work."""


def run_block(frame: Frame, body: list[ast.stmt], paths: list[Path]) -> list[Path]:
    """Follow a list of statements from *paths* and give the ways that reach its end."""
    for node in body:
        if not paths:
            return paths
        handler = _HANDLERS.get(type(node))
        if handler is None:
            continue
        after: list[Path] = []
        for path in paths:
            frame.enter(path)
            after += handler(frame, node, path)
        paths = merge_paths([path for path in after if not path.dead])
    if len(paths) == 1:
        frame.enter(paths[0])
    return paths


def _expression(frame: Frame, node: ast.Expr, path: Path) -> list[Path]:
    expressions.evaluate(frame, node.value, path)
    return [path]


def _assign(frame: Frame, node: ast.Assign, path: Path) -> list[Path]:
    value = expressions.evaluate(frame, node.value, path)
    for target in node.targets:
        assign(frame, target, value, path)
    return [path]


def _annotated(frame: Frame, node: ast.AnnAssign, path: Path) -> list[Path]:
    if node.value is not None:
        assign(frame, node.target, expressions.evaluate(frame, node.value, path), path)
    return [path]


def _augmented(frame: Frame, node: ast.AugAssign, path: Path) -> list[Path]:
    old = (
        UNKNOWN if not isinstance(node.target, ast.Name) else expressions.lookup(frame, node.target.id, path)
    )
    if isinstance(node.target, ast.Attribute):
        expressions.evaluate(frame, node.target.value, path)
    elif isinstance(node.target, ast.Subscript):
        expressions.evaluate(frame, node.target.value, path)
        expressions.evaluate(frame, node.target.slice, path)
    new = expressions.evaluate(frame, node.value, path)
    value: Value
    if isinstance(old, SequenceV) and isinstance(new, SequenceV) and isinstance(node.op, ast.Add):
        value = SequenceV(old.form, (*old.items, *new.items))
    else:
        value = expressions.binary(old, type(node.op).__name__, new)
    if isinstance(node.target, ast.Name):
        assign(frame, node.target, value, path)
    return [path]


def assign(frame: Frame, target: ast.expr, value: Value, path: Path) -> None:
    """Bind *value* to a target, evaluating what the target itself evaluates."""
    if isinstance(target, ast.Name):
        path.env[target.id] = value
    elif isinstance(target, ast.Tuple | ast.List):
        items = expressions.exact_items(value)
        if items is None or len(items) < len(target.elts):
            calls.consume(frame, value, target, path)
            items = None
        star = next((n for n, part in enumerate(target.elts) if isinstance(part, ast.Starred)), None)
        for index, part in enumerate(target.elts):
            if isinstance(part, ast.Starred):
                rest: Value = UNKNOWN
                if items is not None:
                    rest = SequenceV(
                        "list", tuple(items[index : len(items) - (len(target.elts) - index - 1)])
                    )
                assign(frame, part.value, rest, path)
            elif items is None:
                assign(frame, part, Sym("item", value, const(index)), path)
            else:
                place = index if star is None or index < star else index - len(target.elts) + len(items)
                assign(frame, part, items[place], path)
    elif isinstance(target, ast.Attribute):
        base = expressions.evaluate(frame, target.value, path)
        if isinstance(base, ObjectV):
            expressions.rebind(frame, target.value, base.put(target.attr, value), path)
        else:
            calls.stored(frame, value, target, path)
    elif isinstance(target, ast.Subscript):
        base = expressions.evaluate(frame, target.value, path)
        key = expressions.evaluate(frame, target.slice, path)
        frame.writes.add(key)
        if isinstance(base, DictV):
            expressions.rebind(frame, target.value, DictV((*base.items, (key, value)), base.exact), path)
        else:
            calls.stored(frame, value, target, path)
    elif isinstance(target, ast.Starred):
        assign(frame, target.value, value, path)


def _definition(frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef, path: Path) -> list[Path]:
    decorators = [(item, expressions.evaluate(frame, item, path)) for item in node.decorator_list]
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if default is not None:
            expressions.evaluate(frame, default, path)
    value: Value = FuncV(frame.module.function(node, frame.fn, None), frame.scope)
    for item, decorator in reversed(decorators):
        value = calls.decorate(frame, decorator, value, item, path)
    path.env[node.name] = value
    return [path]


def _class(frame: Frame, node: ast.ClassDef, path: Path) -> list[Path]:
    for base in node.bases:
        expressions.evaluate(frame, base, path)
    for keyword in node.keywords:
        expressions.evaluate(frame, keyword.value, path)
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
        value = calls.decorate(frame, expressions.evaluate(frame, item, path), value, item, path)
    path.env[node.name] = value
    frame.enter(path)
    return [path]


def _return(frame: Frame, node: ast.Return, path: Path) -> list[Path]:
    value = expressions.evaluate(frame, node.value, path) if node.value is not None else _NONE
    if not path.dead:
        frame.returns.append((path, value, frame.location(node)))
        frame.jumps.append((frame.location(node), "return"))
    return []


def _raise(frame: Frame, node: ast.Raise, path: Path) -> list[Path]:
    if node.exc is not None:
        expressions.evaluate(frame, node.exc, path)
    if node.cause is not None:
        expressions.evaluate(frame, node.cause, path)
    frame.may_raise(path)
    return []


def _break(frame: Frame, node: ast.Break, path: Path) -> list[Path]:
    if frame.loops:
        frame.loops[-1].breaks.append(path)
        frame.jumps.append((frame.location(node), "break"))
    return []


def _continue(frame: Frame, node: ast.Continue, path: Path) -> list[Path]:
    if frame.loops:
        frame.loops[-1].continues.append(path)
        frame.jumps.append((frame.location(node), "continue"))
    return []


def _delete(frame: Frame, node: ast.Delete, path: Path) -> list[Path]:
    for target in node.targets:
        if isinstance(target, ast.Name):
            path.env.pop(target.id, None)
        else:
            expressions.evaluate(frame, target, path)
    return [path]


def _import(frame: Frame, node: ast.Import | ast.ImportFrom, path: Path) -> list[Path]:
    frame.may_raise(path)
    for name, binding in calls.import_bindings(node):
        path.env[name] = frame.interpreter.program.import_value(frame.module, binding, frame.interpreter)
    return [path]


def _assert(frame: Frame, node: ast.Assert, path: Path) -> list[Path]:
    control = Control("branch", frame.location(node), f"the 'assert' on line {node.lineno}, which -O removes")
    outside = path.copy()
    frame.controls.append(control)
    expressions.evaluate(frame, node.test, path)
    if node.msg is not None:
        failing = path.copy()
        frame.enter(failing)
        expressions.evaluate(frame, node.msg, failing)
        frame.enter(path)
    frame.controls.pop()
    frame.may_raise(path)
    if path.must != outside.must:
        return merge_paths([join_into_one([path, outside])])
    return [path]


def _if(frame: Frame, node: ast.If, path: Path) -> list[Path]:
    # An elif chain is a list here, so that fifteen hundred of them are no deeper than one.
    done: list[Path] = []
    depth = 0
    current: list[Path] = [path]
    while True:
        outcomes: list[Path] = []
        rest: list[Path] = []
        control = Control("branch", frame.location(node), f"the 'if' on line {node.lineno}")
        negated = Control("branch", frame.location(node), f"the 'else' of the 'if' on line {node.lineno}")
        for item in current:
            frame.enter(item)
            truth, condition, positive = expressions.test(frame, node.test, item)
            control.guard, negated.guard = expressions.guards(condition, positive)
            if truth is not False:
                yes = item.copy() if truth is None else item
                if truth is None and condition is not None:
                    yes.assume[condition] = positive
                outcomes.append(yes)
            if truth is not True:
                if truth is None and condition is not None:
                    item.assume[condition] = not positive
                rest.append(item)
        frame.controls.append(control)
        done += run_block(frame, node.body, outcomes)
        frame.controls.pop()
        frame.controls.append(negated)
        depth += 1
        current = merge_paths(rest)
        if not current or not node.orelse:
            break
        if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
            node = node.orelse[0]
            done = merge_paths(done)
            continue
        current = run_block(frame, node.orelse, current)
        break
    del frame.controls[len(frame.controls) - depth :]
    return merge_paths(done + current)


def _match(frame: Frame, node: ast.Match, path: Path) -> list[Path]:
    subject = expressions.evaluate(frame, node.subject, path)
    done: list[Path] = []
    current = path
    for case in node.cases:
        control = Control("branch", frame.location(case.pattern), f"the 'case' on line {case.pattern.lineno}")
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
            expressions.evaluate(frame, case.guard, inside)
            after_guard = inside.copy()
        else:
            after_guard = None
        done += run_block(frame, case.body, [inside])
        frame.controls.pop()
        if after_guard is None and _is_irrefutable(case.pattern):
            return merge_paths(done)
        if after_guard is not None:
            current = join_into_one([current, after_guard])
    return merge_paths([*done, current])


def _is_irrefutable(pattern: ast.pattern) -> bool:
    if isinstance(pattern, ast.MatchAs):
        return pattern.pattern is None or _is_irrefutable(pattern.pattern)
    if isinstance(pattern, ast.MatchOr):
        return any(_is_irrefutable(part) for part in pattern.patterns)
    return False


def unroll(frame: Frame, value: Value) -> list[Value] | None:
    """Give the members that a loop over *value* visits, when the source fixes them."""
    items = expressions.exact_items(value)
    return items if items is not None and len(items) <= 200 else None


def _for(frame: Frame, node: ast.For | ast.AsyncFor, path: Path) -> list[Path]:
    value = expressions.evaluate(frame, node.iter, path)
    if isinstance(node, ast.AsyncFor):
        calls.async_iteration(frame, value, node, path)
    else:
        value = calls.consume(frame, value, node.iter, path)
    frame.may_raise(path)
    items = unroll(frame, value)
    if items is not None and not isinstance(node, ast.AsyncFor):
        return _unrolled(frame, node, items, path)
    frame.loop_count += 1
    number = node.lineno * 1000 + node.col_offset
    durable = is_durable_data(value)
    kind = "durable-loop" if durable else "loop"
    control = Control(kind, frame.location(node), f"the loop on line {node.lineno}", loop=number)
    element = Sym("elem", value, number)

    def begin(inside: Path) -> None:
        assign(frame, node.target, element, inside)

    return _repeated(frame, node, path, control, begin, _pass, durable=durable, infinite=False)


def _unrolled(frame: Frame, node: ast.For | ast.AsyncFor, items: list[Value], path: Path) -> list[Path]:
    current = [path]
    context = LoopContext()
    for item in items:
        context.continues = []
        for way in current:
            frame.enter(way)
            assign(frame, node.target, item, way)
        frame.loops.append(context)
        current = merge_paths(run_block(frame, node.body, current) + context.continues)
        frame.loops.pop()
        if not current:
            break
    if node.orelse:
        current = run_block(frame, node.orelse, current)
    return merge_paths(current + context.breaks)


def _while(frame: Frame, node: ast.While, path: Path) -> list[Path]:
    frame.loop_count += 1
    control = Control("loop", frame.location(node), f"the loop on line {node.lineno}")
    frame.controls.append(control)
    truth, _, _ = expressions.test(frame, node.test, path)
    frame.controls.pop()
    if truth is False:
        control.active = False
        return run_block(frame, node.orelse, [path])

    def again(inside: Path) -> None:
        expressions.test(frame, node.test, inside)

    return _repeated(frame, node, path, control, _pass, again, durable=False, infinite=truth is True)


def _pass(path: Path) -> None:
    """Do nothing at the top of a round."""


def _repeated(
    frame: Frame,
    node: ast.For | ast.AsyncFor | ast.While,
    path: Path,
    control: Control,
    begin: Callable[[Path], None],
    again: Callable[[Path], None],
    *,
    durable: bool,
    infinite: bool,
) -> list[Path]:
    """Follow a loop whose number of rounds is not fixed: the first round, then any later one."""
    context = LoopContext()
    frame.loops.append(context)
    frame.controls.append(control)
    first = path.copy()
    frame.enter(first)
    begin(first)
    ends = merge_paths(run_block(frame, node.body, [first]) + context.continues)
    if not ends:
        # No way leads back to the top: what stands here runs at most once.
        control.active = False
    elif all(_is_unchanged(end, path) for end in ends):
        pass  # a further round would say the same
    elif len(frame.loops) > MAX_REPEATED_LOOPS:
        frame.interpreter.exhausted = True
    else:
        context.continues = []
        for end in ends:
            frame.enter(end)
            again(end)
        later = join_into_one([path.copy(), *[end.copy() for end in ends]])
        frame.enter(later)
        begin(later)
        ends = merge_paths(ends + run_block(frame, node.body, [later]) + context.continues)
    frame.controls.pop()
    frame.loops.pop()
    if durable:
        exits = ends or [path]
        for end in exits:
            end.dead = False
    elif infinite:
        exits = []
    else:
        exits = [path, *ends]
    if node.orelse and exits:
        exits = run_block(frame, node.orelse, merge_paths(exits))
    return merge_paths(exits + context.breaks)


def _is_unchanged(end: Path, begin: Path) -> bool:
    """Say whether a round left everything that a further round could make worse as it was."""
    return end.must == begin.must and end.may.keys() == begin.may.keys() and end.late is begin.late


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
                expressions.evaluate(frame, handler.type, start)
            if handler.name:
                start.env[handler.name] = UNKNOWN
        jumps_before = len(frame.returns) + sum(len(c.breaks) + len(c.continues) for c in frame.loops)
        done = run_block(frame, handler.body, starts)
        jumps_after = len(frame.returns) + sum(len(c.breaks) + len(c.continues) for c in frame.loops)
        frame.controls.pop()
        if done or jumps_after > jumps_before:
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
    before = len(frame.returns) + sum(len(c.breaks) + len(c.continues) for c in frame.loops)
    run_block(frame, node.finalbody, merge_paths([point.copy() for point in raised]))
    if len(frame.returns) + sum(len(c.breaks) + len(c.continues) for c in frame.loops) > before:
        control.active = True
        control.text = f"the jump in 'finally' on line {node.finalbody[0].lineno}, which swallows exceptions"
    return result


def _spread(point: Path, ends: list[Path]) -> None:
    """Let a handler see that a variable may have been assigned before the exception."""
    for end in ends:
        for name, value in end.env.items():
            known = point.env.get(name)
            if known is None:
                point.env[name] = value
            elif known is not value and known != value:
                point.env[name] = UNKNOWN


def _can_raise(body: list[ast.stmt]) -> bool:
    return not all(isinstance(node, ast.Pass | ast.Global | ast.Nonlocal) for node in body)


def _with(frame: Frame, node: ast.With | ast.AsyncWith, path: Path) -> list[Path]:
    swallowing: Control | None = None
    exits: list[tuple[Value, ast.withitem]] = []
    is_async = isinstance(node, ast.AsyncWith)
    before: Path | None = None
    for item in node.items:
        manager = expressions.evaluate(frame, item.context_expr, path)
        value, swallows = calls.enter_context(frame, manager, item.context_expr, path, is_async=is_async)
        if item.optional_vars is not None:
            assign(frame, item.optional_vars, value, path)
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
            calls.exit_context(frame, manager, item.context_expr, end, is_async=is_async)
    return ends


def _nothing(frame: Frame, node: ast.stmt, path: Path) -> list[Path]:
    return [path]


_HANDLERS: dict[type[ast.stmt], Callable[..., list[Path]]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.FunctionDef: _definition,
    ast.AsyncFunctionDef: _definition,
    ast.ClassDef: _class,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Delete: _delete,
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.Assert: _assert,
    ast.If: _if,
    ast.Match: _match,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Pass: _nothing,
}
