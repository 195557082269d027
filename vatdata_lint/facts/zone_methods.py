"""What methods of zones, stores and unknown objects do."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from vatdata_lint.facts import calls, context_managers, definitions, escapes, library, names, value_methods
from vatdata_lint.facts.alternatives import follow_each
from vatdata_lint.facts.arguments import Keywords, argument
from vatdata_lint.facts.effects import Path
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.values import (
    UNKNOWN,
    ClassV,
    Const,
    DictV,
    Ext,
    SequenceV,
    Sym,
    UnionV,
    Value,
    zone_class,
    zone_identity,
)
from vatdata_lint.vocabulary import (
    DEFINERS,
    DURABLE_COLLECTIONS,
    MAKER_TAKERS,
    ZONE_DEFINERS,
    ZONE_MAKERS,
    is_prepare_word,
    snake_case,
)

__all__ = ["method"]

_STORES = frozenset({"map_store", "set_store", "weak_map_store", "weak_set_store", "detached"})


_OF_PROMISES = frozenset({"add_done_callback", "then"})
"""What is called on the promise that a message gives; anything else is a message to what it will be."""

_POOLS = frozenset(
    {"ThreadPoolExecutor", "ProcessPoolExecutor", "InterpreterPoolExecutor", "ThreadPool", "Pool"}
)
_POOL_MAPS = frozenset({"map", "starmap", "imap", "imap_unordered", "map_async", "starmap_async"})


def _is_pool(value: Value) -> bool:
    """Say whether a value is a pool of threads or processes, or what ``with`` gives of one."""
    while isinstance(value, Sym) and value.op == "call" and value.args:
        value = value.args[0]
    return isinstance(value, Ext) and value.last in _POOLS


def _is_sent(value: Value) -> bool:
    """Say whether a value is a proxy that sends messages instead of calling."""
    while isinstance(value, Sym):
        if value.op == "sent":
            return True
        if value.op not in ("attr", "call") or not value.args or not isinstance(value.args[0], Sym):
            return False
        value = value.args[0]
    return False


def method(
    frame: Frame,
    path: Path,
    base: Value,
    name: str,
    args: Sequence[Value],
    keywords: Keywords,
    node: ast.Call,
) -> Value:
    """Follow a method call on something that is not an object, class or module of the project."""
    if isinstance(base, UnionV):
        return _union_method(frame, path, base, name, args, keywords, node)
    if isinstance(base, Const):
        return value_methods.text_method(base, name, args, keywords)
    if isinstance(base, SequenceV):
        return value_methods.sequence_method(frame, path, base, name, args, node)
    if isinstance(base, DictV):
        return value_methods.dict_method(frame, path, base, name, args, keywords, node)
    if not isinstance(base, Sym):
        value = names.attribute_of(frame, base, name, node, path)
        return calls.invoke(frame, path, value, args, keywords, node)
    if base.op == "fstr" and name in ("format", "join", "replace", "strip", "lower", "upper", "title"):
        return Sym("fstr", *base.args, *args)
    is_promise = base.op == "call" and name in _OF_PROMISES
    if _is_sent(base) and not is_promise:
        return Sym("call", base, name, *args)
    return _zone_method(frame, path, base, name, args, keywords, node)


def _union_method(
    frame: Frame,
    path: Path,
    base: UnionV,
    name: str,
    args: Sequence[Value],
    keywords: Keywords,
    node: ast.Call,
) -> Value:
    given = definitions.given_zone(frame, base)
    if given is not None:
        return method(frame, path, given, name, args, keywords, node)
    if any(not isinstance(member, Sym) for member in base.members):
        return follow_each(
            frame,
            path,
            [member for member in base.members if not (isinstance(member, Const) and member.value is None)],
            node,
            "what is called on line {line}",
            lambda way, member: method(frame, way, member, name, args, keywords, node),
        )
    # Zones that differ by way are one zone here: which one it is does not matter for whether it is defined.
    if snake_case(name) in ZONE_DEFINERS:
        word = snake_case(name)
        label = argument(args, keywords, 0, "kind_name", "name", "label")
        if {"heap", "durable"} <= {zone_class(member) for member in base.members}:
            definer, form = f"zone.{word}", ZONE_DEFINERS[word]
            return definitions.define_somewhere(
                frame, path, definer, form, base, label, args[1:], keywords, node, None
            )
    durable = next((member for member in base.members if zone_class(member) != "heap"), base.members[0])
    return method(frame, path, durable, name, args, keywords, node)


def _zone_method(
    frame: Frame, path: Path, base: Sym, name: str, args: Sequence[Value], keywords: Keywords, node: ast.Call
) -> Value:
    word = snake_case(name)
    if name in _POOL_MAPS and args and _is_pool(base):
        elements = [Sym("elem", arg, node.lineno * 1000) for arg in args[1:]]
        escapes.start_elsewhere(frame, path, args[0], elements, [], node, name)
        return Sym("call", base, name, *args)
    if name == "run" and args and context_managers.is_made_by(base, "copy_context", "Context"):
        return calls.invoke(frame, path, args[0], args[1:], keywords, node)  # in its caller's turn
    stacked = context_managers.stack_method(frame, path, base, name, args, keywords, node)
    if stacked is not None:
        return stacked
    identity = zone_identity(base)
    if word in ZONE_DEFINERS:
        label = argument(args, keywords, 0, "kind_name", "name", "label")
        return definitions.define(
            frame, path, f"zone.{word}", ZONE_DEFINERS[word], base, label, args[1:], keywords, node, None
        )
    if word == "prepare" and (definitions.is_zone_like(base) or (args and isinstance(args[0], ClassV))):
        target = argument(args, keywords, 0, "cls")
        kind = definitions.class_kind_name(frame, target)
        form = "class"
        if isinstance(target, ClassV) and target.cls.classes:
            form = "kit"
        if isinstance(target, ClassV):
            escapes.give_away(frame, target, node, "zone.prepare", "handler")
        return definitions.define(frame, path, "zone.prepare", form, base, kind, [], keywords, node, None)
    if word in DEFINERS:
        return library.external(frame, path, Ext(name), args, keywords, node)
    if word == "sub_zone":
        return Sym("sub", identity, args[0] if args else UNKNOWN)
    if word in _STORES:
        return Sym("collection", identity, args[0] if args else UNKNOWN)
    if word in MAKER_TAKERS:
        position = 1 if word == "make_once" or len(args) < 3 else 2
        maker = argument(args, keywords, position, "maker", "make_value", "make")
        library.run_maker(frame, path, maker, args[position - 1] if args else None, node, word)
        return Sym("stored", identity, args[0] if args else UNKNOWN)
    if word == "has" and args:
        return Sym("has", identity, args[0])
    if word in ("init", "set", "add", "setdefault", "put") and args:
        frame.write(args[0], path)
    if word == "get" and len(args) == 1:
        return Sym("item", base, args[0])
    if word in ("when", "watch_promise"):
        for value in (*args[1:], *(item for _, item in keywords)):
            escapes.start_elsewhere(frame, path, value, [UNKNOWN], [], node, name)
        return Sym("call", base, name, *args)
    if (
        word in DURABLE_COLLECTIONS
        or word in ZONE_MAKERS
        or word in ("provide_kind_handle", "make_kind_handle")
    ):
        return library.external(frame, path, Ext(name), args, keywords, node)
    shared = None if word in ("run", "wait") else library.by_word(frame, path, name, args, keywords, node)
    if shared is not None:
        return shared
    if is_prepare_word(name) and any(
        definitions.is_zone_like(arg) for arg in (*args, *(v for _, v in keywords))
    ):
        return definitions.define_unknown(frame, path, name, [*args, *(v for _, v in keywords)], node)
    escapes.give_away_all(frame, args, keywords, node, f"'{name}'")
    if name == "hex" or word == "pop":
        return Sym("call", base, name)
    return Sym("call", base, name, *args)
