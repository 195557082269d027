"""Whether one pattern, as text, admits all that another admits: a small, careful part of the runtime's answer."""

from __future__ import annotations

import ast

__all__ = ["admits_none", "covers"]

WIDER = {
    "scalar": {"boolean", "int", "nat", "float", "number", "string", "bytes", "remotable"},
    "key": {"scalar", "boolean", "int", "nat", "float", "number", "string", "bytes", "remotable"},
    "number": {"int", "nat", "float"},
    "int": {"nat"},
}
SIMPLE = frozenset(
    {"boolean", "int", "nat", "float", "number", "string", "bytes", "remotable", "promise", "error"}
)
"""Patterns of which two with different names admit different values, as far as `WIDER` does not say otherwise."""


def covers(new: str, old: str) -> bool | None:
    """Say whether *new* admits every value that *old* admits; None where this cannot be told from the text."""
    if new == old:
        return True
    return _covers(_parse(new), _parse(old))


def admits_none(pattern: str) -> bool | None:
    """Say whether a pattern admits None; None where this cannot be told from the text."""
    return _admits_none(_parse(pattern))


def _parse(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return None


def _name(node: ast.expr | None) -> str | None:
    """Return ``nat`` for ``M.nat()``."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
    ):
        return node.func.attr if node.func.value.id == "M" else None
    return None


def _branches(node: ast.expr | None) -> list[ast.expr] | None:
    """Return the alternatives of ``M.or_(...)``, None for anything else."""
    if isinstance(node, ast.Call) and _name(node) == "or_":
        return list(node.args)
    return None


def _covers(new: ast.expr | None, old: ast.expr | None) -> bool | None:
    if new is None or old is None:
        return None
    if ast.dump(new) == ast.dump(old) or _name(new) == "any":
        return True
    old_branches = _branches(old)
    if old_branches is not None:
        return _all([_covers(new, branch) for branch in old_branches])
    new_branches = _branches(new)
    if new_branches is not None:
        return _any([_covers(branch, old) for branch in new_branches])
    if isinstance(old, ast.Constant) and old.value is None:
        return _admits_none(new)
    new_name, old_name = _name(new), _name(old)
    if _has_arguments(new) or _has_arguments(old) or new_name is None or old_name is None:
        return None
    if old_name in WIDER.get(new_name, ()):
        return True
    return False if new_name in SIMPLE and old_name in SIMPLE | {"any", "scalar", "key"} else None


def _has_arguments(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and bool(node.args or node.keywords)


def _admits_none(node: ast.expr | None) -> bool | None:
    if isinstance(node, ast.Constant):
        return node.value is None
    branches = _branches(node)
    if branches is not None:
        return _any([_admits_none(branch) for branch in branches])
    match _name(node):
        case "any" | "none" | "opt" | "scalar" | "key":
            return True
        case name if name in SIMPLE:
            return False
        case _:
            return None


def _all(answers: list[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def _any(answers: list[bool | None]) -> bool | None:
    if True in answers:
        return True
    return None if None in answers else False
