"""What happens inside one function, not inside those nested in it: returns, suspension, the end of its body."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from vatdata_lint.behavior.module_view import FunctionNode, ModuleView

__all__ = ["falls_through", "is_generator", "own_nodes", "returned"]

NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def own_nodes(function: FunctionNode) -> Iterator[ast.AST]:
    """Yield the nodes that run when the function runs, in no particular order; nested functions as a whole."""
    pending: list[ast.AST] = list(function.body) if isinstance(function.body, list) else [function.body]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, NESTED):
            pending.extend(ast.iter_child_nodes(node))


def is_generator(function: FunctionNode) -> bool:
    """Say whether calling the function gives a generator instead of running it."""
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(function))


def returned(function: FunctionNode) -> Iterator[tuple[ast.stmt | ast.expr, ast.expr | None]]:
    """Yield each place that returns with what it returns, in the order of the text."""
    if isinstance(function, ast.Lambda):
        yield function.body, function.body
        return
    found = [node for node in own_nodes(function) if isinstance(node, ast.Return)]
    for node in sorted(found, key=lambda item: (item.lineno, item.col_offset)):
        yield node, node.value


def falls_through(module: ModuleView, statements: list[ast.stmt], *, depth: int = 4) -> bool:
    """Say whether the end of a block may be reached, so that a function would return None.

    A loop without end, a ``match`` with a case for everything, and functions in sight that always raise are seen.
    """
    return all(_goes_on(module, statement, depth) for statement in statements)


def _goes_on(module: ModuleView, statement: ast.stmt, depth: int) -> bool:
    def falls_through(block: list[ast.stmt]) -> bool:
        return all(_goes_on(module, item, depth) for item in block)

    match statement:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return False
        case ast.Expr(value=ast.Call() as call):
            return not _never_returns(module, call, depth)
        case ast.Assert(test=ast.Constant(value=value)):
            return bool(value)
        case ast.If(test=ast.Constant(value=value)):
            return falls_through(statement.body if value else statement.orelse)
        case ast.If():
            return falls_through(statement.body) or falls_through(statement.orelse)
        case ast.While(test=ast.Constant(value=value)) if value:
            return _breaks(statement)
        case ast.For() | ast.AsyncFor() | ast.While():
            return falls_through(statement.orelse) or _breaks(statement)
        case ast.With() | ast.AsyncWith():
            swallows = any(_swallows(module, item.context_expr) for item in statement.items)
            return swallows or falls_through(statement.body)
        case ast.Try() | ast.TryStar():
            if not falls_through(statement.finalbody):
                return False
            body = falls_through([*statement.body, *statement.orelse])
            return body or any(falls_through(handler.body) for handler in statement.handlers)
        case ast.Match():
            everything = any(case.guard is None and _matches_all(case.pattern) for case in statement.cases)
            return not everything or any(falls_through(case.body) for case in statement.cases)
        case _:
            return True


def _never_returns(module: ModuleView, call: ast.Call, depth: int) -> bool:
    """Say whether a call certainly ends in an exception."""
    if module.resolved(call.func) in ("sys.exit", "os.abort", "os._exit", "exit", "quit"):
        return True
    found = module.called(call.func) if depth else None
    if found is None or not isinstance(found.node, ast.FunctionDef) or found.node.decorator_list:
        return False
    if is_generator(found.node) or any(True for _ in returned(found.node)):
        return False
    return not falls_through(found.module, found.node.body, depth=depth - 1)


def _swallows(module: ModuleView, manager: ast.expr) -> bool:
    return isinstance(manager, ast.Call) and module.resolved(manager.func) == "contextlib.suppress"


def _matches_all(pattern: ast.pattern) -> bool:
    match pattern:
        case ast.MatchAs(pattern=None):
            return True
        case ast.MatchAs(pattern=inner) if inner is not None:
            return _matches_all(inner)
        case ast.MatchOr(patterns=patterns):
            return any(map(_matches_all, patterns))
        case _:
            return False


def _breaks(loop: ast.For | ast.AsyncFor | ast.While) -> bool:
    """Say whether a ``break`` leaves this very loop."""
    pending: list[ast.AST] = list(loop.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Break):
            return True
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            pending.extend(node.orelse)
        elif not isinstance(node, NESTED):
            pending.extend(ast.iter_child_nodes(node))
    return False
