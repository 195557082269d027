"""VD202: an ``init`` that returns None, a list, or on some way nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import cast

from vatdata_lint.behavior.definitions import Behavior, Reached
from vatdata_lint.behavior.durability import is_plain_class
from vatdata_lint.behavior.functions import falls_through, is_generator, returned
from vatdata_lint.behavior.module_view import ModuleView
from vatdata_lint.behavior.own_definers import kinds_in
from vatdata_lint.finding import Finding, Location, Step
from vatdata_lint.rules import ModuleRule

BUILT_IN_RESULTS = {
    "list": "a list",
    "sorted": "a list",
    "tuple": "a tuple",
    "set": "a set",
    "frozenset": "a set",
    "str": "a string",
    "int": "a number",
    "print": "None",
}


class BadInitResult(ModuleRule):
    """An `init` that returns something else than a record of fields, on some way or on all.

    ## Why is this bad?
    What `init` returns becomes the fields of the new instance, so it must be a dict with a name for each. For
    None, a list or a string the maker raises. When only one of several ways forgets to return, the failure waits
    for the first caller that takes it.

    ## What to do
    Return a dict on every way: `{}` for an instance without fields. Raise where the arguments cannot be used.

    ## Known limits
    Missed alarm: names that are bound more than once, and results of functions out of sight, are not followed.
    """

    CODE = "VD202"
    NAME = "bad-init-result"
    CATEGORY = "BEHAVIOR"
    SUMMARY = "init returns None, a list, or on some way nothing"
    VALID = {
        "a dict on every way, or an error": """
            from vatdata_runtime import prepare_exo_class

            def init_purse(owner, balance=0):
                if balance < 0:
                    raise ValueError("a purse cannot owe")
                if owner is None:
                    return {"owner": "nobody", "balance": 0}
                return {"owner": owner, "balance": balance}

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", None, init_purse, {})
                prepare_exo_class(baggage, "Token", None, lambda: {}, {})
        """,
        "the result comes from elsewhere": """
            from vatdata_runtime import prepare_exo_class
            from legacy import record_of

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", None, lambda owner: record_of(owner), {})
                prepare_exo_class(baggage, "Pouch", None, lambda owner: dict(owner=owner), {})
        """,
        "every case of a match returns": """
            from vatdata_runtime import prepare_exo_class

            def init_purse(size):
                match size:
                    case "small":
                        return {"limit": 10}
                    case _:
                        return {"limit": 100}

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", None, init_purse, {})
        """,
    }
    INVALID = {
        "a helper gives it": """
            from vatdata_runtime import prepare_exo_class

            def row(size):
                return [None] * size

            def lookup(owner, known):
                if owner in known:
                    return {"owner": owner}

            def fields(owner):
                return {"owner": owner}

            def init_board(size):
                return [row(size) for _ in range(size)]  # finding

            def init_owner(owner):
                return lookup(owner, ())  # finding

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Board", None, init_board, {})
                prepare_exo_class(baggage, "Owner", None, init_owner, {})
                prepare_exo_class(baggage, "Other", None, lambda owner: fields(owner), {})
                prepare_exo_class(baggage, "List", None, list, {})  # finding
        """,
        "one way returns nothing": """
            from vatdata_runtime import prepare_exo_class

            def init_purse(owner):  # finding
                if owner is not None:
                    return {"owner": owner}

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", None, init_purse, {})
        """,
        "a list, None and a bare return": """
            from vatdata_runtime import prepare_exo_class

            def init_list(items):
                return [*items]  # finding

            def init_early(owner):
                if owner is None:
                    return  # finding
                return {"owner": owner}

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "List", None, init_list, {})
                prepare_exo_class(baggage, "Early", None, init_early, {})
                prepare_exo_class(baggage, "None", None, lambda: None, {})  # finding
        """,
        "an object instead of fields": """
            from dataclasses import asdict, dataclass
            from vatdata_runtime import prepare_exo_class

            @dataclass
            class PurseState:
                owner: str

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", None, lambda owner: PurseState(owner), {})  # finding
                prepare_exo_class(baggage, "Mint", None, lambda owner: asdict(PurseState(owner)), {})
        """,
        "the body only sets things up": """
            from vatdata_runtime import define_exo_class

            def init_purse(owner):  # finding
                fields = {"owner": owner}

            make_purse = define_exo_class("Purse", None, init_purse, {})
        """,
    }

    def check(self, module: ModuleView) -> Iterator[Finding]:
        """Yield a finding for each wrong return and for each ``init`` whose end may be reached."""
        seen: set[ast.AST] = set()
        for behavior in kinds_in(module):
            init = behavior.function("init")
            if init is None:
                yield from self._built_in(module, behavior)
                continue
            if init.node in seen:
                continue
            seen.add(init.node)
            if isinstance(init.node, ast.AsyncFunctionDef) or is_generator(init.node):
                continue  # VD201 speaks
            for site, value in returned(init.node):
                what = _wrong(init.module, value)
                if what is not None:
                    yield self._report(module, behavior, init, site, f"returns {what}")
            if isinstance(init.node, ast.FunctionDef) and falls_through(init.module, init.node.body):
                always = not any(True for _ in returned(init.node))
                text = "returns nothing" if always else "returns nothing when it runs to its end"
                yield self._report(module, behavior, init, init.node, text)

    def _built_in(self, module: ModuleView, behavior: Behavior) -> Iterator[Finding]:
        given = behavior.arguments.get("init")
        home = behavior.home("init")
        what = BUILT_IN_RESULTS.get(home.resolved(given) or "") if given is not None else None
        if given is not None and what is not None:
            kind = behavior.kind_name
            owner = repr(kind) if kind is not None else "a kind"
            yield self.finding(
                home.location(given),
                f"init of {owner} gives {what}, but its result becomes the fields of the instance",
                help="give a function that returns a dict with a value for each field",
                chain=(Step(module.location(behavior.site), f"{owner} is given it as init"),),
                kind_name=kind,
            )

    def _report(
        self, module: ModuleView, behavior: Behavior, init: Reached, site: ast.stmt | ast.expr, what: str
    ) -> Finding:
        kind = behavior.kind_name
        owner = repr(kind) if kind is not None else "a kind"
        where = init.module.location(site)
        if site is init.node and not isinstance(site, ast.Lambda):
            first = init.module.lines[where.line - 1].rstrip()
            where = Location(where.path, where.line, where.column, where.line, len(first))
        steps = (
            Step(module.location(behavior.site), f"{owner} is given it as init"),
            Step(where, f"it {what}"),
        )
        return self.finding(
            where,
            f"init of {owner} {what}, but its result becomes the fields of the instance",
            help="return a dict with a value for each field on every way, or raise",
            chain=steps,
            kind_name=kind,
        )


def _wrong_result(module: ModuleView, function: ast.FunctionDef, depth: int) -> str | None:
    """Return what is wrong with what a called function gives, on some way; None for a decorated one."""
    if function.decorator_list:
        return None
    if is_generator(function):
        return f"the generator of {function.name}()"
    for _, value in returned(function):
        what = _wrong(module, value, depth=depth)
        if what is not None:
            return (
                f"what {function.name}() gives, {what}"
                if value is not None
                else f"None from {function.name}()"
            )
    return (
        f"what {function.name}() gives, which may be None" if falls_through(module, function.body) else None
    )


def _wrong(module: ModuleView, value: ast.expr | None, *, depth: int = 4) -> str | None:
    """Return what is wrong with a returned value, in words; None where nothing is certain."""
    if isinstance(value, ast.Name) and depth:
        found = module.definition(value)
        local = (
            found is not None and isinstance(found.node, ast.expr) and not isinstance(found.node, ast.Name)
        )
        return (
            _wrong(module, cast("ast.expr", found.node), depth=depth - 1)
            if found is not None and local
            else None
        )
    if isinstance(value, ast.IfExp) and depth:
        ways = (_wrong(module, way, depth=depth - 1) for way in (value.body, value.orelse))
        return next((f"{what} on one way" for what in ways if what is not None), None)
    if isinstance(value, ast.Call):
        made = module.definition(value.func)
        if (
            made is not None
            and isinstance(made.node, ast.ClassDef)
            and is_plain_class(made.module, made.node)
        ):
            return f"an instance of the class {made.node.name!r}"
        if made is not None and isinstance(made.node, ast.FunctionDef) and depth:
            return _wrong_result(made.module, made.node, depth - 1)
        return BUILT_IN_RESULTS.get(module.resolved(value.func) or "")
    match value:
        case None:
            return "nothing here"
        case ast.Constant(value=None):
            return "None"
        case ast.Constant(value=other) if other is not Ellipsis:
            return f"{other!r}"
        case ast.List() | ast.ListComp() | ast.BinOp(left=ast.List(), op=ast.Mult() | ast.Add()):
            return "a list"
        case ast.Tuple():
            return "a tuple"
        case ast.Set() | ast.SetComp():
            return "a set"
        case ast.GeneratorExp():
            return "a generator"
        case ast.Lambda():
            return "a function"
        case ast.JoinedStr():
            return "a string"
        case _:
            return None
