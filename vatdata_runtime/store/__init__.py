"""The storage floor: byte keys and byte values in one LMDB file, changed by whole cranks.

Nothing above this floor imports LMDB, and nothing here knows of vats.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

# What only administration needs is imported when it is first asked for: every start of a program would pay for it.
_LATE = {
    "restore_backup": ".backup",
    "verify_file": ".verification",
    "verify_store": ".verification",
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATE[name], __name__), name)
