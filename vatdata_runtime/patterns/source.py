"""Collecting the source of one function, and the objects that it refers to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import CodeType
from typing import Any

__all__ = ["Source"]


class Source:
    """Lines of source that define ``g_method``, and the scope that they run in.

    Attributes:
        scope: name to object. Names that are taken from here begin with ``g_`` or a variable's name, so that they do
            not meet those of the text that others contribute.
    """

    def __init__(self, scope: Mapping[str, object]) -> None:
        self._lines: list[str] = []
        self.scope: dict[str, object] = dict(scope)

    def add(self, indent: int, *lines: str) -> None:
        """Add lines, *indent* levels deep."""
        self._lines += ["    " * indent + line for line in lines]

    def build(self) -> Any:
        """Run the source and return ``g_method``."""
        namespace = dict(self.scope)
        exec(_compile("\n".join(self._lines)), namespace)
        return namespace["g_method"]


@lru_cache(maxsize=512)
def _compile(source: str) -> CodeType:
    """Compile a source. Most methods share theirs, since names and constants are in the scope and not in it."""
    return compile(source, "<guard>", "exec")
