"""Classes of the project: their members, their instances, enumerations."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from vatdata_lint.facts import binding, calls
from vatdata_lint.facts.arguments import Keywords
from vatdata_lint.facts.dispatch import evaluate
from vatdata_lint.facts.effects import Path
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.module import ClassInfo, FunctionInfo
from vatdata_lint.facts.parameters import parameter_names
from vatdata_lint.facts.values import (
    UNKNOWN,
    ClassV,
    DictV,
    Ext,
    FuncV,
    ObjectV,
    Scope,
    SequenceV,
    Sym,
    Value,
    const,
)

if TYPE_CHECKING:
    from vatdata_lint.facts.interpreter import Interpreter

__all__ = [
    "assigns_attribute",
    "beside",
    "enum_member",
    "enum_members",
    "find_member",
    "instantiate",
    "is_enum",
    "is_made_by",
    "is_read_through",
    "is_started_elsewhere",
    "lineage",
    "methods",
    "namespace",
]

_NAMESPACE = ast.ClassDef("SimpleNamespace", [], [], [], [])
"""What the class of a namespace would be written as."""

_MAX_LINEAGE = 50
"""Bases of a class, and of those, that are looked at."""

_MAX_SIBLINGS = 3
"""How far assignments in a class that read each other are followed."""


def instantiate(
    frame: Frame, path: Path, cls: ClassV, args: Sequence[Value], keywords: Keywords, node: ast.AST
) -> Value:
    fields: list[tuple[str, Value]] = []
    init = find_member(frame, cls, "__init__")
    site = getattr(node, "lineno", 0) * 1000 + getattr(node, "col_offset", 0)
    instance: Value = ObjectV(cls, (), site)
    if isinstance(init, FuncV):
        arguments = binding.bind(frame, FuncV(init.fn, init.scope, instance), args, keywords)
        calls.run_now(frame, path, FuncV(init.fn, init.scope, instance), arguments, node)
        made = frame.last_outcome.self_value if frame.last_outcome is not None else None
        return made if isinstance(made, ObjectV) else instance
    names = _annotated_fields(cls)
    for name, value in zip(names, args, strict=False):
        fields.append((name, value))
    fields += [(name, value) for name, value in keywords if name != "**"]
    given = {name for name, _ in fields}
    fields += [(name, value) for name, value in _begun_empty(cls) if name not in given]
    instance = ObjectV(cls, tuple(fields), site)
    later = find_member(frame, cls, "__post_init__")
    if isinstance(later, FuncV):
        calls.run_now(
            frame,
            path,
            FuncV(later.fn, later.scope, instance),
            binding.bind(frame, FuncV(later.fn, later.scope, instance), [], []),
            node,
        )
        made = frame.last_outcome.self_value if frame.last_outcome is not None else None
        return made if isinstance(made, ObjectV) else instance
    return instance


def namespace(frame: Frame, keywords: Keywords, node: ast.AST) -> Value:
    """Give an object that has nothing but the attributes it is made with."""
    fields = tuple((name, value) for name, value in keywords if name != "**")
    site = getattr(node, "lineno", 0) * 1000 + getattr(node, "col_offset", 0)
    return ObjectV(ClassV(frame.module.class_info(_NAMESPACE, None)), fields, site)


def _annotated_fields(cls: ClassV) -> list[str]:
    return [
        item.target.id
        for item in cls.cls.node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    ]


def _begun_empty(cls: ClassV) -> Iterator[tuple[str, Value]]:
    """Yield the fields of a dataclass that begin as a list, dict or set of the instance's own."""
    for name, node in cls.cls.assigned.items():
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "default_factory" and isinstance(keyword.value, ast.Name):
                    if keyword.value.id == "dict":
                        yield name, DictV(())
                    elif keyword.value.id in ("list", "set"):
                        yield name, SequenceV(keyword.value.id, ())


def find_member(
    frame: Frame, cls: ClassV, name: str, depth: int = 0, seen: set[ClassInfo] | None = None
) -> Value | None:
    """Look a class attribute up along the bases that are known, each of which is looked at once."""
    info = cls.cls
    seen = {info} if seen is None else seen
    frame.interpreter.look_into(info.module.path)
    method = info.methods.get(name)
    if method is not None:
        return FuncV(method, cls.scope)
    inner = info.classes.get(name)
    if inner is not None:
        return ClassV(inner, cls.scope)
    assigned = info.assigned.get(name)
    if assigned is not None:
        begun = frame.interpreter.members_begun
        if (info, name) in begun:
            return UNKNOWN  # what is assigned reads the attribute itself, through another object of the class
        begun.add((info, name))
        try:
            return beside(frame, cls, assigned, _siblings(frame, cls, name, assigned, depth))
        finally:
            begun.discard((info, name))
    for base in info.node.bases:
        value = beside(frame, cls, base)
        if isinstance(value, ClassV) and value.cls not in seen:
            seen.add(value.cls)
            found = find_member(frame, value, name, depth, seen)
            if found is not None:
                return found
    return None


def _siblings(frame: Frame, cls: ClassV, name: str, node: ast.expr, depth: int) -> dict[str, Value]:
    """Give the attributes of the same class that an assignment in its body reads."""
    info = cls.cls
    found: dict[str, Value] = {}
    for part in ast.walk(node) if depth < _MAX_SIBLINGS else ():
        if isinstance(part, ast.Name) and part.id != name and part.id not in found:
            if part.id in info.methods or part.id in info.assigned or part.id in info.classes:
                value = find_member(frame, cls, part.id, depth + 1)
                if value is not None:
                    found[part.id] = value
    return found


def beside(frame: Frame, cls: ClassV, node: ast.expr, members: dict[str, Value] | None = None) -> Value:
    """Give what an expression stands for where a class is written: its bases, keywords and assignments.

    *members* are the attributes of the class that it may read.
    """
    return _beside(frame.interpreter, cls, node, members or {})


def _beside(interpreter: Interpreter, cls: ClassV, node: ast.expr, members: dict[str, Value]) -> Value:
    inner = Frame(interpreter, cls.cls.module, cls.cls.outer, Scope({}, cls.scope), judging=False)
    return evaluate(inner, node, Path(members))


def lineage(interpreter: Interpreter, cls: ClassV) -> list[ClassV]:
    """Give a class and those of its bases, and of theirs, that are known, each before its own bases."""
    found = {cls.cls: cls}
    pending = [cls]
    while pending and len(found) < _MAX_LINEAGE:
        inner = pending.pop(0)
        for base in inner.cls.node.bases:
            value = _beside(interpreter, inner, base, {})
            if isinstance(value, ClassV) and value.cls not in found:
                interpreter.look_into(value.cls.module.path)
                found[value.cls] = value
                pending.append(value)
    return list(found.values())


def methods(interpreter: Interpreter, cls: ClassV) -> dict[str, FuncV]:
    """Give the methods of a class by name, inherited ones included."""
    found: dict[str, FuncV] = {}
    for each in lineage(interpreter, cls):
        for name, method in each.cls.methods.items():
            found.setdefault(name, FuncV(method, each.scope))
    return found


def is_started_elsewhere(frame: Frame, cls: ClassV) -> bool:
    """Say whether a class is one of threads or processes, whose ``start`` runs its ``run`` in another activation."""
    bases = (
        beside(frame, each, base) for each in lineage(frame.interpreter, cls) for base in each.cls.node.bases
    )
    return any(isinstance(base, Ext) and base.last in ("Thread", "Process") for base in bases)


def is_enum(cls: ClassV) -> bool:
    """Say whether a class lists its members: it derives directly from one of the enumerations."""
    names = {
        base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
        for base in cls.cls.node.bases
    }
    return not names.isdisjoint({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"})


def is_made_by(cls: ClassV, name: str, maker: str) -> bool:
    """Say whether a class assigns an attribute what *maker* makes: ``partialmethod`` or ``staticmethod``, say."""
    node = cls.cls.assigned.get(name)
    function = node.func if isinstance(node, ast.Call) else None
    word = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return word == maker


def is_read_through(frame: Frame, method: FunctionInfo) -> bool:
    """Say whether reading an attribute calls a method: a decorator of the project does so in its ``__get__``."""
    node = method.node
    if isinstance(node, ast.Lambda | ast.GeneratorExp):
        return False
    for item in node.decorator_list:
        if isinstance(item, ast.Name) and method.module.bindings.get(item.id):
            program = frame.interpreter.program
            decorator = program.global_value(method.module, item.id, frame.interpreter)
            getter = decorator.cls.methods.get("__get__") if isinstance(decorator, ClassV) else None
            if getter is not None and _calls_own_attribute(getter):
                return True
    return False


def _calls_own_attribute(method: FunctionInfo) -> bool:
    own = parameter_names(method)[:1]
    return any(
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Attribute)
        and isinstance(part.func.value, ast.Name)
        and [part.func.value.id] == [name for name, _ in own]
        for part in ast.walk(method.node)
    )


def assigns_attribute(cls: ClassV, name: str) -> bool:
    """Say whether some method of a class itself assigns an attribute of that name."""
    return any(
        isinstance(part, ast.Attribute) and part.attr == name and isinstance(part.ctx, ast.Store)
        for part in ast.walk(cls.cls.node)
    )


def enum_member(frame: Frame, cls: ClassV, name: str) -> Value | None:
    """Give a member of an enumeration with its name and value; None where *name* is none."""
    node = cls.cls.assigned.get(name)
    if node is None or name.startswith("_"):
        return None
    value = beside(frame, cls, node)
    return ObjectV(cls, (("name", const(name)), ("value", value)), node.lineno * 1000 + node.col_offset)


def enum_members(frame: Frame, cls: ClassV) -> Value:
    """Give the members of an enumeration by name."""
    members = [(const(name), enum_member(frame, cls, name)) for name in cls.cls.assigned]
    return DictV(tuple((name, member) for name, member in members if member is not None))


def as_text(frame: Frame, value: Value, *methods: str) -> Value:
    """Give what a text shows of a value: a function's id, and an object's where its class has none of *methods*."""
    if isinstance(value, FuncV) or (isinstance(value, ObjectV) and _shows_its_id(frame, value.cls, methods)):
        return Sym("shown", value, unstable="an object's id")
    if isinstance(value, Sym) and value.op == "call" and value.args[:1] == (Ext("builtins.object"),):
        return Sym("shown", value, unstable="an object's id")
    if isinstance(value, SequenceV) and value.form == "set" and len(value.items) > 1:
        return Sym("shown", value, unstable="the order of a set")
    return value


def _shows_its_id(frame: Frame, cls: ClassV, methods: Sequence[str]) -> bool:
    node = cls.cls.node
    if node.decorator_list or is_enum(cls) or any(name in cls.cls.methods for name in methods):
        return False  # a decorator may add the method, as that of a dataclass does
    bases = [beside(frame, cls, base) for base in node.bases]
    return all(
        _shows_its_id(frame, base, methods)
        if isinstance(base, ClassV) and base.cls is not cls.cls
        else base == Ext("builtins.object")
        for base in bases
    )
