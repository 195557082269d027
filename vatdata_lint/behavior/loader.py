"""Module views from files, for tools that look at a project without checking it."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from vatdata_lint.behavior.module_view import ModuleView
from vatdata_lint.facts.parse import NotUnderstoodError, parse_source, with_deep_stack

__all__ = ["ViewLoader"]


class ViewLoader:
    """Reads modules by path or dotted name, each once."""

    def __init__(
        self, root: Path, source_roots: Sequence[str], overlays: Mapping[str, str] | None = None
    ) -> None:
        self._root = root
        self._source_roots = [PurePosixPath(item) for item in source_roots]
        self._overlays = dict(overlays or {})
        self._views: dict[str, ModuleView | None] = {}

    def by_path(self, path: str) -> ModuleView | None:
        """Return the module of a path relative to the root, None when it cannot be read or parsed."""
        if path not in self._views:
            self._views[path] = None  # an import cycle must find something
            self._views[path] = self._load(path)
        return self._views[path]

    def mentions(self, path: str, words: Sequence[bytes]) -> bool:
        """Say whether one of some words stands in a file, without parsing it."""
        try:
            data = (
                self._overlays[path].encode("utf-8", "surrogatepass")
                if path in self._overlays
                else (self._root / path).read_bytes()
            )
        except OSError:
            return False
        return any(word in data for word in words)

    def by_name(self, dotted: str) -> ModuleView | None:
        """Return the module of a dotted name, looked up in the source roots, None when the project has none."""
        for source_root in self._source_roots:
            stem = source_root.joinpath(*dotted.split("."))
            for candidate in (f"{stem}.py", str(stem / "__init__.py")):
                if candidate in self._overlays or (self._root / candidate).is_file():
                    return self.by_path(candidate)
        return None

    def _load(self, path: str) -> ModuleView | None:
        try:
            source = self._overlays[path] if path in self._overlays else (self._root / path).read_bytes()
            tree, text = with_deep_stack(functools.partial(parse_source, source))
        except (OSError, NotUnderstoodError):
            return None  # the check itself reports it
        plain = PurePosixPath(path)
        is_package = plain.name == "__init__.py"
        inside = [plain.relative_to(item) for item in self._source_roots if plain.is_relative_to(item)]
        shortest = min(inside, key=lambda item: len(item.parts), default=plain)
        parts = shortest.parent.parts if is_package else shortest.with_suffix("").parts
        return ModuleView(path, ".".join(parts), is_package, text, tree, self.by_name)
