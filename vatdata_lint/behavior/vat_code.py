"""The functions of a module that run inside a crank, and the calls that they make."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import cast

from vatdata_lint.behavior.definitions import behaviors
from vatdata_lint.behavior.functions import own_nodes
from vatdata_lint.behavior.module_view import FunctionNode, ModuleView
from vatdata_lint.behavior.own_definers import kinds_in
from vatdata_lint.behavior.state import state_methods
from vatdata_lint.finding import Step
from vatdata_lint.vocabulary import looks_like_baggage, snake_case

__all__ = ["CrankCall", "CrankFunction", "crank_calls", "crank_functions", "hidden_call"]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
MAX_DEPTH = 3
TAKERS = frozenset(
    ["to_thread", "run_in_executor", "Thread", "Timer", "Process", "submit", "register_device"]
)
"""What runs a function in a thread, another process or the host."""
WATCHER_MAKERS = frozenset({"provide_promise_watcher"})


@dataclass(frozen=True, slots=True)
class CrankCall:
    """A call that runs inside a crank, where it stands, and how it comes to that: the method or entry, then helpers."""

    module: ModuleView
    node: ast.Call
    chain: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class CrankFunction:
    """A function that runs inside a crank, where it stands, and how it comes to that."""

    module: ModuleView
    node: FunctionNode
    chain: tuple[Step, ...]


def crank_calls(module: ModuleView) -> tuple[CrankCall, ...]:
    """Return the calls made by methods, ``init``, ``finish``, ``migrate``, entries, and what these call or nest.

    Each call once, in the order of the text. Functions of a module other than the one that calls them are not
    entered; see `hidden_call`.

    Cost: made once a module.
    """
    known = module.memo.get("crank calls")
    if known is None:
        calls = [
            CrankCall(running.module, node, running.chain)
            for running in crank_functions(module)
            for node in own_nodes(running.node)
            if isinstance(node, ast.Call)
        ]
        calls.sort(key=lambda call: (call.module.path, call.node.lineno, call.node.col_offset))
        known = module.memo["crank calls"] = tuple(calls)
    return cast("tuple[CrankCall, ...]", known)


def crank_functions(module: ModuleView) -> tuple[CrankFunction, ...]:
    """Return the functions that run inside a crank, each once: see `crank_calls`.

    Cost: made once a module.
    """
    known = module.memo.get("crank functions")
    if known is None:
        known = module.memo["crank functions"] = tuple(_functions(module))
    return cast("tuple[CrankFunction, ...]", known)


def _functions(module: ModuleView) -> Iterator[CrankFunction]:
    pending = list(_roots(module))
    seen: set[ast.AST] = set()
    while pending:
        running = pending.pop(0)
        if running.node in seen:
            continue
        seen.add(running.node)
        yield running
        for node in own_nodes(running.node):
            if isinstance(node, FUNCTIONS):
                pending.append(replace(running, node=node))  # made inside a crank, so called inside one
            elif isinstance(node, ast.Call):
                pending += _called(running, node)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                pending += _mentioned(running, node)


def _called(running: CrankFunction, call: ast.Call) -> Iterator[CrankFunction]:
    """Yield the functions of the same module that a call runs or hands on."""
    module, chain = running.module, running.chain
    found = module.called(call.func)
    if found is not None and found.module is module:
        if isinstance(found.node, FUNCTIONS):
            name = getattr(found.node, "name", "a lambda")
            yield CrankFunction(
                module, found.node, (*chain, Step(module.location(call), f"it calls {name}()"))
            )
        elif isinstance(found.node, ast.ClassDef) and not _is_device(module, call):
            # What is made inside a crank has nobody but the vat to call its methods.
            made = Step(module.location(call), f"it makes a {found.node.name}")
            for item in found.node.body:
                if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
                    step = Step(module.location(item), f"{item.name}() is a method of that")
                    yield CrankFunction(module, item, (*chain, made, step))


def _mentioned(running: CrankFunction, name: ast.Name) -> Iterator[CrankFunction]:
    """Yield the functions of the same module that a name hands on: itself, or those in a table such as a dict."""
    module = running.module
    if _is_taken_elsewhere(module, name):
        return
    bound = module.bindings(module.tree).get(name.id, [])
    if len(bound) != 1 or not isinstance(bound[0], (*FUNCTIONS, ast.Dict, ast.List, ast.Tuple)):
        return
    found = module.definition(name)
    if found is None or found.node is not bound[0]:
        return  # a local variable of that name
    step = Step(module.location(name), f"it uses {name.id}")
    if isinstance(found.node, FUNCTIONS):
        yield CrankFunction(module, found.node, (*running.chain, step))
        return
    values = found.node.values if isinstance(found.node, ast.Dict) else getattr(found.node, "elts", [])
    for value in values:
        held = module.definition(value) if isinstance(value, ast.Name | ast.Lambda) else None
        if held is not None and held.module is module and isinstance(held.node, FUNCTIONS):
            yield CrankFunction(module, held.node, (*running.chain, step))


def _is_taken_elsewhere(module: ModuleView, name: ast.Name) -> bool:
    """Say whether a function is given to a thread or to the host, which run it outside of the crank."""
    outer = module.parents.get(name)
    if isinstance(outer, ast.keyword):
        outer = module.parents.get(outer)
    if not isinstance(outer, ast.Call):
        return False
    return _last_name(outer.func) in TAKERS


def _is_device(module: ModuleView, made: ast.Call) -> bool:
    """Say whether an object is made for the host: its methods run after the commit."""
    outer = module.parents.get(made)
    return (
        isinstance(outer, ast.Call)
        and isinstance(outer.func, ast.Attribute)
        and snake_case(outer.func.attr) == "register_device"
    )


def _roots(module: ModuleView) -> Iterator[CrankFunction]:
    for behavior in kinds_in(module):
        owner = repr(behavior.kind_name) if behavior.kind_name is not None else "a kind"
        for method in state_methods(behavior):
            if method.node is not None:
                home = method.module
                step = Step(home.location(method.node), f"{method.name}() of {owner} runs inside a crank")
                yield CrankFunction(home, method.node, (step,))
                yield from _wrappers(home, method.node, step)
        for role in ("init", "migrate"):
            found = behavior.function(role)
            if found is not None:
                step = Step(found.module.location(found.node), f"{role} of {owner} runs inside a crank")
                yield CrankFunction(found.module, found.node, (step,))
    for node in module.nodes:
        if isinstance(node, ast.Call) and _last_name(node.func) in WATCHER_MAKERS:
            for handler in (*node.args[1:], *(keyword.value for keyword in node.keywords)):
                called = module.definition(handler)
                if called is not None and isinstance(called.node, FUNCTIONS):
                    step = Step(module.location(node), "it is called when a promise settles")
                    yield CrankFunction(called.module, called.node, (step,))
    for statement in module.tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and _is_entry(module, statement):
            step = Step(module.location(statement), f"{statement.name}() is the vat's first crank")
            yield CrankFunction(module, statement, (step,))


def _last_name(function: ast.expr) -> str:
    return snake_case(function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", ""))


def _wrappers(module: ModuleView, method: FunctionNode, step: Step) -> Iterator[CrankFunction]:
    """Yield what runs in a method's place: the functions that its decorators nest."""
    for decorator in getattr(method, "decorator_list", ()):
        found = module.definition(decorator.func if isinstance(decorator, ast.Call) else decorator)
        if found is None or found.module is not module or not isinstance(found.node, FUNCTIONS):
            continue
        here = Step(module.location(decorator), "it is decorated here")
        for node in own_nodes(found.node):
            if isinstance(node, FUNCTIONS):
                yield CrankFunction(module, node, (step, here))


def _is_entry(module: ModuleView, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    if function.name in ("build_root_object", "buildRootObject"):
        return True
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return function.name == "start" and any(map(looks_like_baggage, names)) and bool(behaviors(module))


def hidden_call(
    module: ModuleView,
    call: ast.Call,
    matches: Callable[[ModuleView, ast.Call], str | None],
    *,
    depth: int = MAX_DEPTH,
) -> tuple[str, tuple[Step, ...]] | None:
    """Look for a call behind a function of another module.

    Args:
        module: Where the call stands.
        call: A call that runs inside a crank.
        matches: Says what a call is, None when it is nothing of interest.
        depth: How many calls deep to look.

    Returns:
        What was found and the steps to it, None when there is nothing.
    """
    if depth == 0:
        return None
    found = module.called(call.func)
    if found is None or not isinstance(found.node, FUNCTIONS):
        return None
    if depth == MAX_DEPTH and found.module is module:
        return None  # its calls are crank calls themselves
    name = getattr(found.node, "name", "a lambda")
    calls = [node for node in own_nodes(found.node) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda item: (item.lineno, item.col_offset)):
        what = matches(found.module, node)
        here = Step(found.module.location(found.node), f"{name}() is defined here")
        if what is not None:
            return what, (here, Step(found.module.location(node), f"it calls {what}"))
        deeper = hidden_call(found.module, node, matches, depth=depth - 1)
        if deeper is not None:
            return deeper[0], (here, *deeper[1])
    return None
