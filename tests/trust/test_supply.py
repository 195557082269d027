"""What is installed and pinned can be looked into without a network. All of it: ``python -m tests.trust.supply``."""

from __future__ import annotations

import json
import re
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import ROOT

from .supply import altered_files, main, pinned_versions, read_advisories, vulnerable

RUNTIME = pinned_versions(ROOT / ".ci/pins/runtime.txt")


def advisory(name: str, *events: dict[str, str], **more: Any) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": list(events)}]
    affected = {"package": {"ecosystem": "PyPI", "name": name}, "ranges": ranges}
    return {"id": "X-1", "summary": "bad", "affected": [affected], **more}


def test_every_pin_has_a_hash() -> None:
    for file in (".ci/pins/all.txt", ".ci/pins/runtime.txt"):
        text = (ROOT / file).read_text().replace("\\\n", " ")
        entries = [line for line in text.splitlines() if "==" in line]
        assert entries
        assert [line for line in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}", line)] == []


def test_what_the_runtime_brings_along_is_licensed_for_everybody() -> None:
    page = (ROOT / "docs/licences.md").read_text()
    listed = dict(re.findall(r"^\| (\S+) \| (.+) \|$", page.partition("## With the extras")[0], re.MULTILINE))
    missing = RUNTIME.keys() - listed.keys() - {"colorama"}  # which Windows alone gets
    assert not missing, "run docs/make_licences.py"
    copyleft = [name for name in listed if re.search("GPL|SSPL|BUSL|Proprietary", listed[name])]
    assert copyleft == []


@pytest.mark.parametrize("name", ["lmdb", "msgspec"])
def test_the_installed_dependencies_are_what_their_wheels_recorded(name: str) -> None:
    assert list(altered_files(distribution(name))) == []


def test_a_file_that_was_changed_after_it_was_installed_is_found(tmp_path: Path) -> None:
    (tmp_path / "thing.py").write_text("evil")
    info = tmp_path / "thing-1.0.dist-info"
    info.mkdir()
    info.joinpath("METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
    info.joinpath("RECORD").write_text("thing.py,sha256=AAAA,4\ngone.py,sha256=AAAA,4\nthing.pyc,,\n")
    found = list(altered_files(Distribution.at(info)))
    assert found == ["thing.py was changed after it was installed", "gone.py is missing"]


@pytest.mark.parametrize(
    ("events", "hit"),
    [
        (({"introduced": "0"},), True),
        (({"introduced": "0"}, {"fixed": "2.0"}), False),
        (({"introduced": "0"}, {"fixed": "2.0.1"}), True),
        (({"introduced": "2.0"}, {"last_affected": "2.0"}), True),
        (({"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "2.0"}), True),
        (({"introduced": "0"}, {"last_affected": "1.9"}), False),
        (({"introduced": "no version"},), True),
    ],
)
def test_a_version_in_the_range_of_an_advisory_is_vulnerable(events: tuple[Any, ...], hit: bool) -> None:
    found = list(vulnerable({"some-thing": ["2.0"]}, [advisory("Some.Thing", *events)]))
    assert found == ([("some-thing", "2.0", "X-1", "bad")] if hit else [])


def test_advisories_that_were_withdrawn_or_are_for_others_say_nothing() -> None:
    everything = {"introduced": "0"}
    others = [
        advisory("lmdb", everything, withdrawn="2025-01-01T00:00:00Z"),
        advisory("other", everything),
        {"id": "X-2", "affected": [{"package": {"ecosystem": "npm", "name": "lmdb"}, "versions": ["1"]}]},
    ]
    assert list(vulnerable({"lmdb": ["1"]}, others)) == []


def test_the_command_looks_the_pins_up_in_a_folder_or_an_archive(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pins = tmp_path / "pins.txt"
    pins.write_text("left-pad==1.3 \\\n    --hash=sha256:00\n")
    folder = tmp_path / "osv"
    folder.mkdir()
    folder.joinpath("X-1.json").write_text(json.dumps(advisory("left-pad", {"introduced": "1.0"})))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(folder / "X-1.json", "X-1.json")
    for given in (folder, tmp_path / "all.zip"):
        assert len(list(read_advisories(given))) == 1
        assert main(["--advisories", str(given), "--pins", str(pins)]) == 1
        assert "left-pad 1.3: X-1: bad" in capsys.readouterr().out
