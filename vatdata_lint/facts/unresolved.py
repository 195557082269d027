"""Finds the import that a call of a definer, which nobody here can look into, depends on."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from vatdata_lint.facts.effects import Event
from vatdata_lint.facts.module import FunctionInfo
from vatdata_lint.finding import Location

__all__ = ["unresolved_imports"]


def unresolved_imports(event: Event, fn: FunctionInfo) -> Iterator[tuple[Location, str]]:
    """Yield where a name that is called like a definer is imported, and the name as it is called.

    Only a call that stands in *fn* itself is looked at, and only one whose name an import binds: a method of an
    object that is not understood may come from anywhere.
    """
    for record in event.records.values():
        if not record.effect.info.is_unresolved or len(record.effect.chain) > 1:
            continue
        name = _first_name(event.node)
        node = _import_of(name, fn) if name else None
        if node is not None:
            yield fn.module.location(node), event.callee


def _first_name(node: ast.AST) -> str:
    """Give the variable that what is called is read from: ``kinds`` of ``kinds.ledger.prepare_ledger(baggage)``."""
    target: ast.AST = node.func if isinstance(node, ast.Call) else node
    while isinstance(target, ast.Attribute):
        target = target.value
    return target.id if isinstance(target, ast.Name) else ""


def _import_of(name: str, fn: FunctionInfo) -> ast.Import | ast.ImportFrom | None:
    inner: FunctionInfo | None = fn
    while inner is not None:
        for part in ast.walk(inner.node):
            if isinstance(part, ast.Import | ast.ImportFrom) and _binds(part, name):
                return part
        inner = inner.outer
    for binding in fn.module.bindings.get(name, ()):
        if isinstance(binding.node, ast.Import | ast.ImportFrom):
            return binding.node
    return None


def _binds(node: ast.Import | ast.ImportFrom, name: str) -> bool:
    return any((alias.asname or alias.name.partition(".")[0]) == name for alias in node.names)
