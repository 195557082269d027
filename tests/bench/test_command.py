"""``python -m bench``: it measures, says what was reached, and tells by its exit code whether all bars hold."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.curves.drawing import draw
from bench.measuring import Bar
from bench.running import _judge
from bench.scenarios import SCENARIOS, is_available

ROOT = Path(__file__).parents[2]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments], check=False, cwd=ROOT, capture_output=True, text=True
    )


def test_one_scenario_is_measured_and_judged() -> None:
    done = bench("--only", "update-group", "--count", "100", "--rounds", "2", "--json")
    report = json.loads(done.stdout)
    assert {"date", "machine", "python", "packages", "rounds", "rows"} <= report.keys()
    rows = {(row["side"], row["figure"]): row for row in report["rows"]}
    own = rows["vatdata", "update_us"]
    assert own["least"] <= own["median"] <= own["most"]
    assert [bar["against"] for bar in own["bars"]] == ["lmdb", "crank", None]
    holds = all(bar["passes"] for row in report["rows"] for bar in row["bars"])
    assert done.returncode == (0 if holds else 1)


def test_the_table_names_machine_versions_and_bars() -> None:
    done = bench("--only", "messages", "--count", "50", "--rounds", "1")
    assert "lmdb" in done.stdout
    assert "cores" in done.stdout
    assert "pass" in done.stdout or "MISS" in done.stdout


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_bar_is_about_a_side_that_the_scenario_has(scenario: object) -> None:
    assert isinstance(scenario, type(SCENARIOS[0]))
    assert all(bar.against in {None, *scenario.sides} for bar in scenario.bars)


@pytest.mark.skipif(not is_available("zodb"), reason="needs vatdata[bench]")
def test_the_peer_is_measured_where_it_is_installed() -> None:
    done = bench("--only", "size", "--count", "1000", "--rounds", "1", "--json")
    sides = {row["side"] for row in json.loads(done.stdout)["rows"]}
    assert sides == {"vatdata", "zodb", "lmdb"}


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    samples = {"zodb": [{"us": 30.0}, {"us": 10.0}, {"us": 40.0}]}
    result = _judge(Bar("us", 3, "zodb"), [10.0, 1.0, 20.0], samples)
    assert (result.reached, result.passes) == (3.0, True)


def test_a_limit_without_a_side_is_the_highest_cost() -> None:
    assert not _judge(Bar("us", 10), [11.0], {}).passes
    assert _judge(Bar("us", 10), [10.0], {}).passes


def test_curves_are_drawn_as_one_picture() -> None:
    picture = ElementTree.fromstring(draw([("a & b", [(1, 2.0), (10, 3.0)]), ("flat", [(1, 1.0)])]))
    lines = [node for node in picture.iter() if node.tag.endswith("polyline")]
    assert [len(line.attrib["points"].split()) for line in lines] == [2, 1]
