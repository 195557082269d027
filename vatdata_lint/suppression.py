"""Comments that hide findings: ``# vatdata: ignore[VD101] reason`` and ``# vatdata: ignore-file[VD101]``."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vatdata_lint.finding import Finding

__all__ = ["MARKER", "Matched", "Suppression", "match", "parse"]

MARKER = b"vatdata:"
"""Bytes without which a file has no suppression: a cheap test before `parse`."""

COMMENT = re.compile(
    r"#\s*vatdata:\s*ignore(?P<file>-file)?(?![\w-])\s*(?:\[(?P<codes>[^\]\n]*)\])?"
    r"\s*[-:]*\s*(?P<reason>(?:(?!#\s)[^\n])*)"  # a second comment behind it is not part of the reason
)
CONTINUATIONS = frozenset({"elif", "else", "except", "finally"})
LAYOUT = frozenset({tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING})


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment and the lines that it covers.

    Attributes:
        line: Where the comment stands, from 1.
        column: Where its ``#`` stands, from 0 in code points.
        end_column: Where it ends.
        codes: Codes or rule names as written, in order; empty when the brackets are missing or empty.
        reason: What follows the brackets.
        first, last: Covered lines, inclusive.
        whole_file: Whether it is an ``ignore-file``.
        standalone: Whether nothing else is on the line.
    """

    line: int
    column: int
    end_column: int
    codes: tuple[str, ...]
    reason: str
    first: int
    last: int
    whole_file: bool
    standalone: bool

    def covers(self, line: int) -> bool:
        """Say whether a finding that starts on this line is in reach."""
        return self.whole_file or self.first <= line <= self.last


@dataclass(frozen=True, slots=True)
class Matched:
    """What suppressions did to the findings of one file.

    ``unused`` pairs a comment with each of its codes that hid nothing.
    """

    kept: tuple[Finding, ...]
    hidden: tuple[Finding, ...]
    unused: tuple[tuple[Suppression, str], ...]


@dataclass(frozen=True, slots=True)
class _LogicalLine:
    first: int
    last: int
    depth: int
    keyword: str


def parse(source: str) -> tuple[Suppression, ...]:
    """Find the suppressions of a module, in order.

    A comment behind code covers its line; on the first or last line of a statement that spans several, all of
    them (of a compound statement: its header). A comment of its own covers the statement below it with all
    that is indented under it, decorators and later branches included; inside brackets, the next line.

    Source that does not tokenise is read line by line.

    Cost: nothing but a search when the source has no such comment, else one tokenisation.
    """
    if not COMMENT.search(source):
        return ()
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        return tuple(_parse_by_line(source))
    return tuple(_parse_tokens(tokens))


def match(
    findings: Iterable[Finding],
    suppressions: Sequence[Suppression],
    *,
    judged: Iterable[str],
) -> Matched:
    """Divide the findings of one file into those that stay and those that a comment hides.

    Args:
        findings: Findings of this file alone; their codes and rule names are what comments name.
        suppressions: What `parse` gave for the file.
        judged: Codes and names of the rules that ran: only these can be called unused.
    """
    kept: list[Finding] = []
    hidden: list[Finding] = []
    used: set[tuple[Suppression, str]] = set()
    for finding in findings:
        hits = [
            (suppression, code)
            for suppression in suppressions
            if suppression.covers(finding.location.line)
            for code in suppression.codes
            if code.upper() == finding.code or code.lower() == finding.name
        ]
        (hidden if hits else kept).append(finding)
        used.update(hits)
    can_be_unused = {code.lower() for code in judged}
    unused = tuple(
        (suppression, code)
        for suppression in suppressions
        for code in suppression.codes
        if (suppression, code) not in used and code.lower() in can_be_unused
    )
    return Matched(tuple(kept), tuple(hidden), unused)


def _parse_by_line(source: str) -> Iterator[Suppression]:
    for number, text in enumerate(source.splitlines(), start=1):
        found = COMMENT.search(text)
        if found:
            standalone = not text[: found.start()].strip()
            last = number + 1 if standalone else number
            yield _suppression(found, number, found.start(), number, last, standalone=standalone)


def _parse_tokens(tokens: list[tokenize.TokenInfo]) -> Iterator[Suppression]:
    logical, comments = _layout(tokens)
    starts = {line.first: index for index, line in enumerate(logical)}
    comment_lines = {token.start[0] for token, standalone in comments if standalone}
    for token, standalone in comments:
        found = COMMENT.search(token.string)
        if found is None:
            continue
        number = token.start[0]
        column = token.start[1] + found.start()
        around = next((line for line in logical if line.first <= number <= line.last), None)
        first = last = number
        if standalone and around is not None:
            last = number + 1  # inside brackets
        elif standalone:
            below = number + 1
            while below in comment_lines:
                below += 1
            if below in starts:
                last = _statement_end(logical, starts[below])
        elif around is not None and number in (around.first, around.last):
            first, last = around.first, around.last
        yield _suppression(found, number, column, first, last, standalone=standalone)


def _layout(
    tokens: list[tokenize.TokenInfo],
) -> tuple[list[_LogicalLine], list[tuple[tokenize.TokenInfo, bool]]]:
    """Return the logical lines, and each comment with whether it stands alone on its line."""
    logical: list[_LogicalLine] = []
    comments: list[tuple[tokenize.TokenInfo, bool]] = []
    depth = 0
    start: tokenize.TokenInfo | None = None
    for token in tokens:
        if token.type == tokenize.INDENT:
            depth += 1
        elif token.type == tokenize.DEDENT:
            depth -= 1
        elif token.type == tokenize.COMMENT:
            comments.append((token, not token.line[: token.start[1]].strip()))
        elif token.type == tokenize.NEWLINE and start is not None:
            logical.append(_LogicalLine(start.start[0], token.start[0], depth, start.string))
            start = None
        elif token.type not in LAYOUT and token.type != tokenize.ENDMARKER and start is None:
            start = token
    return logical, comments


def _statement_end(logical: list[_LogicalLine], index: int) -> int:
    """Return the last line of the statement that starts here, its blocks and branches included."""
    head = logical[index]
    last = head.last
    decorated = head.keyword == "@"
    for line in logical[index + 1 :]:
        same = line.depth == head.depth
        if line.depth < head.depth or (same and not decorated and line.keyword not in CONTINUATIONS):
            break
        last = line.last
        if same and decorated:
            decorated = line.keyword == "@"
    return last


def _suppression(
    found: re.Match[str], line: int, column: int, first: int, last: int, *, standalone: bool
) -> Suppression:
    codes = tuple(code for code in re.split(r"[,\s]+", found["codes"] or "") if code)
    text = found[0].rstrip()
    return Suppression(
        line=line,
        column=column,
        end_column=column + len(text),
        codes=codes,
        reason=found["reason"].strip(),
        first=first,
        last=last,
        whole_file=found["file"] is not None,
        standalone=standalone,
    )
