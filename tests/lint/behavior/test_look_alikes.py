"""Code that looks like a defect and is none: no rule about behaviour may say a word."""

from __future__ import annotations

import ast
import textwrap

import pytest

from vatdata_lint.module_check import check_module
from vatdata_lint.rules import ModuleRule, all_rules

RULES = [rule for rule in all_rules() if issubclass(rule, ModuleRule)]

HEAD = "from vatdata_runtime import *\nimport asyncio, time, threading\n"

LOOK_ALIKES = {
    "a parameter hides a module": """
        class Timer:
            def wake(this, time):
                time.sleep(3)
        prepare_exo(baggage, "Timer", None, Timer)
    """,
    "a local variable hides a builtin": """
        class Door:
            def enter(this, key):
                open = key.turn
                open()
        prepare_exo(baggage, "Door", None, Door)
    """,
    "a method list is built by the user's own function": """
        prepare_exo_class(baggage, "Purse", PurseI, make_init(), methods_of(Purse))
    """,
    "state is replaced as a whole value": """
        class Bag:
            def add(this, x):
                state = this.state
                state.items = [*state.items, x]
                copy = dict(state.index)
                copy[x] = True
                copy.update(a=1)
                state.index = copy
        prepare_exo_class(baggage, "Bag", None, lambda: {"items": [], "index": {}}, Bag)
    """,
    "a store in a field is used as a store": """
        def init():
            return {"members": make_scalar_big_set_store("m", durable=True), "index": {}}
        class Group:
            def join(this, x):
                this.state.members.add(x)
                this.state.members.clear()
                for key in sorted(this.state.index):
                    yield_to = key
        prepare_exo_class(baggage, "Group", None, init, Group)
    """,
    "another this": """
        class Purse:
            def each(this, f):
                def inner(this):
                    this.state.other = 1
                return inner
        prepare_exo_class(baggage, "Purse", None, lambda: {"a": 1}, Purse)
    """,
    "a class method table with helpers": """
        class Purse:
            RATE = 3
            def _helper(this):
                return 1
            def value(this):
                return this.state.a * 2
        I = M.interface("Purse", {"value": M.call().returns(M.int())})
        prepare_exo_class(baggage, "Purse", I, lambda a: {"a": a}, Purse)
    """,
    "guards made by hand": """
        shape = {"a": M.call(*patterns), "b": M.call(M.int()).optional(*more).returns(M.any())}
        I = M.interface("X", shape)
        make_exo("X", I, {"a": lambda this: 1, "b": lambda this, x, y, z: 1})
    """,
    "a method that takes anything": """
        I = M.interface("X", {"a": M.call(M.int(), key=M.any()).rest(M.any()).returns(M.any())})
        make_exo("X", I, {"a": lambda this, *args, **kwargs: args})
    """,
    "decorated functions may be anything": """
        @once
        async def init():
            return None
        prepare_exo_class(baggage, "X", None, init, {})
    """,
    "a name that is bound twice": """
        if legacy:
            def init(): return []
        else:
            def init(): return {}
        prepare_exo_class(baggage, "X", None, init, {})
    """,
    "init that never comes back": """
        def init():
            while True:
                if ready():
                    return {"a": 1}
        def refuse():
            raise TypeError("not to be made")
        def resource():
            with lock:
                return {"a": 1}
        def tried():
            try:
                return {"a": 1}
            except ValueError:
                raise
        for name, fn in []:
            pass
        prepare_exo_class(baggage, "A", None, init, {})
        prepare_exo_class(baggage, "B", None, refuse, {})
        prepare_exo_class(baggage, "C", None, resource, {})
        prepare_exo_class(baggage, "D", None, tried, {})
    """,
    "host objects beside a vat": """
        class FileDevice:
            def write(self, text):
                time.sleep(1)
                open("x").write(text)
        kernel.register_device("files", FileDevice())
    """,
    "functions of the same names from elsewhere": """
        from unittest.mock import call as prepare_exo_class
        async def init():
            return []
        prepare_exo_class(baggage, "X", None, init, {})
    """,
    "a computed field": """
        class Purse:
            def set(this, name, value):
                setattr(this.state, name, value)
                this.state.__dict__
        prepare_exo_class(baggage, "Purse", None, lambda: {"a": 1}, Purse)
    """,
    "a promise in a heap object": """
        Far("X", {"a": lambda: make_promise_kit()})
        session = define_exo_class("S", None, lambda p: {"p": make_promise_kit().promise}, {})
    """,
    "a declarative class with a property and private state of its own": """
        class Purse(Exo):
            balance: int = 0
            owner: "str | None" = None
            def add(self, items: list) -> None:
                items.append(1)
                self.balance = self.balance + len(items)
            @property
            def double(self):
                return self.balance * 2
            @double.setter
            def double(self, value):
                self.balance = value // 2
            def reset(self) -> None:
                self.double = 4
    """,
    "a mixin from outside may bring fields": """
        from other import Mixin
        class Purse(Mixin, Exo):
            def close(self) -> None:
                self.closed = True
    """,
}


@pytest.mark.parametrize("title", LOOK_ALIKES)
def test_no_rule_says_a_word(title: str) -> None:
    body = textwrap.indent(textwrap.dedent(LOOK_ALIKES[title]), "    ")
    source = HEAD + "def build_root_object(vat_powers, vat_parameters, baggage):\n" + body
    result = check_module("vat.py", "vat", source, ast.parse(source), RULES)
    assert [f"{item.code} line {item.location.line}: {item.message}" for item in result.findings] == []


def test_what_was_looked_up_elsewhere_is_told() -> None:
    main = "from vatdata_runtime import prepare_exo_class\nfrom purse import init\nfrom gone import x\n"
    main += "prepare_exo_class(b, 'P', None, init, x)\n"
    purse = "async def init(): return {}\n"

    def load(dotted: str) -> tuple[str, str, bool, ast.Module] | None:
        return ("purse.py", purse, False, ast.parse(purse)) if dotted == "purse" else None

    result = check_module("vat.py", "vat", main, ast.parse(main), RULES, load_source=load)
    assert [item.code for item in result.findings] == ["VD201"]
    assert result.imported["purse"] == purse
    assert result.imported["gone"] is None
