"""VD110: definers are called, but what leads to them is not understood."""

from __future__ import annotations

from vatdata_lint.finding import Finding, Location
from vatdata_lint.rules import Rule


class NoEntryPoint(Rule):
    """Definers are called, but no entry was recognised, or an import of one leads nowhere.

    ## Why is this bad?
    Without the entry, or without the function, nothing can be said about the first crank. Silence would look like
    a proof.

    ## What to do
    Name the entry in `entry-points`, put the folder of the module into `source-roots`, or say in `definers`
    whether the imported name defines kinds.

    ## Known limits
    A project of library modules alone has no entry; name one of its users' or ignore this rule there.
    """

    CODE = "VD110"
    NAME = "no-entry-point"
    CATEGORY = "ENTRY"
    SUMMARY = "Definers are called but no entry was recognised, or an import of one could not be resolved"
    SEVERITY = "warning"
    VALID = {
        "the entry has the usual name": """
            from vatdata_runtime import prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo(baggage, "Purse", None, {})
        """,
        "a module of the project, and a look-alike that gets no baggage": """
            from sklearn.data import prepare_rows
            from purse import prepare_purse

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_purse(baggage)
                prepare_rows(vat_parameters)
            # file: purse.py
            from vatdata_runtime import prepare_exo

            def prepare_purse(baggage):
                return prepare_exo(baggage, "Purse", None, {})
        """,
    }
    INVALID = {
        "no entry": """
            from vatdata_runtime import prepare_exo

            def make_everything(baggage):
                prepare_exo(baggage, "Purse", None, {})  # finding
        """,
        "an import that leads nowhere": """
            from bank.kinds import prepare_account  # finding
            from purse import prepare_loan  # finding
            import ledgers  # finding

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_account(baggage)
                prepare_loan(baggage)
                ledgers.prepare_ledger(baggage)
            # file: purse.py
            from vatdata_runtime import prepare_exo

            def prepare_purse(baggage):
                return prepare_exo(baggage, "Purse", None, {})
        """,
    }

    @classmethod
    def without_entry(cls, location: Location) -> Finding:
        """Say that the project defines kinds and has no entry; *location* is its first definer call."""
        return cls.finding(
            location,
            "this project defines kinds, but no entry point was recognised, so their first crank was not checked",
            help="name the function that starts the vat in 'entry-points', as \"package.module:function\"",
        )

    @classmethod
    def unresolved(cls, location: Location, name: str) -> Finding:
        """Say that a name which is called like a definer comes from an import that leads nowhere."""
        return cls.finding(
            location,
            f"'{name}' is called like a definer, but its import leads nowhere: what it defines was not checked",
            help=f"put its folder into 'source-roots', or say in 'definers' whether '{name}' defines kinds",
        )
