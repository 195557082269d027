"""Projects in which calls, imports, classes and blocks lead to each other without an end."""

from __future__ import annotations

from tests.lint.robustness.shapes import ENTRY, HEAD, LAST, Shape, each, entry

__all__ = ["TANGLES"]


def _ring(size: int) -> dict[str, str]:
    functions = "".join(
        f"def prepare_{n}(baggage):\n    prepare_exo(baggage, 'A{n}', None, {{}})\n"
        f"    prepare_{(n + 1) % size}(baggage)\n    prepare_{7 * n % size}(baggage)\n"
        for n in range(size)
    )
    return entry("    prepare_0(baggage)\n", functions)


def _conditional_ring(size: int) -> dict[str, str]:
    functions = "".join(
        f"def prepare_{n}(baggage, depth):\n    prepare_exo(baggage, 'A{n}', None, {{}})\n    if depth:\n"
        f"        prepare_{(n + 1) % size}(baggage, depth - 1)\n        prepare_{7 * n % size}(baggage, depth)\n"
        for n in range(size)
    )
    return entry("    prepare_0(baggage, 3)\n", functions)


def _plain_ring(size: int) -> dict[str, str]:
    functions = "".join(
        f"def prepare_{n}(baggage):\n    prepare_{(n + 1) % size}(baggage)\n    prepare_{7 * n % size}(baggage)\n"
        for n in range(size)
    )
    return entry(LAST + "    prepare_0(baggage)\n", functions)


def _mesh(size: int) -> dict[str, str]:
    calls = each("    prepare_{0}(baggage)\n", size)
    return entry(
        "    prepare_0(baggage)\n",
        each(
            "def prepare_{0}(baggage):\n    prepare_exo(baggage, 'A{0}', None, {{}})\n"
            + calls.replace("{", "{{").replace("}", "}}"),
            size,
        ),
    )


def _star_ring(size: int) -> dict[str, str]:
    files = {
        f"kinds/m{n}.py": HEAD + f"from .m{(n + 1) % size} import *\nfrom .m{7 * n % size} import *\n"
        f"def prepare_{n}(baggage):\n    prepare_exo(baggage, 'A{n}', None, {{}})\n    prepare_{(n + 1) % size}(baggage)\n"
        for n in range(size)
    }
    files["kinds/__init__.py"] = each("from .m{0} import *\n", size)
    files["vat.py"] = f"from kinds import *\n{ENTRY}    prepare_0(baggage)\n"
    return files


def _ring_of_closures(size: int) -> dict[str, str]:
    body = "".join(
        f"    def f{n}():\n        prepare_exo(baggage, 'A{n}', None, {{}})\n        f{(n + 1) % size}()\n        f{7 * n % size}()\n"
        for n in range(size)
    )
    return entry(body + "    f0()\n")


def _callbacks(size: int) -> dict[str, str]:
    fs = "".join(
        f"def run_{n}(visit, baggage):\n    visit(baggage)\n    run_{(n + 1) % size}(lambda b: visit(b), baggage)\n"
        for n in range(size)
    )
    return entry("    run_0(lambda b: prepare_exo(b, 'A', None, {}), baggage)\n", fs)


def _diamond_calls(size: int) -> dict[str, str]:
    fs = "def prepare_0(baggage, x):\n    prepare_exo(baggage, x, None, {})\n" + "".join(
        f"def prepare_{n}(baggage, x):\n    prepare_{n - 1}(baggage, x + 'a')\n    prepare_{n - 1}(baggage, x + 'b')\n"
        for n in range(1, size)
    )
    return entry(f"    prepare_{size - 1}(baggage, '')\n", fs)


def _diamond_closures(size: int) -> dict[str, str]:
    fs = "def f0(baggage, g):\n    g()\n" + "".join(
        f"def f{n}(baggage, g):\n    f{n - 1}(baggage, lambda: g())\n    f{n - 1}(baggage, lambda: g())\n"
        for n in range(1, size)
    )
    return entry(f"    f{size - 1}(baggage, lambda: prepare_exo(baggage, 'A', None, {{}}))\n", fs)


def _diamond_classes(size: int) -> dict[str, str]:
    text = "class A0(Exo):\n    def m(self): self.state.x = 1\nclass B0(A0): pass\n" + "".join(
        f"class A{n}(A{n - 1}, B{n - 1}): pass\nclass B{n}(B{n - 1}, A{n - 1}): pass\n"
        for n in range(1, size)
    )
    return {
        "vat.py": "from vatdata_runtime import Exo\n"
        + text
        + ENTRY
        + f"    x = A{size - 1}()\n    x.other()\n    x.prepare_all(baggage)\n"
    }


def _own_diamonds(size: int) -> dict[str, str]:
    text = (
        "class A0:\n    def prepare_all(self, baggage): prepare_exo(baggage, 'A', None, {})\nclass B0(A0): pass\n"
        + "".join(
            f"class A{n}(A{n - 1}, B{n - 1}): pass\nclass B{n}(B{n - 1}, A{n - 1}): pass\n"
            for n in range(1, size)
        )
    )
    return entry(f"    x = A{size - 1}()\n    x.nothing()\n    x.prepare_all(baggage)\n", text)


def _finally_tower(size: int) -> dict[str, str]:
    deep = 40

    def one() -> str:
        t = ""
        for d in range(deep):
            t += " " * (4 + d) + "try:\n" + " " * (5 + d) + f"a{d}()\n" + " " * (4 + d) + "finally:\n"
        return t + " " * (4 + deep) + "prepare_exo(baggage, 'A', None, {})\n"

    return entry(one() * size)


def _try_tower(size: int) -> dict[str, str]:
    deep = 40

    def one() -> str:
        t = (
            "".join(" " * (4 + d) + "try:\n" for d in range(deep))
            + " " * (4 + deep)
            + "prepare_exo(baggage, 'A', None, {})\n"
        )
        t += "".join(
            " " * (4 + d) + f"except E{d}:\n" + " " * (5 + d) + f"b{d}()\n" for d in reversed(range(deep))
        )
        return t

    return entry(one() * size)


def _handlers(size: int) -> dict[str, str]:
    return entry(
        "    try:\n        a()\n"
        + each("    except E{0}:\n        prepare_exo(baggage, 'A{0}', None, {{}})\n", size)
    )


def _reexport_chain(size: int) -> dict[str, str]:
    files = {"m0.py": HEAD + "def everything(baggage):\n" + LAST}
    files |= {f"m{n}.py": f"from m{n - 1} import everything\n" for n in range(1, size)}
    files["vat.py"] = f"from m{size - 1} import everything\n{ENTRY}    everything(baggage)\n"
    return files


def _renamed_chain(size: int) -> dict[str, str]:
    files = {"m0.py": HEAD + "def e0(baggage):\n" + LAST}
    files |= {f"m{n}.py": f"from m{n - 1} import e{n - 1} as e{n}\n" for n in range(1, size)}
    files["vat.py"] = f"from m{size - 1} import e{size - 1}\n{ENTRY}    e{size - 1}(baggage)\n"
    return files


def _wrapped_chain(size: int) -> dict[str, str]:
    files = {"m0.py": HEAD + "def e0(baggage):\n" + LAST}
    files |= {
        f"m{n}.py": f"import m{n - 1}\ndef e{n}(baggage):\n    m{n - 1}.e{n - 1}(baggage)\n"
        for n in range(1, size)
    }
    files["vat.py"] = f"from m{size - 1} import e{size - 1}\n{ENTRY}    e{size - 1}(baggage)\n"
    return files


def _conditional_import_cycle(size: int) -> dict[str, str]:
    files = {
        f"m{n}.py": f"try:\n    from m{(n + 1) % size} import prepare_all\nexcept ImportError:\n    from m{7 * n % size} import prepare_all\nif X:\n    from m{(n + 3) % size} import *\n"
        for n in range(size)
    }
    files["m1.py"] += HEAD + "def prepare_all(baggage):\n" + LAST
    files["vat.py"] = f"from m0 import prepare_all\n{ENTRY}    prepare_all(baggage)\n"
    return files


def _all_manipulated(size: int) -> dict[str, str]:
    return {
        "kinds.py": HEAD
        + "__all__ = []\n"
        + each(
            "__all__ += ['prepare_{0}']\n__all__.append('x{0}')\n__all__.extend(['y{0}'])\ndef prepare_{0}(baggage):\n    prepare_exo(baggage, 'A{0}', None, {{}})\n",
            size,
        ),
        "vat.py": "from kinds import *\nimport kinds\n__all__ = kinds.__all__ + ['a']\n"
        + ENTRY
        + each("    prepare_{0}(baggage)\n", size),
    }


def _ifs_with_variables(size: int) -> dict[str, str]:
    return entry(each("    if vat_parameters == {0}:\n        x{0} = {0}\n", size) + LAST)


def _ifs_that_define(size: int) -> dict[str, str]:
    return entry(
        each(
            "    if a{0}:\n        x{0} = prepare_exo(baggage, 'A{0}', None, {{}})\n    else:\n        y{0} = x{0}\n",
            size,
        )
    )


def _flags(size: int) -> dict[str, str]:
    return entry(
        each(
            "    a{0} = vat_parameters.x{0}\n    if a{0}:\n        prepare_exo(baggage, 'A{0}', None, {{}})\n",
            size,
        )
        + each("    if a{0}:\n        b = a{0}\n", size)
    )


def _attributes_of_themselves(size: int) -> dict[str, str]:
    """Class attributes that read themselves through an object of the class, or through each other's."""
    classes = "".join(
        f"class A{n}:\n    text = f'{{here{n}.text}} {{here{(n + 1) % size}.text}}'\nhere{n} = A{n}()\n"
        for n in range(size)
    )
    return entry("    prepare_exo(baggage, here0.text, None, {})\n", classes)


TANGLES: dict[str, tuple[Shape, int, int]] = {
    "ring": (_ring, 20, 200),
    "big ring": (_ring, 20, 2000),
    "conditional ring": (_conditional_ring, 20, 1000),
    "plain ring": (_plain_ring, 40, 3000),
    "mesh": (_mesh, 8, 100),
    "star ring": (_star_ring, 15, 200),
    "ring of closures": (_ring_of_closures, 8, 300),
    "callbacks": (_callbacks, 10, 300),
    "diamond calls": (_diamond_calls, 4, 300),
    "diamond closures": (_diamond_closures, 4, 200),
    "diamond classes": (_diamond_classes, 10, 1000),
    "own diamonds": (_own_diamonds, 10, 1000),
    "attributes of themselves": (_attributes_of_themselves, 3, 300),
    "finally tower": (_finally_tower, 1, 10),
    "try tower": (_try_tower, 1, 20),
    "handlers": (_handlers, 50, 2000),
    "reexport chain": (_reexport_chain, 40, 1000),
    "renamed chain": (_renamed_chain, 40, 500),
    "wrapped chain": (_wrapped_chain, 40, 500),
    "conditional import cycle": (_conditional_import_cycle, 20, 300),
    "all": (_all_manipulated, 50, 3000),
    "ifs with variables": (_ifs_with_variables, 100, 4000),
    "ifs that define": (_ifs_that_define, 100, 3000),
    "flags": (_flags, 100, 2000),
}
"""By name: the shape, a size that is followed to its end, and a size beyond anything that anybody has."""
