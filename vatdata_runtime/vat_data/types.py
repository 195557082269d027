"""Names of types that the vat-data functions share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..patterns import InterfaceGuard
from ..vat.stores.store import MapStore

__all__ = ["Baggage", "GuardKit", "Init"]

Baggage = MapStore
"""The durable map that all a new incarnation begins with; any durable map store can serve as baggage."""

GuardKit = Mapping[str, InterfaceGuard | None]
Init = Callable[..., Mapping[str, Any]]
