"""What a call is known by, and whether it can matter to the vat."""

from __future__ import annotations

from collections.abc import Iterator

from vatdata_lint.facts.values import (
    ClassV,
    Const,
    CoroutineV,
    DictV,
    FuncV,
    IteratorV,
    ObjectV,
    PartialV,
    SequenceV,
    Sym,
    UnionV,
    Value,
    children,
)

__all__ = ["call_key", "carries_vat", "code_in", "is_number"]


def call_key(target: FuncV, arguments: dict[str, Value], plain_depth: int) -> object:
    """Give what a call is known by; None where a scope is concerned that may change."""
    if target.scope is None and all(_is_closed(value) for value in arguments.values()):
        return (target.fn.uid, plain_depth, tuple(arguments.items()))
    return None


def code_in(value: Value, depth: int = 0) -> Iterator[str]:
    """Yield the functions that a value is, waits to run, or holds."""
    if isinstance(value, FuncV):
        yield value.fn.uid
    elif isinstance(value, PartialV | CoroutineV | IteratorV):
        yield from code_in(value.target, depth)
    elif isinstance(value, SequenceV | DictV | UnionV) and depth < 3:
        for child in children(value):
            yield from code_in(child, depth + 1)


def is_number(value: Value) -> bool:
    if isinstance(value, Sym):
        return value.op == "binary"
    return isinstance(value, Const) and value.type_name in ("int", "float")


_VAT_OPS = frozenset({"baggage", "zone", "sub", "heap", "virtual", "collection", "handle"})


def carries_vat(value: Value, depth: int = 0) -> bool:
    """Say whether a value is, or holds, a zone, a baggage or code that may define kinds."""
    if isinstance(value, Sym):
        return value.op in _VAT_OPS
    if isinstance(value, FuncV | PartialV | CoroutineV | IteratorV):
        return True
    return depth < 3 and any(carries_vat(child, depth + 1) for child in children(value))


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
