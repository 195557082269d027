"""What the commands have in common: the store option, progress, errors and exit codes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "FAILED",
    "INTERRUPTED",
    "ToolCommand",
    "ToolGroup",
    "console",
    "fail",
    "json_option",
    "parse_sources",
    "print_json",
    "progress_bar",
    "report",
    "source_option",
    "store_option",
    "vat_option",
    "vat_or_only_one",
]

FAILED = 2
"""Exit code: it could not be done."""

INTERRUPTED = 130
"""Exit code: Ctrl-C, as shells count it."""

Progress = Callable[[int, int], None]

store_option = click.option(
    "--store", required=True, type=click.Path(dir_okay=False), help="The store's file."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
source_option = click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="VAT=SOURCE",
    help="Code of a vat, in place of what the store knows. May be given several times.",
)
vat_option = click.option("--vat", default=None, help="The vat's name; not needed where there is only one.")


@contextmanager
def _clean_end() -> Generator[None]:
    """Turn what a command raises into a message and an exit code; a fault of our own keeps its traceback."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo("interrupted; what was not finished has left nothing behind", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever read the output has seen enough. Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        from ...errors import VatDataError

        if not isinstance(error, (VatDataError, OSError)):
            raise
        fail(error)


class ToolCommand(click.Command):
    """A command whose errors are a message and exit code 2, and which Ctrl-C ends with 130."""

    def invoke(self, ctx: click.Context) -> Any:
        with _clean_end():
            return super().invoke(ctx)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the epilog line by line: it holds examples and exit codes."""
        if self.epilog:
            formatter.write_paragraph()
            for line in self.epilog.splitlines():
                formatter.write(f"{line}\n")


class ToolGroup(ToolCommand, click.Group):
    """A group of such commands."""

    command_class = ToolCommand


def vat_or_only_one(vat: str | None, vats: Iterable[str]) -> str:
    """Return the vat's name that was given, or the name of the only vat there is."""
    if vat is not None:
        return vat
    names = list(vats)
    if len(names) != 1:
        raise click.UsageError(f"say which vat: --vat NAME. There is {', '.join(names) or 'none'}")
    return names[0]


def parse_sources(sources: tuple[str, ...]) -> dict[str, str]:
    """Read what ``--source`` was given: code by name of the vat."""
    parsed: dict[str, str] = {}
    for text in sources:
        name, equals, source = text.partition("=")
        if not (name and equals and source):
            raise click.BadParameter(f"--source {text!r} is not VAT=SOURCE, as in bank=bank.py")
        parsed[name] = source
    return parsed


def report(error: BaseException) -> None:
    """Say on standard error what went wrong, with the notes that it carries."""
    notes = "".join(f"\n  {note}" for note in getattr(error, "__notes__", ()))
    click.echo(f"{type(error).__name__}: {error}{notes}", err=True)


def fail(error: BaseException) -> NoReturn:
    """Say what went wrong, and end with exit code 2."""
    report(error)
    sys.exit(FAILED)


def print_json(data: object) -> None:
    """Print JSON, indented where a person looks at it."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


def console() -> Console:
    """Return where tables are drawn; without colours where ``NO_COLOR`` is set or nobody looks."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


@contextmanager
def progress_bar(what: str) -> Generator[Progress | None]:
    """Give something to report progress to: what is done and the total, 0 where that is unknown.

    Args:
        what: the unit, in the plural.

    Yields:
        None where standard error is no terminal.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)
