"""Paths as the client spells them, and as findings have them: relative to the root of a project."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from vatdata_lint import Finding, Location, Step

__all__ = ["Spelling"]


class Spelling:
    """Converts paths of one folder.

    Args:
        folder: As the client spells it; links in it are kept.
        root: What paths in findings are relative to, links resolved; around the folder, or below it.
    """

    def __init__(self, folder: str, root: Path) -> None:
        self._seen = Path(folder)
        self._real = self._seen.resolve()
        self._root = root

    def inside(self, path: str) -> str | None:
        """Return a client's path as findings have it, None for a file that is not under the root."""
        pure = Path(path)
        if pure.is_relative_to(self._seen):
            pure = self._real / pure.relative_to(self._seen)
        return pure.relative_to(self._root).as_posix() if pure.is_relative_to(self._root) else None

    def outside(self, path: str) -> str:
        """Return a path of a finding as the client spells it."""
        full = self._root / path
        return str(self._seen / full.relative_to(self._real) if full.is_relative_to(self._real) else full)

    def location(self, location: Location) -> Location:
        """Return a location with the client's path."""
        return dataclasses.replace(location, path=self.outside(location.path))

    def finding(self, finding: Finding) -> Finding:
        """Return a finding with the client's paths."""
        return dataclasses.replace(
            finding,
            location=self.location(finding.location),
            chain=tuple(Step(self.location(step.location), step.message) for step in finding.chain),
            fixes=tuple(
                dataclasses.replace(
                    item,
                    edits=tuple(
                        dataclasses.replace(edit, path=self.outside(edit.path)) for edit in item.edits
                    ),
                )
                for item in finding.fixes
            ),
        )
