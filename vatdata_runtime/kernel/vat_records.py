"""What the kernel keeps about a vat: how to start it again, or that it has been terminated."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import msgspec

from ..errors import StoreCorruptError
from ..vat.crank_buffer import CrankBuffer, ReadView
from ..vat.identifiers import IMPORT, Slot, Space, decode_number, encode_number
from ..vat.source import Source
from ..vat.watchers import shared_promise_of
from .holds import Holds
from .promises import SharedPromises
from .vat_table import VatTable

__all__ = ["VatRecords", "VatSetup", "numbers_with_data", "storable_source", "stored_setups"]

_SETUPS = b"\x01s"
_DELETED = b"\x01t"


class VatSetup(msgspec.Struct, array_like=True):
    """One vat, as the kernel starts it.

    Attributes:
        name: its name.
        source: text that finds its code again; None for a function that has no importable name.
        parameters: encoded with the names that vats share.
        terminated: why it was terminated; None while it was not.
    """

    name: str
    source: str | None
    parameters: bytes
    terminated: str | None = None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(VatSetup).decode


def stored_setups(view: ReadView | CrankBuffer, path: str) -> Iterator[tuple[int, VatSetup]]:
    """Read how a kernel starts its vats, in order of their numbers; terminated ones are among them.

    Raises:
        StoreCorruptError: a setup cannot be read.
    """
    try:
        for key, data in view.scan(_SETUPS, _SETUPS + b"\xff"):
            yield decode_number(key, len(_SETUPS))[0], _decode(data)
    except (ValueError, msgspec.DecodeError) as error:
        raise StoreCorruptError(path, f"a vat's setup cannot be read: {error}") from error


class VatRecords:
    """The setups of all vats that the store has ever held, by number.

    Args:
        buffer: where they are stored.
        path: the store's path, for messages.
        holds: told what the data of a deleted vat no longer mentions.
        promises: told which promises it no longer watches.
    """

    def __init__(self, buffer: CrankBuffer, path: str, holds: Holds, promises: SharedPromises) -> None:
        self._promises = promises
        self._buffer = buffer
        self._path = path
        self._holds = holds
        self._may_have_marked = True

    def put(self, number: int, setup: VatSetup) -> None:
        """Store a vat's setup."""
        self._buffer.put(_SETUPS + encode_number(number), _encode(setup))

    def mark_for_deletion(self, number: int) -> None:
        """Note that the data of a terminated vat is to be deleted; ``delete_some`` does it."""
        self._buffer.put(_DELETED + encode_number(number), b"")
        self._may_have_marked = True

    def delete_some(self, limit: int) -> bool:
        """Delete at most *limit* keys of marked vats. Returns whether there was anything to do."""
        if not self._may_have_marked:
            return False
        mark = next(self._buffer.scan(_DELETED, _DELETED + b"\xff"), None)
        if mark is None:
            self._may_have_marked = False
            return False
        number, _ = decode_number(mark[0], len(_DELETED))
        left = limit
        durable = Space.durable(number)
        foreign = durable.count + IMPORT
        for prefix in (durable.prefix, b"\x03" + encode_number(number)):
            for key, data in self._buffer.scan(prefix, prefix + b"\xff"):
                if left == 0:
                    return True
                self._buffer.delete(key)
                left -= 1
                if key.startswith(foreign):
                    self._holds.change_stored(Slot(key[len(durable.count) :]), -1)
                elif key.startswith(durable.watch) and (promise := shared_promise_of(data)):
                    self._promises.watch(promise, -1)
        self._buffer.delete(mark[0])
        return True

    def load(self) -> Iterator[tuple[int, VatSetup]]:
        """Read all, in order of their numbers."""
        return stored_setups(self._buffer, self._path)


def numbers_with_data(view: ReadView) -> list[int]:
    """Return the numbers of all vats that have data, terminated ones included whose data is still being deleted."""
    deleted = [decode_number(key, len(_DELETED))[0] for key, _ in view.scan(_DELETED, _DELETED + b"\xff")]
    return sorted([*VatTable(view).names().values(), *deleted])


def storable_source(source: Source) -> str | None:
    """Return the text by which a source is found again, also from another working folder; None if it cannot be."""
    if not callable(source):
        text = os.fspath(source)
        return os.path.abspath(text) if text.endswith(".py") or os.sep in text else text
    module_name, name = getattr(source, "__module__", ""), getattr(source, "__qualname__", "")
    if module_name != "__main__" and getattr(sys.modules.get(module_name), name, None) is source:
        return f"{module_name}:{name}"
    return None
