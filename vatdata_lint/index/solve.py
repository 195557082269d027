"""Judges every function that defines kinds, wherever in the project its definers come from."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from vatdata_lint.config import Config
from vatdata_lint.facts.diagnose import Diagnosis, Unit, judge_function
from vatdata_lint.facts.diagnose import _report_escapes as report_escapes
from vatdata_lint.facts.effects import Escape
from vatdata_lint.facts.frame import Interpreter
from vatdata_lint.facts.module import ClassInfo, FunctionInfo, ModuleFacts
from vatdata_lint.facts.parse import NotUnderstoodError, parse_source
from vatdata_lint.facts.values import (
    ClassV,
    Ext,
    FuncV,
    ModuleV,
    ObjectV,
    PartialV,
    Scope,
    Sym,
    UnionV,
    Value,
    children,
)
from vatdata_lint.finding import Location
from vatdata_lint.index.candidates import Interest, imports_of, is_primitive, may_use, names_sources
from vatdata_lint.index.files import SourceFile, module_name
from vatdata_lint.index.program import ProjectProgram
from vatdata_lint.vocabulary import BEHAVIOR_CLASSES, DEFINERS, ENTRY_NAMES, is_prepare_word, snake_case

__all__ = ["EntryPoint", "Solution", "Solver"]


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A function that a vat starts with, and how it was recognised."""

    name: str
    location: Location
    how: str
    function: str


@dataclass(slots=True)
class Solution:
    """What is known of the project once everything is judged."""

    unit: Unit = field(default_factory=Unit)
    entries: dict[str, EntryPoint] = field(default_factory=dict[str, EntryPoint])
    problems: dict[str, NotUnderstoodError] = field(default_factory=dict[str, NotUnderstoodError])
    diagnoses: list[Diagnosis] = field(default_factory=list[Diagnosis])
    unresolved: list[tuple[Location, str]] = field(default_factory=list[tuple[Location, str]])
    unreached: list[tuple[Location, str, tuple[str, ...]]] = field(
        default_factory=list[tuple[Location, str, tuple[str, ...]]]
    )


class Solver:
    """One run over the files of a project.

    Args:
        config: the settings.
        files: the project's files by path.
        trees: what was parsed already in an earlier run of this process, by content.
    """

    def __init__(
        self, config: Config, files: dict[str, SourceFile], trees: dict[tuple[str, str], ModuleFacts]
    ) -> None:
        self.config = config
        self.files = files
        self.trees = trees
        self.names = {path: module_name(path, config.source_roots) for path in files}
        modules: dict[str, str] = {}
        for path, (name, _) in self.names.items():
            if name not in modules or modules[name].endswith(".pyi"):
                modules[name] = path
        self.program = ProjectProgram(config, modules, self.load)
        self.interpreter = Interpreter(self.program)
        self.solution = Solution()
        self.parsed: set[str] = set()

    def load(self, path: str) -> ModuleFacts | None:
        """Give the tables of a file; a file that is not understood is noted once and gives None."""
        file = self.files[path]
        key = (path, file.digest)
        known = self.trees.get(key)
        if known is not None:
            return known
        if path in self.solution.problems:
            return None
        if file.problem is not None:
            self.solution.problems[path] = NotUnderstoodError(file.problem)
            return None
        try:
            tree, text = parse_source(file.data)
        except NotUnderstoodError as error:
            self.solution.problems[path] = error
            return None
        self.parsed.add(path)
        name, is_package = self.names[path]
        facts = self.trees[key] = ModuleFacts(path, name, is_package, tree, text)
        return facts

    def solve(self) -> Solution:
        """Judge the project."""
        candidates = [path for path, file in self.files.items() if is_primitive(file.data)]
        waiting = {path for path in self.files if path not in set(candidates)}
        imports: dict[str, list[str]] = {}
        words: dict[str, set[str]] = {path: set() for path in candidates}
        judged: set[FunctionInfo] = set()
        definers: dict[str, set[str]] = {}
        entry_functions: set[FunctionInfo] = set()
        while candidates:
            for path in candidates:
                facts = self.load(path)
                if facts is not None and path not in imports:
                    try:
                        entry_functions |= self._entries(facts)
                    except Exception as error:  # no input may end the run: the file is reported instead
                        self._file_failed(path, error)
            self.interpreter.definer_names = {word for found in definers.values() for word in found}
            before = {name: set(found) for name, found in definers.items()}
            for path in candidates:
                facts = self.load(path)
                if facts is None:
                    continue
                interest = Interest(self.files[path], words[path])
                for fn in interest.functions(facts):
                    if fn not in judged:
                        judged.add(fn)
                        self._judge(fn, fn in entry_functions)
                try:
                    self._find_definers(facts, definers, interest)
                except Exception as error:  # no input may end the run: the file is reported instead
                    self._file_failed(path, error)
            packages: dict[str, set[str]] = {}
            for name in definers:
                packages.setdefault(name.rpartition(".")[0], set()).add(name)
            for path in [*words, *waiting]:
                if path not in imports:
                    name, is_package = self.names[path]
                    imports[path] = imports_of(self.files[path].data, name, is_package)
            candidates = []
            if definers == before:
                break
            for path in sorted(imports):
                name, is_package = self.names[path]
                folder = name if is_package else name.rpartition(".")[0]
                own = may_use(self.files[path].data, imports[path], definers, packages, folder)
                own |= {word for word in definers.get(name, ()) if word.encode() in self.files[path].data}
                if own - words.get(path, set()):
                    words[path] = words.get(path, set()) | own
                    waiting.discard(path)
                    candidates.append(path)
        for path in list(self.files):
            if names_sources(self.files[path].data):
                try:
                    self._sources(path)
                except Exception as error:  # no input may end the run: the file is reported instead
                    self._file_failed(path, error)
        self._configured_entries()
        self._finish(judged)
        return self.solution

    # --- entries ---------------------------------------------------------------------------------------

    def _entries(self, facts: ModuleFacts) -> set[FunctionInfo]:
        found: set[FunctionInfo] = set()
        for name in ENTRY_NAMES:
            bindings = facts.bindings.get(name)
            if bindings and not all(
                item.kind == "import" and self._is_elsewhere(facts, name) for item in bindings
            ):
                found |= self._entry(facts, name, "name")
        return found

    def _is_elsewhere(self, facts: ModuleFacts, name: str) -> bool:
        value = self.program.global_value(facts, name, self.interpreter)
        return not isinstance(value, FuncV)

    def _entry(self, facts: ModuleFacts, name: str, how: str) -> set[FunctionInfo]:
        value = self.program.global_value(facts, name, self.interpreter)
        found: set[FunctionInfo] = set()
        for target in self._entry_functions(facts, name, value):
            label = f"{facts.name}.{name}" if facts.name else name
            key = f"{label}|{target.fn.uid}"
            if key in self.solution.entries:
                continue
            self.solution.entries[key] = EntryPoint(label, target.fn.location, how, target.fn.dotted)
            found.add(target.fn)
            plain = target.scope is None and target.fn.outer is None and target.fn.owner is None
            if not plain or how != "name" or target.fn.module is not facts:
                self._judge(target.fn, True, target)
        return found

    def _entry_functions(self, facts: ModuleFacts, name: str, value: Value, depth: int = 0) -> list[FuncV]:
        if isinstance(value, FuncV):
            return [value]
        if isinstance(value, PartialV):
            return self._entry_functions(facts, name, value.target, depth + 1)
        if isinstance(value, ObjectV):
            method = value.cls.cls.methods.get("__call__")
            return [FuncV(method, value.cls.scope, value)] if method is not None else []
        if isinstance(value, UnionV):
            return [
                fn for member in value.members for fn in self._entry_functions(facts, name, member, depth + 1)
            ]
        if isinstance(value, Sym) and value.op == "call" and depth < 3:
            # A wrapper that cannot be followed: what it wraps runs in its stead.
            found: list[FuncV] = []
            for argument in value.args:
                if isinstance(argument, FuncV | PartialV | UnionV):
                    found += self._entry_functions(facts, name, argument, depth + 1)
            return found
        return []

    def _configured_entries(self) -> None:
        for spec in self.config.entry_points:
            module, _, name = spec.replace("::", ":").partition(":")
            self._named_entry(module, name, "config")

    def _named_entry(self, module: str, name: str, how: str) -> None:
        facts = self.program.find(module)
        if facts is None:
            path = module if module in self.files else None
            facts = self.load(path) if path is not None else None
        if facts is None:
            return
        for word in [name] if name else ["build_root_object", "start"]:
            if facts.bindings.get(word):
                self._entry(facts, word, how)
                return

    def _sources(self, path: str) -> None:
        """Read the sources of vats that a file names literally."""
        facts = self.load(path)
        if facts is None:
            return
        for node in ast.walk(facts.tree):
            if not isinstance(node, ast.Call):
                continue
            word = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if word not in ("create_vat", "provide_vat", "open_vat"):
                continue
            source = node.args[1] if len(node.args) > 1 else None
            for keyword in node.keywords:
                if keyword.arg == "source":
                    source = keyword.value
            if isinstance(source, ast.Constant) and isinstance(source.value, str):
                self._literal_source(path, source.value)
            elif isinstance(source, ast.Name) and facts.bindings.get(source.id):
                self._entry(facts, source.id, "source")
            elif isinstance(source, ast.Attribute) and isinstance(source.value, ast.Name):
                value = self.program.global_value(facts, source.value.id, self.interpreter)
                if isinstance(value, ModuleV) and value.module.bindings.get(source.attr):
                    self._entry(value.module, source.attr, "source")

    def _literal_source(self, path: str, text: str) -> None:
        if text.endswith(".py"):
            folder = path.rpartition("/")[0]
            for candidate in (text, f"{folder}/{text}" if folder else text):
                if candidate in self.files:
                    self._named_entry(candidate, "", "source")
                    return
        module, _, name = text.partition(":")
        self._named_entry(module, name, "source")

    # --- judging ---------------------------------------------------------------------------------------

    def _judge(self, fn: FunctionInfo, is_entry: bool, target: FuncV | None = None) -> None:
        unit = self.solution.unit
        key = f"{fn.uid}|{is_entry}"
        if key in unit.judged:
            return
        unit.judged.add(key)
        arguments = None
        if is_entry:
            arguments = self.interpreter.symbolic(fn, target.bound if target else None)
            names = list(arguments)
            if len(names) >= 3 and fn.owner is None:
                third = arguments[names[2]]
                if not (isinstance(third, Sym) and third.op == "baggage"):
                    arguments[names[2]] = Sym("baggage", third)
            if target is not None and target.bound is not None and names:
                arguments[names[0]] = target.bound
        if fn.owner is not None and self._is_behavior(fn.owner):
            self._judge_behavior(fn)
            return
        try:
            judge_function(
                self.interpreter,
                unit,
                fn,
                target.scope if target is not None else None,
                entry=fn.dotted if is_entry else None,
                arguments=arguments,
            )
        except Exception as error:  # no input may end the run: the file is reported instead
            self._gave_up(fn, error)

    def _gave_up(self, fn: FunctionInfo, error: Exception) -> None:
        self.interpreter.reset()
        reason = f"following '{fn.qualname}' failed with {type(error).__name__}: {error}; please report it"
        self.solution.problems.setdefault(fn.module.path, NotUnderstoodError(reason, fn.location.line))

    def _file_failed(self, path: str, error: Exception) -> None:
        self.interpreter.reset()
        reason = f"reading its names failed with {type(error).__name__}: {error}; please report it"
        self.solution.problems.setdefault(path, NotUnderstoodError(reason))

    def _judge_behavior(self, fn: FunctionInfo) -> None:
        holder = fn
        escape = Escape(FuncV(fn), "handler", fn.location, "a class of behaviour")
        try:
            report_escapes(self.interpreter, self.solution.unit, holder, [escape], set(), None)
        except Exception as error:  # no input may end the run: the file is reported instead
            self._gave_up(fn, error)

    def _is_behavior(self, cls: ClassInfo, depth: int = 0) -> bool:
        if cls.is_behavior is None:
            cls.is_behavior = False
            for base in cls.node.bases:
                word = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
                if word in BEHAVIOR_CLASSES:
                    cls.is_behavior = True
                elif depth < 6 and isinstance(base, ast.Name):
                    value = self.program.global_value(cls.module, base.id, self.interpreter)
                    if (
                        isinstance(value, ClassV)
                        and value.cls is not cls
                        and self._is_behavior(value.cls, depth + 1)
                    ):
                        cls.is_behavior = True
        return cls.is_behavior

    def _find_definers(self, facts: ModuleFacts, definers: dict[str, set[str]], interest: Interest) -> None:
        found = definers.setdefault(facts.name, set())
        for fn in interest.functions(facts):
            if self._defines(FuncV(fn)):
                found.add(fn.name)
                if fn.owner is not None:
                    found.add(fn.owner.node.name)
        known = {name for names in definers.values() for name in names}
        for name, bindings in facts.bindings.items():
            if name in found:
                continue
            for binding in bindings:
                if (binding.kind == "import" and binding.member in known and binding.member is not None) or (
                    binding.kind == "assign" and interest.touches(binding.node)
                ):
                    found.add(name)
        if any(interest.lines) and facts.star_imports:
            for target, level in facts.star_imports:
                dotted = self.program._absolute(facts, target, level)
                found |= definers.get(dotted, set())
        if not found:
            del definers[facts.name]

    def _defines(self, target: FuncV, depth: int = 0) -> bool:
        try:
            outcome = self.interpreter.standalone(target.fn, target.scope, target.bound)
        except Exception as error:  # no input may end the run: the file is reported instead
            self._gave_up(target.fn, error)
            return False
        if outcome.effects:
            return True
        return depth < 3 and any(self._defines(inner, depth + 1) for inner in _functions(outcome.value))

    # --- the whole program -----------------------------------------------------------------------------

    def _finish(self, judged: Iterable[FunctionInfo]) -> None:
        solution = self.solution
        unit = solution.unit
        seen: set[tuple[str, Location]] = set()
        for found in sorted(unit.diagnoses, key=_order):
            if any(self._excused(condition) for condition in found.unless):
                continue
            if (found.category, found.location) in seen:
                continue
            seen.add((found.category, found.location))
            solution.diagnoses.append(found)
        outer = {
            (d.location, d.category)
            for d in solution.diagnoses
            if d.category in ("HANDLER", "NESTED", "ASYNC")
        }
        solution.diagnoses = [
            d
            for d in solution.diagnoses
            if not (
                d.category in ("CONDITIONAL", "LOOP", "LATE", "DUPLICATE", "UNSTABLE")
                and ((d.location, "HANDLER") in outer or (d.location, "NESTED") in outer)
            )
            and not (d.category == "NESTED" and (d.location, "HANDLER") in outer)
        ]
        reached = {entry.function for entry in solution.entries.values()}
        reached_uids = set(self.interpreter.applied)
        for fn in judged:
            if fn.dotted in reached or fn.uid in reached_uids or fn.owner is not None:
                continue
            outcome = self.interpreter.standalone(fn, None)
            if outcome.effects:
                from vatdata_lint.facts.effects import kind_display

                kinds = tuple(dict.fromkeys(kind_display(e.key[1]) or "" for e in outcome.effects))
                solution.unreached.append((fn.location, fn.qualname, tuple(kind for kind in kinds if kind)))

    def _excused(self, condition: tuple[str, ...]) -> bool:
        pairs = self.solution.unit.pairs
        match condition:
            case ("pair", key, place):
                return ("written", key, place) in pairs
            case ("written", key, place):
                return ("guarded", key, place) in pairs or ("guarded", "*", place) in pairs
            case ("heap", uid, parameter):
                classes = {given.get(parameter) for given in self.interpreter.applied.get(uid, [])}
                return "heap" in classes and "durable" not in classes
            case ("called", uid):
                return uid in self.interpreter.applied
            case _:
                return False


def _is_definer_word(name: str) -> bool:
    return snake_case(name) in DEFINERS or is_prepare_word(name)


def _functions(value: Value, depth: int = 0) -> list[FuncV]:
    if isinstance(value, FuncV):
        return [value]
    if depth > 3 or isinstance(value, Ext):
        return []
    return [fn for child in children(value) for fn in _functions(child, depth + 1)]


def _order(found: Diagnosis) -> tuple[str, int, int, bool, str]:
    where = found.location
    return (where.path, where.line, where.column, found.entry is None, found.category)


_ = Scope
