"""Text of a document as the protocol counts it: lines, positions in three encodings, and edits.

Lines end at ``\\n``, ``\\r\\n`` or ``\\r`` and nowhere else: `str.splitlines` also splits at form feeds and at
U+2028, where neither the protocol nor Python's tokenizer does, and an edit would then hit the wrong line.
"""

from __future__ import annotations

import enum
import itertools
import re
from bisect import bisect_right

__all__ = ["PositionEncoding", "Text", "from_units", "to_units"]

_LINE_END = re.compile(r"\r\n|\n|\r")


class PositionEncoding(enum.Enum):
    """What a client counts as one character of a line."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


def _width(character: str, encoding: PositionEncoding) -> int:
    """Return the units of one character; by its number, since a lone surrogate cannot be encoded."""
    number = ord(character)
    match encoding:
        case PositionEncoding.UTF8:
            return 1 if number < 0x80 else 2 if number < 0x800 else 3 if number < 0x10000 else 4
        case PositionEncoding.UTF16:
            return 1 if number < 0x10000 else 2
        case PositionEncoding.UTF32:
            return 1


def to_units(line: str, column: int, encoding: PositionEncoding) -> int:
    """Return how many units stand before a column.

    Args:
        line: Text of the line; only what is before *column* is looked at.
        column: In code points, from 0; past the end means the end.
        encoding: What the client counts.
    """
    before = line[:column]
    if encoding is PositionEncoding.UTF32 or before.isascii():
        return len(before)
    return sum(_width(character, encoding) for character in before)


def from_units(line: str, units: int, encoding: PositionEncoding) -> int:
    """Return the column in code points of a position that a client counted.

    A position past the end of the line means its end, one inside a character the character's start.
    """
    if encoding is PositionEncoding.UTF32 or line.isascii():
        return max(0, min(units, len(line)))
    passed = 0
    for column, character in enumerate(line):
        passed += _width(character, encoding)
        if passed > units:
            return column
    return len(line)


class Text:
    """One version of a document; never changes.

    Args:
        content: The whole text, line ends as they are.

    Cost: the first question for a line reads the text once; a question then is a look-up.
    """

    __slots__ = ("_starts", "content")

    def __init__(self, content: str) -> None:
        self.content = content
        self._starts: list[int] | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.content == other.content

    def __hash__(self) -> int:
        return hash(self.content)

    @property
    def starts(self) -> list[int]:
        """Offsets at which lines start; the first is 0, and the last line may be empty."""
        if self._starts is None:
            if "\r" in self.content:
                self._starts = [0, *(found.end() for found in _LINE_END.finditer(self.content))]
            else:
                lengths = (len(part) + 1 for part in self.content.split("\n"))
                self._starts = [0, *itertools.accumulate(lengths)][:-1]
        return self._starts

    @property
    def line_count(self) -> int:
        """Number of lines, one more than line ends."""
        return len(self.starts)

    def line(self, number: int) -> str:
        """Return a line without its end, empty where there is none.

        Args:
            number: From 0.
        """
        if not 0 <= number < self.line_count:
            return ""
        start = self.starts[number]
        end = self.starts[number + 1] if number + 1 < self.line_count else len(self.content)
        return self.content[start:end].rstrip("\r\n")

    def lines(self) -> list[str]:
        """Return all lines without their ends."""
        return [self.line(number) for number in range(self.line_count)]

    def offset(self, line: int, units: int, encoding: PositionEncoding) -> int:
        """Return the offset in code points of a client's position.

        A line past the last means the end of the text, a character past the end of its line that end.
        """
        if line < 0:
            return 0
        if line >= self.line_count:
            return len(self.content)
        return self.starts[line] + from_units(self.line(line), units, encoding)

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column, both from 0, the column in code points."""
        bounded = max(0, min(offset, len(self.content)))
        line = bisect_right(self.starts, bounded) - 1
        return line, bounded - self.starts[line]

    def replace(
        self, start: tuple[int, int], end: tuple[int, int], inserted: str, encoding: PositionEncoding
    ) -> Text:
        """Return the text with a range replaced.

        Args:
            start: Line and character as the client counts them.
            end: The same; ends that are the wrong way round are put right.
            inserted: What stands there instead.
            encoding: What the client counts.
        """
        first, last = sorted((self.offset(*start, encoding), self.offset(*end, encoding)))
        return Text(self.content[:first] + inserted + self.content[last:])
