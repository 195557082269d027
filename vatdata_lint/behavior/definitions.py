"""Finds the definer calls and declarative classes of a module, with all that they were given."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from vatdata_lint.behavior.methods import MethodTable, class_table, declarative_tables, method_tables
from vatdata_lint.behavior.module_view import FunctionNode, ModuleView
from vatdata_lint.behavior.signatures import (
    DEFINERS,
    EXO_BASES,
    ZONE_METHODS,
    Durability,
    Signature,
    normalized,
)
from vatdata_lint.vocabulary import RUNTIME_PACKAGE, ZONE_MAKERS, snake_case

__all__ = [
    "Behavior",
    "Reached",
    "behavior_at",
    "behaviors",
    "exo_base",
    "reached_function",
    "runtime_name",
    "uses_runtime",
    "zone_durability",
]


_WORDS = frozenset({*DEFINERS, *ZONE_METHODS})


@dataclass(frozen=True, slots=True)
class Reached:
    """A function with the module that holds it, and the expression by which the definer got it."""

    module: ModuleView
    node: FunctionNode
    given_as: ast.expr


@dataclass(frozen=True, slots=True)
class Behavior:
    """One kind as a module defines it.

    Attributes:
        module: Where the definer is called or the class stands.
        site: The call, or the class of a declarative kind that no call in this module prepares.
        definer: Name in snake case; ``Exo`` or ``ExoKit`` for a class, ``prepare`` for its preparation.
        class_node: The class of a declarative kind, None for the others.
        durability: Where instances live.
        kind_name: None where it is no literal.
        is_kit: Whether it has facets.
        has_context: Whether methods get ``this`` first.
        arguments: Guard, init and options by name; ``methods`` is in `tables`.
        tables: One for a single (name None), one a facet for a kit; empty where nothing is known.
        all_tables: Whether every facet is among `tables`.
        class_module: Where the class of a declarative kind stands.
        homes: The module of an argument, where that is not `module`.
        bound: Arguments that a call gives to a function of the project, which hands them to the definer.
        rest: The name of a dict of further options that the definer gets.
        origin: The definer's own call, where `site` is the call of such a function.
    """

    module: ModuleView
    site: ast.Call | ast.ClassDef
    definer: str
    durability: Durability
    kind_name: str | None
    is_kit: bool
    has_context: bool
    arguments: Mapping[str, ast.expr]
    tables: tuple[MethodTable, ...]
    all_tables: bool
    class_node: ast.ClassDef | None = None
    class_module: ModuleView | None = None
    homes: Mapping[str, ModuleView] = field(default_factory=dict[str, ModuleView])
    bound: frozenset[str] = frozenset()
    rest: str | None = None
    origin: ast.Call | ast.ClassDef | None = None

    def home(self, name: str) -> ModuleView:
        """Return the module in which an argument is written."""
        return self.homes.get(name, self.module)

    @property
    def is_declarative(self) -> bool:
        """Whether it is a class with annotated fields."""
        return self.class_node is not None

    def function(self, name: str) -> Reached | None:
        """Return the function given as ``init``, ``finish`` or ``migrate``, None where it is not in sight."""
        given = self.arguments.get(name)
        return None if given is None else reached_function(self.home(name), given)


def reached_function(module: ModuleView, given: ast.expr) -> Reached | None:
    """Return the function that an expression stands for, also behind ``partial``; None for a decorated one.

    A method counts that is read from a class in sight, or from an object that one in sight has made.
    """
    found = module.called(given)
    for _ in range(4):
        match found.node if found is not None else None:
            case ast.Call(func=function, args=[inner, *_]) if found is not None:
                if found.module.dotted(function) != "functools.partial":
                    return None
                found = found.module.definition(inner)
            case _:
                break
    if found is None or not isinstance(found.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return None
    if not isinstance(found.node, ast.Lambda) and not all(
        map(_is_plain_decorator, found.node.decorator_list)
    ):
        return None
    return Reached(found.module, found.node, given)


def _is_plain_decorator(node: ast.expr) -> bool:
    """Say whether a decorator only says how a method is bound."""
    return isinstance(node, ast.Name) and node.id in ("classmethod", "staticmethod")


def runtime_name(module: ModuleView, node: ast.AST, *, depth: int = 5) -> str | None:
    """Return the bare name of what an expression takes from the runtime, None for anything else.

    Follows re-exports through the project's own modules.
    """
    dotted = module.dotted(node)
    if dotted is None:
        return None
    if dotted.split(".")[0] == RUNTIME_PACKAGE:
        return dotted.rpartition(".")[2]
    if isinstance(node, ast.Name) and module.imports.get("*") == f"{RUNTIME_PACKAGE}.*":
        known = node.id in module.imports or node.id in module.bindings(module.tree)
        return None if known else node.id
    home, _, name = dotted.rpartition(".")
    other = module.load(home) if home and depth else None
    if other is not None and name in other.imports:
        return runtime_name(other, ast.Name(name, ast.Load()), depth=depth - 1)
    return None


def uses_runtime(module: ModuleView) -> bool:
    """Say whether a module imports anything of the runtime, itself or from the project's modules."""
    if any(dotted.split(".")[0] == RUNTIME_PACKAGE for dotted in module.imports.values()):
        return True
    return bool(behaviors(module))


def behaviors(module: ModuleView) -> tuple[Behavior, ...]:
    """Return the kinds that a module defines, in the order of the text.

    Cost: one pass over the nodes, made once a module.
    """
    known = module.memo.get("behaviors")
    if known is not None:
        return cast("tuple[Behavior, ...]", known)
    found = tuple(
        sorted(_find(module), key=lambda behavior: (behavior.site.lineno, behavior.site.col_offset))
    )
    module.memo["behaviors"] = found
    return found


def behavior_at(module: ModuleView, site: ast.AST) -> Behavior | None:
    """Return the kind that a call or class of a module defines.

    Cost: a table of the module's kinds, made once.
    """
    known = module.memo.get("behaviors by site")
    if known is None:
        known = module.memo["behaviors by site"] = {item.site: item for item in behaviors(module)}
    return cast("dict[ast.AST, Behavior]", known).get(site)


def _find(module: ModuleView) -> Iterator[Behavior]:
    for node in module.nodes:
        if isinstance(node, ast.Call):
            call = _unaliased(module, node)
            signature = _signature_of(module, call)
            if signature is not None:
                yield _from_call(module, call, node, *signature)
            elif isinstance(node.func, ast.Attribute) and node.func.attr == "prepare" and node.args:
                prepared = _from_preparation(module, node, node.func.value)
                if prepared is not None:
                    yield prepared
        elif isinstance(node, ast.ClassDef) and node.bases:
            base = exo_base(module, node)
            if base is not None:
                yield _from_class(module, node, base)


def _unaliased(module: ModuleView, call: ast.Call) -> ast.Call:
    """Return a call with the definer in it that a variable stands for, also behind ``partial``: ``define("Purse")``."""
    for _ in range(3):
        known = _aliases(module).get(call.func.id) if isinstance(call.func, ast.Name) else None
        if known is None or module.sole_value(cast("ast.Name", call.func)) is not known:
            break
        if isinstance(known, ast.Call):
            call = ast.Call(known.args[0], [*known.args[1:], *call.args], [*known.keywords, *call.keywords])
        else:
            call = ast.Call(known, call.args, call.keywords)
    return call


def _aliases(module: ModuleView) -> Mapping[str, ast.expr]:
    """Return the variables of a module that are assigned a definer, or a ``partial`` of one.

    Cost: one pass over the nodes, made once a module.
    """
    known = module.memo.get("aliases")
    if known is None:
        found: dict[str, ast.expr] = {}
        for node in module.nodes:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[first, *_]) as value):
                    is_partial = module.dotted(value.func) == "functools.partial"
                    if is_partial and _last_name(module, first) in _WORDS:
                        found[name] = value
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name() | ast.Attribute() as value):
                    if _last_name(module, value) in _WORDS or getattr(value, "id", "") in found:
                        found[name] = value
                case _:
                    pass
        known = module.memo["aliases"] = found
    return cast("Mapping[str, ast.expr]", known)


def _last_name(module: ModuleView, function: ast.expr) -> str:
    """Return the last part of a function's name, as its own module has it, in snake case."""
    if isinstance(function, ast.Attribute):
        last = function.attr
    else:
        written = getattr(function, "id", "")
        last = module.imports.get(written, written).rpartition(".")[2]
    return "Far" if last == "Far" else snake_case(last)


def _signature_of(module: ModuleView, call: ast.Call) -> tuple[str, Signature] | None:
    function = call.func
    name = _last_name(module, function)
    if name in DEFINERS:
        runtime = runtime_name(module, function)
        return (name, DEFINERS[name]) if runtime is not None else None
    if name in ZONE_METHODS and isinstance(function, ast.Attribute):
        signature = ZONE_METHODS[name]
        given = len(call.args) + len(call.keywords)
        if given >= len(signature.parameters):
            durability = zone_durability(module, function.value)
            return name, Signature(signature.parameters, durability, signature.kit)
    return None


def zone_durability(module: ModuleView, zone: ast.expr, *, depth: int = 5) -> Durability:
    """Return where a zone keeps things, when it is seen how it is made."""
    if depth == 0:
        return "unknown"
    if isinstance(zone, ast.Name | ast.Attribute):
        found = module.definition(zone)
        if found is None or not isinstance(found.node, ast.Call):
            return "unknown"
        return zone_durability(found.module, found.node, depth=depth - 1)
    if isinstance(zone, ast.Call):
        if isinstance(zone.func, ast.Attribute) and snake_case(zone.func.attr) in ("sub_zone", "detached"):
            return zone_durability(module, zone.func.value, depth=depth - 1)
        maker = runtime_name(module, zone.func)
        word = ZONE_MAKERS.get(snake_case(maker)) if maker is not None else None
        if word is not None:
            return cast("Durability", word)
    return "unknown"


def _from_call(
    module: ModuleView, call: ast.Call, site: ast.Call, definer: str, signature: Signature
) -> Behavior:
    arguments: dict[str, ast.expr] = {}
    rest: str | None = None
    if definer in ZONE_METHODS and isinstance(call.func, ast.Attribute):
        arguments["zone"] = call.func.value
    for name, value in zip(signature.parameters, call.args, strict=False):
        if isinstance(value, ast.Starred):
            break
        arguments[name] = value
    for keyword in call.keywords:
        if keyword.arg is not None:
            arguments.setdefault(normalized(keyword.arg), keyword.value)
        else:  # a dict of options that a variable of this module holds
            options = module.definition(keyword.value)
            if options is not None and options.module is module:
                arguments = _display_items(options.node) | arguments
            elif isinstance(keyword.value, ast.Name):
                rest = keyword.value.id
    if "options" in arguments:  # a dict of options, as the original has it
        arguments |= _display_items(arguments["options"])
    kind = arguments.get("kind_name")
    literal = kind.value if isinstance(kind, ast.Constant) and isinstance(kind.value, str) else None
    methods = arguments.get("methods")
    tables, complete = (
        method_tables(module, methods, kit=signature.kit, context=signature.context)
        if methods
        else ((), False)
    )
    return Behavior(
        module,
        site,
        definer,
        signature.durability,
        literal,
        signature.kit,
        signature.context,
        arguments,
        tables,
        complete,
        rest=rest,
    )


def _display_items(node: ast.AST) -> dict[str, ast.expr]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        return {normalized(item.arg): item.value for item in node.keywords if item.arg is not None}
    if not isinstance(node, ast.Dict):
        return {}
    return {
        normalized(key.value): value
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def exo_base(module: ModuleView, node: ast.ClassDef, *, depth: int = 6) -> str | None:
    """Return ``Exo`` or ``ExoKit`` when a class descends from it, through classes in sight."""
    if depth == 0:
        return None
    for base in node.bases:
        name = runtime_name(module, base)
        if name in EXO_BASES:
            return name
        found = module.definition(base)
        if found is not None and isinstance(found.node, ast.ClassDef) and found.node is not node:
            deeper = exo_base(found.module, found.node, depth=depth - 1)
            if deeper is not None:
                return deeper
    return None


def _from_preparation(module: ModuleView, call: ast.Call, zone: ast.expr) -> Behavior | None:
    """Read ``zone.prepare(Purse, version=2, migrate=fn)``, where the class is in sight."""
    found = module.definition(call.args[0])
    if found is None or not isinstance(found.node, ast.ClassDef):
        return None
    base = exo_base(found.module, found.node)
    if base is None:
        return None
    declared = _from_class(found.module, found.node, base)
    arguments = {
        normalized(keyword.arg): keyword.value for keyword in call.keywords if keyword.arg is not None
    } | {"zone": zone}
    durability = zone_durability(module, zone)
    return replace(
        declared, module=module, site=call, definer="prepare", durability=durability, arguments=arguments
    )


def _from_class(module: ModuleView, node: ast.ClassDef, base: str) -> Behavior:
    kit = EXO_BASES[base]
    tables = declarative_tables(module, node) if kit else (class_table(module, node, None, context=True),)
    name: str | None = node.name
    for keyword in node.keywords:
        if keyword.arg == "name":
            value = keyword.value
            name = value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
    return Behavior(module, node, base, "unknown", name, kit, True, {}, tables, True, node, module)
