"""Which rules are on, and where."""

from __future__ import annotations

import pytest

from vatdata_lint.config import Config, ConfigError
from vatdata_lint.rules import all_rules
from vatdata_lint.selection import is_selected, selected_codes


def selected(**settings: object) -> frozenset[str]:
    return selected_codes(
        Config.from_mapping({key.replace("_", "-"): value for key, value in settings.items()})
    )


def test_without_settings_the_rules_that_are_on_by_default_run() -> None:
    assert selected() == {rule.CODE for rule in all_rules() if rule.DEFAULT_ON}


def test_select_replaces_and_extend_select_adds() -> None:
    assert selected(select=["VD201"], extend_select=["suppression-without-reason"]) == {"VD201", "VD902"}


def test_the_more_specific_word_wins() -> None:
    assert "VD201" not in selected(ignore=["VD2"])
    assert "VD201" in selected(select=["VD201"], ignore=["VD2"])
    assert "VD201" not in selected(select=["VD2"], ignore=["VD201"])
    assert selected(select=["ALL"], ignore=["VD9"]) == {
        r.CODE for r in all_rules() if not r.CODE.startswith("VD9")
    }


def test_an_unknown_selector_names_the_nearest_rule() -> None:
    with pytest.raises(ConfigError, match="no rule is called 'async-inti'; did you mean async-init"):
        selected(select=["async-inti"])


@pytest.mark.parametrize(
    ("glob", "path", "ignored"),
    [
        ("tests/**", "tests/lint/test_x.py", True),
        ("tests", "tests/lint/test_x.py", True),
        ("conftest.py", "a/b/conftest.py", True),
        ("*_demo.py", "pkg/bank_demo.py", True),
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/pkg/a.py", False),
        ("**/generated/*.py", "x/generated/a.py", True),
        ("**/generated/*.py", "generated/a.py", True),
        ("tests/**", "pkg/tests.py", False),
    ],
)
def test_per_file_ignores_match_like_gitignore(glob: str, path: str, ignored: bool) -> None:
    config = Config.from_mapping({"per-file-ignores": {glob: ["VD2"]}})
    assert is_selected("VD201", path, config) != ignored
    assert is_selected("VD301", path, config)
