"""One activation of a function while it is followed, and the interpreter that runs activations."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Protocol

from vatdata_lint.config import Config
from vatdata_lint.facts.effects import (
    Applied,
    Cause,
    Control,
    Effect,
    Escape,
    Event,
    KeyRecord,
    Link,
    Outcome,
    Path,
    join_into_one,
    unstable_key,
)
from vatdata_lint.facts.module import Binding, ClassInfo, FunctionInfo, ModuleFacts
from vatdata_lint.facts.values import (
    UNKNOWN,
    ClassV,
    Const,
    DictV,
    FuncV,
    ObjectV,
    Scope,
    SequenceV,
    Sym,
    Ticket,
    UnionV,
    Value,
    elem_loops,
    join,
)
from vatdata_lint.finding import Location
from vatdata_lint.vocabulary import looks_like_baggage

__all__ = ["Frame", "Interpreter", "JudgedFrame", "LoopContext", "Program"]

MAX_DEPTH = 40
MAX_ROUNDS = 4
MAX_STEPS = 60_000
"""Work done for one judged function; a function that needs more is reported as not understood.

A call followed is one, and so is each definition that it hands to its caller; four links of a chain are one more."""

CHEAP_STEPS = 300
MAX_EXPENSIVE_STEPS = 60_000
"""Work beyond the cheap part for all judged functions together; after that each gets the cheap part only."""


class Program(Protocol):
    """The project as the interpreter sees it: names of modules and what they stand for."""

    config: Config

    def global_value(self, module: ModuleFacts, name: str, interpreter: Interpreter) -> Value:
        """Give what a module-level name stands for."""
        ...

    def import_value(self, module: ModuleFacts, binding: Binding, interpreter: Interpreter) -> Value:
        """Give what an import statement binds."""
        ...


@dataclass(eq=False, slots=True)
class LoopContext:
    """Where ``break`` and ``continue`` go."""

    breaks: list[Path] = field(default_factory=list[Path])
    continues: list[Path] = field(default_factory=list[Path])


@dataclass(eq=False, slots=True)
class JudgedFrame:
    """A followed function with everything that its rules look at."""

    frame: Frame
    exits: list[Path]
    outcome: Outcome
    how: str = "own"


class Frame:
    """One activation: its function, its scope, and what was seen in it so far."""

    def __init__(
        self,
        interpreter: Interpreter,
        module: ModuleFacts,
        fn: FunctionInfo | None,
        scope: Scope,
        judging: bool,
    ) -> None:
        self.interpreter = interpreter
        self.module = module
        self.fn = fn
        self.scope = scope
        self.judging = judging
        self.events: dict[ast.AST, Event] = {}
        self.controls: list[Control] = []
        self.returns: list[tuple[Path, Value, Location]] = []
        self.loops: list[LoopContext] = []
        self.collectors: list[list[Path]] = []
        self.escapes: list[Escape] = []
        self.tickets: list[Ticket] = []
        self.suspends: Cause | None = None
        self.writes: set[Value] = set()
        self.yielded: list[Value] = []
        self.jumps: list[tuple[Location, str]] = []
        self.loop_count = 0
        self.called: set[FunctionInfo] = set()
        self.applied: set[Applied] = set()
        self.plain_calls = 0
        self.last_outcome: Outcome | None = None
        self.returned_values: list[Value] = []

    def enter(self, path: Path) -> None:
        """Make *path* the one whose variables closures see."""
        self.scope.variables = path.env

    def location(self, node: ast.AST) -> Location:
        """Give where a node of this function stands."""
        return self.module.location(node)

    def may_raise(self, path: Path) -> None:
        """Note for the innermost ``try`` that this point may raise."""
        if self.collectors and not path.dead:
            seen = self.collectors[-1]
            if seen and seen[-1].must == path.must and (seen[-1].late is None) == (path.late is None):
                seen[-1].env.update(path.env)
                seen[-1].may = path.may
            else:
                seen.append(path.copy())

    def suspend(self, path: Path, location: Location, text: str) -> None:
        """Note that the crank may end here."""
        cause = Cause("LATE", location, text)
        if path.late is None:
            path.late = cause
        if self.suspends is None:
            self.suspends = cause

    def escape(self, value: Value, how: str, node: ast.AST, text: str) -> None:
        """Note that somebody else may call *value*, or what it holds, later."""
        self.escapes.append(Escape(value, how, self.location(node), text))

    def record(
        self,
        node: ast.AST,
        path: Path,
        callee: str,
        effects: tuple[Effect, ...],
        *,
        known: frozenset[tuple[Location, str]] = frozenset(),
        known_unstable: frozenset[Location] = frozenset(),
        started: Cause | None = None,
    ) -> None:
        """Note that a call expression defines kinds on *path*.

        Args:
            node: the call expression.
            path: the way that reaches it; the kinds are added to it.
            callee: what is called, for messages.
            effects: what it defines, chains relative to the callee.
            known: causes that the callee's own judgement reports already.
            known_unstable: definitions whose name the callee's own judgement reports already.
            started: set when the call runs in another activation.
        """
        if path.dead:
            return
        self.interpreter.steps += sum(1 + len(effect.chain) // 4 for effect in effects)
        location = self.location(node)
        event = self.events.get(node)
        controls = tuple(self.controls)
        if event is None:
            event = self.events[node] = Event(node, location, callee, controls)
        pending: list[Effect] = []
        for effect in effects:
            link = Link(location, callee, self.fn)
            full = Effect(
                effect.key, effect.zone, effect.definition, effect.info, (link, *effect.chain), effect.flags
            )
            pending.append(full)
            slot = (effect.key, effect.definition)
            record = event.records.get(slot)
            if record is None:
                where = self._outermost(full)
                record = KeyRecord(full, where, node)
                record.is_outer_unstable = (
                    unstable_key(effect.key) is not None and effect.definition not in known_unstable
                )
                for flag in effect.flags:
                    if (effect.definition, flag.category) not in known:
                        record.inherited.append(flag)
                event.records[slot] = record
            if path.late is not None and record.late is None:
                record.late = path.late
            earlier = path.may.get(effect.key)
            if earlier is not None and record.duplicate is None:
                if earlier != location or not (elem_loops(effect.key[1]) or elem_loops(effect.key[0])):
                    record.duplicate = earlier
            if started is not None:
                record.started = started
        for effect in pending:
            path.define(effect.key, location)

    def _outermost(self, effect: Effect) -> Location:
        """Give the place to report: this frame's call, or the call inside a lambda written in this frame."""
        for link in effect.chain[1:]:
            owner = link.owner
            if owner is not None and owner.is_inline and self.contains(owner):
                return link.location
        return effect.chain[0].location

    def contains(self, fn: FunctionInfo) -> bool:
        """Say whether *fn* is written inside this frame's function."""
        outer = fn.outer
        while outer is not None:
            if outer is self.fn:
                return True
            outer = outer.outer
        return False


class Interpreter:
    """Follows functions with known or symbolic arguments, and remembers what came out.

    Recursion is solved by iteration: a function that is met again while it is followed gives what is
    known of it so far, and the outermost activation repeats until nothing new comes. Within one round
    each function of the cycle is followed once: without that the work would double with every function.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.config = program.config
        self.strict = program.config.await_policy == "strict"
        self.memo: dict[object, tuple[Outcome, set[str]]] = {}
        self.alone: dict[object, tuple[Outcome, Scope | None, set[str]]] = {}
        self.stack: list[tuple[str, object]] = []
        self.approximations: dict[str, Outcome] = {}
        self.recursive: set[str] = set()
        self.round: dict[object, tuple[Outcome, set[str]]] = {}
        self.finished: list[str] = []
        self.changed = False
        self.modules: set[str] = set()
        self.pending: dict[FunctionInfo, tuple[Scope | None, Value | None]] = {}
        self.steps = 0
        self.steps_allowed = MAX_STEPS
        self.expensive_steps = 0
        self.exhausted = False
        self.depth = 0
        self.plain_depth = 0

    def reset(self) -> None:
        """Forget activations that an internal error left half done."""
        self.stack.clear()
        self.approximations.clear()
        self.recursive.clear()
        self.round.clear()
        self.finished.clear()
        self.depth = self.plain_depth = 0

    def is_worth_following(self, fn: FunctionInfo, arguments: dict[str, Value]) -> bool:
        """Say whether a call can matter: it gets something of the vat, or the function speaks of definers.

        Other calls are followed a few levels deep only, for guards that never return and for names.
        """
        return (
            fn.is_inline
            or fn.is_async
            or fn.outer is not None
            or fn.module.mentions_prepare(fn.node)
            or any(_carries_vat(value) for value in arguments.values())
        )

    def standalone(self, fn: FunctionInfo, scope: Scope | None, bound: Value | None = None) -> Outcome:
        """Follow *fn* with parameters that stand for themselves."""
        key = (fn.uid, id(scope), self.plain_depth)
        known = self.alone.get(key)
        if known is None:
            outer, self.modules = self.modules, set()
            outcome = self.call(FuncV(fn, scope, bound), self.symbolic(fn, bound))
            self.alone[key] = known = (outcome, scope, self.modules)
            self.modules = outer
        self.modules |= known[2]
        return known[0]

    def judge(
        self, fn: FunctionInfo, scope: Scope | None, arguments: dict[str, Value] | None = None
    ) -> JudgedFrame:
        """Follow *fn* once more, keeping every event for the rules."""
        self.expensive_steps += max(0, self.steps - CHEAP_STEPS) if self.exhausted else 0
        self.steps_allowed = MAX_STEPS if self.expensive_steps < MAX_EXPENSIVE_STEPS else CHEAP_STEPS
        self.steps = 0
        self.exhausted = False
        bound = self.symbolic(fn, None) if arguments is None else arguments
        return self._activate(FuncV(fn, scope), bound, judging=True)

    def symbolic(self, fn: FunctionInfo, bound: Value | None) -> dict[str, Value]:
        """Give each parameter of *fn* a value that is only equal to itself."""
        result: dict[str, Value] = {}
        names = parameter_names(fn)
        for index, (name, _) in enumerate(names):
            value: Value = Sym("param", fn.uid, name)
            if index == 0 and fn.owner is not None and fn.outer is None and not is_static(fn):
                if is_classmethod(fn):
                    value = ClassV(fn.owner)
                else:
                    value = bound or self.self_object(fn.owner)
            elif looks_like_baggage(name):
                value = Sym("baggage", value)
            result[name] = value
        return result

    def self_object(self, cls: ClassInfo) -> Value:
        """Give an instance of *cls* whose attributes are known by name only."""
        return ObjectV(ClassV(cls), (), 0)

    def call(self, target: FuncV, arguments: dict[str, Value]) -> Outcome:
        """Follow a call to its end and give what its caller has to know."""
        fn = target.fn
        self.steps += 1
        if self.depth > MAX_DEPTH or self.steps > self.steps_allowed:
            self.exhausted = True
            return _BOTTOM
        if any(uid == fn.uid for uid, _ in self.stack):
            self.recursive.add(fn.uid)
            return self.approximations.get(fn.uid, _BOTTOM)
        key: object = None
        if target.scope is None and all(_is_closed(value) for value in arguments.values()):
            key = (fn.uid, self.plain_depth, tuple(arguments.items()))
            known = self.memo.get(key) or self.round.get(key)
            if known is not None:
                self.modules |= known[1]
                return known[0]
        outer, self.modules = self.modules, set()
        try:
            outcome = self._activate(target, arguments, judging=False).outcome
            # What was followed inside a cycle saw an approximation; only the head of the cycle may be kept
            # for longer than a round.
            if key is not None:
                (self.round if self.recursive else self.memo)[key] = (outcome, self.modules)
        finally:
            outer |= self.modules
            self.modules = outer
        return outcome

    def _activate(self, target: FuncV, arguments: dict[str, Value], *, judging: bool) -> JudgedFrame:
        fn = target.fn
        self.depth += 1
        self.stack.append((fn.uid, None))
        begun = len(self.finished)
        try:
            self.changed = False
            judged = self._run(target, arguments, judging)
            if self._is_inside_a_cycle():
                if fn.uid in self.recursive:
                    self._note_approximation(fn.uid, judged.outcome)
                    self.finished.append(fn.uid)
                    self.recursive.discard(fn.uid)
                return judged
            rounds = 0
            while fn.uid in self.recursive and rounds < MAX_ROUNDS:
                rounds += 1
                self._note_approximation(fn.uid, judged.outcome)
                if not self.changed:
                    break
                self.recursive.discard(fn.uid)
                self.round.clear()
                self.changed = False
                judged = self._run(target, arguments, judging)
            self.recursive.discard(fn.uid)
            self.approximations.pop(fn.uid, None)
            for uid in self.finished[begun:]:
                self.approximations.pop(uid, None)
            del self.finished[begun:]
            if rounds:
                self.round.clear()
            return judged
        finally:
            self.stack.pop()
            self.depth -= 1

    def _is_inside_a_cycle(self) -> bool:
        """Say whether a caller of the running function was met again, so that it will repeat all of this."""
        return bool(self.recursive) and any(uid in self.recursive for uid, _ in self.stack[:-1])

    def _note_approximation(self, uid: str, outcome: Outcome) -> None:
        before = self.approximations.get(uid)
        if before is None or not _same(before, outcome):
            self.changed = True
        self.approximations[uid] = outcome

    def _run(self, target: FuncV, arguments: dict[str, Value], judging: bool) -> JudgedFrame:
        from vatdata_lint.facts import expressions, statements

        fn = target.fn
        self.modules.add(fn.module.path)
        path = Path(dict(arguments))
        scope = Scope(path.env, target.scope)
        frame = Frame(self, fn.module, fn, scope, judging)
        node = fn.node
        if isinstance(node, ast.Lambda):
            value = expressions.evaluate(frame, node.body, path)
            if not path.dead:
                frame.returns.append((path, value, frame.location(node.body)))
        elif isinstance(node, ast.GeneratorExp):
            expressions.run_generator(frame, node, path)
            if not path.dead:
                frame.returns.append((path, UNKNOWN, frame.location(node)))
        else:
            ends = statements.run_block(frame, node.body, [path])
            last = node.body[-1]
            for end in ends:
                frame.returns.append((end, Const("NoneType", None), frame.location(last)))
        exits = [way for way, _, _ in frame.returns if not way.dead]
        values = [value for way, value, _ in frame.returns if not way.dead]
        if exits:
            scope.variables = join_into_one(exits).env
        frame.returned_values = values
        from vatdata_lint.facts.calls import settle_tickets
        from vatdata_lint.facts.judgement import winning_causes

        settle_tickets(frame)
        effects = winning_causes(frame, exits)
        self_value: Value | None = None
        names = parameter_names(fn)
        if names and fn.owner is not None and exits:
            self_value = scope.variables.get(names[0][0])
        outcome = Outcome(
            effects=effects,
            value=join(values) if values else UNKNOWN,
            suspends=frame.suspends,
            completes=bool(exits),
            self_value=self_value,
            escapes=tuple(frame.escapes),
            writes=frozenset(frame.writes),
            called=frozenset(frame.called),
            applied=frozenset(frame.applied),
        )
        if fn.is_generator:
            outcome.value = (
                SequenceV("tuple", tuple(frame.yielded))
                if frame.yielded and not frame.loop_count
                else UNKNOWN
            )
        return JudgedFrame(frame, exits, outcome)


_BOTTOM = Outcome((), UNKNOWN, None, True, None, (), frozenset())


_VAT_OPS = frozenset({"baggage", "zone", "sub", "heap", "virtual", "collection", "handle"})


def _carries_vat(value: Value, depth: int = 0) -> bool:
    """Say whether a value is, or holds, a zone, a baggage or code that may define kinds."""
    from vatdata_lint.facts.values import CoroutineV, IteratorV, PartialV, children

    if isinstance(value, Sym):
        return value.op in _VAT_OPS
    if isinstance(value, FuncV | PartialV | CoroutineV | IteratorV):
        return True
    return depth < 3 and any(_carries_vat(child, depth + 1) for child in children(value))


def _same(one: Outcome, other: Outcome) -> bool:
    return (
        {(e.definition, e.key) for e in one.effects} == {(e.definition, e.key) for e in other.effects}
        and (one.suspends is None) == (other.suspends is None)
        and one.completes == other.completes
    )


def _is_closed(value: Value, depth: int = 0) -> bool:
    """Say whether a value means the same whenever it is looked at: no closure over a scope that may change."""
    from vatdata_lint.facts.values import CoroutineV, IteratorV, children

    if isinstance(value, FuncV):
        return value.scope is None and (value.bound is None or _is_closed(value.bound, depth + 1))
    if isinstance(value, CoroutineV | IteratorV) or depth > 5:
        return False
    if isinstance(value, ClassV):
        return value.scope is None
    if isinstance(value, ObjectV) and value.cls.scope is not None:
        return False
    if isinstance(value, SequenceV | DictV | ObjectV | UnionV) or not isinstance(value, Sym | Const):
        return all(_is_closed(child, depth + 1) for child in children(value))
    return True


def parameter_names(fn: FunctionInfo) -> list[tuple[str, str]]:
    """Give the parameters in order, each with its way: positional, star, keyword or options."""
    if isinstance(fn.node, ast.GeneratorExp):
        return []
    args = fn.node.args
    names = [(arg.arg, "positional") for arg in (*args.posonlyargs, *args.args)]
    if args.vararg is not None:
        names.append((args.vararg.arg, "star"))
    names += [(arg.arg, "keyword") for arg in args.kwonlyargs]
    if args.kwarg is not None:
        names.append((args.kwarg.arg, "options"))
    return names


def is_static(fn: FunctionInfo) -> bool:
    """Say whether a method takes no ``self``."""
    return _has_decorator(fn, "staticmethod")


def is_classmethod(fn: FunctionInfo) -> bool:
    """Say whether a method takes its class."""
    return _has_decorator(fn, "classmethod")


def is_property(fn: FunctionInfo) -> bool:
    """Say whether reading the attribute calls the method."""
    return _has_decorator(fn, "property") or _has_decorator(fn, "cached_property")


def _has_decorator(fn: FunctionInfo, name: str) -> bool:
    if isinstance(fn.node, ast.Lambda | ast.GeneratorExp):
        return False
    for item in fn.node.decorator_list:
        if isinstance(item, ast.Name) and item.id == name:
            return True
        if isinstance(item, ast.Attribute) and item.attr == name:
            return True
    return False
