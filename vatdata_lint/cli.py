"""The command ``vatdata-lint``: finds the subcommand, loads it, and turns failures into exit codes."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn, cast

import click

from vatdata_lint.commands.errors import CANNOT, CLEAN, FINDINGS, INTERRUPTED, CannotWorkError
from vatdata_lint.config import ConfigError

__all__ = ["main"]

COMMANDS = {
    "check": "Check files and folders (the default command).",
    "explain": "Show the page of a rule.",
    "graph": "Draw who defines which kinds in the first crank.",
    "lock": "Write kinds.lock, the kinds of every entry point.",
    "lsp-doctor": "Show what the language server would work with.",
    "rules": "List all rules.",
    "why": "Show where a kind is defined and what skips it.",
}
"""Name to summary: the help text must not load what it lists."""


class _LazyGroup(click.Group):
    """Loads a subcommand when it is called; what is no subcommand is an argument of ``check``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"vatdata_lint.commands.{cmd_name.replace('-', '_')}")
        return cast("click.Command", module.command)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {"--help", "-h", "--version"}
        if not args or (args[0] not in COMMANDS and args[0] not in own):
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="`vatdata-lint check --help` shows how to select rules, formats, fixes and baselines. "
    "Exit code: 0 clean, 1 findings, 2 could not do its work.",
)
@click.version_option(package_name="vatdata", prog_name="vatdata-lint")
def cli() -> None:
    """Prove, before deployment, that no prepare can miss the first crank.

    vatdata-lint [check] [PATH...] checks the given files and folders, or the current one.
    """


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit the process; failures never show a traceback.

    ``VATDATA_LINT_DEBUG=1`` lets an internal error through as it is.
    """
    own_process = args is None
    if own_process:
        # A run makes millions of tree nodes that live until its end: looking for garbage among them costs more
        # than the analysis. `--watch` collects between its runs.
        gc.disable()
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")  # the name of a file need not be text
    try:
        outcome: object = cli.main(args=list(args) if args is not None else None, standalone_mode=False)
        code = outcome if isinstance(outcome, int) else CLEAN
        sys.stdout.flush()
    except click.exceptions.Exit as exit_request:
        code = exit_request.exit_code
    except ConfigError as error:
        CannotWorkError(str(error)).show()
        code = CANNOT
    except click.ClickException as error:
        error.show()
        code = CANNOT
    except (KeyboardInterrupt, click.Abort) as error:
        line_end = "" if isinstance(error, click.Abort) else "\n"  # click has ended the line of the ^C
        click.echo(f"{line_end}vatdata-lint: interrupted", err=True)
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has gone. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FINDINGS
    except Exception as error:
        if os.environ.get("VATDATA_LINT_DEBUG"):
            raise
        text = f"internal error: {type(error).__name__}: {error}\n"
        text += "This is a defect of vatdata-lint; VATDATA_LINT_DEBUG=1 shows where, please report it."
        CannotWorkError(text).show()
        code = CANNOT
    if own_process:
        _leave(code)
    sys.exit(code)


def _leave(code: int) -> NoReturn:
    """End the process without taking the trees apart, which would take as long as making them."""
    with contextlib.suppress(OSError, ValueError):  # a reader that has gone gets nothing more
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
