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
    "is_state",
    "state_fields",
    "state_methods",
]


WITHOUT_INIT = frozenset({"exo", "make_exo", "prepare_exo", "prepare_singleton"})
"""Definers of single objects, whose state has no fields."""
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
    """Return key to value of a dict display, ``dict(a=1)`` or ``a | b``, and whether these are all; None for others.

    With the *module* that holds the display, what it takes over by ``**NAME`` from an unchanged constant counts too.
    """
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        return _named_items(node, module)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [_taken_over(side, module) for side in (node.left, node.right)]
        return {**sides[0][0], **sides[1][0]}, sides[0][1] and sides[1][1]
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
    given = [(None, value) for value in call.args] + [(item.arg, item.value) for item in call.keywords]
    for name, value in given:
        if name is not None:
            items[name] = value
        else:
            inner = _taken_over(value, module)
            items |= inner[0]
            complete = complete and inner[1]
    return items, complete


def _taken_over(value: ast.expr, module: ModuleView | None) -> tuple[dict[str, ast.expr], bool]:
    """Return what ``**value`` adds to a display, and whether that is all: of another display or a module's constant."""
    if not isinstance(value, ast.Name):
        return display_items(value, module) or ({}, False)
    found = module.definition(value) if module is not None else None
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
    found = behavior.home("state_shape").definition(given)
    items = display_items(found.node) if found is not None else None
    return items if items is not None else ({}, False)


def _from_init(behavior: Behavior) -> StateFields:
    given = behavior.arguments.get("init")
    if behavior.definer in WITHOUT_INIT or (isinstance(given, ast.Constant) and given.value is None):
        return StateFields(is_complete=True)
    init = behavior.function("init")
    return _from_function(init.module, init.node) if init is not None else StateFields()


def _from_function(module: ModuleView, function: FunctionNode, *, depth: int = 4) -> StateFields:
    """Return the fields of the dict that a function returns, through the functions in sight that it calls for it."""
    fields: dict[str, Field] = {}
    complete = True
    found_any = False
    for _, value in returned(function):
        if value is None or (isinstance(value, ast.Constant) and value.value is None):
            continue  # on that way there is no instance
        found_any = True
        given = _returned_fields(module, function, value, depth)
        complete = complete and given is not None and given.is_complete
        for name, one in given.fields.items() if given is not None else ():
            known = fields.get(name)
            values = (*known.values, *one.values) if known is not None else one.values
            fields[name] = Field(name, one.module, values)
    return StateFields(fields, complete and found_any)


def _fields_of(module: ModuleView, value: ast.AST, depth: int) -> StateFields | None:
    """Return the fields of a display, of what joins displays, or of what a function in sight returns."""
    items = _taken_over(value, module) if isinstance(value, ast.Name) else display_items(value, module)
    if items is not None and items[1]:
        return StateFields(
            {name: Field(name, module, (given,)) for name, given in items[0].items()}, is_complete=True
        )
    parts = _parts(module, value)
    if parts is not None and depth:
        fields: dict[str, Field] = {}
        complete = True
        for name, part in parts:
            if name is not None:
                fields[name] = Field(name, module, (part,))
                continue
            inner = _fields_of(module, part, depth - 1)
            fields |= inner.fields if inner is not None else {}
            complete = complete and inner is not None and inner.is_complete
        return StateFields(fields, complete)
    if isinstance(value, ast.Call) and depth:
        made = module.called(value.func)
        if made is not None and isinstance(made.node, ast.FunctionDef) and not made.node.decorator_list:
            return _from_function(made.module, made.node, depth=depth - 1)
    if items is not None:
        return StateFields({name: Field(name, module, (given,)) for name, given in items[0].items()})
    return None


def _parts(module: ModuleView, value: ast.AST) -> list[tuple[str | None, ast.expr]] | None:
    """Split what joins dicts into named values and, without a name, what is taken over."""
    match value:
        case ast.Dict():
            parts: list[tuple[str | None, ast.expr]] = []
            for key, item in zip(value.keys, value.values, strict=True):
                match key:
                    case None:
                        parts.append((None, item))
                    case ast.Constant(value=str(name)):
                        parts.append((name, item))
                    case _:
                        return None
            return parts
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return [(None, left), (None, right)]
        case ast.Call(func=ast.Name(id="dict")) if module.resolved(value.func) == "dict":
            if any(isinstance(item, ast.Starred) for item in value.args):
                return None
            return [
                *((None, item) for item in value.args),
                *((item.arg, item.value) for item in value.keywords),
            ]
        case _:
            return None


def _returned_fields(
    module: ModuleView, function: FunctionNode, value: ast.expr | None, depth: int
) -> StateFields | None:
    if value is None:
        return None
    if not isinstance(value, ast.Name):
        return _fields_of(module, value, depth)
    bound = module.bindings(function).get(value.id, [])
    if len(bound) != 1 or bound[0] is None:
        return None
    first = _fields_of(module, bound[0], depth)
    if first is None:
        return None
    fields, complete = dict(first.fields), first.is_complete
    for node in own_nodes(function):  # what is done to the dict before it is returned
        if isinstance(node, ast.Name) and node.id == value.id and node is not value:
            parent = module.parents.get(node)
            statement = module.parents.get(parent) if parent is not None else None
            match parent, statement:
                case ast.Subscript(slice=ast.Constant(value=str(name))), ast.Assign(value=given):
                    fields[name] = Field(name, module, (given,))
                case ast.Subscript(ctx=ast.Load()), _:
                    pass
                case (ast.Return(), _) | (ast.Assign(), _) | (ast.AnnAssign(), _):
                    pass
                case _:
                    complete = False
    return StateFields(fields, complete)


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
    """Yield the functions that a kind is given and that have its state at hand.

    Private methods of a declarative class count, since they see the same ``self``.
    """
    for table in behavior.tables:
        for method in table.methods.values():
            if method.node is not None:
                yield method
    finish = behavior.function("finish")
    if finish is not None:
        yield Method("finish", finish.module, finish.node, finish.given_as)
    if behavior.class_node is not None and behavior.class_module is not None:
        facets = [item for item in behavior.class_node.body if isinstance(item, ast.ClassDef)]
        for holder in facets if behavior.is_kit else [behavior.class_node]:
            for statement in holder.body:
                if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                    if statement.name.startswith("_") and not statement.decorator_list:
                        yield Method(statement.name, behavior.class_module, statement, statement)


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
    if method.node is None or (context is not None and _rebinds(method, context)):
        return None
    owner = node.value
    if isinstance(owner, ast.Name) and owner.id == context:
        return node.attr if behavior.is_declarative and not behavior.is_kit else None
    return node.attr if is_state(method, owner) else None


def is_state(method: Method, node: ast.AST) -> bool:
    """Say whether an expression is the state: ``this.state``, a variable that holds it, a parameter that gets it."""
    if isinstance(node, ast.Name):
        if node.id == method.state:
            return method.node is None or len(method.module.bindings(method.node).get(node.id, [])) <= 1
        bound = method.module.sole_value(node)
        return bound is not None and isinstance(bound, ast.Attribute) and is_state(method, bound)
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "state"
        and isinstance(node.value, ast.Name)
        and node.value.id == method.context_name
    )


def _rebinds(method: Method, name: str) -> bool:
    return method.node is not None and len(method.module.bindings(method.node).get(name, [])) > 1
