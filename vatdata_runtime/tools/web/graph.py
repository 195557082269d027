"""The objects around one object, as a drawing: who mentions it on the left, what it mentions on the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .markup import Markup, element

__all__ = ["Neighbour", "draw"]

_WIDTH, _HEIGHT, _GAP = 260, 42, 14
_COLUMN = 380


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One object of a drawing.

    Attributes:
        ref: how it is written; None for what is no object.
        kind: its kind, or what it is.
        is_weak: whether the mention does not keep what it mentions.
    """

    ref: str | None
    kind: str
    is_weak: bool = False


def draw(
    here: Neighbour, left: Sequence[Neighbour], right: Sequence[Neighbour], link: Callable[[str], str]
) -> Markup:
    """Draw an object between its neighbours.

    Args:
        here: the object.
        left: those that mention it.
        right: those that it mentions.
        link: returns the address of an object's page.
    """
    rows = max(len(left), len(right), 1)
    height = rows * (_HEIGHT + _GAP) + _GAP
    middle = height / 2
    columns = (left, (here,), right) if left else ((here,), right)
    offset = 1 if left else 0
    shapes: list[Markup] = []
    for column, neighbours in enumerate(columns):
        x = _GAP + column * _COLUMN
        top = middle - (len(neighbours) * (_HEIGHT + _GAP) - _GAP) / 2
        for row, neighbour in enumerate(neighbours):
            y = top + row * (_HEIGHT + _GAP)
            if column != offset:
                shapes.append(_arrow(x, y + _HEIGHT / 2, middle, offset, column, is_weak=neighbour.is_weak))
            shapes.append(_box(neighbour, x, y, link, is_here=column == offset))
    width = len(columns) * _COLUMN - (_COLUMN - _WIDTH) + 2 * _GAP
    head = element(
        "defs",
        element(
            "marker",
            element("path", d="M0 0 L8 4 L0 8", fill="none", stroke="currentColor"),
            id="head",
            viewBox="0 0 9 8",
            refX="8",
            refY="4",
            markerWidth="9",
            markerHeight="8",
            orient="auto",
        ),
    )
    return element(
        "svg",
        head,
        *shapes,
        class_="graph",
        viewBox=f"0 0 {width} {height:g}",
        role="img",
        aria_label="the object and its neighbours",
        style=None,
    )


def _arrow(x: float, y: float, middle: float, offset: int, column: int, *, is_weak: bool) -> Markup:
    here = _GAP + offset * _COLUMN
    if column < offset:
        start, end, from_y, to_y = x + _WIDTH, float(here), y, middle
    else:
        start, end, from_y, to_y = float(here + _WIDTH), x, middle, y
    bend = (start + end) / 2
    path = f"M{start:g} {from_y:g} C{bend:g} {from_y:g} {bend:g} {to_y:g} {end - 2:g} {to_y:g}"
    return element("path", d=path, class_="weak" if is_weak else None, marker_end="url(#head)")


def _box(neighbour: Neighbour, x: float, y: float, link: Callable[[str], str], *, is_here: bool) -> Markup:
    shape = element(
        "g",
        element("rect", x=f"{x:g}", y=f"{y:g}", width=_WIDTH, height=_HEIGHT, rx=6),
        element("text", _short(neighbour.ref or neighbour.kind), x=f"{x + 12:g}", y=f"{y + 18:g}"),
        element("text", _short(neighbour.kind), x=f"{x + 12:g}", y=f"{y + 34:g}", class_="kind")
        if neighbour.ref
        else None,
        element("title", f"{neighbour.ref or ''} {neighbour.kind}".strip()),
        class_="here" if is_here else None,
    )
    if is_here or neighbour.ref is None:
        return shape
    return element("a", shape, href=link(neighbour.ref))


def _short(text: str, limit: int = 31) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
