"""Parts of the pages: tables, values, figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, cast

from .graph import Neighbour
from .markup import Markup, element

__all__ = [
    "NEIGHBOURS",
    "Link",
    "cut",
    "field_text",
    "figure",
    "reference",
    "size_text",
    "summary",
    "table",
    "value",
    "with_vat",
]

NEIGHBOURS: Final = 12
"""Objects that a drawing has room for on each side."""

_VALUE_LIMIT = 1600

Json = dict[str, Any]
Link = Callable[[str], str]
"""Returns the address of an object's page."""


def reference(ref: str, link: Link) -> Markup:
    """A reference, as a link to its object if the store has data of it: not of heap objects, promises and devices."""
    if "o+d" not in ref and "o+v" not in ref:
        return element("span", ref, class_="ref")
    return element("a", ref, href=link(ref), class_="ref")


def value(form: Any, vat: str, link: Link) -> Markup:
    """Write a value, as ``JsonForm`` has written it, with its references as links; a long one folded."""
    parts = list(_value_parts(form, vat, link))
    text = element("span", *parts, class_="value-text")
    plain = sum(len(str(part)) for part in parts)
    if plain <= _VALUE_LIMIT:
        return text
    return element("details", element("summary", f"{plain:,} characters"), text)


def _value_parts(form: Any, vat: str, link: Link) -> Iterable[object]:
    if isinstance(form, dict):
        named = cast("Json", form)
        if "#ref" in named:
            yield reference(with_vat(named["#ref"], vat), link)
            return
        special = next((name for name in named if name.startswith("#")), None)
        if special is not None and special != "#record":
            yield element("span", special[1:], class_="tag")
            yield " "
            yield from _value_parts(named[special], vat, link)
            return
        fields: Json = named.get("#record", named)
        yield "{"
        for number, (name, part) in enumerate(fields.items()):
            yield f"{', ' if number else ''}{name}: "
            yield from _value_parts(part, vat, link)
        yield "}"
    elif isinstance(form, list):
        yield "["
        for number, part in enumerate(cast("Sequence[Any]", form)):
            yield ", " if number else ""
            yield from _value_parts(part, vat, link)
        yield "]"
    elif isinstance(form, str):
        yield repr(form)
    else:
        yield str(form)


def figure(name: str, text: str) -> Markup:
    """A figure of the overview."""
    return element(
        "li",
        element("span", text, class_="value"),
        element("span", name, class_="label"),
        data_figure=name,
    )


def field_text(field: Json) -> str:
    """A field of a kind, with its pattern if it has one."""
    return field["name"] if field["pattern"] is None else f"{field['name']}: {field['pattern']}"


def summary(form: Json) -> str:
    """What an object is, in one sentence."""
    parts: list[str] = []
    if form["sort"] == "instance":
        parts.append(
            f"Instance of vat {form['vat']}, {form['size_bytes']:,} bytes, state of version {form['version']}"
        )
        if form["facets"]:
            parts.append(f"facets {', '.join(form['facets'])}")
    elif form["sort"] == "collection":
        parts.append(f"{form['type']} of vat {form['vat']} with {form['size']:,} entries, {form['zone']}")
    else:
        parts.append("Handle of a kind")
    parts.append(
        f"mentioned in {form['mentions']:,} places of its vat and by {form['mentions_by_other_vats']:,} names elsewhere"
    )
    if form["being_deleted"]:
        parts.append("being deleted")
    return "; ".join(parts) + "."


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], if_empty: str) -> Markup:
    """A table; headings that begin with # are of numbers."""
    if not rows:
        return element("p", if_empty, class_="none")
    numbers = [heading.startswith("#") for heading in headings]
    head = element(
        "tr",
        *(
            element("th", heading.removeprefix("#"), scope="col", class_="number" if is_number else None)
            for heading, is_number in zip(headings, numbers, strict=True)
        ),
    )
    body = (
        element(
            "tr",
            *(
                element("td", cell, class_="number" if is_number else None)
                for cell, is_number in zip(row, numbers, strict=True)
            ),
        )
        for row in rows
    )
    return element("div", element("table", element("thead", head), element("tbody", *body)), class_="scroll")


def cut(neighbours: list[Neighbour]) -> list[Neighbour]:
    """Leave out what a drawing has no room for."""
    if len(neighbours) <= NEIGHBOURS:
        return neighbours
    return [*neighbours[:NEIGHBOURS], Neighbour(None, "… and more")]


def with_vat(ref: str, vat: str | None) -> str:
    """Name the vat in a reference that leaves it out."""
    return f"{vat}:{ref}" if vat is not None and ref.startswith(("o+", "p+")) else ref


def size_text(size: int) -> str:
    """A number of bytes, as people say it."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            return f"{size:,.0f} {unit}" if unit == "B" else f"{size:,.1f} {unit}"
        size /= 1024  # type: ignore[assignment]  # shown, not counted
    return ""
