"""Everything that is known of a project in one state of its files: findings by file, and what questions need."""

from __future__ import annotations

import ast
import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from vatdata_lint.answers import Entry, KindDefinition
from vatdata_lint.config import Config
from vatdata_lint.facts.diagnosis import CallSite, Diagnosis, Unit
from vatdata_lint.facts.module import ModuleFacts
from vatdata_lint.facts.parse import NotUnderstoodError
from vatdata_lint.finding import Finding, Location, Step
from vatdata_lint.index.candidates import Traits, is_plainly_primitive, traits_of
from vatdata_lint.index.files import SourceFile
from vatdata_lint.index.knowledge import Knowledge, RuleRecord
from vatdata_lint.index.solution import ModuleRecord, Solution, internal_failure
from vatdata_lint.index.solve import Solver
from vatdata_lint.index.soundness import unsound
from vatdata_lint.index.ways import Ways, calls_by_function
from vatdata_lint.listener import GivenUp, Listener
from vatdata_lint.module_check import check_module
from vatdata_lint.rules import ModuleRule, all_rules
from vatdata_lint.rules.blocking_in_crank import BlockingInCrank
from vatdata_lint.rules.conditional_prepare import ConditionalPrepare
from vatdata_lint.rules.duplicate_kind import DuplicateKind
from vatdata_lint.rules.foreign_await import ForeignAwait
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

EARLY_FROM = 16
"""Files that are looked at for the first time, from which on a run is long enough to tell of findings early."""

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
    jobs: int = 1,
    listener: Listener | None = None,
) -> tuple[Analysis, Knowledge]:
    """Judge the whole project, and give what the next run may reuse.

    Args:
        config: the settings.
        files: every source file.
        trees: parsed modules by path and content key; new ones are added.
        state: path and content key of *files*.
        known: what an earlier run knew, whatever the state of the files was.
        jobs: how many processes may parse files that are parsed only to see that they can be.
        listener: hears of findings early, and may end the run.

    Raises:
        GivenUp: The listener ended the run; *known* holds what was judged until then.
    """
    paths = "\0".join(files).encode("utf-8", "surrogatepass")  # names of files need not be text
    paths_key = hashlib.blake2b(paths, digest_size=16).hexdigest()
    new = Knowledge(paths_key)
    # A file that appears, moves or goes may change what any import means.
    records = known.records if known.paths_key == paths_key else {}
    same = {path for path, file in files.items() if known.traits.get(path, ("",))[0] == file.digest}
    unparsable = {path: item[1] for path, item in known.problems.items() if path in same}
    told = {path: known.traits[path][1] for path in same} if known.paths_key == paths_key else {}
    solver = Solver(config, files, trees, records, unparsable, told, listener)
    try:
        early = None
        if listener is not None and len(files) - len(same) >= EARLY_FROM:
            early = _Early(config, files, listener)
            early.go_ahead(solver)
        traits = _traits(files, known, new, same, solver)
        solution = solver.solve(traits, early.judged if early is not None else None)
        new.records = solution.records
        return _analysed(config, solver, state, known, new, same, jobs), new
    except GivenUp:
        _keep(known, new, solver, records, same)
        raise
    finally:
        solver.close()


def _traits(
    files: Mapping[str, SourceFile], known: Knowledge, new: Knowledge, same: set[str], solver: Solver
) -> dict[str, Traits]:
    """Look at the bytes of all files that are not known."""
    traits: dict[str, Traits] = {}
    for path, file in files.items():
        solver.proceed()
        old = known.traits[path][1] if path in same else traits_of(file.data)
        # What a relative import means depends on the name of the module, hence on its path.
        traits[path] = old if known.paths_key == new.paths_key else dataclasses.replace(old, imports=None)
    return traits


class _Early:
    """Reports what one file's judgement says already, where no other file can take it away."""

    def __init__(self, config: Config, files: Mapping[str, SourceFile], listener: Listener) -> None:
        self._config = config
        self._files = files
        self._listener = listener
        self._told: set[str] = set()

    def go_ahead(self, solver: Solver) -> None:
        """Judge the files that are vats at first sight, before the others are looked at."""
        for path, file in self._files.items():
            if is_plainly_primitive(file.data):
                self.judged(path, solver.judge_ahead(path))

    def judged(self, path: str, unit: Unit) -> None:
        """Hand out the findings that lie in the file itself, once."""
        if path in self._told:
            return
        sure = [
            _RULES[found.category](found)
            for found in unit.diagnoses
            if found.location.path == path and not found.unless
        ]
        if not sure:
            return
        reported = _report(self._config, self._files[path], list(dict.fromkeys(sure)))
        # A suppression is unused only when all findings are known.
        final = tuple(finding for finding in reported if not finding.code.startswith("VD9"))
        if final:
            self._told.add(path)
            self._listener.found(path, final)


def _keep(
    known: Knowledge, new: Knowledge, solver: Solver, records: Mapping[str, ModuleRecord], same: set[str]
) -> None:
    """Bring *known* up to the texts of a run that was given up: judged modules stay judged."""
    known.records = {**records, **solver.known, **solver.solution.records}
    known.rules = {**known.rules, **new.rules}
    known.parsed &= same
    known.problems = {path: item for path, item in known.problems.items() if path in same}
    if solver.traits:
        known.traits = {path: (solver.files[path].digest, item) for path, item in solver.traits.items()}
    elif known.paths_key != new.paths_key:
        known.traits = {}
    known.paths_key = new.paths_key


def _analysed(
    config: Config, solver: Solver, state: State, known: Knowledge, new: Knowledge, same: set[str], jobs: int
) -> Analysis:
    """Turn what the solver found, and what the rules for single modules find, into findings and tables."""
    solution, files = solver.solution, solver.files
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
    new.traits = {path: (files[path].digest, item) for path, item in solver.traits.items()}
    failures = _module_rules(config, solver, known, new, add)
    _leave_out_told_threads(raw, solution.diagnoses)
    for record in solution.records.values():
        failures |= record.failures
    for path, problem in (failures | _problems(config, solver, known, new, same, jobs)).items():
        add(UnreadableFile.of(path, problem.reason, line=problem.line, column=problem.column))
    cut_short: dict[str, set[Location]] = {}
    for unit in solution.units():
        for location in unit.exhausted:
            cut_short.setdefault(location.path, set()).add(location)
    for places in cut_short.values():
        add(UnreadableFile.cut_short(min(places), len(places) - 1))
    entries = tuple(
        Entry(entry.name, entry.location, entry.how, entry.suspends)
        for entry in sorted(solution.entries.values(), key=lambda item: (item.location, item.name))
    )
    sites = [site for unit in solution.units() for site in unit.sites]
    return Analysis(
        state,
        tuple(files),
        _reported(config, files, new, raw, solver.trees),
        entries,
        definitions,
        tuple(dict.fromkeys(sorted(sites, key=lambda site: (site.location, site.function, site.callee)))),
        tuple(Step(location, f"'{name}' cannot be followed") for location, name in unresolved),
        len(solver.parsed),
    )


def _leave_out_told_threads(raw: dict[str, list[Finding]], diagnoses: Iterable[Diagnosis]) -> None:
    """Drop what is said of a thread where the function's definitions in that thread are reported: it is one mistake.

    The same holds for an await of what runs a definition elsewhere.
    """
    functions: dict[str, list[Location]] = {}
    starts: set[tuple[str, int]] = set()
    for found in diagnoses:
        if found.category == "ASYNC":
            starts.add((found.location.path, found.location.line))
            around = [
                step.location
                for step in found.chain
                if step.message.startswith("in '") and _encloses(step.location, found.location)
            ]
            innermost = max(around, key=lambda place: place.line, default=found.location)
            functions.setdefault(found.location.path, []).append(innermost)
    for path, places in functions.items():
        raw[path] = [
            finding
            for finding in raw.get(path, [])
            if not (
                BlockingInCrank.is_of_thread(finding)
                and any(_encloses(place, finding.location) for place in places)
            )
            and not (finding.code == ForeignAwait.CODE and (path, finding.location.line) in starts)
        ]


def _encloses(outer: Location, inner: Location) -> bool:
    return outer.path == inner.path and outer.line <= inner.line <= outer.end_line


def _problems(
    config: Config, solver: Solver, known: Knowledge, new: Knowledge, same: set[str], jobs: int
) -> dict[str, NotUnderstoodError]:
    """Give why files are not understood, and note for the next run which are."""
    files = solver.files
    for path, file in files.items():
        if file.problem is not None:
            solver.load(path)
    loaded = {path for path, digest in solver.trees if path in files and files[path].digest == digest}
    found = solver.solution.problems
    sound = unsound(config, files, found, loaded | (known.parsed & same), solver.unparsable, same, jobs)
    new.parsed = sound.parsed
    problems = found | sound.problems
    new.problems = {
        path: (files[path].digest, item) for path, item in {**solver.unparsable, **problems}.items()
    }
    return problems


def _reported(
    config: Config,
    files: dict[str, SourceFile],
    new: Knowledge,
    raw: dict[str, list[Finding]],
    trees: Mapping[tuple[str, str], ModuleFacts],
) -> dict[str, tuple[Finding, ...]]:
    findings: dict[str, tuple[Finding, ...]] = {}
    for path, file in files.items():
        mine = raw.get(path, [])
        if mine or new.traits[path][1].has_marker:
            facts = trees.get((path, file.digest))
            reported = _report(config, file, mine, facts.tree if facts is not None else None)
            if reported:
                findings[path] = reported
    return findings


def _report(
    config: Config, file: SourceFile, findings: list[Finding], tree: ast.Module | None = None
) -> tuple[Finding, ...]:
    try:
        text = decode(file.data)
    except (SyntaxError, UnicodeDecodeError):
        text = file.data.decode("utf-8", "replace")
    return report_file(file.path, text, findings, config, tree)


def _module_rules(
    config: Config, solver: Solver, known: Knowledge, new: Knowledge, add: Callable[[Finding], None]
) -> dict[str, NotUnderstoodError]:
    """Add what the rules for single modules find, and give the files in which a rule failed."""
    failures: dict[str, NotUnderstoodError] = {}
    codes = selected_codes(config)
    rules = [rule for rule in all_rules() if issubclass(rule, ModuleRule) and rule.CODE in codes]
    if not rules:
        return failures
    modules = solver.program.paths
    told: set[tuple[str, Location]] = set()
    elsewhere: list[Finding] = []

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
            solver.proceed()
            facts = solver.load(path)
            if facts is None:
                continue
            try:
                result = check_module(
                    path,
                    facts.name,
                    facts.text,
                    facts.tree,
                    rules,
                    is_package=facts.is_package,
                    load_source=load_source,
                )
            except Exception as error:  # no input may end the run: the file is reported instead
                failures[path] = internal_failure(error)
                continue
            imported = {dotted: digest_of(dotted) for dotted in result.imported}
            record = RuleRecord(file.digest, imported, result.findings)
        new.rules[path] = record
        solver.recall(modules[dotted] for dotted in record.imported if dotted in modules)
        for finding in record.findings:
            if finding.location.path == path:
                told.add((finding.code, finding.location))
                add(finding)
            else:
                elsewhere.append(finding)
    # A function that several modules give to their kinds is one mistake, told once.
    for finding in elsewhere:
        if (finding.code, finding.location) not in told:
            told.add((finding.code, finding.location))
            add(finding)
    return failures


def _definitions(solution: Solution) -> tuple[KindDefinition, ...]:
    definitions = [item for unit in solution.units() for item in unit.definitions]
    calls = calls_by_function(site for unit in solution.units() for site in unit.sites)
    reached: dict[str | Location, set[str]] = {}
    for entry in solution.entries.values():
        # By the functions that calls lead to; what a call comes to by other ways, its chain tells of one kind.
        for function in Ways([entry], calls).functions:
            reached.setdefault(function, set()).add(entry.name)
        for site in calls.get(entry.function, ()):
            for step in site.chain:
                reached.setdefault(step.location, set()).add(entry.name)
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
                entries=tuple(
                    sorted({*reached.get(definition.function, ()), *reached.get(definition.location, ())})
                ),
                facets=info.facets,
                fields=info.fields,
                version=info.version,
            ),
        )
    return tuple(sorted(found.values(), key=lambda item: (item.location, item.name or "")))
