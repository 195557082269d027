"""VD205: a value that cannot be durable goes into durable state."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from vatdata_lint.behavior.definitions import (
    Behavior,
    behavior_at,
    reached_function,
    runtime_name,
    zone_durability,
)
from vatdata_lint.behavior.durability import Unfit, unfit, unfit_result
from vatdata_lint.behavior.functions import own_nodes
from vatdata_lint.behavior.module_view import ModuleView
from vatdata_lint.behavior.own_definers import arguments_given, hands_on_keeper, kinds_in
from vatdata_lint.behavior.state import (
    Field,
    assignments,
    display_items,
    field_name,
    is_state,
    state_fields,
)
from vatdata_lint.behavior.state_users import state_users
from vatdata_lint.behavior.stores import is_durable_store, store_maker
from vatdata_lint.finding import Finding, Step
from vatdata_lint.rules import ModuleRule
from vatdata_lint.vocabulary import snake_case

WRITERS = {"init": 1, "set": 1, "add": 0}
"""Method of a store to the position of what it stores."""


class NotDurable(ModuleRule):
    """A value that cannot be durable goes into durable state: a function, a heap object, a promise, an open file.

    ## Why is this bad?
    Durable state must mean the same after a restart in new code. Functions, files, locks and generators live in
    this process only; `Far` objects, promises, heap and virtual stores end with this incarnation. The runtime
    refuses them with `NotDurableError` or `NotPassableError` when they are stored.

    ## What to do
    Store data and durable objects: an exo of a prepared kind in place of a function or a `Far` object, a store
    made with `durable=True`, and `watch_promise` with a durable watcher in place of a promise.

    ## Known limits
    Parameters and results of unknown calls are not judged; an instance of a class is when the class stands in sight
    and has no base. For kinds of a zone that the module does not make, only what no zone takes is reported.
    """

    CODE = "VD205"
    NAME = "not-durable"
    CATEGORY = "BEHAVIOR"
    SUMMARY = "A value that cannot be durable goes into durable state"
    VALID = {
        "data, durable objects and durable stores": """
            from vatdata_runtime import make_scalar_big_map_store, prepare_exo_class

            def init_purse(owner, on_change):
                history = make_scalar_big_map_store("history", durable=True)
                return {"owner": owner, "on_change": on_change, "history": history, "limits": (1, 2)}

            def build_root_object(vat_powers, vat_parameters, baggage):
                make_purse = prepare_exo_class(baggage, "Purse", None, init_purse, {})
                if not baggage.has("first"):
                    baggage.init("first", make_purse("alice", None))
        """,
        "a heap object in heap state": """
            from vatdata_runtime import Far, define_exo_class

            def init_session():
                return {"root": Far("Root", {}), "callback": lambda: None}

            make_session = define_exo_class("Session", None, init_session, {})
        """,
        "functions beside the state": """
            from vatdata_runtime import prepare_exo_class

            def rate(amount):
                return amount // 100

            class Purse:
                def fee(this, amounts):
                    this.state.fee = sum(map(rate, amounts))

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", None, lambda: {"fee": rate(0)}, Purse)
        """,
    }
    INVALID = {
        "given to a maker, and to a store in a field": """
            from vatdata_runtime import Far, make_scalar_big_map_store, prepare_exo_class

            def init_hub(name, hook):
                return {
                    "name": name.strip(),
                    "hook": hook,
                    "heard": make_scalar_big_map_store("heard", durable=True),
                }

            class Hub:
                def hear(this, name):
                    this.state.heard.init(name, Far("Ear", {}))  # finding

            def build_root_object(vat_powers, vat_parameters, baggage):
                make_hub = prepare_exo_class(baggage, "Hub", None, init_hub, Hub)

                def open_hub(name, hook):
                    make_hub(lambda: name, hook)
                    return make_hub(name, hook=lambda: None)  # finding

                return Far("Hubs", {"open_hub": open_hub})
        """,
        "made once and kept": """
            from vatdata_runtime import Far, make_durable_zone, make_virtual_zone, provide

            def make_admin(key):
                return Far("Admin", {"name": lambda: key})

            class Names:
                def __init__(self, baggage, zone):
                    self.zone = make_durable_zone(baggage)
                    self.names = self.zone.map_store("names")

                def hook(self, name):
                    self.names.init(name, lambda: name)  # finding

            def build_root_object(vat_powers, vat_parameters, baggage):
                zone = make_durable_zone(baggage)
                provide(baggage, "limits", lambda key: {"low": 1})
                provide(baggage, "admin", make_admin)  # finding
                zone.make_once("guest", lambda key: make_admin(key))  # finding
                make_virtual_zone().make_once("guest", make_admin)
                return Far("Root", {"names": Names(baggage, zone)})
        """,
        "a function and a file in the first state": """
            from vatdata_runtime import prepare_exo_class

            def init_purse(path):
                return {
                    "on_change": lambda value: None,  # finding
                    "log": open(path),  # finding
                }

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", None, init_purse, {})
        """,
        "a heap object assigned later": """
            from vatdata_runtime import E, Far, make_scalar_map_store, prepare_exo_class

            class Purse:
                def open(this, issuer):
                    this.state.notifier = Far("Notifier", {})  # finding
                    this.state.brand = E(issuer).get_brand()  # finding
                    this.state.cache = make_scalar_map_store("cache")  # finding

            def build_root_object(vat_powers, vat_parameters, baggage):
                fields = {"notifier": None, "brand": None, "cache": None}
                prepare_exo_class(baggage, "Purse", None, lambda: fields, Purse)
        """,
        "what Python has built in": """
            from vatdata_runtime import prepare_exo_class

            def init_job(name):
                return {"name": name, "tell": print, "steps": [len]}  # finding

            class Job:
                def use(this, sorted):
                    this.state.tell = sorted

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Job", None, init_job, Job)
        """,
        "in the baggage or a durable store": """
            from vatdata_runtime import Far, provide_durable_map_store

            def build_root_object(vat_powers, vat_parameters, baggage):
                hooks = provide_durable_map_store(baggage, "hooks")

                def on_close():
                    return None

                hooks.init("close", on_close)  # finding
                root = Far("Root", {})
                baggage.init("root", root)  # finding
                return root
        """,
    }

    def check(self, module: ModuleView) -> Iterator[Finding]:
        """Yield a finding for each such value, where it stands."""
        seen: set[ast.AST] = set()
        for behavior in kinds_in(module):
            for home, name, value in _values(behavior):
                yield from self._judge(behavior, home, name, value, seen)
            yield from self._in_fields(behavior, seen)
        makers = _maker_names(module)
        for node in module.nodes if makers else ():
            if isinstance(node, ast.Call) and _last_name(node.func) in makers:
                for behavior, name, value in _made_with(module, node):
                    yield from self._judge(behavior, module, name, value, seen)
        yield from self._in_stores(module)

    def _judge(
        self, behavior: Behavior, home: ModuleView, name: str, value: ast.expr, seen: set[ast.AST]
    ) -> Iterator[Finding]:
        if behavior.durability in ("heap", "virtual"):
            return
        found = unfit(home, value)
        if found is None or found.node in seen or not (found.anywhere or behavior.durability == "durable"):
            return
        seen.add(found.node)
        owner = repr(behavior.kind_name) if behavior.kind_name is not None else "this kind"
        yield self.finding(
            home.location(found.node),
            f"field {name!r} of {owner} gets {found.what}, which cannot be kept in durable state",
            help="store data or an object of a durable kind in its place",
            chain=(Step(behavior.module.location(behavior.site), f"{owner} is defined here"),),
            kind_name=behavior.kind_name,
        )

    def _in_fields(self, behavior: Behavior, seen: set[ast.AST]) -> Iterator[Finding]:
        """Judge what methods write to durable stores that fields hold."""
        fields = state_fields(behavior).fields
        for method in state_users(behavior):
            for node in own_nodes(method.node) if method.node is not None else ():
                for store, value in _stored(node):
                    known = fields.get(field_name(behavior, method, store) or "")
                    if known is None or node in seen or not _holds_durable_store(known):
                        continue
                    found = unfit(method.module, value)
                    if found is not None and isinstance(node, ast.expr | ast.stmt):
                        seen.add(node)
                        yield self._report_stored(method.module, node, ast.unparse(store), found)

    def _in_stores(self, module: ModuleView) -> Iterator[Finding]:
        for node in module.nodes:
            for store, value in _stored(node):
                found = unfit(module, value) if _is_durable(module, store) else None
                if found is not None and isinstance(node, ast.expr | ast.stmt):
                    yield self._report_stored(module, node, ast.unparse(store), found)
            if isinstance(node, ast.Call):
                for where, maker in _provided(module, node):
                    function = reached_function(module, maker)
                    found = unfit_result(function.module, function.node) if function is not None else None
                    if found is not None:
                        yield self._report_stored(module, node, where, found)

    def _report_stored(
        self, module: ModuleView, node: ast.expr | ast.stmt, store: str, found: Unfit
    ) -> Finding:
        return self.finding(
            module.location(node),
            f"{store!r} is durable and gets {found.what}, which cannot be kept in it",
            help="store data or an object of a durable kind in its place",
        )


def _provided(module: ModuleView, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """Yield keeper and maker of what is made once and kept: ``provide(baggage, k, f)``, ``zone.make_once(k, f)``."""
    written = _last_name(call.func)
    if module.imports.get(written, written).rpartition(".")[2] == "provide":
        maker = _argument(call, 2, "make_value")
        if maker is None or runtime_name(module, call.func) != "provide":
            return
        if call.args and _is_durable(module, call.args[0]):
            yield ast.unparse(call.args[0]), maker
    elif isinstance(call.func, ast.Attribute) and snake_case(written) == "make_once":
        maker = _argument(call, 1, "maker")
        if maker is not None and zone_durability(module, call.func.value) == "durable":
            yield ast.unparse(call.func.value), maker


def _argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    if len(call.args) > position:
        return call.args[position]
    return next((item.value for item in call.keywords if item.arg == name), None)


def _maker_names(module: ModuleView) -> set[str]:
    """Return the names to which makers are assigned: what definers give, or functions that get a baggage or zone."""
    sites = {behavior.site for behavior in kinds_in(module)}
    names: set[str] = set()
    for node in module.nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and isinstance(node.value, ast.Call):
            if node.value in sites or hands_on_keeper(node.value):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names.update(map(_last_name, targets))
    return names - {""}


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _made_with(module: ModuleView, call: ast.Call) -> Iterator[tuple[Behavior, str, ast.expr]]:
    """Yield kind, field and value of what a maker is called with, where ``init`` keeps an argument as it is."""
    maker = module.value(call.func) if isinstance(call.func, ast.Name | ast.Attribute) else None
    behavior = behavior_at(maker.module, maker.node) if maker is not None else None
    if behavior is None:
        return
    if behavior.is_declarative:
        for keyword in call.keywords:
            if keyword.arg is not None:
                yield behavior, keyword.arg, keyword.value
        return
    init = behavior.function("init")
    if init is None:
        return
    given = arguments_given(module, call, init.node)
    bound = init.module.bindings(init.node)
    for name, field in state_fields(behavior).fields.items():
        for value in field.values:
            if isinstance(value, ast.Name) and value.id in given and bound.get(value.id) == [None]:
                if field.module is init.module:
                    yield behavior, name, given[value.id]


def _holds_durable_store(field: Field) -> bool:
    for value in field.values:
        maker = store_maker(field.module, value)
        if maker is not None and isinstance(value, ast.Call):
            return is_durable_store(field.module, value, maker) is True
    return False


def _stored(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield store and value of what may write to a store: ``s.init(k, v)``, ``s.add(v)``, ``s[k] = v``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        position = WRITERS.get(node.func.attr)
        store = node.func.value
        if (
            position is not None
            and len(node.args) == position + 1
            and isinstance(store, ast.Name | ast.Attribute)
        ):
            yield store, node.args[position]
    for target, value in assignments(node):
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name | ast.Attribute):
            yield target.value, value


def _values(behavior: Behavior) -> Iterator[tuple[ModuleView, str, ast.expr]]:
    """Yield module, field and value: the first ones that ``init`` gives, then those that methods assign."""
    if not behavior.is_declarative:
        for name, field in state_fields(behavior).fields.items():
            for value in field.values:
                yield field.module, name, value
    for method in state_users(behavior):
        for node in own_nodes(method.node) if method.node is not None else ():
            for target, value in assignments(node):
                assigned = field_name(behavior, method, target)
                if assigned is not None:
                    yield method.module, assigned, value
            match node:
                case ast.Call(args=[owner, given]) if is_state(method, owner):
                    if runtime_name(method.module, node.func) == "partial_assign":
                        items = display_items(given, method.module)
                        for name, value in items[0].items() if items is not None else ():
                            yield method.module, name, value
                case _:
                    pass


def _is_durable(module: ModuleView, store: ast.expr) -> bool:
    """Say whether a variable is the baggage of an entry, or a store that is made durable in sight."""
    found = module.definition(store)
    if found is not None:
        maker = store_maker(found.module, found.node)
        return (
            maker is not None
            and isinstance(found.node, ast.Call)
            and is_durable_store(found.module, found.node, maker) is True
        )
    if not isinstance(store, ast.Name):
        return False
    if store.id != "baggage" and not snake_case(store.id).endswith("_baggage"):
        return False
    scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Module)
    scope = module.enclosing(store, scopes)
    while scope is not None:
        bound = module.bindings(scope).get(store.id)
        if bound is not None:
            return bound == [None] and not isinstance(scope, ast.Module)  # a parameter, never assigned
        scope = module.enclosing(scope, scopes)
    return False
