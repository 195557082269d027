"""One module as a rule sees it: its tree, its names, and the modules that it imports from."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from vatdata_lint.facts.parse import Lines
from vatdata_lint.finding import Location

__all__ = ["Definition", "FunctionNode", "ModuleView"]

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
"""Whatever has parameters and a body that runs later."""


MANY_ANCESTORS = 16
"""From which on the way up is remembered: the arms of an ``elif`` chain are nested in each other."""

_LEAVES = frozenset({"ctx", "op", "ops"})
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Module)


@dataclass(frozen=True, slots=True)
class Definition:
    """What a name stands for: a function, a class or an assigned expression, in the module that holds it."""

    module: ModuleView
    node: ast.AST


@dataclass(eq=False)
class ModuleView:
    """A parsed module. Cheap to make: every table is built when it is first asked for.

    Attributes:
        path: As in `Location.path`.
        name: Dotted name, ``pkg.mod``; a package's ``__init__`` has the package's name.
        is_package: Whether relative imports start at ``name`` itself.
        source: The decoded text.
        tree: Its tree.
        load: Gives the module of a dotted name, None when the project has none.
        memo: Where passes over this module keep their results, by their own name.
    """

    path: str
    name: str
    is_package: bool
    source: str
    tree: ast.Module
    load: Callable[[str], ModuleView | None] = field(repr=False)
    memo: dict[str, object] = field(default_factory=dict[str, object], repr=False)

    @functools.cached_property
    def lines(self) -> list[str]:
        """Source lines without their ends, as Python counts them."""
        return self.source.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def location(self, node: ast.expr | ast.stmt | ast.excepthandler | ast.arg | ast.keyword) -> Location:
        """Return where a node stands, columns in code points."""
        end_line = node.end_lineno or node.lineno
        end_column = node.end_col_offset if node.end_col_offset is not None else node.col_offset
        return Location(
            self.path,
            node.lineno,
            self._code_points(node.lineno, node.col_offset),
            end_line,
            self._code_points(end_line, end_column),
        )

    def _code_points(self, line: int, byte_column: int) -> int:
        """Turn ``ast``'s column, which counts UTF-8 bytes, into one that counts code points."""
        return self._columns.column(line, byte_column)

    @functools.cached_property
    def _columns(self) -> Lines:
        return Lines(self.source)

    @functools.cached_property
    def imports(self) -> Mapping[str, str]:
        """Local name to the dotted name that it was imported as, by import statements anywhere."""
        found: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                found |= self._imported(node)
        return found

    def _imported(self, node: ast.Import | ast.ImportFrom) -> dict[str, str]:
        """Return what one statement imports: local name to dotted name."""
        if isinstance(node, ast.Import):
            roots = {alias.name.split(".")[0] for alias in node.names if not alias.asname}
            return {root: root for root in roots} | {
                alias.asname: alias.name for alias in node.names if alias.asname
            }
        base = self._import_base(node)
        return {
            alias.asname or alias.name: f"{base}.{alias.name}" if base else alias.name for alias in node.names
        }

    def _import_base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.name.split(".") if self.name else []
        keep = len(parts) - node.level + (1 if self.is_package else 0)
        return ".".join([*parts[: max(keep, 0)], *([node.module] if node.module else [])])

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node once, each after its parent; contexts and operators are left out."""
        return self._walked[0]

    @property
    def parents(self) -> Mapping[ast.AST, ast.AST]:
        """Each node's parent."""
        return self._walked[1]

    @functools.cached_property
    def _walked(self) -> tuple[tuple[ast.AST, ...], Mapping[ast.AST, ast.AST]]:
        nodes: list[ast.AST] = [self.tree]
        parents: dict[ast.AST, ast.AST] = {}
        for (
            node
        ) in nodes:  # grows while it is walked: twice as fast as ast.walk, which goes through generators
            for name in node._fields:
                if name in _LEAVES:
                    continue
                value = getattr(node, name, None)
                if isinstance(value, list):
                    for item in cast("list[object]", value):
                        if isinstance(item, ast.AST):
                            parents[item] = node
                            nodes.append(item)
                elif isinstance(value, ast.AST):
                    parents[value] = node
                    nodes.append(value)
        return tuple(nodes), parents

    def enclosing(self, node: ast.AST, kinds: tuple[type[ast.AST], ...]) -> ast.AST | None:
        """Return the nearest ancestor of one of these types. Cost: in all, a step for each node and set of types."""
        known = self._enclosing.setdefault(kinds, {})
        passed: list[ast.AST] = []
        current = self.parents.get(node)
        while current is not None and not isinstance(current, kinds):
            if current in known:
                current = known[current]
                break
            passed.append(current)
            current = self.parents.get(current)
        if len(passed) > MANY_ANCESTORS:
            known.update(dict.fromkeys(passed, current))
        return current

    @functools.cached_property
    def _enclosing(self) -> dict[tuple[type[ast.AST], ...], dict[ast.AST, ast.AST | None]]:
        return {}

    def dotted(self, node: ast.AST) -> str | None:
        """Return what an expression names, seen through imports: ``vd.exo`` is ``vatdata_runtime.exo``."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        return ".".join([self.imports.get(node.id, node.id), *reversed(parts)])

    def resolved(self, node: ast.AST) -> str | None:
        """Return `dotted` for what is imported or built in; None where a variable, function or parameter is meant."""
        root = node
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name):
            return None
        scope = self.enclosing(root, _SCOPES)
        while scope is not None:
            bound = self.bindings(scope).get(root.id)
            if bound is not None:
                imported = all(isinstance(binding, ast.Import | ast.ImportFrom) for binding in bound)
                return self.dotted(node) if imported else None
            scope = self.enclosing(scope, _SCOPES)
        return self.dotted(node)

    def definition(self, node: ast.AST, *, depth: int = 8) -> Definition | None:
        """Find what an expression stands for: something written in place, or reached by name.

        Follows names through the enclosing functions, the module, assignments that are the only one of their
        name, what ``__init__`` gives to ``self``, and imports of the project's own modules; gives up (None) where a
        name is bound twice.
        """
        if depth == 0:
            return None
        if isinstance(node, ast.Name):
            return self._definition_of_name(node, node.id, depth)
        if isinstance(node, ast.Attribute):
            dotted = self.dotted(node)
            elsewhere = self._definition_elsewhere(dotted, depth) if dotted else None
            return (
                elsewhere or self._definition_by_init(node, depth) or self._definition_in_class(node, depth)
            )
        if isinstance(node, ast.Subscript):
            return self._definition_of_item(node, depth) or Definition(self, node)
        return Definition(self, node)

    def value(self, node: ast.AST) -> Definition | None:
        """Find what an expression stands for, also where a function in sight gives it, which returns in one place."""
        found = self.definition(node)
        for _ in range(4):
            if found is None or not isinstance(found.node, ast.Call):
                break
            made = found.module.called(found.node.func)
            if made is None or not isinstance(made.node, ast.FunctionDef) or made.node.decorator_list:
                break
            results = [item for item in made.module.own_returns(made.node) if item is not None]
            if len(results) != 1:
                break
            found = made.module.definition(results[0])
        return found

    def own_returns(self, function: ast.FunctionDef) -> list[ast.expr | None]:
        """Return what a function returns, place by place, not what functions nested in it do."""
        return [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Return) and self.enclosing(node, _SCOPES) is function
        ]

    def called(self, function: ast.expr) -> Definition | None:
        """Find what a call runs: as `definition`, and a method of an object or class in sight."""
        found = self.definition(function)
        if found is not None or not isinstance(function, ast.Attribute):
            return found
        holder = self.class_behind(function.value)
        return holder.module.member(holder.node, function.attr) if holder is not None else None

    def class_behind(self, holder: ast.expr) -> Definition | None:
        """Find the class that an expression is, is an instance of, or, as ``self``, belongs to."""
        own = self._own_class(holder) if isinstance(holder, ast.Name) else None
        found = Definition(self, own) if own is not None else self.definition(holder)
        if found is not None and isinstance(found.node, ast.Call):
            found = found.module.definition(found.node.func)
        return found if found is not None and isinstance(found.node, ast.ClassDef) else None

    def member(self, holder: ast.AST, name: str, *, depth: int = 6) -> Definition | None:
        """Find a method by name in a class of this module, or in its bases as far as they are in sight."""
        if not isinstance(holder, ast.ClassDef) or depth == 0:
            return None
        for statement in holder.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and statement.name == name:
                return Definition(self, statement)
        for base in holder.bases:
            found = self.definition(base)
            inherited = found.module.member(found.node, name, depth=depth - 1) if found is not None else None
            if inherited is not None:
                return inherited
        return None

    def _own_class(self, name: ast.Name) -> ast.ClassDef | None:
        """Return the class in a method of which a name is the first parameter."""
        scope = self.enclosing(name, _SCOPES)
        while scope is not None and name.id not in self.bindings(scope):
            scope = self.enclosing(scope, _SCOPES)
        if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            return None
        parameters = [*scope.args.posonlyargs, *scope.args.args]
        holder = self.parents.get(scope)
        first = bool(parameters) and parameters[0].arg == name.id and self.bindings(scope)[name.id] == [None]
        return holder if first and isinstance(holder, ast.ClassDef) else None

    def _definition_by_init(self, node: ast.Attribute, depth: int) -> Definition | None:
        """Find what ``self.x`` is, where ``__init__`` assigns it and no other method does."""
        holder = self._own_class(node.value) if isinstance(node.value, ast.Name) else None
        if holder is None:
            return None
        given = self._given_to_self(holder).get(node.attr, [])
        return (
            self.definition(given[0], depth=depth - 1) if len(given) == 1 and given[0] is not None else None
        )

    def _definition_in_class(self, node: ast.Attribute, depth: int) -> Definition | None:
        """Find what ``Guards.Purse`` is, where a class holds it as a plain value."""
        holder = self.definition(node.value, depth=depth - 1)
        if holder is None or not isinstance(holder.node, ast.ClassDef):
            return None
        given = [
            statement.value
            for statement in holder.node.body
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None
            for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
            if isinstance(target, ast.Name) and target.id == node.attr
        ]
        return holder.module.definition(given[0], depth=depth - 1) if len(given) == 1 else None

    def _definition_of_item(self, node: ast.Subscript, depth: int) -> Definition | None:
        """Find what ``GUARDS["purse"]`` is, where a display at module level holds it."""
        holder = self.definition(node.value, depth=depth - 1)
        if (
            holder is None
            or not isinstance(holder.node, ast.Dict)
            or not isinstance(node.slice, ast.Constant)
        ):
            return None
        around = holder.module.enclosing(holder.node, _SCOPES)
        if not isinstance(around, ast.Module):
            return None
        for key, value in zip(holder.node.keys, holder.node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == node.slice.value:
                return holder.module.definition(value, depth=depth - 1)
        return None

    def _given_to_self(self, holder: ast.ClassDef) -> Mapping[str, list[ast.expr | None]]:
        """Return what a class's methods assign to each attribute of ``self``, None where not in ``__init__``."""
        known = cast("dict[ast.AST, dict[str, list[ast.expr | None]]]", self.memo.setdefault("self", {}))
        if holder not in known:
            given = known[holder] = {}
            for method in holder.body:
                if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and method.args.args:
                    for node in ast.walk(method):
                        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                            if isinstance(node.value, ast.Name) and node.value.id == method.args.args[0].arg:
                                given.setdefault(node.attr, []).append(self._first_value(method, node))
        return known[holder]

    def _first_value(
        self, method: ast.FunctionDef | ast.AsyncFunctionDef, target: ast.expr
    ) -> ast.expr | None:
        match self.parents.get(target):
            case ast.Assign(targets=[_], value=value) | ast.AnnAssign(value=ast.expr() as value):
                return value if method.name == "__init__" else None
            case _:
                return None

    def _definition_of_name(self, site: ast.AST, name: str, depth: int) -> Definition | None:
        scope = self.enclosing(site, _SCOPES)
        while scope is not None:
            bound = self.bindings(scope).get(name)
            if bound is not None:
                return self._definition_of_bound(bound, name, depth)
            scope = self.enclosing(scope, _SCOPES)
        return None

    def _definition_of_bound(self, bound: list[ast.AST | None], name: str, depth: int) -> Definition | None:
        match bound:
            case [ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() as binding]:
                return Definition(self, binding)
            case [ast.Import() | ast.ImportFrom() as binding]:
                return self._definition_elsewhere(self._imported(binding)[name], depth)
            case [ast.expr() as binding]:
                return self.definition(binding, depth=depth - 1)
            case _:
                return None

    def _definition_elsewhere(self, dotted: str, depth: int) -> Definition | None:
        module_name, _, rest = dotted.rpartition(".")
        if not module_name:
            return None
        module = self.load(module_name)
        return module.exported(rest, depth=depth - 1) if module is not None else None

    def sole_value(self, name: ast.Name) -> ast.expr | None:
        """Return the expression that a variable is bound to, in the innermost scope that has it, and to no other."""
        scope = self.enclosing(name, _SCOPES)
        while scope is not None:
            bound = self.bindings(scope).get(name.id)
            if bound is not None:
                return bound[0] if len(bound) == 1 and isinstance(bound[0], ast.expr) else None
            scope = self.enclosing(scope, _SCOPES)
        return None

    def exported(self, name: str, *, depth: int = 8) -> Definition | None:
        """Find what a name at module level stands for, as an importer would get it."""
        # Without a look at parents, which would cost a walk through a module of which one name is wanted.
        bound = self.bindings(self.tree).get(name) if depth else None
        return self._definition_of_bound(bound, name, depth) if bound is not None else None

    def bindings(self, scope: ast.AST) -> Mapping[str, list[ast.AST | None]]:
        """Return what each name of a function or module is bound to, None where not to a plain expression."""
        cached = self._bindings.get(scope)
        if cached is None:
            cached = self._bindings[scope] = _collect_bindings(scope)
        return cached

    @functools.cached_property
    def _bindings(self) -> dict[ast.AST, Mapping[str, list[ast.AST | None]]]:
        return {}


def _collect_bindings(scope: ast.AST) -> Mapping[str, list[ast.AST | None]]:
    found: dict[str, list[ast.AST | None]] = {}

    def bind(name: str, value: ast.AST | None) -> None:
        found.setdefault(name, []).append(value)

    if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        arguments = scope.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            bind(argument.arg, None)
        for extra in (arguments.vararg, arguments.kwarg):
            if extra is not None:
                bind(extra.arg, None)
    body = scope.body if isinstance(scope, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) else []
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                bind(node.name, node)
                continue
            case ast.Lambda() | ast.GeneratorExp() | ast.ListComp() | ast.SetComp() | ast.DictComp():
                continue
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    bind(alias.asname or alias.name.split(".")[0], node)
            case ast.Assign(targets=[ast.Name(id=name)]):
                bind(name, node.value)
                pending.append(node.value)
                continue
            case ast.Assign(targets=[ast.Tuple(elts=left)], value=ast.Tuple(elts=right)) if _are_pairs(
                left, right
            ):
                for target, value in zip(left, right, strict=True):
                    bind(cast("ast.Name", target).id, value)
                pending.extend(right)
                continue
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                bind(name, value)
                pending.append(value)
                continue
            case ast.AnnAssign(target=ast.Name(id=name)):
                if node.value is not None:
                    bind(name, node.value)
                    pending.append(node.value)
                continue
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                bind(name, None)
            case ast.Global() | ast.Nonlocal():
                for name in node.names:
                    bind(name, None)
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                bind(name, None)
            case _:
                pass
        pending.extend(ast.iter_child_nodes(node))
    return found


def _are_pairs(left: list[ast.expr], right: list[ast.expr]) -> bool:
    """Say whether ``a, b = x, y`` gives each name its own expression, none of which uses the names."""
    names = {node.id for node in left if isinstance(node, ast.Name)}
    used = {inner.id for node in right for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    plain = len(names) == len(left) == len(right) and not any(isinstance(node, ast.Starred) for node in right)
    return plain and not names & used
