"""Which vat's crank is running here: what the vat-data functions act on without being told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import NoVatError
from ..passable import current_enums

if TYPE_CHECKING:
    from .incarnation import Incarnation

__all__ = ["current", "running"]


def running() -> Incarnation | None:
    """Return the incarnation whose crank is running here; None outside of cranks."""
    # One variable of the context says both whose crank it is and which enums pass: setting one costs 0.1 us, and every
    # crank does so twice.
    incarnation: Incarnation | None = current_enums.get().owner
    return incarnation if incarnation is not None and incarnation.is_open else None


def current(what: str) -> Incarnation:
    """Return the incarnation whose crank is running.

    Args:
        what: the operation that needs it, for the error's text.

    Raises:
        NoVatError: no crank is running here.
    """
    incarnation = running()
    if incarnation is None:
        raise NoVatError(what)
    return incarnation
