"""Hears what a running check finds, and packs it for the server."""

from __future__ import annotations

import time
from collections.abc import Callable

from vatdata_lint import Finding
from vatdata_lsp.worker.messages import FileFindings
from vatdata_lsp.worker.scope import Scope

__all__ = ["BATCH_S", "Listening"]

BATCH_S = 0.1
"""The first findings are told at once, later ones so far apart."""


class Listening:
    """The listener of one scope's check.

    Args:
        scope: What is checked.
        is_wanted: Says whether the check should go on.
        tell: Called with what was found since the last call.
    """

    def __init__(
        self,
        scope: Scope,
        is_wanted: Callable[[], bool],
        tell: Callable[[Scope, list[FileFindings]], None],
    ) -> None:
        self._scope = scope
        self._wanted = is_wanted
        self._tell = tell
        self._waiting: list[FileFindings] = []
        self._told = 0.0

    def is_wanted(self) -> bool:
        """Ask whoever reads the requests."""
        return self._wanted()

    def found(self, path: str, findings: tuple[Finding, ...]) -> None:
        """Keep findings until the next batch is due."""
        file = self._scope.early_findings(path, findings)
        if file is None:
            return
        self._waiting.append(file)
        now = time.monotonic()
        if now - self._told >= BATCH_S:
            self._tell(self._scope, self._waiting)
            self._waiting = []
            self._told = now
