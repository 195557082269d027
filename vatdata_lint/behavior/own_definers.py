"""Kinds that come about by the project's own functions: what these hand to a definer comes from their callers."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import cast

from vatdata_lint.behavior.definitions import Behavior, behavior_at, behaviors, zone_durability
from vatdata_lint.behavior.functions import own_nodes
from vatdata_lint.behavior.methods import method_tables
from vatdata_lint.behavior.module_view import ModuleView
from vatdata_lint.behavior.signatures import normalized
from vatdata_lint.vocabulary import ZONE_MAKERS, looks_like_baggage, snake_case

__all__ = ["arguments_given", "hands_on_keeper", "kinds_in"]

MAX_DEPTH = 4
MOST = 32
"""Kinds that one function defines by its parameters; more in chains of functions would cost the square of them."""
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
TELLING = frozenset({"guard", "init", "methods", "finish", "migrate", "state_shape", "zone"})
"""Arguments from which a rule learns something."""


def kinds_in(module: ModuleView) -> tuple[Behavior, ...]:
    """Return the kinds that a module defines, and those that it has defined by functions that it tells how.

    A call of ``prepare_guarded(baggage, "Purse", PurseI, init, Purse)`` is the site of such a kind, when that
    function hands its parameters to a definer.

    Cost: made once a module.
    """
    known = module.memo.get("kinds")
    if known is None:
        own = behaviors(module)
        direct = {behavior.site for behavior in own}
        calls = [node for node in module.nodes if isinstance(node, ast.Call) and (node.args or node.keywords)]
        names = _defining_names(module, [*direct, *filter(hands_on_keeper, calls)])
        told = [
            behavior
            for node in calls
            if node not in direct and _may_define(node, names)
            for behavior in _told(module, node, MAX_DEPTH)
            if _is_news(module, node, behavior)
        ]
        known = module.memo["kinds"] = (*own, *told)
    return cast("tuple[Behavior, ...]", known)


def _defining_names(module: ModuleView, sites: Iterable[ast.AST]) -> set[str]:
    """Return the names of the functions and classes around these nodes: to call them may define kinds."""
    names: set[str] = set()
    for site in sites:
        around = module.enclosing(site, (*FUNCTIONS, ast.ClassDef))
        while isinstance(around, (*FUNCTIONS, ast.ClassDef)):
            names.add(around.name)
            around = module.enclosing(around, (*FUNCTIONS, ast.ClassDef))
    return names


def _is_news(module: ModuleView, call: ast.Call, behavior: Behavior) -> bool:
    """Say whether a call tells a kind more than a parameter of the function in which the call stands."""
    around = module.enclosing(call, FUNCTIONS)
    return any(
        not (isinstance(around, FUNCTIONS) and _is_parameter(module, around, behavior.arguments[name]))
        for name in behavior.bound & TELLING
        if name != "zone" or behavior.durability != "unknown"
    )


def _may_define(call: ast.Call, names: set[str]) -> bool:
    """Say whether a call is worth a look: by its name, a baggage or zone, or a literal before init and methods."""
    function = call.func
    last = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if last in names or hands_on_keeper(call):
        return True
    if not isinstance(function, ast.Attribute) or len(call.args) + len(call.keywords) < 2:
        return False
    return any(isinstance(item, ast.Constant) and isinstance(item.value, str) for item in call.args[:1])


def hands_on_keeper(call: ast.Call) -> bool:
    """Say whether a call gives a baggage or zone to a function."""
    return any(map(_is_keeper, (*call.args, *(keyword.value for keyword in call.keywords))))


def _is_keeper(node: ast.expr) -> bool:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return looks_like_baggage(name)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            snake = snake_case(name)
            return snake in ZONE_MAKERS or snake in ("sub_zone", "detached")
        case _:
            return False


def _told(module: ModuleView, call: ast.Call, depth: int) -> Iterator[Behavior]:
    """Yield the kinds that the function which a call runs defines by what the call gives it."""
    found = module.called(call.func)
    if found is not None and isinstance(found.node, ast.ClassDef):
        found = found.module.member(found.node, "__init__")
    if found is None or not isinstance(found.node, FUNCTIONS) or found.node.decorator_list:
        return
    open_kinds = _open_kinds(found.module, found.node, depth)
    if open_kinds:
        given = arguments_given(module, call, found.node)
        for behavior in open_kinds:
            yield _bind(module, call, behavior, found.module, found.node, given)


def _open_kinds(
    module: ModuleView, function: ast.FunctionDef | ast.AsyncFunctionDef, depth: int
) -> tuple[Behavior, ...]:
    """Return the kinds that a function defines by its own parameters."""
    known = cast("dict[ast.AST, tuple[Behavior, ...]]", module.memo.setdefault("open kinds", {}))
    if function in known:
        return known[function]
    known[function] = ()  # a function that calls itself tells nothing more
    found: list[Behavior] = []
    parameters = {item.arg for item in ast.walk(function.args) if isinstance(item, ast.arg)}
    for node in own_nodes(function):
        if isinstance(node, ast.Call):
            direct = behavior_at(module, node)
            further = depth and direct is None and _hands_on(node, parameters)
            inner = (direct,) if direct is not None else _told(module, node, depth - 1) if further else ()
            found += [behavior for behavior in inner if _is_open(module, function, behavior)]
            if len(found) > MOST:
                break
    known[function] = tuple(found)
    return known[function]


def _hands_on(call: ast.Call, parameters: set[str]) -> bool:
    given = (*call.args, *(keyword.value for keyword in call.keywords))
    return any(isinstance(item, ast.Name) and item.id in parameters for item in given)


def _is_open(
    module: ModuleView, function: ast.FunctionDef | ast.AsyncFunctionDef, behavior: Behavior
) -> bool:
    if behavior.rest is not None and behavior.rest == getattr(function.args.kwarg, "arg", None):
        return True
    return any(
        name in TELLING and behavior.home(name) is module and _is_parameter(module, function, value)
        for name, value in behavior.arguments.items()
    )


def _is_parameter(
    module: ModuleView, function: ast.FunctionDef | ast.AsyncFunctionDef, value: ast.expr
) -> bool:
    if not isinstance(value, ast.Name) or module.bindings(function).get(value.id) != [None]:
        return False
    arguments = function.args
    names = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    return any(item.arg == value.id for item in names) and module.enclosing(value, FUNCTIONS) is function


def _bind(
    module: ModuleView,
    call: ast.Call,
    behavior: Behavior,
    home: ModuleView,
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    given: Mapping[str, ast.expr],
) -> Behavior:
    """Put what a call gives in the place of the parameters of the function that it runs."""
    defaults = _defaults(function)
    arguments: dict[str, ast.expr] = {}
    homes: dict[str, ModuleView] = {}
    bound: set[str] = set()
    for name, value in behavior.arguments.items():
        if behavior.home(name) is not home or not _is_parameter(home, function, value):
            arguments[name], homes[name] = value, behavior.home(name)
            continue
        parameter = cast("ast.Name", value).id
        if parameter in given:
            arguments[name], homes[name] = given[parameter], module
            bound.add(name)
        elif parameter in defaults:
            arguments[name], homes[name] = defaults[parameter], home
    rest: str | None = None
    if behavior.rest is not None and behavior.rest == getattr(function.args.kwarg, "arg", None):
        taken = {item.arg for item in (*function.args.args, *function.args.kwonlyargs)}
        for keyword in call.keywords:
            if keyword.arg is None:
                rest = keyword.value.id if isinstance(keyword.value, ast.Name) else None
            elif keyword.arg not in taken:
                name = normalized(keyword.arg)
                arguments[name], homes[name] = keyword.value, module
                bound.add(name)
    kind = arguments.get("kind_name")
    durability = behavior.durability
    if "zone" in bound:
        durability = zone_durability(module, arguments["zone"])
    tables, all_tables = behavior.tables, behavior.all_tables
    if "methods" in bound:
        tables, all_tables = method_tables(
            module, arguments["methods"], kit=behavior.is_kit, context=behavior.has_context
        )
    literal = kind.value if isinstance(kind, ast.Constant) and isinstance(kind.value, str) else None
    return replace(
        behavior,
        module=module,
        site=call,
        origin=behavior.origin or behavior.site,
        durability=durability,
        kind_name=behavior.kind_name or literal,
        arguments=arguments,
        homes=homes,
        bound=frozenset(bound),
        rest=rest,
        tables=tables,
        all_tables=all_tables,
    )


def _defaults(function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, ast.expr]:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True)
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return {item.arg: value for item, value in (*pairs, *named) if value is not None}


def arguments_given(
    module: ModuleView, call: ast.Call, function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
) -> dict[str, ast.expr]:
    """Return what a call gives to each parameter of the function that it runs, as far as that is plain."""
    names = [item.arg for item in (*function.args.posonlyargs, *function.args.args)]
    if _is_bound(module, call.func, function):
        names = names[1:]
    given: dict[str, ast.expr] = {}
    for name, argument in zip(names, call.args, strict=False):
        if isinstance(argument, ast.Starred):
            break
        given[name] = argument
    return given | {item.arg: item.value for item in call.keywords if item.arg is not None}


def _is_bound(module: ModuleView, called: ast.expr, function: ast.AST) -> bool:
    """Say whether the first parameter is given by the instance that a method is read from, or that a call makes."""
    if getattr(function, "name", "") == "__init__":
        return True
    if not isinstance(called, ast.Attribute):
        return False
    holder = module.definition(called.value)
    if holder is not None and isinstance(holder.node, ast.ClassDef):
        return False
    is_static = any(
        getattr(item, "id", "") == "staticmethod" for item in getattr(function, "decorator_list", [])
    )
    return not is_static and module.class_behind(called.value) is not None
