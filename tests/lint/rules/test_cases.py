"""Every rule holds to its own cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from vatdata_lint.rules import Rule, all_rules
from vatdata_lint.testing import Case, cases_of, compile_errors, mismatches, run_case, silenced

CASES = [
    pytest.param(rule, case, id=f"{rule.CODE}: {case.title}")
    for rule in all_rules()
    for case in cases_of(rule)
]


def settings(rule: type[Rule]) -> dict[str, object]:
    return {"select": [rule.CODE], **rule.CASE_CONFIG}


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_findings_equal_the_marks(rule: type[Rule], case: Case, tmp_path: Path) -> None:
    findings = [item for item in run_case(case, tmp_path, settings(rule)) if item.code == rule.CODE]
    assert mismatches(case, findings) == []


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_every_case_is_python(rule: type[Rule], case: Case) -> None:
    assert not rule.CASES_COMPILE or compile_errors(case) == []


@pytest.mark.parametrize(
    ("rule", "case"), [param for param in CASES if param.values[0].SUPPRESSIBLE and param.values[1].marks]
)
def test_a_suppression_comment_silences_it(rule: type[Rule], case: Case, tmp_path: Path) -> None:
    findings = run_case(silenced(case), tmp_path, settings(rule))
    assert [item for item in findings if item.code == rule.CODE] == []


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.CODE)
def test_every_rule_shows_what_is_right_and_what_is_wrong(rule: type[Rule]) -> None:
    assert rule.VALID
    assert rule.INVALID
