"""``vatdata repl``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .shared import ToolCommand, store_option, vat_option, vat_or_only_one

__all__ = ["command"]

_HISTORY_LINES = 1000


@click.command(
    "repl",
    cls=ToolCommand,
    epilog="Exit codes: 0 the session has ended, 1 a line of a piped session failed, 2 the vat could not start.\n"
    "Example: vatdata repl --store bank.db --vat bank\n"
    "         echo 'root.total()' | vatdata repl --store bank.db --source bank.py",
)
@store_option
@vat_option
@click.option("--source", default=None, help="Code of the vat, in place of what the store knows.")
@click.option(
    "--write", "writes", is_flag=True, help="Keep what the lines do. No program may have the store open."
)
def command(store: str, vat: str | None, source: str | None, writes: bool) -> None:
    """Python inside a vat: each line is a crank, with root and baggage at hand.

    Without --write the vat runs on a copy of its last commit, beside a program that has the store open, and what you
    do is forgotten. A line that raises is undone. Lines may await.
    """
    from ..reading import open_reader
    from ..repl.console import Console
    from ..repl.sessions import open_session

    with open_reader(store) as reader:
        vat = vat_or_only_one(vat, reader.vats)
    is_typed = sys.stdin.isatty()
    with open_session(store, vat, source, writes=writes) as session:
        if is_typed:
            click.echo(f"{session.title}. Names: root, baggage, _. Ctrl-D ends the session.", err=True)
        console = Console(session, _typed_reader if is_typed else _piped_reader(), sys.stdout)
        if is_typed:
            _set_up_line_editing(console.names)
        console.run()
    if is_typed:
        click.echo("", err=True)
    elif console.failures:
        sys.exit(1)


def _typed_reader(prompt: str) -> str:
    return input(prompt)


def _piped_reader() -> Callable[[str], str]:
    def read(_: str) -> str:
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.rstrip("\n")

    return read


def _set_up_line_editing(names: dict[str, Any]) -> None:
    """Complete names with the tab key and keep a history, where the system's Python can."""
    try:
        import readline
        import rlcompleter
    except ImportError:
        return
    import atexit

    readline.set_completer(rlcompleter.Completer(names).complete)
    readline.parse_and_bind("tab: complete")
    readline.set_history_length(_HISTORY_LINES)
    history = Path.home() / ".vatdata_history"
    try:
        readline.read_history_file(history)
    except OSError:
        history.touch(mode=0o600, exist_ok=True)
    atexit.register(_write_history, readline.write_history_file, history)


def _write_history(write: Callable[[Path], None], history: Path) -> None:
    try:
        write(history)
    except OSError as error:
        click.echo(f"the history could not be kept: {error}", err=True)
