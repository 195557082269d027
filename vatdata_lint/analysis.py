"""Everything that is known of a project in one state of its files: findings by file, and what questions need."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from vatdata_lint.answers import Entry, KindDefinition
from vatdata_lint.config import Config
from vatdata_lint.facts.diagnose import CallSite, Diagnosis
from vatdata_lint.facts.module import ModuleFacts
from vatdata_lint.finding import Finding, Location, Step
from vatdata_lint.index.candidates import traits_of
from vatdata_lint.index.files import SourceFile
from vatdata_lint.index.knowledge import Knowledge, RuleRecord
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
from vatdata_lint.source import decode

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
    config: Config,
    files: dict[str, SourceFile],
    trees: dict[tuple[str, str], ModuleFacts],
    state: State,
    known: Knowledge,
) -> tuple[Analysis, Knowledge]:
    """Judge the whole project, and give what the next run may reuse.

    Args:
        config: the settings.
        files: every source file.
        trees: parsed modules by path and content key; new ones are added.
        state: path and content key of *files*.
        known: what an earlier run knew, whatever the state of the files was.
    """
    paths_key = hashlib.blake2b("\0".join(files).encode(), digest_size=16).hexdigest()
    new = Knowledge(paths_key)
    # A file that appears, moves or goes may change what any import means.
    records = known.records if known.paths_key == paths_key else {}
    for path, file in files.items():
        digest, traits = known.traits.get(path, ("", None))
        if traits is None or digest != file.digest or known.paths_key != paths_key:
            name, is_package = _module_name(path, config)
            traits = traits_of(file.data, name, is_package)
        new.traits[path] = (file.digest, traits)
    solver = Solver(config, files, {path: item[1] for path, item in new.traits.items()}, trees, records)
    for path, (digest, problem) in known.problems.items():
        if path in files and files[path].digest == digest and path not in solver.solution.problems:
            solver.solution.problems[path] = problem
    solution = solver.solve()
    new.records = solution.records
    raw: dict[str, list[Finding]] = {}

    def add(finding: Finding) -> None:
        raw.setdefault(finding.location.path, []).append(finding)

    for found in solution.diagnoses:
        add(_RULES[found.category](found))
    for item in solution.unreached:
        add(UnreachedPrepare.of(item.location, item.qualname, item.kinds))
    definitions = _definitions(solution)
    if definitions and not solution.entries:
        add(NoEntryPoint.without_entry(min(item.location for item in definitions)))
    unresolved = sorted({pair for unit in solution.units() for pair in unit.unresolved})
    for location, name in unresolved:
        add(NoEntryPoint.unresolved(location, name))
    _module_rules(config, solver, known, new, add)
    for path, file in files.items():
        if file.problem is not None:
            solver.load(path)
    for path, problem in solution.problems.items():
        new.problems[path] = (files[path].digest, problem)
        add(UnreadableFile.of(path, problem.reason, line=problem.line, column=problem.column))
    for unit in solution.units():
        for location in unit.exhausted:
            reason = "a function in it needs too many steps to be followed"
            add(UnreadableFile.of(location.path, reason, line=location.line))
    entries = tuple(
        Entry(entry.name, entry.location, entry.how)
        for entry in sorted(solution.entries.values(), key=lambda item: (item.location, item.name))
    )
    sites = [site for unit in solution.units() for site in unit.sites]
    analysis = Analysis(
        state,
        tuple(files),
        _reported(config, files, new, raw),
        entries,
        definitions,
        tuple(dict.fromkeys(sorted(sites, key=lambda site: (site.location, site.function, site.callee)))),
        tuple(Step(location, f"'{name}' cannot be followed") for location, name in unresolved),
        len(solver.parsed),
    )
    return analysis, new


def _module_name(path: str, config: Config) -> tuple[str, bool]:
    from vatdata_lint.index.files import module_name

    return module_name(path, config.source_roots)


def _reported(
    config: Config, files: dict[str, SourceFile], new: Knowledge, raw: dict[str, list[Finding]]
) -> dict[str, tuple[Finding, ...]]:
    findings: dict[str, tuple[Finding, ...]] = {}
    for path, file in files.items():
        mine = raw.get(path, [])
        if mine or new.traits[path][1].has_marker:
            try:
                text = decode(file.data)
            except (SyntaxError, UnicodeDecodeError):
                text = file.data.decode("utf-8", "replace")
            reported = report_file(path, text, mine, config)
            if reported:
                findings[path] = reported
    return findings


def _module_rules(
    config: Config, solver: Solver, known: Knowledge, new: Knowledge, add: Callable[[Finding], None]
) -> None:
    codes = selected_codes(config)
    rules = [rule for rule in all_rules() if issubclass(rule, ModuleRule) and rule.CODE in codes]
    if not rules:
        return
    modules = solver.program.paths

    def digest_of(dotted: str) -> str | None:
        path = modules.get(dotted)
        return solver.files[path].digest if path is not None else None

    def load_source(dotted: str) -> tuple[str, str, bool, ast.Module] | None:
        facts = solver.program.find(dotted)
        return (facts.path, facts.text, facts.is_package, facts.tree) if facts is not None else None

    for path, file in solver.files.items():
        if not new.traits[path][1].is_vat_code:
            continue
        record = known.rules.get(path)
        if (
            record is None
            or record.digest != file.digest
            or any(digest_of(dotted) != digest for dotted, digest in record.imported.items())
        ):
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
            imported = {dotted: digest_of(dotted) for dotted in result.imported}
            record = RuleRecord(file.digest, imported, result.findings)
        new.rules[path] = record
        for finding in record.findings:
            add(finding)


def _definitions(solution: Solution) -> tuple[KindDefinition, ...]:
    reached: dict[Location, set[str]] = {}
    entry_names = {entry.function: entry.name for entry in solution.entries.values()}
    definitions = [item for unit in solution.units() for item in unit.definitions]
    for definition in definitions:
        reached.setdefault(definition.location, set())
    for unit in solution.units():
        for site in unit.sites:
            entry = entry_names.get(site.function)
            if entry is not None:
                for step in site.chain:
                    if step.location in reached:
                        reached[step.location].add(entry)
    found: dict[tuple[Location, str | None], KindDefinition] = {}
    for definition in definitions:
        info = definition.info
        found.setdefault(
            (definition.location, definition.name),
            KindDefinition(
                name=definition.name,
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
