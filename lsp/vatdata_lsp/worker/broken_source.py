"""Findings of a file's last good text carried over to a text that does not parse."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from vatdata_lint import Finding, Location, Step
from vatdata_lsp.text import Text

__all__ = ["LineMap", "carried"]


class LineMap:
    """Where the lines of one text are in another one: those before and behind what differs."""

    def __init__(self, old: Text, new: Text) -> None:
        before, after = old.lines(), new.lines()
        shortest = min(len(before), len(after))
        self._head = next((n for n in range(shortest) if before[n] != after[n]), shortest)
        room = shortest - self._head
        tail = next((n for n in range(room) if before[-1 - n] != after[-1 - n]), room)
        self._tail_from = len(before) - tail
        self._shift = len(after) - len(before)

    def moved(self, location: Location) -> Location | None:
        """Return the location in the other text, None where it touches what differs."""
        if location.end_line <= self._head:
            return location
        if location.line > self._tail_from:
            return dataclasses.replace(
                location, line=location.line + self._shift, end_line=location.end_line + self._shift
            )
        return None


def carried(finding: Finding, maps: Mapping[str, LineMap]) -> Finding | None:
    """Return a finding of the last good texts as it stands in the present ones.

    Steps of its chain that lie in what differs are left out, and so are its fixes, whose edits were made for
    another text.

    Args:
        finding: With paths as *maps* has them.
        maps: For each file that does not parse, from its last good text to the present one.

    Returns:
        None when the finding itself touches what differs.
    """

    def moved(location: Location) -> Location | None:
        known = maps.get(location.path)
        return location if known is None else known.moved(location)

    own = moved(finding.location)
    if own is None:
        return None
    steps = [(moved(step.location), step.message) for step in finding.chain]
    touched = any(edit.path in maps for fix in finding.fixes for edit in fix.edits)
    return dataclasses.replace(
        finding,
        location=own,
        chain=tuple(Step(location, message) for location, message in steps if location is not None),
        fixes=() if touched else finding.fixes,
    )
