"""A manifest is read strictly and written so that it reads back the same."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vatdata_lint.manifest.records as records
from vatdata_lint.manifest import FacetRecord, FieldRecord, KindRecord, Manifest, ManifestError, VatRecord

SCHEMA = json.loads(Path(records.__file__).with_name("kind-manifest.schema.json").read_text(encoding="utf-8"))
PAGE = (Path(__file__).parents[3] / "docs" / "manifest.md").read_text(encoding="utf-8")

names = st.text(min_size=1, max_size=8)
facets = st.builds(FacetRecord, st.none() | names, st.none() | st.lists(names, max_size=3).map(tuple))
fields = st.builds(FieldRecord, names, st.none() | names)
kinds = st.builds(
    KindRecord,
    names,
    st.sampled_from(["single", "kit", "unknown"]),
    st.none() | st.integers(1, 9),
    st.none() | st.lists(facets, max_size=3).map(tuple),
    st.none() | st.lists(fields, max_size=3).map(tuple),
)
vats = st.builds(
    VatRecord,
    names,
    st.none() | names,
    st.lists(kinds, max_size=3, unique_by=lambda kind: kind.name).map(
        lambda found: tuple(sorted(found, key=lambda k: k.name))
    ),
    st.lists(names, max_size=2, unique=True).map(lambda found: tuple(sorted(found))),
    st.dictionaries(names, names, max_size=2).map(lambda found: tuple(sorted(found.items()))),
)
manifests = st.lists(vats, max_size=3, unique_by=lambda vat: vat.name).map(
    lambda found: Manifest("m", tuple(sorted(found, key=lambda vat: vat.name)))
)


@given(manifests)
def test_what_is_written_reads_back_the_same_and_follows_the_schema(manifest: Manifest) -> None:
    text = manifest.to_text()
    assert Manifest.parse(text, "m") == manifest
    jsonschema.validate(json.loads(text), SCHEMA)


def test_the_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_example_of_the_page_follows_the_schema() -> None:
    example = PAGE.split("```json\n")[1].split("```")[0]
    jsonschema.validate(json.loads(example), SCHEMA)
    assert Manifest.parse(example, "page").vats[0].renamed == (("Account", "Purse"),)


def test_members_that_this_release_does_not_know_are_passed_over() -> None:
    text = Manifest("m", (VatRecord("bank", kinds=(KindRecord("Purse", "single"),)),)).to_text()
    document = json.loads(text)
    document["later"] = document["vats"][0]["later"] = document["vats"][0]["kinds"][0]["later"] = 1
    jsonschema.validate(document, SCHEMA)
    assert Manifest.parse(json.dumps(document), "m") == Manifest.parse(text, "m")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": "other"}, "is not a kind manifest"),
        ({"version": 2}, "has version 2, this release reads 1"),
        ({"vats": [{"name": 1, "kinds": []}]}, "expected a string, found 1"),
        (
            {"vats": [{"name": "a", "kinds": [{"name": "K", "form": "pair"}]}]},
            "form is 'single', 'kit' or 'unknown'",
        ),
        (
            {"vats": [{"name": "a", "kinds": [{"name": "K", "form": "kit", "version": "1"}]}]},
            "version is a number",
        ),
        ({"vats": [{"name": "a"}]}, "missing 'kinds'"),
        ({"vats": [{"name": "a", "kinds": [], "renamed": ["x"]}]}, "does not follow the schema"),
    ],
)
def test_what_does_not_follow_the_schema_is_refused_with_the_reason(
    change: dict[str, object], says: str
) -> None:
    document = {"format": "vatdata-kind-manifest", "version": 1, "vats": [], **change}
    with pytest.raises(ManifestError) as caught:
        Manifest.parse(json.dumps(document), "m.json")
    assert says in str(caught.value)
    assert str(caught.value).startswith("m.json: ")
