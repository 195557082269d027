"""The three zones: one interface to kinds, stores and named values, whatever their life.

Code written against a zone runs in any of them; which one it is given says what outlives what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..late import late_names

if TYPE_CHECKING:
    from .attenuators import (
        Revocables,
        attenuate_one,
        prepare_attenuator_maker,
        prepare_revocable_maker_kit,
    )
    from .zone import DetachedStores, Zone, make_durable_zone, make_heap_zone, make_virtual_zone
else:
    __getattr__ = late_names(
        __name__,
        {
            ".attenuators": (
                "Revocables",
                "attenuate_one",
                "prepare_attenuator_maker",
                "prepare_revocable_maker_kit",
            ),
            ".zone": ("DetachedStores", "Zone", "make_durable_zone", "make_heap_zone", "make_virtual_zone"),
        },
    )

__all__ = [
    "DetachedStores",
    "Revocables",
    "Zone",
    "attenuate_one",
    "make_durable_zone",
    "make_heap_zone",
    "make_virtual_zone",
    "prepare_attenuator_maker",
    "prepare_revocable_maker_kit",
]
