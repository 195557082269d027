"""The page about the encodings says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from vatdata_runtime.passable import ExtCode, KeyTag

HERE = Path(__file__).parent
PAGE = (HERE.parents[2] / "docs" / "encoding.md").read_text()
KEYS, VALUES = PAGE.split("## Value encoding")


@pytest.mark.parametrize(("part", "golden"), [(KEYS, "golden_keys.json"), (VALUES, "golden_values.json")])
def test_every_example_on_the_page_has_the_bytes_that_it_shows(part, golden):
    written = json.loads((HERE / golden).read_text())
    shown = dict(re.findall(r"^\| `([^|]+)` \| `([0-9a-f]+)` \|$", part, re.M))
    assert len(shown) > 20
    assert shown == {example: written.get(example) for example in shown}


def test_the_page_names_every_tag_and_every_extension():
    tags = {value for name, value in vars(KeyTag).items() if name.isupper()}
    shown = {int(tag, 16) for tag in re.findall(r"`([0-9a-f]{2})`", KEYS)}
    assert tags <= shown
    codes = {value for name, value in vars(ExtCode).items() if name.isupper()}
    assert codes == {int(code) for code in re.findall(r"^\| (\d+) \|", VALUES, re.M)}
