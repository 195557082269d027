"""Runs activations of functions, remembers what came out, and solves recursion."""

from __future__ import annotations

import ast

from vatdata_lint.facts import (
    assignment,
    comprehensions,
    conditions,
    deferred,
    exceptions,
    expressions,
    loops,
    names,
    statements,
)
from vatdata_lint.facts.dispatch import evaluate, run_block
from vatdata_lint.facts.effects import (
    Outcome,
    Path,
    join_into_one,
)
from vatdata_lint.facts.frame import Frame, JudgedFrame, Program
from vatdata_lint.facts.judgement import winning_causes
from vatdata_lint.facts.module import ClassInfo, FunctionInfo
from vatdata_lint.facts.parameters import is_classmethod, is_static, parameter_names
from vatdata_lint.facts.values import (
    UNKNOWN,
    ClassV,
    Const,
    CoroutineV,
    DictV,
    FuncV,
    IteratorV,
    ObjectV,
    PartialV,
    Scope,
    SequenceV,
    Sym,
    UnionV,
    Value,
    children,
    join,
)
from vatdata_lint.vocabulary import looks_like_baggage

__all__ = ["Interpreter"]

SYNTAX = (
    assignment,
    comprehensions,
    conditions,
    exceptions,
    expressions,
    loops,
    names,
    statements,
)
"""Modules that are imported to fill the dispatch tables."""

MAX_DEPTH = 40
MAX_ROUNDS = 4
MAX_STEPS = 60_000
"""Work done for one judged function; a function that needs more is reported as not understood.

A call followed is one, and so is each definition that it hands to its caller; four links of a chain are one more."""

CHEAP_STEPS = 300
MAX_EXPENSIVE_STEPS = 60_000
"""Work beyond the cheap part for all judged functions together; after that each gets the cheap part only."""


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

        fn = target.fn
        self.modules.add(fn.module.path)
        path = Path(dict(arguments))
        scope = Scope(path.env, target.scope)
        frame = Frame(self, fn.module, fn, scope, judging)
        node = fn.node
        if isinstance(node, ast.Lambda):
            value = evaluate(frame, node.body, path)
            if not path.dead:
                frame.returns.append((path, value, frame.location(node.body)))
        elif isinstance(node, ast.GeneratorExp):
            comprehensions.run_generator(frame, node, path)
            if not path.dead:
                frame.returns.append((path, UNKNOWN, frame.location(node)))
        else:
            ends = run_block(frame, node.body, [path])
            last = node.body[-1]
            for end in ends:
                frame.returns.append((end, Const("NoneType", None), frame.location(last)))
        exits = [way for way, _, _ in frame.returns if not way.dead]
        values = [value for way, value, _ in frame.returns if not way.dead]
        if exits:
            scope.variables = join_into_one(exits).env
        frame.returned_values = values
        deferred.settle_tickets(frame)
        effects = winning_causes(frame, exits)
        self_value: Value | None = None
        parameters = parameter_names(fn)
        if parameters and fn.owner is not None and exits:
            self_value = scope.variables.get(parameters[0][0])
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
