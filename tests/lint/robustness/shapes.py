"""Projects of one extreme shape each, in any size: what generators of code, and spite, can write."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["ENTRY", "HEAD", "LAST", "SHAPES", "Shape", "each", "entry"]

Shape = Callable[[int], dict[str, str]]
"""Gives the files of a project of one shape, growing in proportion to a number."""

HEAD = "from vatdata_runtime import prepare_exo, prepare_exo_class\n"
ENTRY = "def build_root_object(vat_powers, vat_parameters, baggage):\n"
LAST = "    prepare_exo(baggage, 'A', None, {})\n"
PURSE = "prepare_exo_class(baggage, 'P{0}', None, lambda: {{'a': 1}}, {{'go': lambda this: this.state.a}})"


def each(text: str, size: int) -> str:
    """Give a text for every number below *size*."""
    return "".join(text.format(number) for number in range(size))


def entry(body: str, above: str = "", definition: str = ENTRY) -> dict[str, str]:
    """Give a project of one vat, whose entry has *body*."""
    return {"vat.py": HEAD + above + definition + body}


def _nested(opener: str, inner: str, size: int, closer: str = "") -> str:
    return opener * size + inner + closer * size


def _ladder(line: str, size: int, last: str) -> str:
    return "".join(" " * (4 + level) + line.format(level) + "\n" for level in range(size)) + (
        " " * (4 + size) + last + "\n"
    )


def _ladders(line: str, deep: int) -> Shape:
    """Give a shape of many nests, each as deep as Python's own parser lets it be."""
    return lambda size: entry("".join(_ladder(line, deep, LAST.strip()) for _ in range(size)))


def _call_chain(size: int) -> dict[str, str]:
    first = "def prepare_0(baggage):\n" + LAST
    rest = "".join(f"def prepare_{n}(baggage):\n    prepare_{n - 1}(baggage)\n" for n in range(1, size))
    return entry(f"    prepare_{size - 1}(baggage)\n", first + rest)


def _call_chain_over_modules(size: int) -> dict[str, str]:
    files = {"m0.py": HEAD + "def prepare_0(baggage):\n" + LAST}
    for n in range(1, size):
        files[f"m{n}.py"] = (
            f"from m{n - 1} import prepare_{n - 1}\ndef prepare_{n}(baggage):\n    prepare_{n - 1}(baggage)\n"
        )
    files["vat.py"] = f"from m{size - 1} import prepare_{size - 1}\n{ENTRY}    prepare_{size - 1}(baggage)\n"
    return files


def _reexports(size: int) -> dict[str, str]:
    files = {"m0.py": HEAD + "def prepare_all(baggage):\n" + LAST}
    files |= {
        f"m{n}.py": f"from m{n - 1} import *\nfrom m{n - 1} import prepare_all\n" for n in range(1, size)
    }
    files["vat.py"] = f"from m{size - 1} import prepare_all\n{ENTRY}    prepare_all(baggage)\n"
    return files


def _star_imports(size: int) -> dict[str, str]:
    files = {f"m{n}.py": f"X{n} = 1\n" for n in range(size)}
    files["vat.py"] = HEAD + each("from m{0} import *\n", size) + ENTRY + each("    X{0}\n", size) + LAST
    return files


def _classes(size: int) -> dict[str, str]:
    bases = "".join(
        f"class C{n}({f'C{n - 1}' if n else 'Exo'}):\n    def init(self): return {{}}\n    def m(self): self.state.x = 1\n"
        for n in range(size)
    )
    return {"vat.py": f"{HEAD}from vatdata_runtime import Exo\n{bases}"}


def _elif_chain(size: int) -> dict[str, str]:
    rest = each("    elif vat_parameters == {0}:\n        prepare_exo(baggage, 'A', None, {{}})\n", size)
    return entry("    if vat_parameters is None:\n        pass\n" + rest)


SHAPES: dict[str, tuple[Shape, int, int]] = {
    "attributes": (lambda n: entry("    x" + ".a" * n + "\n"), 1500, 50_000),
    "calls": (lambda n: entry("    x" + "()" * n + "\n"), 1500, 50_000),
    "subscripts": (lambda n: entry("    x" + "[0]" * n + "\n"), 1500, 50_000),
    "vat functions": (
        lambda n: {"vat.py": HEAD + each("def prepare_p{0}(baggage):\n    return " + PURSE + "\n", n)},
        120,
        15_000,
    ),
    "ifs": (
        lambda n: entry(each("    if vat_parameters == {0}:\n        x = {0}\n", n) + LAST),
        150,
        4000,
    ),
    "conditional definitions": (
        lambda n: entry(
            each("    if vat_parameters == {0}:\n        prepare_exo(baggage, 'A{0}', None, {{}})\n", n)
        ),
        100,
        2000,
    ),
    "elif chain": (_elif_chain, 100, 1500),
    "nested ifs": (_ladders("if x{0}:", 90), 2, 20),
    "nested whiles": (_ladders("while x{0}:", 18), 2, 20),
    "nested fors": (_ladders("for x{0} in y:", 18), 2, 20),
    "nested withs": (_ladders("with x{0}:", 18), 2, 20),
    "tries": (
        lambda n: entry(
            each(
                "    try:\n        a{0}()\n    except E{0}:\n        b{0}()\n    finally:\n        c{0}()\n",
                n,
            )
            + LAST
        ),
        80,
        2000,
    ),
    "call chain": (_call_chain, 100, 5000),
    "call chain over modules": (_call_chain_over_modules, 40, 1000),
    "calls of many": (
        lambda n: entry(
            each("    prepare_{0}(baggage)\n", n),
            each("def prepare_{0}(baggage):\n    prepare_exo(baggage, 'A{0}', None, {{}})\n", n),
        ),
        100,
        3000,
    ),
    "table": (
        lambda n: entry(
            "    for x in X:\n        prepare_exo(baggage, x, None, {})\n",
            "X = [" + each("'item{0}', ", n) + "]\n",
        ),
        2000,
        100_000,
    ),
    "table of tables": (
        lambda n: entry(
            LAST,
            "X = {" + each("'k{0}': [{0}, ('a', {{'b': {0}}})], ", n) + "}\n",
        ),
        1000,
        50_000,
    ),
    "dispatch": (
        lambda n: entry(
            "    prepare_exo(baggage, 'A', None, {" + each("'m{0}': lambda this, x={0}: x, ", n) + "})\n"
        ),
        300,
        20_000,
    ),
    "called dispatch": (
        lambda n: entry(
            "    D[vat_parameters](baggage)\n",
            each("def f{0}(baggage):\n    prepare_exo(baggage, 'A{0}', None, {{}})\n", n)
            + "D = {"
            + each("'m{0}': f{0}, ", n)
            + "}\n",
        ),
        100,
        3000,
    ),
    "ors": (
        lambda n: entry(
            "    "
            + " or ".join(f"a{i} and prepare_exo(baggage, 'A{i}', None, {{}})" for i in range(n))
            + "\n"
        ),
        80,
        1500,
    ),
    "comparisons": (lambda n: entry("    x = a" + " < a" * n + "\n" + LAST), 1000, 50_000),
    "sum": (lambda n: entry("    x = a" + each(" + a{0}", n) + "\n" + LAST), 400, 20_000),
    "text in pieces": (lambda n: entry("    x = 'a'" + " + 'b'" * n + "\n" + LAST), 400, 20_000),
    "text grown": (
        lambda n: entry("    x = ''\n" + each("    x += 'piece {0}'\n", n) + LAST),
        300,
        20_000,
    ),
    "text with gaps": (
        lambda n: entry("    x = f'" + each("{{a{0}}}-", n) + "'\n    x += x\n" + LAST),
        300,
        20_000,
    ),
    "minus signs": (lambda n: entry("    x = " + "-" * n + "1\n" + LAST), 2000, 60_000),
    "comprehensions": (
        lambda n: entry(
            each("    x = [[[prepare_exo(baggage, x, None, {{}}) for a in b] for b in c] for c in d]\n", n)
        ),
        30,
        1000,
    ),
    "nested comprehensions": (
        lambda n: entry(
            (
                "    x = "
                + "[" * 40
                + "prepare_exo(baggage, x, None, {})"
                + "".join(f" for x{i} in y]" for i in range(40))
                + "\n"
            )
            * n
        ),
        1,
        10,
    ),
    "lambdas": (
        lambda n: entry("    f = " + _nested("lambda x: ", "prepare_exo(baggage, 'A', None, {})", n) + "\n"),
        100,
        3000,
    ),
    "nested functions": (_ladders("def f{0}():", 90), 1, 10),
    "nested classes": (_ladders("class C{0}:", 90), 1, 10),
    "functions inside": (
        lambda n: entry(
            each("    def f{0}(x):\n        return x\n    f{0}(baggage)\n", n) + LAST,
        ),
        100,
        3000,
    ),
    "decorators": (
        lambda n: entry(LAST, "def deco(f):\n    return f\n", "@deco\n" * n + ENTRY),
        200,
        5000,
    ),
    "unknown decorators": (lambda n: entry(LAST, each("@a{0}.b(c)\n", n)), 200, 5000),
    "star imports": (_star_imports, 40, 1000),
    "reexports": (_reexports, 40, 1000),
    "imports": (
        lambda n: entry(LAST, each("import a{0}\nfrom b{0} import c{0} as d{0}\n", n)),
        500,
        20_000,
    ),
    "parameters": (
        lambda n: entry(
            "    f(baggage" + each(", x{0}={0}", n) + ")\n",
            "def f(baggage" + each(", x{0}=None", n) + "):\n" + LAST,
        ),
        150,
        5000,
    ),
    "arguments": (lambda n: entry("    f(baggage" + ", 1" * n + ")\n" + LAST), 1000, 50_000),
    "awaits": (
        lambda n: entry(each("    await f{0}()\n", n) + LAST, "", "async " + ENTRY),
        200,
        5000,
    ),
    "awaits of helpers": (
        lambda n: entry(
            each("    await f{0}()\n", n) + LAST,
            each("async def f{0}():\n    await g()\n", n),
            "async " + ENTRY,
        ),
        100,
        3000,
    ),
    "cases": (
        lambda n: entry(
            "    match vat_parameters:\n"
            + each("        case {0}:\n            prepare_exo(baggage, 'A', None, {{}})\n", n)
        ),
        100,
        3000,
    ),
    "text in text": (
        lambda n: entry(
            "".join(f"    x = f'{{a:{{b{i}}}}}' f\"{{f'{{c{i}}}'}}\"\n" for i in range(n)) + LAST
        ),
        200,
        10_000,
    ),
    "long line": (lambda n: {"vat.py": HEAD + "x = 1; " * n + "\n" + ENTRY + LAST}, 2000, 100_000),
    "long name": (
        lambda n: entry(f"    {'x' * n} = 1\n    {'x' * n}.{'y' * n}()\n" + LAST),
        50_000,
        1_000_000,
    ),
    "suppressions": (
        lambda n: entry(
            each(
                "    if x{0}:\n        # vatdata: ignore[VD101] reason\n"
                "        prepare_exo(baggage, 'A{0}', None, {{}})\n",
                n,
            )
        ),
        100,
        2000,
    ),
    "unused suppressions": (
        lambda n: entry("    x = 1  # vatdata: ignore[VD101] reason\n" * n + LAST),
        300,
        10_000,
    ),
    "classes": (_classes, 60, 2000),
    "names of names": (
        lambda n: entry(
            f"    prepare_exo(baggage, N{n}, None, {{}})\n",
            "N0 = 'A'\n" + "".join(f"N{i + 1} = N{i}\n" for i in range(n)),
        ),
        200,
        5000,
    ),
    "loops in loops": (
        lambda n: entry(
            "    for a in X:\n        for b in 'abcdefghij':\n            prepare_exo(baggage, a + b, None, {})\n",
            "X = [" + each("'i{0}', ", n) + "]\n",
        ),
        8,
        150,
    ),
    "broken": (lambda n: {"vat.py": HEAD + "x = 1\n" * n + "y = (\n"}, 5000, 1_300_000),
}
"""By name: the shape, a size that takes a moment, and a size beyond anything that anybody has."""
