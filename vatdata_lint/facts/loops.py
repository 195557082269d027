"""Follows loops: member by member where the source fixes them, else the first round and any later one."""

from __future__ import annotations

import ast
from collections.abc import Callable

from vatdata_lint.facts import assignment, conditions, deferred, members
from vatdata_lint.facts.dispatch import evaluate, follows, run_block
from vatdata_lint.facts.effects import Control, Path, join_into_one, merge_paths
from vatdata_lint.facts.frame import Frame, LoopContext
from vatdata_lint.facts.values import Value, is_durable_data

__all__ = []


@follows(ast.For, ast.AsyncFor)
def _for(frame: Frame, node: ast.For | ast.AsyncFor, path: Path) -> list[Path]:
    value = evaluate(frame, node.iter, path)
    if isinstance(node, ast.AsyncFor):
        deferred.async_iteration(frame, value, node, path)
    else:
        value = deferred.consume(frame, value, node.iter, path)
    frame.may_raise(path)
    if not isinstance(node, ast.AsyncFor):
        items = members.unroll(value)
        if items is not None:
            return _unrolled(frame, node, items, path)
        lists = members.alternatives_of(value)
        if lists is not None:
            return _one_of_several(frame, node, lists, path)
    frame.loop_count += 1
    number = node.lineno * 1000 + node.col_offset
    durable = is_durable_data(value)
    kind = "durable-loop" if durable else "loop"
    control = Control(kind, frame.location(node), f"the loop on line {node.lineno}", loop=number)
    element = members.member_of(value, number)

    def begin(inside: Path) -> None:
        assignment.assign(frame, node.target, element, inside)

    noted = len(frame.defined)
    return _repeated(frame, node, path, control, begin, _pass, noted, durable=durable, infinite=False)


def _one_of_several(
    frame: Frame, node: ast.For | ast.AsyncFor, lists: list[list[Value]], path: Path
) -> list[Path]:
    """Follow a loop over one of several lists, whichever way was taken before."""
    ends: list[Path] = []
    text = f"the choice of what the loop on line {node.lineno} goes over"
    frame.controls.append(Control("branch", frame.location(node), text))
    for items in lists:
        way = path.copy()
        frame.enter(way)
        ends += _unrolled(frame, node, items, way)
    frame.controls.pop()
    return merge_paths(ends)


def _unrolled(frame: Frame, node: ast.For | ast.AsyncFor, items: list[Value], path: Path) -> list[Path]:
    current = [path]
    context = LoopContext()
    for item in items:
        context.continues = []
        for way in current:
            frame.enter(way)
            assignment.assign(frame, node.target, item, way)
        frame.loops.append(context)
        current = merge_paths(run_block(frame, node.body, current) + context.continues)
        frame.loops.pop()
        if not current:
            break
    if node.orelse:
        current = run_block(frame, node.orelse, current)
    return merge_paths(current + context.breaks)


@follows(ast.While)
def _while(frame: Frame, node: ast.While, path: Path) -> list[Path]:
    frame.loop_count += 1
    control = Control("loop", frame.location(node), f"the loop on line {node.lineno}")
    noted = len(frame.defined)
    frame.controls.append(control)
    truth, _, _ = conditions.test(frame, node.test, path)
    frame.controls.pop()
    if truth is False:
        control.active = False
        return run_block(frame, node.orelse, [path])

    def again(inside: Path) -> None:
        conditions.test(frame, node.test, inside)

    return _repeated(frame, node, path, control, _pass, again, noted, durable=False, infinite=truth is True)


def _pass(path: Path) -> None:
    """Do nothing at the top of a round."""


def _repeated(
    frame: Frame,
    node: ast.For | ast.AsyncFor | ast.While,
    path: Path,
    control: Control,
    begin: Callable[[Path], None],
    again: Callable[[Path], None],
    noted: int,
    *,
    durable: bool,
    infinite: bool,
) -> list[Path]:
    """Follow a loop whose number of rounds is not fixed: the first round, then any later one.

    What the frame has defined from *noted* on is defined in the loop.
    """
    context = LoopContext()
    frame.loops.append(context)
    frame.controls.append(control)
    first = path.copy()
    frame.enter(first)
    begin(first)
    ends = merge_paths(run_block(frame, node.body, [first]) + context.continues)
    if not ends:
        # No way leads back to the top: what stands here runs at most once.
        control.active = False
    elif all(_is_unchanged(end, path) for end in ends):
        pass  # a further round would say the same
    elif not frame.is_repeating:
        # In the further round of a loop, those in it need none of their own: it begins with all that theirs have
        # left behind. With one for each, the work would double with every loop in another.
        frame.is_repeating = True
        context.continues = []
        for end in ends:
            frame.enter(end)
            again(end)
        later = join_into_one([path.copy(), *[end.copy() for end in ends]])
        frame.enter(later)
        begin(later)
        ends = merge_paths(ends + run_block(frame, node.body, [later]) + context.continues)
        frame.is_repeating = False
    control.repeated = frozenset(
        item for pair in frame.defined[noted:] if any(pair[0] in end.may for end in ends) for item in pair
    )
    frame.controls.pop()
    frame.loops.pop()
    if durable:
        exits = ends or [path]
        for end in exits:
            end.dead = False
    elif infinite:
        exits = []
    else:
        exits = [path, *ends]
    if node.orelse and exits:
        exits = run_block(frame, node.orelse, merge_paths(exits))
    return merge_paths(exits + context.breaks)


def _is_unchanged(end: Path, begin: Path) -> bool:
    """Say whether a round left everything that a further round could make worse as it was."""
    if end.may is begin.may and end.late is begin.late:
        return True
    return end.must == begin.must and end.may.keys() == begin.may.keys() and end.late is begin.late
