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
        "tables, methods and wrappers lead to it": """
            from functools import partial
            from vatdata_runtime import prepare_exo

            def prepare_named(baggage, name):
                return prepare_exo(baggage, name, None, {})

            class Kinds:
                def __init__(self, baggage):
                    self.baggage = baggage

                def all(self):
                    return self._ledger()

                def _ledger(self):
                    return prepare_exo(self.baggage, "Ledger", None, {})

            STEPS = [partial(prepare_named, name="Mint")]

            def build_root_object(vat_powers, vat_parameters, baggage):
                for step in STEPS:
                    step(baggage)
                Kinds(baggage).all()
        """,
        "a build function of a test": """
            from vatdata_runtime import Far, prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo(baggage, "Mint", None, {})
            # file: test_vat.py
            from vatdata_runtime import Far, prepare_exo

            def without_mint(vat_powers, vat_parameters, baggage):
                prepare_exo(baggage, "Coin", None, {})
                return Far("Root", {})

            def test_an_upgrade_without_the_mint_is_refused(vat_lives):
                vat_lives.start(without_mint)
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
        "a method that nobody calls": """
            from vatdata_runtime import prepare_exo

            class Kinds:
                def __init__(self, baggage):
                    self.baggage = baggage

                def purse(self):
                    return prepare_exo(self.baggage, "Purse", None, {})

                def loan(self):  # finding
                    return prepare_exo(self.baggage, "Loan", None, {})

            def build_root_object(vat_powers, vat_parameters, baggage):
                Kinds(baggage).purse()
        """,
        "the build function of an earlier release": """
            from vatdata_runtime import prepare_exo

            def build_first_release(vat_powers, vat_parameters, baggage):  # finding
                prepare_exo(baggage, "Coin", None, {})

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
