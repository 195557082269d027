"""Follows expressions that choose: conditions, and/or, the conditional expression, comparisons."""

from __future__ import annotations

import ast

from vatdata_lint.facts.dispatch import evaluate, evaluates
from vatdata_lint.facts.effects import Control, Path, join_into_one
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.values import (
    UNKNOWN,
    Const,
    Sym,
    Value,
    join,
    zone_identity,
)

__all__ = ["become", "guards", "test"]

_NO_VALUE = Const("NoneType", None)


def test(frame: Frame, node: ast.expr, path: Path) -> tuple[bool | None, Value | None, bool]:
    """Follow a condition; give its truth where known, else a value that identifies it and its polarity."""
    positive = True
    inner = node
    while isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.Not):
        positive = not positive
        inner = inner.operand
    value = evaluate(frame, inner, path)
    if isinstance(inner, ast.Constant):
        return bool(inner.value) is positive, None, positive
    if isinstance(inner, ast.Name) and inner.id in ("TYPE_CHECKING", "__debug__"):
        return (inner.id == "__debug__") is positive, None, positive
    if isinstance(inner, ast.Attribute) and inner.attr == "TYPE_CHECKING":
        return not positive, None, positive
    if isinstance(value, Sym) and value.op == "not":
        positive = not positive
        value = value.args[0]
    if isinstance(value, Sym) and value.op == "compare" and _NO_VALUE in value.args:
        other = value.args[0] if value.args[1] == _NO_VALUE else value.args[1]
        if _is_never_none(other):
            return (not positive), None, positive
    if isinstance(value, Sym) and value.op in ("param", "has", "attr", "item", "compare", "baggage"):
        known = path.assume.get(value)
        if known is not None:
            return known is positive, None, positive
        return None, value, positive
    return None, None, positive


def _is_never_none(value: Value) -> bool:
    """Say whether a value is a zone, or the baggage of an entry; a helper's own parameter may be None."""
    if not isinstance(value, Sym):
        return False
    if value.op == "baggage":
        return isinstance(value.args[0], Sym) and value.args[0].op == "root"
    return value.op in ("zone", "sub", "heap", "virtual", "collection")


def guards(
    condition: Value | None, positive: bool
) -> tuple[tuple[Value, Value] | None, tuple[Value, Value] | None]:
    """Give the ``has`` test that holds in the first and in the second branch."""
    if isinstance(condition, Sym) and condition.op == "has":
        pair = (condition.args[0], condition.args[1])
        return (pair, None) if positive else (None, pair)
    return None, None


@evaluates(ast.BoolOp)
def _boolean(frame: Frame, node: ast.BoolOp, path: Path) -> Value:
    values = [evaluate(frame, node.values[0], path)]
    word = "and" if isinstance(node.op, ast.And) else "or"
    ways = [path.copy()]
    pushed = 0
    for before, part in zip(node.values, node.values[1:], strict=False):
        if isinstance(before, ast.Constant) and bool(before.value) is (word == "or"):
            break
        frame.controls.append(
            Control("branch", frame.location(node), f"the '{word}' on line {before.end_lineno}")
        )
        pushed += 1
        values.append(evaluate(frame, part, path))
        ways.append(path.copy())
    if pushed:
        del frame.controls[len(frame.controls) - pushed :]
    become(path, join_into_one(ways))
    return join(values)


def become(path: Path, other: Path) -> None:
    path.must, path.may, path.late, path.dead = other.must, other.may, other.late, other.dead
    if other.env is not path.env:
        path.env.clear()
        path.env.update(other.env)


@evaluates(ast.IfExp)
def _ternary(frame: Frame, node: ast.IfExp, path: Path) -> Value:
    truth, condition, positive = test(frame, node.test, path)
    if truth is not None:
        return evaluate(frame, node.body if truth else node.orelse, path)
    yes, no = path.copy(), path.copy()
    when, unless = guards(condition, positive)
    text = f"the conditional expression on line {node.test.lineno}"
    frame.controls.append(Control("branch", frame.location(node), text, guard=when))
    frame.enter(yes)
    one = evaluate(frame, node.body, yes)
    frame.controls[-1] = Control("branch", frame.location(node), text, guard=unless)
    frame.enter(no)
    other = evaluate(frame, node.orelse, no)
    frame.controls.pop()
    become(path, join_into_one([way for way in (yes, no) if not way.dead] or [yes]))
    frame.enter(path)
    return join((one, other))


@evaluates(ast.Compare)
def _compare(frame: Frame, node: ast.Compare, path: Path) -> Value:
    left = evaluate(frame, node.left, path)
    right = evaluate(frame, node.comparators[0], path)
    operator = type(node.ops[0]).__name__
    if len(node.ops) > 1:
        ways = [path.copy()]
        for part in node.comparators[1:]:
            frame.controls.append(
                Control("branch", frame.location(node), f"the chained comparison on line {node.lineno}")
            )
            evaluate(frame, part, path)
            ways.append(path.copy())
        del frame.controls[len(frame.controls) - len(node.comparators) + 1 :]
        become(path, join_into_one(ways))
        return UNKNOWN
    if operator in ("In", "NotIn"):
        found = Sym("has", zone_identity(right), left)
        return found if operator == "In" else Sym("not", found)
    if operator in ("NotEq", "IsNot"):
        return Sym("not", Sym("compare", left, right))
    if operator in ("Eq", "Is"):
        return Sym("compare", left, right)
    return Sym("compare", operator, left, right)
