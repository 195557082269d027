"""Runs the rules that look at one module, and says which other modules they looked into."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from vatdata_lint.behavior.module_view import ModuleView
from vatdata_lint.finding import Finding
from vatdata_lint.rules import ModuleRule

__all__ = ["ModuleResult", "check_module"]


@dataclass(frozen=True, slots=True)
class ModuleResult:
    """Findings of one module, and the modules that were read to find them.

    ``imported`` maps the dotted name of each module that was asked for to its source, None where there is
    none: the findings stay true as long as the module itself and these stay the same.
    """

    findings: tuple[Finding, ...]
    imported: Mapping[str, str | None]


def check_module(
    path: str,
    name: str,
    source: str,
    tree: ast.Module,
    rules: Iterable[type[ModuleRule]],
    *,
    is_package: bool = False,
    load_source: Callable[[str], tuple[str, str, bool, ast.Module] | None] = lambda dotted: None,
) -> ModuleResult:
    """Run module rules over one module.

    Args:
        path: As in `Location.path`.
        name: The module's dotted name.
        source: Its text.
        tree: Its tree; a file that does not parse is not for these rules.
        rules: Which to run.
        is_package: Whether the file is a package's ``__init__``.
        load_source: Gives path, source, whether it is a package, and tree of a module of the project.

    Returns:
        Findings in no particular order, suppressions not applied, and what they depend on.

    Cost: one walk of the tree; a module without vat code is left after a look at its calls.
    """
    views: dict[str, ModuleView | None] = {}

    def load(dotted: str) -> ModuleView | None:
        if dotted not in views:
            loaded = load_source(dotted)
            views[dotted] = (
                ModuleView(loaded[0], dotted, loaded[2], loaded[1], loaded[3], load) if loaded else None
            )
        return views[dotted]

    view = ModuleView(path, name, is_package, source, tree, load)
    findings = tuple(finding for rule in rules for finding in rule().check(view))
    imported = {dotted: other.source if other else None for dotted, other in views.items()}
    # What the passes keep refers back to the views, and each view holds `load`, hence all of them: without
    # a garbage collection they would stay for ever, with a table of every node.
    for seen in (view, *views.values()):
        if seen is not None:
            seen.memo.clear()
    views.clear()
    return ModuleResult(findings, imported)
