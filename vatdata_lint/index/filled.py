"""Works out what a module's lists and tables hold once everything that fills them was imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from vatdata_lint.facts import escapes
from vatdata_lint.facts.dispatch import evaluate, run_block
from vatdata_lint.facts.effects import Path, join_into_one
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.interpreter import Interpreter
from vatdata_lint.facts.module import FunctionInfo, ModuleFacts, changed_in
from vatdata_lint.facts.values import ClassV, DictV, FuncV, ModuleV, Scope, SequenceV, Value
from vatdata_lint.index.callables import functions_of

__all__ = ["Modules", "filled"]

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

    def apart(self, module: ModuleFacts, values: Mapping[str, Value]) -> AbstractContextManager[None]:
        """Let names of a module stand for other values for a while, and forget afterwards what came of that."""
        ...


def filled(
    modules: Modules,
    interpreter: Interpreter,
    owner: ModuleFacts,
    name: str,
    begin: SequenceV | DictV,
    reader: ModuleFacts,
) -> SequenceV | DictV | None:
    """Give what a list or dict holds that its module begins with, and that imported modules add to.

    The statements of modules that *reader* imports are followed which call a function that adds to it, or decorate
    something with one. None where it may be changed later, on a condition, or in a way that is not followed, and
    where it holds no functions: a list of names that grows is not one that the source fixes.

    Args:
        modules: the project.
        interpreter: follows the statements.
        owner: the module whose variable it is.
        name: the variable.
        begin: what it is bound to first.
        reader: whoever wants to know.
    """
    adders = _adders(owner, name)
    if adders is None:
        return None
    scope = Scope({name: begin}, None)
    with modules.apart(owner, {word: FuncV(fn, scope) for word, fn in adders.items()}):
        for module in _imported_before(modules, reader, owner):
            words = {name, *adders}
            if module is not owner:
                words = _local_words(modules, interpreter, module, owner, name, adders)
            if words and not _run(interpreter, module, words, scope, name):
                return None
    value = scope.variables[name]
    if not functions_of(value):
        return None
    if isinstance(value, SequenceV) and value.items:
        return SequenceV(value.form, tuple(dict.fromkeys(value.items)))
    if isinstance(value, DictV) and value.exact and value.items:
        return DictV(tuple(dict(value.items).items()))
    return None


def _adders(owner: ModuleFacts, name: str) -> dict[str, FunctionInfo] | None:
    """Give the functions that change the variable; None where one of them may run later than the import."""
    found: dict[str, FunctionInfo] = {}
    others: list[ast.AST] = []
    for node in owner.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if name in changed_in(node):
                if any(isinstance(part, ast.Global) and name in part.names for part in ast.walk(node)):
                    return None
                found[node.name] = owner.function(node, None, None)
            else:
                others += node.body
        elif isinstance(node, ast.ClassDef):
            others += node.body
    for part in (inner for other in others for inner in ast.walk(other)):
        if isinstance(part, ast.Name) and part.id in found:
            return None
    if any(name in changed_in(other) for other in others):
        return None
    return found


def _imported_before(modules: Modules, reader: ModuleFacts, owner: ModuleFacts) -> list[ModuleFacts]:
    """Give the modules that run before *reader* has run, in that order, and those that it imports later."""
    found: set[str] = set()
    order: list[ModuleFacts] = []
    pending: list[tuple[ModuleFacts, bool]] = [(reader, False), (owner, False)]
    while pending:
        module, is_done = pending.pop()
        if is_done:
            order.append(module)
        elif module.path not in found:
            found.add(module.path)
            if len(found) > MAX_MODULES:
                return []
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


def _local_words(
    modules: Modules,
    interpreter: Interpreter,
    module: ModuleFacts,
    owner: ModuleFacts,
    name: str,
    adders: Mapping[str, FunctionInfo],
) -> set[str]:
    """Give the names by which another module knows the variable, the functions that add to it, or their module."""
    words: set[str] = set()
    candidates = set(adders) if module.star_imports else set[str]()
    for word, bindings in module.bindings.items():
        for binding in bindings:
            if binding.kind != "import":
                continue
            if binding.member == word == name:
                if modules.find(modules.absolute(module, binding.target, binding.level)) is owner:
                    words.add(word)
            elif binding.member is None or binding.member in adders or owner.name.endswith(binding.member):
                candidates.add(word)
    for word in candidates:
        value = modules.global_value(module, word, interpreter)
        is_adder = isinstance(value, FuncV) and value.fn in adders.values()
        if is_adder or (isinstance(value, ModuleV) and value.module is owner):
            words.add(word)
    return words


def _run(interpreter: Interpreter, module: ModuleFacts, words: set[str], scope: Scope, name: str) -> bool:
    """Follow the statements of a module that speak of the variable, and say whether they could be followed."""
    path = Path({})
    around = scope if name in words else None
    frame = Frame(interpreter, module, None, Scope(path.env, around), judging=False)
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if any(_speaks_of(item, words) for item in node.decorator_list):
                _decorate(frame, node, path)
        elif isinstance(node, ast.Import | ast.ImportFrom) or not _speaks_of(node, words):
            continue
        elif isinstance(node, _BRANCHING):
            if any(isinstance(part, _CHANGES) and _speaks_of(part, words) for part in ast.walk(node)):
                return False
        elif not _binds(node, name):
            ends = run_block(frame, [node], [path])
            if not ends:
                return False
            path = join_into_one(ends)
            frame.enter(path)
            if name in path.env and name in words:
                scope.variables[name] = path.env.pop(name)
    return True


def _decorate(frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, path: Path) -> None:
    if isinstance(node, ast.ClassDef):
        value: Value = ClassV(frame.module.class_info(node, None))
    else:
        value = FuncV(frame.module.function(node, None, None))
    for item in reversed(node.decorator_list):
        value = escapes.decorate(frame, evaluate(frame, item, path), value, item, path)


def _speaks_of(node: ast.AST, words: set[str]) -> bool:
    return any(isinstance(part, ast.Name) and part.id in words for part in ast.walk(node))


def _binds(node: ast.stmt, name: str) -> bool:
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)
