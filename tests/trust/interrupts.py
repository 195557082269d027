"""Ctrl-C at every point of a crank: ``python -m tests.trust.interrupts --every 1``.

A tracer raises ``KeyboardInterrupt`` at the first point of the runtime where a signal could, in the next run at the second,
until a call ends by itself. Each time the call must end with that very interrupt, the data be as before the
crank or after it, the vat go on, ``verify`` be silent, and the next incarnation find the same.
"""

from __future__ import annotations

import argparse
import dis
import gc
import itertools
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Literal

import vatdata_runtime
from vatdata_runtime import (
    E,
    Far,
    Kernel,
    StoreError,
    make_scalar_big_map_store,
    open_vat,
    prepare_exo_class,
    prepare_exo_class_kit,
    provide,
    provide_durable_map_store,
    provide_durable_set_store,
    provide_durable_weak_map_store,
)
from vatdata_runtime.tools.verify import verify

__all__ = ["FORMS", "Interrupt", "interrupt_at", "main"]

FORMS = ("vat", "kernel", "collection", "upgrade", "opening", "opening a kernel")
"""What is interrupted: a call of a vat opened by itself, one between vats, a collection, an upgrade, an opening."""

_WHILE_FREEING = ("__del__", "note_death", "base_of", "<lambda>", "_release", "release_later")
_RUNTIME = os.path.dirname(vatdata_runtime.__file__) + os.sep


class Interrupt:
    """Inside the block ``KeyboardInterrupt`` is raised at the *n*-th point of the runtime where Ctrl-C can come.

    These are the points where CPython looks for signals: the beginning of a function, the end of a call, a step back in a
    loop. What is raised where an object is being freed is raised nowhere, so such functions are passed over.

    Attributes:
        where: file, line and function that were struck; None while none was.
    """

    def __init__(self, n: int) -> None:
        self.where: tuple[str, int, str] | None = None
        self._left = n

    def __enter__(self) -> Interrupt:
        sys.settrace(self._on_call)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.settrace(None)

    def _on_call(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        code = frame.f_code
        if not code.co_filename.startswith(_RUNTIME) or code.co_name in _WHILE_FREEING:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        instructions = code.co_code
        was_call = False

        def on_instruction(frame: FrameType, event: str, _argument: Any) -> Any:
            nonlocal was_call
            if event == "opcode":
                name = dis.opname[instructions[frame.f_lasti]]
                if was_call or name == "RESUME" or name.startswith("JUMP_BACKWARD"):
                    self._strike(frame)
                was_call = name.startswith("CALL")
            return on_instruction

        return on_instruction

    def _strike(self, frame: FrameType) -> None:
        self._left -= 1
        if not self._left:
            code = frame.f_code
            self.where = (code.co_filename[len(_RUNTIME) :], frame.f_lineno, code.co_name)
            sys.settrace(None)
            raise KeyboardInterrupt


# --- the vats


class Node:
    def value(this: Any) -> Any:
        return this.state.value

    def set(this: Any, value: Any) -> None:
        this.state.value = value

    def link(this: Any, other: Any) -> None:
        this.state.link = other


FACETS = {
    "up": {"count": lambda this: setattr(this.state, "n", this.state.n + 1)},
    "see": {"value": lambda this: this.state.n},
}


def build(_powers: Any, _parameters: Any, baggage: Any) -> Any:
    """One crank of ``go`` makes, links, changes and deletes, one by one and in bulk, in all sorts of stores."""
    make = prepare_exo_class(baggage, "Node", None, lambda value, link: {"value": value, "link": link}, Node)
    make_kit = prepare_exo_class_kit(baggage, "Kit", None, lambda: {"n": 0}, FACETS)
    strong = provide_durable_map_store(baggage, "strong")
    weak = provide_durable_weak_map_store(baggage, "weak")
    members = provide_durable_set_store(baggage, "members")
    passing = make_scalar_big_map_store("passing")
    provide(baggage, "done", lambda _: 0)
    provide(baggage, "heard", lambda _: 0)
    provide(baggage, "peer", lambda _: None)

    def go(n: int) -> int:
        one = make(n, None)
        other = make(n + 1, one)
        one.link(other)
        kit = make_kit()
        kit.up.count()
        strong.add_all([(n, one), ("last", kit.see)])
        weak.init(one, n)
        if strong.has(n - 1):
            strong.get(n - 1).set(-1)
            members.clear()
        members.add(other)
        if strong.has(n - 2):
            strong.delete(n - 2)
        passing.add_all([(n % 3, one)])
        if baggage.get("peer") is not None:
            E.send_only(baggage.get("peer")).hear(one)
        baggage.set("done", baggage.get("done") + 1)
        return n

    def hear(thing: Any) -> None:
        members.add(thing)
        baggage.set("heard", baggage.get("heard") + 1)

    def state() -> Any:
        things = tuple((key, thing.value()) for key, thing in strong.entries())
        return baggage.get("done"), baggage.get("heard"), things, len(strong), len(members)

    return Far(
        "Root", {"go": go, "hear": hear, "state": state, "meet": lambda peer: baggage.set("peer", peer)}
    )


class Subject:
    """A store with its vats, open: what the forms have in common."""

    def __init__(self, path: Path, form: str) -> None:
        self.path, self.form = path, form
        options: dict[str, Any] = {"durability": "relaxed", "map_size": 1}
        self._kernel: Kernel | None = None
        if form in ("vat", "collection", "opening"):
            self._vat: Any = open_vat(path, build, **options)
            return
        self._kernel = kernel = Kernel.open(path, sources={"one": build, "other": build}, **options)
        self._vat = kernel.provide_vat("one", build)
        other = kernel.provide_vat("other", build)
        if not self.call("state")[0]:
            kernel.call(self._vat.root, "meet", other.root)

    def call(self, method: str, *arguments: Any) -> Any:
        if self._kernel is None:
            return self._vat.call(method, *arguments)
        found = self._kernel.call(self._vat.root, method, *arguments)
        self._kernel.run()
        return found

    def state(self) -> Any:
        """What both vats see."""
        if self._kernel is None:
            return self._vat.call("state")
        self._kernel.run()
        return tuple(self._kernel.call(self._kernel.get_vat(name).root, "state") for name in ("one", "other"))

    def done(self) -> int:
        done: int = self.call("state")[0]
        return done

    def is_behind(self) -> bool:
        """Whether the kernel says that it must be opened again: the interrupt has come between memory and store."""
        try:
            self.done()
        except StoreError as error:
            if "open it again" not in str(error):
                raise
            return True
        return False

    def reopen(self) -> None:
        assert self._kernel is not None
        with suppress(StoreError):
            self._kernel.close()
        self.__init__(self.path, self.form)  # type: ignore[misc]  # the same over again

    def act(self, n: int) -> None:
        """Do what is interrupted."""
        if self.form == "collection":
            self._vat.collect_cycles()
        elif self.form == "upgrade":
            self._vat.upgrade(build)
        else:
            self.call("go", n)

    def close(self) -> None:
        (self._kernel or self._vat).close()


@contextmanager
def opened(path: Path, form: str) -> Generator[Subject]:
    subject = Subject(path, form)
    try:
        yield subject
    finally:
        subject.close()


def interrupt_at(folder: Path, form: str, n: int) -> tuple[str, int, str] | None:
    """Interrupt at the *n*-th point. Returns where that was; None where the action ended before.

    Raises:
        AssertionError: what must hold does not.
    """
    path = folder / "world.db"
    if form.startswith("opening"):
        return interrupt_opening_at(path, form, n)
    with opened(path, form) as subject:
        for turn in range(3):
            subject.call("go", turn)
        before = subject.state()
        interrupt = Interrupt(n)
        try:
            with interrupt:
                subject.act(3)
        except KeyboardInterrupt:
            pass
        if interrupt.where is None:
            return None
        if subject.is_behind():
            subject.reopen()
        done = subject.done()
        if form in ("vat", "kernel"):
            assert done in (3, 4), f"{done} cranks were kept of 3 and one that was interrupted"
        if done == 3:
            assert subject.state() == before, "a crank that was not kept has left something"
        subject.call("go", done)
        after = subject.state()
        assert subject.done() == done + 1
    findings = [str(finding) for finding in verify(str(path))]
    assert findings == [], f"verify finds {findings}"
    with opened(path, form) as subject:
        assert subject.state() == after, "the next incarnation finds something else"
    return interrupt.where


def interrupt_opening_at(path: Path, form: str, n: int) -> tuple[str, int, str] | None:
    """Interrupt the opening of a store at its *n*-th point; otherwise as ``interrupt_at``."""
    with opened(path, form) as subject:
        subject.call("go", 0)
        before = subject.state()
    interrupt = Interrupt(n)
    try:
        with interrupt:
            Subject(path, form).close()
    except KeyboardInterrupt:
        pass
    if interrupt.where is None:
        return None
    gc.collect()  # what was half open is let go of
    findings = [str(finding) for finding in verify(str(path))]
    assert findings == [], f"verify finds {findings}"
    with opened(path, form) as subject:
        assert subject.state() == before, "an opening that was broken off has left something"
        subject.call("go", 1)
    return interrupt.where


def interrupt_all(form: str, first: int, every: int, say: Callable[[str], object]) -> tuple[int, int]:
    """Interrupt at each *every*-th point of a form. Returns how often, and how often something did not hold."""
    failed = 0
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    for count in itertools.count():
        n = first + count * every
        with tempfile.TemporaryDirectory(prefix="interrupts", dir=memory) as folder:
            where: tuple[str, int, str] | Literal[""] | None = ""
            try:
                where = interrupt_at(Path(folder), form, n)
            except Exception as error:
                failed += 1
                say(f"{form}: point {n}: {type(error).__name__}: {error}")
        if where is None:
            return count, failed
    raise AssertionError("unreachable")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.trust.interrupts", description=__doc__)
    parser.add_argument("forms", nargs="*", default=FORMS, help=f"of {', '.join(FORMS)}; default all")
    parser.add_argument("--every", type=int, default=1, help="strike only each n-th point (default 1)")
    parser.add_argument("--first", type=int, default=1, help="the first point that is struck (default 1)")
    parser.add_argument("--say", action="store_true", help="tell what the vats log")
    options = parser.parse_args(arguments)
    if not options.say:
        logging.disable()
    troubles = 0
    for form in options.forms:
        count, failed = interrupt_all(form, options.first, options.every, print)
        troubles += failed
        print(f"{form}: {count} interrupts, {failed} failed", flush=True)
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
