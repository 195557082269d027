"""The kind manifest of a store: which durable kinds its vats hold, as ``docs/manifest.md`` describes it."""

from __future__ import annotations

from typing import Any

from .reading import KindInfo, StoreReader, VatReader

__all__ = ["FORMAT", "VERSION", "kind_manifest"]

FORMAT = "vatdata-kind-manifest"
VERSION = 1

Json = dict[str, Any]


def kind_manifest(reader: StoreReader, vat: str | None = None) -> Json:
    """Describe the durable kinds of every vat of a store, or of one.

    Raises:
        NoSuchVatError: the store has no vat of this name.

    Cost: one read for each kind, and one count.
    """
    vats = reader.vats.values() if vat is None else (reader.vat(vat),)
    return {"format": FORMAT, "version": VERSION, "vats": [_vat_form(vat) for vat in vats]}


def _vat_form(vat: VatReader) -> Json:
    kinds = [_kind_form(kind) for kind in vat.durable.kinds() if kind.is_described]
    return {"name": vat.name, "source": vat.source, "incarnation": vat.incarnation, "kinds": kinds}


def _kind_form(kind: KindInfo) -> Json:
    if not kind.is_defined:
        # Only its handle was ever made: nothing is known of it but its name.
        return {"name": kind.tag, "form": "unknown", "version": None, "facets": None, "fields": None}
    shape = kind.shape or {}
    return {
        "name": kind.tag,
        "form": "single" if kind.facets is None else "kit",
        "version": kind.version,
        "facets": [
            {"name": name, "methods": list(methods)}
            for name, methods in zip(kind.facets or (None,), kind.methods, strict=True)
        ],
        "fields": [{"name": name, "pattern": shape.get(name)} for name in kind.fields],
    }
