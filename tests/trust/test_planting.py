"""The simulator and the fuzzers find what was planted. All of it, with a table: ``python -m tests.trust.plant``."""

from __future__ import annotations

import pytest

from .plant import read_verdict, search_for
from .planting.defects import DEFECTS

SEEDS = 400
OFTEN_MET = ("two commits", "message stays", "stale view", "watcher told twice", "reused identity")


@pytest.mark.parametrize("name", OFTEN_MET)
def test_a_defect_that_most_seeds_meet_is_found_within_a_few(name: str) -> None:
    found = search_for(name, seeds=10)
    assert found.is_found, f"{name!r} struck {found.struck} times, and nobody noticed"


@pytest.mark.slow
@pytest.mark.parametrize("name", DEFECTS)
def test_every_planted_defect_is_found(name: str) -> None:
    found = search_for(name, SEEDS)
    assert found.struck, f"{name!r} never came up: the simulator does not do what would meet it"
    assert found.is_found, f"{name!r} struck {found.struck} times, and nobody noticed"


def test_what_fails_without_the_defect_is_not_taken_for_finding_it() -> None:
    struck = read_verdict("two commits", '{"found": true, "took": 1, "words": "broken", "struck": 2}')
    assert struck == (True, 1, "broken", 2)
    with pytest.raises(AssertionError, match="before 'two commits' has done anything: broken"):
        read_verdict("two commits", '{"found": true, "took": 1, "words": "broken", "struck": 0}')
