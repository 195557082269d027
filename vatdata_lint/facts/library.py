"""What calls of names from outside the project do: the runtime, the standard library, task starters."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from vatdata_lint.facts import (
    builtin_functions,
    calls,
    classes,
    deferred,
    definitions,
    escapes,
    iteration_tools,
    names,
    operations,
    partial_runs,
    zone_methods,
)
from vatdata_lint.facts.arguments import Keywords, argument
from vatdata_lint.facts.effects import Cause, Control, Path, join_into_one
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.module import Binding
from vatdata_lint.facts.values import (
    UNKNOWN,
    Const,
    DictV,
    Ext,
    FuncV,
    IteratorV,
    PartialV,
    SequenceV,
    Sym,
    Value,
    zone_identity,
)
from vatdata_lint.vocabulary import (
    CONSUMERS,
    DEFINERS,
    DURABLE_COLLECTIONS,
    GATHERERS,
    LATER_STARTERS,
    MAKER_TAKERS,
    ZONE_MAKERS,
    is_prepare_word,
    snake_case,
)

__all__ = ["by_word", "external", "is_transparent", "run_maker"]

_IDENTITY = Ext("builtins.identity")

_METHOD_CALL = Ext("operator.methodcaller.call")
"""What ``methodcaller`` makes a partial of."""


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


_NEVER_RETURNS = frozenset(
    {
        "builtins.exit",
        "builtins.quit",
        "os._exit",
        "os.abort",
        "sys.exit",
        "typing.assert_never",
        "typing_extensions.assert_never",
    }
)


def is_transparent(decorator: Ext) -> bool:
    """Say whether a decorator from outside gives back something that is called like what it got."""
    return decorator.last in _TRANSPARENT


def run_maker(
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
        return definitions.define_unknown(frame, path, callee.last, args, node, started)
    if verdict is False:
        return Sym("call", callee, *args)
    last = snake_case(callee.last)
    if last in DEFINERS:
        zone = argument(args, keywords, 0, "baggage", "zone", "kind_handle")
        is_handle = last.startswith("define_durable")
        name = None if is_handle else argument(args, keywords, 1, "kind_name", "name")
        rest = args[1:] if is_handle else args[2:]
        return definitions.define(
            frame, path, last, DEFINERS[last], zone, name, rest, keywords, node, started
        )
    found = _runtime_name(frame, path, last, callee, args, keywords, node)
    if found is not None:
        return found
    if callee.name == "operator.methodcaller" and args:
        return PartialV(_METHOD_CALL, tuple(args), tuple(keywords), node, frame)
    if callee == _METHOD_CALL and len(args) > 1:
        return _call_method(frame, path, args, keywords, node)
    if callee.name == "importlib.import_module":
        found = _imported(frame, args, keywords, node)
        if found is not None:
            return found
    if callee.name == "collections.OrderedDict":
        return builtin_functions.BUILTINS["dict"](frame, path, args, keywords, node)
    if callee.name == "builtins.dict.fromkeys" and args:
        keys = operations.exact_items(deferred.consume(frame, args[0], node, path))
        if keys is not None:
            value = args[1] if len(args) > 1 else Const("NoneType", None)
            return DictV(tuple((key, value) for key in dict.fromkeys(keys)))
    if callee.name.startswith("builtins."):
        handler = builtin_functions.BUILTINS.get(callee.last)
        if handler is not None:
            return handler(frame, path, args, keywords, node)
    if callee.name == "collections.deque" and not args:
        return SequenceV("list", ())
    if last in CONSUMERS or callee.name in CONSUMERS:
        return deferred.consume(frame, args[0], node, path) if args else UNKNOWN
    if callee.name in _NEVER_RETURNS:
        path.dead = True
        return UNKNOWN
    shared = by_word(frame, path, callee.last, args, keywords, node)
    if shared is not None:
        return shared
    if is_prepare_word(callee.last) and any(
        definitions.is_zone_like(arg) for arg in (*args, *(v for _, v in keywords))
    ):
        given = [*args, *(v for _, v in keywords)]
        return definitions.define_unknown(frame, path, callee.last, given, node, started, is_unresolved=True)
    reason = names.unstable_name(callee.name)
    if reason is not None and not (callee.last == "Random" and args and isinstance(args[0], Const)):
        return Sym("call", callee, *args, unstable=reason)
    if callee.name in ("functools.reduce", "_functools.reduce") and len(args) > 1:
        _fold(frame, path, args, node)
        return Sym("call", callee, *args)
    escapes.give_away_all(frame, args, keywords, node, f"'{callee.last}'")
    return Sym("call", callee, *args)


def _call_method(frame: Frame, path: Path, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value:
    """Follow what ``methodcaller`` made: the name and arguments of a method, and behind them the object."""
    name, *given, base = args
    if not isinstance(name, Const) or not isinstance(name.value, str) or not isinstance(node, ast.Call):
        return UNKNOWN
    return zone_methods.method(frame, path, base, name.value, given, keywords, node)


def _imported(frame: Frame, args: Sequence[Value], keywords: Keywords, node: ast.AST) -> Value | None:
    """Give the module that ``import_module`` imports by a name that is written in the code."""
    name = argument(args, keywords, 0, "name")
    if not isinstance(name, Const) or not isinstance(name.value, str):
        return None
    target = name.value.lstrip(".")
    level = len(name.value) - len(target)
    package = argument(args, keywords, 1, "package")
    if level and isinstance(package, Const) and isinstance(package.value, str):
        parts = package.value.split(".")
        target, level = ".".join([*parts[: len(parts) - level + 1], *([target] if target else [])]), 0
    program = frame.interpreter.program
    return program.import_value(frame.module, Binding("import", node, target, level), frame.interpreter)


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
        run_maker(frame, path, argument(args, keywords, 2, "make_value", "make", "maker"), key, node, last)
        return Sym("stored", zone_identity(args[0]) if args else UNKNOWN, key or UNKNOWN)
    if callee.last == "E":
        return Sym("sent", args[0] if args else UNKNOWN)
    if callee.name.endswith(("E.when", "watch_promise", "watchPromise")):
        for value in (*args[1:], *(item for _, item in keywords)):
            escapes.start_elsewhere(frame, path, value, [UNKNOWN], [], node, callee.last)
        return Sym("call", callee, *args)
    return None


def by_word(
    frame: Frame, path: Path, word: str, args: Sequence[Value], keywords: Keywords, node: ast.AST
) -> Value | None:
    """Follow what is recognised by its last name, whoever offers it."""
    if snake_case(word) in ("open_vat", "create_vat", "provide_vat"):
        # A build function given as the source runs in a first crank of its own.
        source = argument(args, keywords, 1, "source")
        if isinstance(source, FuncV) and source.scope is not None:
            frame.escape(source, "source", node, word)
        return Sym("call", Ext(word))
    if word in ("partial", "partialmethod") and args:
        return PartialV(args[0], tuple(args[1:]), tuple(keywords), node, frame)
    if word in ("Thread", "Process"):
        target = argument(args, keywords, 1, "target")
        given = argument(args, keywords, 3, "args")
        arguments = operations.exact_items(given) if given is not None else None
        if target is not None:
            escapes.start_elsewhere(frame, path, target, arguments or [], [], node, word)
        return Sym("call", Ext(f"threading.{word}"), *args)
    if word in GATHERERS:
        for value in args:
            escapes.start_elsewhere(frame, path, value, [], [], node, word)
        return Sym("call", Ext(f"asyncio.{word}"))
    if word in ("run", "run_until_complete") and args and not isinstance(args[0], Const | Sym | SequenceV):
        before = path.late
        value = deferred.await_value(frame, args[0], node, path)
        path.late = before
        return value
    position = LATER_STARTERS.get(word)
    if position is not None and position < len(args):
        escapes.start_elsewhere(frame, path, args[position], args[position + 1 :], keywords, node, word)
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
    if word in ("MappingProxyType", "deepcopy") and args:
        return args[0]
    if word == "SimpleNamespace" and not args:
        return classes.namespace(frame, keywords, node)
    if word in ("chain", "from_iterable") and args:
        items: list[Value] = []
        sources = operations.exact_items(args[0]) if word == "from_iterable" else list(args)
        for source in sources or []:
            part = operations.exact_items(source)
            if part is None:
                return Sym("call", Ext(word), *args)
            items += part
        return SequenceV("tuple", tuple(items)) if sources is not None else None
    if word == "islice" and len(args) == 2 and isinstance(args[1], Const) and isinstance(args[1].value, int):
        members: Value | None = args[0]
        if isinstance(args[0], IteratorV):
            members = partial_runs.advance(frame, args[0], args[1].value, node, path)
        known = operations.exact_items(members) if members is not None else None
        return SequenceV("list", tuple(known[: args[1].value])) if known is not None else UNKNOWN
    if word == "starmap" and len(args) == 2:
        return _starmap(frame, path, args, node)
    if word == "get_args" and len(args) == 1:
        return _literal_members(args[0])
    return iteration_tools.combined(word, args) if args and not keywords else None


def _literal_members(value: Value) -> Value | None:
    """Give what ``get_args`` gives of ``Literal["a", "b"]``."""
    if not isinstance(value, Sym) or value.op != "item" or not isinstance(value.args[0], Ext):
        return None
    holder, members = value.args
    if holder.last != "Literal" or not isinstance(members, Const | SequenceV):
        return None
    return members if isinstance(members, SequenceV) else SequenceV("tuple", (members,))


def _starmap(frame: Frame, path: Path, args: Sequence[Value], node: ast.AST) -> Value:
    """Give the lazy run of a function over rows of arguments; where these are not fixed, over one such row."""
    rows = operations.exact_items(deferred.consume(frame, args[1], node, path))
    known = [operations.exact_items(row) for row in rows or []]
    fixed = [tuple(row) for row in known if row is not None]
    is_exact = rows is not None and len(fixed) == len(rows)
    if not is_exact:
        fixed = [(Sym("star", Sym("elem", args[1], getattr(node, "lineno", 0) * 1000)),)]
    return deferred.lazy_calls(frame, path, args[0], tuple(fixed), node, looped=not is_exact)


def _fold(frame: Frame, path: Path, args: Sequence[Value], node: ast.AST) -> None:
    """Follow ``reduce``: its function runs once for each member, in this turn."""
    items = operations.exact_items(deferred.consume(frame, args[1], node, path))
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
