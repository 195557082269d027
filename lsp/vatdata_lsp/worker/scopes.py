"""The scopes of a workspace: one for each folder, and one for each root of open files outside of all folders."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from vatdata_lint import Config, ConfigError
from vatdata_lsp.worker.messages import Folder
from vatdata_lsp.worker.scope import Scope

__all__ = ["Scopes"]


class Scopes:
    """Keeps scopes as long as their folders are wanted with the same settings."""

    def __init__(self) -> None:
        self._by_folder: dict[str, Scope] = {}

    def __iter__(self) -> Iterator[Scope]:
        return iter(self._by_folder.values())

    def of(self, path: str) -> Scope | None:
        """Return the scope that reports a file: that of the innermost folder around it."""
        around = [key for key in self._by_folder if Path(path).is_relative_to(key)]
        return self._by_folder[max(around, key=len)] if around else None

    def wanted(
        self, folders: tuple[Folder, ...], open_paths: Iterable[str], problems: list[str]
    ) -> Iterator[Scope]:
        """Make or keep the scopes of a workspace; forget all others.

        Args:
            folders: The workspace.
            open_paths: Open files; those outside of all folders are checked with what lies around them.
            problems: What keeps a folder from being checked is added here.
        """
        wanted = {folder.path: (folder, False) for folder in folders}
        for path in open_paths:
            if not any(Path(path).is_relative_to(folder.path) for folder in folders):
                root = _loose_root(str(Path(path).parent))
                wanted.setdefault(root, (Folder(root), True))
        self._forget(self._by_folder.keys() - wanted.keys())
        for key, (folder, loose) in wanted.items():
            known = self._by_folder.get(key)
            if known is None or known.folder != folder:
                self._forget([key])
                try:
                    self._by_folder[key] = Scope(folder, loose=loose)
                except ConfigError as error:
                    problems.append(str(error))
                    continue
            yield self._by_folder[key]

    def clear(self) -> None:
        """Forget all that was understood."""
        self._forget([*self._by_folder])

    def _forget(self, keys: Collection[str]) -> None:
        for key in keys:
            scope = self._by_folder.pop(key, None)
            if scope is not None:
                scope.close()


def _loose_root(parent: str) -> str:
    """Return the folder that files outside the workspace share, the parent where settings are unusable."""
    try:
        root = Config.load(Path(parent)).root
    except ConfigError:
        return parent
    return str(root) if Path(parent).is_relative_to(root) else parent
