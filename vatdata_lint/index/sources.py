"""Finds what a file gives as the sources of vats: texts that name them, and build functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from vatdata_lint.facts import operations
from vatdata_lint.facts.diagnose import is_build_function
from vatdata_lint.facts.module import ModuleFacts
from vatdata_lint.facts.values import Const, DictV, FuncV, SequenceV, Sym, UnionV, Value

__all__ = ["given_sources"]

STARTERS = {"create_vat": 1, "provide_vat": 1, "open_vat": 1, "upgrade": 0}
"""Calls that start a vat, and the position of its source."""

_OPENERS = frozenset({"open", "memory_kernel"})
"""Calls of the kernel that take a dict of build functions as ``sources``."""

_FUNCTION_OF_MODULE = re.compile(r"\w+(?:\.\w+)*:\w+")
_MAX_ITEMS = 200

Evaluate = Callable[[ast.expr], Value]


def given_sources(facts: ModuleFacts, evaluate: Evaluate) -> Iterator[tuple[str, Value]]:
    """Yield what a file gives as sources, and for what a name holds that name.

    Where it cannot be told what some call is given, it may be anything in the file that names a function of a
    module, or that is a build function by its signature.

    Args:
        facts: the file.
        evaluate: gives what an expression of the module's own scope stands for.
    """
    assigned: dict[str, list[tuple[ast.expr, tuple[int, ...] | None]]] | None = None
    is_open = False
    for node in ast.walk(facts.tree):
        if not isinstance(node, ast.Call):
            continue
        for table in _tables_of(node):
            known = evaluate(table)
            if isinstance(known, DictV):
                yield from (("", value) for _, value in known.items)
        expression = _source_of(node)
        if expression is None:
            continue
        label = ""
        if not isinstance(expression, ast.Name):
            found = [evaluate(expression)]
        elif facts.bindings.get(expression.id):
            label, found = expression.id, [evaluate(expression)]
        else:
            assigned = _assigned(facts.tree) if assigned is None else assigned
            ways = assigned.get(expression.id)
            if ways == []:
                continue  # a function inside of another: whoever follows that one sees what it is
            found = [value for given, path in ways or () for value in _members(evaluate(given), path)]
        yield from ((label, value) for value in found)
        is_open = is_open or not found or any(isinstance(value, Sym) for value in found)
    if is_open:
        yield from _anything(facts, evaluate)


def _word(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _source_of(node: ast.Call) -> ast.expr | None:
    position = STARTERS.get(_word(node))
    if position is None:
        return None
    for keyword in node.keywords:
        if keyword.arg == "source":
            return keyword.value
    return node.args[position] if len(node.args) > position else None


def _tables_of(node: ast.Call) -> Iterator[ast.expr]:
    if _word(node) in _OPENERS:
        yield from (keyword.value for keyword in node.keywords if keyword.arg == "sources")


def _assigned(tree: ast.Module) -> dict[str, list[tuple[ast.expr, tuple[int, ...] | None]]]:
    """Give what the names of a file are assigned, for the name of a loop with its place in each member.

    A function inside of another is a name that nothing is assigned to.
    """
    found: dict[str, list[tuple[ast.expr, tuple[int, ...] | None]]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append((node.value, None))
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and isinstance(node.target, ast.Name):
            if node.value is not None:
                found.setdefault(node.target.id, []).append((node.value, None))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.setdefault(node.name, [])
        elif isinstance(node, ast.For | ast.comprehension):
            if isinstance(node.target, ast.Name):
                found.setdefault(node.target.id, []).append((node.iter, ()))
            elif isinstance(node.target, ast.Tuple):
                for index, part in enumerate(node.target.elts):
                    if isinstance(part, ast.Name):
                        found.setdefault(part.id, []).append((node.iter, (index,)))
    return found


def _members(value: Value, path: tuple[int, ...] | None) -> list[Value]:
    if path is None:
        return [value]
    found = operations.exact_items(value)
    for index in path:
        rows = [operations.exact_items(item) if isinstance(item, SequenceV) else None for item in found or ()]
        found = [row[index] for row in rows if row is not None and index < len(row)]
    return (found or [])[:_MAX_ITEMS]


def _anything(facts: ModuleFacts, evaluate: Evaluate) -> Iterator[tuple[str, Value]]:
    for node in ast.walk(facts.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _FUNCTION_OF_MODULE.fullmatch(node.value):
                yield "", Const("str", node.value)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and facts.bindings.get(node.id):
            value = evaluate(node)
            members = value.members if isinstance(value, UnionV) else (value,)
            if any(isinstance(member, FuncV) and is_build_function(member.fn) for member in members):
                yield node.id, value
