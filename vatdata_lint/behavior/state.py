"""State of a kind: its fields as ``init``, shape or annotations declare them, and where methods touch it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from vatdata_lint.behavior.definitions import Behavior, exo_base
from vatdata_lint.behavior.functions import own_nodes, returned
from vatdata_lint.behavior.methods import Method
from vatdata_lint.behavior.module_view import Definition, FunctionNode, ModuleView

__all__ = [
    "Field",
    "StateFields",
    "assignments",
    "display_items",
    "field_name",
    "state_fields",
    "state_methods",
]


_READS = frozenset({"copy", "get", "items", "keys", "values"})
"""Methods of a dict that leave it as it is."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field, the expressions that give its first value, its pattern and its annotation, where in sight."""

    name: str
    module: ModuleView
    values: tuple[ast.expr, ...] = ()
    pattern: ast.expr | None = None
    annotation: ast.expr | None = None


@dataclass(frozen=True, slots=True)
class StateFields:
    """The fields of a kind by name, and whether these are all."""

    fields: Mapping[str, Field] = field(default_factory=dict[str, Field])
    is_complete: bool = False


def state_fields(behavior: Behavior) -> StateFields:
    """Return the declared fields of a kind.

    With a literal ``state_shape`` the shape decides. Without, ``init`` must return dict displays on all its ways for
    the result to be complete. A declarative class has the annotated names of itself and its bases.
    """
    if behavior.class_node is not None and behavior.class_module is not None:
        return _annotated(behavior.class_module, behavior.class_node)
    shape = _shape(behavior)
    from_init = _from_init(behavior)
    if shape is None:
        return from_init
    fields = {
        name: Field(
            name,
            behavior.module,
            from_init.fields[name].values if name in from_init.fields else (),
            pattern,
        )
        for name, pattern in shape[0].items()
    }
    extra = {name: value for name, value in from_init.fields.items() if name not in fields}
    return StateFields({**fields, **extra}, shape[1])


def display_items(node: ast.AST, module: ModuleView | None = None) -> tuple[dict[str, ast.expr], bool] | None:
    """Return key to value of a dict display or ``dict(a=1)``, and whether these are all; None for others.

    With the *module* that holds the display, what it takes over by ``**NAME`` from an unchanged constant counts too.
    """
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "dict"
        and not node.args
    ):
        return _named_items(node, module)
    if not isinstance(node, ast.Dict):
        return None
    items: dict[str, ast.expr] = {}
    complete = True
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            items[key.value] = value
        elif key is None:
            inner = _taken_over(value, module)
            items |= inner[0]
            complete = complete and inner[1]
        else:
            complete = False
    return items, complete


def _named_items(call: ast.Call, module: ModuleView | None) -> tuple[dict[str, ast.expr], bool]:
    items: dict[str, ast.expr] = {}
    complete = True
    for keyword in call.keywords:
        if keyword.arg is not None:
            items[keyword.arg] = keyword.value
        else:
            inner = _taken_over(keyword.value, module)
            items |= inner[0]
            complete = complete and inner[1]
    return items, complete


def _taken_over(value: ast.expr, module: ModuleView | None) -> tuple[dict[str, ast.expr], bool]:
    """Return what ``**value`` adds to a display, and whether that is all: of another display or a module's constant."""
    if isinstance(value, ast.Dict):
        return display_items(value, module) or ({}, False)
    found = module.definition(value) if module is not None and isinstance(value, ast.Name) else None
    if found is None or found.module is not module:
        return {}, False  # what is written elsewhere means something there
    if not isinstance(found.node, ast.Dict) or not _is_constant(found):
        return {}, False
    return display_items(found.node) or ({}, False)


def _is_constant(found: Definition) -> bool:
    """Say whether a display is what a module's name always holds: nothing there assigns to its items or calls it."""
    module = found.module
    assigned = module.parents.get(found.node)
    names = [target.id for target in getattr(assigned, "targets", ()) if isinstance(target, ast.Name)]
    if assigned is None or module.parents.get(assigned) is not module.tree or len(names) != 1:
        return False
    for node in module.nodes:
        if isinstance(node, ast.Name) and node.id == names[0] and isinstance(node.ctx, ast.Load):
            parent = module.parents.get(node)
            if isinstance(parent, ast.Attribute) and parent.attr not in _READS:
                return False
            if isinstance(parent, ast.Subscript) and not isinstance(parent.ctx, ast.Load):
                return False
    return True


def _shape(behavior: Behavior) -> tuple[dict[str, ast.expr], bool] | None:
    given = behavior.arguments.get("state_shape")
    if given is None or (isinstance(given, ast.Constant) and given.value is None):
        return None
    found = behavior.module.definition(given)
    items = display_items(found.node) if found is not None else None
    return items if items is not None else ({}, False)


def _from_init(behavior: Behavior) -> StateFields:
    init = behavior.function("init")
    if init is None:
        return StateFields()
    fields: dict[str, Field] = {}
    complete = True
    found_any = False
    for _, value in returned(init.node):
        found_any = True
        items = _returned_items(init.module, init.node, value)
        if items is None:
            complete = False
            continue
        complete = complete and items[1]
        for name, given in items[0].items():
            known = fields.get(name)
            fields[name] = Field(name, init.module, (*known.values, given) if known else (given,))
    return StateFields(fields, complete and found_any)


def _returned_items(
    module: ModuleView, function: FunctionNode, value: ast.expr | None
) -> tuple[dict[str, ast.expr], bool] | None:
    if value is None:
        return None
    direct = display_items(value, module)
    if direct is not None or not isinstance(value, ast.Name):
        return direct
    bound = module.bindings(function).get(value.id, [])
    if len(bound) != 1 or bound[0] is None:
        return None
    items = display_items(bound[0], module)
    if items is None:
        return None
    fields, complete = items
    for node in own_nodes(function):  # what is done to the dict before it is returned
        if isinstance(node, ast.Name) and node.id == value.id and node is not value:
            parent = module.parents.get(node)
            statement = module.parents.get(parent) if parent is not None else None
            match parent, statement:
                case ast.Subscript(slice=ast.Constant(value=str(name))), ast.Assign(value=given):
                    fields[name] = given
                case (ast.Return(), _) | (ast.Assign(), _) | (ast.AnnAssign(), _):
                    pass
                case _:
                    complete = False
    return fields, complete


def _annotated(module: ModuleView, node: ast.ClassDef, *, depth: int = 6) -> StateFields:
    fields: dict[str, Field] = {}
    complete = True
    for base in node.bases:
        found = module.definition(base)
        if found is not None and isinstance(found.node, ast.ClassDef) and found.node is not node and depth:
            inherited = _annotated(found.module, found.node, depth=depth - 1)
            fields |= inherited.fields
            complete = complete and inherited.is_complete
        elif exo_base(module, ast.ClassDef("_", [base], [], [], [])) is None:
            complete = False  # a mixin from outside may declare fields
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            name = statement.target.id
            if "ClassVar" not in ast.unparse(statement.annotation):
                values = (statement.value,) if statement.value is not None else ()
                fields[name] = Field(name, module, values, annotation=statement.annotation)
    return StateFields(fields, complete)


def state_methods(behavior: Behavior) -> Iterator[Method]:
    """Yield the functions of a kind that have its state at hand and stand in its own module.

    Private methods of a declarative class count, since they see the same ``self``.
    """
    for table in behavior.tables:
        for method in table.methods.values():
            if method.node is not None and method.module is behavior.module:
                yield method
    finish = behavior.function("finish")
    if finish is not None and finish.module is behavior.module:
        yield Method("finish", finish.module, finish.node, finish.given_as)
    if behavior.class_node is not None and behavior.class_module is behavior.module:
        for statement in behavior.class_node.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and statement.name.startswith(
                "_"
            ):
                if not statement.decorator_list:
                    yield Method(statement.name, behavior.module, statement, statement)


def assignments(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield target and value of each single assignment that a statement makes; ``a, b = 1, 2`` makes two."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _paired(target, value)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield target, value
        case ast.AugAssign(target=target, op=ast.BitOr() | ast.Add(), value=value):
            yield target, value
        case _:
            pass


def _paired(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if not isinstance(target, ast.Tuple | ast.List):
        yield target, value
    elif isinstance(value, ast.Tuple | ast.List) and len(target.elts) == len(value.elts):
        for left, right in zip(target.elts, value.elts, strict=True):
            yield from _paired(left, right)


def field_name(behavior: Behavior, method: Method, node: ast.AST) -> str | None:
    """Return the state field that an expression is: ``this.state.x``, ``state.x`` behind an alias, ``self.x``.

    ``self.x`` is a field only in a single declarative class, where fields are attributes.
    """
    if not isinstance(node, ast.Attribute):
        return None
    context = method.context_name
    if context is None or method.node is None or _rebinds(method, context):
        return None
    owner = node.value
    if isinstance(owner, ast.Name):
        if owner.id == context:
            return node.attr if behavior.is_declarative and not behavior.is_kit else None
        bound = method.module.bindings(method.node).get(owner.id, [])
        if len(bound) == 1 and bound[0] is not None and _is_state(bound[0], context):
            return node.attr
        return None
    return node.attr if _is_state(owner, context) else None


def _is_state(node: ast.AST, context: str) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "state"
        and isinstance(node.value, ast.Name)
        and node.value.id == context
    )


def _rebinds(method: Method, name: str) -> bool:
    return method.node is not None and len(method.module.bindings(method.node).get(name, [])) > 1
