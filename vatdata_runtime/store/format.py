"""The format record: the first entry of every store, which says what the rest is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import msgspec
from msgspec import Struct

from vatdata_runtime.errors import StoreCorruptError, StoreFormatError

__all__ = [
    "FIRST_KEY",
    "FORMAT_KEY",
    "FORMAT_VERSION",
    "FormatRecord",
    "new_format_record",
    "parse_format_record",
]

FORMAT_VERSION = 1
"""Rises whenever an older version of the package would read the file wrongly; STORAGE.md lists what each one means."""

FORMAT_KEY = b"\x00format"
FIRST_KEY = b"\x01"
"""Keys below this one belong to the store itself: callers never see them and may not write them."""

_MAGIC = "vatdata store"


class FormatRecord(Struct, frozen=True):
    """What a store says of itself.

    ``created_at`` is an ISO 8601 instant in UTC, ``created_by`` the version of the package that made the file.
    """

    version: int
    created_by: str
    created_at: str

    def encode(self) -> bytes:
        """Return the record as JSON, readable in any dump of the file."""
        import json  # 1 ms, paid by who makes a store: it leaves spaces for who reads the record

        fields = {
            "magic": _MAGIC,
            "format": self.version,
            "created_by": self.created_by,
            "created_at": self.created_at,
        }
        return json.dumps(fields).encode()


def new_format_record() -> FormatRecord:
    """Make the record of a store that is created now."""
    from importlib.metadata import PackageNotFoundError, version  # 15 ms, paid by who makes a store only

    try:
        package_version = version("vatdata")
    except PackageNotFoundError:  # run from a source tree that was never installed
        package_version = "unknown"
    return FormatRecord(FORMAT_VERSION, package_version, datetime.now(UTC).isoformat(timespec="seconds"))


def parse_format_record(data: bytes, path: str) -> FormatRecord:
    """Read the record *data* of the store at *path*.

    Raises:
        StoreFormatError: a store of a format that this version does not read, or no vatdata store.
        StoreCorruptError: the record is ours and makes no sense.
    """
    try:
        fields: Any = msgspec.json.decode(data)
    except msgspec.MsgspecError:
        fields = None
    if not isinstance(fields, dict) or cast("dict[str, Any]", fields).get("magic") != _MAGIC:
        raise StoreFormatError(
            path, "is an LMDB file of another program, not a vatdata store. Choose another path"
        )
    record = cast("dict[str, Any]", fields)
    number, created_by, created_at = record.get("format"), record.get("created_by"), record.get("created_at")
    if (
        type(number) is not int
        or number < 1
        or not isinstance(created_by, str)
        or not isinstance(created_at, str)
    ):
        raise StoreCorruptError(path, f"its format record {data!r} makes no sense. Restore a backup")
    if number > FORMAT_VERSION:
        raise StoreFormatError(
            path,
            f"has format {number}, this version of vatdata reads formats up to {FORMAT_VERSION}. Install a newer "
            f"version; the store was created by vatdata {created_by}",
        )
    return FormatRecord(number, created_by, created_at)
