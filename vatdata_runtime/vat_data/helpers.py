"""Small helpers around makers, states and values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar

from ..errors import VatDataError
from ..passable import freeze
from ..vat.ambient import current
from ..vat.identifiers import DURABLE
from ..vat.kinds import Maker

T = TypeVar("T")

__all__ = ["can_be_durable", "ignore_context", "partial_assign", "pick_facet", "register_enum"]


def can_be_durable(x: Any) -> bool:
    """Say whether *x* could be kept in durable data of this vat. Never raises, never writes.

    Raises:
        NoVatError: no crank is running.
    """
    incarnation = current("can_be_durable")
    try:
        incarnation.marshal.check_keepable(freeze(x), DURABLE)
    except VatDataError:
        return False
    return True


def pick_facet(maker: Maker, facet_name: str) -> Maker:
    """Return a maker that gives only one facet of each new kit."""

    def make(*args: Any, **kwargs: Any) -> Any:
        return maker(*args, **kwargs)[facet_name]

    return make


def partial_assign(state: Any, mapping: Mapping[str, Any]) -> None:
    """Assign several fields, in the order given. Where one is refused, those before it keep their new values."""
    for name, value in mapping.items():
        setattr(state, name, value)


def ignore_context(function: Callable[..., T]) -> Callable[..., T]:
    """Turn a function without context into a method that ignores it."""

    def method(_this: Any, *args: Any, **kwargs: Any) -> T:
        return function(*args, **kwargs)

    return method


def register_enum(cls: type[Enum], name: str | None = None) -> None:
    """Make members of an enum passable in this vat; they are stored by name. In the first crank of each incarnation.

    Raises:
        FirstCrankError: the first crank's window for definitions has closed.
        LabelInUseError: the name means another enum.
    """
    incarnation = current("register_enum")
    incarnation.require_window("register_enum", name or cls.__name__)
    incarnation.enums.register(cls, name)
