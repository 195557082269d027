"""Source to tree, with code-point columns, also where the running Python is older than the source."""

from __future__ import annotations

import ast
import bisect
import gc
import re
import sys
import threading
import warnings
from collections.abc import Callable
from typing import TypeVar

from vatdata_lint.source import decode, split_lines

__all__ = [
    "MAX_BYTES",
    "Lines",
    "NotUnderstoodError",
    "TooLargeError",
    "decode_source",
    "parse_source",
    "with_deep_stack",
]

MAX_BYTES = 8_000_000
"""Larger files are data, not vats: ten times the largest module of the standard library."""

_MAX_DOWNGRADED = 400_000
"""Characters of a text that the running Python refuses and that is read again as a newer one: under two seconds."""

_TOO_DEEP = ("too many nested parentheses", "too many levels of indentation")
"""What ``ast`` says of nesting, which no newer syntax mends and libcst needs ten seconds or all of its stack for."""

_STACK_BYTES = 512 * 1024 * 1024
_RECURSION = 400_000

MAX_TOKENS = 1_000_000
"""Words, texts and signs of a file that is looked at: its tree takes up to 800 bytes for each of them."""

_TOKEN = re.compile(r"""'[^'\\\n]*'|"[^"\\\n]*"|\#[^\n]*|\w+|[^\w\s]""")

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")

T = TypeVar("T")


class NotUnderstoodError(Exception):
    """A file cannot be read, decoded or parsed; ``line`` is where, 1 when that is not known."""

    def __init__(self, reason: str, line: int = 1, column: int = 0) -> None:
        super().__init__(reason, line, column)
        self.reason = reason
        self.line = line
        self.column = column

    def __str__(self) -> str:
        return self.reason


class TooLargeError(NotUnderstoodError):
    """A file is too large to be looked at."""


def with_deep_stack(work: Callable[[], T]) -> T:
    """Run *work* where trees may be tens of thousands of levels deep, and give its result.

    The walk over a tree is as deep as the tree. Python frames live on the heap, so only the limit has
    to be raised for them; the parser and the destructor of a tree recurse in C and need the stack.
    """
    result: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        collecting = gc.isenabled()
        gc.disable()  # trees are alive until the end: looking for garbage among them costs a tenth of the run
        try:
            result.append(work())
        except BaseException as error:
            failure.append(error)
        finally:
            if collecting:
                gc.enable()

    old_limit = sys.getrecursionlimit()
    old_size = threading.stack_size(_STACK_BYTES)
    sys.setrecursionlimit(_RECURSION)
    try:
        # A daemon, so that Ctrl-C ends the process at once and not when the analysis is over.
        thread = threading.Thread(target=run, name="vatdata-lint", daemon=True)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(old_size)
        sys.setrecursionlimit(old_limit)
    if failure:
        raise failure[0]
    return result[0]


class Lines:
    """Turns the byte columns of ``ast`` into code points, line by line."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ascii = text.isascii()
        self._lines: list[str] | None = None
        self._wide: dict[int, tuple[list[int], list[int]]] = {}

    def column(self, line: int, byte_column: int) -> int:
        """Give the column in code points of a byte column in UTF-8. Cost: a look at the line, once."""
        if self._ascii:
            return byte_column
        wide = self._wide.get(line)
        if wide is None:
            wide = self._wide[line] = self._wide_in(line)
        starts, more = wide
        return byte_column - more[bisect.bisect_left(starts, byte_column)]

    def _wide_in(self, line: int) -> tuple[list[int], list[int]]:
        """Give the byte columns of the letters beyond ASCII, and how many bytes more than letters precede each."""
        if self._lines is None:
            self._lines = split_lines(self._text)
        text = self._lines[line - 1] if 0 < line <= len(self._lines) else ""
        starts: list[int] = []
        more = [0]
        for match in _BEYOND_ASCII.finditer(text):
            starts.append(match.start() + more[-1])
            more.append(more[-1] + len(match[0].encode("utf-8", "surrogatepass")) - 1)
        return starts, more


def parse_source(data: bytes | str) -> tuple[ast.Module, str]:
    """Parse a module and give its tree and text.

    Raises:
        NotUnderstoodError: too large, not in its encoding, or not Python.

    Cost: ``ast`` speed; libcst speed (twenty times slower) for syntax that this Python refuses, up to a size.
    """
    if len(data) > MAX_BYTES:
        raise TooLargeError(f"it has {len(data):,} bytes, more than the {MAX_BYTES:,} that are looked at")
    text = data if isinstance(data, str) else decode_source(data)
    if len(text) > MAX_TOKENS:
        tokens = sum(1 for _ in _TOKEN.finditer(text))
        if tokens > MAX_TOKENS:
            raise TooLargeError(
                f"it has {tokens:,} words and signs, more than the {MAX_TOKENS:,} that are looked at"
            )
    try:
        return _parse(text), text
    except SyntaxError as error:
        older = None
        if len(text) <= _MAX_DOWNGRADED and not (error.msg or "").startswith(_TOO_DEEP):
            from vatdata_lint.facts.newer_syntax import downgrade

            older = downgrade(text)
        if older is not None:
            try:
                return _parse(older), text
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                pass  # the first message is about what the user wrote
        raise NotUnderstoodError(
            f"it is not Python: {error.msg}", error.lineno or 1, max((error.offset or 1) - 1, 0)
        ) from None
    except ValueError as error:
        raise NotUnderstoodError(f"it is not Python: {error}") from None
    except (RecursionError, MemoryError):
        raise NotUnderstoodError("it is nested too deeply for the parser") from None


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes are other linters' subject
        return ast.parse(text)


def decode_source(data: bytes) -> str:
    """Give the text of a file; raises NotUnderstoodError where it is not in its encoding."""
    try:
        return decode(data)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NotUnderstoodError(
            f"it is not {error.encoding}: byte {error.start} ({error.reason})", line
        ) from None
    except (SyntaxError, LookupError) as error:
        if str(error) == "invalid or missing encoding declaration":
            # Of the first two lines Python says no more than this.
            line = next((n for n, text in enumerate(data.splitlines(), 1) if not _is_utf8(text)), 1)
            raise NotUnderstoodError("it is not utf-8, and names no other encoding", line) from None
        raise NotUnderstoodError(f"its encoding cannot be used: {error}") from None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
