"""Random programs: the linter reports exactly the lines of kinds that some way defines and another one does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lint.oracle.programs import program, ways_of
from vatdata_lint.testing import parse_case, run_case


def check(seed: int, folder: Path) -> bool:
    """Compare one program; False where it says nothing: too many questions, or no way that completes."""
    text = program(seed)
    ways = ways_of(text)
    if not ways:
        return False
    kinds = frozenset[str]().union(*ways)
    lines = {kind: frozenset[int]().union(*(way.get(kind, ()) for way in ways)) for kind in kinds}
    lost = {kind for kind in kinds if any(kind not in way for way in ways)}
    folder.mkdir()
    found = run_case(parse_case("program", text), folder, {"select": ["VD101", "VD102", "VD107", "VD900"]})
    reported = {item.location.line: item.message for item in found}
    missed = {kind: sorted(lines[kind]) for kind in lost if not lines[kind] & reported.keys()}
    false = {line: text for line, text in reported.items() if not any(line in lines[kind] for kind in lost)}
    assert not missed, f"seed {seed}: missed {missed} in\n{text}"
    assert not false, f"seed {seed}: false alarms {false} in\n{text}"
    return True


def test_random_programs_lose_what_is_reported_and_nothing_else(tmp_path: Path) -> None:
    judged = [seed for seed in range(120) if check(seed, tmp_path / str(seed))]
    assert len(judged) > 60


@pytest.mark.slow
def test_thousands_of_random_programs_lose_what_is_reported_and_nothing_else(tmp_path: Path) -> None:
    judged = [seed for seed in range(1_000, 5_000) if check(seed, tmp_path / str(seed))]
    assert len(judged) > 2_000
