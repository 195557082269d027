"""A store as people ask about it: vats, kinds, objects, collections and who mentions whom, from one snapshot.

Nothing here writes, and none of a vat's code runs: references come out as stand-ins. Everything that can be long is an
iterator over the store, so memory stays constant; what a call costs is said with it.
"""

from __future__ import annotations

from .model import (
    CollectionInfo,
    EntryInfo,
    ExportInfo,
    InstanceInfo,
    KindInfo,
    LayoutInfo,
    Mention,
    MessageInfo,
    Page,
    PromiseInfo,
    WatchInfo,
)
from .names import NoSuchObjectError, NoSuchVatError, Reference
from .store_reader import StoreReader, open_reader
from .vat_reader import VatReader

__all__ = [
    "CollectionInfo",
    "EntryInfo",
    "ExportInfo",
    "InstanceInfo",
    "KindInfo",
    "LayoutInfo",
    "Mention",
    "MessageInfo",
    "NoSuchObjectError",
    "NoSuchVatError",
    "Page",
    "PromiseInfo",
    "Reference",
    "StoreReader",
    "VatReader",
    "WatchInfo",
    "open_reader",
]
