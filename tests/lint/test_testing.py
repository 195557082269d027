"""The harness that holds rules to their cases can itself fail."""

from __future__ import annotations

import pytest

from vatdata_lint.finding import Finding, Location
from vatdata_lint.rules import Rule
from vatdata_lint.testing import Mark, cases_of, compile_errors, mismatches, parse_case, silenced


def found(line: int, path: str = "vat.py") -> Finding:
    return Finding("VD101", "n", "said", "h", Location(path, line, 0, line, 1))


def test_marks_name_lines_and_codes_in_each_file() -> None:
    case = parse_case(
        "two files",
        """
        a()  # finding
        # file: pkg/other.py
        b()
        c()  # finding: VD102, VD103
        """,
        "VD101",
    )
    assert case.files == {"vat.py": "a()  # finding\n", "pkg/other.py": "b()\nc()  # finding: VD102, VD103\n"}
    assert case.marks == {
        Mark("vat.py", 1, "VD101"),
        Mark("pkg/other.py", 2, "VD102"),
        Mark("pkg/other.py", 2, "VD103"),
    }


def test_missed_and_false_alarms_are_told_apart() -> None:
    case = parse_case("t", "a()  # finding\nb()\n", "VD101")
    assert mismatches(case, [found(1)]) == []
    assert mismatches(case, [found(2)]) == [
        "missed alarm: vat.py:1 VD101",
        "false alarm: vat.py:2 VD101: said",
    ]


def test_a_mark_without_a_code_needs_a_rule() -> None:
    with pytest.raises(ValueError, match=r"the mark in vat.py:1 names no code"):
        parse_case("t", "a()  # finding\n")


def test_a_case_stays_in_its_folder() -> None:
    with pytest.raises(ValueError, match="must lie inside the case"):
        parse_case("t", "# file: ../x.py\na()\n")


def test_a_valid_case_has_no_mark_and_an_invalid_one_has_one() -> None:
    class Wrong(Rule):
        CODE, NAME, VALID = "VD999", "wrong", {"marked": "a()  # finding"}

    class Empty(Rule):
        CODE, NAME, INVALID = "VD999", "empty", {"unmarked": "a()"}

    with pytest.raises(ValueError, match="'marked': must have no mark"):
        list(cases_of(Wrong))
    with pytest.raises(ValueError, match="'unmarked': needs a mark"):
        list(cases_of(Empty))


def test_silencing_puts_a_comment_in_place_of_each_mark() -> None:
    case = silenced(parse_case("t", "a()  # finding\n", "VD101"))
    assert case.files["vat.py"] == "a()  # vatdata: ignore[VD101] this is a case\n"
    assert not case.marks


def test_what_does_not_compile_is_named() -> None:
    assert compile_errors(parse_case("t", "x = (\n")) == ["vat.py:1: '(' was never closed"]
