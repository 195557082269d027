"""Public names that are imported when they are first asked for, so that a start does not pay for what it does not use.

A package that has such names lists them by module in a table, imports them for type checkers only, and sets its
``__getattr__`` (PEP 562) to what ``late_names`` makes of the table::

    if TYPE_CHECKING:
        from .zone import Zone
    else:
        __getattr__ = late_names(__name__, {".zone": ("Zone",)})

Type checkers see the import and no ``__getattr__``, so a name that does not exist is still an error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

__all__ = ["late_names"]


def late_names(package: str, homes: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """Make the ``__getattr__`` of a package.

    Args:
        package: its ``__name__``.
        homes: for each module, relative to the package, the names that come from it.
    """
    home_of = {name: home for home, names in homes.items() for name in names}

    def find(name: str) -> Any:
        home = home_of.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(home, package), name)
        setattr(sys.modules[package], name, value)  # the next look-up finds it as any other name
        return value

    return find
