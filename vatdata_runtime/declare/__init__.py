"""Kinds as classes: state fields are annotations, and guards follow from the methods' signatures.

Sugar over ``zone.exo_class`` and ``zone.exo_class_kit``: the same kinds and the same records.
"""

from __future__ import annotations

from .classes import Exo, ExoKit, Facet

__all__ = ["Exo", "ExoKit", "Facet"]
