"""The ``vatdata`` command: finds the module of a subcommand and hands over to it."""

from __future__ import annotations

from importlib import import_module

import click

from . import __version__

__all__ = ["main"]

# Name to module and the line in the list of commands, so that the list imports none of them.
_COMMANDS = {
    "demo": ("demo", "Tell the whole story on a real store in a temporary folder."),
    "run": ("run", "Start a vat from its source on a store, and call methods of its root."),
    "inspect": ("inspect", "Look into a store: vats, kinds, objects, and what leads to them."),
    "repl": ("repl", "Python inside a vat, each line a crank."),
    "stats": ("stats", "Show counts and sizes of objects, and of the file."),
    "manifest": ("manifest", "Write which kinds a store holds, for vatdata-lint."),
    "backup": ("backup", "Copy a store while it is in use."),
    "restore": ("restore", "Make a store from a backup."),
    "dump": ("dump", "Write a store as lines of JSON."),
    "load": ("load", "Make a store from the lines of a dump."),
    "check-upgrade": ("check_upgrade", "Try an upgrade on a snapshot, and report what would stop it."),
    "collect": ("collect", "Delete the stored objects that nothing keeps."),
    "migrate": ("migrate", "Bring stored records of older versions up to date."),
    "verify": ("verify", "Check every page, entry and invariant of a store."),
    "completion": ("completion", "Set up completion in your shell."),
}


class _Commands(click.Group):
    """The subcommands, imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f".tools.commands.{_COMMANDS[cmd_name][0]}", __package__)
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="vatdata")
def main() -> None:
    """Durable objects that survive crashes, restarts and code upgrades.

    Every command has --help with an example. 'vatdata completion' sets up completion in your shell.
    """
