"""The kind of a value."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from vatdata_runtime.passable.classes import class_of
from vatdata_runtime.passable.freeze import freeze
from vatdata_runtime.passable.immutable import CopyData
from vatdata_runtime.passable.promises import is_promise
from vatdata_runtime.passable.remotable import Remotable

__all__ = ["PASS_STYLES", "pass_style_of"]

_STYLES: Final[dict[type, str]] = {
    type(None): "none",
    bool: "bool",
    int: "int",
    float: "float",
    str: "str",
    bytes: "bytes",
    tuple: "tuple",
    datetime: "datetime",
    date: "date",
    time: "time",
    timedelta: "timedelta",
    Decimal: "decimal",
    UUID: "uuid",
}

PASS_STYLES: Final = frozenset(
    {
        *_STYLES.values(),
        "record",
        "remotable",
        "error",
        "promise",
        "tagged",
        "copy_set",
        "copy_bag",
        "copy_map",
        "enum",
    }
)
"""Every answer of ``pass_style_of``."""


def pass_style_of(x: Any) -> str:
    """Return the kind of *x*, one of ``PASS_STYLES``; for a list, dict, set or subclass, what it enters as.

    Raises:
        NotPassableError: *x* or a part of it is outside the data model.

    Cost: that of ``freeze``.
    """
    return style_of_frozen(freeze(x))


def style_of_frozen(x: Any) -> str:
    """Return the kind of a frozen value; see ``pass_style_of``."""
    style = _STYLES.get(class_of(x))
    if style is not None:
        return style
    if isinstance(x, CopyData):
        return x.pass_style
    if isinstance(x, Remotable):
        return "remotable"
    if isinstance(x, Enum):
        return "enum"
    return "promise" if is_promise(x) else "error"
