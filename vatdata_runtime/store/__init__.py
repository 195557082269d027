"""The storage floor: byte keys and byte values in one LMDB file, changed by whole cranks.

Nothing above this floor imports LMDB, and nothing here knows of vats.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..late import late_names
from .building import build_store
from .counters import Counters, Measures
from .format import FORMAT_VERSION, FormatRecord
from .opening import open_store
from .protocol import Durability, OnStep, Progress, ReadView, SnapshotProtocol, StoreProtocol
from .snapshot import Snapshot
from .store import Store

if TYPE_CHECKING:
    from .backup import restore_backup
    from .verification import verify_file, verify_store
else:
    # What only administration needs.
    __getattr__ = late_names(
        __name__, {".backup": ("restore_backup",), ".verification": ("verify_file", "verify_store")}
    )

__all__ = [
    "build_store",
    "open_store",
    "Store",
    "Snapshot",
    "Counters",
    "Measures",
    "restore_backup",
    "verify_file",
    "verify_store",
    "FORMAT_VERSION",
    "FormatRecord",
    "Durability",
    "OnStep",
    "Progress",
    "ReadView",
    "SnapshotProtocol",
    "StoreProtocol",
]
