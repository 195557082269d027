"""Follows expressions in evaluation order and gives what they may stand for."""

from __future__ import annotations

import ast

from vatdata_lint.facts import binding, calls, classes, deferred, names, operations
from vatdata_lint.facts.dispatch import evaluate, evaluates
from vatdata_lint.facts.effects import Path
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.values import (
    UNKNOWN,
    Const,
    DictV,
    FuncV,
    ModuleV,
    ObjectV,
    SequenceV,
    Sym,
    Value,
    children,
    const,
    join,
)

MAX_MEMBERS = 1000
"""Members of a literal that are told apart where nothing in it is code: no loop over more is unrolled."""


@evaluates(ast.Constant)
def _constant(frame: Frame, node: ast.Constant, path: Path) -> Value:
    return Const(type(node.value).__name__, node.value)


@evaluates(ast.Subscript)
def _subscript(frame: Frame, node: ast.Subscript, path: Path) -> Value:
    base = evaluate(frame, node.value, path)
    index = evaluate(frame, node.slice, path)
    frame.may_raise(path)
    if isinstance(base, ObjectV):
        found = classes.find_member(frame, base.cls, "__getitem__")
        if isinstance(found, FuncV):
            return calls.apply(frame, path, FuncV(found.fn, found.scope, base), [index], [], node)
    if isinstance(base, ModuleV) and isinstance(index, Const) and isinstance(index.value, str):
        return names.attribute_of(frame, base, index.value, node, path)
    if isinstance(base, SequenceV) and isinstance(index, Const) and isinstance(index.value, int):
        if base.form == "set":
            return Sym("item", base, index, unstable="the order of a set")
        if -len(base.items) <= index.value < len(base.items):
            return base.items[index.value]
    if isinstance(base, SequenceV) and base.form != "set" and isinstance(index, Sym) and index.op == "slice":
        bounds = [part.value for part in index.args if isinstance(part, Const) and _is_bound(part.value)]
        if len(bounds) == len(index.args) and bounds[2] != 0:
            return SequenceV(base.form, base.items[slice(*bounds)])
    if isinstance(base, DictV):
        found = base.get(index)
        if found is not None:
            return found
        if base.items and not isinstance(index, Const):
            return join(value for _, value in base.items)
    return Sym("item", base, index)


@evaluates(ast.Slice)
def _slice(frame: Frame, node: ast.Slice, path: Path) -> Value:
    parts = [
        evaluate(frame, part, path) if part is not None else const(None)
        for part in (node.lower, node.upper, node.step)
    ]
    return Sym("slice", *parts)


def _is_bound(value: object) -> bool:
    return value is None or isinstance(value, int)


def _members(frame: Frame, elements: list[ast.expr], path: Path) -> tuple[list[Value], bool]:
    items: list[Value] = []
    exact = True
    for element in elements:
        if isinstance(element, ast.Starred):
            value = deferred.consume(frame, evaluate(frame, element.value, path), element.value, path)
            known = operations.exact_items(value)
            if known is None:
                exact = False
                items.append(Sym("elem", value, 0))
            else:
                items += known
        else:
            items.append(evaluate(frame, element, path))
    return items, exact


@evaluates(ast.List, ast.Tuple, ast.Set)
def _sequence(frame: Frame, node: ast.List | ast.Tuple | ast.Set, path: Path) -> Value:
    items, exact = _members(frame, node.elts, path)
    form = type(node).__name__.lower()
    if not exact:
        return Sym("open", *items)
    if len(items) > MAX_MEMBERS and all(map(_is_data, items)):
        return Sym("data", f"{frame.module.path}:{node.lineno}:{node.col_offset}")
    return SequenceV(form, tuple(items))


@evaluates(ast.Dict)
def _dict(frame: Frame, node: ast.Dict, path: Path) -> Value:
    items: list[tuple[Value, Value]] = []
    exact = True
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        if key_node is None:
            inner = evaluate(frame, value_node, path)
            if isinstance(inner, DictV):
                items += inner.items
                exact = exact and inner.exact
            else:
                exact = False
                items.append((UNKNOWN, inner))
        else:
            key = evaluate(frame, key_node, path)
            items.append((key, evaluate(frame, value_node, path)))
    if len(items) > MAX_MEMBERS and all(_is_data(key) and _is_data(value) for key, value in items):
        return Sym("data", f"{frame.module.path}:{node.lineno}:{node.col_offset}")
    return DictV(tuple(items), exact)


def _is_data(value: Value) -> bool:
    """Say whether nothing in a value can be called or is of the vat."""
    if isinstance(value, SequenceV | DictV):
        return all(map(_is_data, children(value)))
    return isinstance(value, Const) or (isinstance(value, Sym) and value.op == "data")


@evaluates(ast.UnaryOp)
def _unary(frame: Frame, node: ast.UnaryOp, path: Path) -> Value:
    value = evaluate(frame, node.operand, path)
    if isinstance(node.op, ast.Not):
        return Sym("not", value)
    if isinstance(node.op, ast.USub) and isinstance(value, Const) and isinstance(value.value, int):
        return const(-value.value)
    return Sym("unary", type(node.op).__name__, value)


@evaluates(ast.BinOp)
def _binary(frame: Frame, node: ast.BinOp, path: Path) -> Value:
    # Sums of thousands of terms lean to the left: they are followed in a loop.
    chain: list[ast.BinOp] = [node]
    while isinstance(chain[-1].left, ast.BinOp):
        chain.append(chain[-1].left)
    value = evaluate(frame, chain[-1].left, path)
    for item in reversed(chain):
        value = operations.binary(value, type(item.op).__name__, evaluate(frame, item.right, path))
    return value


@evaluates(ast.JoinedStr)
def _joined(frame: Frame, node: ast.JoinedStr, path: Path) -> Value:
    parts: list[Value] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            value = evaluate(frame, part.value, path)
            methods = ("__repr__",) if part.conversion == ord("r") else ("__format__", "__str__", "__repr__")
            value = classes.as_text(frame, value, *methods)
            if part.format_spec is not None:
                evaluate(frame, part.format_spec, path)
                if isinstance(value, Const):
                    value = Sym("format", value, ast.dump(part.format_spec))
            parts.append(value)
        else:
            parts.append(evaluate(frame, part, path))
    return operations.concatenate(parts)


@evaluates(ast.Lambda)
def _lambda(frame: Frame, node: ast.Lambda, path: Path) -> Value:
    defaults = binding.default_arguments(frame, node.args, path)
    return FuncV(frame.module.function(node, frame.fn, None), frame.scope, defaults=defaults)


@evaluates(ast.NamedExpr)
def _walrus(frame: Frame, node: ast.NamedExpr, path: Path) -> Value:
    value = evaluate(frame, node.value, path)
    path.env[node.target.id] = value
    return value


@evaluates(ast.Await)
def _await(frame: Frame, node: ast.Await, path: Path) -> Value:
    value = evaluate(frame, node.value, path)
    return deferred.await_value(frame, value, node, path)


@evaluates(ast.Yield)
def _yield(frame: Frame, node: ast.Yield, path: Path) -> Value:
    if node.value is not None:
        frame.yielded.append(evaluate(frame, node.value, path))
    return UNKNOWN


@evaluates(ast.YieldFrom)
def _yield_from(frame: Frame, node: ast.YieldFrom, path: Path) -> Value:
    value = deferred.consume(frame, evaluate(frame, node.value, path), node.value, path)
    items = operations.exact_items(value)
    if items is not None:
        frame.yielded += items
    else:
        frame.loop_count += 1
    return UNKNOWN


@evaluates(ast.Starred)
def _starred(frame: Frame, node: ast.Starred, path: Path) -> Value:
    return evaluate(frame, node.value, path)


@evaluates(ast.Call)
def _call(frame: Frame, node: ast.Call, path: Path) -> Value:
    return calls.call(frame, node, path)
