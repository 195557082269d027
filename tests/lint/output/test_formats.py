"""Each format says everything, and says it as its readers expect it."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import pytest

from tests.lint.output.sample import sample_run
from vatdata_lint.output import FORMATS, Run, render
from vatdata_lint.rules import all_rules

SARIF_SCHEMA = Path(__file__).with_name("sarif-2.1.0-rtm.5.json")


def text_of(name: str, run: Run) -> str:
    return "".join(render(name, run))


def test_full_shows_the_line_with_a_caret_the_chain_and_the_help() -> None:
    text = text_of("full", sample_run((sample_run().findings[0],)))
    assert text == (
        "my vats/bank.py:3:9: error VD103 prepare-after-await: 'Purse <&>' is prepared after the await on line 2, "
        "which may end the first crank\n"
        "  |\n"
        '3 |     😋 = prepare_exo(baggage, "Purse <&>", None, {})\n'
        "  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  = how it comes to that:\n"
        "    1. my vats/bank.py:1  build_root_object starts\n"
        "    2. my vats/bank.py:2  this may suspend: 100% of it, a:b,c\n"
        "  = help: move the prepare above line 2\n"
        "\n"
        "Found 1 finding (1 error) in 1 file; looked at 3 files, in a project with 1 entry point.\n"
        "1 fixable with --fix.\n"
        "Why that matters: vatdata-lint explain VD103\n"
    )


def test_full_keeps_a_generated_line_of_any_length_readable() -> None:
    from vatdata_lint.finding import Finding, Location
    from vatdata_lint.source import SourceLines

    source = "x = 1; " * 50_000 + "prepare_exo(baggage)"
    finding = Finding("VD103", "n", "m", "h", Location("a.py", 1, 350_000, 1, 350_020))
    run = sample_run((finding,))
    run = Run((finding,), run.report, SourceLines(Path("/nowhere"), {"a.py": source}))
    lines = text_of("full", run).split("\n")
    assert max(map(len, lines)) < 200
    assert lines[3].index("^") == lines[2].index("prepare_exo")


def test_full_is_plain_without_colour_and_the_same_text_with_it() -> None:
    colored = text_of("full", sample_run(color=True))
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == text_of("full", sample_run())


def test_full_never_sends_a_control_character_of_the_source_to_the_terminal() -> None:
    from vatdata_lint.finding import Finding, Location
    from vatdata_lint.source import SourceLines

    finding = Finding("VD103", "n", "m", "", Location("a.py", 1, 4, 1, 8))
    run = Run((finding,), sample_run().report, SourceLines(Path("/nowhere"), {"a.py": "x = '\x1b[31m'"}))
    assert "\x1b" not in text_of("full", run)


def test_a_clean_run_says_what_was_looked_at() -> None:
    assert (
        text_of("full", sample_run(()))
        == "No findings; looked at 3 files, in a project with 1 entry point.\n"
    )
    assert text_of("concise", sample_run((), quiet=True)) == ""


def test_statistics_count_by_rule_and_name_what_was_not_followed() -> None:
    text = text_of("concise", sample_run(statistics=True))
    assert "     1  VD103  prepare-after-await" in text
    assert "calls that could not be followed" in text
    assert "my vats/bank.py:2  ready() was not found" in text


def test_concise_is_one_line_a_finding() -> None:
    lines = text_of("concise", sample_run(quiet=True)).splitlines()
    assert lines[0].startswith("my vats/bank.py:3:9: VD103 'Purse <&>' is prepared after")
    assert len(lines) == 2


def test_people_are_shown_paths_from_where_they_stand() -> None:
    assert text_of("concise", sample_run(prefix="../app", quiet=True)).startswith(
        "../app/my vats/bank.py:3:9: "
    )


def test_json_holds_every_field_and_counts_from_one() -> None:
    document = json.loads(text_of("json", sample_run(accepted=2)))
    first = document["findings"][0]
    assert document["version"] == 1
    assert (first["path"], first["line"], first["column"]) == ("my vats/bank.py", 3, 9)
    assert (first["category"], first["kind"], first["entry"]) == (
        "LATE",
        "Purse <&>",
        "bank:build_root_object",
    )
    assert [step["line"] for step in first["chain"]] == [1, 2]
    assert first["fixes"][0]["edits"][0]["text"] == "pass"
    assert document["summary"]["accepted_by_baseline"] == 2


def test_jsonl_is_one_object_a_line_equal_to_those_of_json() -> None:
    lines = text_of("jsonl", sample_run()).splitlines()
    assert [json.loads(line) for line in lines] == json.loads(text_of("json", sample_run()))["findings"]


@pytest.mark.parametrize("findings", [True, False])
def test_sarif_is_valid_against_its_schema(findings: bool) -> None:
    schema = json.loads(SARIF_SCHEMA.read_text(encoding="utf-8"))
    log = json.loads(text_of("sarif", sample_run() if findings else sample_run(())))
    jsonschema.Draft7Validator(schema).validate(log)


def test_sarif_tells_the_chain_as_code_flow_and_lists_all_rules() -> None:
    (run,) = json.loads(text_of("sarif", sample_run()))["runs"]
    result = run["results"][0]
    flow = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["physicalLocation"]["region"]["startLine"] for step in flow] == [1, 2]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [rule.CODE for rule in all_rules()]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "VD103"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "my%20vats/bank.py",
        "uriBaseId": "%SRCROOT%",
    }
    assert run["columnKind"] == "unicodeCodePoints"


def test_github_escapes_what_its_commands_give_a_meaning() -> None:
    first, second = text_of("github", sample_run()).splitlines()
    head, _, message = first.removeprefix("::").partition("::")
    assert head == (
        "error file=my vats/bank.py,line=3,endLine=3,title=VD103 prepare-after-await,col=9,endColumn=53"
    )
    assert "%0Amy vats/bank.py:2: this may suspend: 100%25 of it" in message
    assert second.startswith("::warning ")


def test_gitlab_issues_have_the_required_fields_and_distinct_fingerprints() -> None:
    first = sample_run().findings[0]
    issues = json.loads(text_of("gitlab", sample_run((first, first))))
    assert all(
        {"description", "check_name", "fingerprint", "severity", "location"} <= issue.keys()
        for issue in issues
    )
    assert len({issue["fingerprint"] for issue in issues}) == 2
    assert issues[0]["location"] == {"path": "my vats/bank.py", "lines": {"begin": 3, "end": 3}}
    assert issues[0]["severity"] in {"info", "minor", "major", "critical", "blocker"}


def test_junit_is_xml_with_a_failed_case_for_each_finding() -> None:
    root = ET.fromstring(text_of("junit", sample_run()))
    assert root.attrib["failures"] == "2"
    failures = root.findall("testsuite/testcase/failure")
    assert failures[0].attrib["message"].startswith("'Purse <&>' is prepared")
    assert failures[1].attrib["message"] == "hides nothing�"


def test_junit_without_findings_has_one_passed_case() -> None:
    root = ET.fromstring(text_of("junit", sample_run(())))
    assert root.attrib == {"name": "vatdata-lint", "tests": "1", "failures": "0", "errors": "0"}
    assert root.find("testsuite/testcase") is not None


def test_rdjson_counts_columns_in_utf8_bytes() -> None:
    first, second = json.loads(text_of("rdjson", sample_run()))["diagnostics"]
    start = first["location"]["range"]["start"]
    assert start == {"line": 3, "column": len("    😋 = ".encode()) + 1}
    assert first["severity"] == "ERROR"
    assert first["suggestions"][0]["text"] == "pass"
    assert [item["location"]["range"]["start"]["line"] for item in first["relatedLocations"]] == [1, 2]
    assert second["severity"] == "WARNING"


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_deterministic(name: str) -> None:
    assert text_of(name, sample_run()) == text_of(name, sample_run())
