"""Judges every function that defines kinds, wherever in the project its definers come from."""

from __future__ import annotations

import ast
import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping

from vatdata_lint.config import Config
from vatdata_lint.facts.diagnose import (
    entry_arguments,
    is_build_function,
    judge_function,
    report_escapes,
)
from vatdata_lint.facts.diagnosis import Candidate, EntryPoint, Unit
from vatdata_lint.facts.effects import Escape, kind_display
from vatdata_lint.facts.interpreter import Interpreter
from vatdata_lint.facts.module import Binding, ClassInfo, FunctionInfo, ModuleFacts
from vatdata_lint.facts.parameters import is_classmethod
from vatdata_lint.facts.parse import NotUnderstoodError, parse_source
from vatdata_lint.facts.values import (
    ClassV,
    Const,
    DictV,
    FuncV,
    SequenceV,
    Value,
)
from vatdata_lint.index.callables import EntryFunction, entry_functions, functions_of, is_definer_word
from vatdata_lint.index.candidates import Interest, Traits, may_use
from vatdata_lint.index.files import SourceFile, content_hash, module_name
from vatdata_lint.index.importers import Importers
from vatdata_lint.index.program import ProjectProgram
from vatdata_lint.index.relied import relied_upon
from vatdata_lint.index.solution import ModuleRecord, Solution, conclude, internal_failure
from vatdata_lint.index.sources import given_sources
from vatdata_lint.index.toplevel import follow_top_level
from vatdata_lint.listener import GivenUp, Listener
from vatdata_lint.vocabulary import BEHAVIOR_CLASSES, ENTRY_NAMES

__all__ = ["Solver"]

USERS = "users of "
"""Before the name of a module, what a record depends on that depends on all files which use that module."""

CONFIGURED = ""
"""Pseudo path of the unit that holds the configured entries."""

EVERYTHING = "*"
"""Pseudo path of a record that depends on more files than are named: it holds while no file changes."""

MAX_DEPENDS = 300
"""Files that a record names. Modules in a chain of thousands depend on each other's every file."""


class Solver:
    """One run over the files of a project.

    Args:
        config: the settings.
        files: the project's files by path.
        trees: what was parsed already in an earlier run of this process, by path and content.
        known: records of an earlier run over the same set of paths; those that still hold are not made again.
        unparsable: why files are not understood that are known from an earlier run, content unchanged.
        traits: what is known from an earlier run of the bytes of files, where that still holds.
        listener: may end the run.
    """

    def __init__(
        self,
        config: Config,
        files: dict[str, SourceFile],
        trees: dict[tuple[str, str], ModuleFacts],
        known: Mapping[str, ModuleRecord],
        unparsable: Mapping[str, NotUnderstoodError],
        traits: Mapping[str, Traits],
        listener: Listener | None = None,
    ) -> None:
        self.config = config
        self.files = files
        self.traits: dict[str, Traits] = {}
        self.trees = trees
        self.names = {path: module_name(path, config.source_roots) for path in files}
        modules: dict[str, str] = {}
        # As in an import: a package hides a module of the same name, and both hide a stub.
        for path in sorted(files, key=lambda path: (path.endswith(".pyi"), not self.names[path][1])):
            modules.setdefault(self.names[path][0], path)
        self.importers = Importers(files, self.names, dict(traits))
        self.program = ProjectProgram(config, modules, self.load, self.users)
        self.interpreter = Interpreter(self.program)
        self.solution = Solution()
        self.parsed: set[str] = set()
        self._behavior: dict[ClassInfo, bool] = {}
        self._judged_behavior: set[ClassInfo] = set()
        self.unparsable = unparsable
        self._listener = listener
        self._names_known: tuple[int, set[str]] = (0, set())
        self._failures: dict[str, NotUnderstoodError] = {}
        self.known = {path: record for path, record in known.items() if self._holds(record)}

    def _holds(self, record: ModuleRecord) -> bool:
        return not record.failures and all(
            self._key_of(dependency) == key for dependency, key in record.depends.items()
        )

    @functools.cached_property
    def _state(self) -> str:
        """Give a key of the content of all files."""
        text = "\0".join(f"{path}\0{file.digest}" for path, file in self.files.items())
        return content_hash(text.encode("utf-8", "surrogatepass"))

    def close(self) -> None:
        """Let go of the bytes of all files: a solver refers to itself, so only a collection would free them."""
        self.files, self.importers = {}, Importers({}, {}, {})

    def load(self, path: str) -> ModuleFacts | None:
        """Give the tables of a file; a file that is not understood is noted once and gives None."""
        self.interpreter.look_into(path)
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
        if path in self.unparsable:
            self.solution.problems[path] = self.unparsable[path]
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

    def recall(self, paths: Iterable[str]) -> None:
        """Report again what was found when kept results were made from *paths*: which of them do not parse."""
        for path in paths:
            if path in self.unparsable:
                self.solution.problems[path] = self.unparsable[path]

    def proceed(self) -> None:
        """End the run when nobody wants it any more.

        Raises:
            GivenUp: Nobody does.
        """
        if self._listener is not None and not self._listener.is_wanted():
            raise GivenUp

    def judge_ahead(self, path: str) -> Unit:
        """Judge a file that speaks of definers before `solve`, which takes what comes of it as it is.

        The order makes no difference: of other files, each is judged by what it looks into alone.
        """
        record = self.known.get(path)
        if record is None:
            record = self.known[path] = self._judge_module(path, frozenset(), {})
        return record.unit

    def solve(
        self, traits: Mapping[str, Traits], judged: Callable[[str, Unit], None] | None = None
    ) -> Solution:
        """Judge the project: first what speaks of definers itself, then whoever uses that, until nobody new does.

        Args:
            traits: what the bytes of the files say, by path.
            judged: called with each file once it is judged, and what was said of it.
        """
        self.traits = self.importers.traits = dict(traits)
        records = self.solution.records
        words: dict[str, frozenset[str]] = {
            path: self.known[path].words if path in self.known else frozenset()
            for path, item in traits.items()
            if item.is_primitive or path in self.known
        }
        waiting = sorted(words)
        definers: dict[str, set[str]] = {}
        while waiting:
            for path in waiting:
                record = self.known.get(path)
                if record is None or record.words != words[path]:
                    record = self._judge_module(path, words[path], definers)
                records[path] = record
                words[path] = record.words
                if judged is not None:
                    judged(path, record.unit)
                self.recall(record.depends)
            new: dict[str, set[str]] = {}
            for path in waiting:
                name = self.names[path][0]
                found = records[path].unit.definers - definers.get(name, set())
                if found:
                    new.setdefault(name, set()).update(found)
                    definers.setdefault(name, set()).update(found)
            waiting = self._users(new, words)
        self._sources_and_configuration()
        conclude(self.solution)
        return self.solution

    def _users(self, new: dict[str, set[str]], words: dict[str, frozenset[str]]) -> list[str]:
        """Give the files that may use one of some *new* definers, by module, which they were not yet judged with."""
        packages: dict[str, set[str]] = {}
        users: set[str] = set()
        for name in new:
            package = name.rpartition(".")[0]
            packages.setdefault(package, set()).add(name)
            for dotted in (name, package):
                users |= self.importers.of(dotted)
        found: list[str] = []
        for path in users:
            data = self.files[path].data
            used = may_use(data, self.importers.imports(path), new, packages, self.importers.folder(path))
            before = words.get(path, frozenset())
            used |= {word for word in new.get(self.names[path][0], set()) - before if word.encode() in data}
            if not used <= before:
                words[path] = before | used
                found.append(path)
        return sorted(found)

    def users(self, facts: ModuleFacts, words: set[str]) -> list[ModuleFacts]:
        """Give the modules that may use what *facts* offers; whoever asks depends on which these are."""
        self.interpreter.look_into(USERS + facts.name)
        spoken = {word.encode() for word in words}
        paths = self.importers.users(facts.name)
        found = [self.load(path) for path in paths if any(word in self.files[path].data for word in spoken)]
        return [item for item in found if item is not None]

    def _key_of(self, dependency: str) -> str | None:
        """Give the content key of a file, or of the files that use a module; None where there is no such file."""
        if dependency == EVERYTHING:
            return self._state
        if dependency.startswith(USERS):
            return self.importers.digest(dependency.removeprefix(USERS))
        return self.files[dependency].digest if dependency in self.files else None

    # --- one module ------------------------------------------------------------------------------------

    def _judge_module(self, path: str, words: frozenset[str], definers: dict[str, set[str]]) -> ModuleRecord:
        self.proceed()
        interest = Interest(self.files[path], words)
        before = self.solution.records.get(path)
        if before is not None and not interest.adds_to(Interest(self.files[path], before.words)):
            # The new words stand where others do that were judged already.
            facts = self.load(path)
            if facts is not None:
                self._find_imported(facts, before.unit, definers, interest)
            return dataclasses.replace(before, words=words | before.unit.definers)

        def work(unit: Unit) -> None:
            self._judged_behavior.clear()
            facts = self.load(path)
            if facts is None:
                return
            entries = self._entries(facts, unit)
            # A definer may be known here by another name, which no pattern over the bytes finds.
            self._find_imported(facts, unit, definers, interest)
            interest.learn(unit.definers)
            again = True
            while again:
                # Whoever calls a definer of this module may be the next one.
                fresh = interest.new_functions(facts)
                for fn in fresh:
                    if not entries.get(fn):
                        self._judge(unit, fn, fn in entries)
                self._find_definers(unit, fresh)
                again = interest.learn(unit.definers)
            self._find_imported(facts, unit, definers, interest)
            unit.applied |= follow_top_level(self.interpreter, facts, interest)

        record = self._recorded(path, words, work)
        return dataclasses.replace(record, words=words | record.unit.definers)

    def _recorded(self, path: str, words: frozenset[str], work: Callable[[Unit], None]) -> ModuleRecord:
        """Run *work* and note which files it looked into; no input may end the run."""
        unit = Unit()
        self.interpreter.modules = self.interpreter.bit(path) if path else 0
        self.interpreter.seen_calls.clear()
        self._failures = {}
        done: set[FunctionInfo] = set()
        try:
            work(unit)
            while new := [fn for fn in relied_upon(unit.applied, self.load) if fn not in done]:
                done.update(new)
                for fn in new:
                    self._judge(unit, fn, False)
        except Exception as error:  # reported for the file instead
            self._gave_up(path, error)
        names = self.interpreter.looked_into()
        if len(names) > MAX_DEPENDS:
            names = [EVERYTHING, *(name for name in names if name in self.solution.problems)]
        keys = {name: self._key_of(name) for name in names}
        depends = {name: key for name, key in keys.items() if key is not None}
        return ModuleRecord(words, depends, unit, self._failures)

    def _gave_up(self, path: str, error: Exception, line: int = 1) -> None:
        self.interpreter.reset()
        self._failures.setdefault(path, internal_failure(error, line))

    def _judge(
        self, unit: Unit, fn: FunctionInfo, is_entry: bool, entry_function: EntryFunction | None = None
    ) -> None:
        if fn.owner is not None and self._is_behavior(fn.owner) and not is_classmethod(fn):
            # Whoever sends a message reaches the public methods; what those call is reported there.
            if fn.owner not in self._judged_behavior:
                self._judged_behavior.add(fn.owner)
                escape = Escape(ClassV(fn.owner), "handler", fn.location, "a class of behaviour")
                self._guarded(fn, lambda: report_escapes(self.interpreter, unit, fn, [escape], set(), None))
            return
        arguments = None
        if is_entry:
            given = entry_function or EntryFunction(FuncV(fn))
            arguments = entry_arguments(self.interpreter, given.target, given.args, given.keywords)
        scope = entry_function.target.scope if entry_function is not None else None
        entry = fn.dotted if is_entry else None
        self._guarded(
            fn, lambda: judge_function(self.interpreter, unit, fn, scope, entry=entry, arguments=arguments)
        )

    def _guarded(self, fn: FunctionInfo, work: Callable[[], object]) -> None:
        self.proceed()
        try:
            work()
        except Exception as error:  # no input may end the run: the file is reported instead
            self._gave_up(fn.module.path, error, fn.location.line)

    def _is_behavior(self, cls: ClassInfo) -> bool:
        known = self._behavior.get(cls)
        if known is None:
            self._behavior[cls] = False
            for base in cls.node.bases:
                word = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
                if word in BEHAVIOR_CLASSES:
                    self._behavior[cls] = True
                elif isinstance(base, ast.Name):
                    value = self.program.global_value(cls.module, base.id, self.interpreter)
                    if isinstance(value, ClassV) and self._is_behavior(value.cls):
                        self._behavior[cls] = True
            known = self._behavior[cls]
        return known

    def _find_definers(self, unit: Unit, functions: Iterable[FunctionInfo]) -> None:
        found = unit.definers
        for fn in functions:
            if self._defines(FuncV(fn)):
                found.add(fn.name)
                if fn.owner is not None:
                    found.add(fn.owner.node.name)
                is_special = fn.name.startswith("__") or (
                    fn.owner is not None and self._is_behavior(fn.owner)
                )
                # What a test starts a vat with is named there once more.
                is_given = is_build_function(fn) and fn.module.text.count(fn.name) > 1
                if not is_special and not is_given:
                    self._note_candidate(unit, fn)

    def _find_imported(
        self, facts: ModuleFacts, unit: Unit, definers: dict[str, set[str]], interest: Interest
    ) -> None:
        found = unit.definers
        known = self._definer_names(definers)
        for name, bindings in facts.bindings.items():
            for binding in bindings:
                member = binding.member or ""
                is_definer = binding.kind == "import" and (member in known or is_definer_word(member))
                if (
                    is_definer
                    or (binding.kind == "assign" and interest.touches(binding.node))
                    or self._holds_definers(facts, name, binding)
                ):
                    found.add(name)
        for target, level in facts.star_imports:
            found |= definers.get(self.program.absolute(facts, target, level), set())

    def _holds_definers(self, facts: ModuleFacts, name: str, binding: Binding) -> bool:
        """Say whether a name stands for a list or dict that definers were added to."""
        if binding.kind == "assign":
            may_hold = name in facts.mutated
        elif binding.kind == "import" and binding.member is not None:
            source = self.program.find(self.program.absolute(facts, binding.target, binding.level))
            may_hold = source is not None and binding.member in source.mutated
        else:
            return False
        value = self.program.global_value(facts, name, self.interpreter) if may_hold else None
        return isinstance(value, SequenceV | DictV) and any(map(self._defines, functions_of(value)))

    def _definer_names(self, definers: dict[str, set[str]]) -> set[str]:
        """Give the names of all definers; they are put together once a round."""
        size = sum(map(len, definers.values()))
        if size != self._names_known[0]:
            self._names_known = (size, set().union(*definers.values()))
        return self._names_known[1]

    def _note_candidate(self, unit: Unit, fn: FunctionInfo) -> None:
        outcome = self.interpreter.standalone(fn, None)
        names = dict.fromkeys(kind_display(effect.key[1]) or "" for effect in outcome.effects)
        if outcome.effects:
            kinds = tuple(name for name in names if name)
            unit.candidates.append(Candidate(fn.location, fn.qualname, fn.dotted, fn.uid, kinds))

    def _defines(self, target: FuncV, depth: int = 0) -> bool:
        outcome = self.interpreter.standalone(target.fn, target.scope, target.bound)
        if outcome.effects:
            return True
        return depth < 3 and any(self._defines(inner, depth + 1) for inner in functions_of(outcome.value))

    # --- entries ---------------------------------------------------------------------------------------

    def _entries(self, facts: ModuleFacts, unit: Unit) -> dict[FunctionInfo, bool]:
        """Note the entries that a module names; give each with whether it was judged."""
        found: dict[FunctionInfo, bool] = {}
        for name in sorted(ENTRY_NAMES):
            if facts.bindings.get(name):
                found |= self._entry(facts, unit, name, "name")
        return found

    def _entry(self, facts: ModuleFacts, unit: Unit, name: str, how: str) -> dict[FunctionInfo, bool]:
        value = self.program.global_value(facts, name, self.interpreter)
        return self._entry_value(facts, unit, value, name, how)

    def _entry_value(
        self, facts: ModuleFacts, unit: Unit, value: Value, name: str, how: str
    ) -> dict[FunctionInfo, bool]:
        """Note what *value* starts, and judge it unless it is a function of the module, which is judged like others."""
        found: dict[FunctionInfo, bool] = {}
        for entry_function in entry_functions(self.interpreter, value):
            target = entry_function.target
            label = f"{facts.name}.{name}" if facts.name and name else name or target.fn.dotted
            outcome = self.interpreter.standalone(target.fn, target.scope, target.bound)
            suspends = outcome.suspends.location if outcome.suspends is not None else None
            entry = EntryPoint(label, target.fn.location, how, target.fn.dotted, suspends)
            if entry in unit.entries:
                continue
            unit.entries.append(entry)
            is_plain = entry_function == EntryFunction(FuncV(target.fn)) and target.fn.outer is None
            found[target.fn] = not is_plain or how != "name" or target.fn.module is not facts
            if found[target.fn]:
                self._judge(unit, target.fn, True, entry_function)
        return found

    def _sources_and_configuration(self) -> None:
        for path, traits in self.traits.items():
            if traits.names_sources:
                key = f"{path}#sources"
                record = self.known.get(key) or self._recorded(
                    path, frozenset(), functools.partial(self._sources, path)
                )
                self.solution.records[key] = record
                self.recall(record.depends)
        if self.config.entry_points:
            self.solution.records[CONFIGURED] = self._recorded(
                CONFIGURED, frozenset(), self._configured_entries
            )

    def _configured_entries(self, unit: Unit) -> None:
        for spec in self.config.entry_points:
            module, _, name = spec.replace("::", ":").partition(":")
            self._named_entry(unit, module, name, "config")

    def _named_entry(self, unit: Unit, module: str, name: str, how: str) -> None:
        facts = self.load(module) if module in self.files else self.program.find(module)
        if facts is None and not name and "." in module:
            facts, name = self.program.find(module.rpartition(".")[0]), module.rpartition(".")[2]
        if facts is None:
            return
        for word in [name] if name else ["build_root_object", "buildRootObject", "start"]:
            if facts.bindings.get(word) or (name and facts.star_imports):
                self._entry(facts, unit, word, how)
                return

    def _sources(self, path: str, unit: Unit) -> None:
        """Read the sources of vats that a file names literally."""
        facts = self.load(path)
        if facts is None:
            return
        for name, value in given_sources(
            facts, lambda node: self.program.value_of(facts, node, self.interpreter)
        ):
            if isinstance(value, Const) and isinstance(value.value, str):
                self._literal_source(unit, path, value.value)
            else:
                self._entry_value(facts, unit, value, name, "source")

    def _literal_source(self, unit: Unit, path: str, text: str) -> None:
        if text.endswith(".py"):
            folder = path.rpartition("/")[0]
            for candidate in (text.removeprefix("./"), f"{folder}/{text}" if folder else text):
                if candidate in self.files:
                    self._named_entry(unit, candidate, "", "source")
                    return
        module, _, name = text.partition(":")
        self._named_entry(unit, module, name, "source")
