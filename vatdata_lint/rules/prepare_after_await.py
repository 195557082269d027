"""VD103: a definition that can run only after a point where the crank may end."""

from __future__ import annotations

from vatdata_lint.facts.diagnosis import Diagnosis
from vatdata_lint.finding import Finding
from vatdata_lint.rules import Rule
from vatdata_lint.wording import cause_of, subject_of


class PrepareAfterAwait(Rule):
    """A definition after a point where the first crank may end.

    ## Why is this bad?
    The await may need an answer from somewhere else, and that comes in a later crank. By then messages
    arrive for instances that have no behaviour, and the runtime has already refused the start.

    ## What to do
    Move the call above the await. If the awaited result is needed, keep it in the state of an instance
    instead of in the definition.

    ## Known limits
    The await of a coroutine of the project that itself awaits nothing is free. What else never leaves the
    crank goes into `prompt-awaitables`; `await-policy = "strict"` counts every await.
    """

    CODE = "VD103"
    NAME = "prepare-after-await"
    CATEGORY = "LATE"
    SUMMARY = "A definition that can run only after a point where the crank may end"
    VALID = {
        "before the first await": """
            from vatdata_runtime import E, prepare_exo

            async def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo(baggage, "Purse", None, {})
                await E(vat_parameters["bank"]).open()
        """,
        "after the await of a coroutine that awaits nothing": """
            from vatdata_runtime import prepare_exo

            async def names():
                return ["a"]

            async def build_root_object(vat_powers, vat_parameters, baggage):
                await names()
                prepare_exo(baggage, "Purse", None, {})
        """,
    }
    INVALID = {
        "after an await of another vat": """
            from vatdata_runtime import E, prepare_exo

            async def build_root_object(vat_powers, vat_parameters, baggage):
                await E(vat_parameters["bank"]).open()
                prepare_exo(baggage, "Purse", None, {})  # finding
        """,
    }

    @classmethod
    def of(cls, found: Diagnosis) -> Finding:
        """Say it in words."""
        subject = subject_of(found)
        cause = cause_of(found)
        line = found.cause.location.line
        return cls.finding(
            found.location,
            f"{subject} is defined after {cause}, which may end the first crank",
            help=f"move it above line {line}",
            chain=found.chain,
            kind_name=found.kind_name,
            entry=found.entry,
        )
