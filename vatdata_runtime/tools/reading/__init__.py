"""A store as people ask about it: vats, kinds, objects, collections and who mentions whom, from one snapshot.

Nothing here writes, and none of a vat's code runs: references come out as stand-ins. Everything that can be long is an
iterator over the store, so memory stays constant; what a call costs is said with it.
"""

from __future__ import annotations

from .json_form import JsonForm
from .mentions import mentions_in, mentions_of
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
    TimerInfo,
    WatchInfo,
)
from .names import NoSuchObjectError, NoSuchVatError, Reference, read_slot, write_slot
from .store_reader import StoreReader, open_reader
from .text_form import value_text
from .vat_reader import VatReader
from .why_alive import Answer, Step, why_alive

__all__ = [
    "Answer",
    "CollectionInfo",
    "EntryInfo",
    "ExportInfo",
    "InstanceInfo",
    "JsonForm",
    "KindInfo",
    "LayoutInfo",
    "Mention",
    "MessageInfo",
    "NoSuchObjectError",
    "NoSuchVatError",
    "Page",
    "PromiseInfo",
    "Reference",
    "Step",
    "StoreReader",
    "TimerInfo",
    "VatReader",
    "WatchInfo",
    "mentions_in",
    "mentions_of",
    "open_reader",
    "read_slot",
    "value_text",
    "why_alive",
    "write_slot",
]
