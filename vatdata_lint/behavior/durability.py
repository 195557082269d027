"""Values that cannot be kept: in no state at all, or in none that outlives the incarnation."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from vatdata_lint.behavior.definitions import runtime_name
from vatdata_lint.behavior.module_view import ModuleView
from vatdata_lint.behavior.stores import is_durable_store, store_maker

__all__ = ["Unfit", "unfit"]

HEAP_MAKERS = {
    "Far": "a heap object (Far)",
    "make_exo": "a heap object (make_exo)",
    "make_promise_kit": "a promise kit",
    "make_heap_zone": "a zone",
    "make_virtual_zone": "a zone",
    "make_durable_zone": "a zone",
}
NEVER = {
    "open": "an open file",
    "io.open": "an open file",
    "os.fdopen": "an open file",
    "iter": "an iterator",
    "map": "an iterator",
    "filter": "an iterator",
    "zip": "an iterator",
    "enumerate": "an iterator",
    "asyncio.Lock": "a lock",
    "asyncio.Event": "an event of asyncio",
    "asyncio.Queue": "a queue of asyncio",
    "asyncio.Semaphore": "a lock",
    "asyncio.Future": "a future of asyncio",
    "asyncio.create_task": "a task of asyncio",
    "asyncio.ensure_future": "a task of asyncio",
    "threading.Lock": "a lock",
    "threading.RLock": "a lock",
    "threading.Event": "an event of threads",
    "socket.socket": "a socket",
    "object": "a bare object",
}


@dataclass(frozen=True, slots=True)
class Unfit:
    """A value that cannot be kept, in words; ``anywhere`` says that no zone takes it."""

    node: ast.expr
    what: str
    anywhere: bool


def unfit(module: ModuleView, value: ast.expr, *, depth: int = 6) -> Unfit | None:
    """Return the first part of a value that cannot go into durable state; None where nothing is certain.

    Looks into displays and both sides of a choice, and through names to what they were assigned once.
    """
    if depth == 0:
        return None
    match value:
        case ast.Lambda():
            return Unfit(value, "a function", anywhere=True)
        case ast.GeneratorExp():
            return Unfit(value, "a generator", anywhere=True)
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return _first(module, parts, depth)
        case ast.Dict(values=parts) | ast.BoolOp(values=parts):
            return _first(module, parts, depth)
        case ast.IfExp(body=first, orelse=second):
            return _first(module, [first, second], depth)
        case ast.Name():
            return _named(module, value, depth)
        case ast.Call():
            return _called(module, value)
        case _:
            return None


def _first(module: ModuleView, parts: list[ast.expr], depth: int) -> Unfit | None:
    for part in parts:
        found = unfit(module, part, depth=depth - 1)
        if found is not None:
            return found
    return None


def _named(module: ModuleView, name: ast.Name, depth: int) -> Unfit | None:
    found = module.definition(name)
    if found is None:
        return None
    if isinstance(found.node, ast.FunctionDef | ast.AsyncFunctionDef):
        return (
            Unfit(name, f"the function {name.id!r}", anywhere=True) if not found.node.decorator_list else None
        )
    if isinstance(found.node, ast.expr) and not isinstance(found.node, ast.Name):
        behind = unfit(found.module, found.node, depth=depth - 1)
        return Unfit(name, behind.what, behind.anywhere) if behind is not None else None
    return None


def _called(module: ModuleView, call: ast.Call) -> Unfit | None:
    maker = store_maker(module, call)
    if maker is not None:
        kept = is_durable_store(call, maker)
        kind = "a virtual store" if "big" in maker else "a heap store"
        return Unfit(call, kind, anywhere=False) if kept is False else None
    name = runtime_name(module, call.func)
    if name in HEAP_MAKERS:
        return Unfit(call, HEAP_MAKERS[name], anywhere=False)
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Call):
        if runtime_name(module, call.func.value.func) == "E":
            return Unfit(call, "a promise", anywhere=False)
    dotted = module.resolved(call.func)
    what = NEVER.get(dotted) if dotted is not None else None
    return Unfit(call, what, anywhere=True) if what is not None else None
