"""VD106: a definition in a method, init, finish or migrate of a kind."""

from __future__ import annotations

from vatdata_lint.facts.diagnosis import Diagnosis
from vatdata_lint.finding import Finding
from vatdata_lint.rules import Rule
from vatdata_lint.wording import holder_of, subject_of


class PrepareInBehavior(Rule):
    """A definition in a method, `init`, `finish` or `migrate` that was given to a definer.

    ## Why is this bad?
    Behaviour runs when messages arrive, after the first crank; the runtime refuses the definition there, and the next
    incarnation does not define the kind at all.

    ## What to do
    Define the inner kind beside the outer one and let the method use its maker.

    ## Known limits
    A first definition in a method is accepted when the same function writes a key under which the entry defines the
    kind again, guarded by `baggage.has(KEY)`.
    """

    CODE = "VD106"
    NAME = "prepare-in-behavior"
    CATEGORY = "HANDLER"
    SUMMARY = "A definition in a method, init, finish or migrate of a kind"
    VALID = {
        "the method uses a maker": """
            from vatdata_runtime import prepare_exo_class

            def build_root_object(vat_powers, vat_parameters, baggage):
                make_note = prepare_exo_class(baggage, "Note", None, dict, {})
                prepare_exo_class(baggage, "Book", None, dict, {"note": lambda this: make_note()})
        """,
    }
    INVALID = {
        "in a method": """
            from vatdata_runtime import prepare_exo, prepare_exo_class

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Book", None, dict, {
                    "note": lambda this: prepare_exo(baggage, "Note", None, {}),  # finding
                })
        """,
    }

    @classmethod
    def of(cls, found: Diagnosis) -> Finding:
        """Say it in words."""
        subject = subject_of(found)
        holder = holder_of(found)
        return cls.finding(
            found.location,
            f"{subject} is defined in {holder}, behaviour that runs when a message arrives",
            help="define it beside the outer kind and let the method use the maker",
            chain=found.chain,
            kind_name=found.kind_name,
            entry=found.entry,
        )
