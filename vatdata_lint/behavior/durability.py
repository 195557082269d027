"""Values that cannot be kept: in no state at all, or in none that outlives the incarnation."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass

from vatdata_lint.behavior.definitions import behavior_at, runtime_name, zone_durability
from vatdata_lint.behavior.functions import is_generator, returned
from vatdata_lint.behavior.module_view import FunctionNode, ModuleView
from vatdata_lint.behavior.stores import is_durable_store, store_maker

__all__ = ["Unfit", "is_plain_class", "unfit", "unfit_result"]

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
    "functools.partial": "a function (partial)",
    "range": "a range",
    "reversed": "an iterator",
    "bytearray": "a bytearray",
    "complex": "a complex number",
    "memoryview": "a memoryview",
    "asyncio.Condition": "a lock",
    "threading.Condition": "a lock",
    "threading.Semaphore": "a lock",
    "threading.Thread": "a thread",
    "pathlib.Path": "a path",
    "re.compile": "a compiled pattern",
    "logging.getLogger": "a logger",
    "sqlite3.connect": "a connection to a database",
    "tempfile.TemporaryFile": "an open file",
    "tempfile.NamedTemporaryFile": "an open file",
    "collections.deque": "a deque",
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
    if depth <= 0:
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
        case ast.NamedExpr(value=inner):
            return unfit(module, inner, depth=depth - 1)
        case ast.Attribute(attr="promise", value=kit):
            made = single_value(module, kit)
            if isinstance(made, ast.Call) and runtime_name(module, made.func) == "make_promise_kit":
                return Unfit(value, "a promise", anywhere=False)
            return None
        case ast.IfExp(body=first, orelse=second):
            return _first(module, [first, second], depth)
        case ast.Name():
            return _named(module, value, depth)
        case ast.Call():
            return _called(module, value, depth)
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
        return _built_in(module, name)
    if isinstance(found.node, ast.FunctionDef | ast.AsyncFunctionDef):
        return (
            Unfit(name, f"the function {name.id!r}", anywhere=True) if not found.node.decorator_list else None
        )
    if isinstance(found.node, ast.expr) and not isinstance(found.node, ast.Name):
        behind = unfit(found.module, found.node, depth=depth - 1)
        return Unfit(name, behind.what, behind.anywhere) if behind is not None else None
    return None


def _built_in(module: ModuleView, name: ast.Name) -> Unfit | None:
    """Judge a name that nothing in the project binds: ``len`` is a function, and ``int`` a class."""
    known = vars(builtins).get(name.id)
    if not callable(known) or module.resolved(name) != name.id:
        return None
    what = "the class" if isinstance(known, type) else "the function"
    return Unfit(name, f"{what} {name.id!r}", anywhere=True)


def _called(module: ModuleView, call: ast.Call, depth: int) -> Unfit | None:
    maker = store_maker(module, call)
    if maker is not None:
        kept = is_durable_store(module, call, maker)
        kind = "a virtual store" if "big" in maker or _is_virtual(module, call) else "a heap store"
        return Unfit(call, kind, anywhere=False) if kept is False else None
    name = runtime_name(module, call.func)
    if name in HEAP_MAKERS:
        return Unfit(call, HEAP_MAKERS[name], anywhere=False)
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Call):
        if runtime_name(module, call.func.value.func) == "E":
            return Unfit(call, "a promise", anywhere=False)
    exo = behavior_at(module, call)
    if exo is not None and exo.durability == "heap" and exo.definer in ("exo", "make_exo"):
        return Unfit(call, "a heap object", anywhere=False)
    made = _made(module, call, depth)
    if made is not None:
        return made
    dotted = module.resolved(call.func)
    what = NEVER.get(dotted) if dotted is not None else None
    return Unfit(call, what, anywhere=True) if what is not None else None


def unfit_result(module: ModuleView, function: FunctionNode, *, depth: int = 6) -> Unfit | None:
    """Return the first that a function returns and that cannot go into durable state."""
    for _, value in returned(function) if depth > 0 else ():
        found = unfit(module, value, depth=depth) if value is not None else None
        if found is not None:
            return found
    return None


def _is_virtual(module: ModuleView, call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and zone_durability(module, call.func.value) == "virtual"


def _made(module: ModuleView, call: ast.Call, depth: int) -> Unfit | None:
    """Judge what a function, class or maker in sight gives: a coroutine, a plain object, an instance of a kind."""
    found = module.called(call.func)
    if found is None:
        return None
    node = found.node
    if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and not node.decorator_list:
        if isinstance(node, ast.AsyncFunctionDef):
            return Unfit(call, f"the coroutine of {node.name}()", anywhere=True)
        if is_generator(node):
            return Unfit(call, f"the generator of {node.name}()", anywhere=True)
        behind = unfit_result(found.module, node, depth=depth - 1)
        return Unfit(call, behind.what, behind.anywhere) if behind is not None else None
    if isinstance(node, ast.ClassDef) and is_plain_class(found.module, node):
        return Unfit(call, f"an instance of the class {node.name!r}", anywhere=True)
    if isinstance(node, ast.Call):
        kind = behavior_at(found.module, node)
        if kind is not None and kind.durability in ("heap", "virtual"):
            return Unfit(call, f"an instance of a {kind.durability} kind", anywhere=False)
    return None


def is_plain_class(module: ModuleView, node: ast.ClassDef) -> bool:
    """Say whether instances of a class are ordinary Python objects: it has no base and no decorator but dataclass."""
    if node.keywords or any(not (isinstance(base, ast.Name) and base.id == "object") for base in node.bases):
        return False
    names = (module.dotted(item.func if isinstance(item, ast.Call) else item) for item in node.decorator_list)
    if not all(name == "dataclasses.dataclass" for name in names):
        return False
    return not any(isinstance(item, ast.FunctionDef) and item.name == "__new__" for item in node.body)


def single_value(module: ModuleView, node: ast.expr) -> ast.AST:
    """Return what a name was assigned once, the expression itself where it is none."""
    found = module.definition(node) if isinstance(node, ast.Name) else None
    return found.node if found is not None else node
