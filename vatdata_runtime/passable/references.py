"""Finding what a value refers to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

from vatdata_runtime.errors import Step
from vatdata_runtime.passable.classes import class_of
from vatdata_runtime.passable.copybags import CopyBag
from vatdata_runtime.passable.copymaps import CopyMap
from vatdata_runtime.passable.copysets import CopySet
from vatdata_runtime.passable.promises import is_promise
from vatdata_runtime.passable.record import Record
from vatdata_runtime.passable.remotable import Remotable
from vatdata_runtime.passable.tagged import Tagged

__all__ = ["find_references", "has_references"]


def find_references(value: Any) -> Iterator[tuple[tuple[Step, ...], Any]]:
    """Iterate over the remotables and promises in a frozen *value*, each with its path, in order.

    The path is empty where *value* itself is one. Exceptions are clean of references. One mentioned twice
    comes twice.
    """
    if isinstance(value, Remotable) or is_promise(value):
        yield (), value
        return
    for step, part in _parts(value):
        for path, reference in find_references(part):
            yield (step, *path), reference


def has_references(value: Any) -> bool:
    """Say whether there is a remotable or promise in a frozen *value*."""
    return next(find_references(value), None) is not None


def _parts(value: Any) -> Iterable[tuple[Step, Any]]:
    kind = class_of(value)
    if kind is tuple:
        return enumerate(cast(Iterable[Any], value))
    if isinstance(value, Record):
        return value.items()
    if isinstance(value, CopySet | CopyBag):
        return ((f"key {number}", key) for number, key in enumerate(value))
    if isinstance(value, CopyMap):
        return _map_parts(value)
    if isinstance(value, Tagged):
        return (("payload", value.payload),)
    return ()


def _map_parts(entries: CopyMap) -> Iterator[tuple[Step, Any]]:
    for number, (key, value) in enumerate(entries.items()):
        yield f"key {number}", key
        yield f"value {number}", value
