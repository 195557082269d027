"""What several subcommands do first: settings, project, and text for the terminal."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from vatdata_lint.commands.errors import CannotWorkError
from vatdata_lint.config import Config, find_project
from vatdata_lint.engine import Project
from vatdata_lint.output.style import Style, wants_color

__all__ = [
    "cache_option",
    "config_option",
    "existing",
    "load_config",
    "open_project",
    "output_style",
    "path_argument",
    "tool_version",
]

path_argument = click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
config_option = click.option(
    "--config", "config_path", type=click.Path(path_type=Path), help="Use this configuration file."
)
cache_option = click.option("--no-cache", is_flag=True, help="Neither read nor write the disk cache.")


def tool_version() -> str:
    """Return the version of the installed distribution, ``0`` in a bare checkout."""
    try:
        return version("vatdata")
    except PackageNotFoundError:
        return "0"


def existing(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return absolute paths, the current folder when none is given.

    Raises:
        CannotWorkError: One does not exist, or is a pipe or device.
    """
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise CannotWorkError(f"no such file or folder: {', '.join(missing)}")
    special = [str(path) for path in paths if not path.is_file() and not path.is_dir()]
    if special:
        raise CannotWorkError(f"neither a file nor a folder: {', '.join(special)}")
    return tuple(Path(os.path.abspath(path)) for path in paths or [Path()])


def load_config(config_path: Path | None, paths: Sequence[Path]) -> Config:
    """Return the settings for absolute paths: those of the current folder when it holds all of them.

    Where the current folder belongs to no project, the paths decide: the root is their nearest common folder, or
    the one that their imports start from, so that nothing beside them is walked.

    Raises:
        ConfigError: The configuration cannot be used.
    """
    if config_path is not None:
        return Config.from_file(config_path)
    here = Path.cwd()
    if not paths or (all(path.is_relative_to(here) for path in paths) and find_project(here) is not None):
        return Config.load(here)
    common = Path(os.path.commonpath(paths))
    config = Config.load(common)
    if config.origin is not None or find_project(common) is not None:
        return config
    return Config.load(_import_root(common if common.is_dir() else common.parent, paths, here))


def _import_root(folder: Path, paths: Sequence[Path], top: Path) -> Path:
    """Return the nearest folder, from *folder* up to *top*, that holds every package the files seem to be part of.

    A folder is taken for a package when it has an ``__init__.py`` or when a file imports from a package of its name.

    Cost: reads the named files only where *folder* lies under *top*.
    """
    while (folder / "__init__.py").exists() and folder.parent != folder:
        folder = folder.parent
    if folder == top or not folder.is_relative_to(top):
        return folder
    lower = [ancestor for ancestor in (folder, *folder.parents) if top in ancestor.parents]
    above = {os.fsencode(ancestor.name): ancestor for ancestor in lower}
    names = b"|".join(map(re.escape, above))
    imported = re.compile(rb"^[ \t]*(?:from|import)[ \t]+(" + names + rb")\b", re.MULTILINE)
    for path in paths:
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found = imported.search(file.read_bytes()) if file.is_file() else None
            if found is not None:
                return above[found[1]].parent
    return folder


def open_project(
    config: Config, *, no_cache: bool, overlays: Mapping[str, str] | None = None, jobs: int = 1
) -> Project:
    """Return the project of a configuration, its cache where the configuration puts it."""
    cache = None if no_cache else config.root / config.cache_dir
    return Project(config.root, config, cache_dir=cache, overlays=overlays, jobs=jobs)


def output_style() -> Style:
    """Return the style for standard output."""
    return Style(color=wants_color(sys.stdout))
