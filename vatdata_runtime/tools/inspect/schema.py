"""What ``inspect --json`` prints; ``docs/inspect-schema.md`` describes it."""

from __future__ import annotations

from typing import Any

from ..reading import CollectionInfo, KindInfo, StoreReader, VatReader

__all__ = ["FORMAT", "VERSION", "collection_form", "describe_store", "kind_form", "stamped"]

FORMAT = "vatdata-inspect"
VERSION = 1

_SAMPLE = 100

Json = dict[str, Any]


def stamped(reader: StoreReader, what: str, content: Json) -> Json:
    """Put what identifies the schema before the content."""
    return {"format": FORMAT, "version": VERSION, "what": what, "store": reader.path, **content}


def describe_store(reader: StoreReader) -> Json:
    """Describe a store: its file, and every vat with its kinds and counts.

    Cost: 0.1 us for each instance, since keys are counted; a sample of records for the sizes.
    """
    vats: Json = {vat.name: describe_vat(vat) for vat in reader.vats.values()}
    content: Json = {
        "file": {
            "format": reader.format.version,
            "created_by": reader.format.created_by,
            "created_at": reader.format.created_at,
            "size_bytes": reader.measures.file_size_bytes,
            "used_bytes": reader.measures.used_pages * reader.measures.page_size_bytes,
            "entries": reader.measures.entries,
            "commits": reader.measures.transaction,
        },
        "vats": vats,
        "terminated": reader.terminated,
        "queue": sum(1 for _ in reader.messages()),
        "promises": sum(1 for _ in reader.promises()),
        "timers": sum(1 for _ in reader.timers()),
        "devices": sorted(reader.devices()),
    }
    return stamped(reader, "store", content)


def describe_vat(vat: VatReader) -> Json:
    """Describe one vat: its life, its kinds by tag, and how much else there is of it."""
    kinds = list(vat.kinds())
    tags = [kind.tag for kind in kinds]
    return {
        "number": vat.number,
        "incarnation": None if vat.record is None else vat.incarnation,
        "source": vat.source,
        "kinds": {
            # Two kinds of one tag are possible; then the number tells them apart.
            kind.tag if tags.count(kind.tag) == 1 else f"{kind.tag}#{kind.number}": {
                **kind_form(kind),
                "mean_record_bytes": _mean_bytes(vat, kind),
            }
            for kind in kinds
        },
        "instances": sum(kind.instances for kind in kinds),
        "collections": vat.durable.count_collections() + vat.virtual.count_collections(),
        "unmentioned": vat.durable.count_unmentioned() + vat.virtual.count_unmentioned(),
        "being_deleted": vat.durable.count_doomed() + vat.virtual.count_doomed(),
        "exports": sum(1 for _ in vat.exports()),
        "watches": sum(1 for _ in vat.watches()),
        "ended_incarnations_to_delete": [] if vat.record is None else list(vat.record.to_wipe),
    }


def kind_form(kind: KindInfo) -> Json:
    """Describe a kind."""
    return {
        "number": kind.number,
        "zone": "durable" if kind.zone == b"d" else "virtual",
        "form": "single" if kind.facets is None else "kit",
        "version": kind.version,
        "defined": kind.is_defined,
        "instances": kind.instances,
        "facets": [
            {"name": name, "methods": list(methods)}
            for name, methods in zip(kind.facets or (None,), kind.methods, strict=False)
        ],
        "fields": [
            {"name": name, "pattern": None if kind.shape is None else kind.shape.get(name)}
            for name in kind.fields
        ],
        "layouts": [
            {"version": layout.version, "fields": list(layout.fields), "checked": layout.is_checked}
            for layout in kind.layouts
        ],
    }


def collection_form(vat: VatReader, collection: CollectionInfo) -> Json:
    """Describe a collection."""
    base = vat.space(collection.zone).base_of_collection(collection)
    from ..reading import write_slot

    return {
        "ref": write_slot(base),
        "label": collection.label,
        "type": collection.store_type.name,
        "zone": "durable" if collection.zone == b"d" else "virtual",
        "size": collection.size,
        "key_shape": collection.key_shape,
        "value_shape": collection.value_shape,
        "role": collection.role,
    }


def _mean_bytes(vat: VatReader, kind: KindInfo) -> float | None:
    """Estimate the size of a record from the first ones; None where there are none."""
    seen, size = vat.space(kind.zone).record_bytes(kind.number, limit=_SAMPLE)
    return round(size / seen, 1) if seen else None
