"""Stories: longer cases in which all rules about the first crank, or about behaviour, speak at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from vatdata_lint.testing import Case, compile_errors, mismatches, parse_case, run_case

FOLDER = Path(__file__).parent / "stories"
TITLE = re.compile(r"^# case: (.+)$", re.MULTILINE)
RULES = [f"VD10{n}" for n in range(1, 9)]
BEHAVIOR_RULES = [*(f"VD20{n}" for n in range(1, 8)), "VD301"]


def stories(folder: Path) -> Iterator[tuple[str, Case]]:
    """Each file begins with imports that all of its single-file cases share."""
    for path in sorted(folder.glob("*.py")):
        shared, *pieces = TITLE.split(path.read_text())
        for title, body in zip(pieces[::2], pieces[1::2], strict=True):
            several = body.lstrip().startswith("# file:")
            text = body if several else shared + body
            yield f"{path.stem}: {title}", parse_case(title, text.lstrip("\n"))


STORIES = dict(stories(FOLDER))
BEHAVIOR_STORIES = dict(stories(FOLDER / "behavior"))


@pytest.mark.parametrize("name", STORIES)
def test_findings_of_a_story_are_its_marks(name: str, tmp_path: Path) -> None:
    case = STORIES[name]
    assert compile_errors(case) == []
    assert mismatches(case, run_case(case, tmp_path, {"select": RULES})) == []


@pytest.mark.parametrize("name", BEHAVIOR_STORIES)
def test_findings_about_behaviour_are_the_marks_of_its_story(name: str, tmp_path: Path) -> None:
    case = BEHAVIOR_STORIES[name]
    assert compile_errors(case) == []
    assert mismatches(case, run_case(case, tmp_path, {"select": BEHAVIOR_RULES})) == []
