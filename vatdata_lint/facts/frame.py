"""One activation of a function while it is followed: its scope, and what was seen in it so far."""

from __future__ import annotations

import ast
import dataclasses
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from vatdata_lint.config import Config
from vatdata_lint.facts.effects import (
    Calls,
    Cause,
    Control,
    Effect,
    Escape,
    Event,
    Key,
    KeyRecord,
    Link,
    Outcome,
    Path,
    join_variables,
    unstable_key,
)
from vatdata_lint.facts.effort import RECORD_STEPS
from vatdata_lint.facts.module import Binding, FunctionInfo, ModuleFacts
from vatdata_lint.facts.once import ONCE
from vatdata_lint.facts.values import (
    Scope,
    Ticket,
    Value,
    elem_loops,
)
from vatdata_lint.finding import Location

if TYPE_CHECKING:
    from vatdata_lint.facts.interpreter import Interpreter

MAX_KINDS = 10_000
"""Kinds that one call may define; the largest tree of vats that there is has 229 in all."""

__all__ = ["Frame", "JudgedFrame", "Jump", "LoopContext", "Program"]


class Program(Protocol):
    """The project as the interpreter sees it: names of modules and what they stand for."""

    config: Config

    def global_value(self, module: ModuleFacts, name: str, interpreter: Interpreter) -> Value:
        """Give what a module-level name stands for."""
        ...

    def import_value(self, module: ModuleFacts, binding: Binding, interpreter: Interpreter) -> Value:
        """Give what an import statement binds."""
        ...

    def as_seen_by(
        self, reader: ModuleFacts, module: ModuleFacts, name: str, value: Value, interpreter: Interpreter
    ) -> Value:
        """Give a module's value once all is imported that *reader* imports."""
        ...

    def is_definer(self, fn: FunctionInfo, interpreter: Interpreter) -> bool | None:
        """Say what the configuration says of a function: whether it defines kinds, None if nothing."""
        ...

    def is_prompt(self, fn: FunctionInfo, interpreter: Interpreter) -> bool:
        """Say whether the configuration says that awaiting a function's call never leaves the crank."""
        ...


@dataclass(eq=False, slots=True)
class LoopContext:
    """Where ``break`` and ``continue`` go."""

    breaks: list[Path] = field(default_factory=list[Path])
    continues: list[Path] = field(default_factory=list[Path])


@dataclass(frozen=True, slots=True)
class Jump:
    """A ``return``, ``break`` or ``continue``: where, which, and whether it is taken where a key is missing."""

    location: Location
    word: str
    is_key_test: bool


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
        self.effort = interpreter.effort
        self.module = module
        self.fn = fn
        self.scope = scope
        self.judging = judging
        self.events: dict[ast.AST, Event] = {}
        self.controls: list[Control] = []
        self.branches: dict[tuple[ast.AST, str], Control] = {}
        self.returns: list[tuple[Path, Value, Location]] = []
        self.loops: list[LoopContext] = []
        self.collectors: list[list[Path]] = []
        self.escapes: list[Escape] = []
        self.alike_escapes: Counter[tuple[str, Location, tuple[FunctionInfo, ...]]] = Counter()
        self.tickets: list[Ticket] = []
        self.suspends: Cause | None = None
        self.writes: set[Value] = set()
        self.yielded: list[Value] = []
        self.changed: set[str] = set()
        self.reassigned: set[str] = set()
        self.jumps: list[Jump] = []
        self.loop_count = 0
        self.is_repeating = False
        self.defined: list[tuple[Key, Location]] = []
        self.calls = Calls()
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
                join_variables(seen[-1].env, path.env)
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

    def branch(self, node: ast.AST, text: str) -> Control:
        """Give the control of one branch, the same each time; it is active once another branch was seen to go on."""
        return self.branches.setdefault(
            (node, text), Control("branch", self.location(node), text, active=False)
        )

    def ways_out(self) -> int:
        """Count the ways that have left a block by ``return``, ``break`` or ``continue`` so far."""
        return len(self.returns) + sum(len(loop.breaks) + len(loop.continues) for loop in self.loops)

    def jump(self, node: ast.AST, path: Path, word: str) -> None:
        """Note that *path* leaves the block here."""
        self.jumps.append(Jump(self.location(node), word, path.misses_a_key()))

    def write(self, key: Value, path: Path) -> None:
        """Note that something is kept under *key*, unless *path* shows that the key was there already."""
        if key not in path.held():
            self.writes.add(key)

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
        is_once: bool = False,
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
            is_once: whether a further call of the callee with the same arguments gives what the first one made.
        """
        if path.dead:
            return
        if len(effects) > MAX_KINDS or not self.effort.affords(RECORD_STEPS * len(effects)):
            self.interpreter.exhausted = True
            return
        self.effort.spend(RECORD_STEPS * len(effects))
        location = self.location(node)
        event = self.events.get(node)
        controls = tuple(self.controls)
        if event is None:
            event = self.events[node] = Event(node, location, callee, controls)
        is_once = is_once or ONCE in path.assume
        held = path.held()
        for effect in effects:
            slot = (effect.key, effect.definition)
            record = event.records.get(slot)
            if record is None:
                record = event.records[slot] = self._begin(
                    node, Link(location, callee, self.fn), effect, held, known, is_once=is_once
                )
                record.is_outer_unstable = (
                    effect.definition not in known_unstable and unstable_key(effect.key) is not None
                )
            record.held &= held | effect.held
            if record.late is None:
                record.late = path.late
            if record.duplicate is None and not record.effect.once:
                earlier = path.may.get(effect.key)
                if earlier is not None and (
                    earlier != location or not (elem_loops(effect.key[1]) or elem_loops(effect.key[0]))
                ):
                    record.duplicate = earlier
            if started is not None:
                record.started = started
        keys = [effect.key for effect in effects]
        path.define(keys, location)
        self.defined += [(key, location) for key in keys]

    def _begin(
        self,
        node: ast.AST,
        link: Link,
        effect: Effect,
        held: frozenset[Value],
        known: frozenset[tuple[Location, str]],
        *,
        is_once: bool,
    ) -> KeyRecord:
        """Give the record of a kind that a call is seen to define for the first time."""
        flags = effect.flags
        if known:
            flags = tuple(
                dataclasses.replace(flag, is_reported=True)
                if not flag.is_reported and (effect.definition, flag.category) in known
                else flag
                for flag in flags
            )
        full = Effect(
            effect.key,
            effect.zone,
            effect.definition,
            effect.info,
            effect.chain.after(link),
            flags,
            effect.once or is_once,
            held | effect.held,
        )
        record = KeyRecord(full, self._outermost(full), node, held=full.held)
        record.inherited += [flag for flag in flags if not flag.is_reported]
        return record

    def _outermost(self, effect: Effect) -> Location:
        """Give the place to report: this frame's call, or the call inside a lambda written in this frame."""
        for link in effect.chain.rest.inline:
            if link.owner is not None and self.contains(link.owner):
                return link.location
        return effect.chain.first.location

    def contains(self, fn: FunctionInfo) -> bool:
        """Say whether *fn* is written inside this frame's function."""
        outer = fn.outer
        while outer is not None:
            if outer is self.fn:
                return True
            outer = outer.outer
        return False
