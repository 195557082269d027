"""The project as one program: modules by name, and what their top-level names stand for."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from vatdata_lint.config import Config
from vatdata_lint.facts import escapes, operations
from vatdata_lint.facts.dispatch import evaluate
from vatdata_lint.facts.effects import Path
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.interpreter import Interpreter
from vatdata_lint.facts.module import Binding, FunctionInfo, ModuleFacts
from vatdata_lint.facts.values import (
    UNKNOWN,
    ClassV,
    Const,
    DictV,
    Ext,
    FuncV,
    ModuleV,
    ObjectV,
    Scope,
    SequenceV,
    Sym,
    Value,
    join,
)
from vatdata_lint.index.filled import Table, filled, is_registry
from vatdata_lint.vocabulary import RUNTIME_PACKAGE, looks_like_baggage

__all__ = ["ProjectProgram"]

_BUILTINS = frozenset(dir(builtins))

_MAX_REEXPORTS = 8
"""How many modules may hand a variable on until what fills it counts as unknown."""


@dataclass(frozen=True, slots=True)
class _Stars:
    """Modules whose names a module has by star imports, the strongest first; a module outside of the project."""

    modules: tuple[ModuleFacts, ...]
    paths: frozenset[str]
    outside: str


_NO_STARS = _Stars((), frozenset(), "")


class ProjectProgram:
    """Resolves names across modules; a module is parsed when something first asks for it.

    Args:
        config: the settings.
        paths: dotted module name to path.
        load: gives the tables of a path, None where it is not understood.
        users: gives the modules that may use what a module offers and speak of one of some words.
    """

    def __init__(
        self,
        config: Config,
        paths: dict[str, str],
        load: Callable[[str], ModuleFacts | None],
        users: Callable[[ModuleFacts, set[str]], Sequence[ModuleFacts]],
    ) -> None:
        self.config = config
        self.paths = paths
        self._load = load
        self.users = users
        self._values: dict[tuple[str, str], tuple[Value, int]] = {}
        self._star_imports: dict[str, _Stars] = {}
        self._sources: dict[str, tuple[list[ModuleFacts], str]] = {}
        self._running: set[tuple[str, str]] = set()
        self._packages = {name.partition(".")[0] for name in paths}
        self._filling: set[tuple[str, str, str]] = set()
        self._fillings: dict[tuple[str, str, str], tuple[Value | None, int]] = {}
        self._configured: dict[FunctionInfo, list[str]] | None = None
        self._configured_through = 0

    def find(self, name: str) -> ModuleFacts | None:
        """Give a module of the project; the runtime is known by name only, even where its source lies about."""
        if name.partition(".")[0] == RUNTIME_PACKAGE:
            return None
        path = self.paths.get(name)
        return self._load(path) if path is not None else None

    def is_definer(self, fn: FunctionInfo, interpreter: Interpreter) -> bool | None:
        """Say what the configuration says of a function, which it may name by any module that offers it."""
        names = self._configured_names(fn, interpreter) if self.config.definers else ()
        return next((self.config.definers[name] for name in names if name in self.config.definers), None)

    def is_prompt(self, fn: FunctionInfo, interpreter: Interpreter) -> bool:
        """Say whether the configuration says that awaiting a function's call never leaves the crank."""
        prompt = self.config.prompt_awaitables
        return bool(prompt) and any(name in prompt for name in self._configured_names(fn, interpreter))

    def _configured_names(self, fn: FunctionInfo, interpreter: Interpreter) -> Sequence[str]:
        """Give the names of a function: its own, and those by which the configuration reaches it through re-exports."""
        if self._configured is None:
            self._configured = {}
            outer, interpreter.modules = interpreter.modules, 0
            for dotted in (*self.config.definers, *self.config.prompt_awaitables):
                module, _, name = dotted.rpartition(".")
                source = self.find(module)
                value = self.global_value(source, name, interpreter) if source is not None else None
                if isinstance(value, FuncV):
                    self._configured.setdefault(value.fn, []).append(dotted)
            self._configured_through = interpreter.modules
            interpreter.modules = outer
        interpreter.modules |= self._configured_through
        return (fn.dotted, *self._configured.get(fn, ()))

    def global_value(self, module: ModuleFacts, name: str, interpreter: Interpreter) -> Value:
        """Give what a module-level name stands for; each is worked out once."""
        key = (module.path, name)
        known = self._values.get(key)
        if known is not None:
            interpreter.modules |= known[1]
            return known[0]
        if key in self._running:
            return UNKNOWN
        self._running.add(key)
        outer, interpreter.modules = interpreter.modules, interpreter.bit(module.path)
        try:
            with interpreter.between_functions():
                value = self._work_out(module, name, interpreter)
            self._values[key] = (value, interpreter.modules)
        finally:
            self._running.discard(key)
            outer |= interpreter.modules
            interpreter.modules = outer
        return value

    def value_of(self, module: ModuleFacts, node: ast.expr, interpreter: Interpreter) -> Value:
        """Give what an expression stands for in a module's own scope."""
        return evaluate(Frame(interpreter, module, None, Scope({}, None), judging=False), node, Path({}))

    @contextmanager
    def apart(
        self, module: ModuleFacts, values: Mapping[str, Value], interpreter: Interpreter
    ) -> Generator[None]:
        """Let names of a module stand for other values for a while, and forget afterwards what came of that."""
        kept = self._values
        self._values = {
            (module.path, name): (value, interpreter.bit(module.path)) for name, value in values.items()
        }
        try:
            yield
        finally:
            self._values = kept

    def as_seen_by(
        self, reader: ModuleFacts, module: ModuleFacts, name: str, value: Value, interpreter: Interpreter
    ) -> Value:
        """Give a module's value once all is imported that *reader* imports: a list that others add to, say."""
        is_open = isinstance(value, Sym) and value.op == "changed"
        if not (is_open or is_registry(value) or isinstance(value, SequenceV | DictV | ObjectV)):
            return value
        owner, name = self._origin(module, name)
        if not is_open and not is_registry(value) and (owner.path, owner.path, name) not in self._fillings:
            return value
        if owner is reader or not owner.bindings.get(name):
            return value
        return self._filled(reader, owner, name, interpreter) or value

    def _origin(self, module: ModuleFacts, name: str) -> tuple[ModuleFacts, str]:
        """Give the module that binds a name which others import from each other, and its name there."""
        for _ in range(_MAX_REEXPORTS):
            binding = module.bindings.get(name, (None,))[0]
            if binding is None or binding.kind != "import" or binding.member is None:
                break
            source = self.find(self.absolute(module, binding.target, binding.level))
            if source is None:
                break
            module, name = source, binding.member
        return module, name

    def _filled(
        self, reader: ModuleFacts, owner: ModuleFacts, name: str, interpreter: Interpreter
    ) -> Value | None:
        key = (reader.path, owner.path, name)
        first = owner.bindings[name][0]
        if first.kind != "assign" or not first.always or key in self._filling:
            return None
        known = self._fillings.get(key)
        if known is None:
            is_outermost = not self._filling
            self._filling.add(key)
            outer, interpreter.modules = interpreter.modules, 0
            try:
                begin = self._bound(owner, first, interpreter)
                value = None
                if isinstance(begin, SequenceV | DictV) or is_registry(begin):
                    value = filled(self, interpreter, owner, name, cast("Table", begin), reader)
                known = (value, interpreter.modules)
            finally:
                self._filling.discard(key)
                interpreter.modules = outer
            if is_outermost:
                self._fillings[key] = known
        interpreter.modules |= known[1]
        return known[0]

    def _work_out(self, module: ModuleFacts, name: str, interpreter: Interpreter) -> Value:
        bindings = module.bindings.get(name)
        if not bindings:
            stars = self._stars(module) if module.star_imports else _NO_STARS
            for path in stars.paths:
                interpreter.look_into(path)
            for source in stars.modules:
                if name in source.bindings:
                    value = self.global_value(source, name, interpreter)
                    if not (isinstance(value, Ext) and value.missing):
                        return value
            if stars.outside and name not in _BUILTINS:
                return Ext(f"{stars.outside}.{name}", missing=True)
            if module.is_package:
                inner = self.find(f"{module.name}.{name}" if module.name else name)
                if inner is not None:
                    return ModuleV(inner)
            if name in ("__name__", "__file__", "__doc__"):
                return Sym("module", module.name, name)
            return Ext(f"builtins.{name}") if name in _BUILTINS else self._undefined(name)
        for binding in bindings:
            if binding.kind == "assign":
                interpreter.effort.meet(binding, module.size_of(binding.node))
        values = [self._bound(module, binding, interpreter) for binding in bindings]
        solid = [value for value in values if not (isinstance(value, Ext) and value.missing)]
        result = join(solid or values)
        if isinstance(result, Const) and result.type_name in ("bool", "NoneType"):
            return Sym(
                "setting", module.name, name
            )  # a condition like any other: the next release may change it
        is_container = isinstance(values[0], SequenceV | DictV)
        if is_container and (len(bindings) > 1 or name in module.mutated):
            return self._filled(module, module, name, interpreter) or Sym("changed", module.name, name)
        if is_registry(result):
            return self._filled(module, module, name, interpreter) or result
        if (
            isinstance(result, Sym)
            and looks_like_baggage(name)
            and result.op not in ("heap", "virtual", "zone", "sub")
        ):
            return Sym("baggage", result)
        return result

    def _stars(self, module: ModuleFacts) -> _Stars:
        """Find where the star imports of a module lead, through any number of modules and cycles of them."""
        known = self._star_imports.get(module.path)
        if known is None:
            outside = ""
            seen = {module.path}
            found: list[ModuleFacts] = []
            pending = [module]
            while pending:
                at = pending.pop()
                found.append(at)
                sources, elsewhere = self._star_sources(at)
                outside = outside or elsewhere
                for source in sources:
                    if source.path not in seen:
                        seen.add(source.path)
                        pending.append(source)  # the last one is looked at first, as it binds last
            known = self._star_imports[module.path] = _Stars(tuple(found[1:]), frozenset(seen), outside)
        return known

    def _star_sources(self, module: ModuleFacts) -> tuple[list[ModuleFacts], str]:
        known = self._sources.get(module.path)
        if known is None:
            sources: list[ModuleFacts] = []
            outside = ""
            for target, level in module.star_imports:
                dotted = self.absolute(module, target, level)
                source = self.find(dotted)
                if source is not None:
                    sources.append(source)
                elif dotted.partition(".")[0] not in self._packages:
                    outside = outside or dotted
            known = self._sources[module.path] = (sources, outside)
        return known

    def _undefined(self, name: str) -> Value:
        if looks_like_baggage(name):
            return Sym("baggage", Sym("undefined", name))
        return Ext(name, missing=True)

    def _bound(self, module: ModuleFacts, binding: Binding, interpreter: Interpreter) -> Value:
        node = binding.node
        if binding.kind == "import":
            return self.import_value(module, binding, interpreter)
        frame = Frame(interpreter, module, None, Scope({}, None), judging=False)
        path = Path({})
        if binding.kind == "def" and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            value: Value = FuncV(module.function(node, None, None))
            return self._decorated(frame, node.decorator_list, value, path)
        if binding.kind == "class" and isinstance(node, ast.ClassDef):
            return self._decorated(frame, node.decorator_list, ClassV(module.class_info(node, None)), path)
        if binding.kind == "assign" and isinstance(node, ast.expr):
            value = evaluate(frame, node, path)
            for index in binding.path:
                items = operations.exact_items(value)
                value = (
                    items[index] if items is not None and index < len(items) else Sym("item", value, index)
                )
            return value
        return UNKNOWN

    def _decorated(self, frame: Frame, decorators: list[ast.expr], value: Value, path: Path) -> Value:
        for item in reversed(decorators):
            decorator = evaluate(frame, item, path)
            value = escapes.decorate(frame, decorator, value, item, path)
        return value

    def import_value(self, module: ModuleFacts, binding: Binding, interpreter: Interpreter) -> Value:
        """Give what an import statement binds."""
        dotted = self.absolute(module, binding.target, binding.level)
        if binding.member is None:
            found = self.find(dotted)
            return ModuleV(found) if found is not None else Ext(dotted, missing=self._is_ours(dotted))
        source = self.find(dotted)
        if source is None and not binding.level:
            source = self._beside(module, dotted)
        if source is not None:
            if source is not module or binding.member not in source.bindings:
                inner = self.find(f"{dotted}.{binding.member}" if dotted else binding.member)
                if inner is not None and binding.member not in source.bindings:
                    return ModuleV(inner)
            value = self.global_value(source, binding.member, interpreter)
            return self.as_seen_by(module, source, binding.member, value, interpreter)
        inner = self.find(f"{dotted}.{binding.member}" if dotted else binding.member)
        if inner is not None:
            return ModuleV(inner)
        full = f"{dotted}.{binding.member}" if dotted else binding.member
        return Ext(full, missing=bool(binding.level) or self._is_ours(dotted))

    def _beside(self, module: ModuleFacts, dotted: str) -> ModuleFacts | None:
        """Find a module that stands in the importer's own folder, as a script's do."""
        folder = module.name if module.is_package else module.name.rpartition(".")[0]
        return self.find(f"{folder}.{dotted}") if folder else None

    def _is_ours(self, dotted: str) -> bool:
        return dotted.partition(".")[0] in self._packages

    def absolute(self, module: ModuleFacts, target: str, level: int) -> str:
        """Give the dotted name that an import in *module* means."""
        if not level:
            return target
        parts = module.name.split(".") if module.name else []
        keep = len(parts) - level + (1 if module.is_package else 0)
        return ".".join([*parts[: max(keep, 0)], *([target] if target else [])])
