"""Which vat's crank is running here: what the vat-data functions act on without being told."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from ..errors import NoVatError

if TYPE_CHECKING:
    from .incarnation import Incarnation

__all__ = ["ambient", "current"]

ambient: ContextVar[Incarnation | None] = ContextVar("vatdata_incarnation", default=None)
"""The incarnation whose crank runs in this context; None outside of cranks."""


def current(what: str) -> Incarnation:
    """Return the incarnation whose crank is running.

    Args:
        what: the operation that needs it, for the error's text.

    Raises:
        NoVatError: no crank is running here.
    """
    incarnation = ambient.get()
    if incarnation is None:
        raise NoVatError(what)
    return incarnation
