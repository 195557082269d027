"""Durable objects that survive crashes, restarts and code upgrades.

Every public name is here; the packages below are how it is built, and may change.
"""

from __future__ import annotations

from . import errors as _errors
from .declare import Exo, ExoKit, Facet
from .errors import *  # noqa: F403  # the tree of errors is public as a whole
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
from .vat_data import __all__ as _vat_data_names
from .zones import *  # noqa: F403  # the zones' whole surface
from .zones import __all__ as _zone_names

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
