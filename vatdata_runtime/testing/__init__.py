"""Help for tests of vats, on real stores: lives with crashes in between, kernels that leave nothing behind.

With pytest the fixtures ``vat_lives`` and ``kernel`` are there without an import.
"""

from __future__ import annotations

from .lives import Crash, Lives
from .throwaway import memory_kernel
from .zones import assert_same_in_all_zones

__all__ = ["Crash", "Lives", "assert_same_in_all_zones", "memory_kernel"]
