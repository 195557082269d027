"""Functions that have the state of a kind at hand: its methods, and what these hand context or state to."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import cast

from vatdata_lint.behavior.definitions import Behavior
from vatdata_lint.behavior.functions import own_nodes
from vatdata_lint.behavior.methods import Method
from vatdata_lint.behavior.module_view import FunctionNode
from vatdata_lint.behavior.own_definers import arguments_given
from vatdata_lint.behavior.state import is_state, state_methods

__all__ = ["helpers_given", "state_users"]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
MOST = 400
"""Functions of one kind that are looked at; more than that hand their state around in ways that nobody reads."""


def state_users(behavior: Behavior) -> tuple[Method, ...]:
    """Return the methods of a kind, what is nested in them, and functions in sight that get ``this`` or its state.

    Cost: made once a kind.
    """
    known = cast("dict[object, tuple[Method, ...]]", behavior.module.memo.setdefault("state users", {}))
    key = (behavior.site, behavior.origin)
    if key not in known:
        known[key] = tuple(_users(behavior))
    return known[key]


def _users(behavior: Behavior) -> Iterator[Method]:
    pending = list(state_methods(behavior))
    seen: set[tuple[ast.AST, str | None, str | None]] = set()
    while pending and len(seen) < MOST:
        method = pending.pop(0)
        key = (method.node or method.site, method.context_name, method.state)
        if key in seen:
            continue
        seen.add(key)
        yield method
        for node in own_nodes(method.node) if method.node is not None else ():
            if isinstance(node, FUNCTIONS):
                pending += _nested(method, node)
            elif isinstance(node, ast.Call):
                pending += helpers_given(method, node)


def _nested(method: Method, node: FunctionNode) -> Iterator[Method]:
    """Yield a function nested in a method, which sees the variables of that."""
    hidden = method.module.bindings(node)
    context = method.context_name if method.context_name not in hidden else None
    state = method.state if method.state not in hidden else None
    if context is not None or state is not None:
        name = getattr(node, "name", method.name)
        yield Method(name, method.module, node, method.site, False, context=context, state=state)


def helpers_given(method: Method, call: ast.Call) -> Iterator[Method]:
    """Yield the function that a call gives context or state to."""
    roles: dict[str, ast.expr] = {}
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        role = _role(method, argument)
        if role is not None:
            roles.setdefault(role, argument)
    if not roles:
        return
    found = method.module.called(call.func)
    if found is None or not isinstance(found.node, FUNCTIONS) or getattr(found.node, "decorator_list", None):
        return
    names = {argument: name for name, argument in arguments_given(method.module, call, found.node).items()}
    context, state = (names.get(roles[role]) if role in roles else None for role in ("context", "state"))
    if context is not None or state is not None:
        name = getattr(found.node, "name", method.name)
        yield Method(name, found.module, found.node, call, False, context=context, state=state)


def _role(method: Method, argument: ast.expr) -> str | None:
    if isinstance(argument, ast.Name) and argument.id == method.context_name:
        return "context"
    return "state" if is_state(method, argument) else None
