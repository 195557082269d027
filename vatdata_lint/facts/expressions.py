"""Follows expressions in evaluation order and gives what they may stand for."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable

from vatdata_lint.facts import calls
from vatdata_lint.facts.effects import Control, Path, join_into_one
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.parameters import is_classmethod, is_property, is_static
from vatdata_lint.facts.values import (
    UNKNOWN,
    ClassV,
    Const,
    CoroutineV,
    DictV,
    Ext,
    FuncV,
    IteratorV,
    ModuleV,
    ObjectV,
    PartialV,
    SequenceV,
    Sym,
    Ticket,
    UnionV,
    Value,
    const,
    is_durable_data,
    join,
    zone_identity,
)
from vatdata_lint.vocabulary import STABLE_CALLS, UNSTABLE_CALLS, looks_like_baggage

__all__ = [
    "attribute_of",
    "binary",
    "concatenate",
    "evaluate",
    "exact_items",
    "guards",
    "lookup",
    "rebind",
    "run_generator",
    "test",
    "unstable_name",
]

_BUILTINS = frozenset(dir(builtins))
_NO_VALUE = Const("NoneType", None)
_LONGEST_UNSTABLE = max(name.count(".") + 1 for name in UNSTABLE_CALLS)
_MAX_DOTTED = 1000
"""Characters of a dotted name that are kept; what is read from a longer one is known by what it was read from."""


def evaluate(frame: Frame, node: ast.expr, path: Path) -> Value:
    """Follow an expression on one path."""
    handler = _HANDLERS.get(type(node))
    return handler(frame, node, path) if handler is not None else UNKNOWN


def lookup(frame: Frame, name: str, path: Path) -> Value:
    """Give what a name stands for: local, enclosing, module, built in."""
    value = path.env.get(name)
    if value is not None:
        return value
    scope = frame.scope.parent
    while scope is not None:
        value = scope.variables.get(name)
        if value is not None:
            return value
        scope = scope.parent
    return frame.interpreter.program.global_value(frame.module, name, frame.interpreter)


def rebind(frame: Frame, target: ast.expr, value: Value, path: Path) -> None:
    """Let the variable or attribute that *target* names hold the changed object."""
    if isinstance(target, ast.Name):
        if target.id in path.env:
            path.env[target.id] = value
            return
        scope = frame.scope.parent
        while scope is not None:
            if target.id in scope.variables:
                scope.variables[target.id] = value
                return
            scope = scope.parent
    elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        holder = path.env.get(target.value.id)
        if isinstance(holder, ObjectV):
            path.env[target.value.id] = holder.put(target.attr, value)


def exact_items(value: Value) -> list[Value] | None:
    """Give the members of a value when the source fixes them."""
    if isinstance(value, SequenceV):
        return list(value.items)
    if isinstance(value, DictV) and value.exact:
        return list(dict.fromkeys(key for key, _ in value.items))
    if isinstance(value, Const) and isinstance(value.value, str):
        return [const(letter) for letter in value.value]
    return None


def binary(left: Value, operator: str, right: Value) -> Value:
    """Give the value of an arithmetic expression."""
    if isinstance(left, Const) and isinstance(right, Const):
        one, two = left.value, right.value
        if operator == "Add" and isinstance(one, str) and isinstance(two, str):
            return const(one + two)
        if isinstance(one, int) and isinstance(two, int) and operator in ("Add", "Sub", "Mult"):
            if abs(one) < 1 << 64 and abs(two) < 1 << 64:
                return const(
                    one + two if operator == "Add" else one - two if operator == "Sub" else one * two
                )
    if isinstance(left, SequenceV) and isinstance(right, SequenceV) and operator == "Add":
        return SequenceV(left.form, (*left.items, *right.items))
    if operator == "Mod" and isinstance(left, Const) and isinstance(left.value, str):
        return _formatted(left.value, right)
    if operator in ("Add", "Mod") and _is_text(left):
        return concatenate([left, right])
    if operator == "BitOr" and isinstance(left, DictV) and isinstance(right, DictV):
        return DictV((*left.items, *right.items), left.exact and right.exact)
    return Sym("binary", left, operator, right)


def _formatted(text: str, right: Value) -> Value:
    """Give ``text % right``, literal where everything is."""
    items = right.items if isinstance(right, SequenceV) and right.form == "tuple" else (right,)
    known = tuple(item.value for item in items if isinstance(item, Const))
    if len(known) == len(items):
        try:
            return const(text % known)
        except (TypeError, ValueError, OverflowError):
            return Sym("fstr", const(text))
    return concatenate([const(text), *items])


def _is_text(value: Value) -> bool:
    return (isinstance(value, Const) and isinstance(value.value, str)) or (
        isinstance(value, Sym) and value.op == "fstr"
    )


def concatenate(parts: list[Value]) -> Value:
    """Give the text that *parts* make one after the other."""
    flat: list[Value] = []
    for part in parts:
        flat += part.args if isinstance(part, Sym) and part.op == "fstr" else (part,)
    if all(isinstance(part, Const) for part in flat):
        return const("".join(str(part.value) for part in flat if isinstance(part, Const)))
    return Sym("fstr", *flat)


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


def run_generator(frame: Frame, node: ast.GeneratorExp, path: Path) -> None:
    """Run a generator expression to its end."""
    made: list[Value] = []
    exact = _comprehend(frame, node, node.generators, [node.elt], path, made)
    # Only coroutines are somebody's business later; keeping every value would grow without end.
    if exact and any(isinstance(value, CoroutineV) for value in made):
        frame.yielded += made


def _constant(frame: Frame, node: ast.Constant, path: Path) -> Value:
    return Const(type(node.value).__name__, node.value)


def _name(frame: Frame, node: ast.Name, path: Path) -> Value:
    return lookup(frame, node.id, path)


def _attribute(frame: Frame, node: ast.Attribute, path: Path) -> Value:
    base = evaluate(frame, node.value, path)
    frame.may_raise(path)
    return attribute_of(frame, base, node.attr, node, path)


def attribute_of(frame: Frame, base: Value, name: str, node: ast.AST, path: Path) -> Value:
    """Give an attribute; reading a property follows it."""
    if isinstance(base, UnionV):
        return join(attribute_of(frame, member, name, node, path) for member in base.members)
    if isinstance(base, Ext):
        if len(base.name) > _MAX_DOTTED:
            return base
        full = f"{base.name}.{name}"
        reason = unstable_name(full)
        return (
            Sym("call", base, name, unstable=reason)
            if full in ("os.environ", "sys.argv")
            else Ext(full, base.missing)
        )
    if isinstance(base, ModuleV):
        return frame.interpreter.program.global_value(base.module, name, frame.interpreter)
    if isinstance(base, ObjectV):
        known = base.get(name)
        if known is not None:
            return known
        found = calls.find_member(frame, base.cls, name)
        if isinstance(found, FuncV):
            if is_static(found.fn):
                return found
            bound = FuncV(found.fn, found.scope, base.cls if is_classmethod(found.fn) else base)
            if is_property(found.fn):
                return calls.apply(frame, path, bound, [], [], node)
            return bound
        if found is not None:
            return found
        return (
            Sym("baggage", Sym("attr", base.cls, name))
            if looks_like_baggage(name)
            else Sym("attr", base.cls, name)
        )
    if isinstance(base, ClassV):
        if calls.is_enum(base):
            member = calls.enum_member(frame, base, name)
            if member is not None:
                return member
        found = calls.find_member(frame, base, name)
        if isinstance(found, FuncV) and is_classmethod(found.fn):
            return FuncV(found.fn, found.scope, base)
        if found is not None:
            return found
        return (
            Const("str", base.cls.node.name)
            if name in ("__name__", "__qualname__")
            else Sym("attr", base, name)
        )
    if isinstance(base, FuncV) and name in ("__name__", "__qualname__"):
        return const(base.fn.name)
    if isinstance(base, PartialV) and name == "func":
        return base.target
    if isinstance(base, DictV):
        return Sym("method", base, name)
    value = Sym("attr", base, name)
    return Sym("baggage", value) if looks_like_baggage(name) and not _is_zone(base) else value


def _is_zone(value: Value) -> bool:
    return isinstance(value, Sym) and value.op in ("heap", "virtual", "zone", "sub", "baggage", "collection")


def unstable_name(full: str) -> str | None:
    """Say on what a call or read of an external name depends that differs between incarnations."""
    name = full.removeprefix("builtins.") if full.startswith("builtins.") and full.count(".") > 1 else full
    if name in STABLE_CALLS:
        return None
    name = ".".join(name.split(".", _LONGEST_UNSTABLE)[:_LONGEST_UNSTABLE])
    found = UNSTABLE_CALLS.get(name)
    while found is None and "." in name:
        name = name.rpartition(".")[0]
        found = UNSTABLE_CALLS.get(name)
    return found


def _subscript(frame: Frame, node: ast.Subscript, path: Path) -> Value:
    base = evaluate(frame, node.value, path)
    index = evaluate(frame, node.slice, path)
    frame.may_raise(path)
    if isinstance(base, SequenceV) and isinstance(index, Const) and isinstance(index.value, int):
        if base.form == "set":
            return Sym("item", base, index, unstable="the order of a set")
        if -len(base.items) <= index.value < len(base.items):
            return base.items[index.value]
    if isinstance(base, DictV):
        found = base.get(index)
        if found is not None:
            return found
        if base.items and not isinstance(index, Const):
            return join(value for _, value in base.items)
    return Sym("item", base, index)


def _slice(frame: Frame, node: ast.Slice, path: Path) -> Value:
    parts = [
        evaluate(frame, part, path) if part is not None else UNKNOWN
        for part in (node.lower, node.upper, node.step)
    ]
    return Sym("slice", *parts)


def _members(frame: Frame, elements: list[ast.expr], path: Path) -> tuple[list[Value], bool]:
    items: list[Value] = []
    exact = True
    for element in elements:
        if isinstance(element, ast.Starred):
            value = calls.consume(frame, evaluate(frame, element.value, path), element.value, path)
            known = exact_items(value)
            if known is None:
                exact = False
                items.append(Sym("elem", value, 0))
            else:
                items += known
        else:
            items.append(evaluate(frame, element, path))
    return items, exact


def _sequence(frame: Frame, node: ast.List | ast.Tuple | ast.Set, path: Path) -> Value:
    items, exact = _members(frame, node.elts, path)
    form = type(node).__name__.lower()
    return SequenceV(form, tuple(items)) if exact else Sym("open", *items)


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
    return DictV(tuple(items), exact)


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
    _become(path, join_into_one(ways))
    return join(values)


def _become(path: Path, other: Path) -> None:
    path.must, path.may, path.late, path.dead = other.must, other.may, other.late, other.dead
    if other.env is not path.env:
        path.env.clear()
        path.env.update(other.env)


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
    _become(path, join_into_one([way for way in (yes, no) if not way.dead] or [yes]))
    frame.enter(path)
    return join((one, other))


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
        _become(path, join_into_one(ways))
        return UNKNOWN
    if operator in ("In", "NotIn"):
        found = Sym("has", zone_identity(right), left)
        return found if operator == "In" else Sym("not", found)
    if operator in ("NotEq", "IsNot"):
        return Sym("not", Sym("compare", left, right))
    if operator in ("Eq", "Is"):
        return Sym("compare", left, right)
    return Sym("compare", operator, left, right)


def _unary(frame: Frame, node: ast.UnaryOp, path: Path) -> Value:
    value = evaluate(frame, node.operand, path)
    if isinstance(node.op, ast.Not):
        return Sym("not", value)
    if isinstance(node.op, ast.USub) and isinstance(value, Const) and isinstance(value.value, int):
        return const(-value.value)
    return Sym("unary", type(node.op).__name__, value)


def _binary(frame: Frame, node: ast.BinOp, path: Path) -> Value:
    # Sums of thousands of terms lean to the left: they are followed in a loop.
    chain: list[ast.BinOp] = [node]
    while isinstance(chain[-1].left, ast.BinOp):
        chain.append(chain[-1].left)
    value = evaluate(frame, chain[-1].left, path)
    for item in reversed(chain):
        value = binary(value, type(item.op).__name__, evaluate(frame, item.right, path))
    return value


def _joined(frame: Frame, node: ast.JoinedStr, path: Path) -> Value:
    parts: list[Value] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            value = evaluate(frame, part.value, path)
            if part.format_spec is not None:
                evaluate(frame, part.format_spec, path)
                if isinstance(value, Const):
                    value = Sym("format", value, ast.dump(part.format_spec))
            parts.append(value)
        else:
            parts.append(evaluate(frame, part, path))
    return concatenate(parts)


def _lambda(frame: Frame, node: ast.Lambda, path: Path) -> Value:
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if default is not None:
            evaluate(frame, default, path)
    return FuncV(frame.module.function(node, frame.fn, None), frame.scope)


def _generator(frame: Frame, node: ast.GeneratorExp, path: Path) -> Value:
    evaluate(frame, node.generators[0].iter, path)
    ticket = Ticket(node, frame=frame)
    frame.tickets.append(ticket)
    target = FuncV(frame.module.function(node, frame.fn, None), frame.scope)
    lazy = IteratorV(target, ((),), (), ticket)
    ticket.extra.update(value=lazy, controls=tuple(frame.controls), late=path.late)
    return lazy


def _list_comprehension(frame: Frame, node: ast.ListComp | ast.SetComp, path: Path) -> Value:
    collected: list[Value] = []
    exact = _comprehend(frame, node, node.generators, [node.elt], path, collected)
    form = "set" if isinstance(node, ast.SetComp) else "list"
    return SequenceV(form, tuple(collected)) if exact else Sym("open", *collected[:4])


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
    from vatdata_lint.facts.statements import assign, unroll

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
            calls.async_iteration(frame, value, generator.iter, path)
            items = None
        else:
            value = calls.consume(frame, value, generator.iter, path)
            items = unroll(frame, value)
        if items is not None:
            for item in items:
                assign(frame, generator.target, item, path)
                filtered(generator, index)
            return
        exact = False
        frame.loop_count += 1
        number = generator.iter.lineno * 1000 + generator.iter.col_offset
        durable = is_durable_data(value)
        kind = "durable-loop" if durable else "loop"
        before = path.copy()
        frame.controls.append(
            Control(kind, frame.location(node), f"the comprehension on line {node.lineno}", loop=number)
        )
        assign(frame, generator.target, Sym("elem", value, number), path)
        filtered(generator, index)
        frame.controls.pop()
        if not durable:
            _become(path, join_into_one([before, path.copy()]))

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
        _become(path, join_into_one([before, path.copy()]))

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


def _walrus(frame: Frame, node: ast.NamedExpr, path: Path) -> Value:
    value = evaluate(frame, node.value, path)
    path.env[node.target.id] = value
    return value


def _await(frame: Frame, node: ast.Await, path: Path) -> Value:
    value = evaluate(frame, node.value, path)
    return calls.await_value(frame, value, node, path)


def _yield(frame: Frame, node: ast.Yield, path: Path) -> Value:
    if node.value is not None:
        frame.yielded.append(evaluate(frame, node.value, path))
    return UNKNOWN


def _yield_from(frame: Frame, node: ast.YieldFrom, path: Path) -> Value:
    value = calls.consume(frame, evaluate(frame, node.value, path), node.value, path)
    items = exact_items(value)
    if items is not None:
        frame.yielded += items
    else:
        frame.loop_count += 1
    return UNKNOWN


def _starred(frame: Frame, node: ast.Starred, path: Path) -> Value:
    return evaluate(frame, node.value, path)


def _call(frame: Frame, node: ast.Call, path: Path) -> Value:
    return calls.call(frame, node, path)


_HANDLERS: dict[type[ast.expr], Callable[..., Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Dict: _dict,
    ast.BoolOp: _boolean,
    ast.IfExp: _ternary,
    ast.Compare: _compare,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.JoinedStr: _joined,
    ast.Lambda: _lambda,
    ast.GeneratorExp: _generator,
    ast.ListComp: _list_comprehension,
    ast.SetComp: _list_comprehension,
    ast.DictComp: _dict_comprehension,
    ast.NamedExpr: _walrus,
    ast.Await: _await,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.Starred: _starred,
    ast.Call: _call,
}
