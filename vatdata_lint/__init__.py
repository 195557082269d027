"""Prove, before deployment, that no ``prepare_*`` can miss the first crank.

The public face: `Project` checks a folder, `Config` holds its settings, `Finding` is what is reported. Names
are loaded when first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vatdata_lint.config import Config, ConfigError
    from vatdata_lint.engine import (
        CallExplanation,
        Entry,
        FirstCrankCall,
        Graph,
        GraphEdge,
        GraphNode,
        KindDefinition,
        Project,
        Report,
        WhyReport,
        WhySkip,
    )
    from vatdata_lint.finding import Edit, Finding, Fix, Location, Step
    from vatdata_lint.listener import GivenUp, Listener
    from vatdata_lint.rules import ModuleRule, Rule, all_rules, rule_by_code

__all__ = [
    "CallExplanation",
    "Config",
    "ConfigError",
    "Edit",
    "Entry",
    "Finding",
    "FirstCrankCall",
    "Fix",
    "GivenUp",
    "Graph",
    "GraphEdge",
    "GraphNode",
    "KindDefinition",
    "Listener",
    "Location",
    "ModuleRule",
    "Project",
    "Report",
    "Rule",
    "Step",
    "WhyReport",
    "WhySkip",
    "all_rules",
    "rule_by_code",
]

_HOMES = {
    "vatdata_lint.config": ("Config", "ConfigError"),
    "vatdata_lint.finding": ("Edit", "Finding", "Fix", "Location", "Step"),
    "vatdata_lint.listener": ("GivenUp", "Listener"),
    "vatdata_lint.rules": ("ModuleRule", "Rule", "all_rules", "rule_by_code"),
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = next((module for module, names in _HOMES.items() if name in names), "vatdata_lint.engine")
    value = globals()[name] = getattr(importlib.import_module(home), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
