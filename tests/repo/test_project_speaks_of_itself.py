"""What every tracked file must keep to."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
FRAGMENT = re.compile(r"[a-z0-9-]+\.(added|changed|fixed|removed)\.md")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name]


def test_no_file_names_a_folder_of_the_machine_it_was_written_on():
    folder = re.compile(r"(?<![\w.])/(?:work|root|farm)/")
    named = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix in {".py", ".md", ".toml", ".yml", ".yaml", ".ts", ".lua", ".el", ".json", ""}
        and path.is_file()
        and path != Path(__file__)
        and folder.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert not named


def test_changelog_fragments_are_named_after_topic_and_sort():
    names = [path.name for path in (ROOT / "changelog.d").iterdir() if path.name != "README.md"]
    assert names
    assert [name for name in names if not FRAGMENT.fullmatch(name)] == []
