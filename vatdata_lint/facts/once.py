"""Recognises code that does something once an incarnation: what it looks up, and makes and keeps when it is missing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import cast

from vatdata_lint.facts.module import ClassInfo, FunctionInfo
from vatdata_lint.facts.values import Sym
from vatdata_lint.vocabulary import looks_like_baggage

__all__ = ["ONCE", "makes_when_missing"]

ONCE = Sym("once")
"""Assumed on a way that only the first of several calls takes."""


def makes_when_missing(fn: FunctionInfo | None, node: ast.If) -> bool | None:
    """Say which way of an ``if`` the first call takes, where the other one finds what the first has kept.

    Such are ``if key not in made: made[key] = …``, ``if key in made: return made[key]`` with the same assignment
    further on, and ``if self._made is None: self._made = …`` for an attribute that begins as None, or a variable
    from outside. What is kept in baggage or in a store is there from the start in the next incarnation, and is
    none of these.

    Returns:
        The truth of the condition in the first call; None where the ``if`` is of another form.
    """
    if fn is None or isinstance(fn.node, ast.Lambda | ast.GeneratorExp):
        return None
    test, positive = node.test, True
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, positive = test.operand, False
    if not isinstance(test, ast.Compare):
        return _is_missing(fn, node, test, positive=not positive)
    if len(test.ops) != 1:
        return None
    left, operator, right = test.left, test.ops[0], test.comparators[0]
    if isinstance(operator, ast.Is | ast.IsNot) and isinstance(right, ast.Constant) and right.value is None:
        return _is_missing(fn, node, left, positive=positive is isinstance(operator, ast.Is))
    if isinstance(operator, ast.In | ast.NotIn) and _is_in_memory(right):
        makes_inside = positive is isinstance(operator, ast.NotIn)
        if makes_inside and _keeps(node.body, right, left):
            return True
        if not makes_inside and _keeps(_otherwise(fn, node), right, left):
            return False
    return None


def _is_in_memory(table: ast.expr) -> bool:
    name = table.id if isinstance(table, ast.Name) else table.attr if isinstance(table, ast.Attribute) else ""
    return bool(name) and not looks_like_baggage(name)


def _keeps(body: list[ast.stmt], table: ast.expr, key: ast.expr) -> bool:
    """Say whether some statement on the way assigns to an item of *table* under *key*: stores take no assignments."""
    wanted, under = ast.dump(table), ast.dump(key)
    return any(
        isinstance(target, ast.Subscript)
        and ast.dump(target.value) == wanted
        and ast.dump(target.slice) == under
        for target in _targets(body)
    )


def _targets(body: list[ast.stmt]) -> Iterator[ast.expr]:
    for statement in body:
        for part in ast.walk(statement):
            if isinstance(part, ast.Assign):
                yield from part.targets
            elif isinstance(part, ast.AnnAssign):
                yield part.target


def _only_leaves(node: ast.If) -> bool:
    return not node.orelse and len(node.body) == 1 and isinstance(node.body[0], ast.Return | ast.Continue)


def _otherwise(fn: FunctionInfo, node: ast.If) -> list[ast.stmt]:
    """Give what runs where the test fails and does not run where it holds."""
    return node.orelse or (_after(fn, node) if _only_leaves(node) else [])


def _after(fn: FunctionInfo, node: ast.If) -> list[ast.stmt]:
    """Give the statements that follow in the same block."""
    for part in ast.walk(fn.node):
        for field in ("body", "orelse", "finalbody"):
            block: object = getattr(part, field, None)
            if isinstance(block, list) and node in block:
                statements = cast("list[ast.stmt]", block)
                return statements[statements.index(node) + 1 :]
    return []


def _is_missing(fn: FunctionInfo, node: ast.If, read: ast.expr, *, positive: bool) -> bool | None:
    """Say whether an attribute of ``self`` or a variable from outside is made here, and is None before."""
    if isinstance(read, ast.Name):
        outside = _scope_of(fn, read.id)
        scope, name = outside, read.id
    elif isinstance(read, ast.Attribute) and isinstance(read.value, ast.Name):
        owner = _owner(fn)
        scope, name = owner.node if owner is not None else None, read.attr
    else:
        return None
    if scope is None:
        return None
    body = node.body if positive else _otherwise(fn, node)
    wanted = ast.dump(read).replace("Load()", "Store()", 1) if isinstance(read, ast.Name) else ""
    places = [
        target
        for target in _targets(body)
        if (_same_attribute(target, read) if isinstance(read, ast.Attribute) else ast.dump(target) == wanted)
    ]
    return positive if places and _begins_as_none(scope, name, places) else None


def _scope_of(fn: FunctionInfo, name: str) -> ast.AST | None:
    """Give the function or module whose variable a function assigns to, where it says so."""
    is_global = fn.outside_names.get(name)
    if is_global:
        return fn.module.tree
    return fn.outer.node if is_global is False and fn.outer is not None else None


def _owner(fn: FunctionInfo) -> ClassInfo | None:
    inner: FunctionInfo | None = fn
    while inner is not None and inner.owner is None:
        inner = inner.outer
    return inner.owner if inner is not None else None


def _same_attribute(target: ast.expr, read: ast.Attribute) -> bool:
    return (
        isinstance(target, ast.Attribute)
        and target.attr == read.attr
        and isinstance(target.value, ast.Name)
        and isinstance(read.value, ast.Name)
        and target.value.id == read.value.id
    )


def _begins_as_none(scope: ast.AST, name: str, places: list[ast.expr]) -> bool:
    """Say whether a field of a class or a variable of a scope is None wherever it is assigned but at *places*."""
    begins = False
    fields = scope.body if isinstance(scope, ast.ClassDef) else None
    for part in ast.walk(scope):
        if isinstance(part, ast.Assign | ast.AnnAssign):
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            for target in targets:
                is_variable = isinstance(target, ast.Name) and target.id == name
                is_field = is_variable and (fields is None or part in fields)
                if not is_field and not (isinstance(target, ast.Attribute) and target.attr == name):
                    continue
                if any(target is place for place in places):
                    continue
                if not (isinstance(part.value, ast.Constant) and part.value.value is None):
                    return False
                begins = True
    return begins
