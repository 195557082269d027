"""What operators make of values: pure, without paths."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vatdata_lint.facts.values import (
    Const,
    DictV,
    SequenceV,
    Sym,
    UnionV,
    Value,
    const,
    join,
)

__all__ = ["binary", "braces_fit", "concatenate", "exact_items", "items_of_either", "literal_text"]

_MAX_TEXT = 1 << 20
"""Characters of a text that is kept: more than any source spells out."""

_PERCENT_WIDTH = re.compile(r"%(?:\([^)]*\))?[-+ #]*([\d*]*)\.?([\d*]*)")
_BRACE_WIDTH = re.compile(r"\{[^{}]*:([^{}]*)([{]?)")

_MAX_FLAT = 50
"""Parts of a text that become parts of a text that it is put into; with more of them it stays one part."""


def exact_items(value: Value) -> list[Value] | None:
    """Give the members of a value when the source fixes them."""
    if isinstance(value, SequenceV):
        return list(value.items)
    if isinstance(value, DictV) and value.exact:
        return list(dict.fromkeys(key for key, _ in value.items))
    if isinstance(value, Const) and isinstance(value.value, str) and len(value.value) < 10_000:
        return [const(letter) for letter in value.value]
    return None


def items_of_either(value: Value) -> list[Value] | None:
    """Give the members of one of several lists of one length, each as what it may be."""
    if not isinstance(value, UnionV):
        return None
    rows = [exact_items(member) for member in value.members]
    known = [row for row in rows if row is not None]
    if len(known) < len(rows) or len({len(row) for row in known}) != 1:
        return None
    return [join(column) for column in zip(*known, strict=True)]


def binary(left: Value, operator: str, right: Value) -> Value:
    """Give the value of an arithmetic expression."""
    if isinstance(left, Const) and isinstance(right, Const):
        one, two = left.value, right.value
        if operator == "Add" and isinstance(one, str) and isinstance(two, str):
            return literal_text(one + two)
        if isinstance(one, int) and isinstance(two, int) and operator in ("Add", "Sub", "Mult"):
            if abs(one) < 1 << 64 and abs(two) < 1 << 64:
                return const(
                    one + two if operator == "Add" else one - two if operator == "Sub" else one * two
                )
    if isinstance(left, SequenceV) and isinstance(right, SequenceV) and operator == "Add":
        return SequenceV(left.form, (*left.items, *right.items))
    if operator == "Mod" and isinstance(left, Const) and isinstance(left.value, str):
        return _formatted(left.value, right)
    if isinstance(left, SequenceV) and isinstance(right, SequenceV) and left.form == right.form == "set":
        of_both = _of_sets(left, operator, right)
        if of_both is not None:
            return of_both
    if operator in ("Add", "Mod") and _is_text(left):
        return concatenate([left, right])
    if operator == "BitOr" and isinstance(left, DictV) and isinstance(right, DictV):
        return DictV((*left.items, *right.items), left.exact and right.exact)
    return Sym("binary", left, operator, right)


def _of_sets(left: SequenceV, operator: str, right: SequenceV) -> SequenceV | None:
    """Give what two sets of literals make together."""
    if not all(isinstance(item, Const) for item in (*left.items, *right.items)):
        return None
    if operator == "BitOr":
        return SequenceV("set", tuple(dict.fromkeys((*left.items, *right.items))))
    if operator == "BitAnd":
        return SequenceV("set", tuple(item for item in left.items if item in right.items))
    if operator == "Sub":
        return SequenceV("set", tuple(item for item in left.items if item not in right.items))
    return None


def _formatted(text: str, right: Value) -> Value:
    """Give ``text % right``, literal where everything is."""
    items = right.items if isinstance(right, SequenceV) and right.form == "tuple" else (right,)
    known = tuple(item.value for item in items if isinstance(item, Const))
    if len(known) == len(items):
        if not _fits(_PERCENT_WIDTH.findall(text), known):
            return Sym("fstr", const(text))
        try:
            return literal_text(text % known)
        except (TypeError, ValueError, OverflowError):
            return Sym("fstr", const(text))
    return concatenate([const(text), *items])


def _fits(widths: Iterable[tuple[str, str]], values: Iterable[object]) -> bool:
    """Say whether a text that is filled in with *values* stays within what is kept, as far as its widths tell.

    Args:
        widths: for each place its width and precision as written; ``*`` or ``{`` stands for one of the values.
        values: what is filled in.
    """
    total = 0
    for pair in widths:
        for width in pair:
            for digits in re.findall(r"\d+", width):
                total += int(digits) if len(digits) < 10 else _MAX_TEXT + 1
            if "*" in width or "{" in width:
                total += sum(abs(value) for value in values if isinstance(value, int))
    return total <= _MAX_TEXT


def braces_fit(text: str, values: Iterable[object]) -> bool:
    """Say the same of a text for ``str.format``."""
    return _fits(_BRACE_WIDTH.findall(text), values)


def _is_text(value: Value) -> bool:
    return (isinstance(value, Const) and isinstance(value.value, str)) or (
        isinstance(value, Sym) and value.op == "fstr"
    )


def literal_text(text: str) -> Value:
    """Give a text that is known; of one that was put into itself over and over only how it begins and its length."""
    return const(text) if len(text) <= _MAX_TEXT else Sym("fstr", const(text[:100]), const(len(text)))


def concatenate(parts: list[Value]) -> Value:
    """Give the text that *parts* make one after the other."""
    flat: list[Value] = []
    for part in parts:
        # A text may be unstable by how it was made, which its parts do not show.
        if isinstance(part, Sym) and part.op == "fstr" and len(part.args) <= _MAX_FLAT and not part.unstable:
            flat += part.args
        else:
            flat.append(part)
    if all(isinstance(part, Const) for part in flat):
        return literal_text("".join(str(part.value) for part in flat if isinstance(part, Const)))
    return Sym("fstr", *flat)
