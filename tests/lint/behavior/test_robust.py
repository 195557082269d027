"""No rule about behaviour crashes on code that nobody wrote for it."""

from __future__ import annotations

import ast
import sysconfig
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatdata_lint.module_check import check_module
from vatdata_lint.rules import ModuleRule, all_rules

RULES = [rule for rule in all_rules() if issubclass(rule, ModuleRule)]
LIBRARY = Path(sysconfig.get_path("stdlib"))

FRAGMENTS = [
    "prepare_exo_class(baggage, 'K', G, init, methods)",
    "prepare_exo_class(*args, **kwargs)",
    "prepare_exo_class_kit(baggage, 'K', None, lambda: {}, {'a': {}, **more})",
    "prepare_exo(baggage, 'K', M.interface('K', {'a': M.call().optional().rest(M.any())}), {'a': lambda *a: 1})",
    "zone.exo('K', None, {})",
    "def init(*, a): return locals()",
    "def init(): yield",
    "init = init",
    "methods = methods",
    "class methods(methods): x: int; y = 1",
    "class K(Exo, name=f''): a: 'list[int]' = []; f = lambda self: self.a.append(1)",
    "class K(ExoKit):\n    class a(Facet):\n        def f(self): self.state.x = 1",
    "this.state.x[0] = 1",
    "del this.state.x",
    "baggage.init('a', lambda: 1)",
    "M.interface()",
    "G = M.interface('K', {**{'a': M.raw()}, 'b': M.call(a=1)})",
    "async def build_root_object(): await asyncio.sleep(*x)",
    "def build_root_object(): build_root_object()",
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=8))
def test_fragments_in_any_order(fragments: list[str]) -> None:
    source = "from vatdata_runtime import *\nimport asyncio\n" + "\n".join(fragments) + "\n"
    check_module("vat.py", "vat", source, ast.parse(source), RULES)


@pytest.mark.slow
def test_every_file_of_the_standard_library_is_passed_without_a_finding() -> None:
    for path in sorted(LIBRARY.rglob("*.py")):
        source = path.read_bytes()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(source)
        except (SyntaxError, ValueError):
            continue  # files that test the parser itself
        text = source.decode("utf-8", errors="replace")
        assert check_module("x.py", "x", text, tree, RULES).findings == (), path
