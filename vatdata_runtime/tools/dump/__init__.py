"""``vatdata dump`` and ``vatdata load``: a store as lines of JSON, the same lines for the same data."""

from __future__ import annotations

from .reading import LoadError, load
from .writing import dump

__all__ = ["LoadError", "dump", "load"]
