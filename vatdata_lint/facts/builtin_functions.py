"""What the built-in functions do with the values that they get."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from vatdata_lint.facts import classes, deferred, escapes, members, names, operations, partial_runs
from vatdata_lint.facts.arguments import Keywords, argument, keyword
from vatdata_lint.facts.dispatch import evaluate
from vatdata_lint.facts.effects import Control, Path, join_into_one
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.values import (
    UNKNOWN,
    ClassV,
    Const,
    DictV,
    Ext,
    IteratorV,
    ModuleV,
    ObjectV,
    SequenceV,
    Sym,
    UnionV,
    Value,
    const,
    is_durable_data,
    join,
)

__all__ = ["BUILTINS"]


Builtin = Callable[[Frame, Path, Sequence[Value], Keywords, ast.AST], Value]


def _collect(form: str) -> Builtin:
    def collect(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
        if not args:
            return SequenceV(form, ())
        value = deferred.consume(frame, args[0], node, path)
        items = operations.exact_items(value)
        if items is None:
            return Sym("call", value, form)
        if isinstance(value, SequenceV) and value.form == "set" and len(items) > 1:
            return SequenceV("set", tuple(items))
        return SequenceV(form, tuple(items))

    return collect


def _sorted(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    value = deferred.consume(frame, args[0], node, path) if args else UNKNOWN
    items = operations.exact_items(value)
    if items is None:
        return Sym("call", value, "sorted")
    known = [item.value for item in items if isinstance(item, Const) and isinstance(item.value, str)]
    if len(known) == len(items):
        return SequenceV("list", tuple(const(text) for text in sorted(known)))
    return SequenceV("list", tuple(items))


def _reversed(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    items = operations.exact_items(args[0]) if args else None
    return (
        SequenceV("list", tuple(reversed(items)))
        if items is not None
        else Sym("call", UNKNOWN, "reversed", *args)
    )


def _range(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    numbers = [arg.value for arg in args if isinstance(arg, Const) and isinstance(arg.value, int)]
    if len(numbers) == len(args) and args and len(range(*numbers[:3])) <= 200:
        return SequenceV("list", tuple(const(number) for number in range(*numbers[:3])))
    kept = next((arg for arg in args if is_durable_data(arg)), None)
    if kept is not None and all(arg is kept or isinstance(arg, Const) for arg in args):
        return Sym("call", kept, "range")  # as many as there were before
    return Sym("call", Ext("builtins.range"), *args)


def _enumerate(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    value = deferred.consume(frame, args[0], node, path) if args else UNKNOWN
    items = operations.exact_items(value)
    begin = argument(args, keywords, 1, "start")
    first = begin.value if isinstance(begin, Const) and isinstance(begin.value, int) else 0
    if items is None:
        return Sym("iter", value, "enumerate")
    unordered = isinstance(value, SequenceV) and value.form == "set" and len(items) > 1
    pairs: list[Value] = []
    for index, item in enumerate(items, first):
        number: Value = const(index)
        if unordered:
            number = Sym("order", number, unstable="the order of a set")
        pairs.append(SequenceV("tuple", (number, item)))
    return SequenceV("list", tuple(pairs))


def _zip(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    columns = [operations.exact_items(deferred.consume(frame, arg, node, path)) for arg in args]
    known = [column for column in columns if column is not None]
    if len(known) != len(columns) or not known:
        return Sym("iter", *args)
    return SequenceV("list", tuple(SequenceV("tuple", row) for row in zip(*known, strict=False)))


def _map(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    if len(args) < 2:
        return UNKNOWN
    columns = [operations.exact_items(deferred.consume(frame, arg, node, path)) for arg in args[1:]]
    known = [column for column in columns if column is not None]
    exact = len(known) == len(columns)
    rows = (
        tuple(zip(*known, strict=False))
        if exact
        else (tuple(members.member_of(arg, getattr(node, "lineno", 0) * 1000) for arg in args[1:]),)
    )
    return deferred.lazy_calls(frame, path, args[0], rows, node, looped=not exact)


def _filter(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    items = operations.exact_items(args[1]) if len(args) == 2 else None
    if items is not None and args[0] == const(None) and all(isinstance(item, Const) for item in items):
        return SequenceV("list", tuple(item for item in items if isinstance(item, Const) and item.value))
    return Sym("iter", *args[1:])


def _bool(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    if len(args) == 1 and isinstance(args[0], Sym):
        return args[0]  # as a condition it says the same
    if len(args) == 1 and isinstance(args[0], Const):
        return const(bool(args[0].value))
    return _plain(frame, path, args, keywords, node)


def _len(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    items = operations.exact_items(args[0]) if len(args) == 1 else None
    return Sym("pure", *args) if items is None else const(len(items))


def _next(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    if not args:
        return UNKNOWN
    value = args[0]
    if isinstance(value, IteratorV):
        members = partial_runs.advance(frame, value, 1, node, path)
        items = operations.exact_items(members) if members is not None else None
        return items[0] if items else UNKNOWN
    if isinstance(value, SequenceV) and value.form == "set" and len(value.items) > 1:
        return Sym("item", value, "next", unstable="the order of a set")
    items = operations.exact_items(value)
    return items[0] if items else Sym("call", value, "next")


def _iter(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    return args[0] if args else UNKNOWN


def _short_circuit(
    frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST
) -> Value:
    """``any`` and ``all`` stop early: whatever runs in their argument may be skipped."""
    if args and isinstance(args[0], IteratorV):
        before = path.copy()
        text = f"the early end of 'any' or 'all' on line {getattr(node, 'lineno', 0)}"
        frame.controls.append(Control("branch", frame.location(node), text))
        deferred.consume(frame, args[0], node, path)
        frame.controls.pop()
        joined = join_into_one([before, path.copy()])
        path.must, path.may, path.late = joined.must, joined.may, joined.late
    return UNKNOWN


def _dict(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    named = tuple((const(key), value) for key, value in keywords if key != "**")
    if not args:
        return DictV(named, all(key != "**" for key, _ in keywords))
    value = deferred.consume(frame, args[0], node, path)
    if isinstance(value, DictV):
        return DictV((*value.items, *named), value.exact)
    rows = [operations.exact_items(item) for item in operations.exact_items(value) or []]
    pairs = [(row[0], row[1]) for row in rows if row is not None and len(row) == 2]
    exact = operations.exact_items(value) is not None and len(pairs) == len(rows)
    return DictV((*pairs, *named), exact)


def _str(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    if args and isinstance(args[0], Const) and isinstance(args[0].value, str | int):
        return const(str(args[0].value))
    return Sym("fstr", *(classes.as_text(frame, arg, "__str__", "__repr__") for arg in args))


def _repr(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    return Sym("fstr", classes.as_text(frame, args[0] if args else UNKNOWN, "__repr__"))


def _getattr(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    if len(args) >= 2 and isinstance(args[1], Const) and isinstance(args[1].value, str):
        return names.attribute_of(frame, args[0], args[1].value, node, path)
    return UNKNOWN


def _globals(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    return ModuleV(frame.module)


def _static(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    return args[0] if args else UNKNOWN


def _vars(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    """The table of a module's names is read as the module itself is."""
    if args and isinstance(args[0], ModuleV):
        return args[0]
    return Sym("call", Ext("builtins.vars"), *args)


def _setattr(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    """An attribute whose name is not fixed is still the object's own."""
    if len(args) != 3 or not isinstance(node, ast.Call):
        return UNKNOWN
    holder, name, value = args
    if isinstance(holder, ObjectV):
        attribute = (
            name.value if isinstance(name, Const) and isinstance(name.value, str) else f"<{node.lineno}>"
        )
        names.rebind(frame, node.args[0], holder.put(attribute, value), path)
    else:
        escapes.stored(frame, value, node, path)
    return UNKNOWN


def _super(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    fn = frame.fn
    while fn is not None and fn.owner is None:
        fn = fn.outer
    if fn is None or fn.owner is None:
        return UNKNOWN
    bases: list[Value] = []
    for base in fn.owner.node.bases:
        value = evaluate(frame, base, path)
        if isinstance(value, ClassV):
            bases.append(value)
    first = next((value for value in bases if isinstance(value, ClassV)), None)
    if first is None:
        return UNKNOWN
    self_name = (
        fn.node.args.args[0].arg
        if isinstance(fn.node, ast.FunctionDef | ast.AsyncFunctionDef) and fn.node.args.args
        else ""
    )
    held = path.env.get(self_name)
    return ObjectV(first, held.fields, held.site) if isinstance(held, ObjectV) else ObjectV(first)


def _sum(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    """Give the members of all lists that are added to a list; of anything else only that it is a sum."""
    begin = argument(args, keywords, 1, "start")
    parts = operations.exact_items(args[0]) if args else None
    if isinstance(begin, SequenceV) and parts is not None:
        lists = [part for part in parts if isinstance(part, SequenceV)]
        if len(lists) == len(parts):
            return SequenceV(begin.form, (*begin.items, *(item for part in lists for item in part.items)))
    return _last_of(frame, path, args, keywords, node)


def _last_of(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    value = deferred.consume(frame, args[0], node, path) if args else UNKNOWN
    key = keyword(keywords, "key")
    if key is not None:
        escapes.give_away(frame, key, node, "a sort key")
    return Sym("call", value, "fold")


def _plain(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    return Sym("pure", *args)


def _each(handler: Builtin) -> Builtin:
    """Let a function of a collection give what it gives of each of several ones of which it gets one."""

    def follow(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
        lists = members.alternatives_of(args[0]) if args else None
        if lists is None or not isinstance(args[0], UnionV):
            return handler(frame, path, args, keywords, node)
        return join(handler(frame, path, [member, *args[1:]], keywords, node) for member in args[0].members)

    return follow


BUILTINS: dict[str, Builtin] = {
    "list": _each(_collect("list")),
    "tuple": _each(_collect("tuple")),
    "set": _each(_collect("set")),
    "frozenset": _each(_collect("set")),
    "sorted": _each(_sorted),
    "reversed": _each(_reversed),
    "range": _range,
    "enumerate": _each(_enumerate),
    "zip": _zip,
    "map": _map,
    "filter": _filter,
    "next": _next,
    "iter": _iter,
    "any": _short_circuit,
    "all": _short_circuit,
    "dict": _dict,
    "str": _str,
    "repr": _repr,
    "getattr": _getattr,
    "globals": _globals,
    "staticmethod": _static,
    "vars": _vars,
    "setattr": _setattr,
    "super": _super,
    "sum": _sum,
    "min": _last_of,
    "max": _last_of,
    "isinstance": _plain,
    "issubclass": _plain,
    "len": _len,
    "callable": _plain,
    "hasattr": _plain,
    "print": _plain,
    "bool": _bool,
    "int": _plain,
    "type": _plain,
}
