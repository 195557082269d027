"""VD120: a kind of the manifest is no longer defined."""

from __future__ import annotations

from vatdata_lint.rules import Rule

MANIFEST = """
            # file: kinds.lock
            {"format": "vatdata-kind-manifest", "version": 1, "vats": [{"name": "bank", "source": "bank.py",
              "kinds": [{"name": "Purse", "form": "single"}, {"name": "Mint", "form": "single"}]%s}]}
            # file: bank.py"""


class KindVanished(Rule):
    """A kind that a store holds, or that `kinds.lock` lists, and that no way through the code defines any more.

    ## Why is this bad?
    Every stored kind must be defined again in the first crank of every incarnation. When one was deleted or
    renamed in the code, the upgrade is refused, however well the new code runs on an empty store: "no prepare_*
    ran in its first crank for the stored kinds".

    ## What to do
    Keep the definition as long as instances may exist; it may stay unused. If the kind is really gone, call
    `retire_kind(baggage, name)`, if it has another name now, `rename_kind(baggage, old, new)`; then record it with
    `vatdata-lint lock --retire NAME` or `--rename OLD=NEW`.

    ## Known limits
    Needs a manifest: `kinds.lock` in the project's root, `--manifest FILE`, or `--store PATH`. Where another kind's
    name is computed, it may be the missing one, and the finding is a warning.
    """

    CODE = "VD120"
    NAME = "kind-vanished"
    CATEGORY = "EVOLUTION"
    SUMMARY = "A kind of the manifest or store is no longer defined"
    SUPPRESSIBLE = False
    VALID = {
        "all kinds are defined, whatever the order": f"""{MANIFEST % ""}
            from vatdata_runtime import prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo(baggage, "Mint", None, {{}})
                return prepare_exo(baggage, "Purse", None, {{}})
        """,
        "retired in the code": f"""{MANIFEST % ""}
            from vatdata_runtime import prepare_exo, rename_kind, retire_kind

            def build_root_object(vat_powers, vat_parameters, baggage):
                retire_kind(baggage, "Mint")
                rename_kind(baggage, "Purse", "Wallet")
                return prepare_exo(baggage, "Wallet", None, {{}})
        """,
        "recorded in the lock": f"""{MANIFEST % ', "retired": ["Mint"]'}
            from vatdata_runtime import prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):
                return prepare_exo(baggage, "Purse", None, {{}})
        """,
    }
    INVALID = {
        "a definition was deleted": f"""{MANIFEST % ""}
            from vatdata_runtime import prepare_exo

            def build_root_object(vat_powers, vat_parameters, baggage):  # finding
                return prepare_exo(baggage, "Purse", None, {{}})
        """,
    }
