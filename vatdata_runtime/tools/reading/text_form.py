"""Stored values as one line for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...passable import CopyBag, CopyMap, CopySet, Record, Tagged
from ...patterns.text import pattern_text
from ...vat.stand_ins import StandIn

__all__ = ["value_text"]


def value_text(value: Any, write_slot: Callable[[bytes], str], limit: int | None = None) -> str:
    """Write a frozen value as Python would, references by *write_slot*, cut to *limit* characters."""
    text = _text(value, write_slot)
    return text if limit is None or len(text) <= limit else f"{text[: limit - 1]}…"


def _text(value: Any, write_slot: Callable[[bytes], str]) -> str:
    def part(item: Any) -> str:
        return _text(item, write_slot)

    if isinstance(value, StandIn):
        return write_slot(value.slot)
    if isinstance(value, tuple):
        items = ", ".join(map(part, value))  # pyright: ignore[reportUnknownArgumentType]  # frozen data
        return f"({items},)" if len(value) == 1 else f"({items})"  # pyright: ignore[reportUnknownArgumentType]  # as above
    if isinstance(value, Record):
        return "{" + ", ".join(f"{name!r}: {part(item)}" for name, item in value.items()) + "}"
    if isinstance(value, CopySet):
        return "set(" + ", ".join(map(part, value)) + ")"
    if isinstance(value, CopyBag):
        return "bag(" + ", ".join(f"{count} x {part(item)}" for item, count in value.items()) + ")"
    if isinstance(value, CopyMap):
        return "map(" + ", ".join(f"{part(key)}: {part(item)}" for key, item in value.items()) + ")"
    if isinstance(value, Tagged):
        return pattern_text(value)
    return repr(value)
