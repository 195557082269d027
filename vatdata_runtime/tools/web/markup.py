"""HTML as text that is escaped unless it is markup: what a store holds can never become part of the page's code."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

__all__ = ["Markup", "element", "join"]


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, /, *content: object, **attributes: object) -> Markup:
    """Make an element.

    Args:
        name: of the element.
        content: text, which is escaped, markup, and what is written as text; None is left out.
        attributes: a trailing underscore of a name is dropped, others become hyphens; None and False leave one out,
            True writes it without a value.
    """
    written = "".join(
        f" {_name(key)}" if value is True else f' {_name(key)}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(content)}</{name}>")


def join(parts: Iterable[object]) -> Markup:
    """Put parts one behind another."""
    return Markup(
        "".join(part if isinstance(part, Markup) else escape(str(part)) for part in parts if part is not None)
    )


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


_VOID = frozenset({"input", "link", "meta"})
