"""Tables of methods as definers take them: a dict of functions, a class used as a bag, or a dict of these."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from vatdata_lint.behavior.module_view import FunctionNode, ModuleView

__all__ = ["Method", "MethodTable", "class_table", "declarative_tables", "method_tables"]


@dataclass(frozen=True, slots=True)
class Method:
    """One method: the function, where it stands, and what the table names it by.

    ``node`` is None where the function is not in sight (imported from outside, made by a call).
    """

    name: str
    module: ModuleView
    node: FunctionNode | None
    site: ast.expr | ast.stmt
    has_context: bool = True

    @property
    def context_name(self) -> str | None:
        """The parameter that receives the context: ``this``."""
        if self.node is None or not self.has_context:
            return None
        positional = [*self.node.args.posonlyargs, *self.node.args.args]
        return positional[0].arg if positional else None


@dataclass(frozen=True, slots=True)
class MethodTable:
    """Methods of one facet (``name`` None for a single) and whether these are all."""

    name: str | None
    methods: Mapping[str, Method]
    is_complete: bool


def method_tables(
    module: ModuleView, given: ast.expr, *, kit: bool, context: bool
) -> tuple[tuple[MethodTable, ...], bool]:
    """Return the tables that an expression stands for, and whether they are all of them."""
    if not kit:
        table = _table(module, given, None, context=context)
        return ((table,), True) if table is not None else ((), False)
    found = module.definition(given)
    if found is None or not isinstance(found.node, ast.Dict):
        return (), False
    tables: list[MethodTable] = []
    complete = True
    for key, value in zip(found.node.keys, found.node.values, strict=True):
        table = None
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            table = _table(found.module, value, key.value, context=context)
        if table is None:
            complete = False
        else:
            tables.append(table)
    return tuple(tables), complete


def _table(module: ModuleView, given: ast.expr, name: str | None, *, context: bool) -> MethodTable | None:
    found = module.definition(given)
    if found is None:
        return None
    if isinstance(found.node, ast.ClassDef):
        return class_table(found.module, found.node, name, context=context)
    if isinstance(found.node, ast.Dict):
        return _dict_table(found.module, found.node, name, context=context)
    return None


def _dict_table(
    module: ModuleView, node: ast.Dict, name: str | None, *, context: bool, depth: int = 4
) -> MethodTable:
    methods: dict[str, Method] = {}
    complete = True
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            spread = module.definition(value)
            if depth and spread is not None and isinstance(spread.node, ast.Dict):
                table = _dict_table(spread.module, spread.node, name, context=context, depth=depth - 1)
                methods |= table.methods
                complete = complete and table.is_complete
                continue
        if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
            complete = False  # a spread or a computed name
            continue
        found = module.definition(value)
        is_function = found is not None and isinstance(
            found.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
        )
        if found is not None and is_function and not getattr(found.node, "decorator_list", None):
            methods[key.value] = Method(key.value, found.module, _function(found.node), value, context)
        else:
            methods[key.value] = Method(key.value, module, None, value, context)
    return MethodTable(name, methods, complete)


def _function(node: ast.AST) -> FunctionNode | None:
    return node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) else None


def class_table(
    module: ModuleView, node: ast.ClassDef, name: str | None, *, context: bool, depth: int = 6
) -> MethodTable:
    """Return the methods of a class: its public functions and those of base classes in sight."""
    methods: dict[str, Method] = {}
    complete = not node.decorator_list
    for base in node.bases:
        if isinstance(base, ast.Name) and base.id == "object":
            continue
        found = module.definition(base)
        if depth and found is not None and isinstance(found.node, ast.ClassDef) and found.node is not node:
            inherited = class_table(found.module, found.node, name, context=context, depth=depth - 1)
            methods |= inherited.methods
            complete = complete and inherited.is_complete
        else:
            complete = False
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            if not statement.name.startswith("_"):
                known = None if statement.decorator_list else statement
                methods[statement.name] = Method(statement.name, module, known, statement, context)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                if not isinstance(target, ast.Name) or target.id.startswith("_"):
                    continue
                found = module.definition(statement.value)
                function = _function(found.node) if found is not None else None
                if found is not None and function is not None:
                    methods[target.id] = Method(target.id, found.module, function, statement, context)
                elif not isinstance(statement.value, ast.Constant | ast.Tuple | ast.List | ast.Dict):
                    complete = False  # it may be a function that is made elsewhere
        elif not isinstance(statement, ast.Expr | ast.Pass | ast.AnnAssign | ast.ClassDef):
            complete = False  # made by a loop or under a condition
    return MethodTable(name, methods, complete)


def declarative_tables(module: ModuleView, node: ast.ClassDef) -> tuple[MethodTable, ...]:
    """Return one table for each facet class nested in an ``ExoKit``."""
    return tuple(
        class_table(module, statement, statement.name, context=True)
        for statement in node.body
        if isinstance(statement, ast.ClassDef)
    )
