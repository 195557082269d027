"""Follows calls: what is called, its arguments, and the body of a function of the project."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vatdata_lint.facts import (
    alternatives,
    binding,
    classes,
    deferred,
    definitions,
    escapes,
    library,
    names,
    operations,
    zone_methods,
)
from vatdata_lint.facts.dispatch import evaluate
from vatdata_lint.facts.effects import RELIED, Cause, Effect, Outcome, Path, unstable_key
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.module import FunctionInfo
from vatdata_lint.facts.parameters import is_cached, parameter_names
from vatdata_lint.facts.values import (
    UNKNOWN,
    ClassV,
    Const,
    CoroutineV,
    DictV,
    Ext,
    FuncV,
    IteratorV,
    ObjectV,
    PartialV,
    SequenceV,
    Sym,
    UnionV,
    Value,
    zone_class,
)
from vatdata_lint.finding import Location

if TYPE_CHECKING:
    from vatdata_lint.facts.interpreter import Interpreter

__all__ = ["apply", "call", "invoke", "run_now"]

PLAIN_DEPTH = 2


PLAIN_CALLS = 40
"""How far calls are followed that get nothing of the vat, in levels and in calls made by one activation."""

_MAX_ALIKE = 8
"""Escapes of the same functions at one place that an activation takes over: each is for what other arguments made of
them, and a function that calls itself would have twice as many each time."""


Keywords = Sequence[tuple[str, Value]]


def call(frame: Frame, node: ast.Call, path: Path) -> Value:
    """Follow a call expression: what is called, then the arguments from left to right, then the call."""
    base: Value | None = None
    callee: Value = UNKNOWN
    if isinstance(node.func, ast.Attribute):
        base = evaluate(frame, node.func.value, path)
        if not isinstance(base, Sym | SequenceV | DictV | Const | UnionV):
            callee = names.attribute_of(frame, base, node.func.attr, node.func, path)
            base = None
    else:
        callee = evaluate(frame, node.func, path)
    args: list[Value] = []
    keywords: list[tuple[str, Value]] = []
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            value = deferred.consume(frame, evaluate(frame, argument.value, path), argument.value, path)
            items = operations.exact_items(value)
            args += items if items is not None else [Sym("star", value)]
        else:
            args.append(evaluate(frame, argument, path))
    for keyword in node.keywords:
        value = evaluate(frame, keyword.value, path)
        if keyword.arg is not None:
            keywords.append((keyword.arg, value))
        elif isinstance(value, DictV):
            for key, item in value.items:
                if isinstance(key, Const) and isinstance(key.value, str):
                    keywords.append((key.value, item))
        else:
            keywords.append(("**", value))
    frame.may_raise(path)
    if base is not None and isinstance(node.func, ast.Attribute):
        return zone_methods.method(frame, path, base, node.func.attr, args, keywords, node)
    return invoke(frame, path, callee, args, keywords, node)


def invoke(
    frame: Frame, path: Path, callee: Value, args: Sequence[Value], keywords: Keywords, node: ast.AST
) -> Value:
    """Follow a call of a value."""
    if isinstance(callee, FuncV):
        return apply(frame, path, callee, args, keywords, node)
    if isinstance(callee, Ext):
        return library.external(frame, path, callee, args, keywords, node)
    if isinstance(callee, PartialV):
        given = dict(callee.keywords)
        given.update(keywords)
        return invoke(frame, path, callee.target, [*callee.args, *args], list(given.items()), node)
    if isinstance(callee, ClassV):
        return classes.instantiate(frame, path, callee, args, keywords, node)
    if isinstance(callee, UnionV):
        return alternatives.follow_each(
            frame,
            path,
            [member for member in callee.members if not isinstance(member, Const)],
            node,
            "what is called on line {line}",
            lambda way, member: invoke(frame, way, member, args, keywords, node),
        )
    if isinstance(callee, ObjectV):
        found = classes.find_member(frame, callee.cls, "__call__")
        if isinstance(found, FuncV):
            return apply(frame, path, FuncV(found.fn, found.scope, callee), args, keywords, node)
    if isinstance(callee, Sym) and callee.op == "attr" and isinstance(node, ast.Call):
        holder, name = callee.args
        if isinstance(holder, Sym) and isinstance(name, str):
            return zone_methods.method(frame, path, holder, name, args, keywords, node)
    if isinstance(callee, Sym) and callee.op not in ("param", "maker", "baggage"):
        for value in (*args, *(item for _, item in keywords)):
            escapes.give_away(frame, value, node, "a call that cannot be followed")
    return Sym("call", callee, *args) if isinstance(callee, Sym) else UNKNOWN


def apply(
    frame: Frame, path: Path, target: FuncV, args: Sequence[Value], keywords: Keywords, node: ast.AST
) -> Value:
    """Follow a call of a function of the project."""
    fn = target.fn
    verdict = frame.interpreter.program.is_definer(fn, frame.interpreter)
    if verdict is False:
        return Sym("call", Ext(fn.dotted), *args)
    if verdict is True:
        return definitions.define_unknown(frame, path, fn.name, args, node)
    arguments = binding.bind(frame, target, args, keywords)
    if fn.is_generator:
        ticket = deferred.make_ticket(frame, node, path)
        order = tuple(arguments[name] for name, _ in parameter_names(fn))
        lazy = IteratorV(FuncV(fn, target.scope), (order,), (), ticket, by_function=True)
        ticket.extra["value"] = lazy
        return lazy
    if fn.is_async:
        ticket = deferred.make_ticket(frame, node, path)
        order = tuple(arguments[name] for name, _ in parameter_names(fn))
        waiting = CoroutineV(FuncV(fn, target.scope), order, (), ticket)
        ticket.extra["value"] = waiting
        return waiting
    return run_now(frame, path, target, arguments, node)


def run_now(
    frame: Frame,
    path: Path,
    target: FuncV,
    arguments: dict[str, Value],
    node: ast.AST,
    *,
    started: Cause | None = None,
) -> Value:
    """Follow the body of a function in this turn, or as the start of another activation."""
    interpreter = frame.interpreter
    fn = target.fn
    if path.dead:
        return UNKNOWN
    frame.calls.apply((fn.uid, "", ""))
    for name, value in arguments.items():
        _note_zone(frame, fn, name, value)
        if isinstance(value, ObjectV):
            for attribute, item in value.fields:
                _note_zone(frame, fn, f"{name}.{attribute}", item)
    plain = not interpreter.is_worth_following(fn, arguments)
    if plain:
        frame.plain_calls += 1
        if interpreter.plain_depth >= PLAIN_DEPTH or frame.plain_calls > PLAIN_CALLS:
            frame.last_outcome = None
            return Sym("call", Ext(fn.dotted), *arguments.values())
        interpreter.plain_depth += 1
    outcome = interpreter.call(target, arguments)
    if plain:
        interpreter.plain_depth -= 1
    frame.calls.call(fn, outcome.calls)
    known: frozenset[tuple[Location, str]] = frozenset()
    known_unstable: frozenset[Location] = frozenset()
    known_escapes: set[FunctionInfo] = set()
    # A lambda of the module is judged by itself, as a function with a name is.
    is_judged = not fn.is_inline or (fn.outer is None and fn.owner is None)
    if is_judged and (outcome.escapes or any(map(_may_be_known, outcome.effects))):
        alone = _alone(interpreter, target)
        known = frozenset(
            (effect.definition, flag.category) for effect in alone.effects for flag in effect.flags
        )
        if known:
            frame.calls.apply((fn.uid, "", RELIED))
        known_unstable = frozenset(
            effect.definition for effect in alone.effects if unstable_key(effect.key) is not None
        )
        for escape in alone.escapes:
            known_escapes |= set(escapes.functions_in(interpreter, escape.value))
    is_nested = not fn.is_inline and (fn.outer is not None or (fn.owner and fn.owner.outer))
    if is_nested and (frame.judging or interpreter.judges_around(fn)):
        interpreter.pending.setdefault(fn, (target.scope, target.bound))
    if outcome.effects:
        frame.record(
            node,
            path,
            fn.name,
            outcome.effects,
            known=known,
            known_unstable=known_unstable,
            started=started,
            is_once=is_cached(fn),
        )
    _take_over_escapes(frame, outcome, known_escapes)
    frame.writes |= outcome.writes
    if not outcome.completes and started is None:
        path.dead = True
    if (
        isinstance(outcome.self_value, ObjectV)
        and isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
    ):
        if outcome.self_value != target.bound:
            names.rebind(frame, node.func.value, outcome.self_value, path)
    for name, value in outcome.changed:
        if value != outcome.self_value:
            _take_back(frame, path, arguments[name], value, node)
    frame.last_outcome = outcome
    return deferred.handed_on(frame, path, outcome.value, node)


def _take_over_escapes(frame: Frame, outcome: Outcome, known: set[FunctionInfo]) -> None:
    """Note what a called function hands out, but for what it is *known* to hand out whatever it is given."""
    for escape in outcome.escapes:
        functions = tuple(escapes.functions_in(frame.interpreter, escape.value))
        # What a build function defines may hang on what its maker was given.
        if escape.how == "source" or any(item not in known for item in functions):
            alike = (escape.how, escape.location, functions)
            frame.alike_escapes[alike] += 1
            if frame.alike_escapes[alike] <= _MAX_ALIKE:
                frame.escapes.append(escape)


def _take_back(frame: Frame, path: Path, given: Value, now: Value, node: ast.AST) -> None:
    """Let the variable that was handed to a function hold what the function made of its object."""
    if not isinstance(node, ast.Call) or not isinstance(given, SequenceV | DictV | ObjectV):
        return
    for expression in (*node.args, *(keyword.value for keyword in node.keywords)):
        match expression:
            case ast.Name(id=name):
                held = names.local_value(frame, name, path)
                if held is None and names.lookup(frame, name, path) is given:
                    escapes.give_away(frame, now, node, "a variable of the module")
                    return
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                holder = names.local_value(frame, name, path)
                held = holder.get(attribute) if isinstance(holder, ObjectV) else None
            case _:
                held = None
        if held is given:
            names.rebind(frame, expression, now, path)
            return


def _note_zone(frame: Frame, fn: FunctionInfo, parameter: str, value: Value) -> None:
    kind = zone_class(value)
    if kind != "unknown" and not _is_from_parameter(value):
        frame.calls.apply((fn.uid, parameter, kind))


def _alone(interpreter: Interpreter, target: FuncV) -> Outcome:
    """Follow a function as its own judgement does, a method of a module's class with an unknown object."""
    fn = target.fn
    is_nested = fn.outer is not None or (fn.owner is not None and fn.owner.outer is not None)
    return interpreter.standalone(fn, target.scope, target.bound if is_nested else None)


def _may_be_known(effect: Effect) -> bool:
    """Say whether a callee's own judgement may report a kind already."""
    return bool(effect.flags) or unstable_key(effect.key) is not None


def _is_from_parameter(value: Value) -> bool:
    """Say whether only a caller of the running function knows what *value* is."""
    while isinstance(value, Sym) and value.op in ("baggage", "sub", "attr") and value.args:
        value = value.args[0]
    return isinstance(value, Sym) and value.op == "param"
