"""VD902: a suppression that gives no reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vatdata_lint.finding import Finding, Location
from vatdata_lint.rules import Rule
from vatdata_lint.suppression import Suppression


class SuppressionWithoutReason(Rule):
    """A suppression comment that gives no reason.

    ## Why is this bad?
    Whoever reads it next cannot tell whether the finding was judged or only silenced, nor when it may go.
    Off by default: turn it on with `extend-select = ["VD902"]` where reviews ask for reasons.

    ## What to do
    Write the reason behind the brackets: `# vatdata: ignore[VD102] names only ever grow`.
    """

    CODE = "VD902"
    NAME = "suppression-without-reason"
    CATEGORY = "FILE"
    SUMMARY = "A suppression comment gives no reason"
    SEVERITY = "info"
    DEFAULT_ON = False
    SUPPRESSIBLE = False
    VALID = {
        "a reason stands behind the brackets": """
            total = 1  # vatdata: ignore[VD206] measured, takes microseconds
        """,
    }
    INVALID = {
        "brackets and nothing more": """
            # vatdata: ignore-file[VD206] # finding
            total = 1
        """,
    }

    @classmethod
    def findings(cls, path: str, comments: Sequence[Suppression]) -> Iterator[Finding]:
        """Yield one finding for each comment that names a rule and nothing else."""
        for comment in comments:
            if comment.codes and not comment.reason:
                yield cls.finding(
                    Location(path, comment.line, comment.column, comment.line, comment.end_column),
                    f"{', '.join(comment.codes)} is silenced without a reason",
                    help="say behind the brackets why the finding does not matter here",
                )
