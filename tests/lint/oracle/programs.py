"""Makes random build functions whose conditions are independent, and finds out what each way through them defines."""

from __future__ import annotations

import itertools
import random
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

__all__ = ["Way", "program", "ways_of"]

HEAD = """from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from vatdata_runtime import Far, prepare_exo, prepare_exo_class, provide
@contextmanager
def quiet():
    try:
        yield
    except KeyError:
        pass
def risky(flag):
    if flag:
        raise KeyError("risky")
"""
MAX_QUESTIONS = 8

Way = dict[str, frozenset[int]]
"""Kinds that one way through a program defines, each with the lines that lead to its definition."""


class _Writer:
    """Writes one program; every condition asks a question that no other asks."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.questions = self.kinds = self.functions = 0
        self.helpers: list[str] = []

    def question(self, kind: str = "flag") -> str:
        self.questions += 1
        return f"P.{kind}{self.questions}"

    def condition(self) -> str:
        form = self.dice.choice(["{}", "{}", "not {}", "{} and {}", "{} or {}"])
        return form.format(*(self.question() for _ in range(form.count("{}"))))

    def name(self) -> str:
        self.kinds += 1
        return f"K{self.kinds}"

    def definition(self) -> str:
        name = self.name()
        match self.dice.randrange(5):
            case 0:
                return f"prepare_exo_class(zone, {name!r}, None, dict, {{}})"
            case 1:
                return f"partial(prepare_exo, zone)({name!r}, None, {{}})"
            case 2 if len(self.helpers) < 3:
                return self.helper(name)
            case _:
                return f"prepare_exo(zone, {name!r}, None, {{}})"

    def helper(self, name: str) -> str:
        defines = f"return prepare_exo(zone, {name!r}, None, {{}})"
        body = self.dice.choice(
            [
                f"    {defines}\n",
                f"    if {self.question()}:\n        return None\n    {defines}\n",
                f"    if {self.question()}:\n        raise ValueError('no')\n    {defines}\n",
                f"    try:\n        {defines}\n    finally:\n        pass\n",
            ]
        )
        function = f"helper{len(self.helpers)}"
        self.helpers.append(f"def {function}(zone, P):\n{body}")
        return f"{function}(zone, P)"

    def block(self, depth: int) -> str:
        return "\n".join(self.statement(depth) for _ in range(self.dice.choice([1, 1, 2])))

    def inside(self, depth: int, levels: int = 1) -> str:
        return textwrap.indent(self.block(depth), "    " * levels)

    def statement(self, depth: int) -> str:
        forms: list[Callable[[int], str]] = [
            *(self.branch, self.attempt, self.loop, self.suppressed),
            *(self.leave, self.nested, self.cases, self.choice),
        ]
        if depth == 0 or self.dice.random() < 0.3:
            return self.definition()
        return self.dice.choice(forms)(depth - 1)

    def branch(self, depth: int) -> str:
        text = f"if {self.condition()}:\n{self.inside(depth)}"
        return text + (f"\nelse:\n{self.inside(depth)}" if self.dice.random() < 0.5 else "")

    def attempt(self, depth: int) -> str:
        text = f"try:\n    risky({self.condition()})\n{self.inside(depth)}\n    risky({self.condition()})"
        handler = self.dice.choice(["    pass", "    raise", "    return Far('Idle', {})", ""])
        if handler or self.dice.random() < 0.5:
            text += f"\nexcept KeyError:\n{handler or self.inside(depth)}"
            return text + (f"\nelse:\n{self.inside(depth)}" if self.dice.random() < 0.3 else "")
        return text + f"\nfinally:\n{self.inside(depth)}"

    def loop(self, depth: int) -> str:
        name = self.name()
        over = self.dice.choice(['("x", "y")', '("x", "y")', self.question("list")])
        text = f'for i in {over}:\n    prepare_exo(zone, f"{name}{{i}}", None, {{}})'
        jump = self.dice.choice(["break", "continue"])
        return text + (f"\n    if {self.condition()}:\n        {jump}" if self.dice.random() < 0.4 else "")

    def suppressed(self, depth: int) -> str:
        manager = self.dice.choice(["suppress(KeyError)", "quiet()", "nullcontext()"])
        return f"with {manager}:\n    risky({self.condition()})\n{self.inside(depth)}"

    def leave(self, depth: int) -> str:
        jump = self.dice.choice(["return Far('Early', {})", "raise ValueError('early')"])
        return f"if {self.condition()}:\n    {jump}"

    def nested(self, depth: int) -> str:
        self.functions += 1
        function = f"inner{self.functions}"
        text = f"def {function}():\n{self.inside(depth)}\n"
        return text + self.dice.choice(
            [f"{function}()", f"{function}()", f"if {self.condition()}:\n    {function}()"]
        )

    def cases(self, depth: int) -> str:
        text = f"match {self.question('mode')}:\n    case 'one':\n{self.inside(depth, 2)}"
        other = self.dice.random() < 0.6
        return text + (f"\n    case _:\n{self.inside(depth, 2)}" if other else "")

    def choice(self, depth: int) -> str:
        one, other = self.definition(), self.definition()
        return self.dice.choice(
            [
                f"x = {one} if {self.condition()} else {other}",
                f"x = {self.condition()} and {one}\n{other}",
                f"provide(zone, {self.name()!r}, lambda key: {one})\n{other}",
            ]
        )

    def program(self) -> str:
        lines = [self.statement(3) for _ in range(self.dice.choice([2, 3, 4]))]
        body = textwrap.indent("\n".join([*lines, "return Far('Root', {})"]), "    ")
        used = [text for number, text in enumerate(self.helpers) if f"helper{number}(" in body]
        entry = f"def build_root_object(vat_powers, P, zone):\n{body}\n"
        return HEAD + "".join(used) + entry


def program(seed: int) -> str:
    """Give the text of a program; the same for the same seed."""
    return _Writer(seed).program()


def ways_of(text: str) -> list[Way] | None:
    """Run a program with every combination of answers, on an empty store and on one that holds everything.

    Returns:
        One item for each way that completes normally; None where there are too many questions.
    """
    questions = sorted(set(re.findall(r"P\.(\w+)", text)))
    if len(questions) > MAX_QUESTIONS:
        return None
    code = compile(text, "program", "exec")
    found: list[Way] = []
    for answers in itertools.product((False, True), repeat=len(questions)):
        parameters = SimpleNamespace(**dict(_answers(questions, answers)))
        found += [way for is_new in (True, False) if (way := _run(code, parameters, is_new)) is not None]
    return found


def _answers(questions: list[str], answers: tuple[bool, ...]) -> Iterator[tuple[str, object]]:
    for question, answer in zip(questions, answers, strict=True):
        if question.startswith("mode"):
            yield question, "one" if answer else "two"
        else:
            yield question, answer if question.startswith("flag") else ["p", "q"] * answer


def _run(code: Any, parameters: SimpleNamespace, is_new: bool) -> Way | None:
    way: Way = {}

    def define(zone: object, name: str, *rest: object) -> object:
        way[name] = frozenset(_lines(sys._getframe(1)))
        return object()

    def provide(zone: object, key: str, make: Callable[[str], object]) -> object:
        return make(key) if is_new else None

    def far(name: str, methods: object) -> object:
        return object()

    runtime = ModuleType("vatdata_runtime")
    runtime.__dict__.update(
        prepare_exo=define,
        prepare_exo_class=define,
        provide=provide,
        Far=far,
    )
    with mock.patch.dict(sys.modules, vatdata_runtime=runtime):
        names: dict[str, Any] = {"__name__": "program"}
        exec(code, names)
        try:
            names["build_root_object"](None, parameters, {})
        except (KeyError, ValueError):
            return None
    return way


def _lines(frame: Any) -> Iterator[int]:
    while frame is not None:
        if frame.f_code.co_filename == "program":
            begin = list(frame.f_code.co_positions())[max(frame.f_lasti, 0) // 2][0]
            yield begin or frame.f_lineno
        frame = frame.f_back
