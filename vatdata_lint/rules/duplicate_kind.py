"""VD107: one kind name a second time in one baggage or zone on one way."""

from __future__ import annotations

from vatdata_lint.facts.diagnosis import Diagnosis
from vatdata_lint.finding import Finding
from vatdata_lint.rules import Rule
from vatdata_lint.wording import cause_of, subject_of


class DuplicateKind(Rule):
    """One kind name a second time in one baggage or zone on one way.

    ## Why is this bad?
    The runtime refuses it with `KindRedefinedError`: which of the two behaviours would the stored instances have?

    ## What to do
    Give the second kind its own name, or a zone of its own with `sub_zone`.

    ## Known limits
    Names that are made from parameters are compared by how they are made.
    """

    CODE = "VD107"
    NAME = "duplicate-kind"
    CATEGORY = "DUPLICATE"
    SUMMARY = "One kind name a second time in one baggage or zone on one way"
    VALID = {
        "one name in two zones": """
            from vatdata_runtime import make_durable_zone

            def build_root_object(vat_powers, vat_parameters, baggage):
                zone = make_durable_zone(baggage)
                zone.sub_zone("left").exo("Hand", None, {})
                zone.sub_zone("right").exo("Hand", None, {})
        """,
    }
    INVALID = {
        "the same name twice": """
            from vatdata_runtime import prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo(baggage, "Purse", None, {})
                prepare_exo(baggage, "Purse", None, {})  # finding
        """,
    }

    @classmethod
    def of(cls, found: Diagnosis) -> Finding:
        """Say it in words."""
        subject = subject_of(found)
        cause = cause_of(found)
        return cls.finding(
            found.location,
            f"{subject} is defined a second time in one baggage: {cause} came first",
            help="give one of them another name, or put it into a 'sub_zone'",
            chain=found.chain,
            kind_name=found.kind_name,
            entry=found.entry,
        )
