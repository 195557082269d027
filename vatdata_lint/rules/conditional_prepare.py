"""VD101: a definition that some way through the function skips."""

from __future__ import annotations

from vatdata_lint.facts.diagnosis import Diagnosis
from vatdata_lint.finding import Finding
from vatdata_lint.rules import Rule
from vatdata_lint.wording import cause_of, subject_of


class ConditionalPrepare(Rule):
    """A definition that some way through the function skips.

    ## Why is this bad?
    When a new incarnation takes that way, the kind is not defined. If the store holds the kind, the start fails and the
    upgrade is refused; the first incarnation never shows it, because its store is empty.

    ## What to do
    Define the kind on every way that completes normally: move the call in front of the branch, the early return or the
    `try`. Branches that define the same kinds are fine, and so are guards that raise. What should happen only once,
    keep in the maker of `provide`, and define the kind outside of it.

    ## Known limits
    Conditions are compared by what they read: two tests of one unchanged parameter take the same way, two calls of one
    predicate may not. A module constant counts as a condition like any other, since the next release may change it.
    """

    CODE = "VD101"
    NAME = "conditional-prepare"
    CATEGORY = "CONDITIONAL"
    SUMMARY = "A definition that some way through the function skips"
    VALID = {
        "both branches define the same kind": """
            from vatdata_runtime import prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                if vat_parameters["loud"]:
                    prepare_exo(baggage, "Bell", None, {"ring": lambda this: "RING"})
                else:
                    prepare_exo(baggage, "Bell", None, {"ring": lambda this: "ring"})
        """,
        "a guard that raises": """
            from vatdata_runtime import prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                if "currency" not in vat_parameters:
                    raise ValueError("currency")
                prepare_exo(baggage, "Mint", None, {})
        """,
    }
    INVALID = {
        "only under a condition": """
            from vatdata_runtime import prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                if vat_parameters["debug"]:
                    prepare_exo(baggage, "Tracer", None, {})  # finding
        """,
        "behind an early return": """
            from vatdata_runtime import Far, prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                if not vat_parameters:
                    return Far("Root", {})
                prepare_exo(baggage, "Purse", None, {})  # finding
                return Far("Root", {})
        """,
        "in a maker that runs only while its key is absent": """
            from vatdata_runtime import prepare_exo, provide

            def build_root_object(vat_powers, vat_parameters, baggage):
                provide(baggage, "purse", lambda key: prepare_exo(baggage, "Purse", None, {}))  # finding
        """,
    }

    @classmethod
    def of(cls, found: Diagnosis) -> Finding:
        """Say it in words."""
        subject = subject_of(found)
        cause = cause_of(found)
        return cls.finding(
            found.location,
            f"{subject} is not defined on every way: {cause} may skip it",
            help="define it before that, on every way that completes normally; keep only the data conditional",
            chain=found.chain,
            kind_name=found.kind_name,
            entry=found.entry,
        )
