"""Decides for each kind that a function defines why some way may miss it: the outermost cause wins."""

from __future__ import annotations

import ast
import dataclasses
from typing import TYPE_CHECKING

from vatdata_lint.facts.effects import Cause, Control, Effect, Event, Key, KeyRecord, Path, unstable_key
from vatdata_lint.facts.values import elem_loops

if TYPE_CHECKING:
    from vatdata_lint.facts.frame import Frame
    from vatdata_lint.finding import Location

__all__ = ["cause_of", "is_undone", "may_at_exit", "must_at_exit", "winning_causes"]


def must_at_exit(exits: list[Path]) -> frozenset[Key] | None:
    """Give the kinds that every normal way defines; None when no way completes normally."""
    if not exits:
        return None
    must = exits[0].must
    for path in exits[1:]:
        must &= path.must
    return must


def may_at_exit(exits: list[Path]) -> frozenset[Key] | None:
    """Give the kinds that some normal way defines; None when no way completes normally."""
    return frozenset(key for path in exits for key in path.may) if exits else None


def is_undone(record: KeyRecord, lasting: frozenset[Key] | None) -> bool:
    """Say whether every way from a definition ends in an exception: that start fails, and nothing of it stays."""
    return lasting is not None and record.started is None and record.effect.key not in lasting


def winning_causes(frame: Frame, exits: list[Path]) -> tuple[Effect, ...]:
    """Give the effects of a followed function, each flagged with the cause inside it, if there is one."""
    must = must_at_exit(exits)
    lasting = may_at_exit(exits)
    effects: dict[tuple[Key, object], Effect] = {}
    for event in frame.events.values():
        for record in event.records.values():
            effect = record.effect
            if is_undone(record, lasting):
                continue
            cause = cause_of(frame, event, record, must)
            flags = effect.flags
            if cause is not None and all(
                flag.category != cause.category or flag.is_reported for flag in flags
            ):
                site = cause.site or _own_site(event, record, cause)
                # It takes the place of one that is reported further in: callers ask whether there is any of its sort.
                others = (flag for flag in flags if flag.category != cause.category)
                flags = (*others, Cause(cause.category, cause.location, cause.text, site))
            effects.setdefault(
                (effect.key, effect.definition),
                effect
                if flags is effect.flags and record.held is effect.held
                else dataclasses.replace(effect, flags=flags, held=record.held),
            )
    return tuple(effects.values())


def _own_site(event: Event, record: KeyRecord, cause: Cause) -> Location | None:
    """Give the place to report where only the caller can tell what a method call defines.

    The function is judged on its own with an object that it does not know; the caller, who knows it, is not to
    blame for the branch around the call. A callback is the caller's own, as is an object that it has chosen: that is
    reported there.
    """
    if any(control.is_choice and control.location == cause.location for control in event.controls):
        return None
    node = event.node
    is_method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return record.location if is_method and cause.category in ("CONDITIONAL", "LOOP", "LATE") else None


def cause_of(frame: Frame, event: Event, record: KeyRecord, must: frozenset[Key] | None) -> Cause | None:
    """Give the outermost cause for which a kind may be missed, repeated or unstable at an event.

    Constructs around the call, the suspension before it and jumps before it compete: the one that
    begins first in the source encloses or precedes the others.
    """
    key = record.effect.key
    skipped = must is not None and key not in must
    found: list[Cause] = []
    if event.has_only_branches is None:
        event.has_only_branches = all(control.kind == "branch" for control in event.controls)
    controls = event.controls if skipped or not event.has_only_branches else ()
    tried = -1
    if not event.has_only_branches:
        tried = max((index for index, control in enumerate(controls) if control.kind == "try"), default=-1)
    for index, control in enumerate(controls):
        # A handler may lead back to the top of a loop from the middle of the call itself.
        is_tried = index < tried
        cause = _control_cause(control, key, event.location, skipped, is_tried)
        if cause is not None:
            found.append(cause)
            if event.has_only_branches and not cause.is_key_test:
                break  # the others begin inside this one
    if record.started is not None:
        found.append(record.started)
    elif record.late is not None:
        found.append(record.late)
    inherited = [Cause(flag.category, event.location, flag.text, flag.site) for flag in record.inherited]
    found += inherited
    # What only starts elsewhere is on no way of this function: no jump is to blame for that.
    if (
        skipped
        and record.started is None
        and not any(cause.category in ("CONDITIONAL", "LOOP") for cause in found)
    ):
        found.append(_jump_cause(frame, event, record))
    # What tests a key is fine where the key is first written beside the same definition; nothing else excuses.
    if any(cause.category == "CONDITIONAL" and not cause.is_key_test for cause in found):
        found = [cause for cause in found if not cause.is_key_test]
    # What a lambda defines is reported inside it where the call holds it, and at the call where it only has its name.
    site = None if record.location.is_inside(event.location) else event.location
    if found:
        cause = min(found, key=lambda cause: (cause.location.line, cause.location.column))
        return cause if any(cause is item for item in inherited) else dataclasses.replace(cause, site=site)
    if record.duplicate is not None:
        where = record.duplicate
        return Cause("DUPLICATE", where, f"the definition on line {where.line}", site)
    if record.is_outer_unstable:
        reason = unstable_key(key)
        return Cause("UNSTABLE", event.location, reason or "what differs between incarnations")
    return None


def _control_cause(
    control: Control, key: Key, location: Location, skipped: bool, is_tried: bool
) -> Cause | None:
    if control.kind == "loop":
        if control.active and (is_tried or control.repeats(key, location)):
            return Cause("LOOP", control.location, control.text)
        return Cause("CONDITIONAL", control.location, control.text) if skipped else None
    if control.kind == "durable-loop":
        if control.loop in elem_loops(key[0]) or control.loop in elem_loops(key[1]):
            return None
        return Cause("LOOP", control.location, control.text)
    if skipped and control.active:
        return Cause("CONDITIONAL", control.location, control.text, is_key_test=control.is_key_test)
    return None


def _jump_cause(frame: Frame, event: Event, record: KeyRecord) -> Cause:
    def place(location: Location) -> tuple[int, int]:
        return (location.line, location.column)

    before = [jump for jump in frame.jumps if place(jump.location) <= place(event.location)]
    # A jump that stands behind the call leaves out the rounds that would follow.
    jumps = before or [jump for jump in frame.jumps if jump.word == "break"]
    if not jumps:
        return Cause("CONDITIONAL", event.location, "another way through the function")
    is_key_test = bool(record.held) and all(jump.is_key_test for jump in jumps)
    if record.held and not is_key_test:
        jumps = [jump for jump in jumps if not jump.is_key_test]
    jump = min(jumps, key=lambda jump: place(jump.location))
    text = f"the '{jump.word}' on line {jump.location.line}"
    return Cause("CONDITIONAL", jump.location, text, is_key_test=is_key_test)
