"""What an incarnation knows of the world outside its vat: whoever drives several vats gives it one of these."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol

from .identifiers import Base, Slot

__all__ = ["Border"]


class Border(Protocol):
    """Connects an incarnation with other vats.

    Attributes:
        powers: given to the build function.
        parameters: given to the build function; an object of another vat is a presence in it.
        given_up: numbers of promises that the last incarnation could not be told of: its watchers made that
            impossible. They are not told again.
    """

    powers: Any
    parameters: Any
    given_up: Collection[int]

    def presence_at(self, slot: Slot, /) -> Any:
        """Return what stands for an object of another vat, while nothing in memory does."""
        ...

    def shared_number(self, promise: Any, /) -> int | None:
        """Return the number of a promise that is settled outside this vat; None for one of its own."""
        ...

    def promise_at(self, number: int, /) -> Any:
        """Return the promise with a number that is settled outside this vat."""
        ...

    def watch(self, number: int, by: int, /) -> None:
        """Note one more (1) or one less (-1) durable watch of such a promise: it is kept for the next incarnation."""
        ...

    def note_recognized(self, slot: Slot, /) -> None:
        """Note that a weak store has an entry for an object of another vat, to be told when that is no more."""
        ...

    def note_deleted(self, base: Base, /) -> None:
        """Note that an object of this vat is no more."""
        ...
