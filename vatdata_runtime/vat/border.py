"""What an incarnation knows of the world outside its vat: whoever drives several vats gives it one of these."""

from __future__ import annotations

from typing import Any, Protocol

from .identifiers import Slot

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
