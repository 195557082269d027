"""Lines, positions and edits of documents, against a model that knows nothing but characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vatdata_lsp.text import PositionEncoding, Text, from_units, to_units

ENCODINGS = list(PositionEncoding)
CODECS = {
    PositionEncoding.UTF8: "utf-8",
    PositionEncoding.UTF16: "utf-16-le",
    PositionEncoding.UTF32: "utf-32-le",
}
UNIT_BYTES = {PositionEncoding.UTF8: 1, PositionEncoding.UTF16: 2, PositionEncoding.UTF32: 4}

characters = st.sampled_from(
    ["a", " ", "\n", "\r", "\r\n", "é", "😋", "\f", "\v", "\x1c", "\x85", "\u2028", "中"]
)
texts = st.lists(characters, max_size=25).map("".join)


def model_lines(content: str) -> list[list[str]]:
    """Lines as lists of characters; the ends are those of the protocol, found one character at a time."""
    lines: list[list[str]] = [[]]
    index = 0
    while index < len(content):
        if content.startswith("\r\n", index):
            lines.append([])
            index += 2
            continue
        if content[index] in "\r\n":
            lines.append([])
        else:
            lines[-1].append(content[index])
        index += 1
    return lines


def units(text: str, encoding: PositionEncoding) -> int:
    return len(text.encode(CODECS[encoding])) // UNIT_BYTES[encoding]


@given(texts)
def test_lines_end_where_the_protocol_says_and_nowhere_else(content):
    assert Text(content).lines() == ["".join(line) for line in model_lines(content)]


@given(texts)
def test_every_offset_but_those_between_cr_and_lf_has_one_position(content):
    text = Text(content)
    for offset in range(len(content) + 1):
        line, column = text.position(offset)
        assert text.starts[line] + column == offset
        assert 0 <= line < text.line_count


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(line=st.text(max_size=12))
def test_columns_and_units_are_each_others_inverse(encoding, line):
    line = line.encode("utf-8", "ignore").decode()
    for column in range(len(line) + 1):
        counted = to_units(line, column, encoding)
        assert counted == units(line[:column], encoding)
        assert from_units(line, counted, encoding) == column


@given(st.data())
def test_random_edits_leave_the_text_of_the_model(data):
    encoding = data.draw(st.sampled_from(ENCODINGS))
    content = data.draw(texts)
    text = Text(content)
    for _ in range(data.draw(st.integers(1, 6))):
        cuts = sorted(data.draw(st.integers(0, len(content))) for _ in range(2))
        # an editor's cursor never stands between the two halves of one line end
        cuts = [cut - 1 if content[cut - 1 : cut + 1] == "\r\n" else cut for cut in cuts]
        inserted = data.draw(texts)
        ends = []
        for cut in cuts:
            lines = model_lines(content[:cut])
            ends.append((len(lines) - 1, units("".join(lines[-1]), encoding)))
        content = content[: cuts[0]] + inserted + content[cuts[1] :]
        text = text.replace(ends[0], ends[1], inserted, encoding)
        assert text.content == content
        assert text.lines() == ["".join(line) for line in model_lines(content)]


def test_an_edit_behind_a_form_feed_hits_the_line_that_the_editor_means():
    text = Text("a\fb\nsecond\nthird\n")
    assert text.replace((1, 0), (1, 6), "2", PositionEncoding.UTF16).content == "a\fb\n2\nthird\n"


def test_a_position_past_the_end_of_a_line_is_its_end():
    text = Text("ab\r\ncd")
    assert text.replace((0, 99), (0, 99), "!", PositionEncoding.UTF16).content == "ab!\r\ncd"


def test_a_position_past_the_last_line_is_the_end_of_the_text():
    assert Text("ab\n").replace((7, 3), (9, 0), "c", PositionEncoding.UTF8).content == "ab\nc"


def test_a_position_inside_a_character_is_its_start():
    assert from_units("a😋b", 2, PositionEncoding.UTF16) == 1
    assert from_units("a😋b", 3, PositionEncoding.UTF8) == 1


def test_a_range_the_wrong_way_round_is_put_right():
    assert Text("abcd").replace((0, 3), (0, 1), "-", PositionEncoding.UTF32).content == "a-d"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_half_of_a_surrogate_pair_counts_without_an_error(encoding):
    assert from_units("\ud83dx", to_units("\ud83dx", 1, encoding), encoding) == 1
