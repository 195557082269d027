"""Tells which files import a module, as far as their bytes say."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from vatdata_lint.index.candidates import Traits, imports_of
from vatdata_lint.index.files import SourceFile

__all__ = ["Importers", "is_test"]

_TEST_FOLDERS = frozenset({"test", "tests", "testing"})

_MAX_PACKAGES = 3
"""How many packages around each other may hand on what a module offers."""


class Importers:
    """The import statements of all files, read when somebody first asks.

    Args:
        files: the project's files by path.
        names: the dotted name of each file's module, and whether it is a package.
        traits: what is known of the files' bytes already; what is found out here is added to it.
    """

    def __init__(
        self,
        files: Mapping[str, SourceFile],
        names: Mapping[str, tuple[str, bool]],
        traits: dict[str, Traits],
    ) -> None:
        self.traits = traits
        self._files = files
        self._names = names

    def folder(self, path: str) -> str:
        """Give the package in which a file's relative imports begin."""
        name, is_package = self._names[path]
        return name if is_package else name.rpartition(".")[0]

    def imports(self, path: str) -> tuple[str, ...]:
        """Give the dotted names that a file's import statements start with."""
        traits = self.traits.get(path)
        if traits is not None and traits.imports is not None:
            return traits.imports
        found = tuple(dict.fromkeys(imports_of(self._files[path].data, *self._names[path])))
        if traits is not None:
            self.traits[path] = dataclasses.replace(traits, imports=found)
        return found

    def of(self, dotted: str) -> set[str]:
        """Give the files that may import a dotted name; a module counts among its own."""
        return self._table.get(dotted, set())

    def users(self, module: str) -> list[str]:
        """Give the files that may use what a module offers, also through packages that hand it on, but for tests."""
        found: set[str] = set()
        pending = [(module, 0)]
        while pending:
            name, depth = pending.pop()
            package = name.rpartition(".")[0]
            for path in (self.of(name) | self.of(package) if package else self.of(name)) - found:
                found.add(path)
                own, is_package = self._names[path]
                if is_package and depth < _MAX_PACKAGES:
                    pending.append((own, depth + 1))
        return sorted(path for path in found if not is_test(path))

    def digest(self, module: str) -> str:
        """Give a key of all that `users` gives, and of what stands in it."""
        told = "\0".join(f"{path}\0{self._files[path].digest}" for path in self.users(module))
        return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    @functools.cached_property
    def _table(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for path in self._files:
            found.setdefault(self._names[path][0], set()).add(path)
            folder = self.folder(path)
            for target in self.imports(path):
                found.setdefault(target, set()).add(path)
                if folder:
                    found.setdefault(f"{folder}.{target}", set()).add(path)
        return found


def is_test(path: str) -> bool:
    """Say whether a file is a test by its name or its folder's."""
    *folders, name = PurePosixPath(path).parts
    return not _TEST_FOLDERS.isdisjoint(folders) or name.startswith(("test_", "conftest."))
