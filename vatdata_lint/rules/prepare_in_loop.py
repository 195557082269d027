"""VD102: a definition that runs a number of times that the source does not fix."""

from __future__ import annotations

from vatdata_lint.facts.diagnosis import Diagnosis
from vatdata_lint.finding import Finding
from vatdata_lint.rules import Rule
from vatdata_lint.wording import cause_of, subject_of


class PrepareInLoop(Rule):
    """A definition inside a loop whose rounds the source does not fix.

    ## Why is this bad?
    The next incarnation may run fewer rounds, and the kinds of the missing rounds are not defined: the
    start fails. The same name in two rounds is refused at once.

    ## What to do
    Loop over a literal or a module constant that nothing changes, or make one kind whose instances differ
    in their state. A loop over a durable collection that defines again what is stored there is fine.

    ## Known limits
    Literals of more than 200 members are not unrolled.
    """

    CODE = "VD102"
    NAME = "prepare-in-loop"
    CATEGORY = "LOOP"
    SUMMARY = "A definition that runs a number of times that the source does not fix"
    VALID = {
        "a loop over a literal": """
            from vatdata_runtime import prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                for name in ("Mint", "Purse"):
                    prepare_exo(baggage, name, None, {})
        """,
        "a loop over what the store holds": """
            from vatdata_runtime import prepare_exo, provide_durable_map_store

            def build_root_object(vat_powers, vat_parameters, baggage):
                names = provide_durable_map_store(baggage, "names")
                for name in names.keys():
                    prepare_exo(baggage, name, None, {})
        """,
    }
    INVALID = {
        "a loop over parameters": """
            from vatdata_runtime import prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                for name in vat_parameters["names"]:
                    prepare_exo(baggage, name, None, {})  # finding
        """,
        "a comprehension over parameters": """
            from vatdata_runtime import prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                return [prepare_exo(baggage, name, None, {}) for name in vat_parameters["names"]]  # finding
        """,
    }

    @classmethod
    def of(cls, found: Diagnosis) -> Finding:
        """Say it in words."""
        subject = subject_of(found)
        cause = cause_of(found)
        return cls.finding(
            found.location,
            f"{subject} is defined in {cause}, which runs a number of times that the source does not fix",
            help="define one kind outside the loop and keep the differences in its state, or loop over a constant",
            chain=found.chain,
            kind_name=found.kind_name,
            entry=found.entry,
        )
