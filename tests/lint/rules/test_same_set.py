"""Rules, their pages, the changelog and the stories speak of the same codes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from vatdata_lint.docgen import pages
from vatdata_lint.rules import all_rules

ROOT = Path(__file__).parents[3]
CODE = re.compile(r"\bVD\d{3}\b")
CODES = {rule.CODE for rule in all_rules()}


def codes_in(*paths: Path) -> set[str]:
    return {code for path in paths for code in CODE.findall(path.read_text(encoding="utf-8"))}


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    assert {page.name for page in (ROOT / "docs" / "rules").glob("*.md")} == pages().keys()
    assert codes_in(ROOT / "docs" / "rules" / "README.md") == CODES


def test_pages_are_what_the_rules_say() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vatdata_lint.docgen", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_changelog_announces_every_rule_and_no_other() -> None:
    released = [path for path in [ROOT / "CHANGELOG.md"] if path.exists()]
    assert codes_in(*released, *(ROOT / "changelog.d").glob("*.md")) == CODES


def test_stories_and_guides_name_only_rules_that_exist() -> None:
    stories = list((ROOT / "tests" / "lint" / "stories").rglob("*.py"))
    assert codes_in(*stories, ROOT / "docs" / "lint.md") <= CODES


def test_the_guide_names_every_configuration_key() -> None:
    from vatdata_lint.config import _READERS

    guide = (ROOT / "docs" / "lint.md").read_text(encoding="utf-8")
    assert [key for key in _READERS if f"`{key}" not in guide] == []


def test_every_page_says_why_and_what_to_do() -> None:
    assert len({rule.NAME for rule in all_rules()}) == len(CODES)
    for rule in all_rules():
        assert not rule.SUMMARY.endswith(".")
        assert "## Why is this bad?" in rule.page_body()
        assert "## What to do" in rule.page_body()
