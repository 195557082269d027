"""The tables of one module: its functions, classes, imports and assignments, made from the tree once."""

from __future__ import annotations

import ast
import bisect
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from vatdata_lint.facts.parse import Lines
from vatdata_lint.finding import Location
from vatdata_lint.vocabulary import PRIMITIVE_WORDS

__all__ = [
    "Binding",
    "ClassInfo",
    "FunctionInfo",
    "FunctionLike",
    "ModuleFacts",
    "changed_in",
    "import_bindings",
]

FunctionLike = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.GeneratorExp

_PREPARE_WORDS = re.compile(PRIMITIVE_WORDS)
_LINE_END = re.compile(r"\r\n?|\n")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@dataclass(eq=False, slots=True)
class FunctionInfo:
    """One function: where it stands, what it is called and whether it runs when called.

    ``owner`` is the class whose body holds it, ``outer`` the function whose body holds it.
    """

    module: ModuleFacts
    node: FunctionLike
    name: str
    qualname: str
    outer: FunctionInfo | None
    owner: ClassInfo | None
    is_async: bool = False
    uid: str = ""
    _is_generator: bool | None = None
    _size: int | None = None
    _outside: dict[str, bool] | None = None
    _flags: frozenset[str] | None = None

    @property
    def is_generator(self) -> bool:
        """Whether a call only makes an iterator."""
        if self._is_generator is None:
            self._is_generator = _is_generator(self.node)
        return self._is_generator

    @property
    def size(self) -> int:
        """How many characters it has, or bytes where a line has letters beyond ASCII."""
        if self._size is None:
            self._size = self.module.size_of(self.node)
        return self._size

    @property
    def outside_names(self) -> dict[str, bool]:
        """Names that it declares as another scope's: whether as the module's."""
        if self._outside is None:
            self._outside = {}
            for part in ast.walk(self.node):
                if isinstance(part, ast.Global | ast.Nonlocal):
                    for name in part.names:
                        self._outside.setdefault(name, isinstance(part, ast.Global))
        return self._outside

    @property
    def flags(self) -> frozenset[str]:
        """Variables that tell which way was taken: literals are assigned to them in several places, in no loop."""
        if self._flags is None:
            self._flags = _flags(self.node)
        return self._flags

    @property
    def is_inline(self) -> bool:
        """Whether it is a lambda or generator expression: no name, so it is judged where it is written."""
        return isinstance(self.node, ast.Lambda | ast.GeneratorExp)

    @property
    def dotted(self) -> str:
        """Module and qualified name."""
        return f"{self.module.name}.{self.qualname}" if self.module.name else self.qualname

    @property
    def location(self) -> Location:
        return self.module.location(self.node)


@dataclass(eq=False, slots=True)
class ClassInfo:
    """One class: its bases as written and the functions and assignments of its body."""

    module: ModuleFacts
    node: ast.ClassDef
    qualname: str
    outer: FunctionInfo | None
    methods: dict[str, FunctionInfo] = field(default_factory=dict[str, FunctionInfo])
    assigned: dict[str, ast.expr] = field(default_factory=dict[str, ast.expr])
    classes: dict[str, ClassInfo] = field(default_factory=dict["str", "ClassInfo"])
    _adding: frozenset[str] | None = None

    @property
    def adding_methods(self) -> frozenset[str]:
        """The methods, but for ``__init__``, that change what an attribute of the object holds."""
        if self._adding is None:
            self._adding = frozenset(
                name
                for name, method in self.methods.items()
                if name != "__init__" and _changes_own_attribute(method.node)
            )
        return self._adding


@dataclass(frozen=True, slots=True)
class Binding:
    """One way in which a module-level name gets its value.

    ``kind`` is ``"def"``, ``"class"``, ``"import"`` (``target`` is a dotted name, ``level`` counts dots and
    ``member`` is the imported name or None), ``"assign"`` (``node`` is the value, ``path`` the index into it),
    or ``"other"``. ``always`` says that the statement stands at the top level, where it surely runs.
    """

    kind: str
    node: ast.AST
    target: str = ""
    level: int = 0
    member: str | None = None
    path: tuple[int, ...] = ()
    always: bool = False


class ModuleFacts:
    """A parsed module and the tables that following its functions needs.

    Args:
        path: relative to the root, with forward slashes.
        name: dotted name; a package's ``__init__`` has the package's name.
        is_package: whether relative imports start at *name* itself.
        tree: its tree.
        text: its text.
    """

    def __init__(self, path: str, name: str, is_package: bool, tree: ast.Module, text: str) -> None:
        self.path = path
        self.name = name
        self.is_package = is_package
        self.tree = tree
        self.text = text
        self.lines = Lines(text)
        self.bindings: dict[str, list[Binding]] = {}
        self.star_imports: list[tuple[str, int]] = []
        self.changed_names: set[str] = set()
        self.functions: dict[ast.AST, FunctionInfo] = {}
        self.classes: dict[ast.AST, ClassInfo] = {}
        self._statements(tree.body)

    def discard(self) -> None:
        """Let go of the tree; nothing may be asked of the module afterwards.

        Functions and classes refer to each other in circles. Left to the garbage collection, the trees of the
        texts that somebody types would pile up, and the collection would hold up an answer for as long as ten checks.
        """
        for cls in self.classes.values():
            cls.methods.clear()
            cls.assigned.clear()
            cls.classes.clear()
        self.functions.clear()
        self.classes.clear()
        self.bindings.clear()
        del self.tree

    def location(self, node: ast.AST) -> Location:
        """Give where a node stands, columns in code points."""
        line: int = getattr(node, "lineno", 1)
        column: int = getattr(node, "col_offset", 0)
        end_line: int = getattr(node, "end_lineno", None) or line
        end_column: int = getattr(node, "end_col_offset", None) or column
        return Location(
            self.path,
            line,
            self.lines.column(line, column),
            end_line,
            self.lines.column(end_line, end_column),
        )

    def size_of(self, node: ast.AST) -> int:
        """Give about how many characters a node has. Cost: a look at every line, once a module."""
        first: int = getattr(node, "lineno", 1)
        last: int = getattr(node, "end_lineno", None) or first
        columns: int = (getattr(node, "end_col_offset", None) or 0) - getattr(node, "col_offset", 0)
        starts = self._line_starts
        return max(0, starts[min(last, len(starts)) - 1] - starts[min(first, len(starts)) - 1] + columns)

    @functools.cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    def function(
        self, node: FunctionLike, outer: FunctionInfo | None, owner: ClassInfo | None
    ) -> FunctionInfo:
        """Give the record of a function node; the same one each time."""
        known = self.functions.get(node)
        if known is not None:
            return known
        name = (
            node.name
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            else "<lambda>"
            if isinstance(node, ast.Lambda)
            else "<genexpr>"
        )
        holder = owner.qualname if owner is not None else outer.qualname if outer is not None else ""
        qualname = f"{holder}.{name}" if holder else name
        info = FunctionInfo(self, node, name, qualname, outer, owner)
        info.is_async = isinstance(node, ast.AsyncFunctionDef)
        info.uid = f"{self.path}:{node.lineno}:{node.col_offset}"
        self.functions[node] = info
        return info

    def class_info(self, node: ast.ClassDef, outer: FunctionInfo | None, holder: str = "") -> ClassInfo:
        """Give the record of a class node; the same one each time."""
        known = self.classes.get(node)
        if known is not None:
            return known
        prefix = holder or (outer.qualname if outer is not None else "")
        info = ClassInfo(self, node, f"{prefix}.{node.name}" if prefix else node.name, outer)
        self.classes[node] = info
        for item in _flat(node.body):
            if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
                info.methods[item.name] = self.function(item, outer, info)
            elif isinstance(item, ast.ClassDef):
                info.classes[item.name] = self.class_info(item, outer, info.qualname)
            elif isinstance(item, ast.Assign):
                for target in item.targets:
                    if isinstance(target, ast.Name):
                        info.assigned[target.id] = item.value
            elif (
                isinstance(item, ast.AnnAssign)
                and item.value is not None
                and isinstance(item.target, ast.Name)
            ):
                info.assigned[item.target.id] = item.value
        return info

    def _bind(self, name: str, binding: Binding) -> None:
        # What is surely bound later hides what was bound before.
        if binding.always:
            self.bindings[name] = [binding]
        else:
            self.bindings.setdefault(name, []).append(binding)

    def _statements(self, body: list[ast.stmt]) -> None:
        top = set(body)
        for node in _flat(body):
            always = node in top
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self.function(node, None, None)
                self._bind(node.name, Binding("def", node, always=always))
            elif isinstance(node, ast.ClassDef):
                self.class_info(node, None)
                self._bind(node.name, Binding("class", node, always=always))
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.asname:
                        self._bind(alias.asname, Binding("import", node, alias.name, always=always))
                    else:
                        self._bind(
                            alias.name.partition(".")[0],
                            Binding("import", node, alias.name.partition(".")[0], always=always),
                        )
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if alias.name == "*":
                        self.star_imports.append((node.module or "", node.level))
                    else:
                        self._bind(
                            alias.asname or alias.name,
                            Binding("import", node, node.module or "", node.level, alias.name, (), always),
                        )
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    self._target(target, node.value, (), always)
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                self._target(node.target, node.value, (), always)
            elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                self._bind(node.target.id, Binding("other", node))
            elif isinstance(node, ast.For | ast.AsyncFor):
                for part in ast.walk(node.target):
                    if isinstance(part, ast.Name):
                        self._bind(part.id, Binding("other", node))
            elif isinstance(node, ast.With | ast.AsyncWith):
                for item in node.items:
                    if isinstance(item.optional_vars, ast.Name):
                        self._bind(item.optional_vars.id, Binding("other", node))

    def _target(self, target: ast.expr, value: ast.expr, path: tuple[int, ...], always: bool) -> None:
        if isinstance(target, ast.Name):
            self._bind(target.id, Binding("assign", value, path=path, always=always))
        elif isinstance(target, ast.Tuple | ast.List):
            for index, part in enumerate(target.elts):
                self._target(part, value, (*path, index), always)
        elif isinstance(target, ast.Subscript | ast.Attribute):
            base = target.value
            if isinstance(base, ast.Name):
                self.changed_names.add(base.id)

    @functools.cached_property
    def prepare_lines(self) -> list[int]:
        """Lines on which a prepare word stands, in order."""
        lines: list[int] = []
        line, at = 1, 0
        for match in _PREPARE_WORDS.finditer(self.text):
            line += self.text.count("\n", at, match.start())
            at = match.start()
            lines.append(line)
        return lines

    def mentions_prepare(self, node: ast.AST) -> bool:
        """Say whether a prepare word stands in the lines of a node."""
        first: int = getattr(node, "lineno", 1)
        last: int = getattr(node, "end_lineno", None) or first
        at = bisect.bisect_left(self.prepare_lines, first)
        return at < len(self.prepare_lines) and self.prepare_lines[at] <= last

    @functools.cached_property
    def mutated(self) -> frozenset[str]:
        """Module-level names that are changed in place, or assigned again from inside a function."""
        return frozenset(self.changed_names | changed_in(self.tree))

    @functools.cached_property
    def changed_attributes(self) -> frozenset[str]:
        """Attributes that are changed in place, whatever they are attributes of."""
        return frozenset(name.partition(".")[2] for name in self.mutated if "." in name)


def changed_in(tree: ast.AST) -> set[str]:
    """Give the names that code changes in place or declares as the module's; attributes of names as ``self.items``."""
    found: set[str] = set()
    for node in ast.walk(tree):
        target: ast.expr | None = None
        if isinstance(node, ast.Global):
            found.update(node.names)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            target = node.func.value if node.func.attr in _MUTATORS else None
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            target = node.value
        elif isinstance(node, ast.AugAssign):
            target = node.target
        if isinstance(target, ast.Name):
            found.add(target.id)
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            found.add(f"{target.value.id}.{target.attr}")
    return found


_MUTATORS = frozenset(
    {
        "add",
        "append",
        "appendleft",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "popitem",
        "remove",
        "reverse",
        "setdefault",
        "sort",
        "update",
    }
)


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a body, and of the blocks in it that open no scope, in order."""
    pending = list(reversed(body))
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, _SCOPES):
            continue
        inner: list[ast.stmt] = []
        for name in ("body", "handlers", "orelse", "finalbody", "cases"):
            for child in getattr(node, name, ()):
                if isinstance(child, ast.stmt):
                    inner.append(child)
                elif isinstance(child, ast.ExceptHandler | ast.match_case):
                    inner.extend(child.body)
        pending.extend(reversed(inner))


def _changes_own_attribute(node: FunctionLike) -> bool:
    if isinstance(node, ast.GeneratorExp) or not node.args.args:
        return False
    own = f"{node.args.args[0].arg}."
    return any(name.startswith(own) for name in changed_in(node))


def _is_generator(node: FunctionLike) -> bool:
    if isinstance(node, ast.GeneratorExp):
        return True
    pending: list[ast.AST] = list(node.body) if not isinstance(node, ast.Lambda) else [node.body]
    while pending:
        item = pending.pop()
        if isinstance(item, ast.Yield | ast.YieldFrom):
            return True
        if isinstance(item, _SCOPES):
            continue
        pending.extend(ast.iter_child_nodes(item))
    return False


def _flags(node: FunctionLike) -> frozenset[str]:
    """Find the variables of a function that it only ever sets to true or false, at least twice and not in a loop."""
    if isinstance(node, ast.Lambda | ast.GeneratorExp):
        return frozenset()
    settings: dict[str, list[ast.expr]] = {}
    stored: list[str] = []
    pending: list[tuple[ast.AST, bool]] = [(item, False) for item in node.body]
    while pending:
        item, in_loop = pending.pop()
        if isinstance(item, ast.Nonlocal | ast.Global):
            stored += item.names
        elif isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store | ast.Del):
            stored.append(item.id)
        elif isinstance(item, ast.Assign) and not in_loop and _is_truth(item.value):
            for target in item.targets:
                if isinstance(target, ast.Name):
                    settings.setdefault(target.id, []).append(target)
        in_loop = in_loop or isinstance(item, ast.For | ast.AsyncFor | ast.While)
        pending += [(inner, in_loop) for inner in ast.iter_child_nodes(item)]
    return frozenset(name for name, places in settings.items() if 1 < len(places) == stored.count(name))


def _is_truth(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)


def import_bindings(node: ast.Import | ast.ImportFrom) -> list[tuple[str, Binding]]:
    """Give what an import statement inside a function binds."""
    found: list[tuple[str, Binding]] = []
    for alias in node.names:
        if isinstance(node, ast.Import):
            name = alias.asname or alias.name.partition(".")[0]
            found.append((name, Binding("import", node, alias.name if alias.asname else name)))
        elif alias.name != "*":
            found.append(
                (
                    alias.asname or alias.name,
                    Binding("import", node, node.module or "", node.level, alias.name),
                )
            )
    return found
