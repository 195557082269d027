"""Durable objects that survive crashes, restarts and code upgrades.

Every public name is here; the packages below are how it is built, and may change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import errors as _errors
from .errors import *  # noqa: F403  # the tree of errors is public as a whole
from .late import late_names as _late_names
from .vat_data import __all__ as _vat_data_names
from .zones import __all__ as _zone_names

if TYPE_CHECKING:
    from .declare import Exo, ExoKit, Facet
    from .kernel.embedded import Vat, open_vat
    from .kernel.eventual import E, PromiseKit, make_promise_kit
    from .kernel.host_calls import SentCall
    from .kernel.kernel import Kernel, RunSummary
    from .kernel.kernel_vat import KernelVat
    from .kernel.references import Ref
    from .kernel.stats import KernelStats
    from .passable import (
        CopyBag,
        CopyMap,
        CopySet,
        Far,
        Record,
        Tagged,
        compare_keys,
        is_key,
        key_eq,
        make_copy_bag,
        make_copy_map,
        make_copy_set,
        make_tagged,
    )
    from .patterns import M, is_pattern, matches, must_match
    from .vat.stores.store import MapStore, SetStore, WeakMapStore, WeakSetStore
    from .vat_data import *  # noqa: F403  # the vat-data surface
    from .zones import *  # noqa: F403  # the zones' whole surface
else:
    __getattr__ = _late_names(
        __name__,
        {
            ".declare": ("Exo", "ExoKit", "Facet"),
            ".kernel.embedded": ("Vat", "open_vat"),
            ".kernel.eventual": ("E", "PromiseKit", "make_promise_kit"),
            ".kernel.host_calls": ("SentCall",),
            ".kernel.kernel": ("Kernel", "RunSummary"),
            ".kernel.kernel_vat": ("KernelVat",),
            ".kernel.references": ("Ref",),
            ".kernel.stats": ("KernelStats",),
            ".passable": (
                "CopyBag",
                "CopyMap",
                "CopySet",
                "Far",
                "Record",
                "Tagged",
                "compare_keys",
                "is_key",
                "key_eq",
                "make_copy_bag",
                "make_copy_map",
                "make_copy_set",
                "make_tagged",
            ),
            ".patterns": ("M", "is_pattern", "matches", "must_match"),
            ".vat.stores.store": ("MapStore", "SetStore", "WeakMapStore", "WeakSetStore"),
            ".vat_data": _vat_data_names,
            ".zones": _zone_names,
        },
    )

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = [  # noqa: PLE0604  # pyright: ignore[reportUnsupportedDunderAll] # the starred names are listed where they are defined
    *_errors.__all__,
    *_vat_data_names,
    *_zone_names,
    "CopyBag",
    "CopyMap",
    "CopySet",
    "E",
    "Exo",
    "ExoKit",
    "Facet",
    "Far",
    "Kernel",
    "KernelStats",
    "KernelVat",
    "M",
    "MapStore",
    "PromiseKit",
    "Record",
    "Ref",
    "RunSummary",
    "SentCall",
    "SetStore",
    "Tagged",
    "Vat",
    "WeakMapStore",
    "WeakSetStore",
    "compare_keys",
    "is_key",
    "is_pattern",
    "key_eq",
    "make_copy_bag",
    "make_copy_map",
    "make_copy_set",
    "make_promise_kit",
    "make_tagged",
    "matches",
    "must_match",
    "open_vat",
]

__version__ = "0.1.0"
