"""Edits are made together where they can be, and files keep what the edits do not touch."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatdata_lint.finding import Edit, Finding, Fix, Location
from vatdata_lint.fixes import apply_edits, choose, unified_diff, write_source


def edit(start: tuple[int, int], end: tuple[int, int], text: str) -> Edit:
    return Edit("vat.py", start, end, text)


def finding(*edits: Edit, safe: bool = True, kind: str = "hoist") -> Finding:
    return Finding(
        "VD103", "n", "m", "h", Location("vat.py", 1, 0, 1, 1), fixes=(Fix("t", edits, safe, kind),)
    )


def test_positions_are_those_of_the_unchanged_text() -> None:
    text = "a\nb\nc\n"
    assert apply_edits(text, [edit((1, 0), (1, 1), "A\nAA"), edit((3, 0), (3, 1), "C")]) == "A\nAA\nb\nC\n"


def test_columns_count_code_points() -> None:
    assert apply_edits("😋 = 1\n", [edit((1, 4), (1, 5), "2")]) == "😋 = 2\n"


@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
def test_new_lines_end_like_the_others(eol: str) -> None:
    text = f"a{eol}b{eol}"
    assert apply_edits(text, [edit((1, 1), (1, 1), "\nx")]) == f"a{eol}x{eol}b{eol}"


def test_a_form_feed_is_no_line_end() -> None:
    assert apply_edits("a\fb\nc\n", [edit((2, 0), (2, 1), "C")]) == "a\fb\nC\n"


def test_a_position_outside_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="no position 9:0 in a text of 2 lines"):
        apply_edits("a\n", [edit((9, 0), (9, 0), "x")])


def test_unsafe_fixes_need_permission_and_suppressing_is_no_fix() -> None:
    risky = finding(edit((1, 0), (1, 1), "x"), safe=False)
    hiding = finding(edit((1, 0), (1, 1), "x"), kind="suppress")
    assert not choose([risky, hiding], unsafe=False).edits
    assert choose([risky, hiding], unsafe=True).findings == (risky,)


def test_of_two_fixes_that_clash_the_first_is_made() -> None:
    first, second = finding(edit((1, 0), (1, 5), "x")), finding(edit((1, 3), (1, 8), "y"))
    assert choose([first, second], unsafe=False).findings == (first,)


def test_an_edit_that_two_fixes_share_is_made_once() -> None:
    shared = edit((1, 0), (1, 5), "x")
    chosen = choose([finding(shared), finding(shared, edit((2, 0), (2, 1), "y"))], unsafe=False)
    assert len(chosen.edits["vat.py"]) == 2
    assert len(chosen.findings) == 2


lines = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r")), min_size=1, max_size=6
)


@given(lines, st.data())
def test_replacing_a_range_by_itself_changes_nothing(texts: list[str], data: st.DataObject) -> None:
    text = "\n".join(texts)
    line = data.draw(st.integers(1, len(texts)))
    start = data.draw(st.integers(0, len(texts[line - 1])))
    end = data.draw(st.integers(start, len(texts[line - 1])))
    assert apply_edits(text, [edit((line, start), (line, end), texts[line - 1][start:end])]) == text


def test_writing_keeps_encoding_mark_and_permissions(tmp_path: Path) -> None:
    for name, data, expected in [
        ("latin.py", b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", b"# -*- coding: latin-1 -*-\ny = '\xe9'\n"),
        ("mark.py", b"\xef\xbb\xbfx = 1\n", b"\xef\xbb\xbfy = 1\n"),
    ]:
        path = tmp_path / name
        path.write_bytes(data)
        path.chmod(0o640)
        from vatdata_lint.source import decode

        write_source(path, decode(data).replace("x =", "y ="))
        assert path.read_bytes() == expected
        assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(item.name for item in tmp_path.iterdir()) == ["latin.py", "mark.py"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.py").write_text("x\n")
    (tmp_path / "link.py").symlink_to("real.py")
    write_source(tmp_path / "link.py", "y\n")
    assert (tmp_path / "link.py").is_symlink()
    assert (tmp_path / "real.py").read_text() == "y\n"


def test_text_that_the_encoding_lacks_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "vat.py"
    path.write_bytes(b"# coding: ascii\n")
    with pytest.raises(UnicodeEncodeError):
        write_source(path, "# coding: ascii\n# é\n")
    assert path.read_bytes() == b"# coding: ascii\n"


def test_a_diff_says_when_the_last_line_has_no_end() -> None:
    text = "".join(unified_diff("vat.py", "a\nb", "a\nc"))
    assert text.endswith("-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n")
