"""Interface guards as source: which methods they name, and how many arguments each lets through."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from vatdata_lint.behavior.definitions import runtime_name
from vatdata_lint.behavior.module_view import ModuleView
from vatdata_lint.behavior.state import display_items

__all__ = ["InterfaceGuard", "MethodGuard", "interface_guard", "interface_guards"]


@dataclass(frozen=True, slots=True)
class MethodGuard:
    """How a guard lets a method be called; ``is_raw`` lets everything through."""

    site: ast.expr
    required: int = 0
    optional: int = 0
    rest: bool = False
    keywords: tuple[str, ...] = ()
    optional_keywords: tuple[str, ...] = ()
    is_raw: bool = False


@dataclass(frozen=True, slots=True)
class InterfaceGuard:
    """Guards by method name, None where one is not in sight; ``is_complete`` when no other method may come."""

    module: ModuleView
    site: ast.expr
    methods: Mapping[str, MethodGuard | None] = field(default_factory=dict[str, "MethodGuard | None"])
    is_complete: bool = False
    is_sloppy: bool = False


def interface_guards(module: ModuleView, given: ast.expr, *, kit: bool) -> dict[str | None, InterfaceGuard]:
    """Return the interface of each facet (None for a single); empty where none is in sight."""
    if not kit:
        found = interface_guard(module, given)
        return {None: found} if found is not None else {}
    definition = module.value(given)
    items = display_items(definition.node, definition.module) if definition is not None else None
    if definition is None or items is None:
        return {}
    guards = {name: interface_guard(definition.module, value) for name, value in items[0].items()}
    return {name: guard for name, guard in guards.items() if guard is not None}


def interface_guard(module: ModuleView, given: ast.expr) -> InterfaceGuard | None:
    """Return what ``M.interface(name, {...})`` says, reached directly or by name."""
    found = module.value(given)
    if (
        found is None
        or not isinstance(found.node, ast.Call)
        or _matcher(found.module, found.node) != "interface"
    ):
        return None
    call, home = found.node, found.module
    options = {keyword.arg: keyword.value for keyword in call.keywords}
    sloppy = any(
        name in options
        and not (isinstance(options[name], ast.Constant) and not getattr(options[name], "value", 1))
        for name in ("sloppy", "default_guards", "defaultGuards", None)
    )
    if len(call.args) < 2:
        return None
    table = home.value(call.args[1])
    items = display_items(table.node, table.module) if table is not None else None
    if table is None or items is None:
        return None
    methods = {name: _method_guard(table.module, value) for name, value in items[0].items()}
    return InterfaceGuard(home, call, methods, items[1], sloppy)


def _matcher(module: ModuleView, call: ast.Call) -> str | None:
    """Return the name of a method of ``M``: ``call`` for ``M.call(...)``."""
    if isinstance(call.func, ast.Attribute) and runtime_name(module, call.func.value) == "M":
        return call.func.attr
    return None


def _method_guard(module: ModuleView, given: ast.expr) -> MethodGuard | None:
    found = module.definition(given)
    if found is None or not isinstance(found.node, ast.Call):
        return None
    return _read(found.module, found.node)


def _read(module: ModuleView, call: ast.Call) -> MethodGuard | None:
    """Read ``M.call(...).optional(...).rest(...).returns(...)`` from the outside in."""
    matcher = _matcher(module, call)
    if matcher in ("call", "call_when", "callWhen"):
        if any(isinstance(item, ast.Starred) for item in call.args) or any(
            key.arg is None for key in call.keywords
        ):
            return None
        names = tuple(key.arg for key in call.keywords if key.arg is not None)
        return MethodGuard(call, required=len(call.args), keywords=names)
    if matcher == "raw":
        return MethodGuard(call, is_raw=True)
    if not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Call):
        return None
    before = _read(module, call.func.value)
    if before is None:
        return None
    match call.func.attr:
        case "optional":
            if any(isinstance(item, ast.Starred) for item in call.args):
                return None
            names = tuple(key.arg for key in call.keywords if key.arg is not None)
            return MethodGuard(call, before.required, len(call.args), before.rest, before.keywords, names)
        case "rest":
            return MethodGuard(
                call, before.required, before.optional, True, before.keywords, before.optional_keywords
            )
        case "returns":
            return before
        case _:
            return None
