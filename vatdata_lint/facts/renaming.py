"""Says of a call what the function yields by itself, with the caller's parameters in place of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import cast

from vatdata_lint.facts.effects import Effect, Escape, Outcome
from vatdata_lint.facts.values import (
    VALUE_TYPES,
    ClassV,
    Const,
    DictV,
    Ext,
    FuncV,
    ModuleV,
    ObjectV,
    SequenceV,
    Sym,
    UnionV,
    Value,
    children,
)

__all__ = ["Renaming", "can_be_renamed", "opaque"]


def opaque(own: Mapping[str, Value], given: Mapping[str, Value]) -> dict[Sym, Sym] | None:
    """Give which parameter of the caller stands for each of a function, where the function cannot tell them apart.

    Nothing in a function depends on which parameter of its caller an argument is, as long as different
    arguments are different parameters, and a baggage is given for a baggage.

    Args:
        own: the function's parameters as values that stand for themselves.
        given: the arguments.

    Returns:
        The parameters that are other ones; None where an argument is more than a parameter of the caller.
    """
    names: dict[Sym, Sym] = {}
    same: set[Sym] = set()
    for name, mine in own.items():
        theirs = given.get(name)
        if mine == theirs:
            leaf = _parameter(mine)
            if leaf is not None:
                same.add(leaf)
            continue
        leaf = _parameter(mine)
        other = _parameter(theirs)
        if leaf is None or other is None or cast("Sym", mine).op != cast("Sym", theirs).op:
            return None
        names[leaf] = other
    if len({*names.values(), *same}) != len(names) + len(same):
        return None
    return names


def _parameter(value: Value | None) -> Sym | None:
    if isinstance(value, Sym) and value.op == "baggage":
        value = value.args[0]
    return value if isinstance(value, Sym) and value.op == "param" and len(value.args) == 2 else None


def can_be_renamed(outcome: Outcome) -> bool:
    """Say whether everything in an outcome shows the parameters that it depends on."""
    values: list[Value | None] = [outcome.value, outcome.self_value, *outcome.writes]
    values += [value for _, value in outcome.changed]
    for effect in outcome.effects:
        values += (*effect.key, effect.zone, *effect.held)
    values += [escape.value for escape in outcome.escapes]
    seen: set[int] = set()
    while values:
        value = values.pop()
        if value is None or isinstance(value, Const | Ext | ModuleV) or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Sym):
            if value.op == "cut":
                return False
            values += [arg for arg in value.args if isinstance(arg, VALUE_TYPES)]
        elif isinstance(value, FuncV):
            if value.scope is not None:
                return False
            values.append(value.bound)
        elif isinstance(value, ClassV):
            if value.scope is not None:
                return False
        elif isinstance(value, ObjectV):
            values += (value.cls, *children(value))
        elif isinstance(value, SequenceV | DictV | UnionV):
            values += children(value)
        else:
            return False
    return True


class Renaming:
    """Puts other parameters in the place of some, wherever they occur."""

    def __init__(self, names: Mapping[Sym, Sym]) -> None:
        self._values: dict[Value, Value] = {}
        self._values.update(names.items())

    def outcome(self, outcome: Outcome) -> Outcome:
        """Give an outcome for another caller; it must be one that can be renamed."""
        value = self.value
        return dataclasses.replace(
            outcome,
            effects=tuple(self._effect(effect) for effect in outcome.effects),
            value=value(outcome.value),
            self_value=value(outcome.self_value) if outcome.self_value is not None else None,
            escapes=tuple(
                Escape(value(item.value), item.how, item.location, item.text) for item in outcome.escapes
            ),
            writes=frozenset(map(value, outcome.writes)),
            changed=tuple((name, value(item)) for name, item in outcome.changed),
        )

    def _effect(self, effect: Effect) -> Effect:
        zone, name = effect.key
        return Effect(
            (self.value(zone), self.value(name)),
            self.value(effect.zone),
            effect.definition,
            effect.info,
            effect.chain,
            effect.flags,
            effect.once,
            frozenset(map(self.value, effect.held)),
        )

    def value(self, value: Value) -> Value:
        """Give a value with the other parameters."""
        if isinstance(value, ClassV | Const | Ext | ModuleV):
            return value
        known = self._values.get(value)
        if known is None:
            known = self._values[value] = self._made(value)
        return known

    def _made(self, value: Value) -> Value:
        new = self.value
        if isinstance(value, Sym):
            args = [new(arg) if isinstance(arg, VALUE_TYPES) else arg for arg in value.args]
            own = value.unstable
            if any(isinstance(arg, Sym) and arg.unstable == own for arg in args):
                own = None
            return Sym(value.op, *args, unstable=own)
        if isinstance(value, FuncV):
            return FuncV(value.fn, None, new(value.bound)) if value.bound is not None else value
        if isinstance(value, ObjectV):
            return ObjectV(value.cls, tuple((name, new(item)) for name, item in value.fields), value.site)
        if isinstance(value, SequenceV):
            return SequenceV(value.form, tuple(map(new, value.items)))
        if isinstance(value, DictV):
            return DictV(tuple((new(key), new(item)) for key, item in value.items), value.exact)
        if isinstance(value, UnionV):
            return UnionV(tuple(map(new, value.members)))
        raise TypeError(f"{type(value).__name__} has parameters that cannot be seen")
