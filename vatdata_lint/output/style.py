"""ANSI colours for the terminal, and when to use them."""

from __future__ import annotations

import os
from typing import TextIO

__all__ = ["Style", "wants_color"]


class Style:
    """Wraps text in colour, or leaves it as it is."""

    def __init__(self, *, color: bool) -> None:
        self._color = color

    def _wrap(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._color and text else text

    def bold(self, text: str) -> str:
        """Strong text."""
        return self._wrap(text, "1")

    def dim(self, text: str) -> str:
        """Text of second rank."""
        return self._wrap(text, "2")

    def error(self, text: str) -> str:
        """Red."""
        return self._wrap(text, "1;31")

    def warning(self, text: str) -> str:
        """Yellow."""
        return self._wrap(text, "1;33")

    def info(self, text: str) -> str:
        """Blue."""
        return self._wrap(text, "1;34")

    def good(self, text: str) -> str:
        """Green."""
        return self._wrap(text, "1;32")

    def severity(self, text: str, severity: str) -> str:
        """Colour of ``error``, ``warning`` or ``info``."""
        return {"error": self.error, "warning": self.warning}.get(severity, self.info)(text)


def wants_color(stream: TextIO) -> bool:
    """Say whether to colour what goes to a stream.

    ``NO_COLOR`` (not empty) forbids it, ``FORCE_COLOR`` (not empty) orders it, else a terminal gets it that
    is not dumb.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"
