"""Notes what a definer call defines: the kind, its zone and what is written of it."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from vatdata_lint.facts import classes, escapes
from vatdata_lint.facts.alternatives import follow_each
from vatdata_lint.facts.arguments import Keywords, keyword
from vatdata_lint.facts.effects import NO_CALLS, Cause, Effect, KindInfo, Path
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.parameters import left_out
from vatdata_lint.facts.values import (
    UNKNOWN,
    ClassV,
    Const,
    DictV,
    Ext,
    FuncV,
    Sym,
    UnionV,
    Value,
    const,
    join,
    zone_class,
    zone_identity,
)

__all__ = ["class_kind_name", "define", "define_somewhere", "define_unknown", "given_zone", "is_zone_like"]


def define(
    frame: Frame,
    path: Path,
    definer: str,
    form: str,
    zone: Value | None,
    name: Value | None,
    behavior: Sequence[Value],
    keywords: Keywords,
    node: ast.AST,
    started: Cause | None,
) -> Value:
    """Note one definition; a heap or virtual zone's is none, but its methods are called later all the same."""
    location = frame.location(node)
    where = zone if zone is not None else UNKNOWN
    if isinstance(where, UnionV):
        where = given_zone(frame, where) or where
    if isinstance(where, UnionV) and {"heap", "durable"} <= {zone_class(member) for member in where.members}:
        return define_somewhere(frame, path, definer, form, where, name, behavior, keywords, node, started)
    if isinstance(name, UnionV) and all(isinstance(member, Const) for member in name.members):

        def define_as(way: Path, member: Value) -> Value:
            return define(frame, way, definer, form, where, member, behavior, keywords, node, started)

        return follow_each(frame, path, name.members, node, "a name on line {line}", define_as)
    if isinstance(where, Sym) and where.op == "handle":
        identity, label = where.args[0], where.args[1]
    else:
        identity = zone_identity(where)
        label = name if name is not None else Sym("site", location)
    options = [value for key, value in keywords if key not in ("baggage", "zone", "kind_name", "guard")]
    for value in (*behavior, *options):
        escapes.give_away(frame, value, node, definer, "handler")
    if zone_class(where) != "heap":
        info = KindInfo(
            definer,
            form,
            _facets(behavior[-1] if behavior else None, form),
            _fields(frame, behavior[0] if len(behavior) > 1 else keyword(keywords, "init")),
            _version(keywords),
        )
        effect = Effect((identity, label), where, location, info, NO_CALLS)
        frame.record(node, path, definer, (effect,), started=started)
    return Sym("maker", location)


def given_zone(frame: Frame, zones: UnionV) -> Value | None:
    """Give the parameter that a caller may leave out, in whose place the heap is taken: who does defines nothing."""
    given = [member for member in zones.members if zone_class(member) != "heap"]
    if len(given) != 1 or frame.fn is None:
        return None
    root = zone_identity(given[0])
    if not isinstance(root, Sym) or root.op != "param" or root.args[0] != frame.fn.uid:
        return None
    return given[0] if root.args[1] in left_out(frame.fn) else None


def define_somewhere(
    frame: Frame,
    path: Path,
    definer: str,
    form: str,
    zones: UnionV,
    name: Value | None,
    behavior: Sequence[Value],
    keywords: Keywords,
    node: ast.AST,
    started: Cause | None,
) -> Value:
    """Follow a definition in a zone that is durable on some ways and on the heap on others."""
    what = "a zone on line {line}, which may be one of the heap,"

    def define_in(way: Path, member: Value) -> Value:
        return define(frame, way, definer, form, member, name, behavior, keywords, node, started)

    return follow_each(frame, path, zones.members, node, what, define_in)


def _facets(value: Value | None, form: str) -> tuple[str, ...] | None:
    if isinstance(value, DictV) and value.exact and form == "kit":
        names = [key.value for key, _ in value.items if isinstance(key, Const) and isinstance(key.value, str)]
        return tuple(names) if len(names) == len(value.items) else None
    if isinstance(value, ClassV) and form == "kit":
        return tuple(value.cls.classes) or None
    return None


def _fields(frame: Frame, init: Value | None) -> tuple[str, ...] | None:
    """Read the keys of the dict that an ``init`` returns where it is written there."""
    if not isinstance(init, FuncV):
        return None
    node = init.fn.node
    results: list[ast.expr] = []
    if isinstance(node, ast.Lambda):
        results.append(node.body)
    elif isinstance(node, ast.FunctionDef):
        results += [
            item.value for item in ast.walk(node) if isinstance(item, ast.Return) and item.value is not None
        ]
    if len(results) != 1 or not isinstance(results[0], ast.Dict):
        return None
    keys = [
        key.value for key in results[0].keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
    ]
    return tuple(keys) if len(keys) == len(results[0].keys) else None


def _version(keywords: Keywords) -> int | None:
    value = keyword(keywords, "version")
    return value.value if isinstance(value, Const) and isinstance(value.value, int) else None


def define_unknown(
    frame: Frame,
    path: Path,
    name: str,
    args: Sequence[Value],
    node: ast.AST,
    started: Cause | None = None,
    *,
    is_unresolved: bool = False,
) -> Value:
    """Note a call that defines kinds nobody here can name, by its name alone or because the configuration says so."""
    zone = next((arg for arg in args if is_zone_like(arg)), args[0] if args else UNKNOWN)
    if zone_class(zone) == "heap":
        return UNKNOWN
    label = Sym("unresolved", name, *(arg for arg in args if arg is not zone))
    info = KindInfo(name, "unknown", is_unresolved=is_unresolved)
    effect = Effect((zone_identity(zone), label), zone, frame.location(node), info, NO_CALLS)
    frame.record(node, path, name, (effect,), started=started)
    return Sym("maker", frame.location(node))


def is_zone_like(value: Value) -> bool:
    if isinstance(value, UnionV):
        return any(is_zone_like(member) for member in value.members)
    return isinstance(value, Sym) and value.op in ("baggage", "zone", "sub", "heap", "virtual", "collection")


def class_kind_name(frame: Frame, value: Value | None) -> Value | None:
    """Give the name of the kind that a declarative class defines: ``name=`` behind its bases, or its own."""
    if isinstance(value, ClassV):
        for keyword in value.cls.node.keywords:
            if keyword.arg == "name":
                return classes.beside(frame, value, keyword.value)
        return const(value.cls.node.name)
    if isinstance(value, Ext):
        return const(value.last)
    if isinstance(value, UnionV):
        return join(class_kind_name(frame, member) or UNKNOWN for member in value.members)
    return value
