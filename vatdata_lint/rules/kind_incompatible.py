"""VD121: a kind is defined in a way that its stored instances do not fit."""

from __future__ import annotations

from vatdata_lint.rules import Rule

MANIFEST = """
            # file: kinds.lock
            {"format": "vatdata-kind-manifest", "version": 1, "vats": [{"name": "bank", "kinds": [
              {"name": "Purse", "form": "single", "version": 1, "facets": null,
               "fields": [{"name": "owner", "pattern": null}, {"name": "balance", "pattern": "M.int()"}]},
              {"name": "Counter", "form": "kit", "version": 1, "fields": null,
               "facets": [{"name": "up"}, {"name": "down"}, {"name": "reader"}]}]}]}
            # file: bank.py"""


class KindIncompatible(Rule):
    """A redefinition that stored instances of the kind do not fit.

    ## Why is this bad?
    Instances outlive the code that made them. Code that expects other facets, or fields that a stored record does
    not have, cannot take them over, so the upgrade is refused with `IncompatibleKindError`.

    ## What to do
    Facets may be added, not removed; a single stays a single and a kit a kit. Fields may be added when they allow
    `None` or have a default; patterns may get wider. For anything else raise the version and say how old state
    becomes new: `version=2, migrate=fn`.

    ## Known limits
    Needs a manifest, see `kind-vanished`. Patterns are compared as text where that is certain; the runtime's
    `vatdata check-upgrade` has the last word.
    """

    CODE = "VD121"
    NAME = "kind-incompatible"
    CATEGORY = "EVOLUTION"
    SUMMARY = "A kind lost a facet or field, or changed its form, against the manifest"
    SUPPRESSIBLE = False
    VALID = {
        "wider patterns, more facets, a field that may be None": f"""{MANIFEST}
            from vatdata_runtime import M, prepare_exo_class, prepare_exo_class_kit

            def build_root_object(vat_powers, vat_parameters, baggage):
                shape = {{"owner": M.any(), "balance": M.number(), "note": M.opt(M.string())}}
                prepare_exo_class(baggage, "Purse", None, lambda: {{}}, {{}}, state_shape=shape)
                facets = {{"up": {{}}, "down": {{}}, "reader": {{}}, "admin": {{}}}}
                prepare_exo_class_kit(baggage, "Counter", None, lambda: {{}}, facets)
        """,
        "a new version that migrates": f"""{MANIFEST}
            from vatdata_runtime import prepare_exo_class, prepare_exo_class_kit

            def migrate(old_state, from_version):
                return {{"holder": old_state["owner"]}}

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(
                    baggage, "Purse", None, lambda holder: {{"holder": holder}}, {{}}, version=2, migrate=migrate
                )
                prepare_exo_class_kit(
                    baggage, "Counter", None, lambda: {{}}, {{"up": {{}}, "down": {{}}, "reader": {{}}}}
                )
        """,
    }
    INVALID = {
        "a field is gone, a facet too": f"""{MANIFEST}
            from vatdata_runtime import prepare_exo_class, prepare_exo_class_kit

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", None, lambda owner: {{"owner": owner}}, {{}})  # finding
                prepare_exo_class_kit(  # finding
                    baggage, "Counter", None, lambda: {{}}, {{"up": {{}}, "reader": {{}}}}
                )
        """,
        "a narrower pattern": f"""{MANIFEST}
            from vatdata_runtime import M, prepare_exo_class, prepare_exo_class_kit

            SHAPE = {{"owner": M.any(), "balance": M.nat()}}

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", None, lambda: {{}}, {{}}, state_shape=SHAPE)  # finding
                prepare_exo_class(baggage, "Counter", None, lambda: {{}}, {{}})  # finding
        """,
    }
