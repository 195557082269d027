"""The project's source files: which there are, what they are called when imported, and what they hold."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from vatdata_lint.config import Config
from vatdata_lint.index.gitignore import IgnoreRules

__all__ = ["SourceFile", "content_hash", "module_name", "project_files", "walk"]

SUFFIXES = (".py", ".pyi")


@dataclass(slots=True)
class SourceFile:
    """One file: its path as in findings, its bytes, or why they cannot be read."""

    path: str
    data: bytes
    digest: str
    problem: str | None = None


def content_hash(data: bytes) -> str:
    """Give the key of a file's content."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def walk(root: Path, config: Config) -> Iterator[str]:
    """Yield the paths of the source files under *root*, relative with forward slashes, in order.

    Links to folders are not followed: they would show one file twice, or never end.
    """
    excluded = {*config.exclude, *config.extend_exclude}
    globs = [name for name in excluded if any(letter in name for letter in "*?[/")]
    pending: list[tuple[str, IgnoreRules | None]] = [("", None)]
    while pending:
        folder, above = pending.pop()
        here = root / folder if folder else root
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError:
            continue  # a folder that cannot be opened holds nothing that could be checked
        rules = above
        if config.respect_gitignore and any(entry.name == ".gitignore" for entry in entries):
            rules = IgnoreRules(here, folder, above)
        folders: list[tuple[str, IgnoreRules | None]] = []
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.name in excluded or (globs and _matches_any(path, globs)):
                continue
            if entry.is_dir(follow_symlinks=False):
                if rules is None or not rules.ignores(path, is_folder=True):
                    folders.append((path, rules))
            elif entry.name.endswith(SUFFIXES) and (
                rules is None or not rules.ignores(path, is_folder=False)
            ):
                yield path
        pending.extend(reversed(folders))


def _matches_any(path: str, globs: list[str]) -> bool:
    pure = PurePosixPath(path)
    return any(pure.match(glob.rstrip("/")) for glob in globs)


def read_file(root: Path, path: str, overlays: Mapping[str, str]) -> SourceFile:
    """Read one file, an unsaved text in place of what is on the disk."""
    overlay = overlays.get(path)
    if overlay is not None:
        data = overlay.encode("utf-8", "surrogatepass")
        return SourceFile(path, data, content_hash(data))
    try:
        with open(root / path, "rb") as file:
            data = file.read()
    except OSError as error:
        return SourceFile(path, b"", "unreadable", f"it cannot be read: {error.strerror or error}")
    return SourceFile(path, data, content_hash(data))


def project_files(root: Path, config: Config, overlays: Mapping[str, str]) -> dict[str, SourceFile]:
    """Read every source file of the project, in order of path."""
    paths = sorted({*walk(root, config), *(path for path in overlays if path.endswith(SUFFIXES))})
    return {path: read_file(root, path, overlays) for path in paths}


def module_name(path: str, source_roots: tuple[str, ...]) -> tuple[str, bool]:
    """Give the dotted name under which a file is imported, and whether it is a package.

    The longest source root that holds the file is left out of the name.
    """
    best = ""
    for root in source_roots:
        prefix = "" if root in (".", "") else root.strip("/") + "/"
        if path.startswith(prefix) and len(prefix) > len(best):
            best = prefix
    parts = list(PurePosixPath(path[len(best) :]).with_suffix("").parts)
    is_package = bool(parts) and parts[-1] == "__init__"
    if is_package:
        parts = parts[:-1]
    return ".".join(parts), is_package
