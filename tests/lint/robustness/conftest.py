"""The real command in a folder of its own, as the tests of the command line have it."""

from __future__ import annotations

from tests.lint.cli.conftest import lint, write

__all__ = ["lint", "write"]
