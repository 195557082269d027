"""Rewrites syntax of newer Pythons in place, so that the running ``ast`` reads it at the same positions."""

from __future__ import annotations

import re
from collections.abc import Callable

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

__all__ = ["downgrade"]

Span = tuple[tuple[int, int], tuple[int, int]]

_MAX_NESTED = 6
"""Brackets within each other behind ``case`` or ``del``: libcst takes up to five times as long for each more."""

_NESTING = re.compile(
    r"""'{3}(?:[^\\]|\\.)*?(?:'{3}|\Z)|"{3}(?:[^\\]|\\.)*?(?:"{3}|\Z)|"""
    r"""'(?:[^'\\\n]|\\.)*'?|"(?:[^"\\\n]|\\.)*"?|\#[^\n]*|\b(?:case|del)\b|[()\[\]{}\n]""",
    re.DOTALL,
)
"""Texts and comments, which are passed over, and what `_nests_deeply` counts."""


class _NewerSyntax(cst.CSTVisitor):
    """Collects the ranges to blank out or replace; nothing here moves a character that stays."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.edits: list[tuple[Span, Callable[[str], str]]] = []

    def _span(self, node: cst.CSTNode) -> Span:
        found = self.get_metadata(PositionProvider, node)
        if not isinstance(found, CodeRange):
            raise TypeError(f"no position for {type(node).__name__}")
        return (found.start.line, found.start.column), (found.end.line, found.end.column)

    def visit_TypeParameters(self, node: cst.CSTNode) -> bool:
        self.edits.append((self._span(node), lambda text: " " * len(text)))
        return False

    def visit_TypeAlias(self, node: cst.CSTNode) -> bool:
        # What an alias stands for is evaluated lazily: nothing in it runs.
        self.edits.append((self._span(node), lambda text: "0" + " " * (len(text) - 1)))
        return False

    def visit_FormattedString(self, node: cst.FormattedString) -> bool:
        quote = node.quote
        if any(quote in cst.Module([]).code_for_node(part) for part in node.parts):
            self.edits.append((self._span(node), lambda text: _plain_fstring(text, len(node.start))))
            return False
        return True

    def visit_ExceptHandler(self, node: cst.ExceptHandler) -> bool:
        kind = node.type
        if isinstance(kind, cst.Tuple) and not kind.lpar:
            (first, _), end = self._span(kind.elements[0].value)[1], self._span(kind)[1]
            start = self._span(kind.elements[0].value)[1]
            if first == end[0]:
                self.edits.append(((start, end), lambda text: " " * len(text)))
        return True


def _plain_fstring(text: str, prefix: int) -> str:
    """Keep the outer quotes and make the inside harmless while its braces still hold an expression."""
    body = text[prefix:-1]
    quote = text[prefix - 1]
    inner = body.replace(quote, "'" if quote == '"' else '"')
    return text[:prefix] + inner + text[-1]


def _nests_deeply(text: str) -> bool:
    """Whether brackets behind ``case`` or ``del`` nest so deeply that libcst would hardly come back."""
    level = 0
    is_slow = False  # whether a statement has begun that libcst tries anew at each of its brackets
    for token in _NESTING.findall(text):
        if token in ("case", "del"):
            is_slow = is_slow or not level
        elif token == "\n":
            is_slow = is_slow and level > 0
        elif token in "([{":
            level += 1
            if is_slow and level > _MAX_NESTED:
                return True
        elif token in ")]}":
            level = max(level - 1, 0)
    return False


def downgrade(text: str) -> str | None:
    """Give *text* with newer syntax blanked out, every other character at its place; None if nothing helps."""
    if _nests_deeply(text):
        return None
    try:
        visitor = _NewerSyntax()
        MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True).visit(visitor)
    except (
        cst.ParserSyntaxError,
        cst.CSTLogicError,  # of a template string beside another string
        SyntaxError,
        UnicodeError,
        RecursionError,
        KeyError,
        TypeError,
        MemoryError,
    ):
        return None
    if not visitor.edits:
        return None
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    out = text
    for (start, end), change in sorted(visitor.edits, key=lambda edit: edit[0], reverse=True):
        begin, stop = starts[start[0] - 1] + start[1], starts[end[0] - 1] + end[1]
        before = out[begin:stop]
        out = out[:begin] + change(before) + out[stop:]
    return out
