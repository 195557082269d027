"""One object: its state or entries, and who refers to it."""

from __future__ import annotations

from itertools import islice
from typing import Any

from ..reading import (
    Answer,
    CollectionInfo,
    InstanceInfo,
    KindInfo,
    Mention,
    Reference,
    StoreReader,
    VatReader,
    mentions_of,
)
from .listings import json_form, object_form
from .schema import collection_form, kind_form

__all__ = ["answer_form", "describe_object", "entries_page", "find_collection", "mention_form"]

Json = dict[str, Any]


def describe_object(
    reader: StoreReader,
    reference: Reference,
    *,
    referrers: int | None,
    entries: int = 20,
    progress: Any = None,
) -> Json:
    """Describe one object: state, facets, counts and, as far as asked for, who refers to it.

    Args:
        reader: the store.
        reference: the object or a facet of it.
        referrers: how many referrers to look for; 0 for none, None for all. Looking reads the whole store.
        entries: how many entries of a collection.
        progress: called while referrers are looked for.

    Raises:
        NoSuchObjectError: it is not there.
    """
    vat = reader.require(reference)
    found = vat.find(reference.base)
    if isinstance(found, InstanceInfo):
        form: Json = {"sort": "instance", **object_form(reader, vat, found)}
        form["facets"] = None if found.kind.facets is None else list(found.kind.facets)
        form["fields"] = kind_form(found.kind)["fields"]
    elif isinstance(found, CollectionInfo):
        items, following = entries_page(reader, vat, found, entries, None)
        form = {"sort": "collection", "vat": vat.name, **collection_form(vat, found)}
        form.update(entries=items, next=following)
    else:
        assert isinstance(found, KindInfo)  # reader.require has found something
        form = {"sort": "kind handle", "vat": vat.name, "ref": reference.vref}
        form.update(tag=found.tag, kind=kind_form(found))
    space = vat.space(reference.slot[:1])
    form["mentions"] = vat.count_of(reference.base)
    form["mentions_by_other_vats"] = sum(
        export.mentions for export in vat.exports() if export.reference.base == reference.base
    )
    form["being_deleted"] = space.is_doomed(reference.base)
    if referrers != 0:
        walk = mentions_of(reader, reference, progress=progress)
        form["referrers"] = [mention_form(reader, mention) for mention in islice(walk, referrers)]
    return form


def mention_form(reader: StoreReader, mention: Mention) -> Json:
    """Describe a place that mentions an object."""
    holder, kind = mention.holder, None
    if holder is not None:
        vat = reader.vat_numbered(holder.vat)
        kind = None if vat is None else vat.tag_at(holder)
    return {
        "holder": None if holder is None else reader.write(holder),
        "kind": kind,
        "sort": mention.sort,
        "detail": mention.detail,
        "weak": mention.is_weak,
    }


def answer_form(reader: StoreReader, reference: Reference, answer: Answer) -> Json:
    """Describe why an object is alive."""
    steps: list[Json] = []
    for step in answer.steps:
        vat = reader.vat_numbered(step.reference.vat)
        kind = None if vat is None else vat.tag_at(step.reference)
        steps.append({"ref": reader.write(step.reference), "kind": kind, "through": step.through or None})
    return {
        "ref": reader.write(reference),
        "root": answer.root,
        "certain": answer.is_certain,
        "text": answer.text,
        "steps": steps,
    }


def find_collection(
    reader: StoreReader, vats: tuple[VatReader, ...], name: str
) -> tuple[VatReader, CollectionInfo]:
    """Find a collection by its reference, or by its label where only one has it.

    Raises:
        NoSuchObjectError: there is none, or there are several of this label.
    """
    from ..reading import NoSuchObjectError

    named = [(vat, found) for vat in vats for found in vat.collections() if found.label == name]
    if len(named) == 1:
        return named[0]
    if named:
        refs = ", ".join(f"{vat.name}:{collection_form(vat, found)['ref']}" for vat, found in named)
        raise NoSuchObjectError(name, f"several collections have this label: {refs}")
    reference = reader.parse(name, vats[0].name if len(vats) == 1 else None)
    vat = reader.require(reference)
    found = vat.find(reference.base)
    if not isinstance(found, CollectionInfo):
        raise NoSuchObjectError(name, "is no collection")
    return vat, found


def entries_page(
    reader: StoreReader, vat: VatReader, collection: CollectionInfo, limit: int, after: str | None
) -> tuple[list[Json], str | None]:
    """Return a page of a collection's entries for machines, and the cursor of the next one."""
    page = vat.space(collection.zone).page(collection, limit, after)
    write = json_form(reader, vat).write
    items: list[Json] = []
    for entry in page.items:
        form: Json = {"key": write(entry.key)}
        if collection.store_type.is_map:
            form["value"] = write(entry.value)
        items.append(form)
    return items, page.next
