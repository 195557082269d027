"""VD204: an assignment to a field that neither ``init`` nor the shape declares."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator

from vatdata_lint.behavior.definitions import Behavior, runtime_name
from vatdata_lint.behavior.functions import own_nodes
from vatdata_lint.behavior.methods import Method
from vatdata_lint.behavior.module_view import ModuleView
from vatdata_lint.behavior.own_definers import kinds_in
from vatdata_lint.behavior.state import display_items, field_name, is_state, state_fields
from vatdata_lint.behavior.state_users import state_users
from vatdata_lint.finding import Finding, Location, Step
from vatdata_lint.rules import ModuleRule


class UnknownStateField(ModuleRule):
    """An assignment to a state field that the kind does not have.

    ## Why is this bad?
    The fields of a kind are fixed when it is defined: those that `init` returns, those of `state_shape`, or the
    annotated ones of a declarative class. Assigning another raises `StateFieldError`, usually in the one method
    that nobody tested, and often it is a misspelled name.

    ## What to do
    Correct the name, or declare the field: with a first value in `init`, and in `state_shape` where there is one.
    A field that is new in this version of the code also needs a value for stored instances (see `migrate`).

    ## Known limits
    Kinds whose fields are not all in sight (a spread, a computed dict) are left alone.
    """

    CODE = "VD204"
    NAME = "unknown-state-field"
    CATEGORY = "BEHAVIOR"
    SUMMARY = "Assignment to a field that neither init nor the shape declares"
    VALID = {
        "declared by init or by the shape": """
            from vatdata_runtime import M, prepare_exo_class

            def init_purse(owner):
                return {"owner": owner, "balance": 0}

            class Purse:
                def deposit(this, amount):
                    this.state.balance += amount

            class Pot:
                def note(this, text):
                    state = this.state
                    state.note = text

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", None, init_purse, Purse)
                prepare_exo_class(
                    baggage, "Pot", None, lambda: {"note": None}, Pot, state_shape={"note": M.any()}
                )
        """,
        "not all fields are in sight": """
            from vatdata_runtime import prepare_exo_class

            COMMON = load_common()

            class Purse:
                def close(this):
                    this.state.closed = True

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", None, lambda: {**COMMON, "owner": None}, Purse)
        """,
        "a table that grows": """
            from vatdata_runtime import prepare_exo_class

            COMMON = {"closed": False}
            COMMON["closing"] = False

            class Purse:
                def close(this):
                    this.state.closing = True

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", None, lambda: {**COMMON, "owner": None}, Purse)
        """,
        "an inherited field, and a class variable": """
            from typing import ClassVar
            from vatdata_runtime import Exo

            class Account(Exo):
                balance: int = 0
                limit: ClassVar[int] = 10

            class Purse(Account):
                owner: str

                def deposit(self, amount: int) -> None:
                    self.balance += amount
        """,
    }
    INVALID = {
        "a kind without init has no fields": """
            from vatdata_runtime import prepare_exo, prepare_exo_class

            class Bell:
                def ring(this):
                    this.state.rings = 1  # finding

            def ring(this):
                this.state.rung = True  # finding

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo(baggage, "Bell", None, Bell)
                prepare_exo_class(baggage, "Bells", None, None, {"ring": ring})
        """,
        "a misspelled field": """
            from vatdata_runtime import prepare_exo_class

            def init_purse(owner):
                return {"owner": owner, "balance": 0}

            class Purse:
                def deposit(this, amount):
                    this.state.balence = this.state.balance + amount  # finding

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", None, init_purse, Purse)
        """,
        "a field of a facet's state, set in finish": """
            from vatdata_runtime import prepare_exo_class_kit

            def init_counter():
                fields = {"count": 0}
                fields["step"] = 1
                return fields

            def finish(context):
                context.state.started = True  # finding

            def increment(this):
                this.state.count += this.state.step

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class_kit(
                    baggage, "Counter", None, init_counter,
                    {"up": {"increment": increment}, "down": {"reset": lambda this: None}},
                    finish=finish,
                )
        """,
        "fields taken over from a constant": """
            from vatdata_runtime import prepare_exo_class

            COMMON = {"closed": False}

            class Purse:
                def close(this):
                    this.state.closed = True
                    this.state.owner = None
                    this.state.closing = True  # finding

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", None, lambda: {**COMMON, "owner": None}, Purse)
        """,
        "several at once": """
            from vatdata_runtime import partial_assign, prepare_exo_class

            class Purse:
                def hand_over(this, owner, changes):
                    partial_assign(this.state, {"owner": owner})
                    partial_assign(this.state, changes)
                    partial_assign(this.state, {"owner": owner, "since": 0})  # finding

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", None, lambda: {"owner": None}, Purse)
        """,
        "no annotation, no field": """
            from vatdata_runtime import Exo

            class Purse(Exo):
                balance: int = 0

                def close(self) -> None:
                    self.closed = True  # finding
        """,
    }

    def check(self, module: ModuleView) -> Iterator[Finding]:
        """Yield a finding for each assignment to an undeclared field."""
        seen: set[ast.AST] = set()
        for behavior in kinds_in(module):
            declared = state_fields(behavior)
            if not declared.is_complete:
                continue
            for method in state_users(behavior):
                for node in own_nodes(method.node) if method.node is not None else ():
                    for name, place in _assigned(behavior, method, node):
                        if name in declared.fields or place in seen:
                            continue
                        if behavior.class_node is not None and _is_property(behavior.class_node, name):
                            continue
                        seen.add(place)
                        where = method.module.location(place)
                        yield self._report(module, behavior, where, name, sorted(declared.fields))

    def _report(
        self, module: ModuleView, behavior: Behavior, where: Location, name: str, fields: list[str]
    ) -> Finding:
        owner = repr(behavior.kind_name) if behavior.kind_name is not None else "this kind"
        nearest = difflib.get_close_matches(name, fields, n=1)
        declared = f"its fields are {', '.join(fields)}" if fields else "it has no fields"
        remedy = "annotate it in the class" if behavior.is_declarative else "give it a first value in init"
        advice = f"did you mean {nearest[0]!r}? Else {remedy}" if nearest else remedy
        return self.finding(
            where,
            f"{owner} has no field {name!r}; {declared}",
            help=advice,
            chain=(Step(module.location(behavior.site), f"{owner} is defined here"),),
            kind_name=behavior.kind_name,
        )


def _assigned(behavior: Behavior, method: Method, node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield the fields that a node assigns: by name, by ``setattr`` or ``partial_assign`` with literal names."""
    match node:
        case ast.Attribute(ctx=ast.Store()):
            name = field_name(behavior, method, node)
            if name is not None:
                yield name, node
        case ast.Call(func=ast.Name(id="setattr"), args=[owner, ast.Constant(value=str(name)), _]):
            if field_name(behavior, method, ast.Attribute(owner, name, ast.Store())) is not None:
                yield name, node
        case ast.Call(args=[owner, given]) if is_state(method, owner):
            if runtime_name(method.module, node.func) == "partial_assign":
                items = display_items(given, method.module)
                for name in items[0] if items is not None else ():
                    yield name, node
        case _:
            pass


def _is_property(node: ast.ClassDef, name: str) -> bool:
    """Say whether a class itself has something else by that name (a property with a setter)."""
    return any(isinstance(item, ast.FunctionDef) and item.name == name for item in node.body)
