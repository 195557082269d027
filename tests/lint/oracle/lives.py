"""Runs a case as a vat: several lives over one store, with every question answered both ways."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import itertools
import shutil
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, cast

import vatdata_runtime
from tests.lint.oracle.choices import Answers, Choice, Outside, sender
from vatdata_runtime import (
    Far,
    FirstCrankError,
    KindNotDefinedError,
    KindRedefinedError,
    KindsNotPreparedError,
    LabelInUseError,
    open_vat,
)
from vatdata_runtime.vat import definitions

__all__ = ["Observation", "Report", "observe"]

MAX_WAYS = 8
MAX_UPGRADES = 12
TURNS = 40


@dataclass(frozen=True, order=True)
class Observation:
    """A failure of the runtime: what it was, of which kind, and the lines of the case that led to it."""

    what: str
    kind: str
    lines: frozenset[int]


@dataclass
class Report:
    """What was seen of one case. ``completed`` counts starts that gave a vat."""

    observations: set[Observation] = field(default_factory=set[Observation])
    completed: int = 0
    defined: int = 0
    failures: set[str] = field(default_factory=set[str])


class Watch:
    """Notes definitions and refusals while a case runs, also those that the case swallows."""

    def __init__(self, file: str, report: Report) -> None:
        self.file = file
        self.report = report
        self.defined: dict[str, frozenset[int]] = {}
        self.makers: list[Any] = []
        self.tasks: list[Any] = []
        self.methods: list[Any] = []
        self.is_waiting = False

    def lines(self, frame: FrameType | None) -> frozenset[int]:
        found: set[int] = set()
        while frame is not None:
            if frame.f_code.co_filename == self.file:
                # The line where the running expression begins, not the one that is reached inside it.
                begin = list(frame.f_code.co_positions())[max(frame.f_lasti, 0) // 2][0]
                found.add(begin or frame.f_lineno)
            frame = frame.f_back
        return frozenset(found)


@contextlib.contextmanager
def _watched(watch: Watch) -> Generator[None]:
    """Put the watch between the runtime and the case."""
    real_define = definitions.define_kind

    def define_kind(incarnation: Any, kind: Any, source: Any) -> Any:
        maker = real_define(incarnation, kind, source)
        if kind.descriptor is not None and incarnation.defines:
            watch.defined[kind.tag] = watch.lines(sys._getframe(1))
            watch.report.defined += 1
        watch.makers.append(maker)
        return maker

    holders = [
        module for module in list(sys.modules.values()) if getattr(module, "define_kind", None) is real_define
    ]

    def noting(cls: type[Exception], what: str, kind_at: int) -> Callable[[], None]:
        real_init = cls.__init__

        def init(self: Exception, *args: Any) -> None:
            real_init(self, *args)
            watch.report.observations.add(
                Observation(what, str(args[kind_at]), watch.lines(sys._getframe(1)))
            )

        setattr(cls, "__init__", init)  # noqa: B010 - undone below; an assignment is refused by type checkers
        return lambda: setattr(cls, "__init__", real_init)

    undo = [
        noting(FirstCrankError, "late", 1),
        noting(KindRedefinedError, "redefined", 0),
        noting(LabelInUseError, "redefined", 0),
    ]
    for module in holders:
        module.define_kind = define_kind  # type: ignore[attr-defined]  # undone below
    try:
        yield
    finally:
        for module in holders:
            module.define_kind = real_define  # type: ignore[attr-defined]  # as it was
        for step in undo:
            step()


def _vat(text: str, watch: Watch, answers: Answers, outside: Outside) -> Callable[..., Any]:
    """Give a build function that loads the case, runs its entry until it waits for outside, and gives a root."""

    async def build_root_object(vat_powers: Any, vat_parameters: Any, baggage: Any) -> Any:
        module = ModuleType("case")
        module.__file__ = watch.file
        sys.modules["case"] = module
        exec(compile(text, watch.file, "exec", dont_inherit=True), module.__dict__)
        _stand_in(module, watch, outside)
        entry = getattr(module, "build_root_object", None) or getattr(module, "buildRootObject", None)
        entry = entry or module.start
        parameter = Choice("P", answers, outside)
        result = entry(*_as_many(entry, [vat_powers, parameter, baggage]))
        if inspect.isawaitable(result):
            task = asyncio.ensure_future(result)
            for _ in range(TURNS):
                if task.done():
                    break
                await asyncio.sleep(0)
            watch.is_waiting = not task.done()
            if task.done():
                task.result()
        return Far("Oracle", {})

    return build_root_object


def _as_many(function: Any, arguments: list[Any]) -> list[Any]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return arguments
    if any(item.kind is item.VAR_POSITIONAL for item in parameters):
        return arguments
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return arguments[: len(positional)]


def _stand_in(module: ModuleType, watch: Watch, outside: Outside) -> None:
    if hasattr(module, "E"):
        module.__dict__["E"] = sender(outside, vatdata_runtime.E)
    if hasattr(module, "Far"):

        def far(name: str, methods: Any) -> Any:
            watch.methods.append(methods)
            return Far(name, methods)

        module.__dict__["Far"] = far


def _poke(watch: Watch, answers: Answers, outside: Outside) -> None:
    """Do what others do after the first crank: answer, make instances, and call every method there is."""

    def call(function: Any) -> Any:
        choices = [Choice(f"A{n}", answers, outside) for n in range(4)]
        for count in range(5):
            try:
                result = function(*choices[:count])
            except TypeError:
                continue  # another number of arguments
            except Exception:  # what matters was noted where it was raised
                return None
            if inspect.iscoroutine(result):
                watch.tasks.append(asyncio.ensure_future(result))
            return result
        return None

    for methods in list(watch.methods):
        table: dict[Any, Any] = {}
        if isinstance(methods, dict):
            table |= methods
        else:
            with contextlib.suppress(Exception):
                table |= {name: getattr(methods, name) for name in dir(methods) if not name.startswith("_")}
        for method in table.values():
            if callable(method):
                result = call(method)
                if inspect.isgenerator(result) or type(result).__name__ == "generator":
                    call(lambda result=result: next(result))
    for maker in list(watch.makers):
        made: Any = call(maker)
        if made is None:
            continue
        facets: list[Any] = [made]
        with contextlib.suppress(Exception):
            facets += [made[name] for name in made]
        for facet in facets:
            kind = cast("object", type(facet))
            for name in dir(kind):
                if not name.startswith("_"):
                    with contextlib.suppress(Exception):
                        call(getattr(facet, name))


def _live(text: str, store: Path, watch: Watch, answers: Answers, *, poke: bool) -> bool:
    """Run one incarnation; say whether it started."""
    outside = Outside()
    source = _vat(text, watch, answers, outside)
    with _watched(watch):
        try:
            vat = open_vat(store, source, durability="relaxed", parameters=None)
        except KindsNotPreparedError:
            raise
        except KindNotDefinedError as error:
            raise KindsNotPreparedError((error.name,), error.vat, error.incarnation) from error
        except (Exception, SystemExit) as error:
            watch.report.failures.add(type(error).__name__)
            return False
        with vat:
            if poke:
                for _ in range(3):
                    with contextlib.suppress(Exception), vat.crank():
                        outside.answer("answer")
                with contextlib.suppress(Exception), vat.crank():
                    _poke(watch, answers, outside)
    watch.report.completed += 1
    return True


def _ways(text: str, file: str, folder: Path, report: Report) -> list[tuple[Answers, Path, Watch]]:
    """Start the case on empty stores: all questions no, all yes, then each alone answered otherwise."""
    started: list[tuple[Answers, Path, Watch]] = []
    waiting = [Answers(0), Answers(1)]
    tried: set[tuple[int, frozenset[str]]] = set()
    for number in itertools.count():
        if not waiting or number >= MAX_WAYS:
            return started
        answers = waiting.pop(0)
        tried.add((answers.base, answers.flipped))
        watch = Watch(file, report)
        store = folder / f"{number}.db"
        try:
            if _live(text, store, watch, answers, poke=True):
                started.append((answers, store, watch))
        except KindsNotPreparedError as error:
            # A handle was taken and its kind was not defined: that is lost at once.
            report.observations.update(Observation("lost", kind, frozenset()) for kind in error.missing)
        for question in list(answers.asked):
            key = (answers.base, answers.flipped ^ {question})
            if key not in tried and len(key[1]) <= 2:
                tried.add(key)
                waiting.append(Answers(*key))
    return started


def _loses(before: Watch, after: Watch) -> bool:
    return not before.defined.keys() <= after.defined.keys()


def observe(text: str, folder: Path) -> Report:
    """Give what the real runtime says of a case.

    Args:
        text: the module.
        folder: empty; gets the stores.
    """
    report = Report()
    file = str(folder / "case.py")
    ways = _ways(text, file, folder, report)
    pairs = [
        pair for pair in itertools.product(ways, ways) if pair[0] is pair[1] or _loses(pair[0][2], pair[1][2])
    ]
    for (_, store, watch), (second, _, _) in pairs[:MAX_UPGRADES]:
        copy = folder / "next.db"
        shutil.copyfile(store, copy)
        answers = Answers(second.base, second.flipped)
        again = Watch(file, report)
        try:
            _live(text, copy, again, answers, poke=False)
        except KindsNotPreparedError as error:
            # An entry that still waits for outside would not have started: nothing is lost on that way.
            for kind in error.missing if not again.is_waiting else ():
                report.observations.add(Observation("lost", kind, watch.defined.get(kind, frozenset())))
    return report
