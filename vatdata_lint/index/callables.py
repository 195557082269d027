"""Which functions a value stands for, as the start of a vat or as something that may define kinds."""

from __future__ import annotations

from dataclasses import dataclass

from vatdata_lint.facts import classes
from vatdata_lint.facts.interpreter import Interpreter
from vatdata_lint.facts.values import Ext, FuncV, ObjectV, PartialV, Sym, UnionV, Value, children
from vatdata_lint.vocabulary import DEFINERS, is_prepare_word, snake_case

__all__ = ["EntryFunction", "entry_functions", "functions_of", "is_definer_word"]


@dataclass(frozen=True, slots=True)
class EntryFunction:
    """A function that starts a vat, and the arguments that are bound to it before those that the runtime gives."""

    target: FuncV
    args: tuple[Value, ...] = ()
    keywords: tuple[tuple[str, Value], ...] = ()


def entry_functions(interpreter: Interpreter, value: Value, depth: int = 0) -> list[EntryFunction]:
    """Give the functions that start a vat whose entry is *value*: wrapped, partial, or an object that is called."""
    if isinstance(value, FuncV):
        return [EntryFunction(value)]
    if isinstance(value, PartialV):
        return [
            EntryFunction(inner.target, (*inner.args, *value.args), (*inner.keywords, *value.keywords))
            for inner in entry_functions(interpreter, value.target, depth + 1)
        ]
    if isinstance(value, ObjectV):
        method = classes.methods(interpreter, value.cls).get("__call__")
        return [EntryFunction(FuncV(method.fn, method.scope, value))] if method is not None else []
    if isinstance(value, UnionV):
        return [fn for member in value.members for fn in entry_functions(interpreter, member, depth + 1)]
    if isinstance(value, Sym) and value.op == "call" and depth < 3:
        # A wrapper that cannot be followed: what it wraps runs in its stead.
        found: list[EntryFunction] = []
        for argument in value.args:
            if isinstance(argument, FuncV | PartialV | UnionV):
                found += entry_functions(interpreter, argument, depth + 1)
        return found
    return []


def functions_of(value: Value, depth: int = 0) -> list[FuncV]:
    """Give the functions that *value* is, or holds a few levels deep."""
    if isinstance(value, FuncV):
        return [value]
    if depth > 3 or isinstance(value, Ext):
        return []
    return [fn for child in children(value) for fn in functions_of(child, depth + 1)]


def is_definer_word(name: str) -> bool:
    """Say whether a name alone makes what it is called by a definer."""
    return snake_case(name) in DEFINERS or is_prepare_word(name)
