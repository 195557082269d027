"""Follows assignments: what each target holds afterwards."""

from __future__ import annotations

import ast

from vatdata_lint.facts import deferred, escapes, names, operations
from vatdata_lint.facts.dispatch import evaluate, follows
from vatdata_lint.facts.effects import Path
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.values import (
    UNKNOWN,
    DictV,
    ObjectV,
    SequenceV,
    Sym,
    Value,
    const,
)

__all__ = ["assign"]


@follows(ast.Assign)
def _assign(frame: Frame, node: ast.Assign, path: Path) -> list[Path]:
    value = evaluate(frame, node.value, path)
    for target in node.targets:
        assign(frame, target, value, path)
    return [path]


@follows(ast.AnnAssign)
def _annotated(frame: Frame, node: ast.AnnAssign, path: Path) -> list[Path]:
    if node.value is not None:
        assign(frame, node.target, evaluate(frame, node.value, path), path)
    return [path]


@follows(ast.AugAssign)
def _augmented(frame: Frame, node: ast.AugAssign, path: Path) -> list[Path]:
    old = UNKNOWN if not isinstance(node.target, ast.Name) else names.lookup(frame, node.target.id, path)
    if isinstance(node.target, ast.Attribute):
        evaluate(frame, node.target.value, path)
    elif isinstance(node.target, ast.Subscript):
        evaluate(frame, node.target.value, path)
        evaluate(frame, node.target.slice, path)
    new = evaluate(frame, node.value, path)
    value: Value
    if isinstance(old, SequenceV) and isinstance(new, SequenceV) and isinstance(node.op, ast.Add):
        value = SequenceV(old.form, (*old.items, *new.items))
    else:
        value = operations.binary(old, type(node.op).__name__, new)
    if isinstance(node.target, ast.Name):
        assign(frame, node.target, value, path)
    return [path]


def assign(frame: Frame, target: ast.expr, value: Value, path: Path) -> None:
    """Bind *value* to a target, evaluating what the target itself evaluates."""
    if isinstance(target, ast.Name):
        path.env[target.id] = value
        frame.reassigned.add(target.id)
    elif isinstance(target, ast.Tuple | ast.List):
        items = operations.exact_items(value)
        if items is None:
            items = operations.items_of_either(value)
        if items is None or len(items) < len(target.elts):
            deferred.consume(frame, value, target, path)
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
        base = evaluate(frame, target.value, path)
        if isinstance(base, ObjectV):
            names.rebind(frame, target.value, base.put(target.attr, value), path)
        else:
            escapes.stored(frame, value, target, path)
    elif isinstance(target, ast.Subscript):
        base = evaluate(frame, target.value, path)
        key = evaluate(frame, target.slice, path)
        if isinstance(base, DictV) and names.is_held(frame, target, path):
            # A dict ends with the incarnation: what it has under a key, no later start finds there.
            names.rebind(frame, target.value, DictV((*base.items, (key, value)), base.exact), path)
        else:
            frame.write(key, path)
            escapes.stored(frame, value, target, path)
    elif isinstance(target, ast.Starred):
        assign(frame, target.value, value, path)


@follows(ast.Delete)
def _delete(frame: Frame, node: ast.Delete, path: Path) -> list[Path]:
    for target in node.targets:
        if isinstance(target, ast.Name):
            path.env.pop(target.id, None)
        else:
            evaluate(frame, target, path)
    return [path]
