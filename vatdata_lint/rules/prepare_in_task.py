"""VD104: a definition in another activation that the entry only starts."""

from __future__ import annotations

from vatdata_lint.facts.diagnosis import Diagnosis
from vatdata_lint.facts.effects import UNAWAITED
from vatdata_lint.finding import Finding
from vatdata_lint.rules import Rule
from vatdata_lint.wording import cause_of, subject_of


class PrepareInTask(Rule):
    """A definition in a task, callback, thread or coroutine that the entry only starts.

    ## Why is this bad?
    It runs after the entry has been suspended or has returned, at a time that nobody controls, or never.
    The first crank may be over by then.

    ## What to do
    Call the function directly, or await the coroutine in place. Start the task for the rest of its work
    only.

    ## Known limits
    Starters are recognised by name: `create_task`, `gather`, `call_soon`, `submit`, `Thread` and their
    relatives.
    """

    CODE = "VD104"
    NAME = "prepare-in-task"
    CATEGORY = "ASYNC"
    SUMMARY = "A definition in another activation that the entry only starts"
    VALID = {
        "awaited in place": """
            from vatdata_runtime import prepare_exo

            async def setup(baggage):
                prepare_exo(baggage, "Purse", None, {})

            async def build_root_object(vat_powers, vat_parameters, baggage):
                await setup(baggage)
        """,
    }
    INVALID = {
        "in a task": """
            import asyncio
            from vatdata_runtime import prepare_exo

            async def setup(baggage):
                prepare_exo(baggage, "Purse", None, {})

            async def build_root_object(vat_powers, vat_parameters, baggage):
                asyncio.create_task(setup(baggage))  # finding
        """,
        "a coroutine that nobody awaits": """
            from vatdata_runtime import prepare_exo

            async def setup(baggage):
                prepare_exo(baggage, "Purse", None, {})

            def build_root_object(vat_powers, vat_parameters, baggage):
                setup(baggage)  # finding
        """,
    }

    @classmethod
    def of(cls, found: Diagnosis) -> Finding:
        """Say it in words."""
        subject = subject_of(found)
        cause = cause_of(found)
        if found.cause.text == UNAWAITED:
            message = f"{subject} is defined in {cause}, so the vat starts without it"
            advice = "await it here, before anything that may end the first crank"
        else:
            message = (
                f"{subject} is defined in what {cause} starts, which may run when the first crank is over"
            )
            advice = "define it here, before anything is started"
        return cls.finding(
            found.location,
            message,
            help=advice,
            chain=found.chain,
            kind_name=found.kind_name,
            entry=found.entry,
        )
