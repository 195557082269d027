"""Classes of values, for code that tells values apart by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

__all__ = ["PLAIN_CLASSES", "class_of"]

# With ``type(x) is list`` a strict checker takes x for a list of it knows not what; this is the same call.
class_of: Final[Callable[[object], type[Any]]] = type
"""Return the class of a value."""

PLAIN_CLASSES: Final[frozenset[type]] = frozenset({type(None), bool, int, float, str, bytes})
"""Classes of the values that are most frequent by far, and that mention no object."""
