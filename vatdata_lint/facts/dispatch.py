"""Which function follows which syntax: expressions give a value, statements the ways that go on."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TypeVar

from vatdata_lint.facts.effects import Path, merge_paths
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.values import UNKNOWN, Value

__all__ = ["evaluate", "evaluates", "follows", "run_block"]

_EXPRESSIONS: dict[type[ast.expr], Callable[..., Value]] = {}
_STATEMENTS: dict[type[ast.stmt], Callable[..., list[Path]]] = {}

_Evaluator = TypeVar("_Evaluator", bound=Callable[..., Value])
_Follower = TypeVar("_Follower", bound=Callable[..., list[Path]])


def evaluates(*kinds: type[ast.expr]) -> Callable[[_Evaluator], _Evaluator]:
    """Let the decorated ``function(frame, node, path)`` follow these expressions."""

    def register(function: _Evaluator) -> _Evaluator:
        _EXPRESSIONS.update(dict.fromkeys(kinds, function))
        return function

    return register


def follows(*kinds: type[ast.stmt]) -> Callable[[_Follower], _Follower]:
    """Let the decorated ``function(frame, node, path)`` follow these statements."""

    def register(function: _Follower) -> _Follower:
        _STATEMENTS.update(dict.fromkeys(kinds, function))
        return function

    return register


def evaluate(frame: Frame, node: ast.expr, path: Path) -> Value:
    """Follow an expression on one path."""
    frame.effort.spent += 1
    handler = _EXPRESSIONS.get(type(node))
    return handler(frame, node, path) if handler is not None else UNKNOWN


def run_block(frame: Frame, body: list[ast.stmt], paths: list[Path]) -> list[Path]:
    """Follow a list of statements from *paths* and give the ways that reach its end."""
    for node in body:
        if not paths:
            return paths
        if frame.effort.is_used_up:
            frame.interpreter.exhausted = True
            return paths
        frame.effort.spend(len(paths))
        handler = _STATEMENTS.get(type(node))
        if handler is None:
            continue
        after: list[Path] = []
        for path in paths:
            frame.enter(path)
            after += handler(frame, node, path)
        paths = merge_paths([path for path in after if not path.dead])
    if len(paths) == 1:
        frame.enter(paths[0])
    return paths
