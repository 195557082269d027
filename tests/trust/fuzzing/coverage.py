"""What a reading reaches of the code that is fuzzed: the steps from line to line, as the interpreter tells them.

``sys.settrace`` is there on every Python that is supported and needs no tool beside it. It makes a reading some ten times as
slow, which is why only a corpus that is grown is read so.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import vatdata_lint
import vatdata_runtime

__all__ = ["Arc", "Arcs", "arcs_of", "fewest"]

Arc = tuple[str, int, int]
"""A module's path from the root of the project, the line before and the line after; at first the negative line of a function."""

Arcs = frozenset[Arc]

_ROOT = Path(__file__).parents[3]
_PACKAGES = tuple(str(Path(package.__path__[0])) + "/" for package in (vatdata_runtime, vatdata_lint))


def arcs_of(work: Callable[[], object]) -> Arcs:
    """Do *work* and tell which arcs of the runtime and of the linter it took, in threads that it starts as well.

    What is read once and remembered is reached once: the same work may take fewer arcs when it is done again.
    """
    taken: set[Arc] = set()
    paths: dict[str, str | None] = {}

    def on_call(frame: FrameType, _event: str, _argument: Any) -> Callable[..., Any] | None:
        name = frame.f_code.co_filename
        if name not in paths:
            paths[name] = name.removeprefix(f"{_ROOT}/") if name.startswith(_PACKAGES) else None
        path = paths[name]
        if path is None:
            return None
        before = -frame.f_code.co_firstlineno

        def on_step(frame: FrameType, event: str, _argument: Any) -> Callable[..., Any]:
            nonlocal before
            if event == "line":
                taken.add((path, before, frame.f_lineno))
                before = frame.f_lineno
            return on_step

        return on_step

    old, old_of_threads = sys.gettrace(), threading.gettrace()
    threading.settrace(on_call)
    sys.settrace(on_call)
    try:
        work()
    finally:
        sys.settrace(old)
        threading.settrace(old_of_threads)
    return frozenset(taken)


def fewest(reached: Mapping[bytes, Arcs], beside: Iterable[Arc] = ()) -> list[bytes]:
    """Choose inputs that reach together all that *reached* names beyond *beside*: again and again the one that adds most.

    The first are the telling ones, and of two that add as much the shorter is taken. It need not be the smallest choice, but
    each of its inputs reaches something that those before it do not.
    """
    covered = set(beside)
    left = sorted(reached, key=lambda data: (len(data), data))
    chosen: list[bytes] = []
    while left:
        best = max(left, key=lambda data: len(reached[data] - covered))
        if reached[best] <= covered:
            break
        covered |= reached[best]
        chosen.append(best)
        left.remove(best)
    return chosen
