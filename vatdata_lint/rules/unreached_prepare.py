"""VD109: a function defines kinds, but no entry reaches it."""

from __future__ import annotations

from vatdata_lint.finding import Finding, Location
from vatdata_lint.rules import Rule


class UnreachedPrepare(Rule):
    """A function that defines kinds for a durable zone, which no entry reaches.

    ## Why is this bad?
    Either it is dead, or the entry that should call it was forgotten: then the kinds that an earlier release
    stored are not defined, and the start fails.

    ## What to do
    Call it from the entry, name the entry in `entry-points`, or delete it.

    ## Known limits
    Off by default: in a library every function is called by somebody else.
    """

    CODE = "VD109"
    NAME = "unreached-prepare"
    CATEGORY = "UNREACHED"
    SUMMARY = "A function defines kinds for a durable zone but no entry reaches it"
    SEVERITY = "warning"
    DEFAULT_ON = False
    CASE_CONFIG = {"extend-select": ["VD109"]}
    VALID = {
        "the entry calls it": """
            from vatdata_runtime import prepare_exo

            def prepare_purse(baggage):
                return prepare_exo(baggage, "Purse", None, {})

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_purse(baggage)
        """,
    }
    INVALID = {
        "the entry forgot it": """
            from vatdata_runtime import prepare_exo

            def prepare_purse(baggage):  # finding
                return prepare_exo(baggage, "Purse", None, {})

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo(baggage, "Mint", None, {})
        """,
    }

    @classmethod
    def of(cls, location: Location, function: str, kinds: tuple[str, ...]) -> Finding:
        """Say which function it is, and what it would define."""
        what = ", ".join(repr(kind) for kind in kinds) or "kinds"
        return cls.finding(
            location,
            f"'{function}' defines {what}, but no entry point reaches it",
            help="call it from the entry point, or name its entry in 'entry-points'",
            kind_name=kinds[0] if len(kinds) == 1 else None,
        )
