"""Settings are read from the nearest file, and what is wrong with them is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from vatdata_lint.config import Config, ConfigError


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_pyproject_table_governs_the_folders_below_it(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[tool.vatdata-lint]\nselect = ["VD1"]\nawait-policy = "strict"\n')
    (tmp_path / "src" / "deep").mkdir(parents=True)
    config = Config.load(tmp_path / "src" / "deep")
    assert config.root == tmp_path.resolve()
    assert config.select == ("VD1",)
    assert config.await_policy == "strict"


def test_own_file_wins_over_pyproject_in_the_same_folder(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[tool.vatdata-lint]\nignore = ["VD101"]\n')
    write(tmp_path / "vatdata-lint.toml", 'ignore = ["VD102"]\n')
    assert Config.load(tmp_path).ignore == ("VD102",)


def test_pyproject_without_the_table_only_marks_the_root(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[project]\nname = "x"\n')
    (tmp_path / "pkg").mkdir()
    config = Config.load(tmp_path / "pkg")
    assert config.root == tmp_path.resolve()
    assert config.origin is None


def test_a_broken_pyproject_of_others_is_not_our_business(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool.other\n")
    assert Config.load(tmp_path).origin is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('selct = ["VD1"]', "unknown key 'selct'; did you mean 'select'?"),
        ('per_file_ignores = {"a" = ["VD101"]}', "did you mean 'per-file-ignores'?"),
        ("zzzzqqqq = 1", "known keys: await-policy, baseline"),
        ('select = "VD1"', "'select': expected a list of strings, found 'VD1'"),
        ("select = [1]", "expected a list of strings, found [1]"),
        ('definers = {"pkg.fn" = "yes"}', "'definers': expected true or false, found 'yes'"),
        ('await-policy = "lax"', "expected 'provable' or 'strict', found 'lax'"),
        ('per-file-ignores = ["VD101"]', "expected a table, found ['VD101']"),
        ("select = [", "is not valid TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_the_way_out(tmp_path: Path, text: str, says: str) -> None:
    path = write(tmp_path / "vatdata-lint.toml", text)
    with pytest.raises(ConfigError) as caught:
        Config.load(tmp_path)
    assert str(caught.value).startswith(str(path))
    assert says in str(caught.value)


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "vatdata-lint.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        Config.load(tmp_path)


def test_digest_changes_with_what_changes_findings_and_with_nothing_else(tmp_path: Path) -> None:
    base = Config.from_mapping({}, root=tmp_path)
    assert base.digest() == Config.from_mapping({"baseline": "b.json"}, root=tmp_path / "other").digest()
    for settings in ({"select": ["VD1"]}, {"definers": {"a.b": True}}, {"await-policy": "strict"}):
        assert Config.from_mapping(settings).digest() != base.digest()
