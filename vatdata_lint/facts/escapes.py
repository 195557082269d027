"""What is handed to somebody else, who calls it later or in another activation."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from vatdata_lint.facts import binding, calls, classes, deferred, definitions, library
from vatdata_lint.facts.arguments import Keywords
from vatdata_lint.facts.effects import Cause, Path
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.module import FunctionInfo
from vatdata_lint.facts.values import (
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
    UnionV,
    Value,
    children,
)
from vatdata_lint.vocabulary import DEFINERS, snake_case

if TYPE_CHECKING:
    from vatdata_lint.facts.interpreter import Interpreter

__all__ = ["decorate", "functions_in", "give_away", "give_away_all", "start_elsewhere", "stored"]


def decorate(frame: Frame, decorator: Value, value: Value, node: ast.expr, path: Path) -> Value:
    """Give what a decorated name stands for; an unknown decorator is taken to give back what it got."""
    if isinstance(decorator, Ext):
        if decorator.last in ("contextmanager", "asynccontextmanager"):
            return value
        if isinstance(value, FuncV) and value.scope is not None and not library.is_transparent(decorator):
            frame.escape(value, "nested", node, "a decorator that may keep it")
        return value
    if isinstance(decorator, FuncV | PartialV | ClassV):
        result = calls.invoke(frame, path, decorator, [value], [], node)
        return value if isinstance(result, Sym) else result
    if isinstance(decorator, Sym) and decorator.op == "call" and _is_transparent(decorator.args[0]):
        return value
    if isinstance(value, FuncV) and value.scope is not None and isinstance(decorator, Sym):
        frame.escape(value, "nested", node, "a decorator that may keep it")
    return value


def _is_transparent(value: object) -> bool:
    return isinstance(value, Ext) and library.is_transparent(value)


def start_elsewhere(
    frame: Frame,
    path: Path,
    value: Value,
    args: Sequence[Value],
    keywords: Keywords,
    node: ast.AST,
    word: str,
    cause: Cause | None = None,
) -> None:
    """Follow what *value* does in another activation that this call only starts."""
    if cause is None:
        cause = Cause("ASYNC", frame.location(node), f"'{word}' on line {getattr(node, 'lineno', 0)}")
    if isinstance(value, UnionV):
        for member in value.members:
            start_elsewhere(frame, path, member, args, keywords, node, word, cause)
    elif isinstance(value, PartialV):
        options = [*value.keywords, *keywords]
        start_elsewhere(frame, path, value.target, [*value.args, *args], options, node, word, cause)
    elif isinstance(value, CoroutineV):
        value.ticket.used = True
        place = value.ticket.site if value.ticket.frame is frame else node
        calls.run_now(
            frame, path.copy(), value.target, deferred.rebound(value.target, value.args), place, started=cause
        )
    elif isinstance(value, FuncV):
        calls.run_now(
            frame, path.copy(), value, binding.bind(frame, value, args, keywords), node, started=cause
        )
    elif isinstance(value, SequenceV):
        for item in value.items:
            start_elsewhere(frame, path, item, args, keywords, node, word)
    elif isinstance(value, IteratorV):
        value.ticket.used = True
        if isinstance(value.target, FuncV) and value.target.fn.is_generator:
            calls.run_now(
                frame,
                path.copy(),
                value.target,
                deferred.rebound(value.target, value.calls[0]),
                node,
                started=cause,
            )
        else:
            for given in value.calls:
                start_elsewhere(frame, path, value.target, given, value.keywords, node, word)
    elif isinstance(value, Ext):
        library.external(frame, path.copy(), value, args, keywords, node, started=cause)
    elif isinstance(value, ObjectV):
        frame.escape(value, "nested", node, word)


def functions_in(interpreter: Interpreter, value: Value, depth: int = 0) -> Iterable[FunctionInfo]:
    """Yield the functions that a value is, or holds."""
    if isinstance(value, FuncV):
        yield value.fn
    elif isinstance(value, ClassV | ObjectV):
        yield from _methods_of(interpreter, value.cls if isinstance(value, ObjectV) else value)
    if depth < 5:
        for child in children(value):
            yield from functions_in(interpreter, child, depth + 1)


def _binds_module_function(frame: Frame, value: PartialV) -> bool:
    target = value.target
    return value.frame is frame and (
        isinstance(target, Ext)
        or (
            isinstance(target, FuncV)
            and target.scope is None
            and target.bound is None
            and not target.fn.is_inline
        )
    )


def _methods_of(interpreter: Interpreter, cls: ClassV) -> Iterable[FunctionInfo]:
    for method in classes.methods(interpreter, cls).values():
        yield method.fn
    for inner in cls.cls.classes.values():
        yield from _methods_of(interpreter, ClassV(inner, cls.scope))


def give_away(frame: Frame, value: Value, node: ast.AST, text: str, how: str = "nested") -> None:
    """Note that *value* goes where it cannot be followed, if it can be called."""
    if isinstance(value, Sym | Const | Ext | ModuleV):
        return
    if isinstance(value, CoroutineV | IteratorV):
        return
    if isinstance(value, PartialV) and _binds_module_function(frame, value):
        # The function itself is right; what is wrong is to hand it on with a baggage bound to it.
        category = "HANDLER" if how == "handler" else "NESTED"
        cause = Cause(category, frame.location(value.site), text)
        start_elsewhere(frame, Path({}), value, [], [], value.site, text, cause)
        return
    if isinstance(value, SequenceV | DictV):
        for item in children(value):
            give_away(frame, item, node, text, how)
        return
    if any(True for _ in functions_in(frame.interpreter, value)):
        frame.escape(value, how, node, text)


def give_away_all(frame: Frame, args: Sequence[Value], keywords: Keywords, node: ast.AST, text: str) -> None:
    """Note that arguments go where they cannot be followed; a definer is called from there with those behind it."""
    for index, value in enumerate(args):
        rest = args[index + 1 :]
        is_definer = isinstance(value, Ext) and snake_case(value.last) in DEFINERS
        is_function = isinstance(value, FuncV) and value.scope is None and not value.fn.is_inline
        if (is_definer or is_function) and any(map(definitions.is_zone_like, rest)):
            # What is wrong is to hand it on, and that is done here.
            cause = Cause("NESTED", frame.location(node), text)
            start_elsewhere(frame, Path({}), value, rest, keywords, node, text, cause)
            return
    for value in (*args, *(item for _, item in keywords)):
        give_away(frame, value, node, text)


def stored(frame: Frame, value: Value, node: ast.AST, path: Path) -> None:
    """Note that *value* is kept where others may find it."""
    give_away(frame, value, node, "an attribute or item of something else")
