"""VD301: guard and methods disagree on names or number of arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from vatdata_lint.behavior.definitions import Behavior
from vatdata_lint.behavior.guards import InterfaceGuard, MethodGuard, interface_guards
from vatdata_lint.behavior.methods import Method, MethodTable
from vatdata_lint.behavior.module_view import FunctionNode, ModuleView
from vatdata_lint.behavior.own_definers import kinds_in
from vatdata_lint.behavior.state import display_items
from vatdata_lint.finding import Finding, Step
from vatdata_lint.rules import ModuleRule


class GuardMismatch(ModuleRule):
    """An interface guard and the methods that it guards disagree on names or on the number of arguments.

    ## Why is this bad?
    A definer refuses methods that the guard does not name, and names that no method has: `GuardDefinitionError` in
    the first crank, so the vat does not start. A wrong number of arguments shows later: every call that the guard
    lets through then fails in the method, or the guard refuses calls that the method would take.

    ## What to do
    Give every public method a guard of the same name and arity. A default in the signature does not make a position
    optional in the guard: write `M.call(M.int()).optional(M.string())`. `sloppy=True` or `default_guards` let
    methods go without a guard.

    ## Known limits
    Only guards and methods that are both in sight are compared; wrapped (decorated) functions are not.
    """

    CODE = "VD301"
    NAME = "guard-mismatch"
    CATEGORY = "GUARD"
    SUMMARY = "Guard and methods disagree on names or number of arguments"
    VALID = {
        "the same names and arities": """
            from vatdata_runtime import M, prepare_exo_class

            PurseI = M.interface("Purse", {
                "deposit": M.call(M.int()).optional(M.string()).returns(M.int()),
                "log": M.call().rest(M.any()),
                "transfer": M.call_when(M.int(), to=M.remotable()),
                "anything": M.raw(),
            })

            class Purse:
                def deposit(this, amount, memo=None):
                    return amount
                def log(this, *items):
                    return None
                async def transfer(this, amount, to):
                    return None
                def anything(this, *args, **kwargs):
                    return None

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", PurseI, lambda: {}, Purse)
        """,
        "methods without a guard where that is allowed": """
            from vatdata_runtime import M, make_exo

            LoggerI = M.interface("Logger", {"log": M.call(M.string())}, sloppy=True)
            make_exo("Logger", LoggerI, {"log": lambda this, text: None, "flush": lambda this: None})
            make_exo("Plain", None, {"anything": lambda this: None})
        """,
        "not all is in sight": """
            from vatdata_runtime import M, make_exo
            from shapes import common_guards, common_methods

            I = M.interface("Thing", {**common_guards, "name": M.call().returns(M.string())})
            make_exo("Thing", I, {**common_methods, "extra": lambda this: 1, "name": lambda this: "x"})
        """,
    }
    INVALID = {
        "a method is missing, another has no guard": """
            from vatdata_runtime import M, prepare_exo_class

            PurseI = M.interface("Purse", {
                "deposit": M.call(M.int()),
                "balance": M.call().returns(M.int()),
            })

            class Purse:
                def deposit(this, amount):
                    return None
                def get_balance(this):
                    return 0

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", PurseI, lambda: {}, Purse)  # finding
        """,
        "numbers of arguments": """
            from vatdata_runtime import M, make_exo

            FewI = M.interface("Few", {"add": M.call(M.int(), M.int()).returns(M.int())})
            ManyI = M.interface("Many", {"add": M.call(M.int()).returns(M.int())})

            few = make_exo("Few", FewI, {"add": lambda this, a: a})  # finding
            many = make_exo("Many", ManyI, {"add": lambda this, a, b: a + b})  # finding
        """,
        "a facet of a kit": """
            from vatdata_runtime import M, prepare_exo_class_kit

            guards = {
                "up": M.interface("Up", {"increment": M.call()}),
                "reader": M.interface("Reader", {"read": M.call().returns(M.int())}),
            }
            facets = {"up": {"increment": lambda this: None}, "reader": {"get": lambda this: 0}}

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class_kit(baggage, "Counter", guards, lambda: {}, facets)  # finding
        """,
        "a table that takes in another one": """
            from vatdata_runtime import M, prepare_exo_class

            COMMON = {"name": lambda this: this.state.name}
            PurseI = M.interface("Purse", {"name": M.call(), "balance": M.call()})

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", PurseI, lambda: {"name": ""}, {**COMMON})  # finding
        """,
        "guards taken over from a constant": """
            from vatdata_runtime import M, make_exo

            common = {"name": M.call().returns(M.string())}
            ThingI = M.interface("Thing", {**common, "price": M.call().returns(M.int())})
            make_exo("Thing", ThingI, {"name": lambda this: "x", "price": lambda this: 1})
            make_exo("Other", ThingI, {"name": lambda this, long: long, "price": lambda this: 1})  # finding
        """,
        "a facet that the guards leave out": """
            from vatdata_runtime import M, prepare_exo_class_kit

            guards = {"up": M.interface("Up", {"increment": M.call()})}
            facets = {"up": {"increment": lambda this: None}, "reader": {"get": lambda this: 0}}

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class_kit(baggage, "Counter", guards, lambda: {}, facets)  # finding
        """,
    }

    def check(self, module: ModuleView) -> Iterator[Finding]:
        """Yield a finding for each disagreement, at the call that brings guard and methods together."""
        for behavior in kinds_in(module):
            given = behavior.arguments.get("guard")
            if given is None or behavior.is_declarative:
                continue
            if behavior.origin is not None and not behavior.bound & {"guard", "methods"}:
                continue  # told where the definer stands
            guards = interface_guards(behavior.home("guard"), given, kit=behavior.is_kit)
            if behavior.is_kit and behavior.all_tables:
                yield from self._facets(module, behavior, given)
            for table in behavior.tables:
                guard = guards.get(table.name)
                if guard is not None:
                    yield from self._compare(module, behavior, guard, table)

    def _facets(self, module: ModuleView, behavior: Behavior, given: ast.expr) -> Iterator[Finding]:
        home = behavior.home("guard")
        found = home.value(given)
        items = display_items(found.node, found.module) if found is not None else None
        if found is None or items is None or not items[1]:
            return
        facets = {table.name for table in behavior.tables if table.name is not None}
        owner = repr(behavior.kind_name) if behavior.kind_name is not None else "this kind"
        for name in sorted(facets ^ items[0].keys()):
            is_facet = name in facets
            yield self.finding(
                module.location(behavior.site),
                f"facet {name!r} of {owner} has no guard"
                if is_facet
                else f"the guards of {owner} name facet {name!r}, but there is no such facet",
                help=f"add an interface for {name!r} to the guards"
                if is_facet
                else f"write the facet {name!r}, or take its interface out of the guards",
                chain=(Step(home.location(given), "the guards are given here"),),
                kind_name=behavior.kind_name,
            )

    def _compare(
        self, module: ModuleView, behavior: Behavior, guard: InterfaceGuard, table: MethodTable
    ) -> Iterator[Finding]:
        facet = f"facet {table.name!r} of " if table.name is not None else ""
        owner = facet + (repr(behavior.kind_name) if behavior.kind_name is not None else "this kind")
        where = module.location(behavior.site)
        guard_step = Step(guard.module.location(guard.site), "the guard is made here")
        if table.is_complete:
            for name in sorted(guard.methods.keys() - table.methods.keys()):
                yield self.finding(
                    where,
                    f"the guard of {owner} names {name!r}, but there is no such method",
                    help=f"write the method {name!r}, or take it out of the guard",
                    chain=(guard_step,),
                    kind_name=behavior.kind_name,
                )
        for name, method in table.methods.items():
            method_step = Step(method.module.location(method.site), f"{name}() stands here")
            if name not in guard.methods:
                if guard.is_complete and not guard.is_sloppy:
                    yield self.finding(
                        where,
                        f"method {name!r} of {owner} has no guard",
                        help=f"add {name!r} to the guard, or make the interface with sloppy=True",
                        chain=(guard_step, method_step),
                        kind_name=behavior.kind_name,
                    )
                continue
            method_guard = guard.methods[name]
            problem = _arity_problem(method, method_guard) if method_guard is not None else None
            if problem is not None and method_guard is not None:
                guard_here = Step(guard.module.location(method_guard.site), f"the guard of {name}()")
                yield self.finding(
                    where,
                    f"guard and method {name!r} of {owner} disagree: {problem}",
                    help="make the guard's patterns and the method's parameters the same",
                    chain=(guard_here, method_step),
                    kind_name=behavior.kind_name,
                )


def _arity_problem(method: Method, guard: MethodGuard) -> str | None:
    if method.node is None or method.is_wrapped or guard.is_raw:
        return None
    names, needed, has_rest = _positional(method.node, skip=1 if method.has_context else 0)
    by_keyword = {*guard.keywords, *guard.optional_keywords}
    free = [name for name in names if name not in by_keyword]
    required = [name for name in needed if name not in guard.keywords]
    most = guard.required + guard.optional
    if not has_rest and most > len(free):
        return f"the guard has {_count(most, 'pattern')}, the method takes {_count(len(free), 'argument')}"
    if guard.rest and not has_rest:
        return "the guard lets any number of further arguments through, the method has no *args"
    if len(required) > guard.required:
        if len(required) > most:
            return f"the method needs {_count(len(required), 'argument')}, the guard has {_count(most, 'pattern')}"
        return f"{required[guard.required]!r} is optional in the guard, but the method needs it"
    return _keyword_problem(method.node, guard, names)


def _keyword_problem(node: FunctionNode, guard: MethodGuard, names: list[str]) -> str | None:
    arguments = node.args
    keyword_only = [argument.arg for argument in arguments.kwonlyargs]
    if arguments.kwarg is None:
        for name in (*guard.keywords, *guard.optional_keywords):
            if name not in names and name not in keyword_only:
                return f"the guard has a pattern for {name!r}, the method has no such parameter"
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is None and argument.arg not in guard.keywords:
            return f"the method needs the keyword {argument.arg!r}, the guard does not demand it"
    return None


def _positional(node: FunctionNode, *, skip: int) -> tuple[list[str], list[str], bool]:
    """Return the positional parameters behind the context, those without default, and whether ``*args`` follows."""
    arguments = node.args
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    needed = names[: len(names) - len(arguments.defaults)]
    # A method written as (*args) takes the context from there too.
    return names[skip:], needed[skip:], arguments.vararg is not None


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
