"""The guides' code runs as it stands there, in its order."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"
BLOCK = re.compile(r"<!-- (file: (?P<name>\S+)|run) -->\n```python\n(?P<code>.*?)```", re.DOTALL)


def run_blocks(page: Path, folder: Path) -> None:
    """Write the page's files into the folder, which is the working one, and run its code."""
    text = page.read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(text))
    assert len(blocks) == text.count("```python"), "a block without marker is never run"
    scope: dict[str, object] = {}
    for block in blocks:
        if block["name"]:
            (folder / block["name"]).write_text(block["code"], encoding="utf-8")
        else:
            exec(compile(block["code"], str(page), "exec"), scope)


def test_every_code_block_of_the_guide_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    run_blocks(DOCS / "guide.md", tmp_path)
    printed = capsys.readouterr().out
    assert "<Ref Purse o+d16/2 in vat 'main'>" in printed
    assert "no prepare_* ran in its first crank for the stored kinds 'Purse'" in printed


def test_every_code_block_about_many_vats_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_blocks(DOCS / "many-vats.md", tmp_path)


def test_every_code_block_about_testing_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_blocks(DOCS / "testing.md", tmp_path)
