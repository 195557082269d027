"""Exit codes, and the error that means "could not do its work"."""

from __future__ import annotations

from typing import Any

import click

__all__ = ["CANNOT", "CLEAN", "FINDINGS", "INTERRUPTED", "CannotWorkError"]

CLEAN = 0
FINDINGS = 1
CANNOT = 2
INTERRUPTED = 130
"""What shells expect after Ctrl-C."""


class CannotWorkError(click.ClickException):
    """The command could not do its work; the text says why and what to do."""

    exit_code = CANNOT

    def show(self, file: Any = None) -> None:
        """Print the message to standard error."""
        click.echo(f"vatdata-lint: error: {self.format_message()}", err=True, file=file)
