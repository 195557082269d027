"""The pages: what a store holds, as HTML, each from one snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from ..inspect.listings import LISTINGS, Listing, Scope, page_of
from ..inspect.one_object import answer_form, describe_object, entries_page, find_collection
from ..inspect.schema import describe_store
from ..reading import CollectionInfo, Reference, StoreReader, VatReader, why_alive
from ..reading.edges import Edges, Node
from .graph import Neighbour, draw
from .markup import Markup, element, join
from .parts import NEIGHBOURS, cut, field_text, figure, reference, size_text, summary, table, value, with_vat

__all__ = ["Pages", "live_figures"]

_PAGE_ROWS = 50
_VALUES = frozenset(
    {"arguments", "cancel token", "fields", "facets", "message", "result", "state", "value", "watcher"}
)
"""Columns of the listings that hold values and names of the program, set in its type."""

Json = dict[str, Any]


class Pages:
    """Makes the pages of one store.

    Args:
        base: what every address of this server begins with, ``/TOKEN``.
    """

    def __init__(self, base: str) -> None:
        self._base = base

    def link(self, *path: str, **query: str | None) -> str:
        """Return the address of a page."""
        given = {key: value for key, value in query.items() if value is not None}
        text = "/".join((self._base, *(quote(part, safe="") for part in path)))
        return f"{text}?{urlencode(given)}" if given else text

    def _object_link(self, ref: str) -> str:
        return self.link("object", ref)

    # --- pages

    def overview(self, reader: StoreReader) -> Markup:
        """The first page: figures, and every vat with its kinds."""
        store = describe_store(reader)
        figures = element(
            "ul",
            *(figure(name, text) for name, text in live_figures(reader).items()),
            class_="figures",
            data_live=self.link("live.json"),
        )
        vats = [self._vat_section(name, form) for name, form in store["vats"].items()]
        terminated = [
            element("li", element("strong", name), f": {reason}" if reason else "")
            for name, reason in store["terminated"].items()
        ]
        return self._page(
            reader,
            "Overview",
            element("h1", "Overview"),
            element(
                "p",
                "The last commit, read without running any code or writing anything. ",
                element("span", data_state=True, role="status"),
                class_="lead",
            ),
            figures,
            *vats,
            element("h2", "Terminated vats") if terminated else None,
            element("ul", *terminated) if terminated else None,
            element("script", src=self.link("live.js"), defer=True),
            here="",
        )

    def _vat_section(self, name: str, vat: Json) -> Markup:
        rows = [
            (
                element("a", tag, href=self.link("list", "objects", vat=name, kind=str(kind["number"]))),
                kind["zone"],
                kind["form"],
                f"{kind['instances']:,}",
                "" if kind["mean_record_bytes"] is None else f"{kind['mean_record_bytes']:,.0f}",
                str(kind["version"]),
                ", ".join(field_text(field) for field in kind["fields"]),
            )
            for tag, kind in vat["kinds"].items()
        ]
        facts = [
            f"incarnation {vat['incarnation']}" if vat["incarnation"] is not None else "never started",
            f"{vat['instances']:,} objects",
            f"{vat['collections']:,} collections",
            f"{vat['exports']:,} known to other vats",
        ]
        if vat["being_deleted"]:
            facts.append(f"{vat['being_deleted']:,} being deleted")
        return join(
            (
                element("h2", "Vat ", element("span", name)),
                element(
                    "p",
                    ", ".join(facts),
                    ". ",
                    element("a", "baggage", href=self.link("baggage", name)),
                    ", ",
                    element("a", "collections", href=self.link("list", "collections", vat=name)),
                    ". Code: " if vat["source"] else ". The store does not know its code.",
                    element("code", vat["source"]) if vat["source"] else None,
                    class_="lead",
                ),
                table(
                    ("kind", "zone", "form", "#objects", "#bytes each", "#version", "fields"),
                    rows,
                    "This vat has defined no kinds.",
                ),
            )
        )

    def listing(self, reader: StoreReader, name: str, query: Mapping[str, str]) -> Markup:
        """A page of one of the listings."""
        found = next((listing for listing in LISTINGS if listing.name == name), None)
        if found is None:
            raise LookupError(f"there is no list {name!r}")
        vat, kind = query.get("vat"), query.get("kind")
        vats = tuple(reader.vats.values()) if vat is None else (reader.vat(vat),)
        scope = Scope(reader, vats, kind, query.get("after"), 100)
        rows, following = page_of(found, scope, _PAGE_ROWS)
        headings = tuple(("#" if column.is_number else "") + column.heading for column in found.columns)
        cells = [self._cells(found, row.cells, row.form) for row in rows]
        of = [f"of vat {vat}"] if vat is not None else []
        if kind is not None:
            of.append(f"of kind {kind}")
        return self._page(
            reader,
            name.capitalize(),
            element("h1", " ".join((name.capitalize(), *of))),
            element("p", found.help.removeprefix("List ").capitalize(), class_="lead"),
            table(headings, cells, "There are none."),
            self._next_page(
                following, lambda after: self.link("list", name, vat=vat, kind=kind, after=after)
            ),
            here=name,
        )

    def _cells(self, listing: Listing, cells: Sequence[str], form: Json) -> tuple[object, ...]:
        """Make references links: the form says which they are."""
        linked: list[object] = []
        for column, text in zip(listing.columns, cells, strict=True):
            ref = form.get("ref") if column.heading == "ref" else None
            if column.heading in ("target", "handler"):
                ref = text
            if column.heading == "kind" and listing.name == "kinds":
                href = self.link("list", "objects", vat=form["vat"], kind=str(form["number"]))
                linked.append(element("a", text, href=href))
            elif ref is not None:
                linked.append(self._reference(with_vat(ref, form.get("vat"))))
            elif column.heading in _VALUES:
                linked.append(element("span", text, class_="value-text"))
            else:
                linked.append(text)
        return tuple(linked)

    def one_object(self, reader: StoreReader, ref: str, query: Mapping[str, str]) -> Markup:
        """One object: its state or first entries, what it mentions, and who mentions it if that is asked for."""
        reference = reader.parse(ref)
        looks = query.get("referrers") == "yes"
        form = describe_object(
            reader, reference, referrers=NEIGHBOURS + 1 if looks else 0, entries=NEIGHBOURS
        )
        vat = reader.require(reference)
        title = form.get("kind") if form["sort"] == "instance" else form.get("label") or form.get("tag")
        written = reader.write(reference)
        return self._page(
            reader,
            f"{title} {written}",
            element("h1", f"{title} ", element("span", written, class_="ref quiet")),
            element("p", summary(form), class_="lead"),
            self._content(vat, form),
            element("h2", "Neighbours"),
            self._neighbours(reader, reference, form),
            self._referrers(written, form, looks=looks),
            here="objects" if form["sort"] == "instance" else "collections",
        )

    def _content(self, vat: VatReader, form: Json) -> Markup:
        if form["sort"] == "instance":
            patterns = {field["name"]: field["pattern"] for field in form["fields"]}
            rows = [
                (
                    element("strong", name),
                    value(content, vat.name, self._object_link),
                    patterns.get(name) or "",
                )
                for name, content in form["state"].items()
            ]
            return table(("field", "value", "pattern"), rows, "It has no fields.")
        if form["sort"] == "collection":
            shapes = [f"{what}: {form[what]}" for what in ("key_shape", "value_shape") if form[what]]
            entries = self._entries(vat.name, form["entries"])
            all_of_it = element(
                "a", "all entries", href=self.link("entries", with_vat(form["ref"], vat.name))
            )
            note = element(
                "p", *shapes, " " if shapes else "", all_of_it if form["next"] else None, class_="quiet"
            )
            return join((entries, note))
        return table(("", ""), [(key, str(value)) for key, value in form["kind"].items()], "")

    def _entries(self, vat: str, entries: Iterable[Json]) -> Markup:
        rows = [
            (
                value(entry["key"], vat, self._object_link),
                *((value(entry["value"], vat, self._object_link),) if "value" in entry else ()),
            )
            for entry in entries
        ]
        headings = ("key", "value") if rows and len(rows[0]) == 2 else ("key",)
        return table(headings, rows, "It is empty.")

    def _neighbours(self, reader: StoreReader, reference: Reference, form: Json) -> Markup:
        edges = Edges(reader)
        out = list(islice(dict.fromkeys(edges.out(Node(reference.vat, reference.base))), NEIGHBOURS + 1))
        right = [self._neighbour(reader, Reference(node.vat, node.base)) for node in out]  # type: ignore[arg-type]
        left = [
            Neighbour(mention["holder"], mention["kind"] or mention["sort"], mention["weak"])
            if mention["holder"]
            else Neighbour(None, f"{mention['sort']} {mention['detail']}", mention["weak"])
            for mention in form.get("referrers", ())
        ]
        here = self._neighbour(reader, reference)
        drawing = draw(here, cut(left), cut(right), self._object_link)
        if not left and not right:
            return element("p", "It mentions no stored object.", class_="none")
        return element("div", drawing, class_="scroll")

    def _neighbour(self, reader: StoreReader, reference: Reference) -> Neighbour:
        vat = reader.vat_numbered(reference.vat)
        kind = None if vat is None else vat.tag_at(reference)
        return Neighbour(reader.write(reference), kind or "object")

    def _referrers(self, ref: str, form: Json, *, looks: bool) -> Markup:
        why = element("a", "why is it alive?", href=self.link("why", ref))
        if not looks:
            look = element("a", "look for who mentions it", href=self.link("object", ref, referrers="yes"))
            return element("p", look, " (reads the whole store), ", why, class_="quiet")
        rows = [
            (
                self._reference(mention["holder"]) if mention["holder"] else "",
                mention["kind"] or "",
                mention["sort"],
                mention["detail"],
                "weak" if mention["weak"] else "",
            )
            for mention in form["referrers"][:NEIGHBOURS]
        ]
        more = len(form["referrers"]) > NEIGHBOURS
        return join(
            (
                element("h2", "Who mentions it"),
                table(("object", "kind", "place", "part", ""), rows, "No stored place does."),
                element("p", "and more. " if more else "", why, class_="quiet"),
            )
        )

    def entries(self, reader: StoreReader, ref: str, query: Mapping[str, str]) -> Markup:
        """A page of a collection's entries."""
        vat, collection = find_collection(reader, tuple(reader.vats.values()), ref)
        return self._entries_page(
            reader, vat, collection, query, lambda after: self.link("entries", ref, after=after)
        )

    def baggage(self, reader: StoreReader, name: str, query: Mapping[str, str]) -> Markup:
        """A page of a vat's baggage."""
        vat = reader.vat(name)
        collection = vat.baggage
        if collection is None:
            raise LookupError(f"vat {name!r} has never started")
        return self._entries_page(
            reader, vat, collection, query, lambda after: self.link("baggage", name, after=after)
        )

    def _entries_page(
        self,
        reader: StoreReader,
        vat: VatReader,
        collection: CollectionInfo,
        query: Mapping[str, str],
        next_link: Callable[[str], str],
    ) -> Markup:
        items, following = entries_page(reader, vat, collection, _PAGE_ROWS, query.get("after"))
        return self._page(
            reader,
            collection.label,
            element("h1", f"{collection.label} ", element("span", f"of vat {vat.name}", class_="quiet")),
            element(
                "p",
                f"{collection.store_type.name} with {collection.size:,} entries, in order of keys.",
                class_="lead",
            ),
            self._entries(vat.name, items),
            self._next_page(following, next_link),
            here="collections",
        )

    def why(self, reader: StoreReader, ref: str) -> Markup:
        """Why an object is alive: the shortest way to it from what is kept."""
        reference = reader.parse(ref)
        reader.require(reference)
        form = answer_form(reader, reference, why_alive(reader, reference))
        rows = [
            (str(number), self._reference(step["ref"]), step["kind"] or "", step["through"] or "")
            for number, step in enumerate(form["steps"], start=1)
        ]
        return self._page(
            reader,
            f"Why {form['ref']} is alive",
            element("h1", "Why is ", element("span", form["ref"], class_="ref"), " alive?"),
            element(
                "p",
                f"It is {form['text']}." if form["root"] and form["certain"] else f"{form['text']}.",
                class_="notice",
            ),
            table(("#step", "object", "kind", "mentioned in"), rows, "Nothing leads to it.")
            if rows
            else None,
            here="objects",
        )

    def error(self, reader: StoreReader | None, title: str, text: str) -> Markup:
        """What could not be shown, and why."""
        return self._page(
            reader,
            title,
            element("h1", title),
            element("p", text, class_="notice error", role="alert"),
            here=None,
        )

    # --- parts

    def _reference(self, ref: str) -> Markup:
        return reference(ref, self._object_link)

    def _next_page(self, following: str | None, link: Callable[[str], str]) -> Markup | None:
        if following is None:
            return None
        return element("p", element("a", "next page", href=link(following), rel="next"), class_="pages")

    def _page(self, reader: StoreReader | None, title: str, *content: object, here: str | None) -> Markup:
        sections = ("", *(listing.name for listing in LISTINGS))
        nav = element(
            "nav",
            *(
                element(
                    "a",
                    name.capitalize() or "Overview",
                    href=self.link("list", name) if name else self.link(""),
                    aria_current="page" if name == here else None,
                )
                for name in sections
            ),
            aria_label="sections",
        )
        search = element(
            "form",
            element(
                "input", name="ref", placeholder="o+d16/2", aria_label="reference", size="16", required=True
            ),
            element("button", "show"),
            action=self.link("find"),
            class_="search",
        )
        store = "" if reader is None else reader.path
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        footer = None
        if reader is not None:
            footer = element(
                "footer",
                f"commit {reader.measures.transaction:,}, read {now}; made by vatdata {reader.format.created_by}",
            )
        return join(
            (
                Markup("<!doctype html>"),
                element(
                    "html",
                    element(
                        "head",
                        element("meta", charset="utf-8"),
                        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
                        element("meta", name="referrer", content="no-referrer"),
                        element("title", f"{title} - vatdata"),
                        element("link", rel="stylesheet", href=self.link("style.css")),
                    ),
                    element(
                        "body",
                        element("a", "to the content", href="#content", class_="skip"),
                        element(
                            "header",
                            element(
                                "div",
                                element("a", "vatdata", href=self.link(""), class_="name"),
                                element("span", store, class_="store"),
                                search,
                                class_="inner",
                            ),
                            nav,
                        ),
                        element("main", *content, id="content"),
                        footer,
                    ),
                    lang="en",
                ),
            )
        )


def live_figures(reader: StoreReader) -> dict[str, str]:
    """Return the figures that the overview keeps fresh, as text by name."""
    measures = reader.measures
    return {
        "commits": f"{measures.transaction:,}",
        "objects": f"{sum(kind.instances for vat in reader.vats.values() for kind in vat.kinds()):,}",
        "entries in the store": f"{measures.entries:,}",
        "messages waiting": f"{sum(1 for _ in reader.messages()):,}",
        "promises": f"{sum(1 for _ in reader.promises()):,}",
        "timers": f"{sum(1 for _ in reader.timers()):,}",
        "size of the file": size_text(measures.file_size_bytes),
        "in use": size_text(measures.used_pages * measures.page_size_bytes),
    }
