"""Projects with one thing in masses: literals, chains, tables, lines, functions as generators of code write them."""

from __future__ import annotations

from tests.lint.robustness.shapes import ENTRY, HEAD, LAST, Shape, each, entry

__all__ = ["MASSES"]


MASSES: dict[str, tuple[Shape, int, int]] = {
    "cross calls": (
        lambda n: entry(
            "    f0(baggage)\n",
            "".join(
                f"def f{i}(baggage):\n    prepare_exo(baggage, 'A{i}', None, {{}})\n"
                + "".join(f"    g{(i * k) % n}(x)\n" for k in (1, 3, 5, 7))
                + f"def g{i}(x):\n    return g{(i * 3 + 1) % n}(x + 1)\n"
                for i in range(n)
            ),
        ),
        50,
        2500,
    ),
    "mutual parameters": (
        lambda n: entry(
            "    f0(baggage, f1, f2)\n",
            "".join(
                f"def f{i}(baggage, g, h):\n    g(baggage, h, f{(i + 1) % n})\n    h(baggage, f{(i * 3) % n}, g)\n    prepare_exo(baggage, 'A{i}', None, {{}})\n"
                for i in range(n)
            ),
        ),
        6,
        200,
    ),
    "nested calls": (
        lambda n: entry("    x = " + "f(" * n + "prepare_exo(baggage, 'A', None, {})" + ")" * n + "\n"),
        50,
        195,
    ),
    "many nested calls": (
        lambda n: entry(
            ("    x = " + "f(" * 90 + "prepare_exo(baggage, 'A', None, {})" + ")" * 90 + "\n") * n,
            "def f(x): return x\n",
        ),
        2,
        200,
    ),
    "chained calls": (lambda n: entry("    x = q" + ".f(1)" * n + "\n" + LAST), 300, 20000),
    "matches": (
        lambda n: entry(
            "    match vat_parameters:\n"
            + each(
                "        case {{'k{0}': [a, *_], 'z': (b | None)}} if a > {0}:\n            prepare_exo(baggage, 'A{0}', None, {{}})\n",
                n,
            )
        ),
        50,
        1500,
    ),
    "walrus tower": (
        lambda n: entry(
            ("    x = " + "".join(f"(a{i} := " for i in range(90)) + "1" + ")" * 90 + "\n") * n + LAST
        ),
        5,
        500,
    ),
    "f-string tower": (
        lambda n: entry("    x = f'" + each("{{a{0}!r:>{{b{0}}}}}", n) + "'\n" + LAST),
        100,
        10000,
    ),
    "boolean chain": (
        lambda n: entry(
            "    if " + " and ".join(f"(a{i} or not b{i})" for i in range(n)) + ":\n        x = 1\n" + LAST
        ),
        100,
        8000,
    ),
    "unions": (
        lambda n: entry(LAST, "def f(x: " + " | ".join(f"T{i}" for i in range(n)) + ") -> None: ...\n"),
        300,
        20000,
    ),
    "literal": (
        lambda n: entry(LAST, "X = [" + "{'a': [1, 2, (3, 'x')], 'b': None}, " * n + "]\n"),
        500,
        100000,
    ),
    "used literal": (
        lambda n: entry(
            "    f(baggage, X)\n" * 50,
            "X = ["
            + each("{{'a': [{0}, 2, (3, 'x')], 'b': None}}, ", n)
            + "]\ndef f(baggage, x):\n    prepare_exo(baggage, 'A', None, {'go': x})\n",
        ),
        500,
        20000,
    ),
    "lambda table": (
        lambda n: entry(
            "    for name in TABLE:\n        TABLE[name](baggage)\n",
            "TABLE = {" + each("'k{0}': lambda b: prepare_exo(b, 'A{0}', None, {{}}), ", n) + "}\n",
        ),
        40,
        5000,
    ),
    "statements": (lambda n: entry(LAST, "x = 1\n" * n), 5000, 300000),
    "plain functions": (
        lambda n: entry(LAST, each("def f{0}(a, b):\n    c = a + b\n    return f{0}(c, a)\n", n)),
        200,
        30000,
    ),
    "data of 30 MB": (
        lambda n: {
            "data.py": "X = [\n" + "    'prepare_exo something of no interest here',\n" * n + "]\n",
            "vat.py": HEAD + ENTRY + LAST,
        },
        1000,
        650000,
    ),
    "long line": (
        lambda n: {"vat.py": HEAD + "X = [" + "1234567, " * n + "]\n" + ENTRY + LAST},
        5000,
        550000,
    ),
    "long text": (
        lambda n: {"vat.py": HEAD + "X = '" + "prepare_exo " * n + "'\n" + ENTRY + LAST},
        5000,
        400000,
    ),
    "decorators with calls": (
        lambda n: entry(
            LAST,
            "def deco(x):\n    def inner(f):\n        def g(*a, **k):\n            return f(*a, **k)\n        return g\n    return inner\n"
            + each("@deco({0})\n", n),
        ),
        5,
        300,
    ),
    "entries": (lambda n: {f"v{i}.py": HEAD + ENTRY + LAST for i in range(n)}, 40, 2000),
    "methods": (
        lambda n: entry(
            "    x = K(baggage)\n" + each("    x.m{0}()\n", n),
            "class K:\n    def __init__(self, baggage):\n        self.baggage = baggage\n"
            + each(
                "    def m{0}(self):\n        self.a{0} = prepare_exo(self.baggage, 'A{0}', None, {{}})\n", n
            ),
        ),
        40,
        1500,
    ),
    "attributes of self": (
        lambda n: entry(
            "    K(baggage)\n",
            "class K:\n    def __init__(self, baggage):\n"
            + each("        self.a{0} = prepare_exo(baggage, 'A{0}', None, {{}})\n", n),
        ),
        50,
        3000,
    ),
    "definitions": (
        lambda n: entry(each("    a{0} = prepare_exo(baggage, 'A{0}', None, {{}})\n", n)),
        200,
        8000,
    ),
    "cumulative chain": (
        lambda n: entry(
            f"    prepare_{n - 1}(baggage)\n",
            "def prepare_0(baggage):\n"
            + LAST
            + "".join(
                f"def prepare_{i}(baggage):\n    prepare_exo(baggage, 'B{i}', None, {{}})\n    prepare_{i - 1}(baggage)\n"
                for i in range(1, n)
            ),
        ),
        40,
        2000,
    ),
    "reversed chain": (
        lambda n: entry(
            "    prepare_0(baggage)\n",
            "".join(f"def prepare_{i}(baggage):\n    prepare_{i + 1}(baggage)\n" for i in range(0, n))
            + f"def prepare_{n}(baggage):\n"
            + LAST,
        ),
        40,
        5000,
    ),
    "generators": (
        lambda n: entry(
            f"    for x in g{n - 1}(baggage): pass\n",
            "def g0(baggage):\n    yield prepare_exo(baggage, 'A', None, {})\n"
            + "".join(f"def g{i}(baggage):\n    yield from g{i - 1}(baggage)\n" for i in range(1, n)),
        ),
        40,
        1000,
    ),
    "coroutines": (
        lambda n: entry(
            f"    await c{n - 1}(baggage)\n",
            "async def c0(baggage):\n    prepare_exo(baggage, 'A', None, {})\n"
            + "".join(
                f"async def c{i}(baggage):\n    await c{i - 1}(baggage)\n    await c{i // 2}(baggage)\n"
                for i in range(1, n)
            ),
            "async " + ENTRY,
        ),
        40,
        500,
    ),
    "partials": (
        lambda n: entry(
            "    p0 = functools.partial(prepare_exo, baggage)\n"
            + "".join(f"    p{i} = functools.partial(p{i - 1}, x{i}={i})\n" for i in range(1, n))
            + f"    p{n - 1}('A', None, {{}})\n",
            "import functools\n",
        ),
        40,
        1500,
    ),
    "loops of loops": (
        lambda n: entry(
            "".join("    " + "    " * d + f"for x{d} in (1,2,3):\n" for d in range(n))
            + "    " * (n + 1)
            + "prepare_exo(baggage, f'A{x0}', None, {})\n"
        ),
        3,
        12,
    ),
    "with tower": (
        lambda n: entry(
            "    with "
            + ", ".join(f"a{i} as b{i}" for i in range(n))
            + ":\n        prepare_exo(baggage, 'A', None, {})\n"
        ),
        100,
        5000,
    ),
    "globals": (
        lambda n: entry(
            LAST,
            "X = 0\n"
            + each("if X:\n    Y{0} = X\nelse:\n    Y{0} = Y\n", n)
            + "Z = ["
            + each("Y{0}, ", n)
            + "]\n",
        ),
        100,
        8000,
    ),
    "global objects": (
        lambda n: entry(
            "    X999.prepare_all(baggage)\n",
            "class K:\n    def __init__(self, k):\n        self.k = k\n    def prepare_all(self, baggage):\n        if self.k: self.k.prepare_all(baggage)\n        prepare_exo(baggage, 'A', None, {})\nX0 = K(None)\n"
            + "".join(f"X{i} = K(X{i - 1})\n" for i in range(1, n)),
        ),
        100,
        1500,
    ),
    "kits": (
        lambda n: {
            "vat.py": "from vatdata_runtime import prepare_exo_class_kit\n"
            + ENTRY
            + "    prepare_exo_class_kit(baggage, 'K', None, lambda: {'a': []}, {"
            + each("'f{0}': {{'m{0}': lambda this: this.state.a.append({0})}}, ", n)
            + "})\n"
        },
        50,
        5000,
    ),
    "interfaces": (
        lambda n: {
            "vat.py": "from vatdata_runtime import M, prepare_exo_class\nI = M.interface('I', {"
            + each("'m{0}': M.call(M.string()).returns(M.any()), ", n)
            + "})\n"
            + ENTRY
            + "    prepare_exo_class(baggage, 'K', I, lambda: {}, {"
            + each("'m{0}': lambda this, a: a, ", n)
            + "})\n"
        },
        50,
        5000,
    ),
    "behaviour calls": (
        lambda n: {
            "vat.py": "import time\nfrom vatdata_runtime import Exo\nclass K(Exo):\n    def init(self): return {}\n"
            + "".join(
                f"    def m{i}(self):\n        self.m{(i + 1) % n}()\n        self.m{(7 * i) % n}()\n        f{i}()\n"
                for i in range(n)
            )
            + "".join(
                f"def f{i}():\n    f{(i + 1) % n}()\n    f{(7 * i) % n}()\n    time.sleep(1)\n"
                for i in range(n)
            )
        },
        20,
        800,
    ),
    "suppression lines": (
        lambda n: entry(
            "    if x:\n"
            + "        # vatdata: ignore[VD101] why\n" * n
            + "        prepare_exo(baggage, 'A', None, {})\n"
        ),
        100,
        5000,
    ),
    "unicode": (
        lambda n: entry(
            each(
                "    größe_{0} = prepare_exo(baggage, 'Ä\U0001f60b{0}', None, {{'ü': lambda this: '\U0001f60b'}})\n",
                n,
            )
        ),
        50,
        4000,
    ),
    "one unicode line": (
        lambda n: entry(
            "    x = ['\U0001f60b', " + each("prepare_exo(baggage, 'Ä{0}', None, {{}}), ", n) + "]\n"
        ),
        50,
        4000,
    ),
    "definitions on one line": (
        lambda n: entry(
            "    if x: " + "; ".join(f"prepare_exo(baggage, 'A{i}', None, {{}})" for i in range(n)) + "\n"
        ),
        50,
        3000,
    ),
    "backslashes": (lambda n: entry("    x = 1" + " + \\\n 1" * n + "\n" + LAST), 500, 15000),
    "returns": (
        lambda n: entry(each("    if vat_parameters == {0}:\n        return {0}\n", n) + LAST),
        100,
        5000,
    ),
    "breaks": (
        lambda n: entry(
            "    while True:\n"
            + each("        if vat_parameters == {0}:\n            y = {0}\n            break\n", n)
            + LAST
        ),
        100,
        4000,
    ),
    "classes in entry": (
        lambda n: entry(
            each(
                "    class C{0}:\n        def m(self):\n            prepare_exo(baggage, 'A{0}', None, {{}})\n    C{0}().m()\n",
                n,
            )
        ),
        30,
        1500,
    ),
}
"""By name: the shape, a size that is followed to its end, and a size beyond anything that anybody has."""
