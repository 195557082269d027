"""Kind manifests: their records, what the code defines, and how the two compare."""

from __future__ import annotations

from vatdata_lint.manifest.compare import manifest_findings
from vatdata_lint.manifest.records import (
    LOCK_FILE,
    FacetRecord,
    FieldRecord,
    KindRecord,
    Manifest,
    ManifestError,
    VatRecord,
)

__all__ = [
    "LOCK_FILE",
    "FacetRecord",
    "FieldRecord",
    "KindRecord",
    "Manifest",
    "ManifestError",
    "VatRecord",
    "manifest_findings",
]
