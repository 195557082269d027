"""What a node changes in place: by a method, by an item, by a function that changes what it is given."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from vatdata_lint.behavior.functions import own_nodes
from vatdata_lint.behavior.module_view import Definition, FunctionNode, ModuleView

__all__ = ["Change", "changes"]

LIST_MUTATORS = frozenset({"append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse"})
MUTATORS = LIST_MUTATORS | {"add", "discard", "update", "setdefault", "popitem"}
CHANGING_FUNCTIONS = {
    "append": "list",
    "extend": "list",
    "sort": "list",
    "update": "dict",
    "heappush": "heapq",
    "heappop": "heapq",
    "heapify": "heapq",
    "heapreplace": "heapq",
    "heappushpop": "heapq",
    "insort": "bisect",
    "insort_left": "bisect",
    "insort_right": "bisect",
    "shuffle": "random",
}
"""Functions that change their first argument in place, with what they belong to."""
MAX_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Change:
    """A value that is changed in place.

    Attributes:
        target: The value.
        verb: The method that changes it, with a dot for a function like ``heapq.heappush``; None for an item.
        words: What changes it, for people.
        is_direct: Whether it happens here; else in a function that the value is given to.
    """

    target: ast.expr
    verb: str | None
    words: str
    is_direct: bool = True


def changes(module: ModuleView, node: ast.AST) -> Iterator[Change]:
    """Yield what a node changes in place."""
    yield from _direct(module, node)
    if isinstance(node, ast.Call) and (node.args or node.keywords):
        yield from _by_function(module, node)


def _direct(module: ModuleView, node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Call(func=ast.Attribute(value=target, attr=verb)) if verb in MUTATORS:
            if not (isinstance(target, ast.Name) and module.resolved(target) in ("list", "dict", "set")):
                yield Change(target, verb, f"{verb}()")
                return
        case ast.Subscript(value=target, ctx=ast.Store()):
            yield Change(target, None, "this assignment")
        case ast.Subscript(value=target, ctx=ast.Del()):
            yield Change(target, None, "this del")
        case _:
            pass
    match node:
        case ast.Call(func=function, args=[target, *_]):
            last = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            home = CHANGING_FUNCTIONS.get(last)
            if home is not None and module.resolved(function) == f"{home}.{last}":
                yield Change(target, f"{home}.{last}", f"{home}.{last}()")
        case _:
            pass


def _by_function(module: ModuleView, call: ast.Call) -> Iterator[Change]:
    if _may_change(module, call.func):
        found = module.definition(call.func)
        if found is not None:
            yield from _changed_arguments(found, call, MAX_DEPTH)


def _changed_arguments(found: Definition, call: ast.Call, depth: int) -> Iterator[Change]:
    """Yield the arguments of a call that the function which it runs changes in place."""
    if not isinstance(found.node, ast.FunctionDef) or found.node.decorator_list:
        return
    changed = _changed_parameters(found.module, found.node, depth)
    if not changed:
        return
    names = [item.arg for item in (*found.node.args.posonlyargs, *found.node.args.args)]
    given = [*zip(names, call.args, strict=False), *((item.arg, item.value) for item in call.keywords)]
    for name, argument in given:
        if name in changed:
            yield Change(argument, changed[name], f"{found.node.name}()", is_direct=False)


def _may_change(module: ModuleView, function: ast.expr) -> bool:
    """Say whether it is worth a look what a call does: of a function here that changes things, or an imported one."""
    if isinstance(function, ast.Name):
        if function.id in _changing_names(module):
            return True
    elif not isinstance(function, ast.Attribute):
        return False
    dotted = module.dotted(function)
    if dotted is None or "." not in dotted or dotted.split(".")[0] not in _roots(module):
        return False
    return module.load(dotted.rpartition(".")[0]) is not None


def _roots(module: ModuleView) -> set[str]:
    """Return the first parts of what a module imports."""
    known = module.memo.get("roots")
    if known is None:
        known = module.memo["roots"] = {dotted.split(".")[0] for dotted in module.imports.values()}
    return cast("set[str]", known)


def _changing_names(module: ModuleView) -> set[str]:
    """Return the names of functions that change a parameter in place, or hand one to such a function.

    Cost: a few passes over the nodes, made once a module.
    """
    known = module.memo.get("changing names")
    if known is None:
        changed = (change.target for node in module.nodes for change in _direct(module, node))
        names = {name for target in changed for name in _owners(module, target)}
        calls = [node for node in module.nodes if isinstance(node, ast.Call) and node.args] if names else []
        for _ in range(MAX_DEPTH):
            handed = (
                item
                for call in calls
                if isinstance(call.func, ast.Name) and call.func.id in names
                for item in call.args
            )
            names |= {name for item in handed for name in _owners(module, item)}
        known = module.memo["changing names"] = names
    return cast("set[str]", known)


def _owners(module: ModuleView, value: ast.expr) -> Iterator[str]:
    """Yield the name of the function of which a variable is a parameter."""
    if isinstance(value, ast.Name):
        scope = module.enclosing(value, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        if not isinstance(scope, ast.FunctionDef) or all(item.arg != value.id for item in scope.args.args):
            return
        if module.bindings(scope).get(value.id) == [None]:
            yield scope.name


def _changed_parameters(module: ModuleView, function: FunctionNode, depth: int) -> dict[str, str | None]:
    """Return the parameters whose values a function changes in place, with the method by which it does."""
    known = cast(
        "dict[tuple[ast.AST, int], dict[str, str | None]]", module.memo.setdefault("changed parameters", {})
    )
    key = (function, depth)
    if key not in known:
        known[key] = {}  # a function that calls itself adds nothing
        bound = module.bindings(function)
        found: dict[str, str | None] = {}
        for node in own_nodes(function):
            further: Iterator[Change] = iter(())
            if depth and isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                # By the module's names alone: to know parents takes a walk through the whole module.
                called = module.exported(node.func.id) if node.func.id not in bound else None
                further = _changed_arguments(called, node, depth - 1) if called is not None else further
            for change in (*_direct(module, node), *further):
                if isinstance(change.target, ast.Name) and bound.get(change.target.id) == [None]:
                    found.setdefault(change.target.id, change.verb)
        known[key] = found
    return known[key]
