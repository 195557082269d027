"""``vatdata demo``."""

from __future__ import annotations

import click

from .shared import ToolCommand

__all__ = ["command"]


@click.command("demo", cls=ToolCommand, epilog="Example: vatdata demo")
@click.option("--fast", is_flag=True, help="Without pauses between the steps.")
def command(fast: bool) -> None:
    """Tell the whole story on a real store in a temporary folder: calls, a kill, a restart, upgrades."""
    from rich.console import Console

    from ..demo.story import DemoFailedError, tell

    try:
        tell(Console(), pause_s=0.0 if fast else 1.5)
    except DemoFailedError as error:
        raise click.ClickException(f"the demo failed: {error}") from error
