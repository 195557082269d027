"""A version of the demo's bank whose author forgot that purses are stored."""

from __future__ import annotations

from typing import Any

from vatdata_runtime import Far, provide_durable_map_store


def build_root_object(vat_powers: Any, vat_parameters: Any, baggage: Any) -> Any:
    """Open the register, and define nothing."""
    purses = provide_durable_map_store(baggage, "purses")
    return Far("Bank", {"owners": lambda: tuple(purses.keys())})
