"""VD203: an in-place change of a value that was read from state or a store."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from vatdata_lint.behavior.changes import Change, changes
from vatdata_lint.behavior.definitions import Behavior, uses_runtime
from vatdata_lint.behavior.functions import own_nodes, returned
from vatdata_lint.behavior.methods import Method
from vatdata_lint.behavior.module_view import ModuleView
from vatdata_lint.behavior.own_definers import kinds_in
from vatdata_lint.behavior.state import Field, field_name, state_fields
from vatdata_lint.behavior.state_users import helpers_given, state_users
from vatdata_lint.behavior.stores import (
    ONLY_COLLECTIONS,
    is_collection,
    store_maker,
    stored_collection,
    variable_source,
)
from vatdata_lint.finding import Edit, Finding, Fix, Step
from vatdata_lint.rules import ModuleRule

COLLECTION_NAMES = frozenset(
    [
        *("list", "dict", "set", "tuple", "frozenset", "List", "Dict", "Set", "Tuple", "FrozenSet"),
        *("Sequence", "Mapping", "MutableSequence", "MutableMapping", "MutableSet"),
    ]
)
COLLECTION_PATTERNS = frozenset(
    ["array", "array_of", "record", "record_of", "set", "set_of", "split_array", "split_record", "map_of"]
)
DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.Tuple, ast.ListComp, ast.DictComp, ast.SetComp)


class LostMutation(ModuleRule):
    """A change in place of a value that was read from state or from a store.

    ## Why is this bad?
    Data in state is immutable: a list that goes in is kept as a tuple, a dict as a record, and reading gives that.
    `this.state.items.append(x)` therefore raises; and even a copy that is changed in place never gets back into
    the state, because only an assignment to the field is seen and saved.

    ## What to do
    Build the new value and assign it: `this.state.items = (*this.state.items, x)`. For many or large items use a
    store (`make_scalar_big_set_store(..., durable=True)`), which saves each item by itself.

    ## Known limits
    Only fields that are known to hold plain data are judged (by their first value, annotation, default or pattern),
    because a store or another object in a field may well have a method `add` or `remove`. So it is with what a store
    gives: it is data when a collection is written into that store, or when only a list or dict has the method
    (`append`, `setdefault`) and no kind of the module has one of that name. Changes inside functions nested in a
    method are not seen.
    """

    CODE = "VD203"
    NAME = "lost-mutation"
    CATEGORY = "BEHAVIOR"
    SUMMARY = "A value read from state or a store is changed in place"
    VALID = {
        "a new value is assigned": """
            from vatdata_runtime import prepare_exo_class

            def init_log():
                return {"items": (), "seen": {}}

            class Log:
                def add(this, item):
                    this.state.items = (*this.state.items, item)
                    this.state.items += (item,)
                    this.state.seen = {**this.state.seen, item: True}

                def sort(this):
                    items = list(this.state.items)
                    items.sort()
                    this.state.items = items

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Log", None, init_log, Log)
        """,
        "the field holds a store or another object": """
            from vatdata_runtime import make_scalar_big_set_store, prepare_exo_class

            def init_group(registry):
                return {"members": make_scalar_big_set_store("members", durable=True), "registry": registry}

            class Group:
                def join(this, member):
                    this.state.members.add(member)
                    this.state.registry.update(member)

                def dissolve(this):
                    this.state.members.clear()

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Group", None, init_group, Group)
        """,
        "state of something that is no exo": """
            class Widget:
                def push(this, item):
                    this.state.items.append(item)
        """,
        "a store's own methods": """
            from vatdata_runtime import Far, provide_durable_set_store

            def build_root_object(vat_powers, vat_parameters, baggage):
                names = provide_durable_set_store(baggage, "names")
                cache = {}
                def remember(name):
                    names.add(name)
                    cache.setdefault(name, []).append(name)
                return Far("Names", {"remember": remember})
        """,
    }
    INVALID = {
        "append to a field": """
            from vatdata_runtime import prepare_exo_class

            def init_log():
                return {"items": [], "counts": {}}

            class Log:
                def add(this, item):
                    this.state.items.append(item)  # finding
                    this.state.counts[item] = 1  # finding

                def forget(this):
                    items = this.state.items
                    items.clear()  # finding
                    del this.state.counts["a"]  # finding

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Log", None, init_log, Log)
        """,
        "a field of a declarative class": """
            from vatdata_runtime import Exo

            class Log(Exo):
                items: list[str]

                def add(self, item: str) -> None:
                    self.items.append(item)  # finding
        """,
        "a value taken from a store": """
            from vatdata_runtime import Far, provide_durable_map_store

            def build_root_object(vat_powers, vat_parameters, baggage):
                lists = provide_durable_map_store(baggage, "lists")

                def start(name):
                    lists.init(name, [])

                def add(name, item):
                    lists.get(name).append(item)  # finding
                    found = lists.get(name)
                    found.append(item)  # finding
                    found[0] = item  # finding
                    lists.get(name)[1] += 1  # finding
                    mine = list(lists.get(name))
                    mine[0] = item

                return Far("Lists", {"start": start, "add": add})
        """,
    }

    def check(self, module: ModuleView) -> Iterator[Finding]:
        """Yield a finding for each such change."""
        seen: set[ast.AST] = set()
        for behavior in kinds_in(module):
            fields = state_fields(behavior).fields
            for method in state_users(behavior):
                for node in own_nodes(method.node) if method.node is not None else ():
                    if node in seen:
                        continue
                    for change in changes(method.module, node):
                        found = _lost_field(behavior, method, fields, change)
                        if found is not None:
                            seen.add(node)
                            yield self._report(method.module, behavior, node, change, *found)
                            break
        if uses_runtime(module):
            yield from self._in_stores(module, seen)

    def _in_stores(self, module: ModuleView, seen: set[ast.AST]) -> Iterator[Finding]:
        for node in module.nodes:
            for change in changes(module, node) if node not in seen else ():
                found = stored_collection(module, change.target, change.verb)
                if found is None or not isinstance(node, ast.expr | ast.stmt):
                    continue
                store, read = found
                chain = (Step(module.location(read), f"the value is read from {store!r} here"),)
                yield self.finding(
                    module.location(node),
                    f"{change.words} changes a value from the store {store!r} in place, and the store does not see it",
                    help=f"build the new value and write it back: {store}.set(key, new_value)",
                    chain=chain if read is not change.target else (),
                )

    def _report(
        self,
        module: ModuleView,
        behavior: Behavior,
        node: ast.AST,
        change: Change,
        name: str,
        origin: ast.expr,
    ) -> Finding:
        source = ast.unparse(origin)
        chain = (Step(module.location(origin), f"the value is read from {source} here"),)
        place = node if isinstance(node, ast.expr | ast.stmt) else change.target
        return self.finding(
            module.location(place),
            f"{change.words} changes the value of field {name!r} in place, and the state does not see it",
            help=f"build the new value and assign it: {source} = ...",
            chain=chain if origin is not change.target else (),
            kind_name=behavior.kind_name,
            fixes=_append_fix(module, node, change, origin),
        )


def _lost_field(
    behavior: Behavior, method: Method, fields: Mapping[str, Field], change: Change
) -> tuple[str, ast.expr] | None:
    """Return field and reading expression, when what is changed is the value of a field, or an item of it."""
    name, origin, is_item = _field_behind(behavior, method, change.target)
    if name is None:
        return None
    known = fields.get(name)
    if is_item:
        return (name, origin) if _is_item_data(behavior, known, change.verb) else None
    assigned = change.verb is None and change.is_direct
    return (name, origin) if assigned or _is_data(known) else None


def _field_behind(
    behavior: Behavior, method: Method, target: ast.expr, *, depth: int = 8
) -> tuple[str | None, ast.expr, bool]:
    """Return the field whose value an expression is, where it is read, and whether it is but an item of the value.

    Follows variables, loops, items, choices and helpers: ``this.state.table["a"]["b"]`` is an item of ``table``.
    """

    def behind(value: ast.expr, *, is_item: bool = False) -> tuple[str | None, ast.expr, bool]:
        name, origin, inner = _field_behind(behavior, method, value, depth=depth - 1)
        return name, origin, inner or is_item

    name = field_name(behavior, method, target)
    if name is not None or method.node is None or depth == 0:
        return name, target, False
    match target:
        case ast.NamedExpr(value=inner):
            return behind(inner)
        case ast.Subscript(value=inner):
            return behind(inner, is_item=True)
        case ast.Call(func=ast.Attribute(value=inner, attr="get" | "setdefault" | "values" | "items")):
            return behind(inner, is_item=True)
        case ast.BoolOp(values=ways):
            return next((found for found in map(behind, ways) if found[0] is not None), (None, target, False))
        case ast.IfExp(body=first, orelse=second):
            found = behind(first)
            return found if found[0] is not None else behind(second)
        case ast.Call():
            for helper, value in _helper_results(method, target):
                found = _field_behind(behavior, helper, value, depth=depth - 1)
                if found[0] is not None:
                    return found[0], target, found[2]
        case ast.Name():
            source = variable_source(method.module, target)
            if source is not None:
                loop = method.module.parents.get(source)
                iterates = isinstance(loop, ast.For | ast.AsyncFor) and loop.iter is source
                return behind(source, is_item=iterates)
        case _:
            pass
    return None, target, False


def _helper_results(method: Method, call: ast.Call) -> Iterator[tuple[Method, ast.expr]]:
    """Yield what a function returns that a call gives context or state to."""
    for helper in helpers_given(method, call):
        for _, value in returned(helper.node) if helper.node is not None else ():
            if value is not None:
                yield helper, value


def _is_item_data(behavior: Behavior, known: Field | None, verb: str | None) -> bool:
    """Say whether an item of a field is plain data too; it may as well be an object with methods of its own."""
    if known is None or not (_is_data(known) or _is_store(known)):
        return False
    inner = known.annotation.slice if isinstance(known.annotation, ast.Subscript) else None
    if inner is not None and any(
        isinstance(node, ast.Name) and node.id in COLLECTION_NAMES for node in ast.walk(inner)
    ):
        return True
    if verb is None or "." in verb:
        return True
    methods = {name for table in behavior.tables for name in table.methods}
    return verb in ONLY_COLLECTIONS and verb not in methods


def _is_store(known: Field) -> bool:
    """Say whether a field is known to hold a store."""
    return any(store_maker(known.module, value) is not None for value in known.values)


def _is_data(known: Field | None) -> bool:
    """Say whether a field is known to hold a plain collection."""
    if known is None:
        return False
    if known.annotation is not None:
        names = {node.id for node in ast.walk(known.annotation) if isinstance(node, ast.Name)}
        return bool(names & COLLECTION_NAMES)
    pattern = known.pattern
    if isinstance(pattern, ast.Call) and isinstance(pattern.func, ast.Attribute):
        if pattern.func.attr in COLLECTION_PATTERNS:
            return True
    return any(
        is_collection(known.module, value)
        or (isinstance(value, ast.Name) and _default_is_collection(known.module, value))
        for value in known.values
    )


def _default_is_collection(module: ModuleView, name: ast.Name) -> bool:
    """Say whether a parameter of the enclosing ``init`` has a collection as default or annotation."""
    function = module.enclosing(name, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    if not isinstance(function, ast.FunctionDef | ast.Lambda):
        return False
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [*[None] * (len(positional) - len(arguments.defaults)), *arguments.defaults]
    pairs = [
        *zip(positional, defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    for argument, default in pairs:
        if argument.arg == name.id:
            named = argument.annotation
            root = named.value if isinstance(named, ast.Subscript) else named
            annotated = isinstance(root, ast.Name) and root.id in COLLECTION_NAMES
            return annotated or isinstance(default, DISPLAYS)
    return False


def _append_fix(module: ModuleView, node: ast.AST, change: Change, origin: ast.expr) -> tuple[Fix, ...]:
    """Offer ``x = (*x, item)`` for ``x.append(item)`` that stands alone."""
    target = change.target
    if (
        change.verb != "append"
        or not change.is_direct
        or target is not origin
        or not isinstance(node, ast.Call)
    ):
        return ()
    if len(node.args) != 1 or node.keywords or not isinstance(module.parents.get(node), ast.Expr):
        return ()
    where = module.location(node)
    field_text, item = ast.unparse(target), ast.unparse(node.args[0])
    text = f"{field_text} = (*{field_text}, {item})"
    edit = Edit(module.path, (where.line, where.column), (where.end_line, where.end_column), text)
    return (Fix("Assign a new value", (edit,), safe=False, kind="rewrite"),)
