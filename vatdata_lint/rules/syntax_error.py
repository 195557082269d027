"""VD900: a file that cannot be read or parsed."""

from __future__ import annotations

from vatdata_lint.finding import Finding, Location
from vatdata_lint.rules import Rule


class UnreadableFile(Rule):
    """A file that cannot be read or parsed, or functions in it that take too long to follow.

    ## Why is this bad?
    What was not understood was not checked. Passing over it in silence would look like a clean result, so the
    file gets one finding and the run goes on with the others.

    ## What to do
    Repair the file, or leave it out with `extend-exclude` if it is not Python for this project (a template, a
    test file that is broken on purpose). Newer syntax than that of the Python which runs the linter is
    understood as far as possible.
    """

    CODE = "VD900"
    NAME = "syntax-error"
    CATEGORY = "FILE"
    SUMMARY = "A file cannot be read or parsed"
    SUPPRESSIBLE = False
    CASES_COMPILE = False
    VALID = {
        "syntax of a newer Python than the one that runs the linter": """
            from vatdata_runtime import prepare_exo

            def first[T](items: list[T]) -> T:
                return items[0]

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo(baggage, "Counter", None, {})
        """,
    }
    INVALID = {
        "a bracket is missing": """
            from vatdata_runtime import prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                return prepare_exo(baggage, "Counter", None, {} [  # finding
        """,
    }

    @classmethod
    def cut_short(cls, location: Location, others: int) -> Finding:
        """Make the one finding of a file with functions that take too long to follow.

        Args:
            location: The first of them.
            others: How many more there are in the file.
        """
        more = (
            f", nor were {others} others in this file" if others > 1 else ", nor was another one in this file"
        )
        return cls.finding(
            location,
            f"this function was not checked{more if others else ''}: to follow all that it calls takes too many steps",
            help="call what defines kinds on fewer ways: functions that all call each other take the longest",
        )

    @classmethod
    def of(cls, path: str, reason: str, *, line: int = 1, column: int = 0) -> Finding:
        """Make the one finding of a file that was not understood.

        Args:
            path: The file, as in `Location.path`.
            reason: What is wrong, as a clause: ``it is not Python: '(' was never closed``.
            line: Where, from 1.
            column: Where, from 0.
        """
        return cls.finding(
            Location(path, line, column, line, column + 1),
            f"this file was not checked: {reason}",
            help="repair it, or leave it out with 'extend-exclude'",
        )
