"""Where a run is told: ``--output-format NAME`` to standard output, ``NAME=FILE`` to a file, several at once."""

from __future__ import annotations

import dataclasses
import difflib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from vatdata_lint.commands.errors import CannotWorkError
from vatdata_lint.output import FORMATS, Run, render
from vatdata_lint.output.style import Style, wants_color
from vatdata_lint.output.summary import summary_lines

__all__ = ["Sink", "parse_sinks", "tell"]

HUMAN = frozenset({"full", "concise"})


@dataclass(frozen=True, slots=True)
class Sink:
    """One format and its file, None for standard output."""

    format: str
    path: Path | None


def parse_sinks(values: Sequence[str]) -> tuple[Sink, ...]:
    """Read the values of ``--output-format``; ``full`` on standard output when there is none.

    Raises:
        CannotWorkError: An unknown format, a missing file name, or two formats for standard output.
    """
    sinks: list[Sink] = []
    for value in values:
        name, equals, target = value.partition("=")
        if name not in FORMATS:
            nearest = difflib.get_close_matches(name, FORMATS, n=1)
            advice = f"did you mean {nearest[0]}?" if nearest else f"choose from {', '.join(FORMATS)}"
            raise CannotWorkError(f"no output format is called {name!r}; {advice}")
        if equals and not target:
            raise CannotWorkError(
                f"{value!r} names no file: write {name}=FILE, or {name} for standard output"
            )
        sinks.append(Sink(name, Path(target) if target else None))
    if sum(sink.path is None for sink in sinks) > 1:
        raise CannotWorkError("only one format can go to standard output; give the others a file: NAME=FILE")
    return tuple(sinks) or (Sink("full", None),)


def tell(run: Run, sinks: Sequence[Sink]) -> None:
    """Write a run to its sinks; a summary goes to standard error where no format for people says it.

    Raises:
        CannotWorkError: A file cannot be written.
    """
    for sink in sinks:
        if sink.path is None:
            colored = dataclasses.replace(run, color=wants_color(sys.stdout))
            try:
                for piece in render(sink.format, colored):
                    click.echo(piece, nl=False, color=True)  # our own colours, decided above
                sys.stdout.flush()
            except BrokenPipeError:
                raise  # who has gone is not waiting for a message
            except OSError as error:
                raise CannotWorkError(f"cannot write to standard output: {error.strerror or error}") from None
            continue
        try:
            with sink.path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
                stream.writelines(render(sink.format, run))
        except OSError as error:
            raise CannotWorkError(f"cannot write {sink.path}: {error.strerror or error}") from None
    told = any(sink.path is None and sink.format in HUMAN for sink in sinks)
    if not told and not run.quiet and (run.statistics or sys.stderr.isatty()):
        for line in summary_lines(run, Style(color=wants_color(sys.stderr))):
            click.echo(line, err=True, color=True)
