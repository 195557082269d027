"""Abstract values: what an expression may stand for while a function is followed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from vatdata_lint.facts.module import ClassInfo, FunctionInfo, ModuleFacts

__all__ = [
    "UNKNOWN",
    "VALUE_TYPES",
    "ClassV",
    "Const",
    "CoroutineV",
    "DictV",
    "Ext",
    "FuncV",
    "IteratorV",
    "ModuleV",
    "ObjectV",
    "PartialV",
    "Scope",
    "SequenceV",
    "Sym",
    "UnionV",
    "Value",
    "children",
    "const",
    "elem_loops",
    "is_durable_data",
    "join",
    "unstable_reason",
    "zone_class",
    "zone_identity",
]

_MAX_SIZE = 60
_MAX_INTERNED = 500_000

_MAX_TREE = 20_000
"""Containers that hold more than so many values, each counted wherever it stands, have their large parts cut. A list
that is put into itself twice in each round of a loop has few values, and stands for more than could be looked at."""

_LARGE_PART = 1_000
_MAX_JOINED = 8
_MAX_MEMBERS = 5_000
"""Members of a container that are kept. One that is added to itself in each round of a loop would fill all memory."""

# Values made alike are one object, since comparing shared parts over and over would be exponential.
_INTERNED: dict[tuple[str, tuple[Any, ...], str | None], Sym] = {}


@dataclass(frozen=True, slots=True)
class Const:
    """A literal; the type keeps ``True``, ``1`` and ``1.0`` apart."""

    type_name: str
    value: Any


class Sym:
    """Something known only by how it was made: ``("param", uid, name)``, ``("item", base, key)`` and so on.

    Two are equal when they were made alike, which is what identifies zones and names relative to parameters.
    Large ones lose their parts but keep what a name or a loop has to know of them.
    """

    __slots__ = ("_hash", "args", "loops", "op", "size", "unstable")

    _hash: int
    op: str
    args: tuple[Any, ...]
    loops: frozenset[int]
    size: int
    unstable: str | None

    def __new__(cls, op: str, *args: Any, unstable: str | None = None) -> Sym:
        key = (op, args, unstable)
        known = _INTERNED.get(key)
        if known is not None:
            return known
        self = object.__new__(cls)
        size, loops = 1, frozenset[int]()
        for arg in args:
            if isinstance(arg, Sym):
                size += arg.size
                loops |= arg.loops
                unstable = unstable or arg.unstable
            elif isinstance(arg, VALUE_TYPES):
                size += _size(arg)
                loops |= elem_loops(arg)
                unstable = unstable or unstable_reason(arg)
        if op == "elem":
            loops |= {args[1]}
        elif op == "cut":
            loops |= args[1]
        self.op, self.args, self.size, self.loops, self.unstable = op, args, size, loops, unstable
        if size > _MAX_SIZE:
            self.args = tuple(_cut(arg) if isinstance(arg, VALUE_TYPES) else arg for arg in args)
            self.size = 1 + len(args)
        self._hash = hash((self.op, self.args))
        if len(_INTERNED) > _MAX_INTERNED:
            _INTERNED.clear()
        _INTERNED[key] = self
        return self

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Sym)
            and self._hash == other._hash
            and self.op == other.op
            and self.args == other.args
        )

    def __repr__(self) -> str:
        return f"{self.op}({', '.join(map(repr, self.args))})"


@dataclass(frozen=True, slots=True)
class Ext:
    """A name outside the project: ``asyncio.create_task``, ``builtins.list``, ``vatdata_runtime.provide``.

    ``missing`` marks a name that nothing defines, or an import that leads nowhere.
    """

    name: str
    missing: bool = False

    @property
    def last(self) -> str:
        return self.name.rpartition(".")[2]


@dataclass(eq=False, slots=True)
class Scope:
    """Variables of a running or finished function, as its closures see them.

    ``born`` says when it was made, in a count of scopes; 0 for what modules hold, which is there at all times.
    """

    variables: dict[str, Value]
    parent: Scope | None
    born: int = 0


@dataclass(frozen=True, slots=True)
class FuncV:
    """A function of the project with what it closes over, the object that it is bound to and its evaluated defaults."""

    fn: FunctionInfo
    scope: Scope | None = None
    bound: Value | None = None
    defaults: tuple[tuple[str, Value], ...] = ()
    size: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.bound is None and not self.defaults:
            object.__setattr__(self, "size", 1)
        else:
            _bound(self, "bound", "defaults")


@dataclass(frozen=True, slots=True)
class PartialV:
    """``functools.partial``: a callable with its first and named arguments; made at ``site`` in ``frame``."""

    target: Value
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]
    site: Any = field(default=None, compare=False)
    frame: Any = field(default=None, compare=False)
    size: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        _bound(self, "target", "args", "keywords")


@dataclass(frozen=True, slots=True)
class ClassV:
    """A class of the project."""

    cls: ClassInfo
    scope: Scope | None = None


@dataclass(frozen=True, slots=True)
class ObjectV:
    """An instance of a class of the project, with the attributes that were assigned so far."""

    cls: ClassV
    fields: tuple[tuple[str, Value], ...] = ()
    site: int = 0
    size: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        _bound(self, "fields")

    def get(self, name: str) -> Value | None:
        for key, value in self.fields:
            if key == name:
                return value
        return None

    def put(self, name: str, value: Value) -> ObjectV:
        """Give the object with one attribute more, or another value of one."""
        before = self.get(name)
        kept = self.fields if before is None else tuple(pair for pair in self.fields if pair[0] != name)
        fields = (*kept, (name, value))
        size = self.size + _tree_size(value) - (_tree_size(before) if before is not None else -1)
        if size > _MAX_TREE:
            return ObjectV(self.cls, fields, self.site)
        # What is there already need not be counted again for each attribute of thousands.
        changed = object.__new__(ObjectV)
        for field_name, given in (("cls", self.cls), ("fields", fields), ("site", self.site), ("size", size)):
            object.__setattr__(changed, field_name, given)
        return changed


@dataclass(frozen=True, slots=True)
class ModuleV:
    """A module of the project."""

    module: ModuleFacts


@dataclass(frozen=True, slots=True)
class SequenceV:
    """A list, tuple or set whose members are known; ``form`` is its type's name."""

    form: str
    items: tuple[Value, ...]
    size: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.items) > _MAX_MEMBERS:
            object.__setattr__(self, "items", self.items[:_MAX_MEMBERS])
        _bound(self, "items")


@dataclass(frozen=True, slots=True)
class DictV:
    """A dict whose keys are known; ``exact`` is False when there may be more."""

    items: tuple[tuple[Value, Value], ...]
    exact: bool = True
    size: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.items) > _MAX_MEMBERS:
            object.__setattr__(self, "items", self.items[:_MAX_MEMBERS])
            object.__setattr__(self, "exact", False)
        _bound(self, "items")

    def get(self, key: Value) -> Value | None:
        for known, value in reversed(self.items):
            if known == key:
                return value
        return None


@dataclass(frozen=True, slots=True)
class CoroutineV:
    """An async call that has not run yet; ``ticket`` identifies the call in its frame."""

    target: FuncV
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]
    ticket: Ticket
    size: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        _bound(self, "args", "keywords")


@dataclass(frozen=True, slots=True)
class IteratorV:
    """A lazy run: a generator, a generator expression, or ``map`` over known items."""

    target: Value
    calls: tuple[tuple[Value, ...], ...]
    keywords: tuple[tuple[str, Value], ...]
    ticket: Ticket
    looped: bool = False
    by_function: bool = False
    size: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        _bound(self, "calls", "keywords")


@dataclass(eq=False, slots=True)
class Ticket:
    """Whether a coroutine or lazy iterator was ever run, and where it was made."""

    site: Any
    used: bool = False
    frame: Any = None
    extra: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class UnionV:
    """One of several values, whichever way was taken."""

    members: tuple[Value, ...]
    size: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        _bound(self, "members")


Container = FuncV | SequenceV | DictV | ObjectV | PartialV | CoroutineV | IteratorV | UnionV
_CONTAINERS = (FuncV, SequenceV, DictV, ObjectV, PartialV, CoroutineV, IteratorV, UnionV)

Value = Const | Sym | Ext | ClassV | ModuleV | Container

VALUE_TYPES = (Const, Sym, Ext, ClassV, ModuleV, *_CONTAINERS)

UNKNOWN = Sym("unknown")


def const(value: object) -> Const:
    """Wrap a literal."""
    return Const(type(value).__name__, value)


def children(value: Value) -> Iterator[Value]:
    """Yield what a container, partial, object or union holds."""
    if isinstance(value, SequenceV):
        yield from value.items
    elif isinstance(value, DictV):
        for key, item in value.items:
            yield key
            yield item
    elif isinstance(value, PartialV):
        yield value.target
        yield from value.args
        for _, item in value.keywords:
            yield item
    elif isinstance(value, UnionV):
        yield from value.members
    elif isinstance(value, ObjectV):
        for _, item in value.fields:
            yield item


def _tree_size(part: object) -> int:
    """Say how many values a part holds, itself included and each counted wherever it stands."""
    if isinstance(part, tuple):
        return sum(map(_tree_size, cast("tuple[object, ...]", part)))
    return part.size if isinstance(part, _CONTAINERS) else 1


def _bound(value: Container, *names: str) -> None:
    """Note how many values the named fields of a new container hold; where that is too many, cut the large parts."""
    parts = [getattr(value, name) for name in names]
    size = 1 + sum(map(_tree_size, parts))
    if size > _MAX_TREE:
        parts = [_without_large(part) for part in parts]
        size = 1 + sum(map(_tree_size, parts))
        for name, part in zip(names, parts, strict=True):
            object.__setattr__(value, name, part)
    object.__setattr__(value, "size", size)


def _without_large(part: Any) -> Any:
    if isinstance(part, tuple):
        return tuple(map(_without_large, cast("tuple[object, ...]", part)))
    return _cut(part) if _tree_size(part) > _LARGE_PART else part


def _cut(value: Value) -> Sym:
    """Give a stand-in for a large part: equal for equal parts, without what they are made of."""
    return Sym("cut", hash(value), elem_loops(value), unstable=unstable_reason(value))


def _size(value: Value, depth: int = 0) -> int:
    if isinstance(value, Sym):
        return value.size
    return 1 + sum(_size(child, depth + 1) for child in children(value)) if depth < 6 else _MAX_SIZE


def unstable_reason(value: Value, depth: int = 0) -> str | None:
    """Say on what the value depends that differs between incarnations; None when nothing is known."""
    if isinstance(value, Sym):
        return value.unstable
    if depth < 4 and not isinstance(value, Const):
        for child in children(value):
            reason = unstable_reason(child, depth + 1)
            if reason:
                return reason
    return None


def elem_loops(value: Value, depth: int = 0) -> frozenset[int]:
    """Give the loops whose current member the value depends on."""
    if isinstance(value, Sym):
        return value.loops
    found = frozenset[int]()
    if depth < 4 and not isinstance(value, Const):
        for child in children(value):
            found |= elem_loops(child, depth + 1)
    return found


def join(values: Iterable[Value]) -> Value:
    """Give the value that is any of *values*, unknown where that is one of many; a table of functions may be long."""
    seen: list[Value] = []
    functions: set[FuncV] = set()
    for value in values:
        for member in value.members if isinstance(value, UnionV) else (value,):
            if isinstance(member, FuncV) and member.bound is None:
                if member in functions:
                    continue
                functions.add(member)
            elif member in seen:
                continue
            seen.append(member)
            if len(seen) - len(functions) > _MAX_JOINED or len(seen) > _MAX_MEMBERS:
                return UNKNOWN
    if not seen:
        return UNKNOWN
    if len(seen) == 1:
        return seen[0]
    if all(isinstance(member, ObjectV) for member in seen):
        merged = _join_objects([member for member in seen if isinstance(member, ObjectV)])
        if merged is not None:
            return merged
    return UnionV(tuple(seen))


def _join_objects(objects: list[ObjectV]) -> ObjectV | None:
    first = objects[0]
    if any(item.cls != first.cls or item.site != first.site for item in objects):
        return None
    names = dict.fromkeys(name for item in objects for name, _ in item.fields)
    fields: list[tuple[str, Value]] = []
    for name in names:
        found = [value for item in objects if (value := item.get(name)) is not None]
        fields.append((name, join(found)))
    return ObjectV(first.cls, tuple(fields), first.site)


_DURABLE_OPS = frozenset({"collection", "stored", "zone", "sub", "baggage"})


def zone_class(value: Value) -> str:
    """Say whether definitions in this zone matter: ``"heap"`` if surely not, ``"durable"`` or ``"unknown"``."""
    if isinstance(value, UnionV):
        classes = {zone_class(member) for member in value.members}
        return "heap" if classes == {"heap"} else ("durable" if "durable" in classes else "unknown")
    if isinstance(value, DictV | ObjectV | Const):
        return "heap"  # no definer takes it for a baggage
    if isinstance(value, Sym):
        if value.op in ("heap", "virtual"):
            return "heap"
        if value.op == "sub":
            inner = zone_class(value.args[0])
            return inner if inner == "heap" else "durable"
        if value.op in ("zone", "collection", "baggage", "stored"):
            return "durable"
    return "unknown"


def zone_identity(value: Value) -> Value:
    """Give what tells kind spaces apart: a durable zone and its baggage are one."""
    while isinstance(value, Sym) and value.op in ("zone", "baggage"):
        value = value.args[0]
    return value


def is_durable_data(value: Value) -> bool:
    """Say whether a value was read from durable storage, or is a durable collection itself."""
    while isinstance(value, Sym):
        if value.op in _DURABLE_OPS:
            return True
        if value.op not in ("attr", "item", "call", "elem", "iter") or not value.args:
            return False
        value = value.args[0]
    if isinstance(value, UnionV):
        # Nothing at all, where nothing was stored yet, is as good as stored.
        members = [member for member in value.members if not isinstance(member, SequenceV) or member.items]
        return bool(members) and all(map(is_durable_data, members))
    return False
