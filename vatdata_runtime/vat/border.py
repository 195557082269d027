"""What an incarnation knows of the world outside its vat: whoever drives several vats gives it one of these."""

from __future__ import annotations

from typing import Any, Protocol

from .identifiers import Base, Slot

__all__ = ["Border"]


class Border(Protocol):
    """Connects an incarnation with other vats.

    Attributes:
        powers: given to the build function.
        parameters: given to the build function; an object of another vat is a presence in it.
    """

    powers: Any
    parameters: Any

    def presence_at(self, slot: Slot, /) -> Any:
        """Return what stands for an object of another vat, while nothing in memory does."""
        ...

    def note_recognized(self, slot: Slot, /) -> None:
        """Note that a weak store has an entry for an object of another vat, to be told when that is no more."""
        ...

    def note_deleted(self, base: Base, /) -> None:
        """Note that an object of this vat is no more."""
        ...
