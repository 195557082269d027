"""What following a function yields: paths through it, events on them, and the outcome for its caller."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vatdata_lint.facts.values import Const, Sym, Value, join, unstable_reason
from vatdata_lint.finding import Location

if TYPE_CHECKING:
    from vatdata_lint.facts.module import FunctionInfo

__all__ = [
    "Applied",
    "NO_CALLS",
    "Cause",
    "Chain",
    "Control",
    "Effect",
    "Escape",
    "Event",
    "Key",
    "KeyRecord",
    "KindInfo",
    "Link",
    "Outcome",
    "Path",
    "RELIED",
    "UNAWAITED",
    "UNFINISHED",
    "join_variables",
    "kind_display",
    "merge_paths",
    "unstable_key",
]

MAX_PATHS = 12

Key = tuple[Value, Value]
"""Zone identity and kind name: what has to be defined on every way, once."""


UNFINISHED = "a lazy iterator that nobody runs to its end here"
"""Text of the cause for which what a generator defines may never be defined."""

UNAWAITED = "a coroutine that nobody awaits here"
"""Text of the cause for which what a coroutine defines is never defined."""

Applied = tuple[str, str, str]
"""A function's uid, one of its parameters, and the class of zone that some call bound to it."""

RELIED = "relied"
"""In place of the class of zone: a caller leaves it to the function's own judgement to report what is in it."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a definition may be missed: category, place, and a clause that names it (``the 'if' on line 3``).

    ``site`` is the call that the cause makes conditional, repeated or late, in the function where both stand.
    ``is_reported`` says that the judgement of a function further in reports it, so that no caller has to.
    ``is_key_test`` says that it only tests whether something is kept under a key, as the one half of a pair does.
    """

    category: str
    location: Location
    text: str
    site: Location | None = None
    is_reported: bool = False
    is_key_test: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """One call on the way to a definition; ``owner`` is the function in whose body it stands."""

    location: Location
    callee: str
    owner: FunctionInfo | None


class Chain:
    """Calls that lead to a definer, the outermost first.

    Callers share what follows their own call: a chain of thousands costs as much to make as one of two.
    """

    __slots__ = ("_inline", "_last", "_length", "_link", "_rest")

    def __init__(self, link: Link | None = None, rest: Chain | None = None) -> None:
        self._link = link
        self._rest = rest if rest else None
        self._length: int = len(rest or ()) + (link is not None)
        self._last: Link | None = self._rest._last if self._rest is not None else link
        # Invariant: a chain of nothing but inline functions is its own inline part.
        self._inline: Chain | None = self._rest._inline if self._rest is not None else None
        if link is not None and link.owner is not None and link.owner.is_inline:
            self._inline = self if self._rest is self._inline else Chain(link, self._inline)

    def after(self, link: Link) -> Chain:
        """Give the chain that begins with *link* and goes on with this one."""
        return Chain(link, self)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Link]:
        at: Chain | None = self
        while at is not None and at._link is not None:
            yield at._link
            at = at._rest

    @property
    def first(self) -> Link:
        """The outermost call; raises IndexError when there is none."""
        if self._link is None:
            raise IndexError("an empty chain has no first call")
        return self._link

    @property
    def last(self) -> Link:
        """The call of the definer itself; raises IndexError when there is none."""
        if self._last is None:
            raise IndexError("an empty chain has no last call")
        return self._last

    @property
    def rest(self) -> Chain:
        """What follows the outermost call."""
        return NO_CALLS if self._rest is None else self._rest

    @property
    def inline(self) -> Iterable[Link]:
        """The calls that stand in lambdas and generator expressions."""
        return () if self._inline is None else self._inline


NO_CALLS = Chain()


@dataclass(frozen=True, slots=True)
class KindInfo:
    """What is written at a definition: definer, form and the literal parts of the description.

    ``is_unresolved`` says that the definer is one by its name alone: it comes from where nobody here can look.
    """

    definer: str
    form: str
    facets: tuple[str, ...] | None = None
    fields: tuple[str, ...] | None = None
    version: int | None = None
    is_unresolved: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """One kind that a call defines, relative to the function that makes the call.

    ``chain`` leads from the function's own call to the definer. ``flags`` are the causes inside the
    function for which some way misses it. ``once`` says that a later call finds what the first one has made. ``held``
    are the keys under which something is kept on every way to it.
    """

    key: Key
    zone: Value
    definition: Location
    info: KindInfo
    chain: Chain
    flags: tuple[Cause, ...] = ()
    once: bool = False
    held: frozenset[Value] = frozenset()


@dataclass(eq=False, slots=True)
class Control:
    """A construct around an event: it may skip or repeat what stands in it.

    ``kind`` is ``"branch"``, ``"loop"``, ``"durable-loop"`` or ``"try"``; ``active`` says whether it
    really does so, which for loops and try is known only after their body was followed. ``repeated`` holds
    kinds, and calls that define them, from which a way leads back to the top; None where that is not known.
    ``is_key_test`` says that what stands in it runs where something is kept under a key, ``is_choice`` that it stands
    for one of several values, which a caller may have chosen.
    """

    kind: str
    location: Location
    text: str
    active: bool = True
    loop: int = 0
    is_key_test: bool = False
    is_choice: bool = False
    repeated: frozenset[Key | Location] | None = None

    def repeats(self, key: Key, location: Location) -> bool:
        """Say whether the loop may come again to a call that defines a kind."""
        return self.repeated is None or key in self.repeated or location in self.repeated


@dataclass(eq=False, slots=True)
class KeyRecord:
    """What is known about one kind at one event, over all paths through it.

    ``held`` are the keys under which something is kept on every way that comes here, as tests have shown.
    """

    effect: Effect
    location: Location
    node: ast.AST
    late: Cause | None = None
    duplicate: Location | None = None
    inherited: list[Cause] = field(default_factory=list[Cause])
    started: Cause | None = None
    is_outer_unstable: bool = True
    in_chain: bool = False
    held: frozenset[Value] = frozenset()


@dataclass(eq=False, slots=True)
class Event:
    """One call expression that defines kinds."""

    node: ast.AST
    location: Location
    callee: str
    controls: tuple[Control, ...]
    records: dict[tuple[Key, Location], KeyRecord] = field(
        default_factory=dict[tuple[Key, Location], KeyRecord]
    )
    has_only_branches: bool | None = None


@dataclass(frozen=True, slots=True)
class Escape:
    """A function or object that others may call later: ``how`` is ``"handler"``, ``"nested"`` or ``"source"``.

    A source is a build function that a vat starts with.
    """

    value: Value
    how: str
    location: Location
    text: str


class Calls:
    """Which functions an activation has called and what was bound to their parameters.

    What those called in turn is not copied but reached through them: many callers share it.
    """

    __slots__ = ("_applied", "_functions", "_inner")

    def __init__(self) -> None:
        self._functions: set[FunctionInfo] = set()
        self._applied: set[Applied] = set()
        self._inner: dict[int, Calls] = {}

    def apply(self, applied: Applied) -> None:
        """Note that a call binds a zone of some class to a parameter."""
        self._applied.add(applied)

    def call(self, fn: FunctionInfo, inner: Calls) -> None:
        """Note that *fn* was called, and what it has called."""
        self._functions.add(fn)
        self._inner[id(inner)] = inner

    def functions(self) -> set[FunctionInfo]:
        """Give every function that was called, through any number of calls."""
        found: set[FunctionInfo] = set()
        for calls in self._all(set()):
            found |= calls._functions
        return found

    def applied(self, seen: set[Calls]) -> set[Applied]:
        """Give every binding, but for those of calls already *seen*, to which these are added."""
        found: set[Applied] = set()
        for calls in self._all(seen):
            found |= calls._applied
        return found

    def _all(self, seen: set[Calls]) -> Iterator[Calls]:
        pending: list[Calls] = [self]
        while pending:
            calls = pending.pop()
            if calls not in seen:
                seen.add(calls)
                yield calls
                pending += calls._inner.values()


@dataclass(eq=False, slots=True)
class Outcome:
    """What a caller has to know of a call.

    ``changed`` are the parameters whose objects were changed in place, with what they are then.
    """

    effects: tuple[Effect, ...]
    value: Value
    suspends: Cause | None
    completes: bool
    self_value: Value | None
    escapes: tuple[Escape, ...]
    writes: frozenset[Value]
    calls: Calls = field(default_factory=Calls)
    changed: tuple[tuple[str, Value], ...] = ()


@dataclass(eq=False, slots=True)
class Path:
    """One way through a function so far: what is surely and possibly defined, and what variables hold."""

    env: dict[str, Value]
    must: frozenset[Key] = frozenset()
    may: dict[Key, Location] = field(default_factory=dict[Key, Location])
    late: Cause | None = None
    assume: dict[Value, bool] = field(default_factory=dict[Value, bool])
    dead: bool = False

    def copy(self) -> Path:
        """Give a path that goes on independently."""
        return Path(dict(self.env), self.must, self.may, self.late, dict(self.assume), self.dead)

    def held(self) -> frozenset[Value]:
        """Give the keys under which something is kept, as the tests on this way have shown."""
        found = [test for test, truth in self.assume.items() if truth and isinstance(test, Sym)]
        return frozenset(test.args[1] for test in found if test.op == "has")

    def misses_a_key(self) -> bool:
        """Say whether a test on this way has shown that nothing is kept under some key."""
        return any(
            not truth and isinstance(test, Sym) and test.op == "has" for test, truth in self.assume.items()
        )

    def define(self, keys: Iterable[Key], location: Location) -> None:
        """Note that all *keys* are defined here."""
        # Other paths share these tables: they are replaced, once for all keys of a call.
        new = dict.fromkeys(keys, location)
        self.must = self.must.union(new)
        self.may = new | self.may


def merge_paths(paths: list[Path]) -> list[Path]:
    """Join paths that agree on what is defined and on whether the crank may be over.

    Paths that differ in that stay apart with what they assume, so that a later test of the same
    condition goes only one way; more than a handful become one.
    """
    if len(paths) < 2:
        return paths
    groups: dict[tuple[frozenset[Key], bool], list[Path]] = {}
    for path in paths:
        groups.setdefault((path.must, path.late is None), []).append(path)
    merged = [group[0] if len(group) == 1 else _merge(group) for group in groups.values()]
    return merged if len(merged) <= MAX_PATHS else [_merge(merged)]


def join_into_one(paths: list[Path]) -> Path:
    """Join all *paths*, whatever they differ in."""
    return paths[0] if len(paths) == 1 else _merge(paths)


def _merge(paths: list[Path]) -> Path:
    first = paths[0]
    env = dict(first.env)
    for other in paths[1:]:
        if other.env is not first.env:
            join_variables(env, other.env)
    must = first.must
    may = first.may
    late = first.late
    assume = first.assume
    for other in paths[1:]:
        must &= other.must
        if other.may is not may:
            may = {**other.may, **may}
        late = late or other.late
        if assume and assume is not other.assume:
            assume = _agreed(assume, other.assume)
    return Path(env, must, may, late, dict(assume), all(path.dead for path in paths))


def join_variables(env: dict[str, Value], other: dict[str, Value]) -> None:
    """Let each variable of *env* be what it was or what it is in *other*."""
    known_as = env.get
    for name in [name for name, value in other.items() if known_as(name) is not value]:
        value, known = other[name], known_as(name)
        if known is None:
            env[name] = value
        elif known != value:
            env[name] = join((known, value))


def _agreed(one: dict[Value, bool], other: dict[Value, bool]) -> dict[Value, bool]:
    return {key: value for key, value in one.items() if other.get(key) is value}


def unstable_key(key: Key) -> str | None:
    """Say on what a kind's name, or its sub-zone's, depends that differs between incarnations."""
    return unstable_reason(key[1]) or unstable_reason(key[0])


def kind_display(name: Value) -> str | None:
    """Give the kind name as a person would write it, with braces for what is not fixed; None if unknown."""
    if isinstance(name, Const):
        return name.value if isinstance(name.value, str) else None
    if isinstance(name, Sym) and name.op == "fstr":
        parts = [kind_display(part) if isinstance(part, Const) else "{…}" for part in name.args]
        return "".join(part if part is not None else "{…}" for part in parts)
    return None
