"""Works out what a module's lists and tables hold once everything that fills them was imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, cast

from vatdata_lint.facts import escapes
from vatdata_lint.facts.dispatch import evaluate, run_block
from vatdata_lint.facts.effects import Path, join_into_one
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.interpreter import Interpreter
from vatdata_lint.facts.module import FunctionInfo, ModuleFacts, changed_in
from vatdata_lint.facts.values import ClassV, DictV, FuncV, ModuleV, ObjectV, Scope, SequenceV, Value
from vatdata_lint.index.callables import functions_of

__all__ = ["Modules", "Table", "filled", "is_registry"]

Table = SequenceV | DictV | ObjectV
"""What may be filled: a list or set, a dict, or an object that keeps such."""

MAX_MODULES = 200
"""Modules that may fill one table; where more are imported, what it holds counts as unknown."""

_BRANCHING = (ast.If, ast.Try, ast.While, ast.With, ast.Match)
_CHANGES = (ast.Call, ast.Assign, ast.AugAssign)


class Modules(Protocol):
    """The project as this looks at it."""

    def find(self, name: str) -> ModuleFacts | None:
        """Give a module of the project."""
        ...

    def absolute(self, module: ModuleFacts, target: str, level: int) -> str:
        """Give the dotted name that an import in *module* means."""
        ...

    def global_value(self, module: ModuleFacts, name: str, interpreter: Interpreter) -> Value:
        """Give what a module-level name stands for."""
        ...

    def users(self, module: ModuleFacts, words: set[str], /) -> Sequence[ModuleFacts]:
        """Give the modules that may use what *module* offers and speak of one of some *words*."""
        ...

    def apart(
        self, module: ModuleFacts, values: Mapping[str, Value], interpreter: Interpreter
    ) -> AbstractContextManager[None]:
        """Let names of a module stand for other values for a while, and forget afterwards what came of that."""
        ...


def filled(
    modules: Modules,
    interpreter: Interpreter,
    owner: ModuleFacts,
    name: str,
    begin: Table,
    reader: ModuleFacts,
) -> Table | None:
    """Give what a list, dict or registry holds that its module begins with, and that imported modules add to.

    The statements of modules are followed which call a function or method that adds to it, or decorate something with
    one: of those that *reader* imports, or where it is the owner itself, of those that use it. None where it may be
    changed later, on a condition, or in a way that is not followed, and where it holds no functions: a list of names
    that grows is not one that the source fixes.

    Args:
        modules: the project.
        interpreter: follows the statements.
        owner: the module whose variable it is.
        name: the variable.
        begin: what it is bound to first.
        reader: whoever wants to know.
    """
    adders = _adders(owner, name, begin)
    if adders is None:
        return None
    filling = _Filling(modules, interpreter, owner, name, Scope({name: begin}, None), adders)
    with filling.apart():
        sources: list[ModuleFacts] | None
        if reader is owner:
            # Who calls a function of the owner is not known here: it may be whoever uses the owner.
            sources = [owner, *modules.users(owner, {name, *adders})]
        else:
            sources = _imported_before(modules, reader, owner)
        if sources is None or len(sources) > MAX_MODULES or not all(map(filling.run, dict.fromkeys(sources))):
            return None
    value = filling.scope.variables[name]
    found = {item.fn for item in functions_of(value)}
    if not found or (reader is owner and len({fn.name for fn in found}) < len(found)):
        return None  # of two that are called alike, two users may have one each
    if isinstance(value, ObjectV):
        return ObjectV(value.cls, tuple((word, _distinct(item)) for word, item in value.fields), value.site)
    table = _distinct(value)
    is_whole = isinstance(table, SequenceV) or (isinstance(table, DictV) and table.exact)
    return cast("SequenceV | DictV", table) if is_whole else None


def _distinct(value: Value) -> Value:
    """Give a container with each function once: a module is followed again when something in it is asked for."""
    if isinstance(value, SequenceV):
        return SequenceV(value.form, tuple(dict.fromkeys(value.items)))
    if isinstance(value, DictV):
        return DictV(tuple(dict(value.items).items()), value.exact)
    return value


def is_registry(value: Value) -> bool:
    """Say whether a value is an object that begins empty and that its methods add to."""
    return (
        isinstance(value, ObjectV)
        and any(isinstance(item, SequenceV | DictV) and not item.items for _, item in value.fields)
        and bool(value.cls.cls.adding_methods)
    )


def _adders(owner: ModuleFacts, name: str, begin: Table) -> dict[str, FunctionInfo] | None:
    """Give the functions that change the variable; None where one of them may run later than the import."""
    methods = begin.cls.cls.adding_methods if isinstance(begin, ObjectV) else None
    found: dict[str, FunctionInfo] = {}
    others: list[ast.AST] = []
    for node in owner.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if not _changes(node, name, methods):
                others += node.body
            elif any(isinstance(part, ast.Global) and name in part.names for part in ast.walk(node)):
                return None
            else:
                found[node.name] = owner.function(node, None, None)
        elif isinstance(node, ast.ClassDef):
            others += node.body
    for part in (inner for other in others for inner in ast.walk(other)):
        if isinstance(part, ast.Name) and part.id in found:
            return None
    return None if any(_changes(other, name, methods) for other in others) else found


def _changes(node: ast.AST, name: str, methods: frozenset[str] | None) -> bool:
    """Say whether code changes a variable; a registry by one of some *methods*."""
    if methods is None:
        return name in changed_in(node)
    return any(
        isinstance(part, ast.Attribute)
        and part.attr in methods
        and isinstance(part.value, ast.Name)
        and part.value.id == name
        for part in ast.walk(node)
    )


def _imported_before(modules: Modules, reader: ModuleFacts, owner: ModuleFacts) -> list[ModuleFacts] | None:
    """Give the modules that run before *reader* has run, in that order, and those that it imports later.

    None where they are more than `MAX_MODULES`.
    """
    found: set[str] = set()
    order: list[ModuleFacts] = []
    pending: list[tuple[ModuleFacts, bool]] = [(reader, False), (owner, False)]
    while pending:
        module, is_done = pending.pop()
        if is_done:
            order.append(module)
        elif len(found) > MAX_MODULES:
            return None
        elif module.path not in found:
            found.add(module.path)
            pending.append((module, True))
            names = [
                name
                for node in (ast.walk(module.tree) if module is reader else _outside_functions(module.tree))
                if isinstance(node, ast.Import | ast.ImportFrom)
                for name in _imported_names(modules, module, node)
            ]
            imported = [modules.find(name) for name in dict.fromkeys(names)]
            pending += ((inner, False) for inner in reversed(imported) if inner is not None)
    return order


def _outside_functions(tree: ast.AST) -> Iterator[ast.AST]:
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            pending.extend(ast.iter_child_nodes(node))


def _imported_names(
    modules: Modules, module: ModuleFacts, node: ast.Import | ast.ImportFrom
) -> Iterator[str]:
    """Yield the dotted names of what may be modules in an import statement, the packages around them first."""
    if isinstance(node, ast.Import):
        dotted_names = [alias.name for alias in node.names]
    else:
        dotted = modules.absolute(module, node.module or "", node.level)
        prefix = f"{dotted}." if dotted else ""
        dotted_names = [dotted, *(prefix + alias.name for alias in node.names)]
    for dotted in dotted_names:
        parts = dotted.split(".")
        yield from (".".join(parts[:count]) for count in range(1, len(parts) + 1))


class _Filling:
    """A variable while the modules run that add to it.

    Args:
        scope: holds the variable; the functions that add to it close over it.
        adders: those functions.
    """

    def __init__(
        self,
        modules: Modules,
        interpreter: Interpreter,
        owner: ModuleFacts,
        name: str,
        scope: Scope,
        adders: Mapping[str, FunctionInfo],
    ) -> None:
        self.modules = modules
        self.interpreter = interpreter
        self.owner = owner
        self.name = name
        self.scope = scope
        self.adders = adders

    def apart(self) -> AbstractContextManager[None]:
        """Let names of the owner stand for what changes the variable, or for the registry as it is now."""
        values: dict[str, Value] = {word: FuncV(fn, self.scope) for word, fn in self.adders.items()}
        if isinstance(self.scope.variables[self.name], ObjectV):
            values[self.name] = self.scope.variables[self.name]
        return self.modules.apart(self.owner, values, self.interpreter)

    def run(self, module: ModuleFacts) -> bool:
        """Follow the statements of a module that speak of the variable, and say whether they could be followed."""
        words = self._words(module)
        if not words:
            return True
        path = Path({})
        around = self.scope if self.name in words else None
        frame = Frame(self.interpreter, module, None, Scope(path.env, around), judging=False)
        for node in module.tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                if any(_speaks_of(item, words) for item in node.decorator_list):
                    with self.apart():
                        self._decorate(frame, node, path)
            elif isinstance(node, ast.Import | ast.ImportFrom) or not _speaks_of(node, words):
                continue
            elif isinstance(node, _BRANCHING):
                if any(isinstance(part, _CHANGES) and _speaks_of(part, words) for part in ast.walk(node)):
                    return False
            elif not _binds(node, self.name):
                with self.apart():
                    ends = run_block(frame, [node], [path])
                if not ends:
                    return False
                path = join_into_one(ends)
                frame.enter(path)
                if self.name in path.env and self.name in words:
                    self.scope.variables[self.name] = path.env.pop(self.name)
                self._take_back(frame.last_outcome.self_value if frame.last_outcome is not None else None)
        return True

    def _words(self, module: ModuleFacts) -> set[str]:
        """Give the names by which a module knows the variable, the functions that add to it, or their module."""
        if module is self.owner:
            return {self.name, *self.adders}
        words: set[str] = set()
        candidates = {self.name, *self.adders} if module.star_imports else set[str]()
        for word, bindings in module.bindings.items():
            for binding in bindings:
                if binding.kind != "import":
                    continue
                if binding.member == word == self.name:
                    dotted = self.modules.absolute(module, binding.target, binding.level)
                    if self.modules.find(dotted) is self.owner:
                        words.add(word)
                candidates.add(word)
        for word in candidates - words:
            if self._is_meant(self.modules.global_value(module, word, self.interpreter)):
                words.add(word)
        return words

    def _is_meant(self, value: Value) -> bool:
        if isinstance(value, FuncV):
            return value.fn in self.adders.values()
        return self._is_same(value) or (isinstance(value, ModuleV) and value.module is self.owner)

    def _decorate(
        self, frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, path: Path
    ) -> None:
        if isinstance(node, ast.ClassDef):
            value: Value = ClassV(frame.module.class_info(node, None))
        else:
            value = FuncV(frame.module.function(node, None, None))
        for item in reversed(node.decorator_list):
            decorator = evaluate(frame, item, path)
            value = escapes.decorate(frame, decorator, value, item, path)
            self._take_back(frame.last_outcome.self_value if frame.last_outcome is not None else None)
            scope = decorator.scope if isinstance(decorator, FuncV) else None
            while scope is not None:
                for held in list(scope.variables.values()):
                    self._take_back(held)
                scope = scope.parent

    def _is_same(self, value: Value | None) -> bool:
        held = self.scope.variables[self.name]
        return (
            isinstance(held, ObjectV)
            and isinstance(value, ObjectV)
            and (value.cls, value.site) == (held.cls, held.site)
        )

    def _take_back(self, value: Value | None) -> None:
        """Let the variable hold a registry as a call has left it, which never holds less than before."""
        if value is not None and self._is_same(value):
            held = self.scope.variables[self.name]
            if len(functions_of(value)) > len(functions_of(held)):
                self.scope.variables[self.name] = value


def _speaks_of(node: ast.AST, words: set[str]) -> bool:
    return any(isinstance(part, ast.Name) and part.id in words for part in ast.walk(node))


def _binds(node: ast.stmt, name: str) -> bool:
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)
