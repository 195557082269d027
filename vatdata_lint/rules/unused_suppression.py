"""VD901: a suppression that hides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vatdata_lint.finding import Edit, Finding, Fix, Location
from vatdata_lint.rules import Rule, rule_by_code
from vatdata_lint.suppression import Suppression


class UnusedSuppression(Rule):
    """A suppression comment that hides no finding.

    ## Why is this bad?
    It was written for a defect that is gone. Left in place it hides the next one on that line, which nobody
    has looked at. A comment that names no rule, or one that does not exist, never hid anything.

    ## What to do
    Delete the comment, or the codes that this finding names; `--fix` does it.

    ## Known limits
    Only codes of rules that are on are judged: a comment for a rule that is switched off may still be needed.
    """

    CODE = "VD901"
    NAME = "unused-suppression"
    CATEGORY = "FILE"
    SUMMARY = "A suppression comment hides nothing"
    SEVERITY = "warning"
    SUPPRESSIBLE = False
    CASE_CONFIG = {"extend-select": ["VD102"]}
    VALID = {
        "the finding that it was written for is still there": """
            from vatdata_runtime import prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                for name in vat_parameters["names"]:
                    prepare_exo(baggage, name, None, {})  # vatdata: ignore[VD102] names only ever grow
        """,
        "the rule is not on in this run": """
            total = 1  # vatdata: ignore[VD206] measured, takes microseconds
        """,
    }
    INVALID = {
        "the loop is gone, the comment stayed": """
            from vatdata_runtime import prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo(baggage, "Counter", None, {})  # vatdata: ignore[VD102] reviewed # finding
        """,
        "no rule has that code": """
            total = 1  # vatdata: ignore[VD999] typo # finding
        """,
        "no rule is named": """
            total = 1  # vatdata: ignore # finding
        """,
    }

    @classmethod
    def findings(
        cls,
        path: str,
        source: str,
        comments: Sequence[Suppression],
        unused: Sequence[tuple[Suppression, str]],
    ) -> Iterator[Finding]:
        """Yield one finding for each comment with something in it that hides nothing.

        Args:
            path: The file, as in `Location.path`.
            source: Its text, for the fix.
            comments: All suppressions of the file.
            unused: Those codes of them that were judged and hid nothing.
        """
        lines = source.split("\n")
        for comment in comments:
            idle = [code for suppression, code in unused if suppression is comment]
            unknown = [code for code in comment.codes if rule_by_code(code) is None]
            wrong = [code for code in comment.codes if code in idle or code in unknown]
            if comment.codes and not wrong:
                continue
            word = "ignore-file" if comment.whole_file else "ignore"
            if not comment.codes:
                message = f"this comment names no rule, so it hides nothing: write '{word}[VD101] reason'"
            elif unknown and not idle:
                message = f"no rule is called {', '.join(unknown)}, so this comment hides nothing"
            else:
                message = f"nothing here is reported as {', '.join(wrong)} any more"
            rest = [code for code in comment.codes if code not in wrong]
            yield cls.finding(
                Location(path, comment.line, comment.column, comment.line, comment.end_column),
                message,
                help=f"keep only {', '.join(rest)}" if rest else "delete the comment",
                fixes=(_fix(path, lines, comment, word, rest),),
            )


def _fix(path: str, lines: Sequence[str], comment: Suppression, word: str, rest: Sequence[str]) -> Fix:
    if rest:
        reason = f" {comment.reason}" if comment.reason else ""
        text = f"# vatdata: {word}[{', '.join(rest)}]{reason}"
        start, end = (comment.line, comment.column), (comment.line, comment.end_column)
        return Fix("Remove the unused codes", (Edit(path, start, end, text),), safe=True, kind="unsuppress")
    before = lines[comment.line - 1][: comment.column]
    if before.strip():
        start = (comment.line, len(before.rstrip()))
        end = (comment.line, comment.end_column)
    elif comment.line < len(lines):
        start, end = (comment.line, 0), (comment.line + 1, 0)
    else:
        start, end = (comment.line, 0), (comment.line, comment.end_column)
    return Fix("Remove the unused suppression", (Edit(path, start, end, ""),), safe=True, kind="unsuppress")
