"""VD201: an ``init``, ``finish`` or ``migrate`` that is async or a generator."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from vatdata_lint.behavior.definitions import Reached
from vatdata_lint.behavior.functions import is_generator, own_nodes
from vatdata_lint.behavior.module_view import ModuleView
from vatdata_lint.behavior.own_definers import kinds_in
from vatdata_lint.finding import Edit, Finding, Fix, Location, Step
from vatdata_lint.rules import ModuleRule

EFFECTS = {
    "init": "a maker returns the new instance at once, so its state would be {what} instead of fields",
    "finish": "a maker returns the new instance at once, so {what} would never run",
    "migrate": "the old record is needed at once, so the new one would be {what}",
}


class AsyncInit(ModuleRule):
    """An `init`, `finish` or `migrate` that is an `async def` or a generator.

    ## Why is this bad?
    Makers are synchronous: `make_purse(owner)` calls `init`, stores what it returns and gives back the instance in
    one go. An async `init` returns a coroutine and a generator function returns a generator; neither is a record
    of fields, so the runtime refuses every call of the maker. `finish` and `migrate` are called the same way.

    ## What to do
    Do what needs waiting before the maker is called and pass the result as an argument. Where the body awaits
    nothing, drop the `async`; `--unsafe-fixes` does that.

    ## Known limits
    Missed alarm: a decorated function is not looked at, since the decorator may make it synchronous.
    """

    CODE = "VD201"
    NAME = "async-init"
    CATEGORY = "BEHAVIOR"
    SUMMARY = "init, finish or migrate is async or a generator, but makers are synchronous"
    VALID = {
        "the waiting is over before the maker is called": """
            from vatdata_runtime import Far, prepare_exo_class

            def init_purse(owner, rate):
                return {"owner": owner, "rate": rate}

            class Purse:
                async def refresh(this, source):
                    this.state.rate = await source.rate()

            def build_root_object(vat_powers, vat_parameters, baggage):
                make_purse = prepare_exo_class(baggage, "Purse", None, init_purse, Purse)

                async def open_purse(owner, source):
                    return make_purse(owner, await source.rate())

                return Far("Bank", {"open_purse": open_purse})
        """,
        "an async init of something else": """
            class Service:
                async def init(self):
                    await self.connect()
        """,
        "a generator inside init": """
            from vatdata_runtime import prepare_exo_class

            def init_bag(names):
                return {"names": tuple(name.strip() for name in names)}

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Bag", None, init_bag, {})
        """,
    }
    INVALID = {
        "async init": """
            from vatdata_runtime import prepare_exo_class

            async def init_purse(owner):  # finding
                return {"owner": owner}

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", None, init_purse, {})
        """,
        "async finish, and a migrate that yields": """
            from vatdata_runtime import prepare_exo_class

            def build_root_object(vat_powers, vat_parameters, baggage):
                async def finish(context):  # finding
                    await context.self.announce()

                def migrate(old_state, from_version):  # finding
                    yield from old_state.items()

                prepare_exo_class(
                    baggage, "Purse", None, lambda: {}, {}, finish=finish, version=2, migrate=migrate
                )
        """,
        "a method of an object": """
            from vatdata_runtime import prepare_exo_class

            class Kinds:
                async def init_purse(self, owner):  # finding
                    return {"owner": owner}

                @staticmethod
                async def init_loan(sum):  # finding
                    return {"sum": sum}

                def init_mint(self, brand):
                    return {"brand": brand}

            def build_root_object(vat_powers, vat_parameters, baggage):
                kinds = Kinds()
                prepare_exo_class(baggage, "Purse", None, kinds.init_purse, {})
                prepare_exo_class(baggage, "Loan", None, Kinds.init_loan, {})
                prepare_exo_class(baggage, "Mint", None, kinds.init_mint, {})
        """,
        "init from another module": """
            from vatdata_runtime import make_durable_zone
            from purse import init_purse

            def build_root_object(vat_powers, vat_parameters, baggage):
                zone = make_durable_zone(baggage)
                zone.exo_class("Purse", None, init_purse, {})
            # file: purse.py
            async def init_purse(owner):  # finding
                return {"owner": owner}
        """,
    }

    def check(self, module: ModuleView) -> Iterator[Finding]:
        """Yield a finding for each such function, once however often it is given."""
        seen: set[ast.AST] = set()
        for behavior in kinds_in(module):
            for role, effect in EFFECTS.items():
                found = behavior.function(role)
                if found is None or found.node in seen:
                    continue
                is_async = isinstance(found.node, ast.AsyncFunctionDef)
                if not is_async and not is_generator(found.node):
                    continue
                seen.add(found.node)
                kind = behavior.kind_name
                what = "a coroutine" if is_async else "a generator"
                owner = f"{kind!r}" if kind is not None else "a kind"
                yield self.finding(
                    _place(found),
                    f"{role} of {owner} is {'async' if is_async else 'a generator'}: {effect.format(what=what)}",
                    help="make it a plain function; wait before the maker is called and pass the result in",
                    chain=(
                        Step(module.location(behavior.site), f"{owner} is given it as {role}"),
                        Step(found.module.location(found.node), f"{role} is defined here"),
                    ),
                    kind_name=kind,
                    fixes=_fixes(found),
                )


def _place(found: Reached) -> Location:
    """Return the first line of the function, wherever it stands."""
    where = found.module.location(found.node)
    if isinstance(found.node, ast.Lambda):
        return where
    end = len(found.module.lines[where.line - 1].rstrip())
    return Location(where.path, where.line, where.column, where.line, end)


def _fixes(found: Reached) -> tuple[Fix, ...]:
    """Offer to drop ``async`` where nothing in the body needs it."""
    node = found.node
    if not isinstance(node, ast.AsyncFunctionDef):
        return ()
    waits = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield, ast.YieldFrom)
    if any(isinstance(item, waits) or getattr(item, "is_async", 0) for item in own_nodes(node)):
        return ()
    where = found.module.location(node)
    text = found.module.lines[where.line - 1][where.column :]
    width = len(text) - len(text.removeprefix("async").lstrip())
    edit = Edit(where.path, (where.line, where.column), (where.line, where.column + width), "")
    return (Fix("Make it a plain function", (edit,), safe=False, kind="unwrap"),)
