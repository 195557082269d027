"""Equality of keys as equality of bytes inside one process, where remotables have serial numbers."""

from __future__ import annotations

from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from vatdata_runtime.passable.immutable import CopyData
from vatdata_runtime.passable.key_encoding import encode_key
from vatdata_runtime.passable.remotable import Remotable

__all__ = ["hash_key", "key_index", "serial_of"]

_serials: WeakKeyDictionary[Remotable, int] = WeakKeyDictionary()
_next_serial = count().__next__


def serial_of(remotable: Remotable) -> int:
    """Return the number of *remotable* in this process: 0 for the first that was asked for, and so on.

    By order of asking and not by address, so that the order of sets of remotables is the same in every run
    that does the same.
    """
    serial = _serials.get(remotable)
    if serial is None:
        serial = _serials[remotable] = _next_serial()
    return serial


def key_index(key: Any) -> bytes:
    """Return bytes that are equal exactly when frozen keys are, and sort as keys do, in this process only.

    Raises:
        NotAKeyError: *key* or a part of it is no key.
    """
    return encode_key(key, serial_of)


def hash_key(key: CopyData) -> int:
    """Hash a container that is a key; raise ``NotAKeyError``, which is a ``TypeError``, where it is none."""
    try:
        return key._key_hash
    except AttributeError:
        value = hash(key_index(key))
        object.__setattr__(key, "_key_hash", value)
        return value
