"""What a collection holds: the members that a loop over it visits, or what any of them may be."""

from __future__ import annotations

from collections.abc import Sequence

from vatdata_lint.facts import operations
from vatdata_lint.facts.values import (
    ClassV,
    FuncV,
    ObjectV,
    PartialV,
    SequenceV,
    Sym,
    UnionV,
    Value,
    children,
    join,
)

__all__ = ["alternatives_of", "member_of", "unroll"]

MAX_ALTERNATIVES = 4
"""Lists of which a loop may go over one; with more of them its members count as unknown."""

MAX_UNROLLED = 2_000
"""Members of a literal that a loop is followed for one by one."""

_COPIES = frozenset((word,) for word in ("list", "set", "sorted", "tuple"))
"""What marks the copy of a collection."""


def unroll(value: Value) -> list[Value] | None:
    """Give the members that a loop over *value* visits, when the source fixes them."""
    items = operations.exact_items(value)
    return items if items is not None and len(items) <= MAX_UNROLLED else None


def alternatives_of(value: Value) -> list[list[Value]] | None:
    """Give the lists of which a loop goes over one, whichever way was taken before; None where they are not fixed."""
    if not isinstance(value, UnionV) or len(value.members) > MAX_ALTERNATIVES:
        return None
    lists = [unroll(member) for member in value.members]
    known = [items for items in lists if items is not None]
    return known if len(known) == len(lists) else None


def member_of(value: Value, number: int) -> Value:
    """Give what a member of a collection may be: one of the functions, classes or objects in it, if it holds such."""
    known = _known_members(value)
    if any(map(_has_code, known)):
        return join(known)
    element = Sym("elem", value, number)
    if isinstance(value, Sym) and value.op in ("call", "iter"):
        if value.op == "iter" and value.args[1:] == ("enumerate",):
            member = member_of(value.args[0], number)
            return SequenceV("tuple", (element, member)) if _has_code(member) else element
        if value.args[1:] in _COPIES:
            member = member_of(value.args[0], number)
            return member if _has_code(member) else element
    return element


def _has_code(value: Value, depth: int = 0) -> bool:
    if isinstance(value, FuncV | PartialV | ClassV | ObjectV):
        return True
    return depth < 2 and any(_has_code(child, depth + 1) for child in children(value))


def _known_members(value: Value) -> Sequence[Value]:
    if isinstance(value, SequenceV):
        return value.items
    if isinstance(value, UnionV):
        return [item for member in value.members for item in _known_members(member)]
    if isinstance(value, Sym) and value.op == "open":
        return value.args
    if isinstance(value, Sym) and value.op == "item" and isinstance(value.args[0], SequenceV):
        return value.args[0].items  # a part of a list
    return ()
