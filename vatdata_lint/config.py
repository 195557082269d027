"""Settings of a project, read from ``[tool.vatdata-lint]`` in pyproject.toml or from vatdata-lint.toml."""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

__all__ = ["CONFIG_FILE", "Config", "ConfigError", "find_config_file", "find_project"]

CONFIG_FILE = "vatdata-lint.toml"
PYPROJECT = "pyproject.toml"
TABLE = "vatdata-lint"

DEFAULT_EXCLUDE = (
    ".bzr",
    ".eggs",
    ".git",
    ".hg",
    ".mypy_cache",
    ".nox",
    ".pytest_cache",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".vatdata-lint-cache",
    ".venv",
    "__pycache__",
    "__pypackages__",
    "node_modules",
    "site-packages",
    "venv",
)


class ConfigError(Exception):
    """The configuration cannot be used: unreadable, not TOML, an unknown key or a value of the wrong type.

    Attributes:
        origin: The file, or a word for where the settings came from.
        problem: What is wrong and what to do.
    """

    def __init__(self, origin: str, problem: str) -> None:
        super().__init__(origin, problem)
        self.origin = origin
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.origin}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Config:
    """Settings that change what is found. Keys in files are the field names with hyphens.

    Attributes:
        root: Folder that paths are relative to; the one that holds the configuration file.
        origin: That file, None when the defaults are in force.
        select: Codes, code prefixes, rule names or ``ALL``; empty for the rules that are on by default.
        extend_select: The same, added to what is on.
        ignore: The same, taken away; the longer prefix wins over the shorter one.
        per_file_ignores: Glob on the relative path to codes that are not reported there.
        exclude: Names or globs of files and folders that are not walked into.
        extend_exclude: The same, added to `exclude`.
        respect_gitignore: Whether the walk leaves out what git ignores.
        source_roots: Folders that modules are imported from, relative to `root`.
        entry_points: ``package.module:function``, run in a vat's first crank besides those found by name.
        definers: Dotted name to whether it defines kinds, for what cannot be followed in the source.
        prompt_awaitables: Dotted names whose awaited call never leaves the crank.
        await_policy: ``"provable"``: an await that provably stays inside is free; ``"strict"``: none is.
        check_syntax: Which files without vat code are parsed, only to see that they can be: ``"auto"``: all in a
            project of up to eight megabytes, none in a larger one; ``"always"``; ``"never"``.
        manifest: Kind manifest to compare with, relative to `root`; ``kinds.lock`` is used when it is there.
        baseline: File of accepted findings, relative to `root`.
        cache_dir: Folder of the disk cache, relative to `root`.
    """

    root: Path = field(default_factory=Path)
    origin: Path | None = None
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    respect_gitignore: bool = True
    source_roots: tuple[str, ...] = (".", "src")
    entry_points: tuple[str, ...] = ()
    definers: Mapping[str, bool] = field(default_factory=dict[str, bool])
    prompt_awaitables: tuple[str, ...] = ()
    await_policy: Literal["provable", "strict"] = "provable"
    check_syntax: Literal["auto", "always", "never"] = "auto"
    manifest: str | None = None
    baseline: str | None = None
    cache_dir: str = ".vatdata-lint-cache"

    @classmethod
    def load(cls, start: Path) -> Config:
        """Read the settings that govern a file or folder.

        The nearest folder upwards with a ``vatdata-lint.toml``, or a ``pyproject.toml`` that has the table,
        decides. Without one the defaults hold; the root is then the nearest folder with ``pyproject.toml`` or
        ``.git``, else the folder of *start*.

        Raises:
            ConfigError: The file that decides cannot be used.
        """
        folder = start.resolve()
        if not folder.is_dir():
            folder = folder.parent
        found = find_config_file(folder)
        if found is not None:
            return cls.from_file(found)
        return cls(root=find_project(folder) or folder)

    @classmethod
    def from_file(cls, path: Path) -> Config:
        """Read one configuration file; a ``pyproject.toml`` without the table gives the defaults.

        Raises:
            ConfigError: It cannot be read, is not TOML, or holds an unknown key or a wrong value.
        """
        table = _read_table(path)
        return cls.from_mapping(table or {}, root=path.resolve().parent, origin=path)

    @classmethod
    def from_mapping(
        cls, settings: Mapping[str, object], *, root: Path | None = None, origin: Path | None = None
    ) -> Config:
        """Check settings keyed as in the file and return them as a Config.

        Raises:
            ConfigError: An unknown key (the nearest known one is named) or a value of the wrong type.
        """
        where = str(origin) if origin is not None else "configuration"
        values: dict[str, Any] = {}
        for key, value in settings.items():
            reader = _READERS.get(key)
            if reader is None:
                raise ConfigError(where, _unknown_key(key))
            try:
                values[key.replace("-", "_")] = reader(value)
            except (TypeError, ValueError) as error:
                raise ConfigError(where, f"{key!r}: {error}") from None
        return cls(root=root if root is not None else Path(), origin=origin, **values)

    def with_options(self, **changes: Any) -> Config:
        """Return a copy with fields replaced, as a command line does."""
        return dataclasses.replace(self, **changes)

    def digest(self) -> str:
        """Return a key that is equal for settings that give equal findings wherever the root lies."""
        fields = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        for name in ("root", "origin", "baseline", "cache_dir"):
            del fields[name]
        text = json.dumps(fields, sort_keys=True, default=dict)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def find_project(folder: Path) -> Path | None:
    """Return the nearest folder upwards that looks like a project's own: it has settings or ``.git``."""
    for candidate in (folder, *folder.parents):
        if any((candidate / name).exists() for name in (PYPROJECT, CONFIG_FILE, ".git")):
            return candidate
    return None


def find_config_file(folder: Path) -> Path | None:
    """Return the nearest configuration file at or above a folder.

    Raises:
        ConfigError: A ``pyproject.toml`` on the way cannot be read.
    """
    for candidate in (folder, *folder.parents):
        own = candidate / CONFIG_FILE
        if own.is_file():
            return own
        shared = candidate / PYPROJECT
        if shared.is_file() and _read_table(shared) is not None:
            return shared
    return None


def _read_table(path: Path) -> Mapping[str, object] | None:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), f"is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    if path.name == PYPROJECT and TABLE not in text:
        return None  # not our file: whether it is valid TOML is for others to say
    try:
        content: Mapping[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), f"is not valid TOML: {error}") from None
    if path.name != PYPROJECT:
        return content
    tool = content.get("tool", {})
    if not isinstance(tool, dict):
        raise ConfigError(str(path), "'tool' must be a table")
    table = cast("dict[str, object]", tool).get(TABLE)
    if table is not None and not isinstance(table, dict):
        raise ConfigError(str(path), f"'tool.{TABLE}' must be a table")
    return cast("dict[str, object] | None", table)


def _unknown_key(key: str) -> str:
    nearest = difflib.get_close_matches(key.replace("_", "-"), _READERS, n=1, cutoff=0.5)
    advice = f"did you mean {nearest[0]!r}?" if nearest else f"known keys: {', '.join(sorted(_READERS))}"
    return f"unknown key {key!r}; {advice}"


def _strings(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(
        isinstance(item, str) for item in cast("list[object]", value)
    ):
        raise TypeError(f"expected a list of strings, found {value!r}")
    return tuple(cast("list[str]", value))


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a string, found {value!r}")
    return value


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"expected true or false, found {value!r}")
    return value


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"expected a table, found {value!r}")
    return cast("dict[str, object]", value)


def _codes_by_glob(value: object) -> dict[str, tuple[str, ...]]:
    return {glob: _strings(codes) for glob, codes in _table(value).items()}


def _flags_by_name(value: object) -> dict[str, bool]:
    return {name: _boolean(flag) for name, flag in _table(value).items()}


def _one_of(*words: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            expected = f"{', '.join(map(repr, words[:-1]))} or {words[-1]!r}"
            raise ValueError(f"expected {expected}, found {value!r}")
        return value

    return read


_READERS: Mapping[str, Callable[[object], object]] = {
    "select": _strings,
    "extend-select": _strings,
    "ignore": _strings,
    "per-file-ignores": _codes_by_glob,
    "exclude": _strings,
    "extend-exclude": _strings,
    "respect-gitignore": _boolean,
    "source-roots": _strings,
    "entry-points": _strings,
    "definers": _flags_by_name,
    "prompt-awaitables": _strings,
    "await-policy": _one_of("provable", "strict"),
    "check-syntax": _one_of("auto", "always", "never"),
    "manifest": _string,
    "baseline": _string,
    "cache-dir": _string,
}
