"""Numbers that are never given twice, in any life of the store, and texts that no copy of the store gives either."""

from __future__ import annotations

import os
from bisect import bisect_right

from ..errors import StoreCorruptError
from ..vat.crank_buffer import CrankBuffer
from ..vat.identifiers import decode_number, encode_number

__all__ = ["Numbers"]

_KEY = b"\x01c"
_LIVES = b"\x01i"
_BLOCK = 4096
_TOKEN_BYTES = 8


class Numbers:
    """Gives the numbers of messages and promises.

    What is stored is the end of the block in use, so most numbers cost no write. An ended process leaves a gap.

    A store that is restored from a backup gives numbers again that the lost one had given since. So every process that
    gives numbers also draws a random token, which is stored with the first of its numbers; both together are a text
    that was never given by any copy.
    """

    def __init__(self, buffer: CrankBuffer, path: str) -> None:
        stored = buffer.get(_KEY)
        try:
            self._next = 1 if stored is None else decode_number(stored, 0)[0]
            lives = {
                decode_number(key, len(_LIVES))[0]: token.hex()
                for key, token in buffer.scan(_LIVES, _LIVES + b"\xff")
            }
        except ValueError as error:
            raise StoreCorruptError(path, f"the kernel's counter cannot be read: {error}") from error
        self._end = self._next
        self._begin = self._next  # of this life
        self._lives = lives  # first number and token, in order
        self._buffer = buffer

    @property
    def next(self) -> int:
        """What ``take`` will return."""
        return self._next

    def take(self) -> int:
        """Return a number larger than all that were ever returned. May note the end of a new block in the buffer."""
        number = self._next
        if number >= self._end:
            self._end = number + _BLOCK
            self._buffer.put(_KEY, encode_number(self._end))
            if number == self._begin:
                self._note_life()
        self._next = number + 1
        return number

    def _note_life(self) -> None:
        token = os.urandom(_TOKEN_BYTES)
        self._lives[self._begin] = token.hex()
        self._buffer.put(_LIVES + encode_number(self._begin), token)

    def text_of(self, number: int) -> str:
        """Return a text for a number that was given: always the same, and that of no other number of any copy."""
        begins = list(self._lives)
        at = bisect_right(begins, number)
        return f"{self._lives[begins[at - 1]]}-{number}" if at else str(number)  # older stores kept no tokens

    def forget_before(self, number: int) -> None:
        """Forget the tokens of numbers below this one, for which nobody will ask again."""
        begins = list(self._lives)
        for begin in begins[: max(bisect_right(begins, number) - 1, 0)]:
            del self._lives[begin]
            self._buffer.delete(_LIVES + encode_number(begin))
