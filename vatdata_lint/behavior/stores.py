"""Variables of a module that hold stores, and values that are read from them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from vatdata_lint.behavior.definitions import behaviors, runtime_name, zone_durability
from vatdata_lint.behavior.module_view import ModuleView
from vatdata_lint.vocabulary import snake_case

__all__ = [
    "ONLY_COLLECTIONS",
    "is_collection",
    "is_durable_store",
    "store_maker",
    "stored_collection",
    "variable_source",
]

MAP_MAKERS = frozenset(
    {
        "make_scalar_map_store",
        "make_scalar_weak_map_store",
        "make_scalar_big_map_store",
        "make_scalar_big_weak_map_store",
        "provide_durable_map_store",
        "provide_durable_weak_map_store",
    }
)
SET_MAKERS = frozenset(name.replace("map", "set") for name in MAP_MAKERS)
ZONE_STORES = frozenset({"map_store", "set_store", "weak_map_store", "weak_set_store"})
WRITERS = frozenset({"init", "set"})
ONLY_COLLECTIONS = frozenset(["append", "extend", "insert", "sort", "reverse", "popitem", "setdefault"])
"""Methods by which a list or dict is known; `add`, `remove`, `pop`, `update` are also called so elsewhere."""
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Module)
COLLECTIONS = frozenset({"list", "dict", "set", "tuple", "frozenset", "sorted"})
DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.Tuple, ast.ListComp, ast.DictComp, ast.SetComp)


def store_maker(module: ModuleView, node: ast.AST) -> str | None:
    """Return the name of the function, or zone method, by which an expression makes a store; None for others."""
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Attribute) and snake_case(node.func.attr) in ZONE_STORES:
        return snake_case(node.func.attr)
    name = runtime_name(module, node.func)
    snake = snake_case(name) if name is not None else ""
    return snake if snake in MAP_MAKERS or snake in SET_MAKERS else None


def is_durable_store(module: ModuleView, call: ast.Call, maker: str) -> bool | None:
    """Say whether a store that a call makes survives its incarnation; None where that depends on an unknown zone."""
    if maker in ZONE_STORES:
        where = (
            zone_durability(module, call.func.value) if isinstance(call.func, ast.Attribute) else "unknown"
        )
        return None if where == "unknown" else where == "durable"
    if maker.startswith("provide_durable"):
        return True
    if "big" not in maker:
        return False
    for keyword in call.keywords:
        if keyword.arg == "durable":
            return keyword.value.value is True if isinstance(keyword.value, ast.Constant) else None
    return False


def stored_collection(module: ModuleView, value: ast.expr, verb: str | None) -> tuple[str, ast.expr] | None:
    """Return store and reading expression, when a value comes from a store and is a plain collection.

    It is one when the module writes a collection into that store, or when an item of it is assigned. Where it is not
    seen what is written, a method that only lists and dicts have tells it, unless a kind of the module has a method
    of that name.

    Args:
        module: Where the value is used.
        value: What is changed in place.
        verb: The method that changes it, None for an assignment to an item.
    """
    read = _read(module, value)
    if read is None:
        return None
    home, store, reading = read.module, read.store, read.node
    found = home.definition(store)
    if found is None or store_maker(found.module, found.node) is None:
        if not _is_baggage(home, store):
            return None
    name = ast.unparse(store)
    written = _written(home).get(name, ())
    if any(is_collection(home, item) for item in written):
        return name, reading
    if any(isinstance(item, ast.Call) for item in written):
        return None
    if verb is None:
        return name, reading  # an instance takes no assignment to an item
    if verb not in ONLY_COLLECTIONS:
        return None
    names = {name for behavior in behaviors(module) for table in behavior.tables for name in table.methods}
    return None if verb in names else (name, reading)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A store, in the module where it is read, and the expression in the first module that leads there."""

    module: ModuleView
    store: ast.expr
    node: ast.expr


def _read(module: ModuleView, value: ast.expr, *, depth: int = 8) -> _Reading | None:
    """Find the store that a value is read from, through variables, choices, items of what was read, and helpers."""
    if depth == 0:
        return None
    match value:
        case ast.NamedExpr(value=inner):
            return _read(module, inner, depth=depth - 1)
        case ast.BoolOp(values=ways):
            found = (_read(module, way, depth=depth - 1) for way in ways)
            return next((one for one in found if one is not None), None)
        case ast.IfExp(body=first, orelse=second):
            return _read(module, first, depth=depth - 1) or _read(module, second, depth=depth - 1)
        case ast.Call(func=ast.Attribute(value=ast.Name() | ast.Attribute() as store, attr="get")) if (
            _is_store(module, store)
        ):
            return _Reading(module, store, value)
        case ast.Subscript(value=ast.Name() | ast.Attribute() as store, ctx=ast.Load()) if _is_store(
            module, store
        ):
            return _Reading(module, store, value)
        case (
            ast.Subscript(value=inner)
            | ast.Call(func=ast.Attribute(value=ast.Call() | ast.Subscript() as inner))
        ):
            is_item = isinstance(value, ast.Subscript) or getattr(value.func, "attr", "") in (
                "get",
                "setdefault",
            )
            return _read(module, inner, depth=depth - 1) if is_item else None
        case ast.Call():
            return _read_by_helper(module, value, depth)
        case ast.Name():
            source = variable_source(module, value)
            if source is None:
                return None
            loop = module.parents.get(source)
            if isinstance(loop, ast.For | ast.AsyncFor | ast.comprehension) and loop.iter is source:
                return _read_all(module, source)
            return _read(module, source, depth=depth - 1)
        case _:
            return None


def _read_by_helper(module: ModuleView, call: ast.Call, depth: int) -> _Reading | None:
    """Find the store from which a function in sight returns a value: ``find(name)``."""
    made = module.called(call.func)
    if made is None or not isinstance(made.node, ast.FunctionDef) or made.node.decorator_list:
        return None
    for value in made.module.own_returns(made.node):
        found = _read(made.module, value, depth=depth - 1) if value is not None else None
        if found is not None:
            return _Reading(found.module, found.store, call)
    return None


def _read_all(module: ModuleView, iterated: ast.expr) -> _Reading | None:
    match iterated:
        case ast.Call(
            func=ast.Attribute(value=ast.Name() | ast.Attribute() as store, attr="values" | "items")
        ):
            return _Reading(module, store, iterated)
        case _:
            return None


def variable_source(module: ModuleView, name: ast.Name) -> ast.expr | None:
    """Return what a variable was assigned once, or the expression whose items it runs through."""
    scope = module.enclosing(name, SCOPES)
    bound = module.bindings(scope).get(name.id, []) if scope is not None else []
    if len(bound) == 1 and isinstance(bound[0], ast.expr):
        return bound[0]
    if not bound or any(binding is not None for binding in bound):
        return None
    loop = module.enclosing(name, (ast.For, ast.AsyncFor, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    while isinstance(loop, ast.For | ast.AsyncFor):
        match loop.target:
            case ast.Name(id=target) | ast.Tuple(elts=[_, ast.Name(id=target)]) if target == name.id:
                return loop.iter
            case _:
                loop = module.enclosing(loop, (ast.For, ast.AsyncFor, ast.FunctionDef, ast.AsyncFunctionDef))
    return None


def _is_store(module: ModuleView, name: ast.expr) -> bool:
    found = module.definition(name)
    made = found is not None and store_maker(found.module, found.node) is not None
    return made or _is_baggage(module, name)


def _is_baggage(module: ModuleView, name: ast.expr) -> bool:
    """Say whether a variable is a parameter that is called as baggages are."""
    if not isinstance(name, ast.Name):
        return False
    if snake_case(name.id) != "baggage" and not snake_case(name.id).endswith("_baggage"):
        return False
    scope = module.enclosing(name, SCOPES)
    while scope is not None:
        bound = module.bindings(scope).get(name.id)
        if bound is not None:
            return bound == [None] and not isinstance(scope, ast.Module)
        scope = module.enclosing(scope, SCOPES)
    return False


def is_collection(module: ModuleView, value: ast.AST, *, depth: int = 6) -> bool:
    """Say whether an expression certainly gives a collection, also by a variable or a function in sight."""
    match value:
        case _ if isinstance(value, DISPLAYS):
            return True
        case ast.BinOp(left=left, op=ast.Add() | ast.BitOr() | ast.Mult(), right=right) if depth:
            return any(is_collection(module, side, depth=depth - 1) for side in (left, right))
        case ast.Call(func=ast.Name(id=name)) if module.resolved(value.func) == name and name in COLLECTIONS:
            return True
        case ast.Call() | ast.Name() if depth:
            found = module.value(value)
            if found is None or isinstance(found.node, ast.Name) or found.node is value:
                return False
            return is_collection(found.module, found.node, depth=depth - 1)
        case _:
            return False


def _written(module: ModuleView) -> Mapping[str, list[ast.expr]]:
    """Return what the module writes to each store, by the store's text: ``names``, ``self.names``."""
    known = module.memo.get("values written to stores")
    if known is None:
        found: dict[str, list[ast.expr]] = {}
        for node in module.nodes:
            match node:
                case ast.Call(func=ast.Attribute(value=store, attr=verb), args=[_, value]):
                    if verb in WRITERS and isinstance(store, ast.Name | ast.Attribute):
                        found.setdefault(ast.unparse(store), []).append(value)
                case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))], value=value):
                    found.setdefault(name, []).append(value)
                case _:
                    pass
        known = module.memo["values written to stores"] = found
    return cast("Mapping[str, list[ast.expr]]", known)
