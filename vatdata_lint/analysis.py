"""Everything that is known of a project in one state of its files: findings by file, and what questions need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from vatdata_lint.answers import Entry, KindDefinition
from vatdata_lint.config import Config
from vatdata_lint.facts.diagnose import CallSite, Diagnosis
from vatdata_lint.facts.effects import kind_display
from vatdata_lint.facts.module import ModuleFacts
from vatdata_lint.finding import Finding, Location, Step
from vatdata_lint.index.candidates import is_vat_code
from vatdata_lint.index.files import SourceFile
from vatdata_lint.index.solve import Solution, Solver
from vatdata_lint.module_check import check_module
from vatdata_lint.rules import ModuleRule, all_rules
from vatdata_lint.rules.conditional_prepare import ConditionalPrepare
from vatdata_lint.rules.duplicate_kind import DuplicateKind
from vatdata_lint.rules.no_entry_point import NoEntryPoint
from vatdata_lint.rules.prepare_after_await import PrepareAfterAwait
from vatdata_lint.rules.prepare_in_behavior import PrepareInBehavior
from vatdata_lint.rules.prepare_in_closure import PrepareInClosure
from vatdata_lint.rules.prepare_in_loop import PrepareInLoop
from vatdata_lint.rules.prepare_in_task import PrepareInTask
from vatdata_lint.rules.syntax_error import UnreadableFile
from vatdata_lint.rules.unreached_prepare import UnreachedPrepare
from vatdata_lint.rules.unstable_kind_name import UnstableKindName
from vatdata_lint.selection import report_file, selected_codes
from vatdata_lint.suppression import MARKER

__all__ = ["Analysis", "State", "analyse"]

State = tuple[tuple[str, str], ...]
"""Path and content key of every file."""

_RULES: dict[str, Callable[[Diagnosis], Finding]] = {
    "CONDITIONAL": ConditionalPrepare.of,
    "LOOP": PrepareInLoop.of,
    "LATE": PrepareAfterAwait.of,
    "ASYNC": PrepareInTask.of,
    "NESTED": PrepareInClosure.of,
    "HANDLER": PrepareInBehavior.of,
    "DUPLICATE": DuplicateKind.of,
    "UNSTABLE": UnstableKindName.of,
}


@dataclass(slots=True)
class Analysis:
    """Findings by path, suppressions applied, and the tables that questions are answered from."""

    state: State
    paths: tuple[str, ...]
    findings: dict[str, tuple[Finding, ...]]
    entries: tuple[Entry, ...]
    kinds: tuple[KindDefinition, ...]
    sites: tuple[CallSite, ...]
    unresolved: tuple[Step, ...]
    parsed: int
    timings: dict[str, float] = field(default_factory=dict[str, float])


def analyse(
    config: Config, files: dict[str, SourceFile], trees: dict[tuple[str, str], ModuleFacts], state: State
) -> Analysis:
    """Judge the whole project."""
    solver = Solver(config, files, trees)
    solution = solver.solve()
    raw: dict[str, list[Finding]] = {}

    def add(finding: Finding) -> None:
        raw.setdefault(finding.location.path, []).append(finding)

    for found in solution.diagnoses:
        add(_RULES[found.category](found))
    for location, name, kinds in solution.unreached:
        add(UnreachedPrepare.of(location, name, kinds))
    definitions = _definitions(solution)
    if definitions and not solution.entries:
        add(NoEntryPoint.without_entry(min(item.location for item in definitions)))
    for location, name in solution.unresolved:
        add(NoEntryPoint.unresolved(location, name))
    _module_rules(config, solver, add)
    for path, file in files.items():
        if file.problem is not None:
            solver.load(path)
    for path, problem in solution.problems.items():
        add(UnreadableFile.of(path, problem.reason, line=problem.line, column=problem.column))
    for location in solution.unit.exhausted:
        add(
            UnreadableFile.of(
                location.path, "a function needs too many steps to be followed", line=location.line
            )
        )
    findings: dict[str, tuple[Finding, ...]] = {}
    for path, file in files.items():
        mine = raw.get(path, [])
        if mine or MARKER in file.data:
            text = _text(solver, path, file)
            reported = report_file(path, text, mine, config)
            if reported:
                findings[path] = reported
    entries = tuple(
        Entry(entry.name, entry.location, entry.how)
        for entry in sorted(solution.entries.values(), key=lambda item: item.location)
    )
    return Analysis(
        state,
        tuple(files),
        findings,
        entries,
        definitions,
        tuple(dict.fromkeys(sorted(solution.unit.sites, key=lambda site: (site.location, site.function)))),
        tuple(Step(location, f"'{name}' cannot be followed") for location, name in solution.unresolved),
        len(solver.parsed),
    )


def _text(solver: Solver, path: str, file: SourceFile) -> str:
    known = solver.trees.get((path, file.digest))
    return known.text if known is not None else file.data.decode("utf-8", "replace")


def _module_rules(config: Config, solver: Solver, add: Callable[[Finding], None]) -> None:
    codes = selected_codes(config)
    rules = [rule for rule in all_rules() if issubclass(rule, ModuleRule) and rule.CODE in codes]
    if not rules:
        return

    def load_source(dotted: str):  # type: ignore[no-untyped-def]  # the shape that check_module asks for
        facts = solver.program.find(dotted)
        return (facts.path, facts.text, facts.is_package, facts.tree) if facts is not None else None

    for path, file in solver.files.items():
        if not is_vat_code(file.data):
            continue
        facts = solver.load(path)
        if facts is None:
            continue
        result = check_module(
            path,
            facts.name,
            facts.text,
            facts.tree,
            rules,
            is_package=facts.is_package,
            load_source=load_source,
        )
        for finding in result.findings:
            add(finding)


def _definitions(solution: Solution) -> tuple[KindDefinition, ...]:
    reached: dict[Location, set[str]] = {}
    entry_names = {entry.function: entry.name for entry in solution.entries.values()}
    for definition in solution.unit.definitions:
        reached.setdefault(definition.location, set())
    for site in solution.unit.sites:
        entry = entry_names.get(site.function)
        if entry is not None:
            for step in site.chain:
                if step.location in reached:
                    reached[step.location].add(entry)
    found: dict[tuple[Location, str | None], KindDefinition] = {}
    for definition in solution.unit.definitions:
        info = definition.effect.info
        found.setdefault(
            (definition.location, definition.name),
            KindDefinition(
                name=kind_display(definition.effect.key[1]),
                location=definition.location,
                definer=info.definer,
                form=info.form,
                function=definition.function,
                entries=tuple(sorted(reached.get(definition.location, ()))),
                facets=info.facets,
                fields=info.fields,
                version=info.version,
            ),
        )
    return tuple(sorted(found.values(), key=lambda item: (item.location, item.name or "")))
