"""``vatdata completion``."""

from __future__ import annotations

import click

from .shared import ToolCommand

__all__ = ["command"]

_HOW = {
    "bash": 'eval "$(vatdata completion bash)"   in ~/.bashrc',
    "zsh": 'eval "$(vatdata completion zsh)"   in ~/.zshrc',
    "fish": "vatdata completion fish > ~/.config/fish/completions/vatdata.fish",
}


@click.command(
    "completion",
    cls=ToolCommand,
    epilog="\n".join(f"{shell + ':':6}{how}" for shell, how in _HOW.items()),
)
@click.argument("shell", type=click.Choice(sorted(_HOW)))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print what makes SHELL complete subcommands and options of vatdata."""
    from click.shell_completion import get_completion_class

    complete = get_completion_class(shell)
    assert complete is not None  # the argument is one of those that click knows
    root = context.find_root()
    click.echo(complete(root.command, {}, "vatdata", "_VATDATA_COMPLETE").source())
