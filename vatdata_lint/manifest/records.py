"""The kind manifest: which kinds a vat's store or a vat's code has, as versioned JSON (``docs/manifest.md``).

One schema serves ``vatdata manifest`` (what a store holds), ``kinds.lock`` (what the code defines, committed) and
``--manifest``. The schema file ``kind-manifest.schema.json`` lies beside this module.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

__all__ = [
    "FORMAT",
    "LOCK_FILE",
    "VERSION",
    "FacetRecord",
    "FieldRecord",
    "Form",
    "KindRecord",
    "Manifest",
    "ManifestError",
    "VatRecord",
]

FORMAT = "vatdata-kind-manifest"
VERSION = 1
LOCK_FILE = "kinds.lock"

Form = Literal["single", "kit", "unknown"]


class ManifestError(Exception):
    """A kind manifest cannot be used; the text says which, where and what to do."""


@dataclass(frozen=True, slots=True)
class FieldRecord:
    """One state field. ``pattern`` is its source text, None when nothing restricts or nothing is known of it."""

    name: str
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class FacetRecord:
    """One facet; ``name`` is None for the only face of a single. ``methods`` is None when not known."""

    name: str | None
    methods: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class KindRecord:
    """One kind.

    Attributes:
        name: The kind name that it is prepared under.
        form: ``"single"`` or ``"kit"``; ``"unknown"`` where source does not tell.
        version: Of its state; None where source does not tell.
        facets: In facet order; None where source does not tell.
        fields: In order; None where source does not tell.
    """

    name: str
    form: Form = "unknown"
    version: int | None = None
    facets: tuple[FacetRecord, ...] | None = None
    fields: tuple[FieldRecord, ...] | None = None


@dataclass(frozen=True, slots=True)
class VatRecord:
    """The kinds of one vat or entry point.

    Attributes:
        name: The vat's name in its store, or the entry's qualified name in a lock.
        source: As given to the kernel or ``module:function``; None when not known.
        kinds: By name.
        retired: Names that may be gone.
        renamed: Old name to new name.
    """

    name: str
    source: str | None = None
    kinds: tuple[KindRecord, ...] = ()
    retired: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """A whole manifest and where it came from, for messages."""

    origin: str
    vats: tuple[VatRecord, ...]

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read a manifest file.

        Raises:
            ManifestError: It is missing, unreadable, or not a manifest that this release knows.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise ManifestError(f"{path}: cannot be read: {error.strerror or error}") from None
        except UnicodeDecodeError:
            raise ManifestError(f"{path}: is not UTF-8") from None
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, origin: str) -> Manifest:
        """Read a manifest from its text.

        Raises:
            ManifestError: The text is not a manifest that this release knows.
        """
        try:
            content: object = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ManifestError(f"{origin}: is not JSON: {error}") from None
        if not isinstance(content, dict) or cast("dict[str, Any]", content).get("format") != FORMAT:
            raise ManifestError(f"{origin}: is not a kind manifest ('format' must be {FORMAT!r})")
        document = cast("dict[str, Any]", content)
        if document.get("version") != VERSION:
            found = document.get("version")
            raise ManifestError(f"{origin}: has version {found!r}, this release reads {VERSION}")
        try:
            vats = tuple(_vat(item) for item in document["vats"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            detail = f"missing {error}" if isinstance(error, KeyError) else str(error)
            raise ManifestError(f"{origin}: does not follow the schema: {detail}") from None
        return cls(origin, vats)

    def to_text(self) -> str:
        """Return the file's text: sorted, one kind's facts on few lines, so that diffs are small."""
        document = {
            "format": FORMAT,
            "version": VERSION,
            "vats": [_vat_json(vat) for vat in _by_name(self.vats)],
        }
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _by_name(vats: Iterable[VatRecord]) -> list[VatRecord]:
    return sorted(vats, key=lambda vat: vat.name)


def _vat(data: Mapping[str, Any]) -> VatRecord:
    return VatRecord(
        name=_text(data["name"]),
        source=None if data.get("source") is None else _text(data["source"]),
        kinds=tuple(_kind(item) for item in data["kinds"]),
        retired=tuple(_text(item) for item in data.get("retired", ())),
        renamed=tuple((_text(old), _text(new)) for old, new in data.get("renamed", {}).items()),
    )


def _kind(data: Mapping[str, Any]) -> KindRecord:
    form = data["form"]
    if form not in ("single", "kit", "unknown"):
        raise ValueError(f"a kind's form is 'single', 'kit' or 'unknown', not {form!r}")
    version = data.get("version")
    if version is not None and (not isinstance(version, int) or isinstance(version, bool)):
        raise ValueError(f"a kind's version is a number, not {version!r}")
    facets, fields = data.get("facets"), data.get("fields")
    return KindRecord(
        name=_text(data["name"]),
        form=form,
        version=version,
        facets=None if facets is None else tuple(_facet(item) for item in facets),
        fields=None if fields is None else tuple(_field(item) for item in fields),
    )


def _facet(data: Mapping[str, Any]) -> FacetRecord:
    methods = data.get("methods")
    return FacetRecord(
        None if data.get("name") is None else _text(data["name"]),
        None if methods is None else tuple(_text(item) for item in methods),
    )


def _field(data: Mapping[str, Any]) -> FieldRecord:
    pattern = data.get("pattern")
    return FieldRecord(_text(data["name"]), None if pattern is None else _text(pattern))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected a string, found {value!r}")
    return value


def _vat_json(vat: VatRecord) -> dict[str, Any]:
    record: dict[str, Any] = {"name": vat.name, "source": vat.source}
    record["kinds"] = [_kind_json(kind) for kind in sorted(vat.kinds, key=lambda kind: kind.name)]
    if vat.retired:
        record["retired"] = sorted(vat.retired)
    if vat.renamed:
        record["renamed"] = dict(sorted(vat.renamed))
    return record


def _kind_json(kind: KindRecord) -> dict[str, Any]:
    facets, fields = kind.facets, kind.fields
    return {
        "name": kind.name,
        "form": kind.form,
        "version": kind.version,
        "facets": None
        if facets is None
        else [
            {"name": facet.name, "methods": None if facet.methods is None else list(facet.methods)}
            for facet in facets
        ],
        "fields": None
        if fields is None
        else [{"name": item.name, "pattern": item.pattern} for item in fields],
    }
