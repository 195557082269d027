"""The vats of a store: names to numbers."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import StoreCorruptError
from ..vat.crank_buffer import CrankBuffer, ReadView
from ..vat.identifiers import decode_number, encode_number
from .names import is_title

__all__ = ["VatTable"]

_NAMES = b"\x01v"
_NEXT = b"\x01n"


class VatTable:
    """Reads and assigns vat numbers. A number is never used again."""

    def __init__(self, view: ReadView | CrankBuffer, path: str = "") -> None:
        self._view = view
        self._path = path

    def claim(self, name: str) -> tuple[int, Mapping[bytes, bytes | None]]:
        """Return the number of the vat *name* and, if it is new, the writes that make it known.

        Raises:
            TypeError: *name* is no text, or longer than 200 bytes.
        """
        if not is_title(name):
            raise TypeError(f"a vat's name is a text of 1 to 200 bytes, not {name!r}")
        key = _NAMES + name.encode()
        known = self._view.get(key)
        if known is not None:
            return self._number(known), {}
        last = self._view.get(_NEXT)
        number = 1 if last is None else self._number(last)
        return number, {key: encode_number(number), _NEXT: encode_number(number + 1)}

    @staticmethod
    def release(name: str) -> bytes:
        """Return the key whose deletion makes *name* free for another vat, with another number."""
        return _NAMES + name.encode()

    def names(self) -> dict[str, int]:
        """Return every vat's number by name, in order of names."""
        return {
            self._name(key): self._number(data) for key, data in self._view.scan(_NAMES, _NAMES + b"\xff")
        }

    def _name(self, key: bytes) -> str:
        try:
            return key[len(_NAMES) :].decode()
        except UnicodeDecodeError as error:
            raise StoreCorruptError(self._path, f"the table of vats cannot be read: {error}") from error

    def _number(self, data: bytes) -> int:
        try:
            number, _ = decode_number(data, 0)
        except ValueError as error:
            raise StoreCorruptError(self._path, f"the table of vats cannot be read: {error}") from error
        return number
