"""The guide's code runs as it stands there, in its order."""

from __future__ import annotations

import re
from pathlib import Path

GUIDE = Path(__file__).parents[3] / "docs" / "guide.md"
BLOCK = re.compile(r"<!-- (file: (?P<name>\S+)|run) -->\n```python\n(?P<code>.*?)```", re.DOTALL)


def test_every_code_block_of_the_guide_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = GUIDE.read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(text))
    assert len(blocks) == text.count("```python"), "a block without marker is never run"
    scope: dict[str, object] = {}
    for block in blocks:
        if block["name"]:
            (tmp_path / block["name"]).write_text(block["code"], encoding="utf-8")
        else:
            exec(compile(block["code"], str(GUIDE), "exec"), scope)
    printed = capsys.readouterr().out
    assert "<Ref Purse o+d16/2 in vat 'main'>" in printed
    assert "no prepare_* ran in its first crank for the stored kinds 'Purse'" in printed
