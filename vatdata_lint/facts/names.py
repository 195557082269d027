"""What names and attributes stand for, and which variable holds an object that was changed."""

from __future__ import annotations

import ast

from vatdata_lint.facts import calls, classes
from vatdata_lint.facts.dispatch import evaluate, evaluates
from vatdata_lint.facts.effects import Path
from vatdata_lint.facts.frame import Frame
from vatdata_lint.facts.parameters import is_classmethod, is_property, is_static
from vatdata_lint.facts.values import (
    ClassV,
    Const,
    DictV,
    Ext,
    FuncV,
    ModuleV,
    ObjectV,
    PartialV,
    SequenceV,
    Sym,
    UnionV,
    Value,
    const,
    join,
)
from vatdata_lint.vocabulary import STABLE_CALLS, UNSTABLE_CALLS, looks_like_baggage

__all__ = ["attribute_of", "is_held", "local_value", "lookup", "rebind", "unstable_name"]

_LONGEST_UNSTABLE = max(name.count(".") + 1 for name in UNSTABLE_CALLS)


_MAX_DOTTED = 1000
"""Characters of a dotted name that are kept; what is read from a longer one is known by what it was read from."""


def lookup(frame: Frame, name: str, path: Path) -> Value:
    """Give what a name stands for: local, enclosing, module, built in."""
    value = local_value(frame, name, path)
    if value is not None:
        return value
    return frame.interpreter.program.global_value(frame.module, name, frame.interpreter)


def local_value(frame: Frame, name: str, path: Path) -> Value | None:
    """Give what a variable of this or an enclosing function holds; None where there is none of that name."""
    value = path.env.get(name)
    scope = frame.scope.parent
    while value is None and scope is not None:
        value = scope.variables.get(name)
        scope = scope.parent
    return value


def is_held(frame: Frame, target: ast.expr, path: Path) -> bool:
    """Say whether a variable of this or an enclosing function holds what *target* names, and not the module's."""
    while isinstance(target, ast.Attribute | ast.Subscript):
        target = target.value
    return not isinstance(target, ast.Name) or local_value(frame, target.id, path) is not None


def rebind(frame: Frame, target: ast.expr, value: Value, path: Path) -> None:
    """Let the variable or attribute that *target* names hold the changed object."""
    if isinstance(target, ast.Name):
        if target.id in path.env:
            path.env[target.id] = value
            frame.changed.add(target.id)
            return
        scope = frame.scope.parent
        while scope is not None:
            if target.id in scope.variables:
                scope.variables[target.id] = value
                return
            scope = scope.parent
    elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        holder = path.env.get(target.value.id)
        if isinstance(holder, ObjectV):
            path.env[target.value.id] = holder.put(target.attr, value)
            frame.changed.add(target.value.id)
            return
        scope = frame.scope.parent
        while scope is not None and holder is None:
            holder = scope.variables.get(target.value.id)
            if isinstance(holder, ObjectV):
                scope.variables[target.value.id] = holder.put(target.attr, value)
            scope = scope.parent


@evaluates(ast.Name)
def _name(frame: Frame, node: ast.Name, path: Path) -> Value:
    return lookup(frame, node.id, path)


@evaluates(ast.Attribute)
def _attribute(frame: Frame, node: ast.Attribute, path: Path) -> Value:
    base = evaluate(frame, node.value, path)
    frame.may_raise(path)
    return attribute_of(frame, base, node.attr, node, path)


def attribute_of(frame: Frame, base: Value, name: str, node: ast.AST, path: Path) -> Value:
    """Give an attribute; reading a property follows it."""
    if isinstance(base, UnionV):
        return join(attribute_of(frame, member, name, node, path) for member in base.members)
    if isinstance(base, Ext):
        if len(base.name) > _MAX_DOTTED:
            return base
        full = f"{base.name}.{name}"
        reason = unstable_name(full)
        return (
            Sym("call", base, name, unstable=reason)
            if full in ("os.environ", "sys.argv")
            else Ext(full, base.missing)
        )
    if isinstance(base, ModuleV):
        program = frame.interpreter.program
        value = program.global_value(base.module, name, frame.interpreter)
        return program.as_seen_by(frame.module, base.module, name, value, frame.interpreter)
    if isinstance(base, ObjectV):
        return _attribute_of_object(frame, base, name, node, path)
    if isinstance(base, ClassV):
        return _attribute_of_class(frame, base, name)
    if isinstance(base, FuncV) and name in ("__name__", "__qualname__"):
        return const(base.fn.name)
    if isinstance(base, PartialV) and name == "func":
        return base.target
    if isinstance(base, DictV):
        return Sym("method", base, name)
    value = Sym("attr", base, name)
    return Sym("baggage", value) if looks_like_baggage(name) and not _is_zone(base) else value


def _attribute_of_object(frame: Frame, base: ObjectV, name: str, node: ast.AST, path: Path) -> Value:
    known = base.get(name)
    if known is not None:
        return known
    found = classes.find_member(frame, base.cls, name)
    if isinstance(found, FuncV):
        if is_static(found.fn) or classes.is_made_by(base.cls, name, "staticmethod"):
            return found
        bound = FuncV(found.fn, found.scope, base.cls if is_classmethod(found.fn) else base)
        if is_property(found.fn) or classes.is_read_through(frame, found.fn):
            return calls.apply(frame, path, bound, [], [], node)
        return bound
    if isinstance(found, PartialV) and classes.is_made_by(base.cls, name, "partialmethod"):
        return PartialV(_bound_to(found.target, base), found.args, found.keywords, found.site, found.frame)
    if found is not None:
        return found
    if name == "start" and classes.is_started_elsewhere(frame, base.cls):
        run = classes.find_member(frame, base.cls, "run")
        if isinstance(run, FuncV):
            target = FuncV(run.fn, run.scope, base)
            return PartialV(Ext("threading.Thread"), (), (("target", target),), node, frame)
    instead = classes.find_member(frame, base.cls, "__getattr__")
    if (
        isinstance(instead, FuncV)
        and not name.startswith("__")
        and not classes.assigns_attribute(base.cls, name)
    ):
        return calls.apply(frame, path, FuncV(instead.fn, instead.scope, base), [const(name)], [], node)
    return (
        Sym("baggage", Sym("attr", base.cls, name))
        if looks_like_baggage(name)
        else Sym("attr", base.cls, name)
    )


def _attribute_of_class(frame: Frame, base: ClassV, name: str) -> Value:
    if classes.is_enum(base):
        if name == "__members__":
            return classes.enum_members(frame, base)
        member = classes.enum_member(frame, base, name)
        if member is not None:
            return member
    found = classes.find_member(frame, base, name)
    if isinstance(found, FuncV) and is_classmethod(found.fn):
        return FuncV(found.fn, found.scope, base)
    if isinstance(found, SequenceV | DictV) and name in base.cls.module.changed_attributes:
        return Sym("changed", base, name)
    if found is not None:
        return found
    return (
        Const("str", base.cls.node.name) if name in ("__name__", "__qualname__") else Sym("attr", base, name)
    )


def _bound_to(target: Value, holder: ObjectV) -> Value:
    return FuncV(target.fn, target.scope, holder) if isinstance(target, FuncV) else target


def _is_zone(value: Value) -> bool:
    return isinstance(value, Sym) and value.op in ("heap", "virtual", "zone", "sub", "baggage", "collection")


def unstable_name(full: str) -> str | None:
    """Say on what a call or read of an external name depends that differs between incarnations."""
    name = full.removeprefix("builtins.") if full.startswith("builtins.") and full.count(".") > 1 else full
    if name in STABLE_CALLS:
        return None
    name = ".".join(name.split(".", _LONGEST_UNSTABLE)[:_LONGEST_UNSTABLE])
    found = UNSTABLE_CALLS.get(name)
    while found is None and "." in name:
        name = name.rpartition(".")[0]
        found = UNSTABLE_CALLS.get(name)
    return found
