"""A check that is listened to: findings come before its end, and it may be ended."""

from __future__ import annotations

import pytest

from vatdata_lint import Config, GivenUp, Project
from vatdata_lint.analysis import EARLY_FROM
from vatdata_lint.rules import all_rules
from vatdata_lint.testing import cases_of

BAD = """\
from vatdata_runtime import prepare_exo


def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        prepare_exo(baggage, "{name}", None, {{}})
"""


NAMES = [f"vat{number}" for number in range(EARLY_FROM)]


class Listening:
    """Notes what it hears, and wants nothing more after so many questions."""

    def __init__(self, patience: int = 1_000_000) -> None:
        self.heard: dict[str, tuple[str, ...]] = {}
        self.asked = 0
        self._patience = patience

    def is_wanted(self) -> bool:
        self.asked += 1
        return self.asked <= self._patience

    def found(self, path, findings) -> None:
        self.heard[path] = tuple(finding.code for finding in findings)


@pytest.fixture
def project(tmp_path) -> Project:
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text(BAD.format(name=name))
    return Project(tmp_path, Config.load(tmp_path))


def test_each_file_is_heard_of_before_the_check_is_over(project):
    project.listener = listening = Listening()
    report = project.check()
    assert listening.heard == {f"{name}.py": ("VD101",) for name in NAMES}
    assert [finding.code for finding in report.findings] == ["VD101"] * EARLY_FROM


def test_files_that_are_vats_at_first_sight_are_judged_before_the_others_are_looked_at(project):
    for number in range(50):
        (project.root / f"another{number}.py").write_text("def prepare(self):\n    return self\n")
    project.listener = listening = Listening()
    asked: list[int] = []
    found = listening.found
    listening.found = lambda path, findings: (asked.append(listening.asked), found(path, findings))
    project.check()
    assert len(asked) == EARLY_FROM
    assert asked[-1] < 50
    assert listening.asked > 50, "each of the others is a moment at which the check can be given up"


def test_listening_changes_nothing_in_what_is_found_in_the_cases_of_all_rules(tmp_path):
    for rule in all_rules():
        for number, case in enumerate(cases_of(rule)):
            for name, text in case.files.items():
                file = tmp_path / f"{rule.CODE.lower()}_{number}" / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
    config = Config.load(tmp_path)
    expected = Project(tmp_path, config).check().findings
    listened_to = Project(tmp_path, config)
    listened_to.listener = listening = Listening()
    assert listened_to.check().findings == expected
    assert len(listening.heard) >= 10


def test_what_is_suppressed_is_not_heard_of(project):
    source = BAD.format(name="a").replace("{})", "{})  # vatdata: ignore[VD101] tried")
    (project.root / "vat0.py").write_text(source)
    project.listener = listening = Listening()
    project.check()
    assert listening.heard.keys() == {f"{name}.py" for name in NAMES[1:]}


def test_a_check_that_was_given_up_is_gone_on_with_by_the_next_one(project):
    whole = Listening()
    project.listener = whole
    expected = project.check().findings
    again = Project(project.root, project.config)
    for patience in range(whole.asked):
        again.listener = Listening(patience)
        fresh = Project(project.root, project.config)
        fresh.listener = Listening(patience)
        with pytest.raises(GivenUp):
            fresh.check()
        fresh.listener = rest = Listening()
        assert fresh.check().findings == expected
        assert rest.asked <= whole.asked
    assert rest.asked < whole.asked


def test_a_file_that_changes_after_a_check_was_given_up_is_judged_anew(project):
    whole = Listening()
    project.listener = whole
    project.check()
    for patience in range(whole.asked):
        fresh = Project(project.root, project.config)
        fresh.listener = Listening(patience)
        with pytest.raises(GivenUp):
            fresh.check()
        fresh.set_overlay("vat0.py", "def (")
        fresh.set_overlay("vat1.py", "x = 1\n")
        fresh.listener = None
        assert [(item.location.path, item.code) for item in fresh.check().findings] == [
            ("vat0.py", "VD900"),
            *((f"{name}.py", "VD101") for name in sorted(NAMES[2:])),
        ]
