"""Writes valid modules at random: every statement and expression of Python, with the words of vats in between."""

from __future__ import annotations

import ast
import textwrap
import warnings
from random import Random

__all__ = ["write_module"]

NAMES = (
    "baggage", "zone", "vat_powers", "vat_parameters", "this", "self", "x", "y", "make", "kinds", "init", "methods",
    "prepare_all", "build_root_object", "start", "helper", "Purse", "ready", "items", "E", "asyncio", "M",
)  # fmt: skip
DEFINERS = (
    "prepare_exo", "prepare_exo_class", "prepare_exo_class_kit", "prepare_kind", "prepare_singleton", "prepareExoClass",
    "define_durable_kind", "provide", "provide_durable_map_store", "make_once", "zone.exo", "zone.exo_class", "zone.prepare",
    "prepare_all", "helper", "partial", "M.interface", "open_vat", "baggage.has", "baggage.init", "asyncio.create_task",
    "asyncio.gather", "asyncio.sleep", "time.sleep", "sorted", "map", "contextlib.suppress", "this.state.items.append",
)  # fmt: skip
ATTRIBUTES = ("state", "exo", "has", "get", "prepare", "items", "append", "facets", "x", "sub_zone", "then")
CONSTANTS = (
    "None",
    "True",
    "0",
    "1",
    "-1",
    "'A'",
    "'B'",
    "''",
    "b'x'",
    "1.5",
    "...",
    "2j",
    "'\U0001f60b'",
    "10**100",
)
OPERATORS = ("+", "-", "*", "/", "//", "%", "@", "**", "<<", ">>", "&", "|", "^")
COMPARISONS = ("==", "!=", "<", ">", "<=", ">=", "is", "is not", "in", "not in")
HEADS = (
    "from vatdata_runtime import *",
    "from vatdata_runtime import prepare_exo, prepare_exo_class as make, M, Exo, ExoKit, Facet, provide",
    "import asyncio, time, contextlib",
    "from functools import partial",
    "from kinds import *",
    "from . import kinds",
    "import kinds.more as helper",
)
COMMENTS = (
    "# vatdata: ignore[VD101] why",
    "# vatdata: ignore-file[VD900]",
    "# vatdata: ignore",
    "#",
    "# \xe9",
)


def write_module(dice: Random, *, statements: int = 6) -> str:
    """Write a module that compiles."""
    while True:
        writer = _Writer(dice)
        text = "\n".join(
            [
                *dice.sample(HEADS, dice.randint(0, 4)),
                *(writer.statement(0, "module") for _ in range(statements)),
                "",
            ]
        )
        if dice.random() < 0.3:
            lines = text.split("\n")
            at = dice.randrange(len(lines))
            lines[at] += "  " + dice.choice(COMMENTS)
            text = "\n".join(lines)
        if compiles(text):
            return text


def compiles(text: str) -> bool:
    """Say whether this Python reads a module; what only the compiler refuses (``return`` outside) is fine."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


class _Writer:
    def __init__(self, dice: Random) -> None:
        self.dice = dice

    def some(self, *choices: str) -> str:
        return self.dice.choice(choices)

    def name(self) -> str:
        return self.dice.choice(NAMES)

    def block(self, depth: int, where: str) -> str:
        count = self.dice.choice((1, 1, 2, 3))
        return textwrap.indent("\n".join(self.statement(depth + 1, where) for _ in range(count)), "    ")

    def statement(self, depth: int, where: str) -> str:
        """Write one statement; *where* is ``module``, ``def``, ``async``, ``class`` or ``loop`` inside of these."""
        simple = ["expression", "expression", "call", "assign", "assign", "augmented", "annotated", "unpack", "delete",
                  "pass", "assert", "import", "raise", "global", "return"]  # fmt: skip
        compound = ["if", "for", "while", "try", "with", "def", "def", "class", "match"]
        if where.startswith("async"):
            simple += ["await", "await"]
            compound += ["async for", "async with"]
        if where.endswith("loop"):
            simple += ["break", "continue"]
        if depth < 4 and self.dice.random() < 0.5:
            return self.compound(self.dice.choice(compound), depth, where)
        return self.simple(self.dice.choice(simple), where)

    def simple(self, kind: str, where: str) -> str:
        e, n = self.expression, self.name
        match kind:
            case "expression":
                return e(0)
            case "call":
                return self.call(0)
            case "await":
                return self.some(f"await {self.call(0)}", f"{n()} = await {self.call(1)}")
            case "assign":
                return f"{self.target()} = {e(0)}"
            case "augmented":
                return f"{self.some(n(), f'{n()}.x', f'{n()}[{e(2)}]')} {self.dice.choice(OPERATORS)}= {e(0)}"
            case "annotated":
                return self.some(f"{n()}: {e(2)}", f"{n()}: {e(2)} = {e(1)}")
            case "unpack":
                return f"{n()}, *{n()} = {e(1)}"
            case "delete":
                return f"del {self.some(n(), f'{n()}.x', f'{n()}[{e(2)}]')}"
            case "assert":
                return self.some(f"assert {e(0)}", f"assert {e(1)}, {e(1)}")
            case "import":
                return self.dice.choice(HEADS)
            case "raise":
                return self.some("raise", f"raise {e(1)}", f"raise {e(2)} from {e(2)}")
            case "global":
                return f"global {n()}" if where == "module" else f"nonlocal {n()}"
            case "return":
                return f"return {e(0)}" if where != "class" else "pass"
            case _:
                return kind

    def compound(self, kind: str, depth: int, where: str) -> str:
        e, n = self.expression, self.name
        base = where.removesuffix("loop")

        def block(inside: str = where) -> str:
            return self.block(depth, inside)

        match kind:
            case "if":
                tail = self.some("", f"\nelse:\n{block()}", f"\nelif {e(1)}:\n{block()}\nelse:\n{block()}")
                return f"if {e(0)}:\n{block()}{tail}"
            case "for" | "async for":
                tail = self.some("", f"\nelse:\n{block()}")
                return f"{kind} {self.target()} in {e(0)}:\n{block(f'{base}loop')}{tail}"
            case "while":
                condition = self.some("True", e(0), f"({n()} := {e(1)})")
                return f"while {condition}:\n{block(f'{base}loop')}{self.some('', f'{chr(10)}else:{chr(10)}{block()}')}"
            case "try":
                star = self.some("", "", "*")
                handlers = "".join(
                    f"\nexcept{star} {self.some(e(2), f'{e(2)} as {n()}')}:\n{block(base)}"
                    for _ in range(self.dice.randint(0, 2))
                )
                last = self.some("", "\nexcept:\n" + block()) if handlers and not star else ""
                other = f"\nelse:\n{block()}" if handlers and self.dice.random() < 0.3 else ""
                final = f"\nfinally:\n{block(base)}" if not handlers or self.dice.random() < 0.4 else ""
                return f"try:\n{block()}{handlers}{last}{other}{final}"
            case "with" | "async with":
                return f"{kind} {self.some(e(1), f'{e(1)} as {self.target()}', f'{e(2)} as {n()}, {e(2)}')}:\n{block()}"
            case "class":
                bases = self.some(
                    "", "(Exo)", "(ExoKit)", f"({n()})", f"(Exo, name={e(2)})", f"({n()}, metaclass={n()})"
                )
                return f"{self.decorators()}class {n()}{bases}:\n{block('class')}"
            case "match":
                cases = "".join(
                    f"\n    case {self.pattern(0)}{self.some('', f' if {e(2)}')}:\n{textwrap.indent(block(), '    ')}"
                    for _ in range(self.dice.randint(1, 3))
                )
                return f"match {e(1)}:{cases}"
            case _:
                word = self.some("def", "async def")
                inside = "async" if word == "async def" else "def"
                returns = self.some("", f" -> {e(2)}")
                return f"{self.decorators()}{word} {n()}({self.parameters()}){returns}:\n{block(inside)}"

    def decorators(self) -> str:
        return "".join(f"@{self.expression(2)}\n" for _ in range(self.dice.choice((0, 0, 0, 1, 2))))

    def parameters(self, depth: int = 1) -> str:
        names = self.dice.sample(NAMES, self.dice.randint(0, 4))
        if self.dice.random() < 0.4:
            return ", ".join(["vat_powers", "vat_parameters", "baggage"])
        parts = [*names[:1], *(f"{name}={self.expression(depth + 1)}" for name in names[1:2])]
        parts += [self.some(f"*{name}", f"*, {name}") for name in names[2:3]]
        parts += [f"**{name}" for name in names[3:4]]
        return ", ".join(parts)

    def pattern(self, depth: int) -> str:
        n, p = self.dice.choice(("a", "b", "c", "d")), self.pattern
        if depth > 1:
            return self.some("_", n, "None", "'A'", "1")
        return self.some(
            "_", n, f"({p(depth + 1)} | None)", f"[{p(depth + 1)}, *_]", f"{{'k': {p(depth + 1)}, **rest}}", f"Purse({p(depth + 1)}, x={p(depth + 1)})",
            f"{p(depth + 1)} as whole", "-1", "M.x",
        )  # fmt: skip

    def target(self) -> str:
        n = self.name
        return self.some(n(), n(), f"{n()}.{self.dice.choice(ATTRIBUTES)}", f"{n()}[{self.expression(2)}]",
                         f"{n()}, {n()}", f"[{n()}, *{n()}]", f"this.state.{n()}")  # fmt: skip

    def call(self, depth: int) -> str:
        e, choice = self.expression, self.dice.choice
        arguments = [choice(("baggage", "zone", e(depth + 1))), choice(CONSTANTS[5:7])]
        arguments += [e(depth + 1) for _ in range(self.dice.randint(0, 3))]
        arguments = arguments[self.dice.choice((0, 0, 0, 1, 2)) :]
        extra = self.some("", "", "", f"*{e(depth + 2)}", f"**{e(depth + 2)}", f"name={e(depth + 1)}")
        return f"{choice(DEFINERS)}({', '.join([*arguments, *([extra] if extra else [])])})"

    def expression(self, depth: int) -> str:
        e, n, choice = self.expression, self.name, self.dice.choice
        if depth > 3 or self.dice.random() < 0.25:
            return choice((n(), choice(CONSTANTS), f"{n()}.{choice(ATTRIBUTES)}"))
        d = depth + 1
        match self.dice.randrange(24):
            case 0 | 1 | 2 | 3 | 4:
                return self.call(d)
            case 5:
                return f"({e(d)} {choice(OPERATORS)} {e(d)})"
            case 6:
                return f"({e(d)} {choice(('and', 'or'))} {e(d)})"
            case 7:
                return f"({e(d)} if {e(d)} else {e(d)})"
            case 8:
                return f"({e(d)} {choice(COMPARISONS)} {e(d)} {choice(COMPARISONS)} {e(d)})"
            case 9:
                return f"(not {e(d)})"
            case 10:
                return f"(lambda {self.parameters(d)}: {e(d)})"
            case 11:
                return choice((f"[{e(d)}, {e(d)}]", f"({e(d)}, {e(d)})", f"{{{e(d)}, *{e(d)}}}", "[]", "()"))
            case 12:
                return choice((f"{{{e(d)}: {e(d)}, **{e(d)}}}", f"{{'go': {e(d)}, 'init': {e(d)}}}", "{}"))
            case 13:
                inner = f"{e(d)} for {n()} in {e(d)}{self.some('', f' if {e(d)}')}"
                return choice((f"[{inner}]", f"{{{inner}}}", f"({inner})", f"{{{e(d)}: {inner}}}"))
            case 14:
                return f"{e(d)}[{choice((e(d), f'{e(d)}:{e(d)}', ':', f'{e(d)}:{e(d)}:{e(d)}'))}]".replace(
                    "[[", "[ ["
                )
            case 15:
                return f"({n()} := {e(d)})"
            case 16:
                return f"f'{{{n()}!r:>{{{n()}}}}} {{{n()}.x}}'"
            case 17:
                return f"({e(d)}).{choice(ATTRIBUTES)}"
            case 18:
                return f"({e(d)})({e(d)})"
            case 19:
                return f"(await {e(d)})"
            case 20:
                return choice((f"(yield {e(d)})", "(yield)", f"(yield from {e(d)})"))
            case 21:
                return f"(-{e(d)})"
            case 22:
                return f"partial({choice(DEFINERS)}, {e(d)})"
            case _:
                return n()
