"""Tables of methods as definers take them: a dict of functions, a class used as a bag, or a dict of these."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from vatdata_lint.behavior.functions import returned
from vatdata_lint.behavior.module_view import Definition, FunctionNode, ModuleView

__all__ = ["Method", "MethodTable", "class_table", "declarative_tables", "method_tables"]


@dataclass(frozen=True, slots=True)
class Method:
    """One method: the function, where it stands, and what the table names it by.

    Attributes:
        name: As the table has it.
        module: Where the function stands.
        node: None where it is not in sight (imported from outside, made by a call).
        site: Where the table names it.
        has_context: Whether it gets ``this`` first.
        is_wrapped: Whether a decorator or another function wraps it, so that its arguments may not be those of the
            method.
        context: The variable that holds the context, for what is not a method itself: a function that a method
            calls or has nested in it.
        state: Likewise the parameter that holds the state.
    """

    name: str
    module: ModuleView
    node: FunctionNode | None
    site: ast.expr | ast.stmt
    has_context: bool = True
    is_wrapped: bool = False
    context: str | None = None
    state: str | None = None

    @property
    def context_name(self) -> str | None:
        """The parameter or variable that holds the context: ``this``."""
        if self.context is not None or self.node is None or not self.has_context:
            return self.context
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
    found = module.value(given)
    if found is None or not _is_table(found.module, found.node):
        return (), False
    tables: list[MethodTable] = []
    complete = True
    for key, value in _table_items(found.module, found.node):
        table = None
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            table = _table(found.module, value, key.value, context=context)
        if table is None:
            complete = False
        else:
            tables.append(table)
    return tuple(tables), complete


def _table(module: ModuleView, given: ast.expr, name: str | None, *, context: bool) -> MethodTable | None:
    found = module.value(given)
    if found is None:
        return None
    if isinstance(found.node, ast.ClassDef):
        return class_table(found.module, found.node, name, context=context)
    return _dict_table(found.module, found.node, name, context=context)


def _dict_table(
    module: ModuleView, node: ast.AST, name: str | None, *, context: bool, depth: int = 4
) -> MethodTable | None:
    """Read ``{"a": f}``, ``dict(a=f)``, and what joins such by ``|`` or ``**``."""
    methods: dict[str, Method] = {}
    complete = True
    for key, value in _table_items(module, node):
        if key is None:
            spread = module.definition(value)
            inner = None
            if spread is not None and depth:
                inner = _dict_table(spread.module, spread.node, name, context=context, depth=depth - 1)
            methods |= inner.methods if inner is not None else {}
            complete = complete and inner is not None and inner.is_complete
        elif isinstance(key, ast.Constant) and isinstance(key.value, str):
            methods[key.value] = _method(module, key.value, value, context=context)
        else:
            complete = False  # a computed name
    return MethodTable(name, methods, complete) if _is_table(module, node) else None


def _is_table(module: ModuleView, node: ast.AST) -> bool:
    match node:
        case ast.Dict() | ast.BinOp(op=ast.BitOr()):
            return True
        case ast.DictComp():
            return bool(_table_items(module, node))
        case ast.Call(func=ast.Name(id="dict")):
            return module.resolved(node.func) == "dict"
        case _:
            return False


def _table_items(module: ModuleView, node: ast.AST) -> list[tuple[ast.expr | None, ast.expr]]:
    """Return key and value of each item of a table, None as the key of another table that it takes in."""
    match node:
        case ast.Dict():
            return list(zip(node.keys, node.values, strict=True))
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return [(None, left), (None, right)]
        case ast.DictComp(
            key=ast.Attribute(value=ast.Name(id=key), attr="__name__"),
            value=ast.Name(id=value),
            generators=[
                ast.comprehension(
                    target=ast.Name(id=target),
                    iter=ast.Tuple(elts=functions) | ast.List(elts=functions),
                    ifs=[],
                )
            ],
        ) if key == value == target:
            return [(ast.Constant(item.id), item) for item in functions if isinstance(item, ast.Name)]
        case ast.Call() if _is_table(module, node):
            named = [(ast.Constant(item.arg) if item.arg else None, item.value) for item in node.keywords]
            return [*((None, item) for item in node.args), *named]
        case _:
            return []


def _method(module: ModuleView, name: str, value: ast.expr, *, context: bool) -> Method:
    found = _unbound(module, value) or module.definition(value)
    if found is not None and isinstance(found.node, ast.Call):
        return _made_method(found.module, name, found.node, Method(name, module, None, value, context))
    function = _function(found.node) if found is not None else None
    if found is None or function is None:
        return Method(name, module, None, value, context)
    return Method(name, found.module, function, value, context, is_wrapped=_is_wrapped(function))


def _made_method(module: ModuleView, name: str, call: ast.Call, unknown: Method) -> Method:
    """Return what a call makes of functions in sight: ``partial(pay, bank)``, ``logged(pay)``, ``getter("name")``."""
    maker = module.definition(call.func)
    if maker is not None and isinstance(maker.node, ast.FunctionDef) and not maker.node.decorator_list:
        results = [maker.module.definition(item) for _, item in returned(maker.node) if item is not None]
        made = _function(results[0].node) if len(results) == 1 and results[0] is not None else None
        if made is not None and not _is_wrapped(made):
            return Method(name, maker.module, made, unknown.site, unknown.has_context)
    for position in (0, -1):  # logged(increment), retrying(3, increment)
        inner = module.definition(call.args[position]) if call.args else None
        function = _function(inner.node) if inner is not None else None
        if inner is None or function is None:
            continue
        bound = 0
        if module.dotted(call.func) == "functools.partial":
            bound = len(call.args) - 1
        parameters = [*function.args.posonlyargs, *function.args.args]
        first = parameters[bound].arg if unknown.has_context and bound < len(parameters) else None
        return Method(name, inner.module, function, unknown.site, False, is_wrapped=True, context=first)
    return unknown


def _unbound(module: ModuleView, value: ast.expr) -> Definition | None:
    """Find a function that is read from a class: ``Purse.deposit``."""
    if not isinstance(value, ast.Attribute):
        return None
    holder = module.definition(value.value)
    return holder.module.member(holder.node, value.attr) if holder is not None else None


def _is_wrapped(node: FunctionNode) -> bool:
    """Say whether a decorator stands over a function that does more than saying how it is bound."""
    decorators = getattr(node, "decorator_list", [])
    return any(not (isinstance(item, ast.Name) and item.id == "staticmethod") for item in decorators)


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
                methods[statement.name] = Method(
                    statement.name, module, statement, statement, context, is_wrapped=_is_wrapped(statement)
                )
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
