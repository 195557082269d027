"""Prove, before deployment, that no ``prepare_*`` can miss the first crank.

The public face: `Project` checks a folder, `Config` holds its settings, `Finding` is what is reported; `check` and
`fix` do what the commands do. Names are loaded when first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vatdata_lint.answers import (
        CallExplanation,
        Entry,
        FirstCrankCall,
        Graph,
        GraphEdge,
        GraphNode,
        KindDefinition,
        WhyReport,
        WhySkip,
    )
    from vatdata_lint.baseline import Baseline, BaselineError
    from vatdata_lint.checking import Checked, Fixed, check, fix
    from vatdata_lint.commands.common import tool_version
    from vatdata_lint.commands.errors import CannotWorkError
    from vatdata_lint.commands.manifests import manifests_to_check
    from vatdata_lint.config import Config, ConfigError
    from vatdata_lint.docgen import rule_page
    from vatdata_lint.engine import Project, Report
    from vatdata_lint.finding import Edit, Finding, Fix, Location, Step
    from vatdata_lint.listener import GivenUp, Listener
    from vatdata_lint.manifest import LOCK_FILE, Manifest
    from vatdata_lint.rules import ModuleRule, Rule, all_rules, rule_by_code
    from vatdata_lint.source import SourceLines, decode

__all__ = [
    "LOCK_FILE",
    "Baseline",
    "BaselineError",
    "CallExplanation",
    "CannotWorkError",
    "Checked",
    "Config",
    "ConfigError",
    "Edit",
    "Entry",
    "Finding",
    "FirstCrankCall",
    "Fix",
    "Fixed",
    "GivenUp",
    "Graph",
    "GraphEdge",
    "GraphNode",
    "KindDefinition",
    "Listener",
    "Location",
    "Manifest",
    "ModuleRule",
    "Project",
    "Report",
    "Rule",
    "SourceLines",
    "Step",
    "WhyReport",
    "WhySkip",
    "all_rules",
    "check",
    "decode",
    "fix",
    "manifests_to_check",
    "rule_by_code",
    "rule_page",
    "tool_version",
]

_HOMES = {
    "vatdata_lint.answers": (
        "CallExplanation",
        "Entry",
        "FirstCrankCall",
        "Graph",
        "GraphEdge",
        "GraphNode",
        "KindDefinition",
        "WhyReport",
        "WhySkip",
    ),
    "vatdata_lint.baseline": ("Baseline", "BaselineError"),
    "vatdata_lint.checking": ("Checked", "Fixed", "check", "fix"),
    "vatdata_lint.commands.common": ("tool_version",),
    "vatdata_lint.commands.errors": ("CannotWorkError",),
    "vatdata_lint.commands.manifests": ("manifests_to_check",),
    "vatdata_lint.config": ("Config", "ConfigError"),
    "vatdata_lint.docgen": ("rule_page",),
    "vatdata_lint.engine": ("Project", "Report"),
    "vatdata_lint.finding": ("Edit", "Finding", "Fix", "Location", "Step"),
    "vatdata_lint.listener": ("GivenUp", "Listener"),
    "vatdata_lint.manifest": ("LOCK_FILE", "Manifest"),
    "vatdata_lint.rules": ("ModuleRule", "Rule", "all_rules", "rule_by_code"),
    "vatdata_lint.source": ("SourceLines", "decode"),
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = next(module for module, names in _HOMES.items() if name in names)
    value = globals()[name] = getattr(importlib.import_module(home), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
