"""Follows what a module does with definers when it is imported."""

from __future__ import annotations

import ast

from vatdata_lint.facts.dispatch import run_block
from vatdata_lint.facts.effects import Applied, Path
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.interpreter import Interpreter
from vatdata_lint.facts.module import ModuleFacts
from vatdata_lint.facts.values import Scope
from vatdata_lint.index.candidates import Interest

__all__ = ["follow_top_level"]

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def follow_top_level(interpreter: Interpreter, facts: ModuleFacts, interest: Interest) -> set[Applied]:
    """Give which zones a module's own statements hand to functions: there is no baggage then, only the heap.

    Nothing is judged here: no crank runs while a module is imported.
    """
    applied: set[Applied] = set()
    for node in facts.tree.body:
        if isinstance(node, _DEFINITIONS) or not interest.touches(node):
            continue
        interpreter.effort.begin(facts.size_of(node))
        path = Path({})
        frame = Frame(interpreter, facts, None, Scope(path.env, None), judging=False)
        run_block(frame, [node], [path])
        applied |= frame.calls.applied(interpreter.seen_calls)
    return applied
