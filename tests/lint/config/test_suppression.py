"""Which lines a suppression comment covers, and when one is called unused."""

from __future__ import annotations

import textwrap

import pytest

from vatdata_lint.config import Config
from vatdata_lint.finding import Finding, Location
from vatdata_lint.fixes import apply_edits
from vatdata_lint.selection import report_file
from vatdata_lint.suppression import parse


def found(line: int, code: str = "VD102") -> Finding:
    return Finding(code, "prepare-in-loop", "m", "h", Location("vat.py", line, 4, line, 9))


def covered(source: str) -> list[int]:
    """Lines on which a finding would be hidden by the only comment."""
    text = textwrap.dedent(source).lstrip("\n")
    (comment,) = parse(text)
    return [number for number in range(1, text.count("\n") + 1) if comment.covers(number)]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("a()\nb()  # vatdata: ignore[VD102] why\nc()\n", [2]),
        ("a()\n# vatdata: ignore[VD102] why\nb()\nc()\n", [2, 3]),
        ("# vatdata: ignore[VD102] why\n# more\nb()\nc()\n", [1, 2, 3]),
        ("# vatdata: ignore[VD102] why\n\nb()\n", [1]),
        ("a(\n    1,\n    2,\n)  # vatdata: ignore[VD102] why\nc()\n", [1, 2, 3, 4]),
        ("a(  # vatdata: ignore[VD102] why\n    1,\n    2,\n)\nc()\n", [1, 2, 3, 4]),
        ("a(\n    1,  # vatdata: ignore[VD102] why\n    2,\n)\n", [2]),
        ("a(\n    # vatdata: ignore[VD102] why\n    1,\n    2,\n)\n", [2, 3]),
        ("# vatdata: ignore[VD102] why\nif x:\n    b()\nelse:\n    c()\nd()\n", [1, 2, 3, 4, 5]),
        ("if x:  # vatdata: ignore[VD102] why\n    b()\n", [1]),
        ("# vatdata: ignore[VD102] why\n@deco\ndef f():\n    b()\n\nc()\n", [1, 2, 3, 4]),
        ("x = 1\n# vatdata: ignore-file[VD102] why\ny = 2\n", [1, 2, 3]),
    ],
)
def test_a_comment_covers(source: str, lines: list[int]) -> None:
    assert covered(source) == lines


def test_text_in_a_string_is_no_comment() -> None:
    assert parse('x = "# vatdata: ignore[VD102] no"\n') == ()


def test_source_that_does_not_tokenise_is_read_by_line() -> None:
    assert [item.line for item in parse("a(\n'''\nb()  # vatdata: ignore[VD102] why\n")] == [3]


def test_codes_names_and_reason_are_read() -> None:
    (comment,) = parse("a()  # vatdata: ignore[VD101, prepare-in-loop] - see #12\n")
    assert comment.codes == ("VD101", "prepare-in-loop")
    assert comment.reason == "see #12"


def test_a_comment_hides_its_codes_alone() -> None:
    source = "a()  # vatdata: ignore[VD102] why\n"
    config = Config.from_mapping({"select": ["VD101", "VD102"]})
    findings = report_file("vat.py", source, [found(1), found(1, "VD101")], config)
    assert [item.code for item in findings] == ["VD101"]


def test_a_rule_may_be_named_by_its_name() -> None:
    assert report_file("vat.py", "a()  # vatdata: ignore[prepare-in-loop] why\n", [found(1)], Config()) == ()


@pytest.mark.parametrize(
    ("source", "fixed", "says"),
    [
        ("a()  # vatdata: ignore[VD102] why\n", "a()\n", "nothing here is reported as VD102 any more"),
        ("# vatdata: ignore[VD102] why\na()\n", "a()\n", "nothing here is reported as VD102 any more"),
        ("a()  # vatdata: ignore[VD999] why\n", "a()\n", "no rule is called VD999"),
        ("a()  # vatdata: ignore\n", "a()\n", "names no rule"),
        ("a()\n# vatdata: ignore[VD102] why", "a()\n", "any more"),
    ],
)
def test_an_unused_comment_is_reported_and_can_be_taken_out(source: str, fixed: str, says: str) -> None:
    (finding,) = report_file("vat.py", source, [], Config.from_mapping({"select": ["VD102", "VD901"]}))
    assert finding.code == "VD901"
    assert says in finding.message
    assert apply_edits(source, finding.fixes[0].edits) == fixed


def test_only_the_unused_codes_of_a_comment_are_taken_out() -> None:
    source = "a()  # vatdata: ignore[VD101, VD102] why\n"
    config = Config.from_mapping({"select": ["VD101", "VD102", "VD901"]})
    (finding,) = report_file("vat.py", source, [found(1)], config)
    assert finding.help == "keep only VD102"
    assert apply_edits(source, finding.fixes[0].edits) == "a()  # vatdata: ignore[VD102] why\n"


def test_codes_of_rules_that_did_not_run_are_not_judged() -> None:
    source = "a()  # vatdata: ignore[VD102] why\n"
    assert report_file("vat.py", source, [], Config.from_mapping({"select": ["VD101", "VD901"]})) == ()
