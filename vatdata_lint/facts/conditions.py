"""Follows expressions that choose: conditions, and/or, the conditional expression, comparisons."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from vatdata_lint.facts.dispatch import evaluate, evaluates
from vatdata_lint.facts.effects import Control, Path, join_into_one
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.names import local_value
from vatdata_lint.facts.parameters import parameter_names
from vatdata_lint.facts.values import (
    UNKNOWN,
    ClassV,
    Const,
    DictV,
    Ext,
    FuncV,
    ModuleV,
    ObjectV,
    PartialV,
    SequenceV,
    Sym,
    UnionV,
    Value,
    const,
    is_durable_data,
    join,
    zone_identity,
)

__all__ = ["become", "key_tests", "test"]

_NO_VALUE = Const("NoneType", None)
_CONDITIONS = frozenset({"param", "has", "attr", "item", "compare", "baggage", "setting", "stored"})
"""Made of what does not change while a function runs, so that a second test goes the same way."""

_OF_VALUES = frozenset({"values", "entries", "get", "items", "snapshot"})

_MAX_STEPS = 6
"""Operations between a stored key and a condition that are looked through."""

_WRITES = re.compile(r"""\.(?P<how>init|set|delete)\(\s*(?:(?P<quote>['"])(?P<key>[^'"]*)(?P=quote))?""")

_ALWAYS_TRUE = frozenset({"zone", "sub", "heap", "virtual", "maker"})
"""What has no length: a zone, and what a definer gives; a store or baggage may be empty."""


def test(frame: Frame, node: ast.expr, path: Path) -> tuple[bool | None, Value | None, bool]:
    """Follow a condition; give its truth where known, else a value that identifies it and its polarity."""
    positive = True
    inner = node
    while isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.Not):
        positive = not positive
        inner = inner.operand
    value = evaluate(frame, inner, path)
    known = _truth(frame, inner, value, path)
    if known is not None:
        return known is positive, None, positive
    value, positive = _without_not(value, positive=positive)
    if isinstance(value, Sym) and value.op == "compare" and _NO_VALUE in value.args:
        other = value.args[0] if value.args[1] == _NO_VALUE else value.args[1]
        if _is_never_none(other):
            return (not positive), None, positive
        if other == _NO_VALUE:
            return positive, None, positive
    if (isinstance(value, Sym) and value.op in _CONDITIONS) or _is_of_stored_keys(value):
        known = path.assume.get(value)
        if known is not None:
            return known is positive, None, positive
        return None, value, positive
    return None, None, positive


def _without_not(value: Value, *, positive: bool) -> tuple[Value, bool]:
    """Give what a negation negates, and the truth that this has where *value* has the truth *positive*."""
    if isinstance(value, Sym) and value.op == "not":
        return value.args[0], not positive
    return value, positive


def is_settled(frame: Frame, condition: Value | None) -> bool:
    """Say whether a condition was decided in the first incarnation for all that follow: it reads what is kept once.

    That is what `provide` keeps in the baggage, and what `init` writes, where the module has no `set` or `delete`
    of the same key. What hangs on nothing but a stored key is the same for that key in every incarnation.
    """
    if condition is not None and _is_of_stored_keys(condition):
        return True
    if isinstance(condition, Sym) and condition.op == "compare" and isinstance(condition.args[-1], Const):
        condition = condition.args[0]
    if not isinstance(condition, Sym) or condition.op not in ("stored", "item"):
        return False
    key = condition.args[1]
    if not isinstance(key, Const) or not isinstance(key.value, str) or not is_durable_data(condition):
        return False
    writes = [(match["how"], match["key"]) for match in _WRITES.finditer(frame.module.text)]
    if any(how != "init" and name in (key.value, None) for how, name in writes):
        return False
    return condition.op == "stored" or ("init", key.value) in writes


def _is_of_stored_keys(value: Value, depth: int = 0) -> bool:
    """Say whether a value is made of a key of a durable collection, over which a loop goes, and of literals."""
    if isinstance(value, UnionV):
        return all(_is_of_stored_keys(member, depth + 1) for member in value.members)
    if not isinstance(value, Sym) or depth > _MAX_STEPS:
        return False
    if value.op == "elem":
        source = value.args[0]
        return is_durable_data(source) and not _gives_values(source)
    if value.op == "item" and value.args[1] == const(1):
        # ``enumerate`` gives a number and the key.
        pair = value.args[0]
        source = pair.args[0] if isinstance(pair, Sym) and pair.op == "elem" else None
        is_numbered = isinstance(source, Sym) and source.args[1:] == ("enumerate",)
        return is_numbered and _is_of_stored_keys(pair, depth + 1)
    if value.op not in ("call", "compare", "binary", "not"):
        return False
    parts = [part for part in value.args if not isinstance(part, str | Const | Ext)]
    return bool(parts) and all(_is_of_stored_keys(part, depth + 1) for part in parts)


def _gives_values(source: object) -> bool:
    """Say whether a loop over *source* sees what is stored, which may be stored anew, and not only under which keys."""
    while isinstance(source, Sym):
        if source.op in ("item", "stored") or not _OF_VALUES.isdisjoint(
            part for part in source.args if isinstance(part, str)
        ):
            return True
        source = source.args[0] if source.args else None
    return False


def _truth(frame: Frame, node: ast.expr, value: Value, path: Path) -> bool | None:
    """Say whether an expression is true or false on every way; a module's constant may be another one tomorrow."""
    if isinstance(node, ast.NamedExpr):
        node = node.value
    if isinstance(node, ast.Constant):
        return bool(node.value)
    if isinstance(node, ast.Name) and node.id in ("TYPE_CHECKING", "__debug__"):
        return node.id == "__debug__"
    if isinstance(node, ast.Attribute) and node.attr == "TYPE_CHECKING":
        return False
    if isinstance(value, Const):
        is_given = isinstance(node, ast.Compare) or (
            isinstance(node, ast.Name)
            and frame.fn is not None
            and (
                any(name == node.id for name, _ in parameter_names(frame.fn))
                or (node.id in frame.fn.flags and node.id in path.env)
            )
        )
        return bool(value.value) if is_given and value.type_name in ("bool", "NoneType") else None
    if isinstance(value, Sym):
        return True if value.op in _ALWAYS_TRUE else None
    if isinstance(value, SequenceV | DictV):
        # What a way has put into a list of its own is there; an empty one may be filled by who gets it.
        return True if value.items and isinstance(node, ast.Name) and _is_own(frame, node.id) else None
    return True if isinstance(value, FuncV | ClassV | PartialV) else None


def _is_own(frame: Frame, name: str) -> bool:
    """Say whether a variable is the running function's, and no parameter: what that holds the callers decide."""
    fn = frame.fn
    return (
        name in frame.scope.variables
        and fn is not None
        and all(name != parameter for parameter, _ in parameter_names(fn))
    )


def _is_never_none(value: Value) -> bool:
    """Say whether a value is a zone, or the baggage of an entry; a helper's own parameter may be None."""
    if not isinstance(value, Sym):
        return isinstance(value, FuncV | ClassV | PartialV | ModuleV | ObjectV | SequenceV | DictV)
    if value.op == "baggage":
        return isinstance(value.args[0], Sym) and value.args[0].op == "root"
    return value.op in ("zone", "sub", "heap", "virtual", "collection", "maker")


def key_tests(condition: Value | None, positive: bool) -> tuple[bool, bool]:
    """Say of which branch of a condition it is known by ``has`` that something is kept under a key."""
    is_test = isinstance(condition, Sym) and condition.op == "has"
    return is_test and positive, is_test and not positive


@evaluates(ast.BoolOp)
def _boolean(frame: Frame, node: ast.BoolOp, path: Path) -> Value:
    values = [evaluate(frame, node.values[0], path)]
    word = "and" if isinstance(node.op, ast.And) else "or"
    assumed = dict(path.assume)
    ways = [_without_assumptions(path)]
    pushed = 0
    for before, part in zip(node.values, node.values[1:], strict=False):
        truth = _truth(frame, before, values[-1], path)
        if truth is (word == "or"):
            break
        if truth is None:
            text = f"the '{word}' on line {before.end_lineno}"
            control = Control("branch", frame.location(node), text)
            frame.controls.append(control)
            pushed += 1
            condition, positive = _without_not(values[-1], positive=word == "and")
            control.is_key_test, _ = key_tests(condition, positive)
            if isinstance(condition, Sym) and condition.op in _CONDITIONS:
                path.assume[condition] = positive
        else:
            ways.pop()
        values.append(evaluate(frame, part, path))
        ways.append(_without_assumptions(path))
    if pushed:
        del frame.controls[len(frame.controls) - pushed :]
    become(path, join_into_one(ways))
    path.assume = assumed
    return join(values)


def _without_assumptions(path: Path) -> Path:
    """Give a path that goes on independently and knows nothing of the operands, of which there may be thousands."""
    return Path(dict(path.env), path.must, path.may, path.late, {}, path.dead)


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
    when, unless = key_tests(condition, positive)
    if condition is not None:
        yes.assume[condition] = positive
        no.assume[condition] = not positive
    text = f"the conditional expression on line {node.test.lineno}"
    frame.controls.append(Control("branch", frame.location(node), text, is_key_test=when))
    frame.enter(yes)
    one = evaluate(frame, node.body, yes)
    frame.controls[-1] = Control("branch", frame.location(node), text, is_key_test=unless)
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
        inside = _is_inside(frame, node.comparators[0], left, right, path)
        if inside is not None:
            return const(inside is (operator == "In"))
        found = Sym("has", zone_identity(right), left)
        return found if operator == "In" else Sym("not", found)
    if operator in ("NotEq", "IsNot"):
        return Sym("not", Sym("compare", left, right))
    if operator in ("Eq", "Is"):
        return Sym("compare", left, right)
    return Sym("compare", operator, left, right)


def _is_inside(frame: Frame, node: ast.expr, left: Value, right: Value, path: Path) -> bool | None:
    """Say whether a literal is in a dict, list or set that this or an enclosing function fills, where that is known."""
    if not isinstance(node, ast.Name) or not isinstance(left, Const):
        return None
    if isinstance(right, DictV) and right.exact:
        members: Sequence[Value] = [key for key, _ in right.items]
    elif isinstance(right, SequenceV):
        members = right.items
    else:
        return None
    is_local = local_value(frame, node.id, path) is not None
    if not is_local or not all(isinstance(member, Const) for member in members):
        return None
    return left in members
