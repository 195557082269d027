"""What a caller learns and decides while a long check runs."""

from __future__ import annotations

from typing import Protocol

from vatdata_lint.finding import Finding

__all__ = ["GivenUp", "Listener"]


class Listener(Protocol):
    """Hears of findings before the check is over, and may end it.

    Both methods are called from the thread of the analysis and must return at once.
    """

    def is_wanted(self) -> bool:
        """Say whether the check should go on; asked before each file and function, every few milliseconds."""
        ...

    def found(self, path: str, findings: tuple[Finding, ...]) -> None:
        """Take what is reported in a file so far, suppressions applied.

        These are findings of the present texts that no other file can take away. More may follow, and the
        final report may name a cause further out for the same call.
        """
        ...


class GivenUp(BaseException):
    """A check ended because nobody wants its result; what it had judged is kept for the next one.

    No `Exception`, as `asyncio.CancelledError` is none: the analysis catches those of its own code per file.
    """
