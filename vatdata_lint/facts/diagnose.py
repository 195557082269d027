"""Turns followed functions into diagnoses: one for each call that may miss, repeat or misplace a kind."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from vatdata_lint.facts import classes
from vatdata_lint.facts.diagnosis import CallSite, Definition, Diagnosis, EntryPoint, Unit
from vatdata_lint.facts.effects import (
    Cause,
    Effect,
    Escape,
    Event,
    Key,
    KeyRecord,
    kind_display,
)
from vatdata_lint.facts.escapes import functions_in
from vatdata_lint.facts.frame import Frame, JudgedFrame
from vatdata_lint.facts.interpreter import Interpreter
from vatdata_lint.facts.judgement import cause_of, is_undone, may_at_exit, must_at_exit
from vatdata_lint.facts.module import FunctionInfo
from vatdata_lint.facts.parameters import is_classmethod, parameter_names
from vatdata_lint.facts.unresolved import unresolved_imports
from vatdata_lint.facts.values import (
    ClassV,
    Const,
    DictV,
    FuncV,
    ObjectV,
    PartialV,
    Scope,
    SequenceV,
    Sym,
    UnionV,
    Value,
    children,
)
from vatdata_lint.finding import Location, Step
from vatdata_lint.vocabulary import looks_like_baggage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

POWERS = frozenset(["", "p", "powers", "vat_powers", "vatPowers"])
"""What the first parameter of a build function is called."""

SHOWN_CALLS = 30
"""Calls of a chain that are told one by one: nobody reads more, and generated code has thousands."""

__all__ = [
    "entry_arguments",
    "is_build_function",
    "judge_function",
    "report_escapes",
]


def judge_function(
    interpreter: Interpreter,
    unit: Unit,
    fn: FunctionInfo,
    scope: Scope | None,
    *,
    entry: str | None = None,
    arguments: dict[str, Value] | None = None,
) -> JudgedFrame:
    """Judge one function as if called unconditionally, with the nested ones that it calls."""
    interpreter.pending.clear()
    judged = interpreter.judge(fn, scope, arguments)
    nested = dict(interpreter.pending)
    is_whole = _is_whole(interpreter, unit, fn)
    _report(unit, judged, fn, entry, is_whole=is_whole)
    unit.applied |= judged.frame.calls.applied(interpreter.seen_calls)
    all_calls = [judged.frame.calls]
    escapes = list(judged.frame.escapes)
    if entry is not None:
        for value in judged.frame.returned_values:
            escapes.append(Escape(value, "nested", fn.location, "the entry returns it"))
    done: set[FunctionInfo] = set()
    while nested:
        inner, (inner_scope, bound) = nested.popitem()
        if inner in done or inner is fn:
            continue
        done.add(inner)
        interpreter.pending.clear()
        inner_arguments = interpreter.symbolic(inner, bound)
        if bound is not None and inner.owner is not None and inner.node.args.args:  # type: ignore[union-attr]  # a method
            inner_arguments[inner.node.args.args[0].arg] = bound  # type: ignore[union-attr]
        inner_judged = interpreter.judge(inner, inner_scope, inner_arguments)
        _report(unit, inner_judged, inner, entry, is_whole=_is_whole(interpreter, unit, inner))
        unit.applied |= inner_judged.frame.calls.applied(interpreter.seen_calls)
        all_calls.append(inner_judged.frame.calls)
        escapes += inner_judged.frame.escapes
        for deeper, binding in interpreter.pending.items():
            nested.setdefault(deeper, binding)
    handed_out = [
        value
        for value in judged.frame.returned_values
        if entry is None and any(_callables(interpreter, value))
    ]
    if not is_whole or not (escapes or handed_out):
        return judged
    # All that it has called through any number of calls: to be asked for only where it matters.
    called = set[FunctionInfo]().union(*(calls.functions() for calls in all_calls))
    report_escapes(interpreter, unit, fn, escapes, called, entry, must_at_exit(judged.exits))
    for value in handed_out:
        _report_returned(interpreter, unit, fn, value, called)
    return judged


def _is_whole(interpreter: Interpreter, unit: Unit, fn: FunctionInfo) -> bool:
    """Say whether the function just judged was followed to its end; where not, note that it was not checked."""
    if interpreter.exhausted:
        unit.exhausted.append(fn.location)
    return not interpreter.exhausted


def _report(unit: Unit, judged: JudgedFrame, fn: FunctionInfo, entry: str | None, *, is_whole: bool) -> None:
    """Note what a function defines, and where it was followed to its end, what is wrong with that."""
    frame = judged.frame
    must = must_at_exit(judged.exits)
    lasting = may_at_exit(judged.exits)
    name = fn.dotted
    seen: set[tuple[str, Location]] = set()
    for event in frame.events.values():
        _note_site(unit, event, fn)
        unit.unresolved += unresolved_imports(event, fn)
        for record in event.records.values():
            _note_pairs(unit, frame.writes, event, record)
            cause = None if is_undone(record, lasting) else cause_of(frame, event, record, must)
            if len(record.effect.chain) == 1:
                unit.definitions.append(
                    Definition(
                        kind_display(record.effect.key[1]), record.effect.definition, record.effect.info, name
                    )
                )
            if cause is None or not is_whole or (cause.category, cause.site or record.location) in seen:
                continue
            seen.add((cause.category, cause.site or record.location))
            unit.diagnoses.append(_diagnosis(cause, event, record, frame, fn, entry))


def _diagnosis(
    cause: Cause, event: Event, record: KeyRecord, frame: Frame, fn: FunctionInfo, entry: str | None
) -> Diagnosis:
    conditions: list[tuple[str, ...]] = []
    places = _places(record.effect)
    if cause.is_key_test:
        conditions += [("pair", repr(key), place) for key in record.held for place in places]
    if cause.category == "CONDITIONAL":
        # Where a key is first written beside it, later starts know by the key that the way was taken.
        new = frame.writes - record.held
        conditions += [("written", repr(key), place) for key in new for place in places]
    parameter = _root_parameter(record.effect.zone, fn)
    if parameter is not None:
        conditions.append(("heap", *parameter))
    return Diagnosis(
        category=cause.category,
        location=cause.site or record.location,
        kind_name=kind_display(record.effect.key[1]),
        callee=event.callee,
        cause=cause,
        chain=_chain(record.effect, fn, cause),
        function=fn.dotted,
        entry=entry,
        unless=tuple(conditions),
        is_unresolved=record.effect.info.is_unresolved,
    )


def _places(effect: Effect) -> list[str]:
    """Give by what two definitions are known to be of one kind: a name that is fixed, or else where it is written."""
    at, (_, name) = effect.definition, effect.key
    return [f"kind {name.value}" if isinstance(name, Const) else f"{at.path}:{at.line}:{at.column}"]


def _root_parameter(zone: Value, fn: FunctionInfo) -> tuple[str, str] | None:
    """Give the parameter, or the attribute of one, that a zone comes from: its function's uid and ``self.zone``."""
    attribute = ""
    while isinstance(zone, Sym):
        if zone.op == "param":
            return str(zone.args[0]), str(zone.args[1]) + attribute
        if zone.op not in ("baggage", "zone", "sub", "attr", "handle") or not zone.args:
            return None
        if zone.op == "attr":
            attribute = f".{zone.args[1]}"
        zone = zone.args[0]
    names = parameter_names(fn)
    if isinstance(zone, ClassV) and attribute and fn.owner is zone.cls and names:
        return fn.uid, names[0][0] + attribute
    return None


def _chain(effect: Effect, fn: FunctionInfo, cause: Cause | None) -> tuple[Step, ...]:
    steps = [Step(fn.location, f"in '{fn.qualname}'")]
    if cause is not None and cause.location != effect.chain.first.location:
        steps.append(Step(cause.location, cause.text or "this is why"))
    shown = list(itertools.islice(effect.chain, SHOWN_CALLS))
    hidden = len(effect.chain) - len(shown)
    if hidden:
        *shown, cut = shown
        steps += [Step(link.location, f"calls '{link.callee}'") for link in shown]
        steps.append(
            Step(cut.location, f"calls '{cut.callee}', and {hidden - 1} more calls lead to the last one")
        )
        shown = [effect.chain.last]
    display = kind_display(effect.key[1])
    for link in shown:
        last = link is effect.chain.last
        what = f"defines {display!r}" if last and display else "defines a kind" if last else "calls"
        steps.append(
            Step(link.location, f"{what} through '{link.callee}'" if last else f"calls '{link.callee}'")
        )
    return tuple(steps)


def _note_site(unit: Unit, event: Event, fn: FunctionInfo) -> None:
    records = list(event.records.values())
    if not records:
        return
    inner = records[0].effect.chain.rest.first.owner if len(records[0].effect.chain) > 1 else None
    unit.sites.append(
        CallSite(
            event.location,
            fn.dotted,
            fn.location,
            event.callee,
            inner.dotted if inner is not None else None,
            tuple(kind_display(record.effect.key[1]) for record in records),
            _chain(records[0].effect, fn, None),
            any(record.late is not None for record in records),
        )
    )


def _note_pairs(unit: Unit, writes: set[Value], event: Event, record: KeyRecord) -> None:
    for place in _places(record.effect):
        for key in record.held:
            unit.pairs.add(("guarded", repr(key), place))
        for control in event.controls:
            if control.kind == "durable-loop":
                unit.pairs.add(("guarded", "*", place))
        # A definition that itself stands behind the test of a key is not the one that first writes it.
        for key in writes - record.held:
            unit.pairs.add(("written", repr(key), place))


def report_escapes(
    interpreter: Interpreter,
    unit: Unit,
    fn: FunctionInfo,
    escapes: list[Escape],
    called: set[FunctionInfo],
    entry: str | None,
    defined: frozenset[Key] | None = None,
) -> None:
    """Report what functions define that somebody else may call later, unless they were called in this turn.

    Of what happens once, *defined* is already there by then.
    """
    reported: dict[FunctionInfo, str] = {}
    for escape in sorted(escapes, key=lambda item: item.how):
        if escape.how == "source" and isinstance(escape.value, FuncV):
            _judge_source(interpreter, unit, escape.value)
            continue
        for target in _callables(interpreter, escape.value):
            if target.fn in reported or (target.fn in called and not _is_handed_out(escape.value, target)):
                continue
            reported[target.fn] = escape.how
            _report_closure(interpreter, unit, fn, target, escape, entry, called, defined=defined)


def _is_handed_out(value: Value, target: FuncV) -> bool:
    """Say whether others get a closure itself, which they will call, and not an object that has it as a method."""
    fn = target.fn
    if target.bound is not None or target.scope is None or fn.owner is not None:
        return False
    held = (value, *children(value)) if isinstance(value, DictV | SequenceV | UnionV) else (value,)
    return any(isinstance(item, FuncV) and item.fn is fn for item in held)


def _judge_source(interpreter: Interpreter, unit: Unit, target: FuncV) -> None:
    """Judge a function that is made where a vat is opened: it is an entry with what it closes over."""
    fn = target.fn
    outcome = interpreter.standalone(fn, target.scope, target.bound)
    suspends = outcome.suspends.location if outcome.suspends is not None else None
    entry = EntryPoint(fn.dotted, fn.location, "source", fn.dotted, suspends)
    if entry not in unit.entries:
        unit.entries.append(entry)
    arguments = entry_arguments(interpreter, target)
    judge_function(interpreter, unit, fn, target.scope, entry=fn.dotted, arguments=arguments)


def entry_arguments(
    interpreter: Interpreter,
    target: FuncV,
    args: Sequence[Value] = (),
    keywords: Sequence[tuple[str, Value]] = (),
) -> dict[str, Value]:
    """Give what an entry is called with: nobody in the project calls it, so its baggage is the durable root.

    Args:
        interpreter: gives what stands for unknown arguments.
        target: the entry, bound where it is a method.
        args: arguments that come before those of the runtime, as ``partial`` binds them.
        keywords: the same by name.
    """
    fn = target.fn
    arguments = interpreter.symbolic(fn, target.bound)
    given = [*([target.bound] if target.bound is not None else []), *args]
    bound = dict(zip(arguments, given, strict=False)) | {
        name: value for name, value in keywords if name in arguments
    }
    left = [name for name in arguments if name not in bound]
    is_method = fn.owner is not None and target.bound is None
    for index, name in enumerate(left):
        value = arguments[name]
        if (index == 2 and not is_method) or (isinstance(value, Sym) and value.op == "baggage"):
            arguments[name] = Sym("baggage", Sym("root", fn.uid, name))
    return arguments | bound


def is_build_function(fn: FunctionInfo) -> bool:
    """Say whether a function has the signature of an entry: powers, parameters and last the baggage."""
    names = parameter_names(fn)
    if [way for _, way in names] != ["positional"] * 3:
        return False
    return names[0][0].strip("_") in POWERS and looks_like_baggage(names[2][0])


def _report_closure(
    interpreter: Interpreter,
    unit: Unit,
    fn: FunctionInfo,
    target: FuncV,
    escape: Escape,
    entry: str | None,
    called: set[FunctionInfo],
    own_parameters: bool = True,
    defined: frozenset[Key] | None = None,
) -> None:
    arguments = interpreter.symbolic(target.fn, target.bound)
    judged = interpreter.judge(target.fn, target.scope, arguments)
    unit.applied |= judged.frame.calls.applied(interpreter.seen_calls)
    inner_escapes = list(judged.frame.escapes)
    category = "HANDLER" if escape.how == "handler" else "NESTED"
    seen: set[Location] = set()
    for event in judged.frame.events.values():
        _note_site(unit, event, target.fn)
        unit.unresolved += unresolved_imports(event, target.fn)
        for record in event.records.values():
            _note_pairs(unit, judged.frame.writes, event, record)
            if len(record.effect.chain) == 1:
                unit.definitions.append(
                    Definition(
                        kind_display(record.effect.key[1]),
                        record.effect.definition,
                        record.effect.info,
                        target.fn.dotted,
                    )
                )
            parameter = _root_parameter(record.effect.zone, target.fn)
            is_given_its_zone = parameter is not None and parameter[0] == target.fn.uid
            if is_given_its_zone and target.bound is None and category == "NESTED":
                if entry is None or is_build_function(target.fn):
                    continue  # outside of an entry, what gets its own zone is a build function, as tests have them
            if not own_parameters and (parameter is None or is_given_its_zone):
                continue
            if record.effect.once and defined is not None and record.effect.key in defined:
                continue
            if record.location in seen:
                continue
            seen.add(record.location)
            conditions: list[tuple[str, ...]] = [
                ("written", repr(key), place)
                for key in judged.frame.writes
                for place in _places(record.effect)
            ]
            if parameter is not None and parameter[0] != target.fn.uid:
                conditions.append(("heap", *parameter))
            if not own_parameters:
                conditions.append(("called", fn.uid))
            cause = Cause(category, escape.location, escape.text)
            unit.diagnoses.append(
                Diagnosis(
                    category,
                    record.location,
                    kind_display(record.effect.key[1]),
                    event.callee,
                    cause,
                    (
                        Step(fn.location, f"in '{fn.qualname}'"),
                        Step(escape.location, f"'{target.fn.name}' is given to {escape.text}"),
                        *_chain(record.effect, target.fn, None)[1:],
                    ),
                    fn.dotted,
                    entry,
                    target.fn.name,
                    tuple(conditions),
                    record.effect.info.is_unresolved,
                )
            )
    deeper = [
        item
        for item in (
            *inner_escapes,
            *(Escape(v, escape.how, escape.location, escape.text) for v in judged.frame.returned_values),
        )
        if any(f.outer is target.fn for f in functions_in(interpreter, item.value))
    ]
    inside = judged.frame.calls.functions() if deeper else set[FunctionInfo]()
    for item in deeper:
        for inner in _callables(interpreter, item.value):
            if inner.fn is not target.fn and inner.fn not in called and inner.fn not in inside:
                how = Escape(
                    item.value, escape.how if item.how == "nested" else item.how, item.location, item.text
                )
                _report_closure(
                    interpreter, unit, fn, inner, how, entry, called | {target.fn}, own_parameters, defined
                )


def _report_returned(
    interpreter: Interpreter, unit: Unit, fn: FunctionInfo, value: Value, called: set[FunctionInfo]
) -> None:
    """Report closures that a function hands out over a captured baggage, for when nobody calls the function."""
    for target in _callables(interpreter, value):
        if target.fn in called or target.scope is None:
            continue
        escape = Escape(value, "nested", fn.location, f"whoever calls '{fn.name}'")
        _report_closure(interpreter, unit, fn, target, escape, None, called, own_parameters=False)


def _callables(interpreter: Interpreter, value: Value, depth: int = 0) -> Iterator[FuncV]:
    """Yield the functions through which somebody who holds *value* can run code."""
    if isinstance(value, FuncV):
        yield value
    elif isinstance(value, PartialV):
        yield from _callables(interpreter, value.target, depth + 1)
        for argument in value.args:
            yield from _callables(interpreter, argument, depth + 1)
    elif isinstance(value, ClassV):
        yield from _methods(interpreter, value, None)
    elif isinstance(value, ObjectV):
        yield from _methods(interpreter, value.cls, value)
        if depth < 4:
            for _, item in value.fields:
                if isinstance(item, FuncV | ObjectV | UnionV) and depth < 2:
                    yield from _callables(interpreter, item, depth + 1)
    elif depth < 6:
        for child in children(value):
            yield from _callables(interpreter, child, depth + 1)


def _methods(interpreter: Interpreter, holder: ClassV, bound: ObjectV | None) -> Iterator[FuncV]:
    for name, method in classes.methods(interpreter, holder).items():
        # A class method is for the module's own code: no instance has it among its methods.
        if not name.startswith("_") and (bound is not None or not is_classmethod(method.fn)):
            yield FuncV(method.fn, method.scope, bound)
    for inner in holder.cls.classes.values():
        yield from _methods(interpreter, ClassV(inner, holder.scope), None)
