"""Settings that say what the source does not: which functions define kinds, and which awaits stay in the crank."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vatdata_lint.testing import mismatches, parse_case, run_case

REMOTE = """
# file: remote.py
from vatdata_runtime import E
async def provide_all(baggage):
    return await E(baggage.get("board")).everything()
class Board:
    async def read(self):
        return await E(self).all()
"""

VAT = """
from vatdata_runtime import prepare_exo
from offered import provide_everything
async def build_root_object(vat_powers, vat_parameters, baggage):
    await provide_everything(baggage)
    prepare_exo(baggage, "A", None, {})MARK
# file: offered.py
from remote import provide_all as provide_everything
"""

HELPERS = """
from offered import setup
async def build_root_object(vat_powers, vat_parameters, baggage):
    await vat_parameters["x"]
    setup(baggage)MARK
# file: offered.py
from helpers import install as setup
# file: helpers.py
BODY
"""


def check(text: str, folder: Path, settings: dict[str, Any], mark: str) -> list[str]:
    case = parse_case("vat", text.replace("MARK", f"  # finding: {mark}" if mark else "").lstrip("\n"))
    return mismatches(case, run_case(case, folder, settings))


@pytest.mark.parametrize("name", ["remote.provide_all", "offered.provide_everything"])
def test_a_function_named_in_prompt_awaitables_stays_in_the_crank_by_any_module_that_offers_it(
    tmp_path: Path, name: str
) -> None:
    assert check(VAT + REMOTE, tmp_path, {"prompt-awaitables": [name]}, "") == []


def test_a_function_not_named_in_prompt_awaitables_may_end_the_crank(tmp_path: Path) -> None:
    assert check(VAT + REMOTE, tmp_path, {"prompt-awaitables": ["remote.other"]}, "VD103") == []


def test_the_strict_policy_counts_prompt_awaitables_as_well(tmp_path: Path) -> None:
    settings = {"prompt-awaitables": ["remote.provide_all"], "await-policy": "strict"}
    assert check(VAT + REMOTE, tmp_path, settings, "VD103") == []


@pytest.mark.parametrize("name", ["helpers.install", "offered.setup"])
def test_definers_says_of_a_function_that_it_defines_kinds_by_any_module_that_offers_it(
    tmp_path: Path, name: str
) -> None:
    text = HELPERS.replace("BODY", "def install(baggage):\n    baggage.plugins.run()")
    assert check(text, tmp_path, {"definers": {name: True}}, "VD103") == []


@pytest.mark.parametrize("name", ["helpers.install", "offered.setup"])
def test_definers_says_of_a_function_that_it_defines_none(tmp_path: Path, name: str) -> None:
    body = "from vatdata_runtime import prepare_exo\ndef install(b):\n    prepare_exo(b, 'A', None, {})"
    assert check(HELPERS.replace("BODY", body), tmp_path, {"definers": {name: False}}, "") == []
