"""A manifest against code: what vanished, what does not fit, and what is fine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vatdata_lint.config import Config
from vatdata_lint.engine import Project
from vatdata_lint.finding import Finding
from vatdata_lint.manifest import FacetRecord, FieldRecord, KindRecord, Manifest, VatRecord, manifest_findings

Compare = Callable[..., list[str]]

ENTRY = """\
from vatdata_runtime import *

def build_root_object(vat_powers, vat_parameters, baggage):
"""


@pytest.fixture
def findings(tmp_path: Path) -> Callable[..., tuple[Finding, ...]]:
    def run(
        body: str, *kinds: KindRecord, vat: str = "bank", source: str | None = None
    ) -> tuple[Finding, ...]:
        (tmp_path / "bank.py").write_text(ENTRY + "".join(f"    {line}\n" for line in body.splitlines()))
        manifest = Manifest("kinds.json", (VatRecord(vat, source, kinds),))
        return manifest_findings(Project(tmp_path, Config(root=tmp_path)), manifest)

    return run


def fields(**patterns: str | None) -> tuple[FieldRecord, ...]:
    return tuple(FieldRecord(name, pattern) for name, pattern in patterns.items())


PURSE = KindRecord("Purse", "single", 1, None, fields(owner=None, balance="M.int()"))
WIDE = 'prepare_exo_class(baggage, "Purse", None, lambda: {}, {}, state_shape={%s}%s)'


@pytest.mark.parametrize(
    ("shape", "options", "reason"),
    [
        ('"owner": M.any(), "balance": M.number()', "", None),
        ('"owner": M.any(), "balance": M.int(), "note": M.opt(M.string())', "", None),
        (
            '"owner": M.any(), "balance": M.int(), "note": M.string()',
            "",
            "the new field 'note' admits no None",
        ),
        ('"owner": M.any()', "", "the field 'balance' is gone"),
        ('"owner": M.any(), "balance": M.nat()', "", "was M.int() and admits only M.nat() now"),
        ('"owner": M.any()', ", version=2, migrate=upgrade", None),
        ('"owner": M.any()', ", version=2", "the field 'balance' is gone"),
        ('"owner": M.any(), "balance": M.int()', ", version=2", None),
    ],
)
def test_fields(
    findings: Callable[..., tuple[Finding, ...]], shape: str, options: str, reason: str | None
) -> None:
    found = findings(WIDE % (shape, options), PURSE)
    assert [item.code for item in found] == (["VD121"] if reason else [])
    assert reason is None or reason in found[0].message


def test_an_older_version_than_the_stored_one_is_refused(
    findings: Callable[..., tuple[Finding, ...]],
) -> None:
    stored = KindRecord("Purse", "single", 3)
    (found,) = findings(WIDE % ("", ", version=2"), stored)
    assert "its version is 2, the stored one is 3" in found.message


def test_a_single_that_became_a_kit(findings: Callable[..., tuple[Finding, ...]]) -> None:
    body = 'prepare_exo_class_kit(baggage, "Purse", None, lambda: {}, {"a": {}, "b": {}})'
    (found,) = findings(body, PURSE)
    assert "it was a single and is a kit now" in found.message


def test_facets_may_come_but_not_go(findings: Callable[..., tuple[Finding, ...]]) -> None:
    stored = KindRecord("Counter", "kit", 1, (FacetRecord("up"), FacetRecord("down")))
    body = 'prepare_exo_class_kit(baggage, "Counter", None, lambda: {}, {%s})'
    assert findings(body % '"up": {}, "down": {}, "admin": {}', stored) == ()
    (found,) = findings(body % '"up": {}, "admin": {}', stored)
    assert "the facet 'down' is gone" in found.message


def test_a_vanished_kind_is_reported_at_the_entry(findings: Callable[..., tuple[Finding, ...]]) -> None:
    (found,) = findings('prepare_exo(baggage, "Mint", None, {})', KindRecord("Purse", "single"))
    assert (found.code, found.location.line, found.severity) == ("VD120", 3, "error")
    assert "--retire Purse" in found.help


def test_a_computed_name_may_be_the_missing_kind(findings: Callable[..., tuple[Finding, ...]]) -> None:
    (found,) = findings(
        "prepare_exo(baggage, vat_parameters['name'], None, {})", KindRecord("Purse", "single")
    )
    assert found.severity == "warning"
    assert "computed" in found.chain[0].message


@pytest.mark.parametrize(
    "body",
    [
        'retire_kind(baggage, "Purse")',
        'rename_kind(baggage, "Purse", "Wallet")\nprepare_exo(baggage, "Wallet", None, {})',
    ],
)
def test_code_that_retires_or_renames_says_enough(
    findings: Callable[..., tuple[Finding, ...]], body: str
) -> None:
    assert findings(body, KindRecord("Purse", "single")) == ()


def test_declarative_fields_are_compared_by_their_annotations(tmp_path: Path) -> None:
    (tmp_path / "bank.py").write_text(
        "from vatdata_runtime import Exo, make_durable_zone\n"
        "class Purse(Exo):\n"
        "    owner: str\n"
        "    balance: str\n"
        "    note: int = 0\n"
        "def build_root_object(vat_powers, vat_parameters, baggage):\n"
        "    zone = make_durable_zone(baggage)\n"
        "    zone.prepare(Purse)\n"
    )
    manifest = Manifest("m", (VatRecord("bank", kinds=(PURSE,)),))
    found = manifest_findings(Project(tmp_path, Config(root=tmp_path)), manifest)
    assert [item.message for item in found] == [
        "'Purse' does not fit what bank has stored: the field 'balance' was M.int() and admits only M.string() now"
    ]


def test_a_vat_is_compared_with_the_entry_that_its_source_names(tmp_path: Path) -> None:
    for name, kind in [("bank", "Purse"), ("mint", "Mint")]:
        (tmp_path / f"{name}.py").write_text(ENTRY + f'    prepare_exo(baggage, "{kind}", None, {{}})\n')
    project = Project(tmp_path, Config(root=tmp_path))
    stored = (KindRecord("Purse", "single"),)
    for source, expected in [("bank.py", []), ("mint.py", ["mint.py"]), ("mint", ["mint.py"]), (None, [])]:
        found = manifest_findings(project, Manifest("m", (VatRecord("v1", source, stored),)))
        assert [item.location.path for item in found] == expected, source
