"""What the code itself says of kinds that are gone: ``retire_kind`` and ``rename_kind`` with names that can be read."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vatdata_lint.behavior.definitions import runtime_name
from vatdata_lint.behavior.loader import ViewLoader
from vatdata_lint.behavior.module_view import ModuleView
from vatdata_lint.engine import Project
from vatdata_lint.index.importers import is_test

__all__ = ["Intents", "intents"]

_NAMES = {"retire_kind": ("name",), "rename_kind": ("old", "new")}
"""The calls, and what their arguments behind the baggage are called."""

_WORDS = tuple(name.encode() for name in _NAMES)


@dataclass(frozen=True, slots=True)
class Intents:
    """Names that the code retires, and old to new names that it renames, wherever it says so."""

    retired: frozenset[str]
    renamed: Mapping[str, str]


def intents(project: Project, loader: ViewLoader) -> Intents:
    """Find the calls in all files but tests, with names that are literals, constants, or rows of a table in a loop.

    Cost: a search for two words in the bytes of each file.
    """
    retired: set[str] = set()
    renamed: dict[str, str] = {}
    for path in project.files():
        module = loader.by_path(path) if not is_test(path) and loader.mentions(path, _WORDS) else None
        for node in module.nodes if module is not None else ():
            if isinstance(node, ast.Call) and module is not None:
                name = runtime_name(module, node.func)
                for row in _given(module, node, _NAMES[name]) if name in _NAMES else ():
                    if len(row) == 1:
                        retired.add(row[0])
                    else:
                        renamed[row[0]] = row[1]
    return Intents(frozenset(retired), renamed)


def _given(module: ModuleView, call: ast.Call, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the names that a call gives, one row for each round of the loop that they come from."""
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    arguments = [
        call.args[index] if index < len(call.args) else named.get(name)
        for index, name in enumerate(names, start=1)
    ]
    given = [item for item in arguments if item is not None]
    if len(given) < len(names):
        return
    texts = [_text(module, item) for item in given]
    known = tuple(text for text in texts if text is not None)
    if len(known) == len(texts):
        yield known
        return
    loop = module.enclosing(call, (ast.For,))
    if not isinstance(loop, ast.For):
        return
    targets = loop.target.elts if isinstance(loop.target, ast.Tuple | ast.List) else [loop.target]
    places = [
        next((place for place, target in enumerate(targets) if _is_name(target, item)), None)
        for item in given
    ]
    for row in _rows(module, loop.iter):
        found = [
            text if text is not None else row[place] if place is not None and place < len(row) else None
            for text, place in zip(texts, places, strict=True)
        ]
        whole = tuple(text for text in found if text is not None)
        if len(whole) == len(found):
            yield whole


def _is_name(target: ast.expr, item: ast.expr) -> bool:
    return isinstance(target, ast.Name) and isinstance(item, ast.Name) and target.id == item.id


def _text(module: ModuleView, node: ast.expr) -> str | None:
    found = module.definition(node)
    value = found.node if found is not None else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def _rows(module: ModuleView, node: ast.expr) -> Iterator[tuple[str | None, ...]]:
    """Yield what a loop over a table that is written in the code goes through."""
    is_items = (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "items"
    )
    table = module.definition(node.func.value if is_items else node)  # type: ignore[attr-defined]  # a method's
    if table is None:
        return
    if isinstance(table.node, ast.Dict):
        for key, value in zip(table.node.keys, table.node.values, strict=True):
            if key is not None:
                old = _text(table.module, key)
                yield (old, _text(table.module, value)) if is_items else (old,)
    elif isinstance(table.node, ast.Tuple | ast.List | ast.Set):
        for item in table.node.elts:
            parts = item.elts if isinstance(item, ast.Tuple | ast.List) else [item]
            yield tuple(_text(table.module, part) for part in parts)
