"""Runs activations of functions, remembers what came out, and solves recursion."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Generator, Mapping

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
from vatdata_lint.facts.call_keys import call_key, carries_vat, is_number
from vatdata_lint.facts.dispatch import evaluate, run_block
from vatdata_lint.facts.effects import Calls, Outcome, Path, join_into_one
from vatdata_lint.facts.effort import CALL_STEPS, Effort
from vatdata_lint.facts.frame import Frame, JudgedFrame, Program
from vatdata_lint.facts.judgement import winning_causes
from vatdata_lint.facts.module import ClassInfo, FunctionInfo
from vatdata_lint.facts.parameters import is_classmethod, is_static, parameter_names
from vatdata_lint.facts.recursion import BOTTOM, NOBODY, Activation, Followed, cut, either, same
from vatdata_lint.facts.renaming import Renaming, can_be_renamed, opaque
from vatdata_lint.facts.values import (
    UNKNOWN,
    ClassV,
    Const,
    FuncV,
    ObjectV,
    Scope,
    SequenceV,
    Sym,
    Value,
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

MAX_DEPTH = 10_000
"""Calls in each other that are followed; a level takes some twenty frames of Python's own."""

MAX_ALIKE = 12
"""Activations of one function, each given other code, that are followed inside each other."""

MAX_ROUNDS = 12
"""How often a cycle of calls is followed. Four rounds do for every cycle that people write."""


class Interpreter:
    """Follows functions with known or symbolic arguments, and remembers what came out.

    Recursion is solved over strongly connected components, as Tarjan finds them: a function that is met again
    while it is followed gives what is known of it so far, and everything that has used this waits for it. The
    outermost function of the component repeats until no approximation changes; then all outcomes of the last
    round agree with each other, and those of the whole component are kept. Within a round each function of the
    component is followed once: without that the work would double with every function.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.config = program.config
        self.strict = program.config.await_policy == "strict"
        self.modules = 0
        self._paths: dict[str, int] = {}
        self._judged: FunctionInfo | None = None
        self.pending: dict[FunctionInfo, tuple[Scope | None, Value | None]] = {}
        self.effort = Effort()
        self.seen_calls: set[Calls] = set()
        self.members_begun: set[tuple[ClassInfo, str]] = set()
        self.defaults_begun: set[tuple[FunctionInfo, str]] = set()
        self.exhausted = False
        self.plain_depth = 0
        self._kept: dict[object, Followed] = {}
        self._symbolic: dict[FunctionInfo, dict[str, Value]] = {}
        self._alone: dict[object, tuple[Followed, Scope | None]] = {}
        self._running: dict[str, list[Activation]] = {}
        self._depth = 0
        self._scopes = 0
        self._scopes_of_modules: list[Scope] | None = None
        self._head = NOBODY
        self._approximations: dict[object, Outcome] = {}
        self._changes = 0
        self._cyclic: set[str] = set()
        self._round: dict[object, Followed] = {}

    def reset(self) -> None:
        """Forget activations that an internal error left half done."""
        self._running.clear()
        self._depth = 0
        self._scopes_of_modules = None
        self._head = NOBODY
        self._approximations.clear()
        self._round.clear()
        self.members_begun.clear()
        self.defaults_begun.clear()
        self.plain_depth = 0

    def look_into(self, path: str) -> None:
        """Note that what is being found out depends on a file."""
        self.modules |= self.bit(path)

    def bit(self, path: str) -> int:
        """Give the bit of a file in ``modules``: a thousand functions in a chain share what they depend on."""
        return 1 << self._paths.setdefault(path, len(self._paths))

    def looked_into(self) -> list[str]:
        """Give the files that ``modules`` stands for."""
        return [path for path, place in self._paths.items() if self.modules >> place & 1]

    def is_worth_following(self, fn: FunctionInfo, arguments: dict[str, Value]) -> bool:
        """Say whether a call can matter: it gets something of the vat, or the function speaks of definers.

        Other calls are followed a few levels deep only, for guards that never return and for names.
        """
        return (
            fn.is_inline
            or fn.is_async
            or fn.outer is not None
            or fn.module.mentions_prepare(fn.node)
            or any(carries_vat(value) for value in arguments.values())
        )

    def standalone(self, fn: FunctionInfo, scope: Scope | None, bound: Value | None = None) -> Outcome:
        """Follow *fn* with parameters that stand for themselves."""
        key = (fn.uid, id(scope), self.plain_depth)
        known = self._alone.get(key)
        if known is None:
            if not self._depth:
                self.effort.begin(fn.size)
            outer, self.modules = self.modules, 0
            was_exhausted, self.exhausted = self.exhausted, False
            head, self._head = self._head, NOBODY
            outcome = self.call(FuncV(fn, scope, bound), self.symbolic(fn, bound))
            known = (Followed(outcome, self.modules, not self.exhausted, self._head), scope)
            if self._head == NOBODY:
                self._alone[key] = known
            self.modules = outer
            self.exhausted = was_exhausted
            self._head = head
        return self._use(known[0])

    def _use(self, known: Followed) -> Outcome:
        self.modules |= known.modules
        self.exhausted = self.exhausted or not known.is_whole
        self._head = min(self._head, known.head)
        return known.outcome

    def judge(
        self, fn: FunctionInfo, scope: Scope | None, arguments: dict[str, Value] | None = None
    ) -> JudgedFrame:
        """Follow *fn* once more, keeping every event for the rules."""
        self.effort.begin(fn.size)
        self.exhausted = False
        bound = self.symbolic(fn, None) if arguments is None else arguments
        outer, self.modules = self.modules, 0
        target = FuncV(fn, scope)
        key = call_key(target, bound, self.plain_depth)
        self._judged = fn
        judged = self._activate(target, bound, key, judging=True)
        alone = (fn.uid, id(scope), self.plain_depth)
        if arguments is None:
            # The next who asks for it alone need not follow it again.
            followed = Followed(judged.outcome, self.modules, not self.exhausted, NOBODY)
            is_known = alone in self._alone
            self._alone.setdefault(alone, (followed, scope))
            if key is not None:
                self._kept.setdefault(key, followed)
            if fn.uid in self._cyclic and not is_known and not self.exhausted:
                # What it says of its own calls hangs on what it yields: it must not matter who asked first.
                judged = self._activate(target, bound, key, judging=True)
        self.modules |= outer
        return judged

    def judges_around(self, fn: FunctionInfo) -> bool:
        """Say whether *fn* is written inside the function that is judged, whoever calls it."""
        outer = fn.outer
        while outer is not None and outer is not self._judged:
            outer = outer.outer
        return outer is not None

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
        running = self._met_again(target, arguments)
        if running is not None:
            self._head = min(self._head, running.place)
            return self._approximation(fn, running.name, arguments)
        if fn.uid in self._cyclic:
            # A recursion that counts would be followed once for each number.
            own = self._own(fn)
            arguments = {
                name: own.get(name, value) if is_number(value) else value for name, value in arguments.items()
            }
        key = call_key(target, arguments, self.plain_depth)
        known = None
        if key is not None:
            known = self._kept.get(key) or self._round.get(key)
        if known is None:
            self.effort.meet(fn.uid, fn.size)
            if self._depth > MAX_DEPTH or self.effort.is_used_up:
                self.exhausted = True
                return BOTTOM
            if key is not None:
                known = self._renamed(fn, arguments, key)
            if known is None:
                known = self._follow(target, arguments, key)
        return self._use(known)

    def _met_again(self, target: FuncV, arguments: Mapping[str, Value]) -> Activation | None:
        """Give the running activation that a call repeats; None if none does.

        Two functions under one decorator are two closures of its wrapper, of which one may call the other. So a
        closure that was there when the first one began is no recursion: there are only so many. One that was made
        since may be: each round of a recursion makes its own. Nor is it one when a function is given other code than
        before: a helper that awaits what it gets may get what awaits through the same helper.
        """
        activations = self._running.get(target.fn.uid)
        if activations is None:
            return None
        for activation in reversed(activations):
            if activation.scope is target.scope and activation.repeats(arguments):
                return activation
        is_old = target.scope is None or target.scope.born <= activations[0].begun
        if is_old and all(activation.scope is not target.scope for activation in activations):
            return None
        return None if is_old and len(activations) <= MAX_ALIKE else activations[-1]

    @contextlib.contextmanager
    def between_functions(self) -> Generator[None]:
        """While a module's variables are worked out: it makes no difference for whom, so nothing else is running."""
        outer = self._running, self._head, self._approximations, self._round, self._scopes_of_modules
        scopes = outer[4] if outer[4] is not None else []
        self._running, self._head, self._approximations, self._round = {}, NOBODY, {}, {}
        self._scopes_of_modules = scopes
        try:
            yield
        finally:
            self._running, self._head, self._approximations, self._round, self._scopes_of_modules = outer
            if self._scopes_of_modules is None:
                for scope in scopes:
                    scope.born = 0

    def _approximation(self, fn: FunctionInfo, name: object, arguments: dict[str, Value]) -> Outcome:
        """Give what is known so far of a running function, in the words of the call if they differ only in names."""
        outcome = self._approximations.get(name)
        if outcome is None:
            return BOTTOM
        own = self._own(fn)
        if name == (fn.uid, self.plain_depth, tuple(own.items())):
            names = opaque(own, arguments)
            if names and can_be_renamed(outcome):
                return Renaming(names).outcome(outcome)
        return outcome

    def _renamed(self, fn: FunctionInfo, arguments: dict[str, Value], key: object) -> Followed | None:
        """Give what a call yields from what the function yields by itself, if they differ only in names.

        Most calls hand on a parameter or two, so most functions are followed once.
        """
        own = self._own(fn)
        names = opaque(own, arguments)
        if not names:
            return None
        own_key = (fn.uid, self.plain_depth, tuple(own.items()))
        alone = self._kept.get(own_key) or self._round.get(own_key)
        if alone is None:
            alone = self._follow(FuncV(fn), own, own_key)
        if alone.can_be_renamed is None:
            alone.can_be_renamed = can_be_renamed(alone.outcome)
        if not alone.can_be_renamed:
            return None
        outcome = Renaming(names).outcome(alone.outcome)
        known = Followed(outcome, alone.modules, alone.is_whole, alone.head, True)
        (self._kept if known.head == NOBODY else self._round)[key] = known
        return known

    def _own(self, fn: FunctionInfo) -> dict[str, Value]:
        own = self._symbolic.get(fn)
        if own is None:
            own = self._symbolic[fn] = self.symbolic(fn, None)
        return own

    def _follow(self, target: FuncV, arguments: dict[str, Value], key: object) -> Followed:
        self.effort.spend(CALL_STEPS)
        outer, self.modules = self.modules, 0
        was_exhausted, self.exhausted = self.exhausted, False
        head, self._head = self._head, NOBODY
        try:
            judged = self._activate(target, arguments, key, judging=False)
            known = Followed(judged.outcome, self.modules, not self.exhausted, self._head)
        finally:
            self.modules = outer
            self.exhausted = was_exhausted
            self._head = head
        if key is not None:
            # What waits for a function further out saw an approximation of it.
            (self._kept if known.head == NOBODY else self._round)[key] = known
        return known

    def _activate(
        self, target: FuncV, arguments: dict[str, Value], key: object, *, judging: bool
    ) -> JudgedFrame:
        """Run a function, and if a cycle of calls begins here, until what its functions yield is stable.

        Leaves in ``_head`` for whom the outcome waits: functions further out, which will repeat all of this.
        """
        fn = target.fn
        place = self._depth
        activations = self._running.setdefault(fn.uid, [])
        # Not by its scope: each round makes new ones, and what a round yields is to be found in the next.
        name = (fn.uid, len(activations)) if key is None else key
        activations.append(Activation(place, name, target.scope, self._scopes, arguments))
        self._depth += 1
        # A dict keeps order: what this activation adds comes after what was there.
        noted, waiting = len(self._approximations), len(self._round)
        try:
            rounds = 0
            while True:
                rounds += 1
                self._head = NOBODY
                before = self._changes
                judged = self._run(target, arguments, judging)
                if self._head > place:
                    return judged
                self._cyclic.add(fn.uid)
                self._approximate(name, judged.outcome)
                if self._head < place:
                    return judged
                settled = cut(self._round, waiting)
                is_stable = self._changes == before
                if is_stable or self.effort.is_used_up:
                    self.exhausted = self.exhausted or not is_stable
                    for known in settled.values():
                        known.head = NOBODY
                        known.is_whole = known.is_whole and is_stable
                    self._kept.update(settled)
                    break
                if rounds == MAX_ROUNDS:
                    self.exhausted = True
                    break
            cut(self._approximations, noted)
            self._head = NOBODY
            return judged
        finally:
            self._depth = place
            activations.pop()
            if not activations:
                self._running.pop(fn.uid, None)

    def _approximate(self, name: object, outcome: Outcome) -> None:
        """Note what is known so far of a function that was met again, never less than before."""
        before = self._approximations.get(name)
        known = outcome if before is None else either(before, outcome)
        if not same(before or BOTTOM, known):
            self._changes += 1
        self._approximations[name] = known

    def _run(self, target: FuncV, arguments: dict[str, Value], judging: bool) -> JudgedFrame:
        fn = target.fn
        self.look_into(fn.module.path)
        path = Path(dict(arguments))
        self._scopes += 1
        scope = Scope(path.env, target.scope, self._scopes)
        if self._scopes_of_modules is not None:
            self._scopes_of_modules.append(scope)
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
            calls=frame.calls,
            changed=_changed(frame, arguments) if exits else (),
        )
        if fn.is_generator:
            outcome.value = (
                SequenceV("tuple", tuple(frame.yielded))
                if frame.yielded and not frame.loop_count
                else UNKNOWN
            )
        return JudgedFrame(frame, exits, outcome)


def _changed(frame: Frame, arguments: Mapping[str, Value]) -> tuple[tuple[str, Value], ...]:
    """Give the arguments that the function has changed in place: a list that it has added to, say."""
    names = sorted(frame.changed.intersection(arguments) - frame.reassigned)
    pairs = [(name, frame.scope.variables.get(name)) for name in names]
    return tuple((name, value) for name, value in pairs if value is not None and value != arguments[name])
