"""What methods of texts, sequences and dicts do."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from vatdata_lint.facts import deferred, escapes, names, operations
from vatdata_lint.facts.arguments import Keywords
from vatdata_lint.facts.effects import Path
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.values import (
    UNKNOWN,
    Const,
    DictV,
    SequenceV,
    Sym,
    Value,
    const,
    join,
)

__all__ = ["dict_method", "sequence_method", "text_method"]


def text_method(base: Const, name: str, args: Sequence[Value], keywords: Keywords) -> Value:
    """Follow a method of a text."""
    text = base.value
    if not isinstance(text, str):
        return UNKNOWN
    if name in ("upper", "lower", "title", "strip", "capitalize") and not args:
        return const(getattr(text, name)())
    if name == "splitlines" and not args:
        return SequenceV("list", tuple(const(line) for line in text.splitlines()))
    if name == "split" and len(args) < 2:
        separator = args[0].value if args and isinstance(args[0], Const) else None
        if not args or (isinstance(separator, str) and separator):
            parts = text.split(separator if isinstance(separator, str) else None)
            return SequenceV("list", tuple(const(part) for part in parts))
    if name == "join" and args:
        items = operations.exact_items(args[0])
        if items is None:
            return Sym("fstr", base, args[0])
        if isinstance(args[0], SequenceV) and args[0].form == "set" and len(items) > 1:
            return Sym("fstr", base, args[0], unstable="the order of a set")
        parts_joined: list[Value] = []
        for index, item in enumerate(items):
            parts_joined += [base, item] if index else [item]
        return operations.concatenate(parts_joined)
    if name == "format":
        given = [arg.value for arg in args if isinstance(arg, Const)]
        named = {key: value.value for key, value in keywords if isinstance(value, Const)}
        if (args or keywords) and len(given) == len(args) and len(named) == len(keywords):
            return _formatted(text, given, named)
        return operations.concatenate([base, *args, *(value for _, value in keywords)])
    return Sym("call", base, name, *args)


def _formatted(text: str, values: list[object], named: dict[str, object]) -> Value:
    if not operations.braces_fit(text, [*values, *named.values()]):
        return Sym("fstr", const(text))
    try:
        return operations.literal_text(text.format(*values, **named))
    except (IndexError, KeyError, ValueError, AttributeError, TypeError):
        return Sym("fstr", const(text))


def sequence_method(
    frame: Frame, path: Path, base: SequenceV, name: str, args: Sequence[Value], node: ast.Call
) -> Value:
    """Follow a method of a list, tuple or set; the variable that holds it holds the changed one then."""
    target = node.func.value if isinstance(node.func, ast.Attribute) else node
    changed: Value | None = None
    result: Value = UNKNOWN
    looping = any(control.kind in ("loop", "durable-loop") for control in frame.controls)
    if name in ("append", "add") and args:
        changed = Sym("open", *base.items, *args) if looping else SequenceV(base.form, (*base.items, args[0]))
    elif name == "appendleft" and args:
        changed = Sym("open", *args, *base.items) if looping else SequenceV(base.form, (args[0], *base.items))
    elif name in ("extend", "update") and args:
        value = deferred.consume(frame, args[0], node, path)
        items = operations.exact_items(value)
        changed = (
            Sym("open", *base.items)
            if items is None or looping
            else SequenceV(base.form, (*base.items, *items))
        )
    elif name == "insert" and len(args) == 2:
        changed = Sym("open", *base.items, args[1])
    elif name in ("pop", "popleft"):
        if base.form == "set":
            return Sym("item", base, name, unstable="the order of a set")
        if base.items:
            at = args[0].value if args and isinstance(args[0], Const) else 0 if name == "popleft" else -1
            if isinstance(at, int) and -len(base.items) <= at < len(base.items):
                kept = list(base.items)
                result = kept.pop(at)
                changed = SequenceV(base.form, tuple(kept))
    elif name in ("remove", "clear", "discard"):
        changed = Sym("open", *base.items)
    elif name == "copy":
        return base
    elif name == "union" and args:
        items = operations.exact_items(args[0])
        return SequenceV(base.form, (*base.items, *items)) if items is not None else Sym("open", *base.items)
    is_held = isinstance(target, ast.Name | ast.Attribute) and names.is_held(frame, target, path)
    if changed is not None and is_held:
        names.rebind(frame, target, changed, path)
    elif changed is not None:
        # The list has no name here: whoever finds it in its table may call what was put into it.
        for value in args:
            escapes.stored(frame, value, node, path)
    return result


def dict_method(
    frame: Frame,
    path: Path,
    base: DictV,
    name: str,
    args: Sequence[Value],
    keywords: Keywords,
    node: ast.Call,
) -> Value:
    """Follow a method of a dict; the variable that holds it holds the changed one then."""
    target = node.func.value if isinstance(node.func, ast.Attribute) else node
    if name == "items" and base.exact:
        return SequenceV("list", tuple(SequenceV("tuple", pair) for pair in base.items))
    if name == "values" and base.exact:
        return SequenceV("list", tuple(value for _, value in base.items))
    if name == "keys" and base.exact:
        return SequenceV("list", tuple(key for key, _ in base.items))
    if name in ("get", "pop", "setdefault") and args:
        found = base.get(args[0])
        if found is not None:
            return found
        values = [value for _, value in base.items]
        return join([*values, *args[1:2]]) if values or len(args) > 1 else Const("NoneType", None)
    if name == "copy":
        return base
    if name == "update":
        more = args[0] if args else DictV(tuple((const(key), value) for key, value in keywords))
        if isinstance(more, DictV) and not names.is_held(frame, target, path):
            escapes.stored(frame, more, node, path)
        elif isinstance(more, DictV):
            names.rebind(frame, target, DictV((*base.items, *more.items), base.exact and more.exact), path)
        return UNKNOWN
    return Sym("call", Sym("method", base, name), *args)
