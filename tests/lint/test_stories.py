"""Stories: longer cases in which all rules about the first crank speak at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from vatdata_lint.testing import Case, compile_errors, mismatches, parse_case, run_case

FOLDER = Path(__file__).parent / "stories"
TITLE = re.compile(r"^# case: (.+)$", re.MULTILINE)
RULES = [f"VD10{n}" for n in range(1, 9)]


def stories() -> Iterator[tuple[str, Case]]:
    """Each file begins with imports that all of its single-file cases share."""
    for path in sorted(FOLDER.glob("*.py")):
        shared, *pieces = TITLE.split(path.read_text())
        for title, body in zip(pieces[::2], pieces[1::2], strict=True):
            several = body.lstrip().startswith("# file:")
            text = body if several else shared + body
            yield f"{path.stem}: {title}", parse_case(title, text.lstrip("\n"))


STORIES = dict(stories())


@pytest.mark.parametrize("name", STORIES)
def test_findings_of_a_story_are_its_marks(name: str, tmp_path: Path) -> None:
    case = STORIES[name]
    assert compile_errors(case) == []
    assert mismatches(case, run_case(case, tmp_path, {"select": RULES})) == []
