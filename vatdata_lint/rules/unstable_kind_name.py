"""VD108: a kind name that differs between incarnations."""

from __future__ import annotations

from vatdata_lint.facts.diagnosis import Diagnosis
from vatdata_lint.finding import Finding
from vatdata_lint.rules import Rule
from vatdata_lint.wording import cause_of, subject_of


class UnstableKindName(Rule):
    """A kind name that depends on the clock, an id, a uuid, random numbers, set order or the environment.

    ## Why is this bad?
    The next incarnation asks for another name, so the stored kind stays without behaviour and the start fails.

    ## What to do
    Use a constant name. What must differ, keep in the state, or name a stored collection with it.

    ## Known limits
    Only sources in the standard library are known; a value from elsewhere is taken to be stable.
    """

    CODE = "VD108"
    NAME = "unstable-kind-name"
    CATEGORY = "UNSTABLE"
    SUMMARY = "A kind name that differs between incarnations"
    VALID = {
        "a uuid made from a name": """
            import uuid
            from vatdata_runtime import prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo(baggage, f"Purse-{uuid.uuid5(uuid.NAMESPACE_DNS, 'purse')}", None, {})
        """,
    }
    INVALID = {
        "a fresh uuid": """
            import uuid
            from vatdata_runtime import prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo(baggage, f"Purse-{uuid.uuid4()}", None, {})  # finding
        """,
    }

    @classmethod
    def of(cls, found: Diagnosis) -> Finding:
        """Say it in words."""
        subject = subject_of(found)
        cause = cause_of(found)
        return cls.finding(
            found.location,
            f"the name of {subject} depends on {cause}, so the next incarnation looks for another one",
            help="use a constant name and keep what differs in the state",
            chain=found.chain,
            kind_name=found.kind_name,
            entry=found.entry,
        )
