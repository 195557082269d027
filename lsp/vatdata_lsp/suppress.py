"""Suppression comments in the text of a document: where the cursor is in one, and edits that add one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vatdata_lint import Edit
from vatdata_lsp.text import Text

__all__ = ["CommentWord", "comment_word", "file_edit", "line_edit", "open_list", "open_word"]

_LIST = re.compile(r"#\s*vatdata:\s*ignore(?:-file)?\s*\[(?P<codes>[^\]]*)\]?")
_LINE_LIST = re.compile(r"#\s*vatdata:\s*ignore\s*\[(?P<codes>[^\]]*)\]")
_OPEN_LIST = re.compile(r"#\s*vatdata:\s*ignore(?:-file)?\s*\[(?P<codes>[^\]]*)$")
_OPEN_WORD = re.compile(r"#\s*vatdata:\s*(?P<word>[\w-]*)$")
_WORD = re.compile(r"[\w-]+")
_HEADER = re.compile(r"#!|#.*coding[:=]")


@dataclass(frozen=True, slots=True)
class CommentWord:
    """A code or rule name between the brackets of a suppression, and its columns."""

    word: str
    start: int
    end: int


def comment_word(line: str, column: int) -> CommentWord | None:
    """Return the code or name under a column, None outside of the brackets of a suppression."""
    for found in _LIST.finditer(line):
        for word in _WORD.finditer(line, *found.span("codes")):
            if word.start() <= column <= word.end():
                return CommentWord(word[0], word.start(), word.end())
    return None


def open_list(before: str) -> str | None:
    """Return what stands between an open bracket of a suppression and the cursor, None outside of one."""
    found = _OPEN_LIST.search(before)
    return found["codes"] if found else None


def open_word(before: str) -> str | None:
    """Return the word that is being typed behind ``# vatdata:``, None elsewhere."""
    found = _OPEN_WORD.search(before)
    return found["word"] if found else None


def line_edit(path: str, text: Text, line: int, code: str) -> Edit:
    """Return an edit that suppresses a code on a line (from 1), joining a suppression that is there."""
    content = text.line(line - 1)
    known = _LINE_LIST.search(content)
    if known:
        place = (line, known.end("codes"))
        return Edit(path, place, place, f", {code}" if known["codes"].strip() else code)
    place = (line, len(content.rstrip()))
    return Edit(path, place, (line, len(content)), f"  # vatdata: ignore[{code}]")


def file_edit(path: str, text: Text, code: str) -> Edit:
    """Return an edit that suppresses a code in the whole file, below the lines that must come first."""
    first = 0
    while first < min(2, text.line_count) and _HEADER.match(text.line(first)):
        first += 1
    place = (first + 1, 0)
    return Edit(path, place, place, f"# vatdata: ignore-file[{code}]\n")
