"""Variables of a module that hold stores, and values that are read from them."""

from __future__ import annotations

import ast
from typing import cast

from vatdata_lint.behavior.definitions import behaviors, runtime_name, zone_durability
from vatdata_lint.behavior.module_view import ModuleView
from vatdata_lint.vocabulary import snake_case

__all__ = ["is_durable_store", "store_maker", "stored_collection"]

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
        where = zone_durability(module, call.func.value) if isinstance(call.func, ast.Attribute) else "unknown"
        return None if where == "unknown" else where == "durable"
    if maker.startswith("provide_durable"):
        return True
    if "big" not in maker:
        return False
    for keyword in call.keywords:
        if keyword.arg == "durable":
            return keyword.value.value is True if isinstance(keyword.value, ast.Constant) else None
    return False


def stored_collection(module: ModuleView, value: ast.expr) -> tuple[str, ast.expr] | None:
    """Return store and reading expression, when a value comes from a store that holds plain collections.

    A store is known to hold them when the module writes a list, dict, set or tuple display into it; a value of any
    other store may be an object with methods of its own.
    """
    read: ast.AST | None = value
    if isinstance(value, ast.Name):
        scope = module.enclosing(value, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Module))
        bound = module.bindings(scope).get(value.id, []) if scope is not None else []
        read = bound[0] if len(bound) == 1 else None
    match read:
        case ast.Call(func=ast.Attribute(value=ast.Name() as store, attr="get")):
            pass
        case ast.Subscript(value=ast.Name() as store, ctx=ast.Load()):
            pass
        case _:
            return None
    found = module.definition(store)
    if found is None or store_maker(found.module, found.node) is None:
        return None
    return (store.id, read) if store.id in _stores_of_collections(module) else None


def _stores_of_collections(module: ModuleView) -> frozenset[str]:
    known = module.memo.get("stores of collections")
    if known is None:
        known = module.memo["stores of collections"] = frozenset(
            call.func.value.id
            for call in module.nodes
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr in WRITERS
            and isinstance(call.func.value, ast.Name)
            and len(call.args) == 2
            and isinstance(call.args[1], DISPLAYS)
        )
    return cast("frozenset[str]", known)
