"""Gives each parameter of a function its argument, its default or a value that stands for itself."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vatdata_lint.facts import names
from vatdata_lint.facts.arguments import Keywords
from vatdata_lint.facts.dispatch import evaluate
from vatdata_lint.facts.effects import Path
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.module import FunctionInfo
from vatdata_lint.facts.parameters import parameter_names
from vatdata_lint.facts.values import Const, DictV, FuncV, Scope, SequenceV, Sym, Value, const
from vatdata_lint.vocabulary import looks_like_baggage

if TYPE_CHECKING:
    from vatdata_lint.facts.interpreter import Interpreter

__all__ = ["bind", "default_arguments"]


def bind(frame: Frame, target: FuncV, args: Sequence[Value], keywords: Keywords) -> dict[str, Value]:
    """Give each parameter of a function its argument, default or a value that stands for itself."""
    fn = target.fn
    values: list[Value] = list(args)
    if target.bound is not None:
        values.insert(0, target.bound)
    named = dict(keywords)
    result: dict[str, Value] = {}
    star_unknown = next(
        (n for n, value in enumerate(values) if isinstance(value, Sym) and value.op == "star"), None
    )
    position = 0
    for name, how in parameter_names(fn):
        if how == "positional":
            if position < len(values) and (star_unknown is None or position < star_unknown):
                result[name] = values[position]
            elif name in named:
                result[name] = named.pop(name)
            elif star_unknown is not None:
                result[name] = Sym("item", values[star_unknown], const(position))
            else:
                result[name] = _default(frame, target, name)
            position += 1
        elif how == "star":
            rest = values[position:]
            result[name] = (
                SequenceV("tuple", tuple(rest)) if star_unknown is None else Sym("param", fn.uid, name, *rest)
            )
        elif how == "keyword":
            result[name] = named.pop(name) if name in named else _default(frame, target, name)
        else:
            result[name] = DictV(
                tuple((const(key), value) for key, value in named.items() if key != "**"), "**" not in named
            )
    return result


def default_arguments(frame: Frame, spec: ast.arguments, path: Path) -> tuple[tuple[str, Value], ...]:
    """Evaluate the defaults of a function where it is made, and give them by parameter."""
    positional = [*spec.posonlyargs, *spec.args]
    behind = positional[len(positional) - len(spec.defaults) :]
    found = [(arg.arg, evaluate(frame, item, path)) for arg, item in zip(behind, spec.defaults, strict=True)]
    for arg, item in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        if item is not None:
            found.append((arg.arg, evaluate(frame, item, path)))
    return tuple(found)


def _default(frame: Frame, target: FuncV, name: str) -> Value:
    fn = target.fn
    for parameter, given in target.defaults:
        if parameter == name:
            return given
    if not isinstance(fn.node, ast.GeneratorExp):
        spec = fn.node.args
        positional = [*spec.posonlyargs, *spec.args]
        pairs = list(zip(reversed(positional), reversed(spec.defaults), strict=False))
        pairs += [
            (arg, item)
            for arg, item in zip(spec.kwonlyargs, spec.kw_defaults, strict=True)
            if item is not None
        ]
        for arg, default in pairs:
            if arg.arg == name:
                if isinstance(default, ast.Constant):
                    return Const(type(default.value).__name__, default.value)
                if isinstance(default, ast.Name):
                    if fn.outer is None:
                        return frame.interpreter.program.global_value(
                            fn.module, default.id, frame.interpreter
                        )
                    return names.lookup(frame, default.id, Path({}))
                if fn.outer is None and (fn, name) not in frame.interpreter.defaults_begun:
                    return _loaded_default(frame.interpreter, fn, name, default)
    value: Value = Sym("param", fn.uid, name)
    return Sym("baggage", value) if looks_like_baggage(name) else value


def _loaded_default(interpreter: Interpreter, fn: FunctionInfo, name: str, default: ast.expr) -> Value:
    """Evaluate a default once, as when the module was loaded: what it defined there is not this call's."""
    begun = (
        interpreter.defaults_begun
    )  # a default may call the function of that name, which Python would not know yet
    begun.add((fn, name))
    try:
        return evaluate(
            Frame(interpreter, fn.module, None, Scope({}, None), judging=False), default, Path({})
        )
    finally:
        begun.discard((fn, name))
