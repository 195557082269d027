"""What names outside the project do: the runtime's definers and zones, built-in functions, task starters."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from vatdata_lint.facts import calls, expressions
from vatdata_lint.facts.arguments import Keywords, argument, keyword
from vatdata_lint.facts.builtin_functions import BUILTINS
from vatdata_lint.facts.effects import Cause, Control, Effect, KindInfo, Path, join_into_one
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.value_methods import dict_method, sequence_method, text_method
from vatdata_lint.facts.values import (
    UNKNOWN,
    ClassV,
    Const,
    DictV,
    Ext,
    FuncV,
    PartialV,
    SequenceV,
    Sym,
    UnionV,
    Value,
    const,
    join,
    zone_class,
    zone_identity,
)
from vatdata_lint.vocabulary import (
    CONSUMERS,
    DEFINERS,
    DURABLE_COLLECTIONS,
    GATHERERS,
    LATER_STARTERS,
    MAKER_TAKERS,
    ZONE_DEFINERS,
    ZONE_MAKERS,
    is_prepare_word,
    snake_case,
)

__all__ = ["define_unknown", "external", "is_transparent", "method"]

_IDENTITY = Ext("builtins.identity")

_TRANSPARENT = frozenset(
    {
        "abstractmethod",
        "asynccontextmanager",
        "cache",
        "cached_property",
        "classmethod",
        "contextmanager",
        "dataclass",
        "deprecated",
        "final",
        "identity",
        "lru_cache",
        "no_type_check",
        "override",
        "overload",
        "property",
        "singledispatch",
        "staticmethod",
        "wraps",
    }
)

_ENDS_PROCESS = frozenset({"sys.exit", "os._exit", "os.abort", "builtins.exit", "builtins.quit"})

_STORES = frozenset({"map_store", "set_store", "weak_map_store", "weak_set_store", "detached"})


def is_transparent(decorator: Ext) -> bool:
    """Say whether a decorator from outside gives back something that is called like what it got."""
    return decorator.last in _TRANSPARENT


def _is_sent(value: Value) -> bool:
    """Say whether a value is a proxy that sends messages instead of calling."""
    while isinstance(value, Sym):
        if value.op == "sent":
            return True
        if value.op not in ("attr", "call") or not value.args or not isinstance(value.args[0], Sym):
            return False
        value = value.args[0]
    return False


# --- definitions -----------------------------------------------------------------------------------------


def _define(
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
    if isinstance(where, UnionV) and {"heap", "durable"} <= {zone_class(member) for member in where.members}:
        return _define_somewhere(frame, path, definer, form, where, name, behavior, keywords, node, started)
    if isinstance(where, Sym) and where.op == "handle":
        identity, label = where.args[0], where.args[1]
    else:
        identity = zone_identity(where)
        label = name if name is not None else Sym("site", location)
    options = [value for key, value in keywords if key not in ("baggage", "zone", "kind_name", "guard")]
    for value in (*behavior, *options):
        calls.give_away(frame, value, node, definer, "handler")
    if zone_class(where) != "heap":
        info = KindInfo(
            definer,
            form,
            _facets(behavior[-1] if behavior else None, form),
            _fields(frame, behavior[0] if len(behavior) > 1 else keyword(keywords, "init")),
            _version(keywords),
        )
        effect = Effect((identity, label), where, location, info, ())
        frame.record(node, path, definer, (effect,), started=started)
    return Sym("maker", location)


def _define_somewhere(
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
    ways: list[Path] = []
    text = f"the choice of a zone on line {getattr(node, 'lineno', 0)}, which may be one of the heap,"
    frame.controls.append(Control("branch", frame.location(node), text))
    for member in zones.members:
        way = path.copy()
        _define(frame, way, definer, form, member, name, behavior, keywords, node, started)
        ways.append(way)
    frame.controls.pop()
    joined = join_into_one(ways)
    path.must, path.may, path.late = joined.must, joined.may, joined.late
    return Sym("maker", frame.location(node))


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
    frame: Frame, path: Path, name: str, args: Sequence[Value], node: ast.AST, started: Cause | None = None
) -> Value:
    """Note a call that defines kinds nobody here can name."""
    zone = next((arg for arg in args if _is_zone_like(arg)), args[0] if args else UNKNOWN)
    if zone_class(zone) == "heap":
        return UNKNOWN
    label = Sym("unresolved", name, *(arg for arg in args if arg is not zone))
    effect = Effect((zone_identity(zone), label), zone, frame.location(node), KindInfo(name, "unknown"), ())
    frame.record(node, path, name, (effect,), started=started)
    return Sym("maker", frame.location(node))


def _is_zone_like(value: Value) -> bool:
    if isinstance(value, UnionV):
        return any(_is_zone_like(member) for member in value.members)
    return isinstance(value, Sym) and value.op in ("baggage", "zone", "sub", "heap", "virtual", "collection")


def _class_kind_name(value: Value | None) -> Value | None:
    if isinstance(value, ClassV):
        for keyword in value.cls.node.keywords:
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                return const(keyword.value.value)
        return const(value.cls.node.name)
    if isinstance(value, Ext):
        return const(value.last)
    return value


def _run_maker(
    frame: Frame, path: Path, maker: Value | None, key: Value | None, node: ast.AST, taker: str
) -> None:
    """Follow a maker that runs only while its key is absent."""
    if maker is None:
        return
    text = (
        f"'{taker}' on line {getattr(node, 'lineno', 0)}, which runs the maker only while the key is absent"
    )
    before = path.copy()
    frame.controls.append(Control("branch", frame.location(node), text))
    calls.invoke(frame, path, maker, [key] if key is not None else [], [], node)
    frame.controls.pop()
    joined = join_into_one([before, path.copy()])
    path.must, path.may, path.late, path.dead = joined.must, joined.may, joined.late, False


# --- names -----------------------------------------------------------------------------------------------


def external(
    frame: Frame,
    path: Path,
    callee: Ext,
    args: Sequence[Value],
    keywords: Keywords,
    node: ast.AST,
    *,
    started: Cause | None = None,
) -> Value:
    """Follow a call of a name from outside the project."""
    verdict = frame.interpreter.config.definers.get(callee.name)
    if verdict is True:
        return define_unknown(frame, path, callee.last, args, node, started)
    if verdict is False:
        return Sym("call", callee, *args)
    last = snake_case(callee.last)
    if last in DEFINERS:
        zone = argument(args, keywords, 0, "baggage", "zone", "kind_handle")
        is_handle = last.startswith("define_durable")
        name = None if is_handle else argument(args, keywords, 1, "kind_name", "name")
        rest = args[1:] if is_handle else args[2:]
        return _define(frame, path, last, DEFINERS[last], zone, name, rest, keywords, node, started)
    found = _runtime_name(frame, path, last, callee, args, keywords, node)
    if found is not None:
        return found
    if callee.name.startswith("builtins."):
        handler = BUILTINS.get(callee.last)
        if handler is not None:
            return handler(frame, path, args, keywords, node)
    if last in CONSUMERS or callee.name in CONSUMERS:
        return calls.consume(frame, args[0], node, path) if args else UNKNOWN
    if callee.name in _ENDS_PROCESS:
        path.dead = True
        return UNKNOWN
    shared = _by_word(frame, path, callee.last, args, keywords, node)
    if shared is not None:
        return shared
    if is_prepare_word(callee.last) and any(_is_zone_like(arg) for arg in (*args, *(v for _, v in keywords))):
        return define_unknown(frame, path, callee.last, [*args, *(v for _, v in keywords)], node, started)
    reason = expressions.unstable_name(callee.name)
    if reason is not None and not (callee.last == "Random" and args and isinstance(args[0], Const)):
        return Sym("call", callee, *args, unstable=reason)
    if callee.name in ("functools.reduce", "_functools.reduce") and len(args) > 1:
        _fold(frame, path, args, node)
        return Sym("call", callee, *args)
    for value in (*args, *(item for _, item in keywords)):
        calls.give_away(frame, value, node, f"'{callee.last}'")
    return Sym("call", callee, *args)


def _runtime_name(
    frame: Frame, path: Path, last: str, callee: Ext, args: Sequence[Value], keywords: Keywords, node: ast.AST
) -> Value | None:
    zone_maker = ZONE_MAKERS.get(last)
    if zone_maker == "durable":
        return Sym("zone", argument(args, keywords, 0, "baggage") or UNKNOWN)
    if zone_maker is not None:
        return Sym(zone_maker)
    if last in DURABLE_COLLECTIONS:
        owner = zone_identity(argument(args, keywords, 0, "baggage") or UNKNOWN)
        return Sym("collection", owner, argument(args, keywords, 1, "name") or UNKNOWN)
    if last == "provide_kind_handle":
        owner = zone_identity(argument(args, keywords, 0, "baggage") or UNKNOWN)
        return Sym("handle", owner, argument(args, keywords, 1, "kind_name") or UNKNOWN)
    if last == "make_kind_handle":
        tag = argument(args, keywords, 0, "tag") or UNKNOWN
        return Sym("handle", Sym("site", frame.location(node)), tag)
    if last in MAKER_TAKERS and last != "make_once":
        key = argument(args, keywords, 1, "key")
        _run_maker(frame, path, argument(args, keywords, 2, "make_value", "make", "maker"), key, node, last)
        return Sym("stored", zone_identity(args[0]) if args else UNKNOWN, key or UNKNOWN)
    if callee.last == "E":
        return Sym("sent", args[0] if args else UNKNOWN)
    if callee.name.endswith(("E.when", "watch_promise", "watchPromise")):
        for value in (*args[1:], *(item for _, item in keywords)):
            calls.start_elsewhere(frame, path, value, [UNKNOWN], [], node, callee.last)
        return Sym("call", callee, *args)
    return None


def _by_word(
    frame: Frame, path: Path, word: str, args: Sequence[Value], keywords: Keywords, node: ast.AST
) -> Value | None:
    """Follow what is recognised by its last name, whoever offers it."""
    if snake_case(word) in ("open_vat", "create_vat", "provide_vat"):
        return Sym("call", Ext(word))  # a build function given as the source runs in a first crank of its own
    if word in ("partial", "partialmethod") and args:
        return PartialV(args[0], tuple(args[1:]), tuple(keywords), node, frame)
    if word in ("Thread", "Process"):
        target = argument(args, keywords, 1, "target")
        given = argument(args, keywords, 3, "args")
        arguments = expressions.exact_items(given) if given is not None else None
        if target is not None:
            calls.start_elsewhere(frame, path, target, arguments or [], [], node, word)
        return Sym("call", Ext(f"threading.{word}"), *args)
    if word in GATHERERS:
        for value in args:
            calls.start_elsewhere(frame, path, value, [], [], node, word)
        return Sym("call", Ext(f"asyncio.{word}"))
    if word in ("run", "run_until_complete") and args and not isinstance(args[0], Const | Sym | SequenceV):
        before = path.late
        value = calls.await_value(frame, args[0], node, path)
        path.late = before
        return value
    position = LATER_STARTERS.get(word)
    if position is not None and position < len(args):
        calls.start_elsewhere(frame, path, args[position], args[position + 1 :], keywords, node, word)
        return Sym("call", Ext(f"asyncio.{word}"))
    if position is not None and word == "Timer":
        return None
    if word == "suppress":
        return Sym("suppress")
    if word == "nullcontext":
        return Sym("nullcontext", args[0] if args else UNKNOWN)
    if word == "wraps":
        return _IDENTITY
    if word == "identity":
        return args[0] if args else UNKNOWN
    if word in ("cache", "lru_cache") and args and isinstance(args[0], FuncV):
        return args[0]
    if word in ("contextmanager", "asynccontextmanager") and args:
        return args[0]
    if word in ("MappingProxyType", "deepcopy", "SimpleNamespace") and args:
        return args[0]
    if word in ("chain", "from_iterable") and args:
        items: list[Value] = []
        sources = expressions.exact_items(args[0]) if word == "from_iterable" else list(args)
        for source in sources or []:
            part = expressions.exact_items(source)
            if part is None:
                return Sym("call", Ext(word), *args)
            items += part
        return SequenceV("tuple", tuple(items)) if sources is not None else None
    if word == "product" and all(expressions.exact_items(arg) is not None for arg in args) and not keywords:
        rows: list[tuple[Value, ...]] = [()]
        for arg in args:
            rows = [(*row, item) for row in rows for item in expressions.exact_items(arg) or []][:400]
        return SequenceV("list", tuple(SequenceV("tuple", row) for row in rows))
    return None


def _fold(frame: Frame, path: Path, args: Sequence[Value], node: ast.AST) -> None:
    """Follow ``reduce``: its function runs once for each member, in this turn."""
    items = expressions.exact_items(calls.consume(frame, args[1], node, path))
    if items is not None:
        for item in items if len(args) > 2 else items[1:]:
            calls.invoke(frame, path, args[0], [UNKNOWN, item], [], node)
        return
    frame.loop_count += 1
    before = path.copy()
    text = f"the iteration on line {getattr(node, 'lineno', 0)}"
    frame.controls.append(Control("loop", frame.location(node), text))
    calls.invoke(
        frame, path, args[0], [UNKNOWN, Sym("elem", args[1], getattr(node, "lineno", 0) * 1000)], [], node
    )
    frame.controls.pop()
    joined = join_into_one([before, path.copy()])
    path.must, path.may, path.late = joined.must, joined.may, joined.late


# --- methods ---------------------------------------------------------------------------------------------


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
        return text_method(base, name, args, keywords)
    if isinstance(base, SequenceV):
        return sequence_method(frame, path, base, name, args, node)
    if isinstance(base, DictV):
        return dict_method(frame, path, base, name, args, keywords, node)
    if not isinstance(base, Sym):
        value = expressions.attribute_of(frame, base, name, node, path)
        return calls.invoke(frame, path, value, args, keywords, node)
    if base.op == "fstr" and name in ("format", "join", "replace", "strip", "lower", "upper", "title"):
        return Sym("fstr", *base.args, *args)
    if _is_sent(base):
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
    if any(not isinstance(member, Sym) for member in base.members):
        ways: list[Path] = []
        values: list[Value] = []
        text = f"the choice of what is called on line {node.lineno}"
        frame.controls.append(Control("branch", frame.location(node), text))
        for member in base.members:
            if isinstance(member, Const) and member.value is None:
                continue
            way = path.copy()
            values.append(method(frame, way, member, name, args, keywords, node))
            ways.append(way)
        frame.controls.pop()
        if ways:
            joined = join_into_one(ways)
            path.must, path.may, path.late, path.dead = joined.must, joined.may, joined.late, joined.dead
        return join(values)
    # Zones that differ by way are one zone here: which one it is does not matter for whether it is defined.
    if snake_case(name) in ZONE_DEFINERS:
        word = snake_case(name)
        label = argument(args, keywords, 0, "kind_name", "name", "label")
        if {"heap", "durable"} <= {zone_class(member) for member in base.members}:
            definer, form = f"zone.{word}", ZONE_DEFINERS[word]
            return _define_somewhere(frame, path, definer, form, base, label, args[1:], keywords, node, None)
    durable = next((member for member in base.members if zone_class(member) != "heap"), base.members[0])
    return method(frame, path, durable, name, args, keywords, node)


def _zone_method(
    frame: Frame, path: Path, base: Sym, name: str, args: Sequence[Value], keywords: Keywords, node: ast.Call
) -> Value:
    word = snake_case(name)
    identity = zone_identity(base)
    if word in ZONE_DEFINERS:
        label = argument(args, keywords, 0, "kind_name", "name", "label")
        return _define(
            frame, path, f"zone.{word}", ZONE_DEFINERS[word], base, label, args[1:], keywords, node, None
        )
    if word == "prepare" and (_is_zone_like(base) or (args and isinstance(args[0], ClassV))):
        target = argument(args, keywords, 0, "cls")
        kind = _class_kind_name(target)
        form = "class"
        if isinstance(target, ClassV) and target.cls.classes:
            form = "kit"
        if isinstance(target, ClassV):
            calls.give_away(frame, target, node, "zone.prepare", "handler")
        return _define(frame, path, "zone.prepare", form, base, kind, [], keywords, node, None)
    if word in DEFINERS:
        return external(frame, path, Ext(name), args, keywords, node)
    if word == "sub_zone":
        return Sym("sub", identity, args[0] if args else UNKNOWN)
    if word in _STORES:
        return Sym("collection", identity, args[0] if args else UNKNOWN)
    if word in MAKER_TAKERS:
        position = 1 if word == "make_once" or len(args) < 3 else 2
        maker = argument(args, keywords, position, "maker", "make_value", "make")
        _run_maker(frame, path, maker, args[position - 1] if args else None, node, word)
        return Sym("stored", identity, args[0] if args else UNKNOWN)
    if word == "has" and args:
        return Sym("has", identity, args[0])
    if word in ("init", "set", "add", "setdefault", "put") and args:
        frame.writes.add(args[0])
    if word == "get" and len(args) == 1:
        return Sym("item", base, args[0])
    if word in ("when", "watch_promise"):
        for value in (*args[1:], *(item for _, item in keywords)):
            calls.start_elsewhere(frame, path, value, [UNKNOWN], [], node, name)
        return Sym("call", base, name, *args)
    if (
        word in DURABLE_COLLECTIONS
        or word in ZONE_MAKERS
        or word in ("provide_kind_handle", "make_kind_handle")
    ):
        return external(frame, path, Ext(name), args, keywords, node)
    shared = None if word in ("run", "wait") else _by_word(frame, path, name, args, keywords, node)
    if shared is not None:
        return shared
    if is_prepare_word(name) and any(_is_zone_like(arg) for arg in (*args, *(v for _, v in keywords))):
        return define_unknown(frame, path, name, [*args, *(v for _, v in keywords)], node)
    for value in (*args, *(item for _, item in keywords)):
        calls.give_away(frame, value, node, f"'{name}'")
    if name == "hex" or word == "pop":
        return Sym("call", base, name)
    return Sym("call", base, name, *args)
