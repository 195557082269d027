"""VD105: a definition in a function that someone calls later."""

from __future__ import annotations

from vatdata_lint.facts.diagnosis import Diagnosis
from vatdata_lint.facts.effects import UNFINISHED
from vatdata_lint.finding import Finding
from vatdata_lint.rules import Rule
from vatdata_lint.wording import cause_of, holder_of, subject_of


class PrepareInClosure(Rule):
    """A definition in a closure, method, property or lazy generator that someone calls later.

    ## Why is this bad?
    It runs when the first message asks for it, which is after the first crank. The second incarnation does
    not run it at all until somebody asks again, so its start fails.

    ## What to do
    Define the kind in the entry and let the closure use the maker.

    ## Known limits
    A function given to code that cannot be followed is taken to be called later.
    """

    CODE = "VD105"
    NAME = "prepare-in-closure"
    CATEGORY = "NESTED"
    SUMMARY = "A definition in a function that someone calls later"
    VALID = {
        "a closure that is called at once": """
            from vatdata_runtime import prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                def setup():
                    return prepare_exo(baggage, "Purse", None, {})
                setup()
        """,
    }
    INVALID = {
        "in a method of the root": """
            from vatdata_runtime import Far, prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                def open_purse():
                    return prepare_exo(baggage, "Purse", None, {})  # finding
                return Far("Root", {"open_purse": open_purse})
        """,
    }

    @classmethod
    def of(cls, found: Diagnosis) -> Finding:
        """Say it in words."""
        subject = subject_of(found)
        cause = cause_of(found)
        if found.text:
            message = f"{subject} is defined in {holder_of(found)}, which is called later: {cause} keeps it"
            advice = "define it outside and let the function use the maker"
        elif found.cause.text == UNFINISHED:
            message = f"{subject} is defined when somebody asks for more: this is {cause}"
            advice = "run it to its end here, with list() or a loop"
        else:
            message = f"{subject} is defined by what is given to {cause} here, which calls it later"
            advice = "call it here and hand on the maker"
        return cls.finding(
            found.location,
            message,
            help=advice,
            chain=found.chain,
            kind_name=found.kind_name,
            entry=found.entry,
        )
