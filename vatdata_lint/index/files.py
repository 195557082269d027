"""The project's source files: which there are, what they are called when imported, and what they hold."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from vatdata_lint.config import Config
from vatdata_lint.facts.parse import MAX_BYTES
from vatdata_lint.index.gitignore import IgnoreRules

__all__ = ["SUFFIXES", "SourceFile", "content_hash", "module_name", "project_files", "read_file", "walk"]

SUFFIXES = (".py", ".pyi")

# Without O_NONBLOCK, opening a named pipe would wait for somebody to write to it.
_OPEN_FLAGS = (
    os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)
_LOCK_PREFIX = ".#"
"""Of the links to nowhere by which Emacs says who edits a file."""


@dataclass(slots=True)
class SourceFile:
    """One file: its path as in findings, its bytes, or why they cannot be read.

    ``digest`` is the key of the bytes on the disk. ``data`` has the line ends that the patterns and tables
    count by: where a lone carriage return ends a line, every end is made a line feed, which moves no position.
    """

    path: str
    data: bytes
    digest: str
    problem: str | None = None


def content_hash(data: bytes) -> str:
    """Give the key of a file's content."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def walk(root: Path, config: Config) -> Iterator[str]:
    """Yield the paths of the source files under *root*, relative with forward slashes, in order.

    Links to folders are not followed: they would show one file twice, or never end. A pipe, socket or device
    is no source file, whatever its name. A link that leads nowhere is yielded, and so is a folder that cannot
    be opened: reading them gives the reason.
    """
    excluded = {*config.exclude, *config.extend_exclude}
    globs = [name for name in excluded if any(letter in name for letter in "*?[/")]
    pending: list[tuple[str, IgnoreRules | None]] = [("", None)]
    while pending:
        folder, above = pending.pop()
        here = root / folder if folder else root
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except FileNotFoundError:
            continue  # it went while the walk was on its way
        except OSError:
            if folder:
                yield folder
            continue
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
                if _is_source(entry):
                    yield path
        pending.extend(reversed(folders))


def _matches_any(path: str, globs: list[str]) -> bool:
    pure = PurePosixPath(path)
    return any(pure.match(glob.rstrip("/")) for glob in globs)


def _is_source(entry: os.DirEntry[str]) -> bool:
    try:
        if entry.is_file():
            return True
    except OSError:
        return True  # a link in a circle
    dangling = entry.is_symlink() and not os.path.exists(entry.path)
    return dangling and not entry.name.startswith(_LOCK_PREFIX)


def read_file(root: Path, path: str, overlays: Mapping[str, str]) -> SourceFile:
    """Read one file, an unsaved text in place of what is on the disk; never waits and never raises.

    Only regular files are read, and none that is larger than what is parsed.
    """
    overlay = overlays.get(path)
    if overlay is not None:
        return _source(path, overlay.encode("utf-8", "surrogatepass"))
    try:
        descriptor = os.open(root / path, _OPEN_FLAGS)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return _unreadable(path, "it is no regular file")
            if status.st_size > MAX_BYTES:
                return _unreadable(path, _too_large(status.st_size))
            data = _read_all(descriptor, status.st_size)
        finally:
            os.close(descriptor)
    except OSError as error:
        return _unreadable(path, f"it cannot be read: {error.strerror or error}")
    return _source(path, data)


def _read_all(descriptor: int, size: int) -> bytes:
    chunks: list[bytes] = []
    while sum(map(len, chunks)) <= MAX_BYTES and (chunk := os.read(descriptor, size + 1)):
        chunks.append(chunk)  # the first is the whole file, unless it grows meanwhile
    return b"".join(chunks)


def _source(path: str, data: bytes) -> SourceFile:
    if len(data) > MAX_BYTES:
        return _unreadable(path, _too_large(len(data)))
    digest = content_hash(data)
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return SourceFile(path, data, digest)


def _too_large(size: int) -> str:
    return f"it has {size:,} bytes, more than the {MAX_BYTES:,} that are looked at"


def _unreadable(path: str, reason: str) -> SourceFile:
    # The reason is part of the key: a finding that is kept must not outlive it.
    return SourceFile(path, b"", f"unreadable: {reason}", reason)


def project_files(
    root: Path, config: Config, overlays: Mapping[str, str], *, includes_excluded: bool = True
) -> dict[str, SourceFile]:
    """Read every source file of the project, in order of path.

    A file that is deleted between being listed and being read is left out, as if it had gone before.

    Args:
        root: the project's folder.
        config: says what is excluded.
        overlays: texts by path; they belong to the project also where there is no such file.
        includes_excluded: whether an overlay also counts for a file that is there and is excluded.
    """
    paths = {*walk(root, config)}
    for path in overlays:
        if path.endswith(SUFFIXES) and (includes_excluded or not os.path.lexists(root / path)):
            paths.add(path)
    files: dict[str, SourceFile] = {}
    for path in sorted(paths):
        file = read_file(root, path, overlays)
        if file.problem is None or path in overlays or os.path.lexists(root / path):
            files[path] = file
    return files


def module_name(path: str, source_roots: tuple[str, ...]) -> tuple[str, bool]:
    """Give the dotted name under which a file is imported, and whether it is a package.

    The longest source root that holds the file is left out of the name.
    """
    best = ""
    for root in source_roots:
        prefix = "" if root in (".", "") else root.strip("/") + "/"
        if path.startswith(prefix) and len(prefix) > len(best):
            best = prefix
    # Without pathlib, which takes six times as long, for each of thousands of files in each run.
    folder, _, name = path[len(best) :].rpartition("/")
    stem = name.rpartition(".")[0] or name
    package = folder.replace("/", ".")
    if stem == "__init__":
        return package, True
    return f"{package}.{stem}" if package else stem, False
