"""Follows calls: functions of the project, classes, partials, coroutines and lazy iterators."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from vatdata_lint.facts import expressions, library
from vatdata_lint.facts.effects import Cause, Control, Path, join_into_one, unstable_key
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.module import Binding, ClassInfo, FunctionInfo
from vatdata_lint.facts.parameters import parameter_names
from vatdata_lint.facts.values import (
    UNKNOWN,
    ClassV,
    Const,
    CoroutineV,
    DictV,
    Ext,
    FuncV,
    IteratorV,
    ModuleV,
    ObjectV,
    PartialV,
    Scope,
    SequenceV,
    Sym,
    Ticket,
    UnionV,
    Value,
    children,
    const,
    join,
    zone_class,
)
from vatdata_lint.finding import Location
from vatdata_lint.vocabulary import AWAIT_FREE, looks_like_baggage, snake_case

__all__ = [
    "apply",
    "async_iteration",
    "await_value",
    "bind",
    "call",
    "consume",
    "decorate",
    "enum_member",
    "enter_context",
    "exit_context",
    "find_member",
    "import_bindings",
    "invoke",
    "is_enum",
    "settle_tickets",
    "start_elsewhere",
    "stored",
]

PLAIN_DEPTH = 2
PLAIN_CALLS = 40
"""How far calls are followed that get nothing of the vat, in levels and in calls made by one activation."""

Keywords = Sequence[tuple[str, Value]]


def call(frame: Frame, node: ast.Call, path: Path) -> Value:
    """Follow a call expression: what is called, then the arguments from left to right, then the call."""
    base: Value | None = None
    callee: Value = UNKNOWN
    if isinstance(node.func, ast.Attribute):
        base = expressions.evaluate(frame, node.func.value, path)
        if not isinstance(base, Sym | SequenceV | DictV | Const | UnionV):
            callee = expressions.attribute_of(frame, base, node.func.attr, node.func, path)
            base = None
    else:
        callee = expressions.evaluate(frame, node.func, path)
    args: list[Value] = []
    keywords: list[tuple[str, Value]] = []
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            value = consume(frame, expressions.evaluate(frame, argument.value, path), argument.value, path)
            items = expressions.exact_items(value)
            args += items if items is not None else [Sym("star", value)]
        else:
            args.append(expressions.evaluate(frame, argument, path))
    for keyword in node.keywords:
        value = expressions.evaluate(frame, keyword.value, path)
        if keyword.arg is not None:
            keywords.append((keyword.arg, value))
        elif isinstance(value, DictV):
            for key, item in value.items:
                if isinstance(key, Const) and isinstance(key.value, str):
                    keywords.append((key.value, item))
        else:
            keywords.append(("**", value))
    frame.may_raise(path)
    if base is not None and isinstance(node.func, ast.Attribute):
        return library.method(frame, path, base, node.func.attr, args, keywords, node)
    return invoke(frame, path, callee, args, keywords, node)


def invoke(
    frame: Frame, path: Path, callee: Value, args: Sequence[Value], keywords: Keywords, node: ast.AST
) -> Value:
    """Follow a call of a value."""
    if isinstance(callee, FuncV):
        return apply(frame, path, callee, args, keywords, node)
    if isinstance(callee, Ext):
        return library.external(frame, path, callee, args, keywords, node)
    if isinstance(callee, PartialV):
        given = dict(callee.keywords)
        given.update(keywords)
        return invoke(frame, path, callee.target, [*callee.args, *args], list(given.items()), node)
    if isinstance(callee, ClassV):
        return _instantiate(frame, path, callee, args, keywords, node)
    if isinstance(callee, UnionV):
        return _any_of(frame, path, callee.members, args, keywords, node)
    if isinstance(callee, ObjectV):
        found = find_member(frame, callee.cls, "__call__")
        if isinstance(found, FuncV):
            return apply(frame, path, FuncV(found.fn, found.scope, callee), args, keywords, node)
    if isinstance(callee, Sym) and callee.op == "attr" and isinstance(node, ast.Call):
        holder, name = callee.args
        if isinstance(holder, Sym) and isinstance(name, str):
            return library.method(frame, path, holder, name, args, keywords, node)
    if isinstance(callee, Sym) and callee.op not in ("param", "maker", "baggage"):
        for value in (*args, *(item for _, item in keywords)):
            give_away(frame, value, node, "a call that cannot be followed")
    return Sym("call", callee, *args) if isinstance(callee, Sym) else UNKNOWN


def _any_of(
    frame: Frame,
    path: Path,
    members: Sequence[Value],
    args: Sequence[Value],
    keywords: Keywords,
    node: ast.AST,
) -> Value:
    ways: list[Path] = []
    values: list[Value] = []
    text = f"the choice of what is called on line {getattr(node, 'lineno', 0)}"
    frame.controls.append(Control("branch", frame.location(node), text))
    for member in members:
        if isinstance(member, Const):
            continue
        way = path.copy()
        frame.enter(way)
        values.append(invoke(frame, way, member, args, keywords, node))
        ways.append(way)
    frame.controls.pop()
    if ways:
        joined = join_into_one(ways)
        path.must, path.may, path.late, path.dead = joined.must, joined.may, joined.late, joined.dead
        path.env.update(joined.env)
    frame.enter(path)
    return join(values)


def bind(frame: Frame, target: FuncV, args: Sequence[Value], keywords: Keywords) -> dict[str, Value]:
    """Give each parameter of a function its argument, default or a value that stands for itself."""
    fn = target.fn
    values: list[Value] = list(args)
    if target.bound is not None:
        values.insert(0, target.bound)
    named = dict(keywords)
    result: dict[str, Value] = {}
    star_unknown = next(
        (n for n, value in enumerate(values) if isinstance(value, Sym) and value.op == "star"), None
    )
    position = 0
    for name, how in parameter_names(fn):
        if how == "positional":
            if position < len(values) and (star_unknown is None or position < star_unknown):
                result[name] = values[position]
            elif name in named:
                result[name] = named.pop(name)
            elif star_unknown is not None:
                result[name] = Sym("item", values[star_unknown], const(position))
            else:
                result[name] = _default(frame, fn, name)
            position += 1
        elif how == "star":
            rest = values[position:]
            result[name] = (
                SequenceV("tuple", tuple(rest)) if star_unknown is None else Sym("param", fn.uid, name, *rest)
            )
        elif how == "keyword":
            result[name] = named.pop(name) if name in named else _default(frame, fn, name)
        else:
            result[name] = DictV(
                tuple((const(key), value) for key, value in named.items() if key != "**"), "**" not in named
            )
    return result


def _default(frame: Frame, fn: FunctionInfo, name: str) -> Value:
    if not isinstance(fn.node, ast.GeneratorExp):
        spec = fn.node.args
        positional = [*spec.posonlyargs, *spec.args]
        pairs = list(zip(reversed(positional), reversed(spec.defaults), strict=False))
        pairs += [
            (arg, item)
            for arg, item in zip(spec.kwonlyargs, spec.kw_defaults, strict=True)
            if item is not None
        ]
        for arg, default in pairs:
            if arg.arg == name:
                if isinstance(default, ast.Constant):
                    return Const(type(default.value).__name__, default.value)
                if isinstance(default, ast.Name):
                    if fn.outer is None:
                        return frame.interpreter.program.global_value(
                            fn.module, default.id, frame.interpreter
                        )
                    return expressions.lookup(frame, default.id, Path({}))
                if fn.outer is None:
                    # Evaluated once, when the module was loaded: what it defined there is not this call's.
                    loading = Frame(frame.interpreter, fn.module, None, Scope({}, None), judging=False)
                    return expressions.evaluate(loading, default, Path({}))
    value: Value = Sym("param", fn.uid, name)
    return Sym("baggage", value) if looks_like_baggage(name) else value


def apply(
    frame: Frame, path: Path, target: FuncV, args: Sequence[Value], keywords: Keywords, node: ast.AST
) -> Value:
    """Follow a call of a function of the project."""
    fn = target.fn
    verdict = frame.interpreter.config.definers.get(fn.dotted)
    if verdict is False:
        return Sym("call", Ext(fn.dotted), *args)
    if verdict is True:
        return library.define_unknown(frame, path, fn.name, args, node)
    arguments = bind(frame, target, args, keywords)
    if fn.is_generator:
        ticket = _ticket(frame, node, path)
        order = tuple(arguments[name] for name, _ in parameter_names(fn))
        lazy = IteratorV(FuncV(fn, target.scope), (order,), (), ticket, by_function=True)
        ticket.extra["value"] = lazy
        return lazy
    if fn.is_async:
        ticket = _ticket(frame, node, path)
        order = tuple(arguments[name] for name, _ in parameter_names(fn))
        waiting = CoroutineV(FuncV(fn, target.scope), order, (), ticket)
        ticket.extra["value"] = waiting
        return waiting
    return run_now(frame, path, target, arguments, node)


def _ticket(frame: Frame, node: ast.AST, path: Path) -> Ticket:
    ticket = Ticket(node, frame=frame)
    ticket.extra = {"controls": tuple(frame.controls), "late": path.late}
    frame.tickets.append(ticket)
    return ticket


def _rebound(target: FuncV, order: Sequence[Value]) -> dict[str, Value]:
    return {name: value for (name, _), value in zip(parameter_names(target.fn), order, strict=False)}


def run_now(
    frame: Frame,
    path: Path,
    target: FuncV,
    arguments: dict[str, Value],
    node: ast.AST,
    *,
    started: Cause | None = None,
) -> Value:
    """Follow the body of a function in this turn, or as the start of another activation."""
    interpreter = frame.interpreter
    fn = target.fn
    if path.dead:
        return UNKNOWN
    frame.applied.add((fn.uid, "", ""))
    for name, value in arguments.items():
        if not _is_from_parameter(value):
            frame.applied.add((fn.uid, name, zone_class(value)))
        if isinstance(value, ObjectV):
            for attribute, item in value.fields:
                if not _is_from_parameter(item):
                    frame.applied.add((fn.uid, f"{name}.{attribute}", zone_class(item)))
    plain = not interpreter.is_worth_following(fn, arguments)
    if plain:
        frame.plain_calls += 1
        if interpreter.plain_depth >= PLAIN_DEPTH or frame.plain_calls > PLAIN_CALLS:
            frame.last_outcome = None
            return Sym("call", Ext(fn.dotted), *arguments.values())
        interpreter.plain_depth += 1
    outcome = interpreter.call(target, arguments)
    if plain:
        interpreter.plain_depth -= 1
    frame.called.add(fn)
    frame.called |= outcome.called
    frame.applied |= outcome.applied
    known: frozenset[tuple[Location, str]] = frozenset()
    known_unstable: frozenset[Location] = frozenset()
    known_escapes: set[FunctionInfo] = set()
    if not fn.is_inline and (outcome.effects or outcome.escapes):
        alone = interpreter.standalone(fn, target.scope, target.bound)
        known = frozenset(
            (effect.definition, flag.category) for effect in alone.effects for flag in effect.flags
        )
        known_unstable = frozenset(
            effect.definition for effect in alone.effects if unstable_key(effect.key) is not None
        )
        for escape in alone.escapes:
            known_escapes |= set(functions_in(escape.value))
    if frame.judging and not fn.is_inline and (fn.outer is not None or (fn.owner and fn.owner.outer)):
        interpreter.pending.setdefault(fn, (target.scope, target.bound))
    if outcome.effects:
        frame.record(
            node,
            path,
            fn.name,
            outcome.effects,
            known=known,
            known_unstable=known_unstable,
            started=started,
        )
    for escape in outcome.escapes:
        if any(item not in known_escapes for item in functions_in(escape.value)):
            frame.escapes.append(escape)
    frame.writes |= outcome.writes
    if not outcome.completes and started is None:
        path.dead = True
    if (
        isinstance(outcome.self_value, ObjectV)
        and isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
    ):
        if outcome.self_value != target.bound:
            expressions.rebind(frame, node.func.value, outcome.self_value, path)
    frame.last_outcome = outcome
    return _handed_on(frame, path, outcome.value, node)


def _handed_on(frame: Frame, path: Path, value: Value, node: ast.AST) -> Value:
    """Give what a call returned; a coroutine or lazy iterator in it is this frame's business from now on."""
    if isinstance(value, CoroutineV):
        ticket = _ticket(frame, node, path)
        waiting = CoroutineV(value.target, value.args, value.keywords, ticket)
        ticket.extra["value"] = waiting
        return waiting
    if isinstance(value, IteratorV) and isinstance(value.target, FuncV) and value.target.fn.is_generator:
        ticket = _ticket(frame, node, path)
        lazy = IteratorV(
            value.target, value.calls, value.keywords, ticket, value.looped, by_function=value.by_function
        )
        ticket.extra["value"] = lazy
        return lazy
    return value


def _is_from_parameter(value: Value) -> bool:
    """Say whether only a caller of the running function knows what *value* is."""
    while isinstance(value, Sym) and value.op in ("baggage", "sub", "attr") and value.args:
        value = value.args[0]
    return isinstance(value, Sym) and value.op == "param"


def _instantiate(
    frame: Frame, path: Path, cls: ClassV, args: Sequence[Value], keywords: Keywords, node: ast.AST
) -> Value:
    fields: list[tuple[str, Value]] = []
    init = find_member(frame, cls, "__init__")
    site = getattr(node, "lineno", 0) * 1000 + getattr(node, "col_offset", 0)
    instance: Value = ObjectV(cls, (), site)
    if isinstance(init, FuncV):
        arguments = bind(frame, FuncV(init.fn, init.scope, instance), args, keywords)
        run_now(frame, path, FuncV(init.fn, init.scope, instance), arguments, node)
        made = frame.last_outcome.self_value if frame.last_outcome is not None else None
        return made if isinstance(made, ObjectV) else instance
    names = _annotated_fields(cls)
    for name, value in zip(names, args, strict=False):
        fields.append((name, value))
    fields += [(name, value) for name, value in keywords if name != "**"]
    instance = ObjectV(cls, tuple(fields), site)
    later = find_member(frame, cls, "__post_init__")
    if isinstance(later, FuncV):
        run_now(
            frame,
            path,
            FuncV(later.fn, later.scope, instance),
            bind(frame, FuncV(later.fn, later.scope, instance), [], []),
            node,
        )
        made = frame.last_outcome.self_value if frame.last_outcome is not None else None
        return made if isinstance(made, ObjectV) else instance
    return instance


def _annotated_fields(cls: ClassV) -> list[str]:
    return [
        item.target.id
        for item in cls.cls.node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    ]


def find_member(frame: Frame, cls: ClassV, name: str, depth: int = 0) -> Value | None:
    """Look a class attribute up along the bases that are known."""
    info = cls.cls
    frame.interpreter.modules.add(info.module.path)
    method = info.methods.get(name)
    if method is not None:
        return FuncV(method, cls.scope)
    inner = info.classes.get(name)
    if inner is not None:
        return ClassV(inner, cls.scope)
    assigned = info.assigned.get(name)
    if assigned is not None:
        return _in_module(frame, cls, assigned)
    if depth < 8:
        for base in info.node.bases:
            value = _in_module(frame, cls, base)
            if isinstance(value, ClassV) and value.cls is not info:
                found = find_member(frame, value, name, depth + 1)
                if found is not None:
                    return found
    return None


def _in_module(frame: Frame, cls: ClassV, node: ast.expr) -> Value:
    module = cls.cls.module
    inner = Frame(frame.interpreter, module, cls.cls.outer, Scope({}, cls.scope), judging=False)
    return expressions.evaluate(inner, node, Path({}))


def await_value(frame: Frame, value: Value, node: ast.AST, path: Path) -> Value:
    """Follow an ``await``: run a coroutine of the project, else note that the crank may end."""
    line = getattr(node, "lineno", 0)
    text = f"the await on line {line}"
    interpreter = frame.interpreter
    frame.may_raise(path)
    if isinstance(value, UnionV):
        results = [await_value(frame, member, node, path) for member in value.members]
        return join(results)
    if isinstance(value, CoroutineV):
        value.ticket.used = True
        # Where an await came between call and await, the await is what makes it late.
        is_whole = value.ticket.frame is frame and (value.ticket.extra["late"] is None) == (path.late is None)
        place = value.ticket.site if is_whole else node
        result = run_now(frame, path, value.target, _rebound(value.target, value.args), place)
        outcome = frame.last_outcome
        if interpreter.strict or outcome is None or outcome.suspends is not None:
            frame.suspend(path, frame.location(node), text)
        return result
    if interpreter.strict or not _is_prompt(frame, value):
        frame.suspend(path, frame.location(node), text)
    return Sym("call", value, "await")


def _is_prompt(frame: Frame, value: Value) -> bool:
    if isinstance(value, Const):
        return True
    if isinstance(value, Sym) and value.op == "call" and value.args:
        callee = value.args[0]
        if isinstance(callee, Ext):
            return (
                snake_case(callee.last) in AWAIT_FREE
                or callee.name in frame.interpreter.config.prompt_awaitables
            )
        if len(value.args) > 1 and isinstance(value.args[1], str):
            return snake_case(value.args[1]) in AWAIT_FREE
    if isinstance(value, Sym) and value.op == "maker":
        return True
    return isinstance(value, Sym) and value.op == "stored"


def consume(frame: Frame, value: Value, node: ast.AST, path: Path) -> Value:
    """Run a lazy iterator to its end, if *value* is one, and give its members."""
    if isinstance(value, IteratorV) and not value.ticket.used:
        value.ticket.used = True
        return run_iterator(frame, value, node, path)
    if isinstance(value, ClassV) and is_enum(value):
        members = [enum_member(frame, value, name) for name in value.cls.assigned]
        return SequenceV("list", tuple(member for member in members if member is not None))
    return value


def is_enum(cls: ClassV) -> bool:
    """Say whether a class lists its members: it derives directly from one of the enumerations."""
    names = {
        base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
        for base in cls.cls.node.bases
    }
    return not names.isdisjoint({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"})


def enum_member(frame: Frame, cls: ClassV, name: str) -> Value | None:
    """Give a member of an enumeration with its name and value; None where *name* is none."""
    node = cls.cls.assigned.get(name)
    if node is None or name.startswith("_"):
        return None
    value = _in_module(frame, cls, node)
    return ObjectV(cls, (("name", const(name)), ("value", value)), node.lineno * 1000 + node.col_offset)


def run_iterator(frame: Frame, value: IteratorV, node: ast.AST, path: Path) -> Value:
    """Follow the body of a lazy iterator here."""
    place = value.ticket.site if value.ticket.frame is frame and value.by_function else node
    if (
        isinstance(value.target, FuncV)
        and (value.by_function or value.target.fn.is_inline)
        and value.target.fn.is_generator
    ):
        return run_now(frame, path, value.target, _rebound(value.target, value.calls[0]), place)
    results: list[Value] = []
    before = path.copy()
    if value.looped:
        frame.loop_count += 1
        frame.controls.append(
            Control("loop", frame.location(node), f"the iteration on line {getattr(node, 'lineno', 0)}")
        )
    for args in value.calls:
        results.append(invoke(frame, path, value.target, args, value.keywords, node))
    if value.looped:
        frame.controls.pop()
        joined = join_into_one([before, path.copy()])
        path.must, path.may, path.late = joined.must, joined.may, joined.late
        return Sym("open", *results[:2])
    return SequenceV("list", tuple(results))


def async_iteration(frame: Frame, value: Value, node: ast.AST, path: Path) -> None:
    """Follow the start of an ``async for``."""
    if isinstance(value, IteratorV) and isinstance(value.target, FuncV):
        value.ticket.used = True
        place = value.ticket.site if value.ticket.frame is frame else node
        run_now(frame, path, value.target, _rebound(value.target, value.calls[0]), place)
        outcome = frame.last_outcome
        if not frame.interpreter.strict and outcome is not None and outcome.suspends is None:
            return
    frame.suspend(path, frame.location(node), f"the 'async for' on line {getattr(node, 'lineno', 0)}")


def enter_context(
    frame: Frame, manager: Value, node: ast.AST, path: Path, *, is_async: bool
) -> tuple[Value, bool]:
    """Follow the start of a ``with``; give what ``as`` binds and whether the end may swallow exceptions."""
    if isinstance(manager, IteratorV):
        value = consume(frame, manager, node, path)
        outcome = frame.last_outcome
        if is_async and (frame.interpreter.strict or (outcome is not None and outcome.suspends is not None)):
            frame.suspend(
                path, frame.location(node), f"the 'async with' on line {getattr(node, 'lineno', 0)}"
            )
        fn = manager.target.fn if isinstance(manager.target, FuncV) else None
        items = expressions.exact_items(value)
        return (items[0] if items else UNKNOWN), fn is not None and _generator_swallows(fn)
    if isinstance(manager, ObjectV):
        return _enter_object(frame, manager, node, path, is_async)
    if is_async:
        frame.suspend(path, frame.location(node), f"the 'async with' on line {getattr(node, 'lineno', 0)}")
    swallows = isinstance(manager, Sym) and manager.op == "suppress"
    if isinstance(manager, Sym) and manager.op == "nullcontext":
        return manager.args[0], False
    return Sym("call", manager, "__enter__") if isinstance(manager, Sym) else UNKNOWN, swallows


def _enter_object(
    frame: Frame, manager: ObjectV, node: ast.AST, path: Path, is_async: bool
) -> tuple[Value, bool]:
    prefix = "__a" if is_async else "__"
    enter = find_member(frame, manager.cls, f"{prefix}enter__")
    value: Value = manager
    if isinstance(enter, FuncV):
        value = apply(frame, path, FuncV(enter.fn, enter.scope, manager), [], [], node)
        if is_async:
            value = await_value(frame, value, node, path)
    elif is_async:
        frame.suspend(path, frame.location(node), f"the 'async with' on line {getattr(node, 'lineno', 0)}")
    leave = find_member(frame, manager.cls, f"{prefix}exit__")
    swallows = False
    if isinstance(leave, FuncV):
        swallows = any(
            isinstance(item, ast.Return) and isinstance(item.value, ast.Constant) and bool(item.value.value)
            for item in ast.walk(leave.fn.node)
        )
    return value, swallows


def _generator_swallows(fn: FunctionInfo) -> bool:
    """Say whether a context manager made from a generator goes on after an exception at its ``yield``."""
    for item in ast.walk(fn.node):
        if isinstance(item, ast.Try) and any(
            isinstance(part, ast.Yield) for body in item.body for part in ast.walk(body)
        ):
            for handler in item.handlers:
                if not any(isinstance(part, ast.Raise) for part in ast.walk(handler)):
                    return True
        if isinstance(item, ast.With):
            names = ast.dump(item.items[0].context_expr)
            if "'suppress'" in names and any(isinstance(part, ast.Yield) for part in ast.walk(item)):
                return True
    return False


def exit_context(frame: Frame, manager: Value, node: ast.AST, path: Path, *, is_async: bool) -> None:
    """Follow the end of a ``with``."""
    if isinstance(manager, ObjectV):
        leave = find_member(frame, manager.cls, "__aexit__" if is_async else "__exit__")
        if isinstance(leave, FuncV):
            value = apply(
                frame, path, FuncV(leave.fn, leave.scope, manager), [UNKNOWN, UNKNOWN, UNKNOWN], [], node
            )
            if is_async:
                await_value(frame, value, node, path)
            return
    if is_async and not isinstance(manager, IteratorV):
        frame.suspend(
            path, frame.location(node), f"the end of the 'async with' on line {getattr(node, 'lineno', 0)}"
        )


def decorate(frame: Frame, decorator: Value, value: Value, node: ast.expr, path: Path) -> Value:
    """Give what a decorated name stands for; an unknown decorator is taken to give back what it got."""
    if isinstance(decorator, Ext):
        if decorator.last in ("contextmanager", "asynccontextmanager"):
            return value
        if isinstance(value, FuncV) and value.scope is not None and not library.is_transparent(decorator):
            frame.escape(value, "nested", node, "a decorator that may keep it")
        return value
    if isinstance(decorator, FuncV | PartialV | ClassV):
        result = invoke(frame, path, decorator, [value], [], node)
        return value if isinstance(result, Sym) else result
    if isinstance(value, FuncV) and value.scope is not None and isinstance(decorator, Sym):
        frame.escape(value, "nested", node, "a decorator that may keep it")
    return value


def start_elsewhere(
    frame: Frame,
    path: Path,
    value: Value,
    args: Sequence[Value],
    keywords: Keywords,
    node: ast.AST,
    word: str,
    cause: Cause | None = None,
) -> None:
    """Follow what *value* does in another activation that this call only starts."""
    if cause is None:
        cause = Cause("ASYNC", frame.location(node), f"'{word}' on line {getattr(node, 'lineno', 0)}")
    if isinstance(value, UnionV):
        for member in value.members:
            start_elsewhere(frame, path, member, args, keywords, node, word, cause)
    elif isinstance(value, PartialV):
        options = [*value.keywords, *keywords]
        start_elsewhere(frame, path, value.target, [*value.args, *args], options, node, word, cause)
    elif isinstance(value, CoroutineV):
        value.ticket.used = True
        place = value.ticket.site if value.ticket.frame is frame else node
        run_now(frame, path.copy(), value.target, _rebound(value.target, value.args), place, started=cause)
    elif isinstance(value, FuncV):
        run_now(frame, path.copy(), value, bind(frame, value, args, keywords), node, started=cause)
    elif isinstance(value, SequenceV):
        for item in value.items:
            start_elsewhere(frame, path, item, args, keywords, node, word)
    elif isinstance(value, IteratorV):
        value.ticket.used = True
        if isinstance(value.target, FuncV) and value.target.fn.is_generator:
            run_now(
                frame, path.copy(), value.target, _rebound(value.target, value.calls[0]), node, started=cause
            )
        else:
            for given in value.calls:
                start_elsewhere(frame, path, value.target, given, value.keywords, node, word)
    elif isinstance(value, Ext):
        library.external(frame, path.copy(), value, args, keywords, node, started=cause)
    elif isinstance(value, ObjectV):
        frame.escape(value, "nested", node, word)


def settle_tickets(frame: Frame) -> None:
    """Report coroutines that nobody awaited and lazy iterators that nobody ran to their end."""
    returned: set[Ticket] = set()
    for value in (*frame.returned_values, *frame.yielded):
        returned |= set(_tickets_in(value))
    inline = frame.fn is not None and frame.fn.is_inline
    for ticket in frame.tickets:
        if ticket.used or ticket in returned or inline:
            continue
        ticket.used = True  # whoever runs it later runs what is reported here
        waiting: object = ticket.extra.get("value")
        if not isinstance(waiting, CoroutineV | IteratorV) or not isinstance(waiting.target, FuncV):
            continue
        is_coroutine = isinstance(waiting, CoroutineV)
        order = waiting.args if isinstance(waiting, CoroutineV) else waiting.calls[0]
        text = (
            "a coroutine that nobody awaits here"
            if is_coroutine
            else "a lazy iterator that nobody runs to its end here"
        )
        cause = Cause("ASYNC" if is_coroutine else "NESTED", frame.location(ticket.site), text)
        saved, frame.controls = frame.controls, list(ticket.extra.get("controls", ()))
        path = Path({})
        run_now(frame, path, waiting.target, _rebound(waiting.target, order), ticket.site, started=cause)
        frame.controls = saved


def _tickets_in(value: Value, depth: int = 0) -> Iterable[Ticket]:
    if isinstance(value, CoroutineV | IteratorV):
        yield value.ticket
    elif depth < 4:
        for child in children(value):
            yield from _tickets_in(child, depth + 1)


def functions_in(value: Value, depth: int = 0) -> Iterable[FunctionInfo]:
    """Yield the functions that a value is, or holds."""
    if isinstance(value, FuncV):
        yield value.fn
    elif isinstance(value, ClassV):
        yield from _methods_of(value.cls)
    elif isinstance(value, ObjectV):
        yield from _methods_of(value.cls.cls)
    if depth < 5:
        for child in children(value):
            yield from functions_in(child, depth + 1)


def _binds_module_function(frame: Frame, value: PartialV) -> bool:
    target = value.target
    return value.frame is frame and (
        isinstance(target, Ext)
        or (
            isinstance(target, FuncV)
            and target.scope is None
            and target.bound is None
            and not target.fn.is_inline
        )
    )


def _methods_of(cls: ClassInfo) -> Iterable[FunctionInfo]:
    yield from cls.methods.values()
    for inner in cls.classes.values():
        yield from _methods_of(inner)


def give_away(frame: Frame, value: Value, node: ast.AST, text: str, how: str = "nested") -> None:
    """Note that *value* goes where it cannot be followed, if it can be called."""
    if isinstance(value, Sym | Const | Ext | ModuleV):
        return
    if isinstance(value, CoroutineV | IteratorV):
        return
    if isinstance(value, PartialV) and _binds_module_function(frame, value):
        # The function itself is right; what is wrong is to hand it on with a baggage bound to it.
        category = "HANDLER" if how == "handler" else "NESTED"
        cause = Cause(category, frame.location(value.site), text)
        start_elsewhere(frame, Path({}), value, [], [], value.site, text, cause)
        return
    if isinstance(value, SequenceV | DictV):
        for item in children(value):
            give_away(frame, item, node, text, how)
        return
    if any(True for _ in functions_in(value)):
        frame.escape(value, how, node, text)


def stored(frame: Frame, value: Value, node: ast.AST, path: Path) -> None:
    """Note that *value* is kept where others may find it."""
    give_away(frame, value, node, "an attribute or item of something else")


def import_bindings(node: ast.Import | ast.ImportFrom) -> list[tuple[str, Binding]]:
    """Give what an import statement inside a function binds."""
    found: list[tuple[str, Binding]] = []
    for alias in node.names:
        if isinstance(node, ast.Import):
            name = alias.asname or alias.name.partition(".")[0]
            found.append((name, Binding("import", node, alias.name if alias.asname else name)))
        elif alias.name != "*":
            found.append(
                (
                    alias.asname or alias.name,
                    Binding("import", node, node.module or "", node.level, alias.name),
                )
            )
    return found
