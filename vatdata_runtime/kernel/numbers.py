"""Numbers that are never given twice, in any life of the store."""

from __future__ import annotations

from ..errors import StoreCorruptError
from ..vat.crank_buffer import CrankBuffer
from ..vat.identifiers import decode_number, encode_number

__all__ = ["Numbers"]

_KEY = b"\x01c"
_BLOCK = 4096


class Numbers:
    """Gives the numbers of messages and promises.

    What is stored is the end of the block in use, so most numbers cost no write. An ended process leaves a gap.
    """

    def __init__(self, buffer: CrankBuffer, path: str) -> None:
        stored = buffer.get(_KEY)
        try:
            self._next = 1 if stored is None else decode_number(stored, 0)[0]
        except ValueError as error:
            raise StoreCorruptError(path, f"the kernel's counter cannot be read: {error}") from error
        self._end = self._next
        self._buffer = buffer

    def take(self) -> int:
        """Return a number larger than all that were ever returned. May note the end of a new block in the buffer."""
        number = self._next
        if number >= self._end:
            self._end = number + _BLOCK
            self._buffer.put(_KEY, encode_number(self._end))
        self._next = number + 1
        return number
