"""Source text is decoded and divided into lines as Python does it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatdata_lint.source import SourceLines, decode, split_lines


def test_a_cookie_names_the_encoding() -> None:
    assert decode(b"# vim: set fileencoding=latin-1 :\nx = '\xe9'\n").endswith("x = 'é'\n")


def test_a_byte_order_mark_is_no_text() -> None:
    assert decode(b"\xef\xbb\xbfx = 1\r\n") == "x = 1\r\n"


@pytest.mark.parametrize("data", [b"# coding: nope\n", b"\xef\xbb\xbf# coding: latin-1\n"])
def test_a_cookie_that_cannot_be_used_is_a_syntax_error(data: bytes) -> None:
    with pytest.raises(SyntaxError):
        decode(data)


@given(
    st.lists(
        st.sampled_from(["\n", "\r\n", "\r", "\f", "\x0b", "\x1c", "\u2028", "\x85", "# é"]), max_size=12
    )
)
def test_lines_are_counted_as_the_parser_counts_them(pieces: list[str]) -> None:
    # A comment keeps every separator that is none for Python inside the line.
    text = "".join(f"#{piece}" if piece.strip("\r\n") else piece for piece in pieces) + "\nlast"
    (statement,) = ast.parse(text).body
    assert split_lines(text)[statement.lineno - 1] == "last"


def test_lines_of_files_that_are_not_there_are_empty(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_bytes(b"x = '\xe9'\n")
    sources = SourceLines(tmp_path, {"open.py": "as the editor has it\n"})
    assert sources.line("gone.py", 1) == ""
    assert sources.line("bad.py", 1) == "x = '�'"
    assert sources.line("bad.py", 99) == ""
    assert sources.line("open.py", 1) == "as the editor has it"
